"""Rows of a load: read from its file, cleaned one by one, staged by COPY (TRF-01)."""

import csv
import io
import json
import re
import unicodedata
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from tempfile import SpooledTemporaryFile
from typing import Any, NamedTuple

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.files import Batch, Column, Layout
from kernel.chassis.files.heads import Head
from kernel.chassis.files.layout import Kind
from kernel.model.errors import DomainError
from kernel.model.iccid import LENGTHS, SWAPPED, IccidVerdict, check_shape
from kernel.model.written import decimal

USAGE = Layout(
    "SIM日流量",
    Column(
        "iccid",
        "ICCID",
        ("iccid号", "iccid号码", "sim卡号", "卡号"),
        within=("iccid", "卡号"),
        example="89860426010000000011",
    ),
    Column(
        "day",
        "日期",
        ("日流量日期", "数据日期", "使用日期", "day", "date"),
        within=("日期",),
        kind=Kind.DATE,
        example="2026-11-02",
    ),
    Column(
        "volume",
        "流量",
        ("日流量", "使用流量", "用量", "usage", "volume"),
        within=("流量", "用量"),
        kind=Kind.NUMBER,
        example="1048576",
    ),
)
HEAD = tuple(column.label for column in USAGE.columns)
FACTORS = {unit: 1024**power for power, unit in enumerate(("B", "KB", "MB", "GB"))}
MOST_BYTES = 1 << 44
"""What a card could carry in a day at 1.6 Gbit/s."""
_UNIT = re.compile(
    r"([百万亿]|千(?!字节))?(?:(?<![A-Z0-9])(?:([KMGTP]?)(BITS?|BPS)|([KMGTP])I?B?(?:YTES?)?|(B)(?:YTES?)?)(?![A-Z0-9])"
    r"|(千字节|兆|吉|太字节|字节|比特))(?:字节)?"
)
"""In a head in capitals: how many of it, a unit of bits, of bytes, in words. «4G流量» and «M2M» are no units."""
_UNITS_IN_WORDS = {"千字节": "KB", "兆": "MB", "吉": "GB", "太字节": "TB", "字节": "B", "比特": "bit"}
_UNIT_ABOVE = re.compile(r"单位\s*[:：]\s*(.*)")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SHOWN = 64

STAGING = """
CREATE TEMPORARY TABLE arrivals (row_no int NOT NULL, iccid text COLLATE "C" NOT NULL, day date NOT NULL,
                                 bytes bigint NOT NULL) ON COMMIT DROP;
CREATE TEMPORARY TABLE refusals (row_no int NOT NULL, key text, code text NOT NULL, params jsonb NOT NULL)
ON COMMIT DROP
"""


def _contradictions(table: str, card: str) -> str:
    return f"""
WITH first AS (
    SELECT DISTINCT ON ({card}, day) {card}, day, row_no, bytes FROM {table} ORDER BY {card}, day, row_no
), gone AS (
    DELETE FROM {table} AS said USING first
    WHERE said.{card} = first.{card} AND said.day = first.day AND said.row_no <> first.row_no
    RETURNING said.row_no, first.row_no AS first, said.bytes <> first.bytes AS differs
), told AS (
    INSERT INTO refusals
    SELECT row_no, iccid, 'usage_twice', jsonb_build_object('first', first)
    FROM gone JOIN arrivals USING (row_no) WHERE differs
)
SELECT count(*) FILTER (WHERE NOT differs) FROM gone
"""


CONTRADICTIONS = _contradictions("figures", "card_id")
"""Of several rows of a card and day the first counts; the same again is a repetition (their number), others refused."""
CONTRADICTIONS_OF_STRANGERS = _contradictions("strangers", "iccid")


@dataclass(frozen=True)
class Reach:
    """Days that are taken, both included, and what one unit of volume is in bytes."""

    first: date
    last: date
    factor: int

    @classmethod
    def of(cls, today: date, days_back: int, measured_in: str) -> "Reach":
        return cls(today - timedelta(days=days_back), today, FACTORS[measured_in])


def check_unit(head: Head, measured_in: str) -> None:
    """Compares the unit that the head of the volumes names, else a line above it («单位：KB»), with the load's.

    Raises usage_unit_differs, or usage_unit_unreadable for one that cannot be chosen.
    """
    said = units_said(head)
    if said - FACTORS.keys() or len(said) > 1:
        raise DomainError("usage_unit_unreadable", said="、".join(sorted(said)))
    if said and said != {measured_in}:
        raise DomainError("usage_unit_differs", said="、".join(said), chosen=measured_in)


