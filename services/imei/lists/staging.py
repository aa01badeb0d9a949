"""A list's rows, judged and put into temporary tables; whoever is killed leaves nothing of them."""

from collections.abc import Callable, Iterator, Sequence
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

_TABLES = """
CREATE TEMPORARY TABLE staged (row_no integer, code bigint, maker text, model text,
    claimant text, claimed_on text, shown text) ON COMMIT DROP;
CREATE TEMPORARY TABLE staged_codes (row_no integer, place smallint, code bigint) ON COMMIT DROP;
CREATE TEMPORARY TABLE refusals (row_no integer, reason text, state text) ON COMMIT DROP
"""


def stage(tx: Tx, rows: Rows, refuse: Refuse, progress: Callable[[int], None]) -> int:
    """Answers how many rows the list has. A row with a bad code is refused as a whole."""
    tx.raw.execute(_TABLES)
    count = 0
    for batch in rows:
        for fault in batch.faults:
            refuse(fault.row_no, fault.shown, fault.code, None)
        good = list(_good(batch, refuse))
        with tx.raw.cursor() as cursor:
            with cursor.copy("COPY staged FROM STDIN") as copy:
                for row_no, codes, *more in good:
                    copy.write_row((row_no, codes[0], *more))
            with cursor.copy("COPY staged_codes FROM STDIN") as copy:
                for row_no, codes, *_ in good:
                    for place, code in enumerate(codes, start=1):
                        copy.write_row((row_no, place, code))
        count += len(batch)
        progress(count)
    tx.raw.execute("CREATE INDEX ON staged_codes (code)")
    tx.raw.execute("ANALYZE staged; ANALYZE staged_codes")
    return count


def _good(batch: Batch, refuse: Refuse) -> Iterator[tuple[Any, ...]]:
    """Row, its codes, and the columns of ``staged`` after them; empty cells are None."""
    columns = [_codes(batch["serial"], blank=False)]
    columns += [_codes(batch[name], blank=True) for name in _MORE if any(batch[name])]
    more = [batch[name] for name in ("maker", "model", "claimant", "claimed_on")]
    shown = batch["serial"]
    for place, row_no in enumerate(batch.row_nos):
        found = [column[place] for column in columns]
        wrong = next((one for one in found if isinstance(one, Refused)), None)
        if wrong is not None:
            refuse(row_no, wrong.raw, wrong.code, wrong.repair)
            continue
        codes = list(dict.fromkeys(one for one in found if isinstance(one, int)))
        yield row_no, codes, *(column[place] or None for column in more), shown[place]


def _codes(values: Sequence[str], *, blank: bool) -> list[int | Refused | None]:
    """``blank``: an empty cell is no fault."""
    judged = judge_many(values)
    found: list[int | Refused | None] = judged.keys.tolist()
    for place, other in judged.others.items():
        empty = blank and not values[place].strip()
        found[place] = None if empty else number_of(other) if isinstance(other, Serial) else other
    return found
