"""The two workflows, written out by hand from the manual, against the tables in the code (WFL-02)."""

from typing import get_args

import pytest

from kernel.contracts.errors import CATALOGUE
from kernel.contracts.words_workflow import FORM_ACTIONS, FORM_KINDS, FORM_STATES
from kernel.contracts.workflow import forms
from kernel.model.errors import DomainError
from kernel.model.unit import Level
from services.workflow.lifecycles import (
    CLOSED,
    LIFECYCLES,
    MESSAGES,
    REVIEWING,
    STEPS,
    FormAction,
    FormKind,
    FormState,
)

# What a clerk reads in the manual: state, button, state.
MANUAL = {
    "city_opening": [
        ("市级汇总", "提交审核", "市级审核中"),
        ("市级审核中", "回传单校验通过", "市级审核通过"),
        ("市级汇总", "提交省级", "市级审核通过"),
        ("市级审核通过", "退回", "省级退回"),
        ("省级退回", "重新生成申请单", "市级汇总"),
        ("市级审核通过", "省级汇总", "省级汇总"),
    ],
    "province_opening": [
        ("省级汇总", "提交审核", "省级审核中"),
        ("省级审核中", "回传单校验通过", "提交互联网部"),
    ],
    "county_termination": [
        ("新建", "提交审核", "区县级审核中"),
        ("区县级审核中", "回传单校验通过", "提交市级"),
        ("提交市级", "提交省级", "提交省级"),
        ("提交市级", "退回", "市级退回"),
        ("提交省级", "审核通过", "提交互联网部"),
        ("提交省级", "审核不通过", "省级退回"),
        ("省级退回", "退回区县", "市级退回"),
        ("市级退回", "重新生成申请单", "新建"),
    ],
    "city_termination": [
        ("新建", "提交审核", "市级审核中"),
        ("市级审核中", "回传单校验通过", "提交省级"),
        ("提交省级", "审核通过", "提交互联网部"),
        ("提交省级", "审核不通过", "省级退回"),
        ("省级退回", "重新生成申请单", "新建"),
    ],
}
# What the manual leaves open and the system adds: corrections, giving up, the carrier's answers.
ADDED = {
    "修改申请单",
    "申请单无法出具",
    "审核回传单",
    "删除卡片",
    "删除不能销卡的卡片",
    "作废",
    "登记销卡结果",
    "销卡完成",
    "重新办理销卡",
}
FACTS = {"issued": "yes", "settled": "yes", "filled": "yes", "refused": "yes", "terminated": "yes"}


@pytest.mark.req("WFL-02")
@pytest.mark.parametrize("kind", sorted(MANUAL))
def test_a_form_goes_the_manuals_way_and_no_other(kind: str):
    lifecycle = LIFECYCLES[kind]
    told = {
        (FORM_STATES[source].zh, FORM_ACTIONS[row.action].zh, FORM_STATES[row.target].zh)
        for row in lifecycle.transitions
        for source in row.sources
    }

    assert {step for step in told if step[1] not in ADDED} == set(MANUAL[kind])


@pytest.mark.req("WFL-02")
@pytest.mark.parametrize("kind", sorted(LIFECYCLES))
def test_out_of_order_nothing_happens(kind: str):
    lifecycle = LIFECYCLES[kind]
    for row in lifecycle.transitions:
        for state in lifecycle.states - row.sources:
            with pytest.raises(DomainError):
                lifecycle.next_state(state, row.action, FACTS)


def test_contract_and_table_name_the_same_states_and_kinds():
    assert set(get_args(forms.FormState)) == {str(state) for state in FormState}
    assert set(get_args(forms.FormKind)) == {str(kind) for kind in FormKind} == set(FORM_KINDS)


def test_every_state_and_action_has_the_name_that_users_see():
    assert set(FORM_STATES) == set(FormState)
    assert set(FORM_ACTIONS) == set(FormAction)
    assert all(step.message in MESSAGES for steps in STEPS.values() for step in steps.values())


@pytest.mark.req("WFL-01")
def test_whoever_judges_stands_above_whoever_drafted():
    for steps in STEPS.values():
        own = steps[FormAction.GENERATE].level
        for action, step in steps.items():
            if step.decides:
                assert own is not None, action
                assert step.level is not None, action
                assert step.level < own, action


def test_conditions_of_the_tables_are_catalogued_refusals():
    codes = {need.code for lifecycle in LIFECYCLES.values() for row in lifecycle.transitions for need in row.requires}

    assert codes <= CATALOGUE.keys()


def test_every_reviewing_state_can_be_left_when_the_form_cannot_be_printed():
    for kind, lifecycle in LIFECYCLES.items():
        for state in REVIEWING & set(map(FormState, lifecycle.states)):
            assert FormAction.RETURN_UNISSUED in lifecycle.actions_from(state), (kind, state)


def test_the_service_itself_takes_no_step_with_a_button():
    buttons = {action for steps in STEPS.values() for action, step in steps.items() if step.level is None}

    assert buttons == {FormAction.PASS_SIGNED_FORM, FormAction.RETURN_UNISSUED, FormAction.COMPLETE}
    assert {FormState.COMPLETED, FormState.DISSOLVED} == CLOSED


@pytest.mark.parametrize(
    ("kind", "action", "level"),
    [
        ("county_termination", "submit_to_province", Level.CITY),
        ("county_termination", "approve", Level.PROVINCE),
        ("county_termination", "submit_for_review", Level.COUNTY),
        ("city_opening", "send_back", Level.PROVINCE),
        ("city_opening", "submit_to_province", Level.CITY),
    ],
)
def test_the_right_level_takes_the_step(kind: str, action: str, level: Level):
    assert STEPS[kind][FormAction(action)].level == level
