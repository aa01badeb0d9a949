"""What traffic found out: warnings become notices, and terminated cards that are used open their cases again."""

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.traffic.events import TerminatedCardsUsed, UsageWarned
from kernel.contracts.workflow.termination import ReopenCases, TrafficFound
from kernel.model.actor import system_actor
from services.workflow import notices, reopenings

_SEES = "usage.view"


def warned(tx: Tx, event: UsageWarned) -> None:
    """One notice to the rule's unit, and one to each unit below it whose cards are meant."""
    by_unit: dict[str, int] = {}
    for card in event.cards:
        by_unit[card.unit] = by_unit.get(card.unit, 0) + 1
    told = {"name": event.name, "period": event.period}
    for unit, count in {**by_unit, event.unit: len(event.cards)}.items():
        notices.notify(tx, "usage_warned", [(unit, _SEES)], now=event.at, params={**told, "count": count})


def still_used(tx: Tx, event: TerminatedCardsUsed) -> None:
    """Cards without a case, or whose case is open already, change nothing."""
    by = system_actor("traffic", event.province, may={"termination.confirm"})
    cards = [
        TrafficFound(
            iccid=card.iccid, month=event.month, traffic_mb=card.traffic_mb, cost=card.cost, remark="系统核查发现"
        )
        for card in event.cards
    ]
    reopenings.reopen(tx, ReopenCases(cards=cards), by=by, now=event.at)
