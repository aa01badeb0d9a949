"""The actor of a call: an issuer says who asks for one call, and services check that he said it (GTW-02, GTW-07).

A token is a JWT. It serves one call: ``call`` is the digest of everything that the call is (``BoundCall``), so nobody
who overhears it can ask anything else, or have the answer sent elsewhere. It ends with the call's deadline. The same
call sent again within that time finds its receipt when it is a command.

The gateway is one issuer. It seals (HS256) with a key that it shares with the one service that it asks: whoever learns
a service's key can ask that service and no other, and still needs the gateway's account. The others sign (Ed25519) and
stand in the service's table ``issuers``, each with his public key and the methods and units that he may use; what he
holds as permissions is not his own to say. The broker vouches for the account that a request came from (``user_id``),
and it must be the issuer's; it alone decides which of the two ways is believed. Why so: docs/adr/0014 and 0016.

Claims: iss, sub, name, unit, permissions, exp, call.
"""

import base64
import hashlib
import hmac
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from kernel.chassis.process.settings import IdentitySettings
from kernel.contracts import topology
from kernel.model.actor import Actor
from kernel.model.errors import DomainError

_SEALED, _SIGNED = "HS256", "EdDSA"
MAX_LIFE_SECONDS = 120.0
"""A token that says to live longer is refused, whoever signed it."""


@dataclass(frozen=True, slots=True)
class BoundCall:
    """All of a call that decides what is done, and who hears of it. ``method``: its routing key."""

    method: str
    body: bytes
    call_id: str
    reply_to: str
    command_id: str = ""
    correlation_id: str = ""
    language: str = ""

    def digest(self) -> str:
        parts = (self.method, self.call_id, self.reply_to, self.command_id, self.correlation_id, self.language)
        head = orjson.dumps((*parts, hashlib.sha256(self.body).hexdigest()))
        return hashlib.sha256(head).hexdigest()


@dataclass(frozen=True, slots=True)
class Issuer:
    """Somebody other than the gateway who signs actors. ``methods``: routing keys; ``units``: with all below them."""

    name: str
    public_key: str
    methods: frozenset[str]
    units: tuple[str, ...]

    def admit(self, actor: Actor, method: str, permission: str | None) -> Actor:
        """The actor with what this issuer may lend him. DomainError permission_denied or unit_out_of_scope."""
        if method not in self.methods:
            raise DomainError("permission_denied", permission=method)
        if not any(actor.unit.startswith(unit) for unit in self.units):
            raise DomainError("unit_out_of_scope", field="actor", unit=actor.unit, own_unit="、".join(self.units))
        lent = frozenset() if permission is None else frozenset({permission})
        return Actor(f"{self.name}:{actor.id}", actor.name, actor.unit, lent)


def key_pair() -> tuple[str, str]:
    """A new (private, public) pair for an issuer, each as PEM in base64 on one line."""
    private = Ed25519PrivateKey.generate()
    private_pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public_pem = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return base64.b64encode(private_pem).decode(), base64.b64encode(public_pem).decode()


@lru_cache(maxsize=64)
def public_key(encoded: str) -> Ed25519PublicKey:
    """Of PEM in base64. RuntimeError when it is none."""
    try:
        key = serialization.load_pem_public_key(base64.b64decode(encoded))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise RuntimeError("an actor's public key is no PEM in base64") from error
    if not isinstance(key, Ed25519PublicKey):
        raise RuntimeError("an actor's public key is not an Ed25519 key")
    return key


def seal_call(actor: Actor, call: BoundCall, key: str, ttl_seconds: float) -> str:
    """The gateway's token for the header ``nameko.actor`` of this one call. ``key``: of the service that is asked;
    ``ttl_seconds``: until the call's deadline."""
    claims = {**_claims(actor), "exp": time.time() + ttl_seconds, "call": call.digest()}
    sealed = _HEAD + base64.urlsafe_b64encode(orjson.dumps(claims)).rstrip(b"=")
    return (sealed + b"." + base64.urlsafe_b64encode(_mac(key, sealed)).rstrip(b"=")).decode()


_HEAD = base64.urlsafe_b64encode(orjson.dumps({"alg": _SEALED, "typ": "JWT"})).rstrip(b"=") + b"."


def _mac(key: str, sealed: bytes) -> bytes:
    return hmac.digest(key.encode(), sealed, "sha256")


@lru_cache(maxsize=4096)
def _claims(actor: Actor) -> dict[str, Any]:
    return {
        "iss": topology.GATEWAY,
        "sub": actor.id,
        "name": actor.name,
        "unit": actor.unit,
        "permissions": sorted(actor.permissions),
    }


