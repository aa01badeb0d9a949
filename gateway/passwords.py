"""argon2id, off the event loop, in fair turns: a check costs a core for a tenth of a second, so only a few run at once.

One thread per check (``parallelism``): a flood in one lane then takes one core, and leaves the other to everybody else.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from gateway.settings import GatewaySettings
from gateway.turns import LaneFullError, Turns
from gateway.workers import HASHING
from kernel.model.errors import DomainError

MIN_LENGTH = 10
MAX_LENGTH = 200

_AT_ONCE = 2
_WAITING_PER_LANE = 60
_BUSY_RETRY_SECONDS = 5
_SETTING = "setting passwords"

_turns = Turns(_AT_ONCE, _WAITING_PER_LANE)


@cache
def hasher() -> PasswordHasher:
    """Read when the first password comes."""
    return PasswordHasher(parallelism=1, memory_cost=GatewaySettings().password_memory_kib)


@asynccontextmanager
async def turn(lane: str) -> AsyncIterator[None]:
    """The right to check one password. Raises login_throttled when too many of the same lane wait."""
    try:
        async with _turns.turn(lane):
            yield
    except LaneFullError as error:
        raise DomainError("login_throttled", retry_after=_BUSY_RETRY_SECONDS) from error


def hash_now(password: str) -> str:
    """For commands that have no event loop."""
    return hasher().hash(password)


async def hash_password(password: str) -> str:
    """For somebody who is signed in and sets a password."""
    async with turn(_SETTING):
        return await HASHING.run(hasher().hash, password)


async def rehash(password: str) -> str:
    """Within a turn that one has already."""
    return await HASHING.run(hasher().hash, password)


async def verify(password_hash: str | None, password: str) -> bool:
    """Within a `turn`. Takes as long for an unknown login (None) as for a known one, so that the time tells nothing."""
    return await HASHING.run(_verify, password_hash, password)


def _verify(password_hash: str | None, password: str) -> bool:
    try:
        hasher().verify(password_hash or _dummy_hash(), password)
    except (Argon2Error, InvalidHashError):
        return False
    return password_hash is not None


@cache
def _dummy_hash() -> str:
    return hasher().hash("nobody has this password")


def needs_rehash(password_hash: str) -> bool:
    """True when the parameters have changed since."""
    return hasher().check_needs_rehash(password_hash)
