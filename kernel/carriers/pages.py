"""Reading a carrier's pages to the end, and noticing when they have no end or are not whole."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from kernel.carriers.asking import Again, CarrierClient


@dataclass(frozen=True)
class PageOf:
    """``total``: items of the whole list, as this page says."""

    items: list[Any]
    total: int


def read_pages(client: CarrierClient, fetch: Callable[[int], PageOf]) -> Iterator[list[Any]]:
    """Pages 1, 2, ... as ``fetch`` gets them, until the total is reached.

    Raises DomainError carrier_failed when a page comes a second time under another number, or the total changes.
    """
    seen: dict[bytes, int] = {}
    total: int | None = None
    got = 0
    number = 1
    while total is None or got < total:
        page = fetch(number)
        if total is not None and page.total != total:
            raise client.failed(f"the total changed from {total} to {page.total} at page {number}, 总数前后不一致")
        total = page.total
        if page.items:
            print_of_page = hashlib.sha256(repr(page.items).encode()).digest()
            if print_of_page in seen:
                raise client.failed(f"page {number} repeats page {seen[print_of_page]}, 分页重复")
            seen[print_of_page] = number
            yield page.items
        got += len(page.items)
        number += 1


def check_size(page: PageOf, number: int, size: int) -> None:
    """Raises Again for half a page: fewer items than there must be on page ``number`` of pages of ``size``."""
    due = max(0, min(size, page.total - (number - 1) * size))
    if len(page.items) != due:
        raise Again(f"page {number} holds {len(page.items)} of {due} items, 分页不完整")


def page_in(holder: Any, items: str, number: int, size: int) -> PageOf:
    """The page that ``holder`` (the part of an answer with the rows and totalCount) is. Raises Again when it is none,
    or not a whole one.
    """
    try:
        page = PageOf(list(holder[items]), int(holder["totalCount"]))
    except (LookupError, TypeError, ValueError) as error:
        raise Again("the answer lacks fields, 应答缺少字段") from error
    check_size(page, number, size)
    return page
