"""The demo shows a newcomer every state that a form can have (issue 4)."""

import pytest

from deploy.local import demo_forms
from services.workflow.lifecycles import LIFECYCLES, FormKind, FormState

PLANS = {
    FormKind.CITY_OPENING: demo_forms.CITY_OPENINGS,
    FormKind.PROVINCE_OPENING: demo_forms.PROVINCE_OPENINGS,
    FormKind.COUNTY_TERMINATION: demo_forms.COUNTY_TERMINATIONS,
    FormKind.CITY_TERMINATION: demo_forms.CITY_TERMINATIONS,
}


@pytest.mark.parametrize("kind", PLANS)
def test_the_demos_forms_stand_in_states_of_their_kind(kind: FormKind) -> None:
    assert set(PLANS[kind].values()) <= LIFECYCLES[kind].states


@pytest.mark.req("OPS-01", "WFL-02")
def test_every_state_of_a_form_is_in_the_demo() -> None:
    for kind in (FormKind.CITY_OPENING, FormKind.PROVINCE_OPENING, FormKind.COUNTY_TERMINATION):
        assert set(PLANS[kind].values()) == LIFECYCLES[kind].states, kind
    assert {state for plan in PLANS.values() for state in plan.values()} == set(FormState)


def test_the_province_orders_what_the_demo_says_it_has_summarised() -> None:
    summarised = [login for login, state in demo_forms.CITY_OPENINGS.items() if state == "province_summarised"]

    assert summarised == list(demo_forms.PROVINCE_OPENINGS)
