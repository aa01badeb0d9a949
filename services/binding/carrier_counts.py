"""Carriers' own counts of cards per unit and month: pushed, pulled or from a file; the newest holds (BND-09)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from kernel.chassis.data.blobs import BlobNotFoundError, BlobStore
from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.files import Column, Layout, in_child
from kernel.contracts.binding.carrier_counts import (
    MAX_UNITS,
    CountsTaken,
    ImportCarrierCounts,
    PushCarrierCounts,
    RefusedCount,
    Source,
)
from kernel.contracts.said import say
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.period import business_date
from kernel.model.unit import check_unit

LAYOUT = Layout(
    "运营商卡数",
    Column("unit", "单位编码", ("供电单位编码", "单位代码", "供电单位"), within=("单位",), example="990101"),
    Column("cards", "卡数", ("卡数量", "在网卡数", "用户数"), within=("卡数", "用户数"), example="1200"),
)
_MOST = 10**9
_PUT = """
INSERT INTO carrier_counts AS c (carrier, month, unit, cards, counted_on, source, taken_at, by_name)
SELECT :carrier, :month, unit, cards, :counted_on, :source, :now, :by_name
FROM unnest(CAST(:units AS text[]), CAST(:cards AS bigint[])) AS told (unit, cards) ORDER BY unit
ON CONFLICT (carrier, month, unit) DO UPDATE SET cards = excluded.cards, counted_on = excluded.counted_on,
    source = excluded.source, taken_at = excluded.taken_at, by_name = excluded.by_name
WHERE c.counted_on <= excluded.counted_on
RETURNING unit
"""


@dataclass(frozen=True)
class _Line:
    """A row as it came: its number, and what it says."""

    row: int
    unit: object
    cards: object


def push(tx: Tx, request: PushCarrierCounts, *, by: Actor, now: datetime) -> CountsTaken:
    """Takes a carrier's rows. Raises DomainError carrier_not_yours, count_in_the_future."""
    return _take(tx, request, _lines(request), "pushed", by=by, now=now)


def take_pulled(tx: Tx, request: PushCarrierCounts, *, by: Actor, now: datetime) -> CountsTaken:
    """What the carrier answered when it was asked. Raises as ``push``."""
    return _take(tx, request, _lines(request), "pulled", by=by, now=now)


def take_file(tx: Tx, request: ImportCarrierCounts, *, by: Actor, now: datetime, blobs: BlobStore) -> CountsTaken:
    """Takes a file of units and numbers. Raises as ``push``, and what reading the file raises (file_*)."""
    try:
        stream = blobs.open(request.file)
    except BlobNotFoundError as error:
        raise DomainError("file_not_readable", reason="gone") from error
    with stream:
        found = in_child.rows_of(stream, LAYOUT, most=MAX_UNITS, name=request.file.name, choice=request.choice).rows
    rows = [
        _Line(number, unit, cards)
        for number, unit, cards in zip(found.row_nos, found["unit"], found["cards"], strict=True)
    ]
    return _take(tx, request, rows, "file", by=by, now=now)


def _lines(request: PushCarrierCounts) -> list[_Line]:
    return [
        _Line(number, row.get("unit"), row.get("cards")) if isinstance(row, Mapping) else _Line(number, None, None)
        for number, row in enumerate(request.rows, 1)
    ]


def _take(
    tx: Tx,
    request: PushCarrierCounts | ImportCarrierCounts,
    lines: Iterable[_Line],
    source: Source,
    *,
    by: Actor,
    now: datetime,
) -> CountsTaken:
    own = {permission for permission in by.permissions if permission.startswith("carrier:")}
    if own and f"carrier:{request.carrier}" not in own:
        raise DomainError("carrier_not_yours", carrier=request.carrier)
    today = business_date(now)
    counted_on: date = request.counted_on or today
    if counted_on > today:
        raise DomainError("count_in_the_future", field="counted_on")
    good: dict[str, int] = {}
    refused: list[RefusedCount] = []
    for line in lines:
        try:
            unit, cards = _unit(line.unit, by), _number(line.cards)
            if unit in good:
                raise DomainError("count_twice", unit=unit)
            good[unit] = cards
        except DomainError as error:
            message = say(error.code, error.params)
            refused.append(
                RefusedCount(row=line.row, number=str(line.unit or "")[:64], code=error.code, message=message)
            )
    values = {
        "carrier": request.carrier, "month": request.month, "counted_on": counted_on, "source": source, "now": now,
        "by_name": by.name, "units": list(good), "cards": list(good.values()),
    }  # fmt: skip
    done = len(tx.execute(_PUT, values).all()) if good else 0
    return CountsTaken(done=done, older=len(good) - done, refused_count=len(refused), refused=refused)


def _unit(value: object, by: Actor) -> str:
    unit = check_unit(str(value if value is not None else "").strip())
    by.require_within(unit)
    return unit


def _number(value: object) -> int:
    """A whole number of cards, also as people write it (1,200). Raises DomainError count_malformed."""
    text = str(value).strip().replace(",", "").replace("，", "") if isinstance(value, int | str) else ""
    digits = text.lstrip("0") or text[:1]
    whole = not isinstance(value, bool) and text.isascii() and text.isdigit()
    if not whole or len(digits) > len(str(_MOST)) or int(digits) > _MOST:
        raise DomainError("count_malformed", value=str(value)[:64])
    return int(digits)
