"""Acts on very many cards: they go on as jobs, and move the cards slice by slice so that one sees how far they are.

Guarantee: all slices and the job's end are one transaction, so a large act happens whole or not at all, like a small
one. Slices rise with the cards' ids, as bulk acts lock them.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.jobs import kinds as jobs
from kernel.model.actor import Actor
from services.inventory.lifecycle import CardAction
from services.inventory.movement import Movement, Reference, Selection, move_cards
from services.inventory.settings import InventorySettings

SLICE = 25_000
"""Some seconds of work: as often the job says how far it is, and hears that it is to stop."""

Move = Callable[..., Movement]
"""``move_cards``, or what moves the cards in slices."""

_OPEN = """
SELECT id FROM jobs WHERE kind = :kind AND state IN ('queued', 'running') AND created_unit = :unit
AND CAST(request AS jsonb) @> CAST(:request AS jsonb) ORDER BY created_at LIMIT 1
"""

_SLICES = """
SELECT count(*) AS cards, min(id) AS first_id, max(id) AS last_id, min(iccid) AS first_iccid, max(iccid) AS last_iccid
FROM (SELECT id, iccid, (row_number() OVER (ORDER BY id) - 1) / :slice_size AS slice FROM cards WHERE {where}) AS card
GROUP BY slice ORDER BY slice
"""


def is_large(cards: int) -> bool:
    """True when nobody should wait for so many cards."""
    return cards > InventorySettings().large_act_cards


def begin(tx: Tx, kind: str, title: str, request: BaseModel, by: Actor) -> UUID:
    """The job of ``request``: a new one, or the one that is waiting or at work for the same already.

    Only a job of the same unit is the same: another unit's acts on other cards, and who asks may not even see it.
    """
    body = request.model_dump_json()
    waiting = tx.execute(_OPEN, {"kind": kind, "request": body, "unit": by.unit}).scalar_one_or_none()
    return waiting or jobs.enqueue(tx, kind, title, request, by)


def in_slices(progress: Callable[[int, int | None], None]) -> Move:
    """``move_cards`` for very many cards; ``progress`` hears how many of how many have moved."""
    return partial(_move_in_slices, progress)


def _move_in_slices(
    progress: Callable[[int, int | None], None],
    tx: Tx,
    action: CardAction,
    selection: Selection,
    *,
    by: Actor,
    now: datetime,
    reason: str | None = None,
    reference: Reference | None = None,
    sets: Mapping[str, str | None] | None = None,
) -> Movement:
    slices = tx.execute(_SLICES.format(where=selection.where), {**selection.params, "slice_size": SLICE}).all()
    total = sum(part.cards for part in slices)
    seen, moved, change_id = 0, 0, None
    progress(0, total)
    for part in slices:
        # The numbers besides the ids: whichever index is chosen, each slice reads only its part of it.
        where = (
            f"({selection.where}) AND cards.id BETWEEN :slice_first AND :slice_last"
            " AND cards.iccid BETWEEN :slice_first_iccid AND :slice_last_iccid"
        )
        bounds: dict[str, Any] = {
            "slice_first": part.first_id,
            "slice_last": part.last_id,
            "slice_first_iccid": part.first_iccid,
            "slice_last_iccid": part.last_iccid,
        }
        one = move_cards(
            tx, action, Selection(where, {**selection.params, **bounds}),
            by=by, now=now, reason=reason, reference=reference, sets=sets,
        )  # fmt: skip
        moved += one.count
        change_id = change_id or one.change_id
        seen += part.cards
        progress(seen, total)
    return Movement(change_id, moved)
