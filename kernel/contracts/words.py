"""Words for states, actions and other codes, said once: pages, files, messages and the run log all take them here.

Each service's words stand in ``kernel/contracts/words_<service>.py``, those of one topic beside its contract
(``also``). A text of the error catalogue names the vocabulary behind a colon: ``"The card is {state:card_states}"``;
its params carry the bare code.
"""

from collections.abc import Mapping
from string import Formatter
from typing import Any, NamedTuple


class Word(NamedTuple):
    zh: str
    en: str


Vocabulary = Mapping[str, Word]
VOCABULARIES: dict[str, dict[str, Word]] = {}
"""Name > code > word; the gateway offers each as ``/options/<name>``."""
_NOTHING = Word("不存在", "unknown")


def vocabulary(name: str, words: Mapping[str, tuple[str, str]]) -> Vocabulary:
    """Code > (Chinese, English), in the order in which people choose. A name said twice is a programming error."""
    if name in VOCABULARIES:
        raise ValueError(f"vocabulary {name} is written twice")
    VOCABULARIES[name] = {str(code): Word(*both) for code, both in words.items()}
    return VOCABULARIES[name]


def also(name: str, words: Mapping[str, tuple[str, str]]) -> None:
    """Further words of a vocabulary, said where their one topic stands: a permission or a field of its own.

    A code said twice is a programming error.
    """
    whole = VOCABULARIES[name]
    for code, both in words.items():
        if code in whole:
            raise ValueError(f"{code} is said twice in {name}")
        whole[code] = Word(*both)


def part_of(name: str, whole: Vocabulary, *codes: str, **others: tuple[str, str]) -> Vocabulary:
    """The words of some codes of another vocabulary; ``others``: those that are called otherwise here."""
    return vocabulary(name, {code: others.get(code, whole.get(code, _NOTHING)) for code in codes})


def chinese(words: Vocabulary) -> dict[str, str]:
    """Code > Chinese word."""
    return {code: word.zh for code, word in words.items()}


class _Speaker(Formatter):
    """``str.format`` that knows vocabularies; a missing param shows as «?»."""

    def __init__(self, language: str) -> None:
        self._english = language == "en"

    def get_value(self, key: int | str, args: Any, kwargs: Any) -> Any:
        return kwargs.get(key, "?")

    def format_field(self, value: Any, format_spec: str) -> str:
        words = VOCABULARIES.get(format_spec)
        if words is None:
            return str(super().format_field(value, format_spec))
        if value is None:
            return _NOTHING.en if self._english else _NOTHING.zh
        word = words.get(str(value))
        return str(value) if word is None else word.en if self._english else word.zh


_SPEAKERS = {language: _Speaker(language) for language in ("zh", "en")}


def fill(template: str, params: Mapping[str, Any], language: str) -> str:
    """``template`` with the params, codes as words of ``language``."""
    return _SPEAKERS["en" if language == "en" else "zh"].vformat(template, (), params)
