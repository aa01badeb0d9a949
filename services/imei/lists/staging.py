"""A list's rows, judged and put into temporary tables; whoever is killed leaves nothing of them."""

from collections.abc import Callable, Sequence
from itertools import compress, repeat
from typing import Any

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.files import Column, Layout, Rows
from kernel.chassis.files.batches import Batch
from kernel.model.serial import Refused, Serial
from kernel.model.serial_column import judge_many
from services.imei.codes import number_of

Refuse = Callable[[int, str, str, str | None], None]
"""Row, value, code of the catalogue, repair."""

_MORE = ("serial2", "serial3", "serial4")
SERIAL_LIST = Layout(
    "串码清单",
    Column(
        "serial",
        "串码",
        ("imei", "imei1", "meid", "esn", "串号", "终端串码", "终端串号", "主串码"),
        within=("串码", "imei", "meid"),
        looks_like=r"(?i)[0-9A-F]{14,16}",
        example="490154203237518",
    ),
    *(
        Column(name, f"串码{place}", (f"imei{place}", f"串号{place}"), required=False)
        for place, name in enumerate(_MORE, start=2)
    ),
    Column("maker", "厂商", ("品牌", "制造商", "终端厂商"), required=False),
    Column("model", "型号", ("机型", "终端型号"), required=False),
    Column("claimant", "补贴省份", ("省份", "补贴省"), required=False),
    Column("claimed_on", "补贴日期", ("核销日期",), required=False),
    headless=True,
)

_TEXTS = ("maker", "model", "claimant", "claimed_on")
_TABLES = """
CREATE TEMPORARY TABLE staged (row_no integer, code bigint, maker text, model text,
    claimant text, claimed_on text, shown text) ON COMMIT DROP;
CREATE TEMPORARY TABLE staged_more (row_no integer, place smallint, code bigint) ON COMMIT DROP;
CREATE TEMPORARY VIEW staged_codes AS
    SELECT row_no, 1::smallint AS place, code FROM staged UNION ALL SELECT row_no, place, code FROM staged_more;
CREATE TEMPORARY TABLE refusals (row_no integer, reason text, state text) ON COMMIT DROP
"""
Codes = list[int | None]
Wrong = dict[int, Refused]
"""Place in the batch > why what stands there is no code."""


def stage(tx: Tx, rows: Rows, refuse: Refuse, progress: Callable[[int], None]) -> int:
    """Answers how many rows the list has. A row with a bad code is refused as a whole."""
    tx.raw.execute(_TABLES)
    count = 0
    for batch in rows:
        for fault in batch.faults:
            refuse(fault.row_no, fault.shown, fault.code, None)
        with tx.raw.cursor() as cursor:
            _put(cursor, batch, refuse)
        count += len(batch)
        progress(count)
    tx.raw.execute("ANALYZE staged; ANALYZE staged_more")
    return count


def _put(cursor: Any, batch: Batch, refuse: Refuse) -> None:
    """Columns that are empty throughout are not sent, and most lists have one code a row."""
    first, wrong = _codes(batch["serial"], blank=False)
    further: list[Codes] = []
    for name in _MORE:
        if any(batch[name]):
            codes, bad = _codes(batch[name], blank=True)
            further.append(codes)
            wrong = bad | wrong
    for place, one in sorted(wrong.items()):
        refuse(batch.row_nos[place], one.raw, one.code, one.repair)
    texts = [name for name in _TEXTS if any(batch[name])]
    rows = zip(batch.row_nos, first, batch["serial"], *(batch[name] for name in texts), strict=True)
    good = [place not in wrong for place in range(len(first))] if wrong else repeat(True)
    names = ", ".join(("row_no", "code", "shown", *texts))
    with cursor.copy(f"COPY staged ({names}) FROM STDIN WITH (NULL '')") as copy:
        for row in compress(rows, good):
            copy.write_row(row)
    if further:
        with cursor.copy("COPY staged_more FROM STDIN") as copy:
            for row_no, *codes in compress(zip(batch.row_nos, first, *further, strict=True), good):
                others = [code for code in dict.fromkeys(codes) if code is not None][1:]
                for place, code in enumerate(others, start=2):
                    copy.write_row((row_no, place, code))


def _codes(values: Sequence[str], *, blank: bool) -> tuple[Codes, Wrong]:
    """``blank``: an empty cell is no fault."""
    judged = judge_many(values)
    found: Codes = judged.keys.tolist()
    wrong: Wrong = {}
    for place, other in judged.others.items():
        found[place] = number_of(other) if isinstance(other, Serial) else None
        if isinstance(other, Refused) and not (blank and not values[place].strip()):
            wrong[place] = other
    return found, wrong
