"""No text that a person reads shows a code: every message of the catalogue, with every code that it may be given."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from deploy.docs import CONTRACTS
from kernel.contracts.errors import CATALOGUE, text
from kernel.contracts.words import VOCABULARIES
from kernel.contracts.words_people import FIELD_NAMES

ROOT = Path(__file__).resolve().parents[2]
CODE = re.compile(r"\b[a-z0-9]+(?:_[a-z0-9]+)+\b")

# Params that are numbers, days, names of things, or what the caller himself has sent: they are shown as they are.
AS_THEY_ARE = {
    "carrier_as_of", "terminal_as_of",
    "account", "after", "allowed", "attempts", "batch_no", "before", "booked", "breaks", "by_name", "card_id", "cards",
    "carrier_en", "character", "character_en", "cities", "closed", "closes_at", "closes_day", "column", "count", "day",
    "delivery_id", "end", "entries", "expected", "first", "first_row", "found", "headers", "iccid", "id", "job_id",
    "kind", "known", "last", "length", "level", "limit", "log_unit", "log_version", "login", "maximum", "message_id",
    "method", "minimum", "missing", "model", "month", "name", "new_quantity", "number", "opens_at", "opens_day",
    "other", "own_unit", "owner_unit", "parent", "place", "prefix", "quantity", "reason", "received", "replacement",
    "resource", "retry_after", "revision", "role", "rows", "seconds", "service", "sheet", "sheets", "start",
    "slot", "parts", "terminal", "handler", "list_id", "trace_id", "unit", "value", "version", "where", "card_spec",
    "carrier", "permission", "said", "percent", "ratio", "box_no", "boxes", "done", "left", "places", "system",
    "numbers",
}  # fmt: skip
OFTEN_CODES = {"field", "state", "log_state", "action", "outcome"}


def holes(template: str) -> Iterator[tuple[str, str]]:
    """Each param of a template with the vocabulary that speaks it, or ""."""
    for _, name, spec, _ in Formatter().parse(template):
        if name:
            yield name, spec or ""


@pytest.mark.req("GTW-01")
@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_a_message_speaks_every_code_that_it_is_given(code: str) -> None:
    entry = CATALOGUE[code]
    for language, template in (("zh", entry.zh), ("en", entry.en)):
        assert not CODE.search(re.sub(r"\{.*?\}", "", template))
        for name, spec in holes(template):
            assert spec or name in AS_THEY_ARE, f"{name} is shown as it is"
            assert spec == "" or spec in VOCABULARIES, f"{spec} is no vocabulary"
            for word in VOCABULARIES.get(spec, ()):
                assert not CODE.search(text(code, {name: word}, language))


@pytest.mark.req("GTW-01")
def test_what_is_often_a_code_is_always_spoken() -> None:
    silent = {
        (code, name)
        for code, entry in CATALOGUE.items()
        for template in (entry.zh, entry.en)
        for name, spec in holes(template)
        if name in OFTEN_CODES and not spec
    }

    assert not silent


def named_fields() -> set[str]:
    """Every field that a refusal can name: units of requests, and what the code says itself."""
    fields = {unit for contract in CONTRACTS.values() for method in contract.METHODS for unit in method.units}
    calls = {"check_unit": 1, "check_month": 1, "require_within": 1}
    for folder in ("kernel", "services", "gateway"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(node, ast.Call):
                    continue
                named = [it.value for it in node.keywords if it.arg == "field" and "DomainError" in ast.dump(node.func)]
                place = calls.get(getattr(node.func, "id", getattr(node.func, "attr", "")))
                if place is not None and len(node.args) > place:
                    named.append(node.args[place])
                fields |= {it.value for it in named if isinstance(it, ast.Constant) and isinstance(it.value, str)}
    return fields


@pytest.mark.req("GTW-01")
def test_every_field_that_a_message_names_has_a_name() -> None:
    assert {field for field in named_fields() if CODE.search(field) or field.islower()} <= FIELD_NAMES.keys()


@pytest.mark.req("GTW-01")
def test_a_word_is_never_its_code() -> None:
    silent = {
        (name, code)
        for name, words in VOCABULARIES.items()
        for code, word in words.items()
        if CODE.search(word.zh) or CODE.search(word.en)
    }

    assert not silent
