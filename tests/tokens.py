"""Tokens as correspondents make them: the gateway's, and those of stations that have a key pair of their own."""

import base64
import secrets
import time
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization

from kernel.chassis.bus.identity import BoundCall, seal_call
from kernel.chassis.process.settings import call_key
from kernel.model.actor import Actor

CALL_SECRET = secrets.token_urlsafe(48)
"""Of the gateway that the tests are; the services that they start believe it."""


def key_of(service: str, secret: str = CALL_SECRET) -> str:
    """SIMKEEP_CALL_KEY of that service."""
    return call_key(secret, service)


def sealed(actor: Actor, call: BoundCall, secret: str = CALL_SECRET, ttl_seconds: float = 60) -> str:
    """The gateway's token for this call."""
    return seal_call(actor, call, key_of(call.method.partition(".")[0], secret), ttl_seconds)


def signed(actor: Actor, call: BoundCall, private_key: str, issuer: str, ttl_seconds: float = 60) -> str:
    """A station's."""
    key: Any = serialization.load_pem_private_key(base64.b64decode(private_key), password=None)
    claims = {
        "iss": issuer, "sub": actor.id, "name": actor.name, "unit": actor.unit,
        "permissions": sorted(actor.permissions), "exp": time.time() + ttl_seconds, "call": call.digest(),
    }  # fmt: skip
    return jwt.encode(claims, key, algorithm="EdDSA")