def units_said(head: Head) -> set[str]:
    """Units of volume that a file's head names."""
    place = head.places.get("volume")
    if not head.row_no or place is None or place >= len(head.texts):
        return set()
    above = (found[1] for text in head.above if (found := _UNIT_ABOVE.search(text)))
    return _units_in(head.texts[place]) or _units_in(" ".join(above))


def _units_in(text: str) -> set[str]:
    found = _UNIT.findall(unicodedata.normalize("NFKC", text).upper())
    return {
        many + (f"{of_bits}bit" if bits else _UNITS_IN_WORDS[word] if word else f"{power}B")
        for many, of_bits, bits, power, _, word in found
    }


class BadRowError(Exception):
    """Why a row is refused: a code of the catalogue and its params."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


def clean(iccid: str, day: str, volume: str, reach: Reach) -> tuple[str, date, int]:
    """The row's card, day and bytes. Raises BadRowError."""
    card = check_shape(iccid)
    if card.error:
        raise BadRowError(card.error, **bad_iccid(card, iccid))
    return card.iccid, _day(day, reach), _bytes(volume, reach)


def bad_iccid(card: IccidVerdict, raw: str) -> dict[str, Any]:
    """What the text of a number's error needs to say."""
    return {"value": (card.iccid or raw)[:_SHOWN], "length": len(card.iccid), **card.strange}


def _day(text: str, reach: Reach) -> date:
    try:
        day = date.fromisoformat(text.strip()) if _DAY.fullmatch(text.strip()) else None
    except ValueError:
        day = None
    if day is None:
        raise BadRowError("usage_day_malformed", value=text[:_SHOWN])
    if not reach.first <= day <= reach.last:
        raise BadRowError(
            "usage_day_out_of_range", value=day.isoformat(), first=reach.first.isoformat(), last=reach.last.isoformat()
        )
    return day


def _bytes(text: str, reach: Reach) -> int:
    value = decimal(text.strip())
    if value is None or not 0 <= value * reach.factor <= MOST_BYTES:
        raise BadRowError("usage_volume_malformed", value=text[:_SHOWN])
    return int((value * reach.factor).to_integral_value())


def as_csv(rows: Iterable[Any]) -> Iterator[bytes]:
    """Rows of a page as a file, in their order; what is no object becomes a row that is refused for its ICCID."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(HEAD)
    for row in rows:
        cells = [row.get(name) for name in ("iccid", "day", "volume")] if isinstance(row, dict) else [row, "", ""]
        writer.writerow(["-" if cell in (None, "") else " ".join(str(cell)[:200].split()) for cell in cells])
    yield buffer.getvalue().encode()


Refused = tuple[int, str, str, str]


class Judged(NamedTuple):
    """A batch's good rows, column by column; ``refused``: row, what it is shown by, code, params as JSON."""

    row_nos: Sequence[int]
    iccids: Sequence[str]
    days: Sequence[str]
    sizes: Sequence[int]
    refused: list[Refused]


@dataclass(frozen=True)
class File:
    """A load's file. ``judged`` reads it from its beginning, each time anew."""

    open: Callable[[], AbstractContextManager[Iterable[Batch]]]
    reach: Reach
    progress: Callable[[int], None]

    @contextmanager
    def judged(self) -> Iterator[Iterator[tuple[int, Judged]]]:
        """Batch after batch: how many rows have been read, and what became of the batch's."""
        with self.open() as batches, closing(self._judged(batches)) as judged:
            yield judged

    def _judged(self, batches: Iterable[Batch]) -> Generator[tuple[int, Judged]]:
        read = 0
        for batch in batches:
            read += len(batch)
            yield read, _plain(batch, self.reach) or _one_by_one(batch, self.reach)
            self.progress(read)


ARRIVE = "COPY arrivals (row_no, iccid, day, bytes) FROM STDIN"
_IN_MEMORY = 1 << 20


def make_tables(tx: Tx) -> None:
    """``arrivals`` and ``refusals``, empty."""
    for statement in STAGING.split(";"):
        tx.execute(statement)


