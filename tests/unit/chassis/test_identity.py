"""Who asks for a call is what an issuer signed for that call, and nobody else."""

import base64
import dataclasses
import json
import time

import jwt
import pytest

from kernel.chassis.bus.identity import BoundCall, CallVerifier, Issuer, Issuers, key_pair, sign_call
from kernel.model.actor import Actor
from kernel.model.errors import DomainError

PRIVATE, PUBLIC = key_pair()
STATIONS, STATIONS_PUBLIC = key_pair()
ACTOR = Actor("u1", "张三", "990101", frozenset({"card.view", "card.issue"}))
CALL = BoundCall("inventory.issue_cards", b'{"args": [{}]}', "call-1", "reply.gateway.1", "command-1", "click-1", "zh")
STATION = Issuer("station", STATIONS_PUBLIC, frozenset({"traffic.report"}), ("9901",))
REPORT = dataclasses.replace(CALL, method="traffic.report", reply_to="reply.station.1")


@pytest.fixture
def verifier() -> CallVerifier:
    return CallVerifier(PUBLIC, {"station": STATION}.get)


def signed(actor: Actor = ACTOR, call: BoundCall = CALL, key: str = PRIVATE, ttl: float = 30, **more: str) -> str:
    return sign_call(actor, call, key, ttl, **more)


@pytest.mark.req("GTW-02")
def test_a_signed_actor_comes_back_as_he_was(verifier):
    assert verifier.verify(signed(), CALL, "gateway", "card.issue") == ACTOR


@pytest.mark.req("GTW-07")
@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(BoundCall)])
def test_a_token_serves_no_call_that_differs_in_anything(verifier, field):
    other = b"{}" if field == "body" else "other"

    with pytest.raises(DomainError) as refused:
        verifier.verify(signed(), dataclasses.replace(CALL, **{field: other}), "gateway", None)

    assert refused.value.code == "actor_missing"


def unsigned() -> str:
    def part(value: dict) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part({'alg': 'none'})}.{part(claims())}."


def claims() -> dict:
    return {
        "iss": "gateway", "sub": "u1", "unit": "99", "permissions": [], "exp": time.time() + 30, "call": CALL.digest(),
    }  # fmt: skip


@pytest.mark.req("GTW-02")
@pytest.mark.parametrize(
    "token",
    [
        None,
        "",
        "nonsense",
        signed(key=key_pair()[0]),
        signed(ttl=-1),
        signed(ttl=3600),
        signed(issuer="station"),
        unsigned(),
        jwt.encode(claims(), PUBLIC, algorithm="HS256"),
    ],
    ids=["none", "empty", "nonsense", "other key", "expired", "long life", "other issuer", "unsigned", "HMAC"],
)
def test_anything_else_is_nobody(verifier, token):
    with pytest.raises(DomainError) as refused:
        verifier.verify(token, CALL, "gateway", None)

    assert refused.value.code == "actor_missing"


@pytest.mark.req("GTW-07")
@pytest.mark.parametrize("sender", [None, "", "inventory", "simkeep", "station"])
def test_the_gateways_token_counts_only_from_the_gateways_account(verifier, sender):
    with pytest.raises(DomainError) as refused:
        verifier.verify(signed(), CALL, sender, None)

    assert refused.value.code == "actor_missing"


@pytest.mark.req("GTW-06", "GTW-07")
def test_another_issuer_lends_what_his_method_needs_and_no_more(verifier):
    greedy = Actor("clerk7", "采集主站", "990102", frozenset({"people.manage"}))
    token = signed(greedy, REPORT, STATIONS, issuer="station")

    actor = verifier.verify(token, REPORT, "station", "usage.report")

    assert actor == Actor("station:clerk7", "采集主站", "990102", frozenset({"usage.report"}))


@pytest.mark.req("GTW-06", "GTW-07")
@pytest.mark.parametrize(
    ("actor", "call", "code"),
    [
        (ACTOR, dataclasses.replace(REPORT, method="inventory.issue_cards"), "permission_denied"),
        (dataclasses.replace(ACTOR, unit="9902"), REPORT, "unit_out_of_scope"),
        (dataclasses.replace(ACTOR, unit="99"), REPORT, "unit_out_of_scope"),
    ],
    ids=["another method", "another city", "the province"],
)
def test_another_issuer_is_held_to_his_methods_and_units(verifier, actor, call, code):
    with pytest.raises(DomainError) as refused:
        verifier.verify(signed(actor, call, STATIONS, issuer="station"), call, "station", None)

    assert refused.value.code == code


@pytest.mark.req("GTW-07")
def test_an_issuers_key_makes_no_actor_of_the_gateways(verifier):
    with pytest.raises(DomainError) as refused:
        verifier.verify(signed(key=STATIONS), CALL, "gateway", None)

    assert refused.value.code == "actor_missing"


@pytest.mark.req("GTW-06")
def test_a_revoked_issuer_is_nobody_within_seconds(monkeypatch):
    monkeypatch.setattr(Issuers, "TTL_SECONDS", 0.05)
    admitted = [STATION]
    verifier = CallVerifier(PUBLIC, Issuers(lambda: list(admitted)).named)
    token = signed(dataclasses.replace(ACTOR, unit="9901"), REPORT, STATIONS, issuer="station")
    verifier.verify(token, REPORT, "station", None)

    admitted.clear()
    time.sleep(0.1)

    with pytest.raises(DomainError):
        verifier.verify(token, REPORT, "station", None)
