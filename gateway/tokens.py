"""Access tokens (HS256, minutes), refresh tokens and API keys (random, stored hashed)."""

import hashlib
import secrets
import time
from dataclasses import dataclass
from uuid import UUID

import jwt

from kernel.model.errors import DomainError

ISSUER = "simkeep"
_ALGORITHM = "HS256"
MIN_SECRET_BYTES = 32

API_KEY_MARK = "sk_"
_API_KEY_PREFIX_LENGTH = 8


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """``version``: the person's token version when issued."""

    login: str
    session: UUID
    version: int


class AccessTokens:
    """Signs and checks the gateway's own access tokens."""

    def __init__(self, secret: str, ttl_seconds: int) -> None:
        if len(secret.encode()) < MIN_SECRET_BYTES:
            raise RuntimeError(f"SIMKEEP_TOKEN_SECRET must have at least {MIN_SECRET_BYTES} bytes")
        self._secret = secret
        self.ttl_seconds = ttl_seconds

    def issue(self, login: str, session: str, version: int) -> str:
        now = int(time.time())
        claims = {
            "iss": ISSUER, "sub": login, "sid": session, "ver": version, "iat": now, "exp": now + self.ttl_seconds,
        }  # fmt: skip
        return jwt.encode(claims, self._secret, algorithm=_ALGORITHM)

    def read(self, token: str) -> AccessClaims:
        """Claims of a token that is ours and has not expired; DomainError session_ended otherwise."""
        try:
            claims = jwt.decode(
                token, self._secret, algorithms=[_ALGORITHM], issuer=ISSUER,
                options={"require": ["exp", "sub", "sid", "ver"]},
            )  # fmt: skip
            return AccessClaims(str(claims["sub"]), UUID(claims["sid"]), int(claims["ver"]))
        except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError) as error:
            raise DomainError("session_ended") from error


def sha256(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def new_refresh_token() -> str:
    return secrets.token_urlsafe(32)


def new_api_key() -> tuple[str, str]:
    """(prefix to show and look up by, the whole key to hand out once)."""
    prefix = secrets.token_hex(_API_KEY_PREFIX_LENGTH // 2)
    return prefix, f"{API_KEY_MARK}{prefix}_{secrets.token_urlsafe(32)}"


def api_key_prefix(key: str) -> str | None:
    """Prefix of what looks like an API key, else None."""
    if not key.startswith(API_KEY_MARK):
        return None
    prefix, separator, secret = key[len(API_KEY_MARK) :].partition("_")
    return prefix if separator and secret and len(prefix) == _API_KEY_PREFIX_LENGTH else None
