"""Rows of a load: read from its file, cleaned one by one, staged by COPY (TRF-01)."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.files import Batch, Column, Layout
from kernel.chassis.files.layout import Kind
from kernel.model.iccid import LENGTHS, normalise

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
MOST_BYTES = 1 << 50
_SHOWN = 64

STAGING = """
CREATE TEMPORARY TABLE arrivals (row_no int NOT NULL, iccid text COLLATE "C" NOT NULL, day date NOT NULL,
                                 bytes bigint NOT NULL) ON COMMIT DROP;
CREATE TEMPORARY TABLE refusals (row_no int NOT NULL, key text, code text NOT NULL, params jsonb NOT NULL)
ON COMMIT DROP
"""

_CONTRADICTIONS = """
WITH first AS (
    SELECT DISTINCT ON (iccid, day) iccid, day, row_no, bytes FROM arrivals ORDER BY iccid, day, row_no
), gone AS (
    DELETE FROM arrivals USING first
    WHERE arrivals.iccid = first.iccid AND arrivals.day = first.day AND arrivals.row_no <> first.row_no
    RETURNING arrivals.row_no, arrivals.iccid, first.row_no AS first, arrivals.bytes <> first.bytes AS differs
), told AS (
    INSERT INTO refusals
    SELECT row_no, iccid, 'usage_twice', jsonb_build_object('first', first) FROM gone WHERE differs
)
SELECT count(*) FILTER (WHERE NOT differs) FROM gone
"""


@dataclass(frozen=True)
class Reach:
    """Days that are taken, both included, and what one unit of volume is in bytes."""

    first: date
    last: date
    factor: int

    @classmethod
    def of(cls, today: date, days_back: int, measured_in: str) -> "Reach":
        return cls(today - timedelta(days=days_back), today, FACTORS[measured_in])


class BadRowError(Exception):
    """Why a row is refused: a code of the catalogue and its params."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


def clean(iccid: str, day: str, volume: str, reach: Reach) -> tuple[str, date, int]:
    """The row's card, day and bytes. Raises BadRowError."""
    number = normalise(iccid)
    if not number:
        raise BadRowError("iccid_blank", value=iccid[:_SHOWN])
    if len(number) not in LENGTHS:
        raise BadRowError("iccid_length", value=number[:_SHOWN], length=len(number))
    if not (number.isascii() and number.isalnum()):
        raise BadRowError("iccid_scientific", value=iccid[:_SHOWN])
    return number, _day(day, reach), _bytes(volume, reach)


def _day(text: str, reach: Reach) -> date:
    try:
        day = date.fromisoformat(text.strip())
    except ValueError as error:
        raise BadRowError("usage_day_malformed", value=text[:_SHOWN]) from error
    if not reach.first <= day <= reach.last:
        raise BadRowError(
            "usage_day_out_of_range", value=day.isoformat(), first=reach.first.isoformat(), last=reach.last.isoformat()
        )
    return day


def _bytes(text: str, reach: Reach) -> int:
    try:
        value = Decimal(text.strip()) * reach.factor
        if not value.is_finite() or not 0 <= value <= MOST_BYTES:
            raise BadRowError("usage_volume_malformed", value=text[:_SHOWN])
        return int(value.to_integral_value())
    except InvalidOperation as error:
        raise BadRowError("usage_volume_malformed", value=text[:_SHOWN]) from error


def as_csv(rows: Iterable[Any]) -> Iterator[bytes]:
    """Rows of a page as a file, in their order; what is no object becomes a row that is refused for its ICCID."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(HEAD)
    for row in rows:
        cells = [row.get(name) for name in ("iccid", "day", "volume")] if isinstance(row, dict) else [row, "", ""]
        writer.writerow(["-" if cell in (None, "") else " ".join(str(cell)[:200].split()) for cell in cells])
    yield buffer.getvalue().encode()


def stage(tx: Tx, batches: Iterable[Batch], reach: Reach, progress: Any) -> tuple[int, int]:
    """Copies a file's rows into ``arrivals`` and ``refusals``; how many there were, and how many mere repeats."""
    for statement in STAGING.split(";"):
        tx.execute(statement)
    rows = 0
    with tx.raw.cursor() as cursor:
        for batch in batches:
            rows += len(batch)
            good, refused = _judge(batch, reach)
            with cursor.copy("COPY arrivals (row_no, iccid, day, bytes) FROM STDIN") as copy:
                copy.write("".join(good))
            if refused:
                with cursor.copy("COPY refusals (row_no, key, code, params) FROM STDIN") as copy:
                    for one in refused:
                        copy.write_row(one)
            progress(rows)
        cursor.execute("ANALYZE arrivals")
    return rows, int(tx.execute(_CONTRADICTIONS).scalar_one())


def _judge(batch: Batch, reach: Reach) -> tuple[list[str], list[tuple[int, str, str, str]]]:
    good: list[str] = []
    refused = [(fault.row_no, fault.shown, fault.code, json.dumps(fault.params)) for fault in batch.faults]
    cells = zip(batch.row_nos, batch["iccid"], batch["day"], batch["volume"], strict=True)
    for row_no, iccid, day, volume in cells:
        try:
            number, when, size = clean(iccid, day, volume, reach)
        except BadRowError as error:
            refused.append((row_no, iccid[:_SHOWN], error.code, json.dumps(error.params)))
        else:
            good.append(f"{row_no}\t{number}\t{when}\t{size}\n")
    return good, refused
