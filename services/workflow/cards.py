"""The read model of inventory's cards, with counts per unit, and what it means for the cards on forms.

Guarantees: those of ``kernel.chassis.data.read_models``; and the ``follow`` of a card on a form is a pure function of
its row here and of its row on the form (``refresh``).
"""

from collections.abc import Sequence

from kernel.chassis.data.read_models import ReadModel
from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.binding.events import TerminalsCounted
from kernel.contracts.inventory import card_facts
from kernel.contracts.inventory.events import CardsMoved, CardsPutOnForm, CardsRefused
from kernel.contracts.workflow.events import TerminationCardsConfirmed, TerminationCardsReleased
from services.workflow import notices, tables
from services.workflow.tables import forms

_FOLLOW = """
CASE WHEN form_cards.form_id IS NULL THEN 'listed'
     WHEN form_cards.answer = 'refused' THEN 'answered_refused'
     WHEN card.state = 'terminated' AND (form_cards.answer = 'done' OR form_cards.reopened_at IS NULL) THEN 'terminated'
     WHEN form_cards.answer = 'done' THEN 'answered_done'
     WHEN card.state = 'terminating' AND card.form = forms.number THEN 'settled'
     WHEN form_cards.refusal_code IS NOT NULL THEN 'refused'
     ELSE 'waiting' END
"""
_REFRESH = f"""
UPDATE form_cards SET follow = fresh.follow
FROM (
    SELECT form_cards.id, {_FOLLOW} AS follow
    FROM form_cards
    LEFT JOIN forms ON forms.id = form_cards.form_id
    LEFT JOIN cards AS card ON card.iccid = form_cards.iccid
    WHERE form_cards.open AND {{which}}
    ORDER BY form_cards.id FOR UPDATE OF form_cards
) AS fresh
WHERE form_cards.id = fresh.id AND form_cards.follow <> fresh.follow
"""
_BY_ICCIDS = _REFRESH.format(which="form_cards.iccid = ANY(CAST(:iccids AS text[]))")
_BETWEEN = _REFRESH.format(which="form_cards.iccid BETWEEN :first AND :last")
_BY_FORM = _REFRESH.format(which="form_cards.form_id = :form")

_REFUSE = """
UPDATE form_cards SET refusal_code = told.code, refusal_state = told.state
FROM unnest(CAST(:iccids AS text[]), CAST(:codes AS text[]), CAST(:states AS text[])) AS told (iccid, code, state),
     forms
WHERE form_cards.iccid = told.iccid AND form_cards.open AND form_cards.form_id = forms.id AND forms.number = :number
"""


_MANY = 5000
"""More cards than an event tells of: part of a snapshot, whose cards lie together."""


def _follow(tx: Tx, iccids: Sequence[str]) -> None:
    if len(iccids) > _MANY:
        tx.execute(_BETWEEN, {"first": min(iccids), "last": max(iccids)})
    else:
        tx.execute(_BY_ICCIDS, {"iccids": iccids})


CARDS = ReadModel(card_facts.CARDS, tables.cards, counts=tables.card_counts, after=_follow)


def apply(tx: Tx, moved: CardsMoved) -> int:
    """Takes over what ``moved`` says of its cards, one statement for all. Returns how many were news."""
    news = CARDS.apply(tx, moved)
    if isinstance(moved, CardsPutOnForm):
        _answer_late(tx, moved)
    return news


# Workflow's messages to inventory may overtake each other when one is tried again. A card that inventory then holds
# for a form that has let it go, or has its answer already, is told so once more; an old movement says nothing of now.
_LATE_ARRIVALS = """
SELECT forms.unit, forms.revision, place.answer, array_agg(told.iccid ORDER BY told.iccid) AS iccids
FROM unnest(CAST(:iccids AS text[]), CAST(:versions AS bigint[])) AS told (iccid, version)
JOIN cards ON cards.iccid = told.iccid AND cards.version = told.version AND cards.state = 'terminating'
          AND cards.form = :number
JOIN forms ON forms.number = :number
LEFT JOIN form_cards AS place ON place.iccid = told.iccid AND place.form_id = forms.id AND place.open
WHERE place.id IS NULL OR place.answer = 'done'
GROUP BY 1, 2, 3
"""


