"""A card as a carrier's answer holds it."""

from typing import Any

from kernel.carriers.asking import Again
from services.inventory.carriers.protocol import Card


def as_card(item: Any) -> Card:
    """A card object. Raises Again when it has no ICCID field: an empty one is a bad row, an absent one a bad answer."""
    if not isinstance(item, dict) or "iccid" not in item:
        raise Again("a card without an iccid, 卡片缺少 iccid")
    values = [item.get(name) for name in ("iccid", "imsi", "msisdn")]
    iccid, imsi, msisdn = (None if value is None else str(value) for value in values)
    return iccid or "", imsi, msisdn
