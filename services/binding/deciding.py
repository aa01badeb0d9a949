"""Which card is bound where: decided again for every slot and card that news touched, and told once (BND-03).

Guarantee: bindings, quarantines, changes and exceptions are a function of the stored readings, of what is known of
cards and terminals, and of people's settlements; not of the order in which any of it came. One decision at a time: the
lock is held to the end of the transaction, so every decision sees all readings that were stored before it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kernel.chassis.data.unit_of_work import Tx
from kernel.model.period import business_date
from services.binding import changes, doubts, holding, mismatches, runs
from services.binding.timeline import Place, Run, Stay, settled_places, stays

_RUNS = """
WITH mine AS (
    SELECT b.*, count(*) OVER (PARTITION BY b.iccid) > 1 AS contested,
           (SELECT min(first_read) FROM bindings AS n
            WHERE n.asset_no = b.asset_no AND n.slot = b.slot AND n.first_read > b.first_read) AS next_read
    FROM bindings AS b WHERE b.iccid = ANY(CAST(:iccids AS text[]))
)
SELECT mine.asset_no, mine.slot, mine.iccid, mine.first_read, mine.bound_from, mine.bound_to, mine.next_read, contested,
       coalesce(mine.next_read, CASE WHEN t.removed_at > mine.first_read THEN t.removed_at END) AS ended_at,
       cards.state, cards.changed_at
FROM mine LEFT JOIN terminals AS t USING (asset_no) LEFT JOIN cards ON cards.iccid = mine.iccid
"""

_LAST_READ = """
SELECT run.asset_no, run.slot, run.first_read, max(r.read_at) AS last_read
FROM unnest(CAST(:asset_no AS text[]), CAST(:slot AS smallint[]), CAST(:first_read AS timestamptz[]),
            CAST(:next_read AS timestamptz[]), CAST(:iccid AS text[]))
     AS run (asset_no, slot, first_read, next_read, iccid)
CROSS JOIN LATERAL (
    SELECT r.read_at FROM readings AS r
    WHERE r.day >= CAST(:from_day AS date) AND r.asset_no = run.asset_no AND r.slot = run.slot
      AND r.read_at >= run.first_read AND (run.next_read IS NULL OR r.read_at < run.next_read)
      AND r.outcome = 'read' AND r.iccid = run.iccid
    OFFSET 0
) AS r
GROUP BY 1, 2, 3
"""

_SETTLED = """
SELECT iccid, decided_at, asset_no, slot FROM settlements
WHERE undone_at IS NULL AND iccid = ANY(CAST(:iccids AS text[]))
"""

_APPLY = """
UPDATE bindings AS b
SET ended_at = new.ended_at, bound_from = new.bound_from, bound_to = new.bound_to, quarantine = new.quarantine,
    against_asset_no = new.against_asset_no, against_slot = new.against_slot, decided_at = :now
FROM unnest(
    CAST(:asset_no AS text[]), CAST(:slot AS smallint[]), CAST(:first_read AS timestamptz[]),
    CAST(:ended_at AS timestamptz[]), CAST(:bound_from AS timestamptz[]), CAST(:bound_to AS timestamptz[]),
    CAST(:quarantine AS text[]), CAST(:against_asset_no AS text[]), CAST(:against_slot AS smallint[])
) AS new (asset_no, slot, first_read, ended_at, bound_from, bound_to, quarantine, against_asset_no, against_slot)
WHERE (b.asset_no, b.slot, b.first_read) = (new.asset_no, new.slot, new.first_read)
  AND (b.ended_at, b.bound_from, b.bound_to, b.quarantine, b.against_asset_no, b.against_slot)
      IS DISTINCT FROM
      (new.ended_at, new.bound_from, new.bound_to, new.quarantine, new.against_asset_no, new.against_slot)
