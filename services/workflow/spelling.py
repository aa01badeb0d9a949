"""One card, however its number is written: with 19 digits or 20, padded or swapped (INV-12)."""

from collections.abc import Iterable

from kernel.chassis.data.unit_of_work import Tx
from kernel.model.iccid import normalise, spellings

_KNOWN = "SELECT iccid FROM cards WHERE iccid = ANY(CAST(:forms AS text[]))"


def as_kept(tx: Tx, numbers: Iterable[str]) -> dict[str, str]:
    """Number as sent > number as the books have it; of a card that nobody knows, as it is written properly."""
    written = {raw: normalise(raw).replace("\x00", "") for raw in numbers}
    forms = {iccid: spellings(iccid) for iccid in written.values()}
    asked = sorted({form for of_one in forms.values() for form in of_one})
    known = set(tx.execute(_KNOWN, {"forms": asked}).scalars())
    kept = {iccid: next((form for form in of_one if form in known), iccid) for iccid, of_one in forms.items()}
    return {raw: kept[iccid] for raw, iccid in written.items()}


def by_card(tx: Tx, numbers: Iterable[str]) -> dict[str, str]:
    """Number as the books have it > how it was sent first, in the order sent: a card named twice is one."""
    sent: dict[str, str] = {}
    for raw, iccid in as_kept(tx, numbers).items():
        sent.setdefault(iccid, raw)
    return sent
