"""The signed actor: an issuer says who asks for one call, and services check that he said it (GTW-02, GTW-07).

A token is an Ed25519 JWT. It serves one call: ``call`` is the digest of everything that the call is (``BoundCall``),
so nobody who overhears it can ask anything else, or have the answer sent elsewhere. It ends with the call's deadline.
The same call sent again within that time finds its receipt when it is a command.

The gateway is one issuer; its public key is a setting. The others stand in the service's table ``issuers``, each with
the methods and units that it may use; what it holds as permissions is not its own to say. The broker vouches for the
account that a request came from (``user_id``), and it must be the issuer's. Why so: docs/adr/0014.

Claims: iss, sub, name, unit, permissions, exp, call.
"""

import base64
import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jwt
import orjson
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from kernel.chassis.process.settings import IdentitySettings
from kernel.contracts import topology
from kernel.model.actor import Actor
from kernel.model.errors import DomainError

_ALGORITHM = "EdDSA"
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


def sign_call(
    actor: Actor, call: BoundCall, private_key: str, ttl_seconds: float, issuer: str = topology.GATEWAY
) -> str:
    """Token for the header ``nameko.actor`` of this one call. ``ttl_seconds``: until its deadline."""
    claims = {**_claims(actor), "iss": issuer, "exp": time.time() + ttl_seconds, "call": call.digest()}
    return jwt.encode(claims, _private(private_key), algorithm=_ALGORITHM)


@lru_cache(maxsize=4096)
def _claims(actor: Actor) -> dict[str, Any]:
    return {"sub": actor.id, "name": actor.name, "unit": actor.unit, "permissions": sorted(actor.permissions)}


class CallVerifier:
    """Checks that an issuer asked for exactly this call. ``issuer_named`` finds those other than the gateway."""

    def __init__(self, gateways_key: str, issuer_named: Callable[[str], Issuer | None]) -> None:
        self._gateways_key = public_key(gateways_key)
        self._issuer_named = issuer_named

    def verify(self, token: str | None, call: BoundCall, sender: str | None, permission: str | None) -> Actor:
        """The actor. DomainError actor_missing unless ``sender``, for whom the broker vouches, signed this call.

        An issuer's actor holds ``permission``, the method's own, when the issuer may use the method; the gateway's
        holds what the gateway says.
        """
        if not token or not sender:
            raise DomainError("actor_missing")
        if sender == topology.GATEWAY:
            return self._decode(token, call, sender, self._gateways_key)
        issuer = self._issuer_named(sender)
        if issuer is None:
            raise DomainError("actor_missing")
        actor = self._decode(token, call, sender, public_key(issuer.public_key))
        return issuer.admit(actor, call.method, permission)

    @staticmethod
    def _decode(token: str, call: BoundCall, issuer: str, key: Ed25519PublicKey) -> Actor:
        try:
            claims = _signed_claims(token, key)
            now, expires = time.time(), float(claims["exp"])
            if claims["iss"] != issuer or claims["call"] != call.digest() or not now < expires < now + MAX_LIFE_SECONDS:
                raise DomainError("actor_missing")
            permissions = frozenset(str(one) for one in claims["permissions"])
            return Actor(str(claims["sub"]), str(claims.get("name", "")), str(claims["unit"]), permissions)
        except (InvalidSignature, KeyError, TypeError, ValueError) as error:
            raise DomainError("actor_missing") from error


def _signed_claims(token: str, key: Ed25519PublicKey) -> dict[str, Any]:
    """What a JWT in compact form says, after its signature was found good. Every call comes through here, so it does
    what PyJWT's decode does for this one algorithm, in two thirds of its time."""
    signed, _, signature = token.encode().rpartition(b".")
    head, _, payload = signed.partition(b".")
    if not _names_our_algorithm(head):
        raise ValueError("another algorithm")
    key.verify(base64.urlsafe_b64decode(signature + b"=="), signed)
    claims = orjson.loads(base64.urlsafe_b64decode(payload + b"=="))
    if not isinstance(claims, dict):
        raise TypeError("no claims")
    return claims


@lru_cache(maxsize=64)
def _names_our_algorithm(head: bytes) -> bool:
    header = orjson.loads(base64.urlsafe_b64decode(head + b"=="))
    return isinstance(header, dict) and header.get("alg") == _ALGORITHM and "crit" not in header


class Issuers:
    """A service's other issuers, read again after ``ttl_seconds``: so soon a command is obeyed everywhere."""

    TTL_SECONDS = 2.0

    def __init__(self, read: Callable[[], list[Issuer]]) -> None:
        self._read = read
        self._known: dict[str, Issuer] = {}
        self._until = 0.0

    def named(self, name: str) -> Issuer | None:
        """None for a name that is not, or no longer, admitted."""
        if self._until < time.monotonic():
            self._known = {issuer.name: issuer for issuer in self._read()}
            self._until = time.monotonic() + self.TTL_SECONDS
        return self._known.get(name)


def call_verifier(read_issuers: Callable[[], list[Issuer]]) -> CallVerifier:
    """A process' verifier, with SIMKEEP_ACTOR_PUBLIC_KEY as the gateway's key. RuntimeError when it is not set."""
    key = IdentitySettings().actor_public_key
    if not key:
        raise RuntimeError("set SIMKEEP_ACTOR_PUBLIC_KEY")
    return CallVerifier(key, Issuers(read_issuers).named)
