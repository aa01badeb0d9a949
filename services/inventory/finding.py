"""The search box: cards by whatever a person has of them, and batches; a few of each, whatever the stock's size.

Guarantee: each way of looking reads one index and at most LOOK rows, so that three million cards answer like thirty
thousand. Of a beginning that more cards share, a unit may have to type more of it to find its own.
"""

import re
from collections.abc import Iterator
from typing import Any

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.inventory.finding import Find, Found, FoundBatch, FoundCard, FoundLabel
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.iccid import LENGTHS, normalise, spellings
from kernel.model.label_code import LENGTH
from kernel.model.msisdn import searched_msisdn
from kernel.model.written import bare
from services.inventory.boxes import of_code
from services.inventory.bulk import SCOPE, scope_params
from services.inventory.card_lists.conditions import text_range

MOST = 6
LOOK = 200
SUFFIX = 6
"""Digits at a card's end that are indexed; as many are printed large."""

_WAYS = {
    "iccid": "iccid = ANY(CAST(:iccid AS text[]))",
    "last_six": "right(iccid, 6) = :last_six AND right(iccid, length(:digits)) = :digits",
    "msisdn": "msisdn >= :msisdn AND msisdn < :msisdn_end",
    "imsi": "imsi >= :imsi AND imsi < :imsi_end",
    "terminal": "terminal_asset_no >= :terminal AND terminal_asset_no < :terminal_end",
}
_ORDERS = {"msisdn": "msisdn", "imsi": "imsi", "terminal": "terminal_asset_no"}
"""Along its index, also where so many cards share the beginning that reading all of them would look as cheap."""
_SHOWN = "iccid, msisdn, imsi, terminal_asset_no, state, owner_unit"
_WAY = f"""
(SELECT {_SHOWN}, '{{by}}' AS by
 FROM (SELECT {_SHOWN} FROM cards WHERE {{where}} {{order}} LIMIT {LOOK}) AS cards
 WHERE {SCOPE} ORDER BY iccid LIMIT {MOST})
"""
_BATCHES = f"""
SELECT id, carrier, batch_no, received_count FROM deliveries
WHERE starts_with(upper(batch_no), upper(:text)) AND owner_unit >= :scope AND owner_unit < :scope_end
ORDER BY id DESC LIMIT {MOST}
"""
_NAME = re.compile(r"[\w.\-/#]+\Z")


def find(tx: Tx, request: Find, *, by: Actor) -> Found:
    """At most MOST cards and MOST batches of the actor's subtree."""
    text = bare(request.text).replace("\x00", "").strip()
    params = dict(_ways(text))
    ways = [way for way in _WAYS if way in params]
    cards: dict[str, FoundCard] = {}
    if ways:
        statement = " UNION ALL ".join(_way(way) for way in ways)
        for row in tx.execute(statement, params | scope_params(by)):
            cards.setdefault(row.iccid, FoundCard.model_validate(dict(row._mapping)))
    batches = tx.execute(_BATCHES, {"text": text, **scope_params(by)}).all() if text else []
    return Found(
        cards=list(cards.values())[:MOST],
        batches=[FoundBatch.model_validate(dict(row._mapping)) for row in batches],
        labels=_labels(tx, text, by),
    )


def _labels(tx: Tx, text: str, by: Actor) -> list[FoundLabel]:
    try:
        label = of_code(tx, text, by=by) if len(text) >= LENGTH else None
    except DomainError:
        return []
    return [FoundLabel.model_validate(label, from_attributes=True)] if label else []


def _way(way: str) -> str:
    order = f"ORDER BY {_ORDERS[way]}" if way in _ORDERS else ""
    return _WAY.format(by=way, where=_WAYS[way], order=order)


def _ways(text: str) -> Iterator[tuple[str, Any]]:
    """The parameters of every way in which this text can name a card."""
    number = normalise(text)
    if len(number) in LENGTHS and text_range(number)[0] == number:
        yield "iccid", spellings(number)
    digits = re.sub(r"[\s-]", "", text)
    if digits.isdecimal() and digits.isascii():
        if SUFFIX <= len(digits) <= 2 * SUFFIX:
            yield from (("last_six", digits[-SUFFIX:]), ("digits", digits))
        if 8 <= len(digits) <= 15:
            yield from zip(("imsi", "imsi_end"), text_range(digits), strict=True)
    phone = searched_msisdn(text)
    if phone.isdecimal() and phone.isascii() and 7 <= len(phone) <= 13:
        yield from zip(("msisdn", "msisdn_end"), text_range(phone), strict=True)
    if _NAME.match(text) and len(text) >= 4:
        yield from zip(("terminal", "terminal_end"), text_range(text), strict=True)
