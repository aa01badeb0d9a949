"""Rows of a station's batch, cleaned one by one: a broken row costs only itself (BND-01, BND-11).

A short or garbled number is a fault of reading, never another card: a number is taken for a card only when it is well
formed, or when exactly one known card is written so with its padding, its check digit or its nibbles put right.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.process import green
from kernel.contracts.binding.readings import MAX_SLOTS, Outcome, RefusedReading
from kernel.contracts.plain import YEARS
from kernel.contracts.said import say
from kernel.model.iccid import LENGTHS, luhn_digit, luhn_valid
from kernel.model.iccid_column import luhn_valid_many
from kernel.model.period import business_date
from kernel.model.serial import Serial, SerialKind, parse
from services.binding.readings import Row

CLOCK_TOLERANCE = timedelta(hours=1)
"""How far a terminal's clock may be from the station's. Beyond it a reading is kept and binds nothing."""
LATEST = timedelta(days=31)
"""How old a reading without the station's time may be; an older one has a wrong clock."""
KEPT = timedelta(days=395)
"""Readings older than 13 months are refused: their days are dropped."""

_ASSET_NO = re.compile(r"[0-9A-Z](?:[0-9A-Z_/-]{2,30})[0-9A-Z]")
_PLAIN = re.compile(r"89[0-9]{18}")
_SHAPE = re.compile(r"[0-9][0-9A-Z]{17,18}[0-9A-Z]")
_PADDING = "\x00 \t\r\n\xff\u3000"
_SPACES = re.compile(r"\s+")


class RowRefusedError(Exception):
    """``field`` of the row is wrong; ``code`` of the error catalogue."""

    def __init__(self, field: str, code: str) -> None:
        super().__init__(field, code)
        self.field, self.code = field, code


@dataclass
class Cleaned:
    """``rows``: what can be stored; beside each in ``numbers`` its place in the batch, from 1, and in ``requests`` the
    on-demand read it answers. ``refused``: the rest."""

    rows: list[Row] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    requests: list[int | None] = field(default_factory=list)
    refused: list[RefusedReading] = field(default_factory=list)

    def refuse(self, terminals: Collection[str]) -> None:
        """What was read in these is refused after all: they stand outside the station's unit."""
        told = list(zip(self.rows, self.numbers, self.requests, strict=True))
        reason = RowRefusedError("terminal", "terminal_elsewhere")
        self.refused += [refused(number, row.asset_no, reason) for row, number, _ in told if row.asset_no in terminals]
        good = [each for each in told if each[0].asset_no not in terminals]
        self.rows = [row for row, _, _ in good]
        self.numbers = [number for _, number, _ in good]
        self.requests = [request for _, _, request in good]


def asset_no(value: object) -> str:
    """A terminal's asset number in its one form: narrow, upper-case, without spaces. Raises RowRefusedError."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise RowRefusedError("terminal", "terminal_malformed")
    if _ASSET_NO.fullmatch(value):
        return value
    text = value if value.isascii() else unicodedata.normalize("NFKC", value)
    text = _SPACES.sub("", text.replace("\x00", "")).upper()
    if not _ASSET_NO.fullmatch(text):
        raise RowRefusedError("terminal", "terminal_malformed")
    return text


def clean(tx: Tx, rows: Sequence[Any], *, now: datetime) -> Cleaned:
    """Cleans a batch. Looks up in one question the few numbers that are not written as a card's usually is."""
    cleaned = Cleaned()
    for number, row in enumerate(green.breathing(rows), 1):
        try:
            cleaned.rows.append(_row(row, now))
            cleaned.numbers.append(number)
            request = row.get("request")
            cleaned.requests.append(request if type(request) is int and 0 < request < 2**63 else None)
        except RowRefusedError as refusal:
            name = row.get("terminal") if isinstance(row, Mapping) else None
            terminal = str(name)[:64] if isinstance(name, str | int) else None
            cleaned.refused.append(refused(number, terminal, refusal))
    _recognise(tx, cleaned.rows)
    return cleaned


def refused(number: int, terminal: str | None, refusal: RowRefusedError) -> RefusedReading:
    """A refused row as the sender is told of it."""
    message = say(refusal.code, {"field": refusal.field})
    return RefusedReading(
        row_no=number, terminal=terminal, field=refusal.field, code=refusal.code, message=message
    )


def _row(row: Any, now: datetime) -> Row:
    if not isinstance(row, dict):
        raise RowRefusedError("row", "row_not_an_object")
    terminal = asset_no(row.get("terminal"))
    slot = row.get("slot", 1)
    if type(slot) is not int or not 1 <= slot <= MAX_SLOTS:
        raise RowRefusedError("slot", "slot_out_of_range")
    read_at = moment(row.get("read_at"), "read_at")
    if read_at is None:
        raise RowRefusedError("read_at", "time_missing")
    received_at = moment(row.get("received_at"), "received_at")
    if received_at is not None and received_at > now + CLOCK_TOLERANCE:
        received_at = None  # the station's own clock cannot be believed
    clock_off = row.get("clock") == "bad" or _clock_off(read_at, received_at, now)
    reference = (received_at or now) if clock_off else read_at
    if reference < now - KEPT:
        raise RowRefusedError("read_at", "reading_too_old")
    outcome, iccid, fault = _content(row)
    if clock_off and outcome is Outcome.READ:
        outcome = Outcome.CLOCK_OFF
    return Row(
        business_date(reference), terminal, slot, read_at, outcome, iccid, fault, imei_of(row.get("imei")), received_at
    )


