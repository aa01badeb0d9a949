"""Codes as numbers: the key of 56 bits, and ESNs (32 bits) in a space of their own, told by a tag above it (IME-17)."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.model.errors import DomainError
from kernel.model.iccid import luhn_digit
from kernel.model.serial import KEY_NIBBLES, Refused, Serial, SerialKind, parse
from services.imei.tables import codes

ESN_TAG = 1 << 56
ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('imei lists'))"
"""SQL: who enters devices or gives them codes waits here for the others, before he locks devices. A trigger of both
tables asks for it again."""
_BESIDE = """
SELECT code FROM codes WHERE device_id = (SELECT device_id FROM codes WHERE code = :code)
"""
OWN = """(
    SELECT {device} AS code UNION ALL SELECT code FROM further_codes WHERE device_id = {device}
)"""
"""SQL: the codes of another table's device, LATERAL. ``codes`` is for devices that the statement is given: joined to a
table it is read from end to end."""


def number_of(serial: Serial) -> int:
    """The code of a serial, as the tables hold it."""
    return serial.number | ESN_TAG if serial.kind is SerialKind.ESN else serial.number


def written(code: int) -> str:
    """The usual way to write a code: an IMEI with its check digit."""
    if code >= ESN_TAG:
        return f"{code - ESN_TAG:08X}"
    key = f"{code:0{KEY_NIBBLES}X}"
    return key + luhn_digit(key) if key.isdigit() else key


def judged(values: Sequence[str]) -> list[int | Refused]:
    """Each value as its code, or why it is none. For some hundreds; a list's column has its own way."""
    found = map(parse, values)
    return [number_of(one) if isinstance(one, Serial) else one for one in found]


def code_of(value: str) -> int:
    """The code of one value. Raises DomainError with the reason."""
    found = judged([value])[0]
    if isinstance(found, Refused):
        raise DomainError(found.code, field="serial")
    return found


def of_device(column: ColumnElement[int], serial: str | None) -> list[ColumnElement[bool]]:
    """Condition of a list: the device of this code; nothing matches what is no code."""
    if serial is None:
        return []
    code = judged([serial])[0]
    known = select(codes.c.device_id).where(codes.c.code == (-1 if isinstance(code, Refused) else code))
    return [column.in_(known)]


def codes_beside(tx: Tx, serial: str) -> Sequence[int]:
    """All codes of the device that has this one; none for what is no code, or no device's."""
    code = judged([serial])[0]
    return tx.execute(_BESIDE, {"code": -1 if isinstance(code, Refused) else code}).scalars().all()
