"""Chinese and English: every word of the portal has both (GTW-05)."""

import re
from collections import defaultdict
from pathlib import Path

import pytest

from gateway.portal.pages import MENU, PAGES
from gateway.portal.spec import Menu, words
from gateway.portal.texts import ENGLISH, TABLES

STATIC = Path(__file__).resolve().parents[2] / "gateway" / "portal" / "static"
SCRIPTS = sorted(STATIC.glob("*.js"))
_SAID = re.compile(r"\bt\('((?:[^'\\]|\\.)*)'")
_CHINESE = re.compile("[\u3001-\u9fff\uff01-\uff5e]")
_HOLES = re.compile(r"\{[a-z0-9_]+\}")
_COMMENT = re.compile(r"^\s*//.*$|\s//\s.*$", re.MULTILINE)


def _menu_words(menu: Menu) -> list[str]:
    return [menu.title, *(word for entry in menu.entries if isinstance(entry, Menu) for word in _menu_words(entry))]


def _spoken() -> set[str]:
    said = {word for page in PAGES.values() for word in words(page)}
    said |= set(_menu_words(MENU))
    said |= {word for script in SCRIPTS for word in _SAID.findall(script.read_text("utf-8"))}
    return {word for word in said if _CHINESE.search(word)}


def test_every_chinese_word_has_an_english_one() -> None:
    assert sorted(_spoken() - set(ENGLISH)) == []


def test_a_word_is_said_one_way_wherever_it_stands() -> None:
    said: dict[str, set[str]] = defaultdict(set)
    for table in TABLES:
        for zh, en in table.items():
            said[zh].add(en)

    assert {zh: ways for zh, ways in said.items() if len(ways) > 1} == {}


def test_a_translation_has_the_same_holes_to_fill() -> None:
    wrong = [zh for zh, en in ENGLISH.items() if set(_HOLES.findall(zh)) != set(_HOLES.findall(en))]
    assert wrong == []


# Two scripts speak both languages at once, to a browser that is too old to ask for either.
@pytest.mark.parametrize(
    "script", [path for path in SCRIPTS if path.name not in {"old-browser.js", "app.js"}], ids=lambda path: path.name
)
def test_a_script_says_nothing_in_chinese_that_is_not_translated(script: Path) -> None:
    text = _COMMENT.sub("", script.read_text("utf-8"))
    left = _SAID.sub("", text)
    # Characters that split a pasted list, and the language button, which is in the other language on purpose.
    left = left.replace("[\\s,;，；、]", "").replace("'中文'", "")
    assert _CHINESE.findall(left) == []
