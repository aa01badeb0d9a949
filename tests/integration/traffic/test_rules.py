"""Rules warn once per card, rule and period (TRF-07); terminated cards that are used are told of once (TER-08)."""

from datetime import date, timedelta
from typing import Any

import pytest

from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.contracts.traffic.rules import ChangeRule, CreateRule, ListRules, ListWarnings
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from services.traffic.watching.following import watch_due
from services.traffic.watching.rule_list import change_rule, create_rule, list_rules, list_warnings
from services.traffic.watching.rules import watch
from services.traffic.watching.terminated import tell
from tests.integration.traffic.costs_office import Office
from tests.integration.traffic.meters import MOBILE, Meters, day, iccid, unit_of

MB = 1 << 20
RULER = Actor("ruler", "规则员", "99", frozenset({"usage.view", "usage.rule"}))
CITY_RULER = Actor("city", "市规则员", "9901", frozenset({"usage.view", "usage.rule"}))
TODAY = date(2026, 11, 26)


def rule(meters: Meters, kind: str, threshold: int, by: Actor = RULER, **more: Any) -> Any:
    values = {"name": f"{kind} {threshold}", "unit": by.unit, "kind": kind, "threshold": threshold, **more}
    return meters.act(create_rule, CreateRule(**values), by)


def look(meters: Meters, act: Any = watch) -> int:
    with UnitOfWork(meters.engine).begin() as tx:
        new = act(tx, now=meters.now, today=TODAY)
        tx.commit()
    return new


def warned(meters: Meters, by: Actor = RULER, **asked: Any) -> list[tuple[str, str]]:
    return sorted((it.iccid, it.period) for it in meters.act(list_warnings, ListWarnings(size=200, **asked), by).items)


def told(meters: Meters, type_: str = "usage_warned") -> list[Any]:
    return [row.payload for row in meters.run("SELECT payload FROM outbox WHERE type = :t ORDER BY id", t=type_)]


@pytest.fixture(autouse=True)
def _none(meters: Meters) -> None:
    meters.run(
        "TRUNCATE usage_rules, usage_warnings, told_terminated, tariffs, cost_entries, cost_months, outbox CASCADE"
    )


@pytest.mark.req("TRF-07")
def test_a_card_at_ninety_percent_of_its_plan_is_warned_of_once_in_the_month(meters: Meters) -> None:
    Office(meters).tariff()  # 30 MB included
    rule(meters, "plan_percent", 90)
    full, below = MOBILE[0], MOBILE[1]
    meters.push([(iccid(full), day(1), 27 * MB), (iccid(below), day(1), 27 * MB - 1)])

    assert look(meters) == 1
    assert warned(meters) == [(iccid(full), "2026-11")]
    assert look(meters) == 0
    meters.push([(iccid(full), day(2), 27 * MB), (iccid(below), day(2), 1)])
    assert look(meters) == 1
    assert warned(meters) == sorted([(iccid(full), "2026-11"), (iccid(below), "2026-11")])
    first, second = told(meters)
    assert first["cards"] == [{"iccid": iccid(full), "unit": unit_of(full), "value": 27 * MB, "limit_value": 27 * MB}]
    assert (second["kind"], second["period"], len(second["cards"])) == ("plan_percent", "2026-11", 1)


@pytest.mark.req("TRF-07")
def test_silence_needs_figures_that_say_nothing_and_no_figure_is_not_silence(meters: Meters) -> None:
    rule(meters, "silent_days", 3)
    silent, unknown, used = MOBILE[0], MOBILE[1], MOBILE[2]
    for number in (20, 21, 22):
        rows = [(iccid(silent), day(number), 0), (iccid(used), day(number), 1 if number == 21 else 0)]
        meters.push([*rows, *([(iccid(unknown), day(number), 0)] if number != 21 else [])])
    meters.report([(iccid(silent), day(22), 0)])

    look(meters)

    assert warned(meters) == [(iccid(silent), "2026-11")]


@pytest.mark.req("TRF-07")
def test_a_jump_is_measured_against_the_cards_own_past_and_one_wild_day_hides_none(meters: Meters) -> None:
    rule(meters, "jump", 8)
    steady, wild, large, new = MOBILE[:4]
    for number in range(10, 25):
        sway = number % 3
        rows = [
            (iccid(steady), day(number), 2 * MB + sway * 1000),
            (iccid(wild), day(number), 500 * MB if number == 15 else 2 * MB + sway * 1000),
            (iccid(large), day(number), (60 + 20 * sway) * MB),
        ]
        meters.push(rows, whole=False)
    meters.run("UPDATE loads SET state = 'taken'")
    last = [(iccid(steady), day(25), 9 * MB), (iccid(wild), day(25), 9 * MB), (iccid(large), day(25), 130 * MB)]
    meters.push([*last, (iccid(new), day(25), 900 * MB)])

    look(meters)

    assert warned(meters) == sorted([(iccid(steady), "2026-11-25"), (iccid(wild), "2026-11-25")])


