"""串码提供人 (IME-06): a stranger cannot report for a vendor, a reviewed contact can, and the centre lets it in."""

from pathlib import Path
from typing import Any

import pytest

from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.contracts.imei.contacts import DecideContact, ListReports, RegisterContact, ReportSerials
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from services.imei import contacts
from tests.integration.imei.office import Office
from tests.integration.imei.shops import OTHER_CITY, PROVINCE, Shops, imei, person

SECOND = person("99", "admin")
VENDOR = Actor("huaxing", "张敏", "99", frozenset({"serial.report", "job.view"}))
STRANGER = Actor("stranger", "某人", "99", frozenset({"serial.report", "job.view"}))

pytestmark = pytest.mark.req("IME-06")


@pytest.fixture
def office(shops: Shops, tmp_path: Path) -> Office:
    return Office(shops, tmp_path)


def register(shops: Shops, login: str = "huaxing") -> Any:
    asked = RegisterContact(
        vendor="华星通讯", login=login, name="张敏", phone="13800000000", mail="zm@example.com", unit="99"
    )
    return shops.act(contacts.register, asked, PROVINCE)


def decide(shops: Shops, contact: Any, decision: str, by: Actor = SECOND) -> Any:
    asked = DecideContact(contact_id=contact.contact_id, decision=decision, remark="资料齐全")
    return shops.act(contacts.decide, asked, by)


def report(office: Office, serials: list[str], by: Actor = VENDOR) -> dict[str, Any]:
    content = "\n".join(["串码", *serials]) + "\n"
    asked = ReportSerials(file=office.blobs.put_stream([content.encode()], name="list.csv"))
    office.shops.act(lambda tx, asked, *, by, now: contacts.report(tx, asked, by=by), asked, by)
    return office.run()


def test_what_an_approved_contact_reports_waits_until_the_centre_lets_it_in(shops: Shops, office: Office) -> None:
    decide(shops, register(shops), "approve")

    reported = report(office, [imei(1), imei(2)])
    before = shops.sql("SELECT 1 FROM devices")
    released = office.release(reported["list_id"])

    assert (reported["state"], reported["held_because"], before) == ("held", "vendor_report", [])
    assert (released["state"], released["entered"], shops.row(imei(1)).state) == ("published", 2, "unclaimed")
    (note,) = shops.sql("SELECT DISTINCT document FROM changes WHERE document LIKE '华星%'")
    assert note.document == "华星通讯"


def test_strangers_pending_and_revoked_contacts_report_nothing(shops: Shops, office: Office) -> None:
    contact = register(shops)
    for by in (STRANGER, VENDOR):
        with pytest.raises(DomainError, match="contact_unknown"):
            report(office, [imei(1)], by)
    decide(shops, contact, "approve")
    report(office, [imei(1)])
    decide(shops, contact, "revoke")

    with pytest.raises(DomainError, match="contact_unknown"):
        report(office, [imei(2)])


def test_nobody_reports_for_a_vendor_in_the_contacts_place(office: Office) -> None:
    with pytest.raises(DomainError, match="serial_vendor_reports"):
        office.upload("province_entry", [imei(1)], source="vendor")


def test_a_contact_is_approved_by_somebody_else_and_seen_by_his_own_province(shops: Shops) -> None:
    contact = register(shops)

    with pytest.raises(DomainError, match="contact_known"):
        register(shops)
    with pytest.raises(DomainError, match="contact_own"):
        decide(shops, contact, "approve", PROVINCE)
    with pytest.raises(DomainError, match="contact_own"):
        decide(shops, contact, "approve", Actor("huaxing", "张敏", "99", PROVINCE.permissions))
    with pytest.raises(DomainError, match="contact_not_found"):
        decide(shops, contact, "approve", OTHER_CITY)
    assert decide(shops, contact, "refuse", PROVINCE).state == "refused"
    with pytest.raises(DomainError, match="contact_state_wrong"):
        decide(shops, contact, "approve")
    assert register(shops).state == "pending"


def test_a_contact_sees_his_own_reports_only(shops: Shops, office: Office) -> None:
    decide(shops, register(shops), "approve")
    report(office, [imei(1), imei(2)[:14] + "x"])
    office.upload("province_entry", [imei(3)])

    def seen(by: Actor) -> list[Any]:
        with UnitOfWork(shops.engine).begin(by) as tx:
            return contacts.REPORTS.answer(tx, ListReports(), by=by, now=shops.now).items

    assert [(it.rows, it.refused, it.entered, it.state) for it in seen(VENDOR)] == [(2, 1, 1, "held")]
    assert seen(STRANGER) == []
