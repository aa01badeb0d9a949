"""Refusals as problem documents."""

import orjson
import pytest
from pydantic import ValidationError

from gateway.problems import STATUS, TITLES, problem, problem_response, status_of, validation_errors
from kernel.contracts.errors import CATALOGUE
from kernel.contracts.inventory.acts import IssueCards
from kernel.model.errors import DomainError, Kind

pytestmark = pytest.mark.req("GTW-01")


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_every_code_of_the_catalogue_makes_a_whole_problem(code: str) -> None:
    document = problem(DomainError(code), trace_id="t", instance="/x")

    assert document["status"] == status_of(code)
    assert document["title"] == TITLES[document["status"]]
    assert document["detail"] != document["detail_en"]
    assert document["type"] == f"/problems/{code.replace('_', '-')}"


def test_every_kind_has_a_status() -> None:
    assert STATUS.keys() == set(Kind)


def test_a_code_that_nobody_catalogued_is_an_internal_error_without_its_params() -> None:
    document = problem(DomainError("made_up", password="hunter2"), trace_id="t-1")

    assert (document["status"], document["code"]) == (500, "internal_error")
    assert document["params"] == {"trace_id": "t-1"}


@pytest.mark.parametrize(("code", "status"), [("service_unavailable", 503), ("login_throttled", 429)])
def test_who_may_come_back_is_told_when(code: str, status: int) -> None:
    response = problem_response(DomainError(code, retry_after=17), trace_id="t")

    assert response.status_code == status
    assert response.headers["retry-after"] == "17"


def test_findings_of_a_service_become_pointers() -> None:
    error = DomainError("request_invalid", errors=[{"field": "iccids.0", "message": "太短"}])

    document = orjson.loads(problem_response(error, trace_id="t").body)

    assert document["errors"] == [
        {"field": "iccids.0", "pointer": "#/iccids/0", "message": "太短", "message_en": "太短"}
    ]
    assert document["params"] == {}


def test_pydantics_findings_are_told_in_chinese_and_english() -> None:
    with pytest.raises(ValidationError) as raised:
        IssueCards.model_validate({"unit": "9901", "iccids": [], "phone": "1"})

    found = {it["field"]: it for it in validation_errors(raised.value.errors())}

    assert found["recipient"]["message"] == "必填"
    assert found["iccids"]["message"] == "至少 1 项"
    assert found["phone"]["message"] == "格式不正确"
    assert found["recipient"]["message_en"] == "Field required"
