"""Who acts is what the gateway signed, and nobody else."""

import base64
import json
import time

import jwt
import pytest

from kernel.chassis.bus.identity import ActorVerifier, key_pair, sign_actor
from kernel.model.actor import Actor
from kernel.model.errors import DomainError

PRIVATE, PUBLIC = key_pair()
ACTOR = Actor("u1", "张三", "990101", frozenset({"card.view", "card.issue"}))


@pytest.fixture
def verifier() -> ActorVerifier:
    return ActorVerifier(PUBLIC)


@pytest.mark.req("GTW-02")
def test_a_signed_actor_comes_back_as_he_was(verifier):
    token = sign_actor(ACTOR, PRIVATE)

    assert verifier.verify(token) == ACTOR
    assert verifier.verify(token) == ACTOR


def unsigned() -> str:
    def part(value: dict) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    claims = {"sub": "u1", "unit": "99", "permissions": [], "exp": time.time() + 60}
    return f"{part({'alg': 'none'})}.{part(claims)}."


@pytest.mark.req("GTW-02")
@pytest.mark.parametrize(
    "token",
    [
        None,
        "",
        "nonsense",
        sign_actor(ACTOR, key_pair()[0]),
        sign_actor(ACTOR, PRIVATE, ttl_seconds=-1),
        unsigned(),
        jwt.encode({"sub": "u1", "unit": "99", "permissions": [], "exp": 4e9}, PUBLIC, algorithm="HS256"),
    ],
    ids=["none", "empty", "nonsense", "other key", "expired", "unsigned", "public key as secret"],
)
def test_anything_else_is_nobody(verifier, token):
    with pytest.raises(DomainError) as refused:
        verifier.verify(token)

    assert refused.value.code == "actor_missing"


def test_a_token_that_was_good_expires_although_it_is_remembered(verifier):
    token = sign_actor(ACTOR, PRIVATE, ttl_seconds=1.5)
    verifier.verify(token)
    time.sleep(1.6)

    with pytest.raises(DomainError):
        verifier.verify(token)


def test_many_tokens_do_not_fill_the_memory(verifier):
    verifier._seen.update({str(n): (ACTOR, 4e9) for n in range(5000)})

    verifier.verify(sign_actor(ACTOR, PRIVATE))

    assert len(verifier._seen) <= 5001
