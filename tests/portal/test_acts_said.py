"""The audit log says in words what was done; codes stand beside for who looks for them (GTW-02, GTW-05)."""

import re
from pathlib import Path

import pytest
from fastapi import FastAPI

from deploy.docs import CONTRACTS
from gateway.acts_said import said, summaries
from kernel.contracts.words_people import GATEWAY_ACTS
from tests.portal.test_texts import _CHINESE

pytestmark = pytest.mark.req("GTW-02", "GTW-05")
ROUTERS = Path(__file__).resolve().parents[2] / "gateway" / "routers"
_OWN = re.compile(r'(?:call\.act|call\.note|_note|_note_refused)\((?:request, )?\s*"([a-z_]+\.[a-z_]+)"')


def test_every_command_that_people_can_give_has_a_chinese_name(gateway_app: FastAPI) -> None:
    offered = summaries(gateway_app)
    commands = {
        f"{service}.{method.name}"
        for service, contract in CONTRACTS.items()
        for method in contract.METHODS
        if method.writes and method.name in offered
    }

    assert len(commands) > 60
    assert sorted(act for act in commands if not _CHINESE.search(said(gateway_app, act, "zh"))) == []
    assert sorted(act for act in commands if _CHINESE.search(said(gateway_app, act, "en"))) == []


def test_every_act_of_the_gateway_itself_has_a_word() -> None:
    own = {act for path in ROUTERS.glob("*.py") for act in _OWN.findall(path.read_text("utf-8"))}

    assert len(own) > 5
    assert own - set(GATEWAY_ACTS) == set()
