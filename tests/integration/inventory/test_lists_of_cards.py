"""Lists of cards against a plain loop over all cards: the same rows, in the same order, and the same total."""

import random
from datetime import date, timedelta
from typing import Any

import pytest

from kernel.chassis.lists.paging import LAST
from kernel.contracts.inventory.cards import CardPage, GetCard, ListCards
from kernel.model.errors import DomainError
from kernel.model.period import business_date
from services.inventory.books import Stock
from services.inventory.card_lists import segments
from services.inventory.card_lists.card_list import SORTS, get_card, list_cards
from services.inventory.closing import nightly
from services.inventory.tables import STATES
from tests.integration.inventory.world import NOW, World, actor, inventory_engine

TODAY = business_date(NOW)
Card = dict[str, Any]


@pytest.fixture(scope="module", params=["open books", "closed books"])
def world(request: pytest.FixtureRequest, module_database: str) -> World:
    """Read from all of the ledger, then again from closings and the ledger since."""
    world = World(inventory_engine(module_database))
    if request.param == "open books":
        world.live()
    else:
        with world.writing(actor("99")) as tx:
            nightly(tx, now=NOW - timedelta(days=3))
    return world


@pytest.fixture(scope="module")
def every_card(world: World) -> list[Card]:
    with world.reading() as tx:
        return [dict(row._mapping) for row in tx.execute("SELECT * FROM cards")]


def ask(world: World, unit: str, **request: Any) -> CardPage:
    with world.reading() as tx:
        return list_cards(tx, ListCards(**request), by=actor(unit), now=NOW)


