"""What can go wrong, by what the caller can do about it."""

from __future__ import annotations

from typing import Any


class RefusedError(Exception):
    """SimKeep has read the call and refuses it; sending it again changes nothing. ``code`` is stable."""

    def __init__(self, code: str, detail: str, params: dict[str, Any]) -> None:
        super().__init__(f"{code}: {detail}")
        self.code, self.detail, self.params = code, detail, params


class NotAllowedError(Exception):
    """The broker or SimKeep does not let this account do that: wrong address, revoked account, foreign method."""


class NotAnsweredError(TimeoutError):
    """No answer within the time that the caller gave. What was sent may still be done; sending it again with the same
    key is safe, and the client's own methods do so."""
