"""The one door: cards, run log, ledger and outbox say the same, whatever moves and whoever moves at once."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from psycopg import errors as postgres
from sqlalchemy.exc import DBAPIError

from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.contracts.inventory.events import CARD_EVENTS, SLICE
from kernel.model.period import business_date
from services.inventory.lifecycle import CARD_LIFECYCLE, CardAction, CardState
from services.inventory.movement import Each, Reference, Selection, by_ids, move_cards, receive_cards
from tests.integration.inventory.stock import CITY, NOW, PROVINCE, STRANGER, Stock, stage

A, S = CardAction, CardState


@pytest.mark.req("INV-01")
def test_an_arrival_is_a_card_a_log_row_a_ledger_row_and_an_event(stock: Stock):
    batch = stock.deliver(3)

    card, (entry,) = stock.card(batch.iccids[0]), stock.log(batch.iccids[0])
    assert (card["state"], card["version"], card["owner_unit"]) == ("received", 1, "99")
    assert (entry["from_state"], entry["to_state"], entry["from_unit"], entry["to_unit"]) == (
        None, "received", None, "99",
    )  # fmt: skip
    assert (entry["by"], entry["reference_kind"], entry["reference_id"]) == ("clerk-99", "delivery", str(batch.id))
    (event,) = stock.events(entry["change_id"])
    assert event["type"] == "cards_received"
    assert event["iccids"] == batch.iccids
    assert event["versions"] == [1, 1, 1]


@pytest.mark.req("INV-01")
def test_cards_that_are_known_do_not_arrive_again(stock: Stock):
    batch = stock.deliver(5)
    stock.move(A.STOCK_IN, batch.iccids[:2])
    with UnitOfWork(stock.engine).begin(PROVINCE) as tx:
        delivery = tx.execute("SELECT * FROM deliveries WHERE id = :id", {"id": batch.id}).one()
        stage(tx, [*batch.iccids, stock.number(77)])
        again = receive_cards(tx, delivery, by=PROVINCE, now=NOW)
        tx.commit()

    assert again.count == 1
    assert stock.states(batch.iccids) == {"received": 3, "in_stock": 2}


def test_nothing_arriving_is_no_change(stock: Stock):
    batch = stock.deliver(2)
    with UnitOfWork(stock.engine).begin(PROVINCE) as tx:
        delivery = tx.execute("SELECT * FROM deliveries WHERE id = :id", {"id": batch.id}).one()
        stage(tx, batch.iccids)
        again = receive_cards(tx, delivery, by=PROVINCE, now=NOW)

    assert (again.change_id, again.count) == (None, 0)


def test_an_act_writes_what_the_contract_says_into_its_event(stock: Stock):
    batch = stock.stocked(2, unit="990101")

    moved = stock.move(A.ISSUE, batch.iccids, by=CITY, issued_to_unit="990101", recipient="李强")

    (event,) = stock.events(moved.change_id)
    fact = CARD_EVENTS["issue"].model_validate(event)
    assert event["type"] == "cards_issued"
    assert (fact.from_state, fact.to_state, fact.from_unit, fact.to_unit) == (
        "in_stock", "pending_install", "990101", "990101",
    )  # fmt: skip
    assert (fact.issued_to_unit, fact.by, fact.at) == ("990101", "clerk-9901", NOW)
    assert (fact.carrier, fact.card_spec, fact.application_month) == ("china_mobile", "plug_in", "2026-11")
    assert dict(zip(fact.iccids, fact.versions, strict=True)) == dict.fromkeys(batch.iccids, 4)


def test_a_large_act_is_told_in_slices_that_hold_every_card_once(stock: Stock):
    one = stock.deliver(1800)
    other = stock.deliver(700, card_spec="smd")

    moved = stock.move(A.STOCK_IN, one.iccids + other.iccids)

    events = stock.events(moved.change_id)
    told = [iccid for event in events for iccid in event["iccids"]]
    assert max(len(event["iccids"]) for event in events) <= SLICE
    assert sorted(told) == sorted(one.iccids + other.iccids)
    assert {event["card_spec"] for event in events} == {"plug_in", "smd"}
    for event in events:
        specs = {stock.card(iccid)["card_spec"] for iccid in event["iccids"][:3]}
        assert specs == {event["card_spec"]}


@pytest.mark.req("INV-10")
def test_the_ledger_takes_from_one_place_and_puts_into_another(stock: Stock):
    batch = stock.stocked(4)
    stock.now = NOW + timedelta(days=3)

    moved = stock.move(A.ALLOCATE, batch.iccids[:3], owner_unit="9901")

    rows = stock.all("SELECT * FROM ledger ORDER BY id DESC LIMIT 2")
    day = business_date(stock.now)
    assert moved.count == 3
    assert {(row["owner_unit"], row["delta"]) for row in rows} == {("99", -3), ("9901", 3)}
    assert {(row["state"], row["action"], row["day"]) for row in rows} == {("in_stock", "allocate", day)}
    # They are no younger in the state for having another owner.
    assert {row["since"] for row in rows} == {business_date(NOW)}


@pytest.mark.req("INV-10")
def test_after_every_kind_of_act_the_books_say_what_the_cards_say(stock: Stock):
    batch = stock.deliver(40)
    stock.move(A.MARK_UNQUALIFIED, batch.iccids[:6])
    stock.move(A.INSPECT_AGAIN, batch.iccids[:3])
    stock.move(A.STOCK_IN, batch.iccids)
    stock.now = NOW + timedelta(days=1)
    stock.move(A.ALLOCATE, batch.iccids[10:30], owner_unit="9901")
    stock.move(A.ISSUE, batch.iccids[5:20], issued_to_unit="9901")
    stock.move(A.BIND, batch.iccids[12:20], terminal_asset_no="T1")
    stock.move(A.UNBIND, batch.iccids[12:14])
    stock.now = NOW + timedelta(days=2)
    stock.move(A.MARK_PENDING_SCRAP, batch.iccids[10:30])
    stock.move(A.PUT_ON_FORM, batch.iccids[20:26])
    stock.move(A.TERMINATE, batch.iccids[20:22])

    ledger = stock.all(
        """
        SELECT state, owner_unit, since, opened_on, sum(delta)::int AS n FROM ledger
        GROUP BY 1, 2, 3, 4 HAVING sum(delta) <> 0 ORDER BY 1, 2, 3, 4
        """
    )
    cards = stock.all(
        """
        SELECT state, owner_unit, (state_since AT TIME ZONE 'Asia/Shanghai')::date AS since,
               (stocked_in_at AT TIME ZONE 'Asia/Shanghai')::date AS opened_on, count(*)::int AS n
        FROM cards GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
        """
    )
    logs = stock.all(
        """
        SELECT cards.id FROM cards LEFT JOIN run_log ON card_id = cards.id
        GROUP BY cards.id HAVING count(*) <> cards.version OR max(run_log.version) <> cards.version
           OR (array_agg(to_state ORDER BY run_log.version DESC))[1] <> cards.state
           OR (array_agg(to_unit ORDER BY run_log.version DESC))[1] <> cards.owner_unit
        """
    )
    assert ledger == cards
    assert logs == []


def test_only_cards_within_the_actors_units_move(stock: Stock):
    mine = stock.stocked(2, unit="9901")
    theirs = stock.stocked(2, unit="990201")

    moved = stock.move(A.ISSUE, mine.iccids + theirs.iccids, by=CITY, issued_to_unit="9901")

    assert moved.count == 2
    assert stock.states(theirs.iccids) == {"in_stock": 2}


def test_an_act_that_moves_nothing_leaves_no_trace(stock: Stock):
    batch = stock.deliver(1)
    before = stock.one("SELECT (SELECT count(*) FROM changes) AS changes, (SELECT count(*) FROM outbox) AS events")

    moved = stock.move(A.TERMINATE, batch.iccids)

    after = stock.one("SELECT (SELECT count(*) FROM changes) AS changes, (SELECT count(*) FROM outbox) AS events")
    assert (moved.change_id, moved.count) == (None, 0)
    assert after == before


def test_a_column_that_no_act_may_set_is_refused(stock: Stock):
    with pytest.raises(ValueError, match="not settable"):
        stock.move(A.STOCK_IN, [], state="terminated")


PREPARED: dict[str, list[tuple[CardAction, dict[str, str | None]]]] = {
    S.RECEIVED: [],
    S.UNQUALIFIED: [(A.MARK_UNQUALIFIED, {})],
    S.IN_STOCK: [(A.STOCK_IN, {})],
    S.PENDING_INSTALL: [(A.STOCK_IN, {}), (A.ISSUE, {})],
    S.RUNNING: [(A.STOCK_IN, {}), (A.ISSUE, {}), (A.BIND, {})],
    S.PENDING_SCRAP: [(A.STOCK_IN, {}), (A.ISSUE, {}), (A.MARK_PENDING_SCRAP, {})],
    S.TERMINATING: [(A.STOCK_IN, {}), (A.MARK_PENDING_SCRAP, {}), (A.PUT_ON_FORM, {})],
    S.TERMINATED: [(A.STOCK_IN, {}), (A.MARK_PENDING_SCRAP, {}), (A.PUT_ON_FORM, {}), (A.TERMINATE, {})],
}


@pytest.mark.parametrize("state", sorted(PREPARED))
def test_the_statement_moves_exactly_what_the_table_allows(stock: Stock, state: str):
    """The pure engine and the compiled SQL give the same answer for every action."""
    actions = [action for action in CardAction if action is not A.RECEIVE]
    batch = stock.deliver(len(actions))
    for action, sets in PREPARED[state]:
        stock.move(action, batch.iccids, **sets)

    for action, iccid in zip(actions, batch.iccids, strict=True):
        card = stock.card(iccid)
        row = CARD_LIFECYCLE.row(action)
        allowed = state in row.sources and all(card[need.fact] == need.value for need in row.requires)

        moved = stock.move(action, [iccid])

        after = stock.card(iccid)
        assert moved.count == int(allowed), (state, action)
        assert after["state"] == (row.target if allowed else state)
        assert after["version"] == card["version"] + int(allowed)


def test_the_times_of_the_steps_are_kept(stock: Stock):
    (iccid,) = stock.deliver(1).iccids
    steps: list[tuple[CardAction, str]] = [
        (A.STOCK_IN, "stocked_in_at"), (A.ALLOCATE, "allocated_at"), (A.ISSUE, "issued_at"), (A.BIND, "bound_at"),
    ]  # fmt: skip
    for hours, (action, column) in enumerate(steps, 1):
        stock.now = NOW + timedelta(hours=hours)
        stock.move(action, [iccid], **({"owner_unit": "9901"} if action is A.ALLOCATE else {}))
        card = stock.card(iccid)
        assert card[column] == card["last_operation_at"] == stock.now
        assert (card["state_since"] == stock.now) is (action is not A.ALLOCATE)


@pytest.mark.parametrize("table", ["run_log", "changes"])
@pytest.mark.parametrize("statement", ["UPDATE {0} SET change = 1", "DELETE FROM {0}", "TRUNCATE {0}"])
@pytest.mark.req("INV-05")
def test_the_run_log_cannot_be_changed_or_forgotten(stock: Stock, table: str, statement: str):
    statement = statement.replace("change = 1", "change_id = 1" if table == "run_log" else "reason = ''")
    with pytest.raises(DBAPIError) as caught:
        stock.all(statement.format(table))

    assert isinstance(caught.value.orig, postgres.RestrictViolation)


def race(stock: Stock, *acts: Any) -> list[int]:
    """Each act in a thread and a transaction of its own, begun together and committed at the end; the counts."""
    gate, counts = threading.Barrier(len(acts)), [0] * len(acts)
    failures: list[BaseException] = []

    def run(place: int, act: Any) -> None:
        try:
            with UnitOfWork(stock.engine).begin(PROVINCE) as tx:
                gate.wait(10)
                counts[place] = act(tx).count
                tx.commit()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(place, act)) for place, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not failures
    return counts


@pytest.mark.req("INV-04")
def test_of_two_acts_at_once_one_moves_a_card_and_the_other_finds_it_moved(stock: Stock):
    batch = stock.stocked(300)

    def act(order: str) -> Any:
        # The selections reach the rows in opposite orders; the locks are taken in one order all the same.
        where = f"cards.iccid IN (SELECT iccid FROM cards WHERE delivery_id = :id ORDER BY iccid {order})"
        return lambda tx: move_cards(tx, A.ISSUE, Selection(where, {"id": batch.id}), by=PROVINCE, now=NOW)

    counts = race(stock, act("ASC"), act("DESC"), act("ASC"), act("DESC"))

    assert sorted(counts) == [0, 0, 0, 300]
    assert len(stock.log(batch.iccids[0])) == 3


def test_two_acts_on_overlapping_cards_divide_them(stock: Stock):
    batch = stock.stocked(200)

    def act(part: list[str], action: CardAction) -> Any:
        where = Selection("cards.iccid = ANY(CAST(:iccids AS text[]))", {"iccids": part})
        return lambda tx: move_cards(tx, action, where, by=PROVINCE, now=NOW, reference=Reference("form", "1"))

    counts = race(stock, act(batch.iccids[:150], A.ISSUE), act(batch.iccids[50:], A.MARK_PENDING_SCRAP))

    # What the first issued, the second may still mark for scrap; what is marked cannot be issued.
    assert counts[1] == 150
    assert counts[0] in {50, 150}
    versions = stock.all("SELECT version, count(*) AS n FROM cards WHERE delivery_id = :id GROUP BY 1", id=batch.id)
    assert sum(row["version"] * row["n"] for row in versions) == 200 * 2 + sum(counts)


def test_a_stranger_moves_nothing(stock: Stock):
    batch = stock.stocked(3, unit="990101")

    assert stock.move(A.MARK_PENDING_SCRAP, batch.iccids, by=STRANGER).count == 0


@pytest.mark.req("BND-03")
def test_values_of_each_card_go_into_cards_log_books_and_events(stock: Stock):
    batch = stock.stocked(30)
    ids = [stock.card(iccid)["id"] for iccid in batch.iccids]
    units = [("990101", "990102", "9902")[number % 3] for number in range(30)]
    each = Each(ids[:24], {"owner_unit": units[:24], "reason": [f"核对{unit}" for unit in units[:24]]})
    with UnitOfWork(stock.engine).begin(PROVINCE) as tx:
        moved = move_cards(tx, A.ALLOCATE, by_ids(ids), by=PROVINCE, now=NOW, each=each)
        tx.commit()

    assert moved.count == 24
    for iccid, unit in zip(batch.iccids[:24], units, strict=False):
        assert stock.card(iccid)["owner_unit"] == unit
        assert stock.log(iccid)[-1]["to_unit"] == unit
    assert stock.card(batch.iccids[29])["owner_unit"] == "99"
    events = stock.events(moved.change_id)
    assert {(event["to_unit"], event["reason"], len(event["iccids"])) for event in events} == {
        (unit, f"核对{unit}", 8) for unit in set(units)
    }
    booked = stock.all("SELECT owner_unit, sum(delta) AS n FROM ledger GROUP BY 1 HAVING sum(delta) <> 0 ORDER BY 1")
    assert booked == stock.all("SELECT owner_unit, count(*) AS n FROM cards GROUP BY 1 ORDER BY 1")


def test_what_no_act_may_write_is_refused(stock: Stock):
    with UnitOfWork(stock.engine).begin(PROVINCE) as tx, pytest.raises(ValueError, match="state"):
        move_cards(tx, A.STOCK_IN, by_ids([1]), by=PROVINCE, now=NOW, each=Each([1], {"state": ["running"]}))
