"""Carriers and card specs by name, and what may stand on a form in print."""

import re

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.workflow.fields import unprintable
from kernel.model.errors import DomainError

_ICCID = re.compile(r"[0-9A-F]{19,20}")
_MSISDN = re.compile(r"[0-9]{11,13}")
REASON_LENGTH = 30


def names(tx: Tx, kind: str) -> dict[str, str]:
    """Code > Chinese name of all ``carrier`` or ``card_spec`` entries."""
    rows = tx.execute("SELECT code, name_zh FROM catalogue WHERE kind = :kind ORDER BY code", {"kind": kind})
    return {row.code: row.name_zh for row in rows}


def require(tx: Tx, **codes: str) -> None:
    """Raises catalogue_unknown, naming the field, for a code that inventory's catalogues do not have."""
    for field, code in codes.items():
        known = names(tx, field)
        if code not in known:
            raise DomainError("catalogue_unknown", field=field, value=code, allowed="、".join(known.values()))


def printable_name(name: str) -> str:
    """A person's name cut to what a form takes; characters that no form can print are left out."""
    return "".join(character for character in name if not unprintable(character))[:20] or "-"


def printable_reason(reason: str | None) -> str:
    """Why a card goes, as the form shows it."""
    return (printable_name(reason)[:REASON_LENGTH] if reason else "") or "待报废"


def card_refusal(iccid: str, msisdn: str | None) -> tuple[str, dict[str, str]] | None:
    """Why a card cannot be printed on a form."""
    for field, value, pattern in (("ICCID", iccid, _ICCID), ("手机号", msisdn or "", _MSISDN)):
        if not pattern.fullmatch(value):
            return "card_not_printable", {"field": field, "value": value}
    return None
