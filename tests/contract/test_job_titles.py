"""Whatever a job or an exported list is called, it is called something in English too (GTW-05)."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from kernel.chassis.jobs.kinds import service_exports
from kernel.contracts.words_jobs import TITLES, titled

SERVICES = Path(__file__).resolve().parents[2] / "services"
_CHINESE = re.compile("[\u4e00-\u9fff]")


def _text(node: ast.AST) -> str | None:
    """A constant or an f-string with XX in its holes."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "XX" for part in node.values)
    return None


def _enqueued(path: Path) -> Iterator[str]:
    """Titles given to a job: written where it is started, or in a variable that is called so."""
    source = path.read_text("utf-8")
    for node in ast.walk(ast.parse(source)) if _CHINESE.search(source) else ():
        found: list[ast.AST] = []
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            found = [*node.args] if name in {"enqueue", "_enqueue", "begin", "start"} else []
        elif isinstance(node, ast.Assign):
            found = [node.value] if any(getattr(target, "id", "") == "title" for target in node.targets) else []
        for one in found:
            text = _text(one)
            if text and _CHINESE.search(text):
                yield text


ENQUEUED = sorted({title for path in SERVICES.rglob("*.py") for title in _enqueued(path)})


@pytest.mark.req("GTW-05")
def test_the_titles_of_jobs_are_found_where_they_are_written() -> None:
    assert {"接收批次 XX XX", "签发 XX 第 XX 版", "串码清单 XX"} <= set(ENQUEUED)


@pytest.mark.req("GTW-05")
@pytest.mark.parametrize("title", ENQUEUED)
def test_a_job_has_an_english_title(title: str) -> None:
    assert not _CHINESE.search(titled(title).en)


@pytest.mark.req("GTW-05")
@pytest.mark.parametrize("service", ["inventory", "workflow", "binding", "traffic", "imei", "documents"])
def test_an_exported_list_has_an_english_title(service: str) -> None:
    titles = [spec.title for spec in service_exports(service).values()]
    assert titles
    assert [title for title in titles if title not in TITLES] == []


@pytest.mark.req("GTW-05")
def test_words_within_a_title_are_said_in_english_and_names_stay() -> None:
    assert titled("接收批次 中国移动 YD-1").en == "Take in China Mobile YD-1"
    assert titled("领用 张强 8986 - 8987").en == "Issue to 张强: 8986 - 8987"
    assert titled("串码清单 领用").en == "List of serials: Claim"
    assert titled("别的").en == "别的"
