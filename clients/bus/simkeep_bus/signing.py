"""A token for one call: the broker account's own key says that exactly this is asked, and where the answer goes."""

from __future__ import annotations

import base64
import hashlib
import json
import time

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


class Signer:
    """``private_key``: PEM in base64, as `./simkeep issuer add` prints it. ``person``: who runs the system, for the
    audit log; ``unit``: for whose units it speaks."""

    def __init__(self, account: str, private_key: str, unit: str, person: str) -> None:
        key = serialization.load_pem_private_key(base64.b64decode(private_key), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise ValueError("the private key is not an Ed25519 key")
        self._key = key
        self.account = account
        self._claims = {"sub": person, "name": account, "unit": unit, "permissions": [], "iss": account}

    def token(
        self, method: str, body: bytes, *, call_id: str, reply_to: str, command_id: str, seconds: float
    ) -> str:
        """Good for this call only, and for at most ``seconds`` (120 is the most that is believed)."""
        parts = [method, call_id, reply_to, command_id, call_id, "", hashlib.sha256(body).hexdigest()]
        digest = hashlib.sha256(json.dumps(parts, separators=(",", ":"), ensure_ascii=False).encode()).hexdigest()
        return jwt.encode({**self._claims, "exp": time.time() + seconds, "call": digest}, self._key, algorithm="EdDSA")
