"""Who asks for a call is what an issuer signed for that call, and nobody else."""

import base64
import dataclasses
import hmac
import json
import time

import jwt
import pytest

from kernel.chassis.bus.identity import BoundCall, CallVerifier, Issuer, Issuers, key_pair
from kernel.contracts import topology
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from tests import tokens
from tests.tokens import key_of, sealed

KEY = key_of("inventory")
STATIONS, STATIONS_PUBLIC = key_pair()
ACTOR = Actor("u1", "张三", "990101", frozenset({"card.view", "card.issue"}))
CALL = BoundCall("inventory.issue_cards", b'{"args": [{}]}', "call-1", "reply.gateway.1", "command-1", "click-1", "zh")
STATION = Issuer("station", STATIONS_PUBLIC, frozenset({"traffic.report"}), ("9901",))
REPORT = dataclasses.replace(CALL, method="traffic.report", reply_to="reply.station.1")


@pytest.fixture
def verifier() -> CallVerifier:
    return CallVerifier(KEY, {"station": STATION}.get)


def signed(actor: Actor = ACTOR, call: BoundCall = CALL, key: str = STATIONS, issuer: str = "station") -> str:
    return tokens.signed(actor, call, key, issuer)


@pytest.mark.req("GTW-02")
def test_a_sealed_actor_comes_back_as_he_was(verifier):
    assert verifier.verify(sealed(ACTOR, CALL), CALL, "gateway", "card.issue") == ACTOR


@pytest.mark.req("GTW-07")
@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(BoundCall)])
def test_a_token_serves_no_call_that_differs_in_anything(verifier, field):
    other = b"{}" if field == "body" else "other"

    with pytest.raises(DomainError) as refused:
        verifier.verify(sealed(ACTOR, CALL), dataclasses.replace(CALL, **{field: other}), "gateway", None)

    assert refused.value.code == "actor_missing"


def part(value: dict) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def unsigned() -> str:
    return f"{part({'alg': 'none'})}.{part(claims())}."


def claims(**more: object) -> dict:
    known = {
        "iss": "gateway", "sub": "u1", "unit": "99", "permissions": [], "exp": time.time() + 30, "call": CALL.digest(),
    }  # fmt: skip
    return known | more


def by_any_library(key: str = KEY, algorithm: str = "HS256", headers: dict | None = None, **more: object) -> str:
    return jwt.encode(claims(**more), key, algorithm=algorithm, headers=headers)


@pytest.mark.req("GTW-07")
def test_a_token_is_a_plain_jwt(verifier):
    assert verifier.verify(by_any_library(), CALL, "gateway", None).id == "u1"
    assert jwt.decode(sealed(ACTOR, CALL), KEY, algorithms=["HS256"])["call"] == CALL.digest()


@pytest.mark.req("GTW-02")
@pytest.mark.parametrize(
    "token",
    [
        None,
        "",
        "nonsense",
        sealed(ACTOR, CALL, "a secret of somebody else's"),
        sealed(ACTOR, CALL, ttl_seconds=-1),
        sealed(ACTOR, CALL, ttl_seconds=3600),
        by_any_library(iss="station"),
        unsigned(),
        sealed(ACTOR, CALL).rpartition(".")[0] + ".",
        sealed(ACTOR, CALL)[:-4],
        by_any_library(algorithm="HS512"),
        by_any_library(headers={"crit": ["exp"]}),
        signed(issuer="gateway"),
        jwt.encode(claims(), STATIONS_PUBLIC, algorithm="HS256"),
    ],
    ids=[
        "none", "empty", "nonsense", "other key", "expired", "long life", "other issuer", "unsigned", "no seal",
        "cut seal", "other algorithm", "unknown demand", "a signature", "a public key as secret",
    ],
)  # fmt: skip
def test_anything_else_is_nobody(verifier, token):
    with pytest.raises(DomainError) as refused:
        verifier.verify(token, CALL, "gateway", None)

    assert refused.value.code == "actor_missing"


@pytest.mark.req("GTW-07")
@pytest.mark.parametrize("sender", [None, "", "inventory", "simkeep", "station"])
def test_the_gateways_token_counts_only_from_the_gateways_account(verifier, sender):
    with pytest.raises(DomainError) as refused:
        verifier.verify(sealed(ACTOR, CALL), CALL, sender, None)

    assert refused.value.code == "actor_missing"


@pytest.mark.req("GTW-06", "GTW-07")
def test_another_issuer_lends_what_his_method_needs_and_no_more(verifier):
    greedy = Actor("clerk7", "采集主站", "990102", frozenset({"people.manage"}))
    token = signed(greedy, REPORT)

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
        verifier.verify(signed(actor, call), call, "station", None)

    assert refused.value.code == code


@pytest.mark.req("GTW-07")
def test_an_issuers_key_makes_no_actor_of_the_gateways(verifier):
    with pytest.raises(DomainError) as refused:
        verifier.verify(signed(issuer="gateway"), CALL, "gateway", None)

    assert refused.value.code == "actor_missing"


@pytest.mark.req("GTW-07")
@pytest.mark.parametrize("service", [name for name in topology.SERVICES if name != "inventory"])
def test_what_one_service_can_seal_no_other_believes(verifier, service):
    forged = by_any_library(key=key_of(service))

    with pytest.raises(DomainError) as refused:
        verifier.verify(forged, CALL, "gateway", None)

    assert refused.value.code == "actor_missing"


@pytest.mark.req("GTW-06", "GTW-07")
@pytest.mark.parametrize(
    "key",
    [KEY, STATIONS_PUBLIC, base64.b64decode(STATIONS_PUBLIC).decode().strip()],
    ids=["seal", "public key", "PEM"],
)
def test_an_issuer_signs_and_no_seal_speaks_for_him(verifier, key):
    with pytest.raises(DomainError) as refused:
        verifier.verify(unlike_pyjwt(key), REPORT, "station", None)

    assert refused.value.code == "actor_missing"


def unlike_pyjwt(key: str) -> str:
    """HS256 by a key that PyJWT would not take as a secret."""
    call = {"iss": "station", "unit": "9901", "call": REPORT.digest()}
    said = f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part(claims(**call))}"
    return (
        f"{said}.{base64.urlsafe_b64encode(hmac.digest(key.encode(), said.encode(), 'sha256')).rstrip(b'=').decode()}"
    )


@pytest.mark.req("GTW-06")
def test_an_issuer_is_known_as_soon_as_he_was_added_and_strangers_cost_few_readings(monkeypatch):
    monkeypatch.setattr(Issuers, "TTL_SECONDS", 1000)
    admitted: list[Issuer] = []
    read: list[int] = []
    issuers = Issuers(lambda: (read.append(1), list(admitted))[1])
    for _ in range(100):
        assert issuers.named("station") is None
    assert len(read) < 20

    admitted.append(STATION)
    time.sleep(2 * Issuers.MISSED_SECONDS)

    assert issuers.named("station") == STATION


@pytest.mark.req("GTW-06")
def test_a_revoked_issuer_is_nobody_within_seconds(monkeypatch):
    monkeypatch.setattr(Issuers, "TTL_SECONDS", 0.05)
    admitted = [STATION]
    verifier = CallVerifier(KEY, Issuers(lambda: list(admitted)).named)
    token = signed(dataclasses.replace(ACTOR, unit="9901"), REPORT)
    verifier.verify(token, REPORT, "station", None)

    admitted.clear()
    time.sleep(0.1)

    with pytest.raises(DomainError):
        verifier.verify(token, REPORT, "station", None)
