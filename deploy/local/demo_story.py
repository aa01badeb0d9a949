"""What the demo's people do with the cards, step by step. Every step looks first whether it was done before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from deploy.local import province as demo_province
from deploy.local.carriers import CARRIERS
from deploy.local.carriers_catalogue import Batch, demo_batches
from deploy.local.demo_client import Demo, Someone
from kernel.model.period import BUSINESS_ZONE, business_date

_CREWS = (("装表一班 王强", "13800138001"), ("装表二班 刘洋", "13900139002"))
_DAMAGES = ("安装时损坏", "芯片脱落")
_TO_CITIES = 0.84
_TO_COUNTIES = 0.75
_ISSUED = 0.6
_UNQUALIFIED = 3

Card = dict[str, Any]


def _say(text: str) -> None:
    print(f"  {text}", flush=True)


def pull(province: Someone) -> None:
    """Fetches what the three carriers have."""
    for carrier in CARRIERS.values():
        result = province.follow(province.ask("deliveries/pull", {"carrier": carrier}))["result"]
        cards = sum(it["received"] for it in result["deliveries"])
        _say(f"{carrier}: {len(result['deliveries'])} new deliveries, {cards:,} cards")


def _delivery(someone: Someone, batch_no: str) -> dict[str, Any] | None:
    return next(iter(someone.get("deliveries", batch_no=batch_no)["items"]), None)


def upload(province: Someone, batch: Batch, content: Any, name: str, announced: int | None = None) -> None:
    """Uploads a delivery's file, unless its batch is known."""
    if _delivery(province, batch.batch_no):
        return
    fields = {
        "carrier": batch.carrier,
        "batch_no": batch.batch_no,
        "application_month": batch.month,
        "card_spec": batch.spec,
        **({"expected_count": str(announced)} if announced else {}),
    }
    job = province.follow(province.upload("deliveries", fields, (name, content)))
    result = job["result"]
    _say(f"{name}: {result['received']:,} cards taken in, {result['refused']:,} rows refused")


def push(carrier: Someone, province: Someone, batch: Batch) -> None:
    """A carrier's own system pushes a delivery, unless its batch is known."""
    if _delivery(province, batch.batch_no):
        return
    body = {
        "carrier": batch.carrier,
        "batch_no": batch.batch_no,
        "application_month": batch.month,
        "card_spec": batch.spec,
        "expected_count": batch.count,
        "cards": list(batch.cards(0, batch.count)),
    }
    job = province.follow(carrier.post("carrier-deliveries", body))
    _say(f"{batch.batch_no}: {job['result']['received']:,} cards pushed by {batch.carrier}")


def work(demo: Demo, newest: str) -> None:
    """Older months go all the way; of the newest one only the first batch is stocked in and given to the cities."""
    province = demo.login("province")
    own = {batch.batch_no for batch in demo_batches(date.fromisoformat(f"{newest}-01"))}
    for delivery in sorted(province.every("deliveries"), key=lambda it: str(it["batch_no"])):
        if delivery["batch_no"] not in own:
            continue
        recent = delivery["application_month"] == newest
        if (recent and not delivery["batch_no"].startswith("YD")) or delivery["state"] == "held":
            continue
        if recent and not delivery["batch_no"].endswith("-01"):
            continue
        before = demo.writes
        cards = _stocked(province, delivery)
        if not cards:
            continue
        for share, city in zip(_shares(cards, 3, _TO_CITIES), ("city1", "city2", "city3"), strict=True):
            _allocate(province, share, demo.login(city).unit)
            if not recent:
                _city(demo, city, share)
        done = f"inspected, stocked in, allocated{'' if recent else ', issued'}"
        _say(f"{delivery['batch_no']}: {done if demo.writes > before else 'as it was left'}")


def _stocked(province: Someone, delivery: dict[str, Any]) -> list[Card]:
    """Inspects and stocks in, if that is still to do. The batch's cards that may move on; [] when nothing is to do."""
    path = f"deliveries/{delivery['id']}"
    cards = sorted(province.every("cards", delivery_id=delivery["id"]), key=lambda card: str(card["iccid"]))
    good, bad = cards[:-_UNQUALIFIED], cards[-_UNQUALIFIED:]
    if delivery["state"] == "received":
        today = business_date(datetime.now(BUSINESS_ZONE)).isoformat()
        inspected = {"inspected_on": today, "inspector": "李伟", "result": "qualified", "remark": "抽检合格"}
        province.post(f"{path}/inspection", inspected)
        marked = {"iccids": [card["iccid"] for card in bad], "operator": "李伟", "on": today, "reason": "读卡失败"}
        province.post("cards/mark-unqualified", marked)
        province.post(f"{path}/stock-in", {})
    elif delivery["state"] == "inspected":
        province.post(f"{path}/stock-in", {})
    return good


def _shares(cards: Sequence[Card], parts: int, of: float) -> list[list[Card]]:
    """The first ``of`` of the cards in equal consecutive parts."""
    size = max(1, int(len(cards) * of) // parts)
    return [list(cards[number * size : (number + 1) * size]) for number in range(parts)]


def _in_stock(owner: Someone, card: Card) -> Card | None:
    """The card as it is now, if it lies in stock with exactly this owner."""
    now = owner.get(f"cards/{card['iccid']}")
    return now if now["state"] == "in_stock" and now["owner_unit"] == owner.unit else None


def _allocate(giver: Someone, cards: list[Card], to_unit: str) -> None:
    """Gives a range away, if the giver has it."""
    now = _in_stock(giver, cards[0]) if cards else None
    if not now:
        return
    giver.post(
        "allocations",
        {
            "application_month": now["application_month"],
            "carrier": now["carrier"],
            "card_spec": now["card_spec"],
            "start_iccid": cards[0]["iccid"],
            "end_iccid": cards[-1]["iccid"],
            "to_unit": to_unit,
            "contact": "13800000000",
        },
    )


def _city(demo: Demo, login: str, cards: list[Card]) -> None:
    """A city keeps a quarter and gives the rest to its counties, who work with it."""
    city = demo.login(login)
    counties = [
        demo.login(person["login"])
        for person in demo_province.people()
        if person["login"].startswith("county") and person["unit"].startswith(city.unit)
    ]
    for county, share in zip(counties, _shares(cards, len(counties), _TO_COUNTIES), strict=True):
        _allocate(city, share, county.unit)
        _county(county, share)


def _county(county: Someone, cards: list[Card]) -> None:
    """Issues to two crews, takes some back, sets some aside for scrap; the last step tells whether that was done."""
    issued = cards[: int(len(cards) * _ISSUED)]
    half = len(issued) // 2
    if half < 2 or not _in_stock(county, cards[-1]):
        return
    (first, phone), (second, other_phone) = _CREWS
    numbers = [card["iccid"] for card in issued]
    by_range = {"start_iccid": numbers[0], "end_iccid": numbers[half - 1]}
    county.post("requisitions", {"unit": county.unit, "recipient": first, "phone": phone, **by_range})
    by_list = {"iccids": numbers[half:]}
    county.post("requisitions", {"unit": county.unit, "recipient": second, "phone": other_phone, **by_list})
    county.post("cards/return-to-stock", {"iccids": numbers[half - 1 : half], "reason": "工单取消，退回"})
    reason = _DAMAGES[len(cards) % len(_DAMAGES)]
    county.post("cards/mark-pending-scrap", {"iccids": [numbers[-1], cards[-1]["iccid"]], "reason": reason})
