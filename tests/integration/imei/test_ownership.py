"""A province claims what another owns: the group reviews it, and the owner changes by that (IME-03)."""

from pathlib import Path
from typing import Any

import pytest

from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.contracts.imei.ownership import ListOwnershipMoves, ReviewOwnership
from kernel.model.actor import Actor
from services.imei import checking, ownership
from tests.integration.imei.office import Office
from tests.integration.imei.shops import PROVINCE, Shops, imei, person

pytestmark = pytest.mark.req("IME-03")
GROUP = person("99", "group_clerk")


@pytest.fixture
def office(shops: Shops, tmp_path: Path) -> Office:
    return Office(shops, tmp_path)


def listed(shops: Shops, by: Actor = GROUP, **more: Any) -> list[Any]:
    with UnitOfWork(shops.engine).begin(by) as tx:
        return list(ownership.OWNERSHIP_MOVES.answer(tx, ListOwnershipMoves(**more), by=by, now=shops.now).items)


def review(shops: Shops, *moves: int, approved: bool = True, by: Actor = GROUP) -> Any:
    asked = ReviewOwnership(moves=list(moves), approved=approved, remark="到货单已核对")
    return shops.act(ownership.review, asked, by)


def of_another_province(office: Office, *serials: str, kind: str = "group_entry") -> None:
    office.upload(kind, list(serials), province="97")


def test_a_claim_of_anothers_serial_waits_for_the_group_and_then_moves_it(office: Office, shops: Shops) -> None:
    of_another_province(office, imei(1), imei(2))

    result = office.upload("claim", [imei(1), imei(2), imei(3)])
    asked = listed(shops)

    assert (result["claimed"], result["asked"], result["refused"]) == (1, 2, 2)
    assert office.verdicts() == {2: ("serial_ownership_asked", None), 3: ("serial_ownership_asked", None)}
    assert [(it.serial, it.from_province, it.to_province, it.row, it.can) for it in asked] == [
        (imei(2), "97", "99", 3, ["review"]), (imei(1), "97", "99", 2, ["review"]),
    ]  # fmt: skip
    assert (shops.row(imei(1)).province, shops.row(imei(1)).state) == ("97", "unclaimed")

    assert review(shops, asked[1].move_id).done == 1
    assert review(shops, asked[0].move_id, approved=False).done == 1

    moved, stayed = shops.row(imei(1)), shops.row(imei(2))
    assert (moved.province, moved.unit, moved.state) == ("99", "99", "claimed")
    assert (stayed.province, stayed.unit, stayed.state) == ("97", "97", "unclaimed")
    assert [it.action for it in shops.look(imei(1)).events] == ["enter", "claim"]
    assert [it.state for it in listed(shops)] == ["refused", "approved"]


def test_the_books_still_follow_from_their_events_after_a_move(office: Office, shops: Shops) -> None:
    of_another_province(office, imei(1))
    office.upload("claim", [imei(1)])
    review(shops, listed(shops)[0].move_id)
    shops.act(lambda tx, _, *, by, now: checking.ask(tx, by=by), None, PROVINCE)

    assert office.run() == {"findings": 0}


def test_the_same_claim_again_asks_once_and_after_a_refusal_anew(office: Office, shops: Shops) -> None:
    of_another_province(office, imei(1))
    office.upload("claim", [imei(1)])
    office.upload("claim", [imei(1), imei(2)])
    assert len(listed(shops)) == 1

    review(shops, listed(shops)[0].move_id, approved=False)
    office.upload("claim", [imei(1), imei(3)])

    assert [it.state for it in listed(shops)] == ["pending", "refused"]


def test_what_changed_meanwhile_is_not_moved(office: Office, shops: Shops) -> None:
    of_another_province(office, *map(imei, (1, 2, 3)))
    office.upload("claim", [imei(1), imei(2), imei(3)])
    office.upload("claim", [imei(1)], province="97")  # its owner takes it himself
    office.upload("national_delta", [imei(2)])
    last, paid, taken = (it.move_id for it in listed(shops))

    answer = review(shops, taken, paid, last, last, 999_999)

    assert (answer.done, [(it.row, it.code) for it in answer.refused]) == (1, [
        (1, "serial_state_wrong"), (2, "serial_subsidised_elsewhere"), (4, "ownership_decided"),
        (5, "ownership_not_found"),
    ])  # fmt: skip
    assert [shops.row(imei(n)).province for n in (1, 2, 3)] == ["97", "97", "99"]


def test_two_provinces_that_ask_for_one_device_do_not_both_get_it(office: Office, shops: Shops) -> None:
    of_another_province(office, imei(1))
    office.upload("claim", [imei(1)])
    office.upload("claim", [imei(1)], province="98")
    ours, theirs = (int(it.id) for it in shops.sql("SELECT id FROM ownership_moves ORDER BY to_province DESC"))

    answers = [review(shops, ours), review(shops, theirs, by=person("97", "group_clerk"))]

    assert [it.done for it in answers] == [1, 0]
    assert answers[1].refused[0].code == "serial_state_wrong"
    assert shops.row(imei(1)).province == "99"


@pytest.mark.req("GTW-02")
def test_who_asked_does_not_review_and_strangers_see_nothing(office: Office, shops: Shops) -> None:
    of_another_province(office, imei(1))
    office.upload("claim", [imei(1)])
    himself = Actor(PROVINCE.id, "李伟", "99", PROVINCE.permissions | {"serial.group"})
    move = listed(shops)[0].move_id

    assert listed(shops, himself)[0].can == []
    assert review(shops, move, by=himself).refused[0].code == "ownership_own"
    assert listed(shops, person("98", "group_clerk")) == []
    assert review(shops, move, by=person("98", "group_clerk")).refused[0].code == "ownership_not_found"


def test_a_preview_asks_nobody_and_a_push_down_of_anothers_serial_is_refused(office: Office, shops: Shops) -> None:
    of_another_province(office, imei(1))

    assert office.upload("claim", [imei(1)], preview=True)["asked"] == 1
    office.upload("push_down", [imei(1)])

    assert office.verdicts() == {2: ("serial_other_province", None)}
    assert listed(shops) == []
