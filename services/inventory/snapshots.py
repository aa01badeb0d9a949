"""All cards as they are at one moment, for services that keep a copy: where each of the facts of CARDS stands here."""

from kernel.chassis.jobs.rebuilding import Source
from kernel.contracts.inventory.card_facts import CARDS, FORM
from kernel.contracts.inventory.events import CARD_EVENTS, CardsMarkedForScrap

_MARKS = ", ".join(repr(action) for action, event in CARD_EVENTS.items() if event is CardsMarkedForScrap)

_LAST_FORM = f"""
LEFT JOIN (
    SELECT run_log.card_id, run_log.version, changes.reference_id AS number
    FROM changes JOIN run_log ON run_log.change_id = changes.id WHERE changes.reference_kind = '{FORM}'
) AS last_form ON last_form.card_id = cards.id AND last_form.version = cards.version
"""
_LAST_MARK = f"""
LEFT JOIN (
    SELECT DISTINCT ON (run_log.card_id) run_log.card_id, run_log.version, changes.reason
    FROM changes JOIN run_log ON run_log.change_id = changes.id WHERE changes.action IN ({_MARKS})
    ORDER BY run_log.card_id, run_log.version DESC
) AS last_mark ON last_mark.card_id = cards.id
"""

SOURCES = {
    "cards": Source(
        noun=CARDS,
        tables="cards",
        columns={
            "iccid": "cards.iccid",
            "version": "cards.version",
            "owner_unit": "cards.owner_unit",
            "issued_to_unit": "cards.issued_to_unit",
            "carrier": "cards.carrier",
            "card_spec": "cards.card_spec",
            "application_month": "cards.application_month",
            "state": "cards.state",
            "changed_at": "cards.last_operation_at",
            "form": "last_form.number",
            "terminal_asset_no": "cards.terminal_asset_no",
            "imsi": "cards.imsi",
            "msisdn": "cards.msisdn",
            "reason": "last_mark.reason",
            "reason_version": "coalesce(last_mark.version, 0)",
        },
        joins={"form": _LAST_FORM, "reason": _LAST_MARK, "reason_version": _LAST_MARK},
    )
}
