"""Lists: one way to ask for a page and one way to answer it (GTW-01)."""

from typing import Generic, Literal, TypeVar

from pydantic import Field

from kernel.contracts.method import Reply, Request

MAX_PAGE_SIZE = 1000
COUNT_CAP = 10_000
"""A total that no ledger knows is counted up to here; beyond it the answer says ``at_least``."""

Item = TypeVar("Item")


class PageRequest(Request):
    """``cursor`` comes from a former answer and belongs to the same filters and order; None: first page."""

    cursor: str | None = None
    size: int = Field(default=20, ge=1, le=MAX_PAGE_SIZE)
    sort: str | None = None
    order: Literal["asc", "desc"] = "asc"


class Page(Reply, Generic[Item]):
    """``total`` counts all matching rows when ``total_is`` is exact, else at least so many match."""

    items: list[Item]
    total: int
    total_is: Literal["exact", "at_least"] = "exact"
    next_cursor: str | None = None
    previous_cursor: str | None = None
