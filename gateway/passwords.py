"""argon2id, off the event loop: a check costs about 50 ms and 64 MiB, so only a few run at once."""

import asyncio
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

MIN_LENGTH = 10
MAX_LENGTH = 200

_hasher = PasswordHasher()
_PARALLEL = asyncio.Semaphore(3)


def hash_now(password: str) -> str:
    """For commands that have no event loop."""
    return _hasher.hash(password)


async def hash_password(password: str) -> str:
    async with _PARALLEL:
        return await asyncio.to_thread(_hasher.hash, password)


async def verify(password_hash: str | None, password: str) -> bool:
    """Takes as long for an unknown login (None) as for a known one, so that the time tells nothing."""
    async with _PARALLEL:
        return await asyncio.to_thread(_verify, password_hash, password)


def _verify(password_hash: str | None, password: str) -> bool:
    try:
        _hasher.verify(password_hash or _dummy_hash(), password)
    except (Argon2Error, InvalidHashError):
        return False
    return password_hash is not None


@lru_cache(maxsize=1)
def _dummy_hash() -> str:
    return _hasher.hash("nobody has this password")


def needs_rehash(password_hash: str) -> bool:
    """True when the library's parameters have become stronger since."""
    return _hasher.check_needs_rehash(password_hash)
