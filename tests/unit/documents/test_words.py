"""Findings speak Chinese and English; only what stands on the paper stays as it is printed (DOC-03)."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from services.documents.verify import sandbox
from services.documents.verify.intake import OWN_REASONS
from services.documents.verify.sandbox import REASONS
from services.documents.verify.verdict import Finding, Kind
from services.documents.verify.words import KINDS, english

VERIFY = Path(sandbox.__file__).parent  # of the code that runs: the image's, when the tests run inside it
CHINESE = re.compile("[\u4e00-\u9fff]")


def texts_of(module: str) -> Iterator[str]:
    """Chinese texts in a module's code, what is filled in replaced by a 7; docstrings have none."""
    for node in ast.walk(ast.parse((VERIFY / module).read_text())):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and "\n" not in node.value:
            yield node.value


def parts_of_joined(module: str) -> set[str]:
    joined = [node for node in ast.walk(ast.parse((VERIFY / module).read_text())) if isinstance(node, ast.JoinedStr)]
    return {str(part.value) for node in joined for part in node.values if isinstance(part, ast.Constant)}


@pytest.mark.req("DOC-03")
@pytest.mark.parametrize("module", ["judging.py", "findings.py", "seals.py", "ovals.py", "verifying.py"])
def test_whatever_the_verifier_says_in_chinese_it_can_say_in_english(module: str) -> None:
    said = {text for text in texts_of(module) if CHINESE.search(text)} - parts_of_joined(module)
    said = {text for text in said if "：" not in text and "「" not in text}

    assert said
    assert {text: english(text) for text in said if CHINESE.search(english(text))} == {}


@pytest.mark.req("DOC-04")
def test_every_refusal_of_a_file_has_an_english_reason() -> None:
    reasons = [*REASONS.values(), *OWN_REASONS.values()]

    assert [reason for reason in reasons if CHINESE.search(english(reason))] == []


@pytest.mark.req("DOC-03")
def test_every_kind_of_finding_has_words_in_both_languages() -> None:
    assert set(KINDS) == {*get_args(Kind), "seal_same", "seal_not_compared"}
    assert all(CHINESE.search(words.zh) and not CHINESE.search(words.en) for words in KINDS.values())


@pytest.mark.req("DOC-03")
def test_a_finding_carries_both_sentences_where_it_travels_as_json() -> None:
    finding = Finding(
        weight="unclear", kind="unreadable", page=2, place="明细第 49 条 ICCID", expected="8986",
        advice="请以 300 dpi 彩色重新扫描",
    )  # fmt: skip

    told = finding.model_dump(mode="json")

    assert told["message"] == "第 2 页 明细第 49 条 ICCID：看不清，应为“8986”，请以 300 dpi 彩色重新扫描"
    assert told["message_en"] == (
        'Page 2, 明细第 49 条 ICCID: cannot be read; issued "8986"; scan it again in colour at 300 dpi'
    )
    assert Finding.model_validate(told) == finding
