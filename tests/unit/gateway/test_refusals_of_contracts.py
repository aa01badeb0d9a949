"""Every check of our own that a request can fail says what is wrong, in Chinese and English (GTW-01)."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

import kernel.contracts
from gateway.problems import _PYDANTIC_TEXTS, validation_errors
from kernel.contracts.documents.seals import RegisterSeal
from kernel.contracts.envelope import BlobRef
from kernel.contracts.inventory.acts import IssueCards
from kernel.contracts.traffic.costs import ImportBill
from kernel.contracts.traffic.loads import ImportUsage, PushUsage
from kernel.contracts.traffic.pools import AgreePool
from kernel.contracts.traffic.rules import CreateRule
from kernel.contracts.traffic.tariffs import AddTariff
from kernel.contracts.workflow.fields import Person

ROOT = Path(kernel.contracts.__file__).parent
HAN = re.compile("[\u4e00-\u9fff]")


def _calls(path: Path, name: str) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, "id", None) == name:
            yield node


KINDS = [
    (f"{path.relative_to(ROOT)}:{call.lineno}", *[ast.literal_eval(part) for part in call.args[:2]])
    for path in sorted(ROOT.rglob("*.py"))
    for call in _calls(path, "PydanticCustomError")
]


@pytest.mark.req("GTW-01")
@pytest.mark.parametrize(("kind", "english"), [it[1:] for it in KINDS], ids=[it[0] for it in KINDS])
def test_each_kind_of_refusal_has_a_text_in_both_languages(kind: str, english: str) -> None:
    assert HAN.search(_PYDANTIC_TEXTS[kind])
    assert not HAN.search(english)
    assert set(re.findall(r"\{(\w+)\}", _PYDANTIC_TEXTS[kind])) <= set(re.findall(r"\{(\w+)\}", english))


@pytest.mark.req("GTW-01")
def test_no_check_of_a_request_raises_what_has_no_kind() -> None:
    at_import = {"errors.py", "words.py", "method.py"}
    found = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in sorted(ROOT.rglob("*.py"))
        if path.name not in at_import
        for call in _calls(path, "ValueError")
    ]

    assert KINDS
    assert found == []


FILE = BlobRef(sha256="0" * 64, size=1, name="a.pdf", media_type="application/pdf")


class _Printed(BaseModel):
    name: Person


@pytest.mark.req("GTW-01", "TRF-05", "TRF-07", "TRF-10")
@pytest.mark.parametrize(
    "model", [AddTariff, AgreePool, CreateRule, ImportBill, ImportUsage, PushUsage], ids=lambda it: it.__name__
)
def test_a_carrier_that_is_not_in_the_list_is_refused_by_its_field(model: type[BaseModel]) -> None:
    told = {it["field"]: it for it in _refused(model, {"carrier": "china_mobil"})}

    assert told["carrier"]["message"] == "没有运营商“china_mobil”，应为 china_mobile, china_unicom, china_telecom 之一"
    assert "no carrier china_mobil" in told["carrier"]["message_en"]


@pytest.mark.req("GTW-01")
@pytest.mark.parametrize(
    ("model", "values", "said"),
    [
        (IssueCards, {"unit": "990101", "recipient": "王", "phone": "13800000000"}, "二者取一"),
        (
            RegisterSeal,
            {"unit": "99", "name": "公章", "valid_from": "2026-02-01", "valid_to": "2026-01-01", "upload": FILE},
            "不能早于",
        ),
        (_Printed, {"name": "王\U0001f600"}, "无法打印在申请单上"),
    ],
    ids=lambda it: getattr(it, "__name__", None),
)
def test_what_is_wrong_is_said(model: type[BaseModel], values: dict[str, object], said: str) -> None:
    found = _refused(model, values)

    assert any(said in it["message"] for it in found)
    assert not any(HAN.search(it["message_en"]) for it in found)


def _refused(model: type[BaseModel], values: dict[str, object]) -> list[dict[str, str]]:
    with pytest.raises(ValidationError) as refused:
        model.model_validate(values)
    return validation_errors(refused.value.errors())
