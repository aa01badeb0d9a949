"""A night's file of a new day goes straight into the day's table (TRF-01).

The staged way (``loading``, ``merging``) takes whatever comes. A province's night is one large file of one day that is
newer than all known, one row a card: its rows are found in ``KnownCards``, added to the month to date, and copied where
they belong, while the next ones are read. That is one pass instead of five. Rows of another kind (of cards that have
moved, numbers that are not in the books so, another carrier's) are put by and take the staged way afterwards.

Both ways give the same; ``take`` answers None, with nothing done, when a file is not of this kind.
"""

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.files.batches import BATCH_ROWS
from kernel.chassis.process import memory
from services.traffic import day_counts, day_rows, finding, gate, merging, months, rows
from services.traffic.known_cards import NO_SUM, KnownCards, Places, exact_sum
from services.traffic.settings import UsageSettings

_MOVED = "SELECT card_id FROM past_places WHERE until > :day UNION SELECT card_id FROM moved_usage WHERE month = :month"
_ODD = "CREATE TEMPORARY TABLE odd (card_id bigint PRIMARY KEY) ON COMMIT DROP"
_FILL_ODD = "INSERT INTO odd SELECT DISTINCT unnest(CAST(:ids AS bigint[]))"
_MOST_ODD = 5
"""When one card in so many is odd, the staged way is the shorter."""
_TOLD_ALREADY = """
SELECT EXISTS (SELECT FROM figures JOIN usage_days USING (card_id, day)
               WHERE {source}_load = :load_id AND card_id NOT IN (SELECT card_id FROM odd))
"""
_STAGED = "SELECT DISTINCT card_id FROM figures"
_REST = """
SELECT unit, carrier, carrier_month, terminal_month FROM usage_days
WHERE day = :day AND card_id IN (SELECT card_id FROM odd UNION SELECT card_id FROM figures)
UNION ALL
SELECT unit, carrier, carrier_month, terminal_month FROM moved_usage WHERE month = :month
"""


class NotStraightError(Exception):
    """The file takes the staged way."""


@dataclass
class Straight:
    """What has become of a file's rows so far.

    ``fits``: by place, whether a row of the card may go straight. ``read``: rows of the file.
    """

    new_day: gate.NewDay
    source: str
    known: KnownCards
    fits: NDArray[np.bool_]
    read: int = 0
    repeated: int = 0

    def __post_init__(self) -> None:
        self._row = np.zeros(len(self.known), np.int32)
        self._bytes = np.zeros(len(self.known), np.int64)

    def take(self, judged: rows.Judged, writer: day_rows.DayRows, put_by: rows.PutBy) -> None:
        """Writes the rows that go straight and puts by those that do not; of several rows of a card the first counts.

        Raises NotStraightError when a row is of another day.
        """
        if {*judged.days} - {self.new_day.day.isoformat()}:
            raise NotStraightError
        places = self.known.places(judged.iccids)
        straight = (places >= 0) & self.fits[places]
        put_by.keep(judged, np.flatnonzero(~straight).tolist())
        index = np.flatnonzero(straight)
        first = np.zeros(len(index), bool)
        first[np.unique(places[index], return_index=True)[1]] = True
        first &= self._row[places[index]] == 0
        news = places[index[first]]
        sizes = np.asarray(judged.sizes, np.int64)[index[first]]
        self._row[news] = np.asarray(judged.row_nos, np.int32)[index[first]]
        self._bytes[news] = sizes
        for row in index[~first].tolist():
            self._repeat(judged, row, int(places[row]))
        writer.figures(news, sizes)

    def _repeat(self, judged: rows.Judged, row: int, place: int) -> None:
        if judged.sizes[row] == self._bytes[place]:
            self.repeated += 1
        else:
            judged.refused.append(rows.twice(judged.row_nos[row], judged.iccids[row], int(self._row[place])))

    @property
    def wrote(self) -> bool:
        """Has any row gone straight? Without one the day must not begin: nothing is known of it."""
        return bool(self._row.any())

    def told(self) -> list[merging.Told]:
        """Of the rows that went straight, by carriers."""
        found = []
        for carrier in sorted({carrier for _, carrier in self.known.homes}):
            its = (self._row > 0) & self.known.of_homes(lambda _, its, carrier=carrier: its == carrier)
            used = self._bytes[its]
            found.append(merging.Told(self.new_day.day, carrier, len(used), exact_sum(used)))
        return [told for told in found if told.cards]

    def beside(self, past: NDArray[np.int64], days: int) -> gate.Alike:
        """The rows that went straight beside each card's sum of a month that has figures of so many days."""
        alike = gate.Alike(0, Decimal(0), Decimal(0), 0, 0)
        for start in range(0, len(past), BATCH_ROWS):  # a few at a time: of all of them it would take much memory
            part = slice(start, start + BATCH_ROWS)
            both = (self._row[part] > 0) & (past[part] != NO_SUM)
            told, known = self._bytes[part][both], past[part][both]
            used = (told > 0) & (known > 0)
            times = told[used].astype(np.float64) * days / known[used].astype(np.float64)
            far = int(np.count_nonzero((times < 1 / gate.FAR) | (times > gate.FAR)))
            sums = Decimal(exact_sum(told)), Decimal(exact_sum(known))
            alike = alike.and_(gate.Alike(len(told), *sums, len(times), far))
        return alike

    def standing(self, but: NDArray[np.int64]) -> NDArray[np.bool_]:
        """By place: does a row stand in the day's table as it was written here? ``but``: ids of cards that have been
        written since; and odd ones have."""
        stand = (self.known.listed | (self._row > 0)) & ~self.known.odd
        places = self.known.places_of(but)
        stand[places[places >= 0]] = False
        return stand

    def sums(self, stand: NDArray[np.bool_], source: str) -> NDArray[np.int64]:
        """Month to date of the rows that ``stand``; ``source``: of the load, or the other one."""
        if source != self.source:
            return self.known.other[stand]
        own = self.known.own[stand]
        own[(own == NO_SUM) & (self._row[stand] > 0)] = 0
        own += self._bytes[stand]
        return own

    def left_behind(self) -> Places:
        """Cards that have a sum of the month and no figure of the day."""
        return np.flatnonzero(self.known.listed & ~self.known.odd & (self._row == 0))


