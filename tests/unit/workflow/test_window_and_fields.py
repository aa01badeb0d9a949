"""The window's arithmetic in Asia/Shanghai, and what a form's fields take."""

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from kernel.contracts.workflow.activation import CreateApplication, LineSplit
from kernel.contracts.workflow.fields import unprintable
from services.documents.forms.fonts import can_print
from services.workflow import catalogue, content
from services.workflow.window import Rules, month_applied_for

RULES = Rules(opens_day=20, closes_day=22, remind_hours=24, minimum_cards=50, version=1, overdue_days=5)


@pytest.mark.req("ACT-01")
@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-19T15:59:59.999", False),
        ("2026-11-19T16:00:00", True),
        ("2026-11-21T15:59:59.999", True),
        ("2026-11-21T16:00:00", False),
    ],
)
def test_the_window_opens_and_closes_at_midnight_in_shanghai(moment: str, is_open: bool):
    now = datetime.fromisoformat(moment).replace(tzinfo=UTC)

    assert (now in RULES.window_in("2026-11")) is is_open


@pytest.mark.req("ACT-01")
@pytest.mark.parametrize(
    ("moment", "month"),
    [
        ("2026-11-30T15:59:59", "2026-12"),
        ("2026-11-30T16:00:00", "2027-01"),
        ("2026-12-20T00:00:00", "2027-01"),
    ],
)
def test_applications_are_for_the_coming_month(moment: str, month: str):
    assert month_applied_for(datetime.fromisoformat(moment).replace(tzinfo=UTC)) == month


GOOD = {"carrier": "china_mobile", "card_spec": "plug_in", "quantity": 1, "phone": "13800001111"}


@pytest.mark.req("ACT-01")
@pytest.mark.parametrize(
    "bad",
    [
        {"quantity": 0},
        {"quantity": -5},
        {"quantity": 10**12},
        {"quantity": "many"},
        {"quantity": "12"},
        {"quantity": 1.5},
        {"quantity": True},
        {"phone": "12345"},
        {"phone": "13800001111 ext"},
        {"phone": "+86 138"},
        {"applicant": ""},
        {"applicant": "王\n芳"},
        {"applicant": "王😀"},
        {"applicant": "x" * 21},
        {"carrier": "中国移动"},
        {"carrier": "x'; DROP TABLE applications"},
        {"unit": "99"},
    ],
)
def test_what_is_no_application_is_refused(bad: dict):
    with pytest.raises(ValidationError):
        CreateApplication.model_validate(GOOD | bad)


def test_half_of_a_split_may_be_nothing_but_never_less():
    assert LineSplit(line_id=1, replacement=0, new_quantity=5).replacement == 0
    with pytest.raises(ValidationError):
        LineSplit(line_id=1, replacement=-1, new_quantity=6)


def test_a_name_that_is_taken_from_the_login_is_cut_to_what_prints():
    assert catalogue.printable_name("王芳😀\n(东江)") == "王芳(东江)"
    assert catalogue.printable_name("😀") == "-"
    assert catalogue.printable_reason(None) == "待报废"


@pytest.mark.req("DOC-01")
def test_whatever_a_field_takes_the_forms_typeface_has():
    taken = [chr(code) for code in range(0x10000) if not unprintable(chr(code)) and chr(code) != " "]

    assert [character for character in taken if not can_print(character)] == []


@pytest.mark.parametrize(
    ("iccid", "msisdn", "refused"),
    [
        ("89860012345678901238", "1064812345678", None),
        ("89860012345678901238", None, "手机号"),
        ("89860012345678901238", "12345", "手机号"),
        ("8986011234567890123X", "13800001111", "ICCID"),
    ],
)
def test_a_card_that_cannot_be_printed_is_named_with_its_field(iccid: str, msisdn: str | None, refused: str | None):
    refusal = catalogue.card_refusal(iccid, msisdn)

    assert (refusal[1]["field"] if refusal else None) == refused


@pytest.mark.req("WFL-01")
def test_the_digest_depends_on_what_is_said_and_not_on_its_order():
    one = {"number": "KS-202612-9901", "unit": "东江", "demands": [{"new": 1, "carrier": "中国移动"}]}
    same = {"unit": "东江", "demands": [{"carrier": "中国移动", "new": 1}], "number": "KS-202612-9901"}

    assert content.digest(one) == content.digest(same)
    assert content.digest(one) != content.digest(one | {"number": "KS-202612-9902"})
