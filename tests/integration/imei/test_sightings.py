"""Modules that terminals read in two places at once become findings (IME-15, BND-10)."""

from datetime import timedelta

import pytest

from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.contracts.binding.events import ChangedImei, DoubledImei, ImeisChanged, ImeisDoubled
from kernel.contracts.imei.audits import AnalyseMonth, ListViolations
from services.imei import sightings, violations
from tests.integration.imei.shops import COUNTY, NOW, OTHER_CITY, PROVINCE, Shops, imei


def told(shops: Shops, serial: str, unit: str | None) -> None:
    clone = DoubledImei(
        iccid="89860012345678901237", imei=serial, terminal="33T0000002", unit=unit, since=NOW,
        last_read=NOW + timedelta(days=1), other_iccid="89860012345678901245", other_terminal="33T0000001",
        other_unit=unit, other_since=NOW - timedelta(days=9), other_last_read=NOW + timedelta(days=1),
    )  # fmt: skip
    with UnitOfWork(shops.engine).begin(PROVINCE, "test") as tx:
        sightings.clones(tx, ImeisDoubled(decision=1, at=NOW, clones=[clone]), now=NOW)
        tx.commit()


def clones(shops: Shops, by: object = PROVINCE) -> list[tuple[str, str]]:
    with UnitOfWork(shops.engine).begin(by) as tx:  # type: ignore[arg-type]
        found = violations.VIOLATIONS.answer(tx, ListViolations(kind="clone"), by=by, now=NOW).items  # type: ignore[arg-type]
    return [(it.serial, it.unit) for it in found]


@pytest.mark.req("IME-15", "BND-10")
def test_a_module_in_two_terminals_is_a_finding_with_both_claims_found_once(shops: Shops) -> None:
    told(shops, imei(500), "990301")
    told(shops, imei(500), "990301")

    assert clones(shops) == [(imei(500), "990301")]
    with UnitOfWork(shops.engine).begin(PROVINCE) as tx:
        found = violations.VIOLATIONS.answer(tx, ListViolations(kind="clone"), by=PROVINCE, now=NOW).items[0]
    assert "33T0000001" in found.ours
    assert "33T0000002" in found.theirs
    assert found.happened_at == NOW


@pytest.mark.req("IME-15", "GTW-02")
def test_a_clone_of_a_device_of_the_registry_is_its_own_units_finding(shops: Shops) -> None:
    serial = shops.have(1)[0]
    shops.scan([serial])

    told(shops, serial, "990301")

    assert [it[0] for it in clones(shops, COUNTY)] == [serial]
    assert clones(shops, OTHER_CITY) == []


@pytest.mark.req("IME-15")
def test_terminals_of_no_unit_are_nobodys_finding(shops: Shops) -> None:
    told(shops, imei(501), None)

    assert clones(shops) == []


def moved(shops: Shops, serial: str, unit: str | None) -> None:
    """A card was found in the module ``serial``, in a terminal of ``unit``."""
    change = ChangedImei(
        iccid="89860012345678901237", imei=serial, terminal="33T0000002", slot=1, unit=unit, since=NOW,
        card_imei_before=imei(900), terminal_before="33T0000001", slot_imei_before=None,
    )  # fmt: skip
    with UnitOfWork(shops.engine).begin(PROVINCE, "test") as tx:
        sightings.changed(tx, ImeisChanged(decision=1, at=NOW, changes=[change]), now=NOW)
        tx.commit()


@pytest.mark.req("IME-15", "BND-10")
def test_a_device_of_the_registry_that_a_terminal_reads_has_registered_there_and_others_are_nobodys(
    shops: Shops,
) -> None:
    serial = shops.have(1)[0]

    for _ in range(2):
        moved(shops, serial, "990301")
        moved(shops, imei(501), "990301")
        moved(shops, serial, None)

    told = shops.sql("SELECT registered_at, place FROM registrations")
    assert [(row.registered_at, row.place) for row in told] == [(NOW, "990301")]
    assert shops.row(serial).registered_at == NOW


@pytest.mark.req("IME-13", "IME-15")
def test_a_device_that_is_read_in_a_terminal_of_another_province_is_diverted(shops: Shops) -> None:
    serial = shops.scan_new(1)[0]

    moved(shops, serial, "980101")
    with UnitOfWork(shops.engine).begin(PROVINCE, "test") as tx:
        found = violations.analyse(tx, AnalyseMonth(month="2026-11"), by=PROVINCE, now=NOW + timedelta(days=2)).found
        tx.commit()

    assert found["diversion"] == 1
