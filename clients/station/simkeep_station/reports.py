"""What a station reports, and what it is asked. Times are aware datetimes; without an offset they are refused here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any


def _moment(value: datetime | None, field: str) -> str | None:
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError(f"{field} needs an offset: 2026-11-02T02:00:00+08:00")
    return value.isoformat()


def _text(value: str) -> str:
    """``value`` as UTF-8 can carry it: bytes that a decoder let through (``surrogateescape``) become question marks, so
    that they cost their row and not the batch."""
    return value if value.isascii() else value.encode("utf-8", "replace").decode()


@dataclass(frozen=True)
class Reading:
    """One reading of a terminal's card.

    ``read_at``: the terminal's clock; ``received_at``: the station's, when the terminal answered. ``iccid`` as it was
    read, or None with ``fault``, the station's code for why. ``clock``: "good", "unsure" or "bad". ``request_id``: the
    on-demand read that it answers. ``imei``: of the module, as it was read.
    """

    terminal: str
    read_at: datetime
    iccid: str | None = None
    fault: str | None = None
    slot: int = 1
    imei: str | None = None
    received_at: datetime | None = None
    clock: str | None = None
    request_id: int | None = None

    def row(self) -> dict[str, Any]:
        """The row on the wire; parts that are unknown are left out."""
        read_at = _moment(self.read_at, "read_at")
        row: dict[str, Any] = {"terminal": _text(self.terminal), "slot": self.slot, "read_at": read_at}
        if self.iccid is not None:
            row["iccid"] = _text(self.iccid)
        if self.fault is not None:
            row["fault"] = _text(self.fault)
        if self.imei is not None:
            row["imei"] = _text(self.imei)
        if self.received_at is not None:
            row["received_at"] = _moment(self.received_at, "received_at")
        if self.clock is not None:
            row["clock"] = _text(self.clock)
        if self.request_id is not None:
            row["request"] = self.request_id
        return row


@dataclass(frozen=True)
class Terminal:
    """One terminal. ``state``: running, stopped, pending_install or removed. ``reported_at``: since when it is so."""

    terminal: str
    unit: str
    kind: str
    state: str
    slots: int = 1
    reported_at: datetime | None = None

    def row(self) -> dict[str, Any]:
        """The row on the wire."""
        row = {
            "terminal": _text(self.terminal),
            "unit": _text(self.unit),
            "kind": _text(self.kind),
            "state": _text(self.state),
            "slots": self.slots,
            "reported_at": _moment(self.reported_at, "reported_at"),
        }
        return {name: value for name, value in row.items() if value is not None}


@dataclass(frozen=True)
class ReadRequest:
    """Somebody wants this slot read now; an answer after ``until`` is an ordinary reading."""

    request_id: int
    terminal: str
    slot: int
    until: datetime