def take(tx: Tx, load: Any, file: rows.File, settings: UsageSettings) -> merging.Outcome | None:
    """What became of the load, all of it merged; None when the file takes the staged way."""
    try:
        with tx.connection.begin_nested():
            return _take(tx, load, file, settings)
    except NotStraightError:
        return None
    finally:
        memory.give_back()


def _take(tx: Tx, load: Any, file: rows.File, settings: UsageSettings) -> merging.Outcome:
    merging.lock(tx)
    rows.make_tables(tx)
    with rows.PutBy() as put_by:
        straight = _write(tx, load, file, put_by)
        put_by.store(tx)
    straight.known.forget_numbers()
    tx.execute("ANALYZE arrivals")
    asked, written = finding.asked_of(load), straight.told()
    found = finding.look_up(tx, asked, put_by.waiting)
    if tx.execute(_TOLD_ALREADY.format(source=load.source), asked).scalar_one():
        raise NotStraightError
    told = merging.together([*written, *found.told])
    beside = gate.Straight(straight.new_day, lambda *asked: _beside(tx, load, straight, *asked))
    reasons, preview = gate.examine(tx, load, told, settings, straight=beside)
    if reasons and load.decided_by is None:
        raise NotStraightError
    counts = finding.counts(tx)
    finding.keep_unknown(tx, asked)
    merged = merging.finish_new_day(tx, merging.Load(load.id, load.source, None), *straight.new_day, written)
    _count(tx, straight)
    return merging.Outcome(straight.read, told, found.repeated + straight.repeated, counts, reasons, preview, merged)


def _count(tx: Tx, straight: Straight) -> None:
    """The month's distribution: of odd cards and of those in ``figures`` from the tables, of all others as written."""
    day, month = straight.new_day.day, merging.month_begin(straight.new_day.day)
    stand = straight.standing(np.array(tx.execute(_STAGED).scalars().all(), np.int64))
    homes = {home: number for number, home in enumerate(straight.known.homes)}
    rows: Any = tx.execute(_REST, {"day": day, "month": month}).all()
    more = [homes.setdefault((row.unit, row.carrier), len(homes)) for row in rows]
    home = np.append(straight.known.home[stand], np.array(more, np.int32))
    for source in merging.SOURCES:
        sums = [row._mapping[f"{source}_month"] for row in rows]
        rest = np.array([NO_SUM if value is None else value for value in sums], np.int64)
        known = np.append(straight.sums(stand, source), rest)
        day_counts.store(tx, month, source, day_counts.Sums(list(homes), home, known))


def _beside(tx: Tx, load: Any, straight: Straight, month: months.MonthOfUsage, days: int) -> gate.Alike:
    same = month.newest == straight.new_day.before
    return straight.beside(straight.known.own if same else straight.known.of_month(tx, month, load.source), days)


def _write(tx: Tx, load: Any, file: rows.File, put_by: rows.PutBy) -> Straight:
    """Writes what can be written, and puts by the rest."""
    straight = None
    with file.judged() as batches, ExitStack() as until_written:
        for read, judged in batches:
            if straight is None and judged.days:
                straight = _begin(tx, load, date.fromisoformat(judged.days[0]))
                writer = until_written.enter_context(day_rows.writing(tx, straight.known, straight.new_day.day, load))
            if straight is not None:
                straight.take(judged, writer, put_by)
                straight.read = read
            put_by.refuse(judged.refused)
        if straight is None or not straight.wrote:
            raise NotStraightError
        left = straight.left_behind()
        for start in range(0, len(left), BATCH_ROWS):
            writer.sums_only(left[start : start + BATCH_ROWS])
    return straight


def _begin(tx: Tx, load: Any, day: date) -> Straight:
    """Raises NotStraightError when the day is no new one, or too much is special about its cards."""
    month = months.find(tx, merging.month_begin(day))
    if month.newest is not None and (month.folded or day <= month.newest):
        raise NotStraightError
    merging.make_day(tx, day)
    known = KnownCards(tx, None if month.newest is None else (month.newest, load.source))
    if not len(known):
        raise NotStraightError
    moved = list(tx.execute(_MOVED, {"day": day, "month": month.month}).scalars())
    places = known.places_of(np.array(moved, np.int64))
    known.odd[places[places >= 0]] = True
    odd = {*moved, *known.strange, *known.ids[known.odd].tolist()}
    if len(odd) * _MOST_ODD > len(known):
        raise NotStraightError
    tx.execute(_ODD)
    tx.execute(_FILL_ODD, {"ids": list(odd)})
    fits = known.of_homes(lambda unit, carrier: unit.startswith(load.unit) and load.carrier in (None, carrier))
    return Straight(gate.NewDay(day, month.newest), load.source, known, fits & ~known.odd)
