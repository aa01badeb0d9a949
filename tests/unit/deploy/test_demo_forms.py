"""The demo shows a newcomer every state that a form of each kind can have (issue 4)."""

import pytest

from deploy.local import demo_forms
from services.workflow.lifecycles import LIFECYCLES, FormKind

PLANS = {
    FormKind.CITY_OPENING: list(demo_forms.CITY_OPENINGS.values()),
    FormKind.PROVINCE_OPENING: list(demo_forms.PROVINCE_OPENINGS.values()),
    FormKind.COUNTY_TERMINATION: [state for _, state in demo_forms.COUNTY_TERMINATIONS],
    FormKind.CITY_TERMINATION: [state for _, state in demo_forms.CITY_TERMINATIONS],
}


@pytest.mark.req("OPS-01", "WFL-02")
@pytest.mark.parametrize("kind", FormKind)
def test_every_state_of_every_kind_of_form_is_in_the_demo(kind: FormKind) -> None:
    assert set(PLANS[kind]) == LIFECYCLES[kind].states


@pytest.mark.parametrize("kind", [FormKind.COUNTY_TERMINATION, FormKind.CITY_TERMINATION])
def test_a_termination_stands_in_each_state_once(kind: FormKind) -> None:
    assert len(PLANS[kind]) == len(LIFECYCLES[kind].states)


def test_the_province_orders_what_the_demo_says_it_has_summarised() -> None:
    summarised = [login for login, state in demo_forms.CITY_OPENINGS.items() if state == "province_summarised"]

    assert summarised == list(demo_forms.PROVINCE_OPENINGS)
