"""A hostile file costs at most one limited child, and a service process does not stand still meanwhile."""

import io
import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryFile

import pytest

from kernel.chassis.files import in_child
from kernel.contracts.files import FileChoice
from kernel.model.errors import DomainError
from tests.unit.files.books import CARDS, CASES, HEAD, LIST, NUMBERS, book, one_sheet, row, sheet

pytestmark = pytest.mark.req("INV-01", "GTW-03")
ROOT = Path(__file__).parents[3]


def test_a_child_sees_what_the_reader_sees() -> None:
    with (CASES / "title-rows-above-head.xlsx").open("rb") as file:
        seen = in_child.look(file, CARDS, choice=FileChoice())

    assert (seen.rows, seen.head_row, seen.problem) == (5, 3, None)


def test_a_child_reads_a_list_from_any_store() -> None:
    content = "\n".join(["卡号", *NUMBERS, '"broken'])

    listed = in_child.rows_of(io.BytesIO(content.encode()), LIST, most=10)

    assert listed.rows["iccid"] == NUMBERS
    assert [(fault.row_no, fault.code) for fault in listed.rows.faults] == [(7, "row_broken")]


def test_a_refusal_comes_back_as_it_is() -> None:
    with pytest.raises(DomainError) as refused:
        in_child.rows_of(io.BytesIO(b"\n".join([b"1" * 20] * 11)), LIST, most=10)

    assert refused.value.code == "file_too_large"


def test_what_needs_more_memory_than_allowed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    wide = "".join(row(at, NUMBERS[0], *["x" * 3000] * 20) for at in range(2, 2000))
    content = one_sheet(HEAD + wide)
    monkeypatch.setattr(in_child, "_LIST_LIMITS", {"unpacked_bytes": 1 << 30, "text_bytes": 1 << 30, "ratio": 10_000})
    texts = "<sst>" + "".join(f"<si><t>{'y' * 30_000}{at}</t></si>" for at in range(20_000)) + "</sst>"

    with pytest.raises(DomainError) as refused:
        in_child.rows_of(io.BytesIO(book({"a": sheet(HEAD + row(2, NUMBERS[0]))}, texts=texts)), LIST, most=10_000)

    assert refused.value.code == "file_too_large"
    assert len(in_child.rows_of(io.BytesIO(content), LIST, most=10_000).rows) == 1998


def test_what_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_child, "SECONDS", 0.05)

    with pytest.raises(DomainError) as refused:
        in_child.rows_of(io.BytesIO("\n".join(NUMBERS).encode()), LIST, most=10)

    assert refused.value.code == "file_too_slow"


_GREEN = """
from kernel.chassis.process import green
green.boot()
import json, sys, time, eventlet
from kernel.chassis.files import in_child
from tests.unit.files.books import LIST
ticks = []
def tick():
    while True:
        ticks.append(time.monotonic())
        eventlet.sleep(0.01)
eventlet.spawn(tick)
rows = in_child.rows_of(open(sys.argv[1], "rb"), LIST, most=10_000).rows
gaps = [b - a for a, b in zip(ticks, ticks[1:])]
print(json.dumps({"rows": len(rows), "ticks": len(ticks)}))
"""


def test_a_green_process_goes_on_while_its_child_reads(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("\n".join(["ICCID", *NUMBERS * 2000][:9_000]))

    out = subprocess.run(
        [sys.executable, "-c", _GREEN, str(path)], cwd=ROOT, capture_output=True, check=True, text=True, timeout=120
    ).stdout

    said = json.loads(out)
    assert said["rows"] == 8_999
    assert said["ticks"] > 5


def test_a_child_inherits_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIMKEEP_TOKEN_SECRET", "do not tell")
    seen: list[dict[str, str]] = []
    popen = subprocess.Popen

    def spying(*args: object, **more: object) -> object:
        seen.append(more["env"])  # type: ignore[arg-type]
        return popen(*args, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(in_child.subprocess, "Popen", spying)
    with TemporaryFile() as file:
        file.write("\n".join(NUMBERS).encode())
        file.flush()
        in_child.rows_of(file, LIST, most=10)

    assert seen
    assert not [name for name in seen[0] if name.startswith("SIMKEEP")]