"""

_MAY_BE_BOUND = frozenset({"pending_install", "running"})
_REFUSALS = {"terminated": "card_terminated", "terminating": "card_terminated"}


@dataclass(frozen=True)
class Held:
    """Where a card is bound now, and since when."""

    place: Place
    since: datetime


@dataclass
class Decided:
    """``before`` and ``after``: where each touched card was and is bound; a card that is in neither is nowhere."""

    before: dict[str, Held] = field(default_factory=dict)
    after: dict[str, Held] = field(default_factory=dict)

    @property
    def moved(self) -> list[str]:
        """Cards that are elsewhere than before, or newly bound, or bound no more; sorted."""
        cards = {**self.before, **self.after}
        return sorted(card for card in cards if self._place(self.before.get(card)) != self._place(self.after.get(card)))

    @staticmethod
    def _place(held: Held | None) -> Place | None:
        return held.place if held else None


def decide(tx: Tx, since: Mapping[Place, datetime], cards: Iterable[str] = (), *, now: datetime) -> Decided:
    """Decides again about these slots from a moment on, and about these cards wherever they are.

    The caller holds ``lock``. Steps: derive the slots' runs; decide where each touched card was; write what differs;
    bring changes, exceptions and the readings' marks into line with it.
    """
    decided, touched = Decided(), set(cards)
    if since:
        followed, before = runs.derive(tx, since, now=now)
        touched |= followed
        _note_current(decided, before)
    if not touched:
        return decided
    rows = tx.execute(_RUNS, {"iccids": sorted(touched)}).all()
    _note_current(decided, rows)
    by_card = _decide_cards(rows, _last_reads(tx, rows), _settled(tx, touched))
    _write(tx, by_card, now=now)
    for card, result in by_card.items():
        for stay in result:
            if stay.is_current and stay.bound_from is not None:
                decided.after[card] = Held(stay.run.place, stay.bound_from)
    # A record names where a card came from and went to, so the slots at both ends of a move are concerned.
    slots = set(since) | {stay.run.place for result in by_card.values() for stay in result}
    changes.bring_into_line(tx, slots)
    terminals = {slot.terminal for slot in slots}
    holding.bring_into_line(tx, terminals)
    mismatches.bring_into_line(tx, terminals)
    doubts.bring_into_line(tx, by_card)
    return decided


def _note_current(decided: Decided, rows: Iterable[Any]) -> None:
    """Where cards are bound by rows of bindings as they were; the first that tells it of a card counts."""
    for row in rows:
        if row.bound_from is not None and row.bound_to is None:
            decided.before.setdefault(row.iccid, Held(Place(row.asset_no, row.slot), row.bound_from))


def _last_reads(tx: Tx, rows: Iterable[Any]) -> dict[tuple[str, int, datetime], datetime]:
    """When runs last read their card, by slot and start: of those only that another run of the card may contest."""
    contested = [row for row in rows if row.contested]
    if not contested:
        return {}
    names = ("asset_no", "slot", "first_read", "next_read", "iccid")
    wanted: dict[str, Any] = {name: [getattr(row, name) for row in contested] for name in names}
    found = tx.execute(_LAST_READ, {**wanted, "from_day": business_date(min(wanted["first_read"]))})
    return {(row.asset_no, row.slot, row.first_read): row.last_read for row in found}


def _settled(tx: Tx, cards: Collection[str]) -> dict[str, list[Place]]:
    decisions = defaultdict(list)
    for row in tx.execute(_SETTLED, {"iccids": sorted(cards)}):
        decisions[row.iccid].append((row.decided_at, Place(row.asset_no, row.slot)))
    return {iccid: settled_places(each) for iccid, each in decisions.items()}


def _decide_cards(
    rows: Iterable[Any],
    last_reads: Mapping[tuple[str, int, datetime], datetime],
    settled: Mapping[str, list[Place]],
) -> dict[str, list[Stay]]:
    by_card: dict[str, list[Run]] = defaultdict(list)
    for row in rows:
        by_card[row.iccid].append(
            Run(
                Place(row.asset_no, row.slot),
                row.first_read,
                last_reads.get((row.asset_no, row.slot, row.first_read), row.first_read),
                row.ended_at,
                _refusal(row),
            )
        )
    return {iccid: stays(each, settled.get(iccid, ())) for iccid, each in by_card.items()}


def _refusal(row: Any) -> str | None:
    """Why the card of a run may be in no terminal. What was bound once is judged by its readings alone."""
    if row.bound_from is not None or row.state in _MAY_BE_BOUND:
        return None
    if row.state is None:
        return "card_unknown"
    if row.first_read < row.changed_at and row.ended_at is not None:
        return None  # it lies before the card's present state, of which alone we know
    return _REFUSALS.get(row.state, "card_never_issued")


def _write(tx: Tx, by_card: Mapping[str, list[Stay]], *, now: datetime) -> None:
    """Writes the stays that differ."""
    every = [stay for each in by_card.values() for stay in each]
    if not every:
        return
    values = {
        "asset_no": [stay.run.place.terminal for stay in every],
        "slot": [stay.run.place.slot for stay in every],
        "first_read": [stay.run.first_read for stay in every],
        "ended_at": [stay.run.ended_at for stay in every],
        "bound_from": [stay.bound_from for stay in every],
        "bound_to": [stay.bound_to for stay in every],
        "quarantine": [stay.quarantine for stay in every],
        "against_asset_no": [stay.against.terminal if stay.against else None for stay in every],
        "against_slot": [stay.against.slot if stay.against else None for stay in every],
    }
    tx.execute(_APPLY, {**values, "now": now})