@pytest.mark.req("TRF-07")
def test_a_rule_watches_its_own_unit_and_carrier_and_ends_when_it_is_disabled(meters: Meters) -> None:
    Office(meters).tariff()
    Office(meters).tariff(carrier="china_unicom")
    meters.push([(iccid(number), day(1), 40 * MB) for number in MOBILE])
    city = rule(meters, "plan_percent", 50, CITY_RULER)
    none = rule(meters, "plan_percent", 50, carrier="china_unicom")
    off = rule(meters, "plan_percent", 51)
    meters.act(
        change_rule, ChangeRule(rule_id=off.id, version=off.version, name="off", threshold=51, enabled=False), RULER
    )

    look(meters)

    assert {card for card, _ in warned(meters)} == {iccid(n) for n in MOBILE if unit_of(n).startswith("9901")}
    assert warned(meters, rule_id=none.id) == warned(meters, rule_id=off.id) == []
    assert [it.id for it in meters.act(list_rules, ListRules(), CITY_RULER).items] == [city.id]
    assert warned(meters, Actor("o", "别市", "9902", RULER.permissions)) == []


@pytest.mark.req("TRF-07")
def test_a_rule_that_somebody_has_changed_or_that_is_not_ours_cannot_be_changed(meters: Meters) -> None:
    made = rule(meters, "jump", 8)
    again = {"rule_id": made.id, "version": made.version, "name": "x", "threshold": 9, "enabled": True}
    changed = meters.act(change_rule, ChangeRule(**again), RULER)
    with pytest.raises(DomainError, match="version_stale"):
        meters.act(change_rule, ChangeRule(**again), RULER)
    with pytest.raises(DomainError, match="rule_not_found"):
        meters.act(change_rule, ChangeRule(**{**again, "version": changed.version}), CITY_RULER)

    assert (changed.threshold, changed.can) == (9, ["change"])
    viewer = meters.act(list_rules, ListRules(), Actor("v", "查看", "99", frozenset({"usage.view"}))).items
    assert [it.can for it in viewer] == [[]]


@pytest.mark.req("TRF-07")
def test_the_watch_runs_after_figures_came_and_not_before_they_are_all_here(meters: Meters) -> None:
    def due() -> bool:
        with UnitOfWork(meters.engine).begin() as tx:
            began = watch_due(tx)
            tx.commit()
        return began

    assert not due()
    meters.push([(iccid(MOBILE[0]), day(1), 1)])
    meters.run("UPDATE loads SET state = 'waiting'")
    assert not due()
    meters.run("UPDATE loads SET state = 'taken'")
    assert due()
    assert not due()
    meters.run("UPDATE jobs SET state = 'done', created_at = :later", later=meters.now + timedelta(minutes=1))
    assert not due()


@pytest.mark.req("TER-08")
def test_a_terminated_card_that_is_used_or_costs_afterwards_is_told_of_once_a_month(meters: Meters) -> None:
    used, before, paid = MOBILE[:3]
    meters.run(
        "UPDATE cards SET state = 'terminated', changed_at = '2026-10-20T04:00Z' WHERE id = ANY(:ids)",
        ids=[used + 1, before + 1, paid + 1],
    )
    meters.push([(iccid(used), day(25), 3 * MB), (iccid(before), day(19, 10), 5 * MB), (iccid(before), day(20, 10), 9)])
    meters.run(
        "INSERT INTO cost_entries (iccid, unit, carrier, pool, line_spec, card_spec, about, posted_in, fen, used, days,"
        " posted_at, by_name) VALUES (:iccid, '990101', 'china_mobile', '', 'plug_in', 'plug_in', '2026-11-01',"
        " '2026-11-01', 205, 0, 30, :now, 'x')",
        iccid=iccid(paid), now=meters.now,
    )  # fmt: skip

    assert look(meters, tell) == 2
    assert look(meters, tell) == 0
    (event,) = told(meters, "terminated_cards_used")
    assert (event["province"], event["month"]) == ("99", "2026-11")
    said = {card["iccid"]: (card["traffic_mb"], card["cost"]) for card in event["cards"]}
    assert said == {iccid(used): ("3.000", "0"), iccid(paid): ("0.000", "2.05")}
