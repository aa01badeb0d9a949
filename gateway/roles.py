"""Who may do what: the one table of roles and permissions (GTW-02).

A person may do what his roles hold, within the subtree of his unit. Services receive the resulting permission list
in the signed actor and check it, and the subtree, once more.
"""

from collections.abc import Iterable

from kernel.model.unit import Level

VIEWER = frozenset({"card.view", "report.view", "job.view", "usage.view", "serial.view"})
COUNTY_CLERK = VIEWER | {
    "card.issue",
    "card.return",
    "card.scrap",
    "card.redirect",
    "activation.apply",
    "termination.county",
    "document.verify",
    "seal.register",
    "binding.handle",
    "binding.lock",
    "reading.ask",
    "serial.scan",
    "serial.redeem",
}
CITY_CLERK = COUNTY_CLERK | {
    "card.allocate",
    "activation.city",
    "termination.city",
    "binding.settle",
    "seal.confirm",
    "serial.inspect",
    "usage.rule",
}
PROVINCE_CLERK = CITY_CLERK | {
    "delivery.import",
    "delivery.inspect",
    "delivery.stock_in",
    "box.pack",
    "audit.view",
    "activation.province",
    "termination.province",
    "termination.confirm",
    "document.issue",
    "document.decide",
    "terminal.decide",
    "usage.load",
    "carrier_count.load",
    "cost.manage",
    "serial.import",
    "serial.freeze",
    "serial.swap",
    "serial.organise",
    "serial.edit",
    "serial.audit",
    "serial.register",
}
WHOLE_SYSTEM = frozenset({"parking.replay", "limits.set"})
"""What no subtree bounds: only who belongs to a province has it, whatever his role."""
GROUP_CLERK = VIEWER | {"serial.group"}
ADMIN = PROVINCE_CLERK | {"people.manage", "serial.group"} | WHOLE_SYSTEM
RETAILER = frozenset({"serial.view", "serial.scan", "serial.redeem", "job.view"})
"""Dealers and shops: no part of the company, they see nothing of its cards."""
CARRIER = frozenset({"delivery.push", "usage.load", "carrier_count.load"})
REGISTRATION = frozenset({"serial.register"})
ORDER_SYSTEM = frozenset({"serial.redeem"})
FOR_OUTSIDERS = frozenset({"serial.report"})
"""Granted by people who have none of it: what an outsider may do with it is decided elsewhere (IME-06: only a
registered and reviewed contact may report)."""
VENDOR_CONTACT = FOR_OUTSIDERS | {"job.view"}
STATION = frozenset({"reading.report", "terminal.report", "usage.load"})

ROLES: dict[str, frozenset[str]] = {
    "viewer": VIEWER,
    "county_clerk": COUNTY_CLERK,
    "city_clerk": CITY_CLERK,
    "province_clerk": PROVINCE_CLERK,
    "admin": ADMIN,
    "group_clerk": GROUP_CLERK,
    "retailer": RETAILER,
    "carrier": CARRIER,
    "station": STATION,
    "registration": REGISTRATION,
    "order_system": ORDER_SYSTEM,
    "vendor_contact": VENDOR_CONTACT,
}

PERMISSIONS: frozenset[str] = frozenset().union(*ROLES.values())


def permissions_of(roles: Iterable[str], unit: str) -> frozenset[str]:
    """What somebody with these roles may do at ``unit``; a role this version does not know holds nothing."""
    return at_unit(frozenset().union(*(ROLES.get(role, frozenset()) for role in roles)), unit)


def at_unit(permissions: frozenset[str], unit: str) -> frozenset[str]:
    """Those of ``permissions`` that may be used from ``unit``."""
    return permissions if len(unit) == Level.PROVINCE else permissions - WHOLE_SYSTEM
