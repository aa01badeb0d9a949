"""The routes, by topic."""

from gateway.routers import (
    activation,
    allocations,
    audit,
    auth,
    binding,
    boxes,
    cards,
    deliveries,
    documents,
    exports,
    forms,
    jobs,
    notices,
    options,
    parking,
    people,
    seals,
    search,
    serials,
    statistics,
    termination,
    units,
    usage,
)

TOPICS = (
    cards, deliveries, allocations, activation, termination, forms, documents, notices, statistics, binding, jobs,
    exports, options, units, auth, people, audit, parking, usage, serials, search, seals, boxes,
)  # fmt: skip
"""Cards come first: the router asks its routes in order, and cards are asked for most."""
