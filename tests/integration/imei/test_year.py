"""A year of a thousand devices through the rules of the document, with cheats among them: exactly these are found.

The trade keeps its own account of every device, in plain Python, and the registry must agree with it: each state, each
state of the past, what fell silent, and each finding. What the rules forbid is tried, and must be refused.
"""

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from kernel.contracts.imei.acts import SwapSerial, ThawSerials, TransferSerials
from kernel.contracts.imei.audits import AnalyseMonth, ReportRegistrations
from kernel.contracts.imei.orders import CancelRedemption
from kernel.contracts.imei.redemption import RedeemSerial
from kernel.contracts.imei.reports import CountSerials
from kernel.model.actor import system_actor
from kernel.model.errors import DomainError
from services.imei import (
    checking,
    freezing,
    redemption,
    registrations,
    reports,
    reserving,
    scanning,
    silence,
    swapping,
    violations,
)
from services.imei.codes import written
from tests.integration.imei.office import Office
from tests.integration.imei.shops import PROVINCE, Shops, imei

MONTHS = [datetime(2026 + number // 12, number % 12 + 1, 1, 2, tzinfo=UTC) for number in range(14)]
"""10:00 in Shanghai of the first of each month; devices come in the first twelve."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HONEST = {
    "airtime": 34, "terminal": 20, "bare": 8, "kept": 8, "unscanned": 5, "moved": 6, "swapped": 4, "cancelled": 4,
    "frozen": 3, "thawed": 3, "own_claim": 2,
}  # fmt: skip
CHEATS = {"double_subsidy": 2, "phantom": 2, "diversion": 2, "clone": 2, "not_redeemed_same_day": 2}


class Trade:
    """What happens to the devices, and the account of it."""

    def __init__(self, shops: Shops, office: Office, random: Random) -> None:
        self.shops, self.office, self.random = shops, office, random
        self.past: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
        self.cheats: set[tuple[str, str]] = set()
        self.told: list[dict[str, str]] = []
        self.national: list[tuple[str, str]] = []
        self.to_thaw: set[str] = set()
        self.next_number = 1

    # -- the account ---------------------------------------------------------------------------------------------------

    def note(self, state: str, *serials: str) -> None:
        for serial in serials:
            self.past[serial].append((self.shops.now, state))

    def state(self, serial: str) -> str:
        return self.past[serial][-1][1]

    def since(self, serial: str) -> datetime:
        """When it came into the state in which it is."""
        since = self.past[serial][-1][0]
        for at, state in reversed(self.past[serial]):
            if state != self.state(serial):
                break
            since = at
        return since

    # -- single acts ---------------------------------------------------------------------------------------------------

    def fresh(self, count: int) -> list[str]:
        numbers = range(self.next_number, self.next_number + count)
        self.next_number += count
        return [imei(number) for number in numbers]

    def redeem(self, serial: str, kind: str = "airtime", organisation: str = "shop-1") -> None:
        order = RedeemSerial(
            kind=kind, serial=serial, organisation=organisation, order_no=f"DD-{serial}", msisdn=self.phone(serial)
        )
        self.shops.act(redemption.redeem, order)
        self.note("subsidised", serial)

    def refused(self, code: str, act: Callable[[], Any]) -> None:
        with pytest.raises(DomainError, match=code):
            act()

    def sell(self, serial: str, organisation: str = "shop-1") -> None:
        assert self.shops.sell([serial], organisation).done == 1
        self.note("sold", serial)

    def phone(self, serial: str) -> str:
        return f"13{serial[5:14]}"

    def register(self, serial: str, *, after: timedelta, place: str = "9901", phone: str | None = None) -> None:
        at = self.shops.now + after
        row = {"serial": serial, "registered_at": at.isoformat(), "place": place}
        self.told.append({**row, "msisdn": phone or self.phone(serial)})

    # -- months --------------------------------------------------------------------------------------------------------

    def month(self, start: datetime, arriving: int) -> None:
        self.shops.now = start
        serials = self.fresh(arriving)
        fates = self.random.choices([*HONEST, *CHEATS], [*HONEST.values(), *CHEATS.values()], k=arriving)
        if arriving:
            assert self.office.upload("push_down", serials)["claimed"] == arriving
            self.note("claimed", *serials)
        of_fate = defaultdict(list)
        for serial, fate in zip(serials, fates, strict=True):
            of_fate[fate].append(serial)
        self.shops.now += DAY
        scanned = [serial for serial, fate in zip(serials, fates, strict=True) if fate != "unscanned"]
        if scanned:
            assert self.shops.scan(scanned).done == len(scanned)
        for fate, devices in of_fate.items():
            for serial in devices:
                self.shops.now = start + DAY * self.random.randint(2, 9)
                getattr(self, f"_{fate}")(serial)
        self.end(start + DAY * 26)

    def end(self, at: datetime) -> None:
        """The national list comes, registrations are told, the nightly acts run, the month is looked through."""
        self.shops.now = at
        if self.national:
            rows = [f"{serial},{claimant}" for serial, claimant in self.national]
            assert self.office.upload("national_delta", rows, "串码,省份")["state"] == "published"
            for serial, _ in self.national:
                if self.state(serial) in ("claimed", "sold", "silent"):
                    self.note("frozen", serial)
        for number in range(0, len(self.told), 1000):
            rows = self.told[number : number + 1000]
            answer = self.shops.act(registrations.report, ReportRegistrations(rows=rows), PROVINCE)
            assert answer.done == len(rows)
        self.told, self.national = [], []
        self.shops.now += HOUR
        self._thaw()
        self.shops.act(lambda tx, _, by, now: silence.fall_silent(tx, by=by, now=now), None, system_actor("imei"))
        silent = [it for it in self.past if self.state(it) == "claimed" and self.since(it) < at + HOUR - DAY * 365]
        self.note("silent", *silent)
        month = (at + 8 * HOUR).strftime("%Y-%m")
        self.shops.act(violations.analyse, AnalyseMonth(month=month), PROVINCE)

    def _thaw(self) -> None:
        thawing = [it for it in self.past if self.state(it) == "frozen" and it in self.to_thaw]
        if thawing:
            request = ThawSerials(serials=thawing, reason="核对无误")
            assert self.shops.act(freezing.thaw, request, PROVINCE).done == len(thawing)
            self.note("claimed", *thawing)

    # -- honest devices ------------------------------------------------------------------------------------------------

    def _airtime(self, serial: str) -> None:
        self.sell(serial)
        self.shops.now += HOUR
        self.redeem(serial)
        self.register(serial, after=HOUR)
        if self.random.random() < 0.1:  # somebody wants a second subsidy
            self.refused("serial_state_wrong", lambda: self.redeem(serial))

    def _terminal(self, serial: str) -> None:
        if self.random.random() < 0.1:
            self.refused("serial_in_other_organisation", lambda: self.redeem(serial, "terminal", "shop-2"))
        self.redeem(serial, "terminal")
        self.register(serial, after=HOUR)

    def _bare(self, serial: str) -> None:
        self.refused("serial_state_wrong", lambda: self.redeem(serial))  # 话补 wants it sold
        self.sell(serial)

    def _kept(self, serial: str) -> None:
        """Lies in the shop, and falls silent after a year."""

    def _unscanned(self, serial: str) -> None:
        """Stays in the pool; no shop can sell it."""
        assert self.shops.sell([serial]).refused_count == 1

    def _moved(self, serial: str) -> None:
        request = TransferSerials(serials=[serial], to_organisation="shop-2")
        assert self.shops.act(scanning.transfer, request).done == 1
        self.note("claimed", serial)
        upwards = TransferSerials(serials=[serial], to_organisation="dealer-a")
        assert [it.code for it in self._tried(upwards)] == ["serial_levels_differ"]
        self.sell(serial, "shop-2")
        self.redeem(serial, organisation="shop-2")
        self.register(serial, after=HOUR)

    def _tried(self, request: TransferSerials) -> list[Any]:
        try:
            return list(self.shops.act(scanning.transfer, request).refused)
        except DomainError as error:
            return [error]

    def _swapped(self, serial: str) -> None:
        self._airtime(serial)
        (replacement,) = self.fresh(1)
        assert self.office.upload("push_down", [replacement])["claimed"] == 1
        self.note("claimed", replacement)
        late = self.random.random() < 0.3
        self.shops.now += DAY * (16 if late else 10)
        swap = SwapSerial(serial=serial, replacement=replacement, organisation="centre", document="HJ-1")
        if late:
            self.refused("serial_swap_too_late", lambda: self.shops.act(swapping.swap, swap, PROVINCE))
            return
        self.shops.act(swapping.swap, swap, PROVINCE)
        self.note("damaged", serial)
        self.note("sold", replacement)
        self.register(replacement, after=HOUR, phone=self.phone(serial))

    def _cancelled(self, serial: str) -> None:
        self.sell(serial)
        self.redeem(serial)
        self.shops.now += HOUR
        cancel = CancelRedemption(serial=serial, order_no=f"DD-{serial}", reason="用户退单")
        self.shops.act(reserving.cancel, cancel)
        self.note("sold", serial)

    def _frozen(self, serial: str) -> None:
        self.national.append((serial, "98"))

    def _thawed(self, serial: str) -> None:
        self.national.append((serial, "98"))
        self.to_thaw.add(serial)

    def _own_claim(self, serial: str) -> None:
        self._airtime(serial)
        self.national.append((serial, "99"))

    # -- cheats --------------------------------------------------------------------------------------------------------

    def _double_subsidy(self, serial: str) -> None:
        self._airtime(serial)
        self.national.append((serial, "98"))
        self.cheats.add(("double_subsidy", serial))

    def _phantom(self, serial: str) -> None:
        self.sell(serial)
        self.redeem(serial)
        other = imei(900_000 + int(serial[8:14]))
        self.register(other, after=HOUR, phone=self.phone(serial))
        self.cheats.add(("phantom", other))

    def _diversion(self, serial: str) -> None:
        self.sell(serial)
        self.register(serial, after=DAY, place="9801")
        self.cheats.add(("diversion", serial))

    def _clone(self, serial: str) -> None:
        self.sell(serial)
        self.register(serial, after=HOUR)
        self.register(serial, after=2 * HOUR, place="9905")
        self.cheats.add(("clone", serial))

    def _not_redeemed_same_day(self, serial: str) -> None:
        self.register(serial, after=HOUR)
        self.shops.now += DAY
        self.sell(serial)
        self.cheats.add(("not_redeemed_same_day", serial))


@pytest.fixture
def year(shops: Shops, tmp_path: Path) -> Trade:
    trade = Trade(shops, Office(shops, tmp_path, in_time=True), Random(20261127))
    for number, start in enumerate(MONTHS):
        trade.month(start, 84 if number < 12 else 0)
    return trade


@pytest.mark.req("IME-02", "IME-08", "IME-09", "IME-10", "IME-12", "IME-13", "IME-14")
def test_the_year_of_a_thousand_devices_ends_as_the_rules_say_and_only_cheats_are_found(year: Trade) -> None:
    shops = year.shops
    assert len(year.past) >= 1000
    assert {kind for kind, _ in year.cheats} == set(CHEATS)

    found = shops.sql("SELECT kind, code FROM violations")
    assert {(row.kind, written(row.code)) for row in found} == year.cheats
    assert len(found) == len(year.cheats)

    states = {written(row.id): row.state for row in shops.sql("SELECT id, state FROM devices")}
    assert states == {serial: year.state(serial) for serial in year.past}
    assert set(states.values()) == {"claimed", "sold", "subsidised", "silent", "frozen", "damaged"}

    shops.sql(checking._FIND, now=shops.now)
    assert shops.sql("SELECT * FROM findings") == []

    totals = shops.act(reports.count, CountSerials(), PROVINCE).totals
    assert {state: totals[state] for state in set(states.values())} == Counter(states.values())

    for serial in year.random.sample(sorted(year.past), 60):
        moment = MONTHS[0] + DAY * year.random.randint(1, 400)
        known = [state for at, state in year.past[serial] if at <= moment]
        if known:
            assert shops.look(serial, moment).state == known[-1], (serial, moment)
