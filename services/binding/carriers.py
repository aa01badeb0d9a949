"""Asking carriers how many cards each unit has, where SIMKEEP_CARRIERS gives a ``counts_url``.

The protocol: ``GET {counts_url}/card-counts?month=2026-11&after=`` with ``Authorization: Bearer KEY``. It answers
``{"counted_on": "2026-11-30", "rows": [{"unit": "990101", "cards": 1200}], "next": null}``; ``next`` is what the next
page is asked for with as ``after``. Trouble is 429 or 5xx, with Retry-After where the carrier wants to be left alone.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kernel.carriers import settings
from kernel.carriers.asking import CarrierClient
from kernel.carriers.settings import Endpoint
from kernel.model.errors import DomainError

MAX_PAGES = 100


class Counts(BaseModel):
    """One page as the carrier sends it; rows are judged one by one later."""

    model_config = ConfigDict(extra="ignore")

    counted_on: date
    rows: list[dict[str, Any]] = Field(max_length=5_000)
    next: str | None = None


def endpoints() -> list[Endpoint]:
    """Every carrier that tells its counts."""
    return [endpoint for endpoint in settings.endpoints() if endpoint.counts_url]


def endpoint_of(carrier: str) -> Endpoint:
    """Raises DomainError carrier_not_connected."""
    for endpoint in endpoints():
        if endpoint.carrier == carrier:
            return endpoint
    raise DomainError("carrier_not_connected", carrier=carrier)


def counts_of(endpoint: Endpoint, month: str) -> Iterator[Counts]:
    """The carrier's counts, page by page; at least one row in all. Raises DomainError carrier_counts_failed."""
    client = CarrierClient(endpoint.model_copy(update={"base_url": endpoint.counts_url}))
    after, rows, key = "", 0, endpoint.key.get_secret_value()
    try:
        for _ in range(MAX_PAGES):
            asked = {"params": {"month": month, "after": after}, "headers": {"Authorization": f"Bearer {key}"}}
            page = _page(client, asked)
            rows += len(page.rows)
            if page.rows:
                yield page
            if not page.next:
                break
            if page.next <= after:
                raise _failed("the same page again, 重复的分页")
            after = page.next
        else:
            raise _failed(f"more than {MAX_PAGES} pages, 分页过多")
        if not rows:
            raise _failed(f"no counts of {month}, 没有该月的卡数")
    finally:
        client.close()


def _page(client: CarrierClient, asked: dict[str, Any]) -> Counts:
    try:
        return Counts.model_validate(client.ask("GET", "/card-counts", make=lambda: asked))
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise _failed(f"{where} is not as agreed, 应答格式错误") from error
    except DomainError as error:
        raise _failed(str(error.params.get("reason", error.code))) from error


def _failed(reason: str) -> DomainError:
    return DomainError("carrier_counts_failed", reason=reason)
