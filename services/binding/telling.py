"""Tells inventory and the others which cards are elsewhere now (BND-03)."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TypeVar

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.binding.events import SLICE, BoundCard, CardsBound, CardsUnbound, UnboundCard
from services.binding.deciding import Decided

T = TypeVar("T")

_UNITS = "SELECT asset_no, unit FROM terminals WHERE asset_no = ANY(CAST(:terminals AS text[]))"


def tell(tx: Tx, decided: Decided, *, station: str, now: datetime) -> None:
    """Publishes what moved, in slices. The caller holds the decisions' lock, so facts leave in their order."""
    moved = decided.moved
    if not moved:
        return
    number = tx.execute("SELECT nextval('decisions')").scalar_one()
    bound = _bound(tx, decided, [iccid for iccid in moved if iccid in decided.after])
    gone = [
        UnboundCard(iccid=iccid, terminal=held.place.terminal, slot=held.place.slot, until=now)
        for iccid in moved
        if iccid not in decided.after and (held := decided.before[iccid])
    ]
    tx.publish(
        *(CardsUnbound(decision=number, at=now, station=station, cards=list(part)) for part in slices(gone)),
        *(CardsBound(decision=number, at=now, station=station, cards=list(part)) for part in slices(bound)),
    )


def _bound(tx: Tx, decided: Decided, cards: Sequence[str]) -> list[BoundCard]:
    terminals = sorted({decided.after[iccid].place.terminal for iccid in cards})
    units = {row.asset_no: row.unit for row in tx.execute(_UNITS, {"terminals": terminals})}
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
