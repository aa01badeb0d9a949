"""What other services may keep of inventory's cards: CARDS, the facts that its events tell of each card."""

from collections.abc import Callable, Sequence
from typing import Any

from kernel.contracts.inventory.events import CardsMarkedForScrap, CardsMoved, CardsReceived
from kernel.contracts.read_models import Fact, Noun

FORM = "form"
"""``reference_kind`` of what a termination form did to its cards."""


def _beside(name: str) -> Callable[[CardsMoved], Sequence[Any]]:
    """A list of the event, or nothing for each card where the event (an older message) has none."""

    def told(moved: CardsMoved) -> Sequence[Any]:
        return getattr(moved, name, None) or [None] * len(moved.iccids)

    return told


def _form(moved: CardsMoved) -> str | None:
    return moved.reference_id if moved.reference_kind == FORM else None


CARDS = Noun(
    owner="inventory",
    name="cards",
    key="iccid",
    keys=lambda moved: moved.iccids,
    versions=lambda moved: moved.versions,
    facts={
        "owner_unit": Fact("text", lambda moved: moved.to_unit),
        "issued_to_unit": Fact("text", lambda moved: moved.issued_to_unit),
        "carrier": Fact("text", lambda moved: moved.carrier),
        "card_spec": Fact("text", lambda moved: moved.card_spec),
        "application_month": Fact("text", lambda moved: moved.application_month),
        "state": Fact("text", lambda moved: moved.to_state),
        "changed_at": Fact("timestamptz", lambda moved: moved.at),
        # The form that the last movement named.
        "form": Fact("text", _form),
        # Only a running card is on a terminal, and only cards_bound makes cards running.
        "terminal_asset_no": Fact("text", _beside("terminals"), per_row=True),
        "imsi": Fact("text", _beside("imsis"), per_row=True, tellers=(CardsReceived,), lasting=True),
        "msisdn": Fact(
            "text", _beside("msisdns"), per_row=True, tellers=(CardsReceived, CardsMarkedForScrap), lasting=True
        ),
        # Why it was marked for scrap the last time.
        "reason": Fact("text", lambda moved: moved.reason, tellers=(CardsMarkedForScrap,)),
    },
)