def walk(world: World, unit: str, **request: Any) -> list[str]:
    """ICCIDs of all pages, forward."""
    seen: list[str] = []
    cursor = None
    while True:
        page = ask(world, unit, cursor=cursor, **request)
        seen += [card.iccid for card in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return seen


LIMITS = {"pending_install": 90, "pending_scrap": 60, "unqualified": 30}


def matches(card: Card, unit: str, asked: dict[str, Any]) -> bool:
    """What the contract says, in the plainest words."""
    days = (TODAY - business_date(card["state_since"])).days
    opened = business_date(card["stocked_in_at"]) if card["stocked_in_at"] else None
    owner = asked.get("owner_unit", unit)
    begins = all((card[name] or "").startswith(asked[name]) for name in ("iccid", "msisdn", "imsi") if name in asked)
    same = all(
        card[name] == asked[name]
        for name in ("carrier", "card_spec", "application_month", "delivery_id", "issued_to_unit")
        if name in asked
    )
    within = card["owner_unit"] == owner if asked.get("unit_exact") else card["owner_unit"].startswith(owner)
    return (
        begins
        and same
        and within
        and ("state" not in asked or card["state"] in asked["state"])
        and ("iccids" not in asked or card["iccid"] in asked["iccids"])
        and ("stocked_in_from" not in asked or (opened is not None and opened >= asked["stocked_in_from"]))
        and ("stocked_in_to" not in asked or (opened is not None and opened <= asked["stocked_in_to"]))
        and days >= asked.get("state_days_min", 0)
        and days <= asked.get("state_days_max", 10_000)
        and (not asked.get("abnormal") or days > LIMITS.get(card["state"], 10_000))
    )


def key(card: Card, sort: str) -> tuple[Any, ...]:
    columns, _ = SORTS[sort]
    return tuple((card[column] is None, card[column] or 0) for column in columns)


def expected(cards: list[Card], unit: str, asked: dict[str, Any], sort: str, order: str) -> list[str]:
    found = [card for card in cards if matches(card, unit, asked)]
    found.sort(key=lambda card: key(card, sort), reverse=(order == "desc") != SORTS[sort][1])
    return [card["iccid"] for card in found]


def a_filter(draw: random.Random, cards: list[Card]) -> dict[str, Any]:
    """A few conditions taken from a card that exists, so that something is usually found."""
    card = draw.choice(cards)
    opened = business_date(card["stocked_in_at"]) if card["stocked_in_at"] else date(2026, 8, 1)
    days = (TODAY - business_date(card["state_since"])).days
    choices: list[dict[str, Any]] = [
        {"iccid": card["iccid"][: draw.choice([6, 12, 17, 20])]},
        {"msisdn": card["msisdn"][: draw.choice([3, 7, 11])]},
        {"imsi": card["imsi"][: draw.choice([5, 9])]},
        {"carrier": card["carrier"]},
        {"card_spec": card["card_spec"]},
        {"application_month": card["application_month"]},
        {"owner_unit": card["owner_unit"]},
        {"owner_unit": card["owner_unit"], "unit_exact": True},
        {"unit_exact": True},
        {"state": [card["state"]]},
        {"state": sorted({card["state"], *draw.sample(STATES, 2)})},
        {"delivery_id": card["delivery_id"]},
        {"issued_to_unit": card["issued_to_unit"] or "990101"},
        {"stocked_in_from": opened, "stocked_in_to": opened + timedelta(days=draw.randrange(30))},
        {"stocked_in_to": opened},
        {"state_days_min": days},
        {"state_days_max": days},
        {"state_days_min": max(0, days - 5), "state_days_max": days + 5},
        {"abnormal": True},
        {"iccids": [one["iccid"] for one in draw.sample(cards, 30)]},
    ]
    asked: dict[str, Any] = {}
    for part in draw.sample(choices, draw.choice([0, 1, 1, 2, 2, 3])):
        asked |= part
    return asked


@pytest.mark.req("INV-05", "GTW-01")
@pytest.mark.parametrize("sort", sorted(SORTS))
@pytest.mark.parametrize("order", ["asc", "desc"])
def test_every_list_shows_the_matching_cards_in_order_and_counts_them(
    world: World, every_card: list[Card], sort: str, order: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = random.Random(f"{sort} {order}")
    for _ in range(16):
        # Gathered at once, gathered by some units at a time, or looked for by number: the same list each time.
        monkeypatch.setattr(segments, "GATHER_UP_TO", draw.choice([0, 40, 200, 2000]))
        unit = draw.choice(["99", "9901", "9902", "990102"])
        mine = [card for card in every_card if card["owner_unit"].startswith(unit)]
        asked = a_filter(draw, mine)
        if not asked.get("owner_unit", unit).startswith(unit):
            continue
        wanted = expected(every_card, unit, asked, sort, order)
        size = max(draw.choice([7, 50, 400]), len(wanted) // 6)

        seen = walk(world, unit, size=size, sort=sort, order=order, **asked)

        assert seen == wanted, (unit, asked, size)
        page = ask(world, unit, size=1, sort=sort, order=order, **asked)
        assert (page.total, page.total_is) == (len(wanted), "exact"), (unit, asked)


@pytest.mark.req("GTW-01")
@pytest.mark.parametrize("sort", sorted(SORTS))
@pytest.mark.parametrize("order", ["asc", "desc"])
def test_walking_back_from_the_last_page_shows_the_same_cards(
    world: World, every_card: list[Card], sort: str, order: str
) -> None:
    draw = random.Random(f"back {sort} {order}")
    for _ in range(3):
        asked = a_filter(draw, every_card)
        wanted = expected(every_card, "99", asked, sort, order)
        seen: list[str] = []
        cursor: str | None = LAST
        while cursor is not None:
            page = ask(world, "99", size=200, sort=sort, order=order, cursor=cursor, **asked)
            seen = [card.iccid for card in page.items if card.iccid not in set(seen)] + seen
            cursor = page.previous_cursor

        assert seen == wanted, asked


@pytest.mark.req("GTW-01")
def test_a_first_page_reached_backwards_is_full(world: World) -> None:
    first = ask(world, "99", size=20)
    second = ask(world, "99", size=20, cursor=first.next_cursor)
    wider = ask(world, "99", size=50, cursor=second.previous_cursor)

    assert wider.previous_cursor is None
    assert len(wider.items) == 50
    assert [card.iccid for card in wider.items[:20]] == [card.iccid for card in first.items]


@pytest.mark.req("GTW-01")
@pytest.mark.parametrize("cursor", ["x", "bGFzdA", "W10", "é", "a" * 3000, "WyIiLCJuIixbXV0"])
def test_a_made_up_cursor_is_refused(world: World, cursor: str) -> None:
    with pytest.raises(DomainError, match="cursor_invalid"):
        ask(world, "99", cursor=cursor)


@pytest.mark.req("GTW-01")
def test_a_cursor_is_good_only_for_its_own_filters_and_order(world: World) -> None:
    cursor = ask(world, "99", size=5).next_cursor

    for other in ({"state": ["running"]}, {"sort": "iccid"}, {"order": "desc"}, {"owner_unit": "9901"}):
        with pytest.raises(DomainError, match="cursor_invalid"):
            ask(world, "99", cursor=cursor, **other)
    assert ask(world, "99", size=9, cursor=cursor).items


@pytest.mark.req("GTW-02")
def test_nobody_lists_or_opens_cards_of_another_subtree(world: World, every_card: list[Card]) -> None:
    elsewhere = next(card for card in every_card if card["owner_unit"] == "990201")

    assert all(card.owner_unit.startswith("9901") for card in ask(world, "9901", size=1000).items)
    assert ask(world, "9901", iccid=elsewhere["iccid"]).total == 0
    with pytest.raises(DomainError, match="unit_out_of_scope"):
        ask(world, "9901", owner_unit="99")
    with world.reading() as tx, pytest.raises(DomainError, match="card_not_found"):
        get_card(tx, GetCard(iccid=elsewhere["iccid"]), by=actor("9901"), now=NOW)


@pytest.mark.req("INV-05")
def test_a_card_offers_what_its_state_and_the_actor_allow(world: World) -> None:
    offered = {
        state: set(ask(world, "99", state=[state], size=1).items[0].can)
        for state in ("received", "in_stock", "pending_install", "running", "pending_scrap", "terminated")
    }

    assert offered == {
        "received": {"mark_unqualified"},
        "in_stock": {"allocate", "issue", "mark_pending_scrap"},
        "pending_install": {"return_to_stock", "redirect", "mark_pending_scrap"},
        "running": set(),
        "pending_scrap": {"restore"},
        "terminated": set(),
    }


@pytest.mark.req("INV-05")
def test_one_card_is_found_however_its_number_is_written(world: World, every_card: list[Card]) -> None:
    card = every_card[17]
    spaced = " ".join([card["iccid"][:6], card["iccid"][6:]])
    with world.reading() as tx:
        found = get_card(tx, GetCard(iccid=spaced), by=actor("99"), now=NOW)

    assert (found.iccid, found.owner_unit, found.version) == (card["iccid"], card["owner_unit"], card["version"])
    assert found.batch_no.startswith("B")


@pytest.mark.parametrize("iccid", ["\ufffd", "8986\ufffd", "名", "8986'; --", "\ud7ff", "~", "x" * 32])
def test_a_strange_number_finds_nothing(world: World, iccid: str) -> None:
    assert ask(world, "99", iccid=iccid).items == []
    assert ask(world, "99", iccids=[iccid]).items == []
    assert ask(world, "99", msisdn=iccid[:20]).items == []
    assert ask(world, "99", terminal_asset_no=iccid).items == []
    assert ask(world, "99", carrier=iccid).items == []


def test_an_unknown_sort_is_refused(world: World) -> None:
    with pytest.raises(DomainError, match="sort_unknown"):
        ask(world, "99", sort="colour")


def test_counting_needs_no_card(world: World) -> None:
    """The total of a list that the books know is there even when reading cards is forbidden."""
    with world.reading() as tx:
        from services.inventory import books  # noqa: PLC0415  only here: the list module is the door for others

        assert books.total(tx, Stock("99")) == ask(world, "99", size=1).total