class PutBy:
    """Rows of a file that wait until the connection is free to store them: refused ones, and good ones that are looked
    at later. A context manager. ``waiting``: how many good ones."""

    def __init__(self) -> None:
        self.waiting = 0
        self._arrivals = SpooledTemporaryFile(_IN_MEMORY, "w+", encoding="utf-8")  # noqa: SIM115  __exit__ closes both
        self._refusals = SpooledTemporaryFile(_IN_MEMORY, "w+", encoding="utf-8")  # noqa: SIM115

    def __enter__(self) -> "PutBy":
        return self

    def __exit__(self, *_: object) -> None:
        self._arrivals.close()
        self._refusals.close()

    def refuse(self, refused: Iterable[Refused]) -> None:
        """Puts by refused rows."""
        self._refusals.writelines(f"{json.dumps(one)}\n" for one in refused)

    def keep(self, judged: Judged, rows: Sequence[int]) -> None:
        """Puts by these good rows of a batch."""
        self.waiting += len(rows)
        self._arrivals.write(lines([[column[row] for row in rows] for column in judged[:4]]))

    def store(self, tx: Tx) -> None:
        """All of them into ``arrivals`` and ``refusals``."""
        self._arrivals.seek(0)
        self._refusals.seek(0)
        with tx.raw.cursor() as cursor:
            with cursor.copy(ARRIVE) as copy:
                while text := self._arrivals.read(_IN_MEMORY):
                    copy.write(text)
            with cursor.copy("COPY refusals (row_no, key, code, params) FROM STDIN") as copy:
                for line in self._refusals:
                    copy.write_row(json.loads(line))


def lines(columns: Sequence[Sequence[Any]]) -> str:
    """Good rows as ``ARRIVE`` takes them; ``columns``: the first four of ``Judged``."""
    rows = zip(*columns, strict=True)
    return "".join([f"{row_no}\t{iccid}\t{day}\t{size}\n" for row_no, iccid, day, size in rows])


def twice(row_no: int, iccid: str, first: int) -> Refused:
    """The refusal of a row that says another figure than row ``first`` of the same card and day."""
    return row_no, iccid, "usage_twice", json.dumps({"first": first})


def stage(tx: Tx, file: File) -> tuple[int, int]:
    """Copies a file's rows into ``arrivals`` and ``refusals``; how many there were, and how many of them arrived.

    One COPY takes all, so that the database stores rows while the next ones are read.
    """
    make_tables(tx)
    read = arrived = 0
    with tx.raw.cursor() as cursor, PutBy() as put_by:
        with file.judged() as batches, cursor.copy(ARRIVE) as copy:
            for read, judged in batches:  # noqa: B007  the last one is answered
                arrived += len(judged.row_nos)
                copy.write(lines(judged[:4]))
                put_by.refuse(judged.refused)
        put_by.store(tx)
        cursor.execute("ANALYZE arrivals")
    return read, arrived


def _plain(batch: Batch, reach: Reach) -> Judged | None:
    """The whole batch at once when every row is digits and known days, as most files are; None: look row by row."""
    cards, volumes = batch["iccid"], batch["volume"]
    if batch.faults or not cards or not {*map(len, cards)} <= set(LENGTHS):
        return None
    digits = "".join(cards), "".join(volumes)
    if not all(text.isascii() and text.encode().isdigit() for text in digits) or not all(volumes):
        return None
    if SWAPPED in digits[0] and any(card.startswith(SWAPPED) for card in cards):
        return None
    if max(map(len, volumes)) >= len(str(MOST_BYTES // reach.factor)):
        return None
    try:
        days = {text: str(_day(text, reach)) for text in set(batch["day"])}
    except BadRowError:
        return None
    sizes = list(map(int, volumes))
    if reach.factor != 1:
        sizes = [size * reach.factor for size in sizes]
    return Judged(batch.row_nos, cards, list(map(days.__getitem__, batch["day"])), sizes, [])


def _one_by_one(batch: Batch, reach: Reach) -> Judged:
    refused = [(fault.row_no, fault.shown, fault.code, json.dumps(fault.params)) for fault in batch.faults]
    row_nos: list[int] = []
    iccids: list[str] = []
    days: list[str] = []
    sizes: list[int] = []
    cells = zip(batch.row_nos, batch["iccid"], batch["day"], batch["volume"], strict=True)
    for row_no, iccid, day, volume in cells:
        try:
            number, when, size = clean(iccid, day, volume, reach)
        except BadRowError as error:
            refused.append((row_no, iccid[:_SHOWN], error.code, json.dumps(error.params)))
        else:
            row_nos.append(row_no)
            iccids.append(number)
            days.append(str(when))
            sizes.append(size)
    return Judged(row_nos, iccids, days, sizes, refused)
