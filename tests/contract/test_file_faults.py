"""Why a file cannot be read is said in one language at a time, whatever the reader found (INV-01)."""

import re
from pathlib import Path

import pytest

from kernel.contracts.errors import text
from kernel.contracts.words_common import FILE_FAULTS, FILE_MEASURES

ROOT = Path(__file__).resolve().parents[2]
_CHINESE = re.compile("[\u4e00-\u9fff]")
_RAISED = re.compile(r'unreadable\("([^"]*)"\)|"file_not_readable", reason="([^"]*)"')
_LIMITED = re.compile(r'"file_too_large",[^)]*?of="(\w+)"')
FOLDERS = ("kernel", "services", "gateway")
SOURCES = [path.read_text("utf-8") for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]


@pytest.mark.req("INV-01", "GTW-05")
@pytest.mark.parametrize("fault", FILE_FAULTS)
def test_a_fault_of_a_file_speaks_one_language(fault: str) -> None:
    assert not _CHINESE.search(text("file_not_readable", {"reason": fault}, "en"))
    assert FILE_FAULTS[fault].zh in text("file_not_readable", {"reason": fault}, "zh")


@pytest.mark.req("INV-01", "GTW-05")
@pytest.mark.parametrize("measure", FILE_MEASURES)
def test_a_limit_of_a_file_speaks_one_language(measure: str) -> None:
    params = {"limit": "100", "of": measure}
    assert not _CHINESE.search(text("file_too_large", params, "en"))
    assert FILE_MEASURES[measure].zh in text("file_too_large", params, "zh")


@pytest.mark.req("INV-01")
def test_every_fault_that_is_raised_has_its_words() -> None:
    faults = {one or other for source in SOURCES for one, other in _RAISED.findall(source)}
    measures = {measure for source in SOURCES for measure in _LIMITED.findall(source)}
    assert len(faults) > 5
    assert faults <= set(FILE_FAULTS)
    assert measures <= set(FILE_MEASURES)
