"""Where on the line of ICCIDs the cards of some deliveries lie.

A delivery's cards are neighbours by number, and a card's carrier, spec and month are its delivery's. A list in the
order of ICCIDs with such a condition would read, and throw away, all cards of other deliveries before the first one
it looks for. The zones tell which stretches to read instead.

Zones are remembered per process. They are never too narrow: a delivery that gets further cards gets another
``received_count`` in the same transaction, and with it a new zone.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from kernel.chassis.data.unit_of_work import Tx
from services.inventory.tables import STATES

Interval = tuple[str, str]
EVERYTHING: Interval = ("", "\x7f")
"""[first, end): ICCIDs are printable ASCII."""

_MAX_REMEMBERED = 50_000
_Key = tuple[str, int, int, datetime]
_remembered: dict[_Key, Interval | None] = {}

_ZONES = """
SELECT wanted.id, min(zone.low) AS low, max(zone.high) AS high
FROM unnest(CAST(:ids AS bigint[])) AS wanted (id)
CROSS JOIN unnest(CAST(:states AS text[])) AS possible (state)
CROSS JOIN LATERAL (
    SELECT min(iccid) AS low, max(iccid) AS high FROM cards
    WHERE delivery_id = wanted.id AND state = possible.state
) AS zone
GROUP BY wanted.id
"""


@dataclass(frozen=True)
class Wanted:
    """Deliveries of interest; None: any. ``kinds``: (carrier, card_spec, application_month)."""

    carrier: str | None = None
    card_spec: str | None = None
    application_month: str | None = None
    delivery_id: int | None = None
    kinds: Collection[tuple[str, str, str]] | None = None

    def __call__(self, delivery: Row[Any]) -> bool:
        kind = (delivery.carrier, delivery.card_spec, delivery.application_month)
        return (
            all(
                want in (None, has)
                for want, has in zip((self.carrier, self.card_spec, self.application_month), kind, strict=True)
            )
            and self.delivery_id in (None, delivery.id)
            and (self.kinds is None or kind in self.kinds)
        )


def intervals(tx: Tx, wanted: Wanted, within: Interval = EVERYTHING) -> list[Interval]:
    """Disjoint stretches, rising, that hold every card of the wanted deliveries that lies ``within``.

    Neighbours are joined when no other delivery lies between them.
    """
    deliveries = tx.execute(
        "SELECT id, carrier, card_spec, application_month, state, received_count, received_at FROM deliveries"
    ).all()
    zones = _zones(tx, deliveries)
    lying = sorted((zone, wanted(delivery)) for delivery in deliveries if (zone := zones.get(delivery.id)))
    return [clipped for stretch in _joined(lying) if (clipped := clip(stretch, within))]


def clip(stretch: Interval, within: Interval) -> Interval | None:
    """The part of ``stretch`` inside ``within``, or None."""
    first, end = max(stretch[0], within[0]), min(stretch[1], within[1])
    return (first, end) if first < end else None


def _joined(lying: Iterable[tuple[Interval, bool]]) -> list[Interval]:
    stretches: list[Interval] = []
    open_end = False
    for (first, end), is_wanted in lying:
        if not is_wanted:
            open_end = False
        elif stretches and (open_end or first <= stretches[-1][1]):
            stretches[-1] = (stretches[-1][0], max(end, stretches[-1][1]))
            open_end = True
        else:
            stretches.append((first, end))
            open_end = True
    return stretches


def _zones(tx: Tx, deliveries: Iterable[Row[Any]]) -> dict[int, Interval]:
    url = tx.connection.engine.url
    where = f"{url.username}@{url.host}:{url.port}/{url.database}"
    keys = {row.id: (where, row.id, row.received_count, row.received_at) for row in deliveries}
    growing = {row.id for row in deliveries if row.state == "receiving"}
    unknown = [id_ for id_, key in keys.items() if key not in _remembered or id_ in growing]
    if unknown:
        found = {row.id: row for row in tx.execute(_ZONES, {"ids": unknown, "states": STATES})}
        if len(_remembered) > _MAX_REMEMBERED:
            _remembered.clear()
        for id_ in unknown:
            low, high = found[id_].low, found[id_].high
            _remembered[keys[id_]] = None if low is None else (low, high + "\x01")
    return {id_: zone for id_, key in keys.items() if (zone := _remembered.get(key))}