def _answer_late(tx: Tx, moved: CardsPutOnForm) -> None:
    told = {"iccids": moved.iccids, "versions": moved.versions, "number": moved.reference_id}
    for row in tx.execute(_LATE_ARRIVALS, told):
        event = TerminationCardsReleased if row.answer is None else TerminationCardsConfirmed
        tx.publish(
            event(
                number=str(moved.reference_id),
                revision=row.revision,
                unit=row.unit,
                iccids=row.iccids,
                by=moved.by,
                at=moved.at,
            )
        )


def refuse(tx: Tx, event: CardsRefused) -> None:
    """Cards that inventory could not put on, take off or terminate: the form shows them with the reason (issue 4)."""
    if event.reference_kind != "form" or event.action not in {"put_on_form", "reopen"}:
        return
    params = {
        "number": event.reference_id,
        "iccids": [card.iccid for card in event.refused],
        "codes": [card.code for card in event.refused],
        "states": [card.state for card in event.refused],
    }
    if not tx.execute(_REFUSE, params).rowcount:
        return
    tx.execute(_BY_ICCIDS, {"iccids": params["iccids"]})
    form = tx.execute(forms.select().where(forms.c.number == event.reference_id)).one()
    told = {"number": form.number, "count": len(event.refused)}
    notices.notify(tx, "cards_refused", [notices.owner(form)], now=event.at, number=form.number, params=told)


def refresh(tx: Tx, form_id: int) -> None:
    """Brings ``follow`` of a form's cards up to date after the form's own rows changed."""
    tx.execute(_BY_FORM, {"form": form_id})


_FIGURES = """
SELECT unit, sum(cards_now) AS cards_now, sum(not_activated) AS not_activated, sum(devices) AS devices
FROM (
    SELECT left(owner_unit, 4) AS unit,
           coalesce(sum(cards) FILTER (WHERE state <> 'terminated'), 0) AS cards_now,
           coalesce(sum(cards) FILTER (WHERE state IN ('in_stock', 'pending_install')), 0) AS not_activated,
           NULL AS devices
    FROM card_counts
    WHERE owner_unit >= :first AND owner_unit < :last AND length(owner_unit) >= 4
    GROUP BY 1
    UNION ALL
    SELECT left(unit, 4), 0, 0, sum(devices) FROM device_counts
    WHERE unit >= :first AND unit < :last AND length(unit) >= 4
    GROUP BY 1
) AS told
GROUP BY 1
"""
_DEVICES = """
INSERT INTO device_counts AS d (unit, devices, number)
SELECT *, :number FROM unnest(CAST(:units AS text[]), CAST(:devices AS bigint[])) AS told (unit, devices) ORDER BY unit
ON CONFLICT (unit) DO UPDATE SET devices = excluded.devices, number = excluded.number WHERE d.number < excluded.number
"""
Figures = dict[str, int | None]


def count_devices(tx: Tx, event: TerminalsCounted) -> None:
    """Keeps how many terminals each unit has; an older fact changes nothing."""
    units = [each.unit for each in event.counts]
    devices = [each.terminals for each in event.counts]
    tx.execute(_DEVICES, {"units": units, "devices": devices, "number": event.number})


def figures(tx: Tx, province: str, end: str) -> dict[str, Figures]:
    """设备数量, 目前卡数量 and 未激活数量 of every city with its counties; devices None until binding told (ACT-10)."""
    rows = tx.execute(_FIGURES, {"first": province, "last": end})
    return {
        row.unit: {
            "devices": None if row.devices is None else int(row.devices),
            "cards_now": int(row.cards_now),
            "not_activated": int(row.not_activated),
        }
        for row in rows
    }


NO_FIGURES: Figures = {"devices": None, "cards_now": 0, "not_activated": 0}
"""Of a city without cards, whose terminals nobody told of."""
