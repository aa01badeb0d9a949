"""Tells inventory and the others which cards are elsewhere now (BND-03)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.binding.events import SLICE, BoundCard, CardsBound, CardsUnbound, UnboundCard
from services.binding.deciding import Decided

T = TypeVar("T")

_NUMBERED = """
WITH decision AS MATERIALIZED (SELECT nextval('decisions') AS number)
SELECT number, asset_no, unit
FROM decision LEFT JOIN terminals ON asset_no = ANY(CAST(:terminals AS text[]))
"""
"""The decision's number, and the units of these terminals."""


def tell(tx: Tx, decided: Decided, *, station: str, now: datetime) -> None:
    """Publishes what moved, in slices. The caller holds the decisions' lock, so facts leave in their order."""
    moved = decided.moved
    if not moved:
        return
    cards = [iccid for iccid in moved if iccid in decided.after]
    terminals = sorted({decided.after[iccid].place.terminal for iccid in cards})
    found = tx.execute(_NUMBERED, {"terminals": terminals}).all()
    number = found[0].number
    bound = _bound(decided, cards, {row.asset_no: row.unit for row in found})
    gone = [
        UnboundCard(iccid=iccid, terminal=held.place.terminal, slot=held.place.slot, until=now)
        for iccid in moved
        if iccid not in decided.after and (held := decided.before[iccid])
    ]
    tx.publish(
        *(CardsUnbound(decision=number, at=now, station=station, cards=list(part)) for part in slices(gone)),
        *(CardsBound(decision=number, at=now, station=station, cards=list(part)) for part in slices(bound)),
    )


def _bound(decided: Decided, cards: Sequence[str], units: Mapping[str, str | None]) -> list[BoundCard]:
    told = []
    for iccid in cards:
        held, was = decided.after[iccid], decided.before.get(iccid)
        told.append(
            BoundCard(
                iccid=iccid,
                terminal=held.place.terminal,
                slot=held.place.slot,
                unit=units.get(held.place.terminal),
                since=held.since,
                from_terminal=was.place.terminal if was else None,
            )
        )
    return told


def slices(cards: Sequence[T]) -> Iterator[Sequence[T]]:
    """The cards in parts of at most SLICE."""
    return (cards[start : start + SLICE] for start in range(0, len(cards), SLICE))