def moment(value: object, field: str) -> datetime | None:
    """An ISO 8601 time with offset, in UTC; None for None. Raises RowRefusedError."""
    if value is None:
        return None
    try:
        parsed = datetime.fromisoformat(value)  # type: ignore[arg-type]  # a wrong type is one of the refusals
        if parsed.tzinfo is None:
            raise RowRefusedError(field, "time_without_offset")
        if parsed.year not in YEARS:
            raise RowRefusedError(field, "time_malformed")
        return parsed if parsed.tzinfo is UTC else parsed.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise RowRefusedError(field, "time_malformed") from None


def _clock_off(read_at: datetime, received_at: datetime | None, now: datetime) -> bool:
    if read_at > now + CLOCK_TOLERANCE:
        return True
    if received_at is None:
        return read_at < now - LATEST
    return abs(read_at - received_at) > CLOCK_TOLERANCE


def _content(row: Mapping[str, Any]) -> tuple[Outcome, str | None, str | None]:
    """Outcome, the number as far as it was read, and the fault."""
    raw, fault = row.get("iccid"), row.get("fault")
    if fault is not None and not isinstance(fault, str | int):
        raise RowRefusedError("fault", "fault_malformed")
    if raw is None or raw == "":
        if fault is None:
            raise RowRefusedError("iccid", "iccid_or_fault_missing")
        return Outcome.FAILED, None, _text(fault)
    if not isinstance(raw, str):
        raise RowRefusedError("iccid", "iccid_not_text")
    if fault is not None:
        return Outcome.FAILED, None, _text(fault)
    return Outcome.READ, raw, None


def _text(value: object) -> str:
    return str(value).replace("\x00", "").encode("utf-8", "replace").decode()[:64]


def imei_of(value: object) -> str | None:
    """A module's IMEI in its one form, 15 digits with the check digit, however it was written: with 14 to 16 digits,
    the network's 0 for a check digit, filled up with F. None for what is garbled; that costs the reading nothing."""
    if value is None:
        return None
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if len(text) == 15 and text.isascii() and text.isdigit() and luhn_valid(text) and text.strip("0"):
        return text
    found = parse(text.strip("\x00").rstrip("Ff") if len(text) <= 32 else "", network=True)
    return found.text if isinstance(found, Serial) and found.kind in (SerialKind.IMEI, SerialKind.IMEISV) else None


def _recognise(tx: Tx, rows: list[Row]) -> None:
    """Puts the card's own number into rows whose number is written otherwise, or makes them faults."""
    plain = [i for i, row in enumerate(rows) if row.iccid is not None and _PLAIN.fullmatch(row.iccid)]
    numbers = [rows[i].iccid or "" for i in plain]
    odd = [i for i, good in zip(plain, luhn_valid_many(numbers), strict=True) if not good]
    usual = set(plain)
    odd += [i for i, row in enumerate(rows) if row.iccid is not None and i not in usual]
    if not odd:
        return
    written = {i: spellings(rows[i].iccid or "") for i in odd}
    known = _known(tx, sorted({each for forms in written.values() for each in forms}))
    for i in odd:
        cards = [each for each in written[i] if each in known]
        rows[i] = _named(rows[i], cards[0] if len(cards) == 1 else _unknown_card(rows[i].iccid or ""))


def _named(row: Row, iccid: str | None) -> Row:
    if iccid is not None:
        return row._replace(iccid=iccid)
    outcome = Outcome.MALFORMED if row.outcome is Outcome.READ else row.outcome
    return row._replace(outcome=outcome, iccid=None, fault=_text(row.iccid or ""))


def spellings(raw: str) -> list[str]:
    """Every number that ``raw`` may stand for: without padding, with and without check digit, nibbles put right."""
    text = (raw if raw.isascii() else unicodedata.normalize("NFKC", raw)).strip(_PADDING).upper()
    forms = []
    for form in (text, _swapped(text)):
        bare = form.rstrip("F") if len(form.rstrip("F")) in LENGTHS else form
        forms.append(bare)
        digits = bare.isascii() and bare.isdigit()
        if len(bare) == 19 and digits:
            forms.append(bare + luhn_digit(bare))
        if len(bare) == 20 and digits and luhn_valid(bare):
            forms.append(bare[:19])
    return list(dict.fromkeys(form for form in forms if len(form) in LENGTHS and _SHAPE.fullmatch(form)))


def _swapped(text: str) -> str:
    return "".join(text[i : i + 2][::-1] for i in range(0, len(text), 2)) if len(text) % 2 == 0 else text


def _unknown_card(raw: str) -> str | None:
    """A number that no known card has: itself where it is well formed as it stands, None where it is garbled."""
    text = raw.strip(_PADDING).upper()
    text = text.rstrip("F")  # padding, never a card's last character: a short number stays short
    if not _SHAPE.fullmatch(text) or not text.startswith("89"):
        return None
    if len(text) == 20 and text.isdigit() and not luhn_valid(text):
        return None
    return text


def _known(tx: Tx, numbers: Sequence[str]) -> set[str]:
    if not numbers:
        return set()
    query = "SELECT iccid FROM cards WHERE iccid = ANY(CAST(:numbers AS text[]))"
    return {row.iccid for row in tx.execute(query, {"numbers": list(numbers)})}


