"""The signed actor: the gateway says who acts, services check that the gateway said it (GTW-02).

Ed25519 JWT with a short life. Claims: sub, name, unit, permissions, exp.
"""

import base64
import time
from collections import OrderedDict
from functools import lru_cache
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from kernel.chassis.process.settings import IdentitySettings
from kernel.model.actor import Actor
from kernel.model.errors import DomainError

_ALGORITHM = "EdDSA"
_CACHE_SIZE = 4096


def key_pair() -> tuple[str, str]:
    """A new (private, public) pair in the form of SIMKEEP_ACTOR_PRIVATE_KEY and SIMKEEP_ACTOR_PUBLIC_KEY."""
    private = Ed25519PrivateKey.generate()
    private_pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public_pem = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return base64.b64encode(private_pem).decode(), base64.b64encode(public_pem).decode()


@lru_cache(maxsize=8)
def _private(encoded: str) -> Ed25519PrivateKey:
    key = serialization.load_pem_private_key(base64.b64decode(encoded), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise RuntimeError("SIMKEEP_ACTOR_PRIVATE_KEY is not an Ed25519 key")
    return key


def _public(encoded: str) -> Ed25519PublicKey:
    key = serialization.load_pem_public_key(base64.b64decode(encoded))
    if not isinstance(key, Ed25519PublicKey):
        raise RuntimeError("SIMKEEP_ACTOR_PUBLIC_KEY is not an Ed25519 key")
    return key


def sign_actor(actor: Actor, private_key: str | None = None, ttl_seconds: float = 60) -> str:
    """Token of ``actor`` for the header ``nameko.actor``. ``private_key`` defaults to the setting.

    ``ttl_seconds``: as long as a request may wait in a queue; a job keeps the actor's facts, not the token.
    """
    if private_key is None:
        secret = IdentitySettings().actor_private_key
        if secret is None:
            raise RuntimeError("set SIMKEEP_ACTOR_PRIVATE_KEY")
        private_key = secret.get_secret_value()
    claims: dict[str, Any] = {
        "sub": actor.id,
        "name": actor.name,
        "unit": actor.unit,
        "permissions": sorted(actor.permissions),
        "exp": time.time() + ttl_seconds,
    }
    return jwt.encode(claims, _private(private_key), algorithm=_ALGORITHM)


class ActorVerifier:
    """Checks signatures, remembering the last few thousand good tokens: the check costs more than most queries."""

    def __init__(self, public_key: str) -> None:
        self._key = _public(public_key)
        self._seen: OrderedDict[str, tuple[Actor, float]] = OrderedDict()

    def verify(self, token: str | None) -> Actor:
        """The actor of a token that is ours and not expired; DomainError actor_missing otherwise."""
        if not token:
            raise DomainError("actor_missing")
        known = self._seen.get(token)
        if known is None:
            known = self._decode(token)
            self._seen[token] = known
            if len(self._seen) > _CACHE_SIZE:
                self._seen.popitem(last=False)
        actor, expires = known
        if expires < time.time():
            self._seen.pop(token, None)
            raise DomainError("actor_missing")
        return actor

    def _decode(self, token: str) -> tuple[Actor, float]:
        try:
            claims = jwt.decode(token, self._key, algorithms=[_ALGORITHM], options={"require": ["sub", "exp"]})
            return (
                Actor(
                    id=str(claims["sub"]),
                    name=str(claims.get("name", "")),
                    unit=str(claims["unit"]),
                    permissions=frozenset(claims["permissions"]),
                ),
                float(claims["exp"]),
            )
        except (jwt.InvalidTokenError, KeyError, TypeError, ValueError) as error:
            raise DomainError("actor_missing") from error


@lru_cache(maxsize=1)
def verifier() -> ActorVerifier:
    """The process's verifier, from SIMKEEP_ACTOR_PUBLIC_KEY."""
    key = IdentitySettings().actor_public_key
    if not key:
        raise RuntimeError("set SIMKEEP_ACTOR_PUBLIC_KEY")
    return ActorVerifier(key)


def verify_actor(token: str | None) -> Actor:
    """See ActorVerifier.verify."""
    return verifier().verify(token)