class CallVerifier:
    """Checks that an issuer asked for exactly this call. ``key``: this service's, of the gateway's calls;
    ``issuer_named`` finds the other issuers."""

    def __init__(self, key: str, issuer_named: Callable[[str], Issuer | None]) -> None:
        self._key = key
        self._issuer_named = issuer_named

    def verify(self, token: str | None, call: BoundCall, sender: str | None, permission: str | None) -> Actor:
        """The actor. DomainError actor_missing unless ``sender``, for whom the broker vouches, asked for this call.

        An issuer's actor holds ``permission``, the method's own, when the issuer may use the method; the gateway's
        holds what the gateway says.
        """
        if not token or not sender:
            raise DomainError("actor_missing")
        if sender == topology.GATEWAY:
            return self._believe(token, call, sender, self._sealed)
        issuer = self._issuer_named(sender)
        if issuer is None:
            raise DomainError("actor_missing")
        key = public_key(issuer.public_key)
        actor = self._believe(token, call, sender, lambda parts: _require_signed(parts, key))
        return issuer.admit(actor, call.method, permission)

    def _sealed(self, parts: "_Parts") -> None:
        if parts.algorithm != _SEALED or not hmac.compare_digest(_mac(self._key, parts.said), parts.proof):
            raise InvalidSignature

    @staticmethod
    def _believe(token: str, call: BoundCall, issuer: str, require_proof: Callable[["_Parts"], None]) -> Actor:
        try:
            parts = _Parts.of(token)
            require_proof(parts)
            claims = parts.claims()
            now, expires = time.time(), float(claims["exp"])
            if claims["iss"] != issuer or claims["call"] != call.digest() or not now < expires < now + MAX_LIFE_SECONDS:
                raise DomainError("actor_missing")
            permissions = frozenset(str(one) for one in claims["permissions"])
            return Actor(str(claims["sub"]), str(claims.get("name", "")), str(claims["unit"]), permissions)
        except (InvalidSignature, KeyError, TypeError, ValueError) as error:
            raise DomainError("actor_missing") from error


class _Parts(NamedTuple):
    """A JWT in compact form, not yet believed. Every call comes through here, so it does what PyJWT's decode does for
    these two algorithms, in two thirds of its time."""

    algorithm: str | None
    said: bytes
    payload: bytes
    proof: bytes

    @classmethod
    def of(cls, token: str) -> "_Parts":
        said, _, proof = token.encode().rpartition(b".")
        head, _, payload = said.partition(b".")
        return cls(_algorithm(head), said, payload, base64.urlsafe_b64decode(proof + b"=="))

    def claims(self) -> dict[str, Any]:
        claims = orjson.loads(base64.urlsafe_b64decode(self.payload + b"=="))
        if not isinstance(claims, dict):
            raise TypeError("no claims")
        return claims


def _require_signed(parts: _Parts, key: Ed25519PublicKey) -> None:
    if parts.algorithm != _SIGNED:
        raise InvalidSignature
    key.verify(parts.proof, parts.said)


@lru_cache(maxsize=64)
def _algorithm(head: bytes) -> str | None:
    """What a token's head names; None when there is something in it that we do not know."""
    header = orjson.loads(base64.urlsafe_b64decode(head + b"=="))
    return str(header.get("alg")) if isinstance(header, dict) and "crit" not in header else None


class Issuers:
    """A service's other issuers, read again after TTL_SECONDS: so soon a revocation is obeyed everywhere.

    For a name that is not among them they are read again at once, but not more often than every MISSED_SECONDS: who
    was added a moment ago is not turned away.
    """

    TTL_SECONDS = 2.0
    MISSED_SECONDS = 0.1

    def __init__(self, read: Callable[[], list[Issuer]]) -> None:
        self._read = read
        self._known: dict[str, Issuer] = {}
        self._read_at = -math.inf

    def named(self, name: str) -> Issuer | None:
        """None for a name that is not, or no longer, admitted."""
        now, wait = time.monotonic(), self.TTL_SECONDS if name in self._known else self.MISSED_SECONDS
        if now >= self._read_at + wait:
            self._known = {issuer.name: issuer for issuer in self._read()}
            self._read_at = time.monotonic()
        return self._known.get(name)


def call_verifier(read_issuers: Callable[[], list[Issuer]]) -> CallVerifier:
    """A service's verifier, with SIMKEEP_CALL_KEY for the gateway's calls. RuntimeError when it is not set."""
    key = IdentitySettings().call_key
    if key is None:
        raise RuntimeError("set SIMKEEP_CALL_KEY")
    return CallVerifier(key.get_secret_value(), Issuers(read_issuers).named)
