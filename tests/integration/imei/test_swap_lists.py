"""A swap needs its list: drafted in time, issued, sealed, verified; only then are devices swapped (IME-08, DOC-01)."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.contracts.documents.events import FormIssued, FormNotIssued, SignedFormJudged
from kernel.contracts.envelope import BlobRef
from kernel.contracts.imei.acts import SwapSerial
from kernel.contracts.imei.swaps import DraftSwapList, ListSwapLists, ListSwapPairs, SettleSwapList
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from services.documents.content_check import check_content
from services.documents.forms.content import SwapListForm
from services.imei import swap_lists
from tests.integration.imei.shops import COUNTY, OTHER_CITY, PROVINCE, Shops, imei

pytestmark = pytest.mark.req("IME-08", "DOC-01")
DAY = timedelta(days=1)
BLOB = BlobRef(sha256="0" * 64, size=1, name="x.pdf", media_type="application/pdf")


def sold(shops: Shops, *numbers: int) -> list[str]:
    serials = shops.scan_new(*numbers)
    shops.sell(serials)
    return serials


def draft(shops: Shops, *serials: str, organisation: str = "centre", by: Actor = PROVINCE) -> Any:
    asked = DraftSwapList(organisation=organisation, serials=list(serials), applicant="张敏", phone="13800000000")
    return shops.act(swap_lists.draft, asked, by)


def tell(shops: Shops, act: Any, event: Any) -> None:
    with UnitOfWork(shops.engine).begin() as tx:
        act(tx, event)
        tx.commit()


def issue(shops: Shops, number: str) -> None:
    event = FormIssued(
        number=number, revision=1, kind="swap_list", unit="99", digest="0", pdf=BLOB, pages=1, issued_at=shops.now
    )
    tell(shops, swap_lists.issued, event)


def judge(shops: Shops, number: str, verdict: Any = "passed") -> None:
    event = SignedFormJudged(
        number=number, revision=1, attempt_id=None, scan_id=uuid4(), verdict=verdict, findings_count=0, findings=[],
        judged_at=shops.now,
    )  # fmt: skip
    tell(shops, swap_lists.judged, event)


def settle(shops: Shops, number: str, by: Actor = PROVINCE) -> Any:
    return shops.act(swap_lists.settle, SettleSwapList(number=number), by)


def listed(shops: Shops, number: str, by: Actor = PROVINCE) -> Any:
    with UnitOfWork(shops.engine).begin(by) as tx:
        (item,) = swap_lists.SWAP_LISTS.answer(tx, ListSwapLists(number=number), by=by, now=shops.now).items
    return item


def test_a_list_is_drafted_issued_verified_and_then_its_swaps_are_made(shops: Shops) -> None:
    old, new = *sold(shops, 1), *shops.have(2)
    number = draft(shops, old, new).number

    for state in ("issuing", "issued"):
        assert (listed(shops, number).state, listed(shops, number).can) == (state, [])
        with pytest.raises(DomainError, match="swap_list_not_passed"):
            settle(shops, number)
        issue(shops, number)
    judge(shops, number, "differs")
    assert (listed(shops, number).state, listed(shops, number).problem) == ("issued", "differs")
    judge(shops, number)
    assert (listed(shops, number).state, listed(shops, number).can) == ("passed", ["settle"])
    assert settle(shops, number).done == 1

    assert (shops.row(old).state, shops.row(new).state) == ("damaged", "sold")
    assert shops.look(old).events[-1].document == number
    assert listed(shops, number).state == "settled"
    with pytest.raises(DomainError, match="swap_list_not_passed"):
        settle(shops, number)


def test_what_is_sent_to_documents_is_a_form_that_it_can_print(shops: Shops) -> None:
    serials = sold(shops, *range(1, 4))
    new = shops.have(11, 12, 13)
    drafted = draft(shops, *[one for pair in zip(serials, new, strict=True) for one in pair])

    (row,) = shops.sql("SELECT payload FROM outbox WHERE type = 'swap_list_submitted' ORDER BY id DESC LIMIT 1")
    content = check_content(row.payload["content"])
    assert isinstance(content, SwapListForm)
    assert content.number == drafted.number
    assert [(it.returned, it.replacement) for it in content.swaps] == list(zip(serials, new, strict=True))


def test_bad_pairs_are_left_out_each_with_its_reason(shops: Shops) -> None:
    (old, again), new = sold(shops, 1, 2), shops.have(11, 12)
    in_stock = shops.scan_new(3)[0]

    drafted = draft(
        shops, old, new[0], in_stock, new[1], again, new[0], imei(99), new[1], again, again, again[:14] + "x", new[1]
    )

    assert drafted.done == 1
    assert [(it.row, it.code) for it in drafted.refused] == [
        (2, "serial_state_wrong"), (3, "serial_twice"), (4, "serial_not_found"), (5, "serial_twice"),
        (6, "serial_characters"),
    ]  # fmt: skip
    with pytest.raises(DomainError, match="swap_list_odd"):
        draft(shops, again)
    with pytest.raises(DomainError, match="serial_not_found"):
        draft(shops, imei(99), new[1])


def test_the_sixteenth_day_is_too_late_to_draft_but_the_paper_may_take_its_days(shops: Shops) -> None:
    (one, late), new = sold(shops, 1, 2), shops.have(11, 12)
    shops.now += 15 * DAY
    number = draft(shops, one, new[0]).number
    shops.now += DAY
    with pytest.raises(DomainError, match="serial_swap_too_late"):
        draft(shops, late, new[1])
    shops.now += 4 * DAY
    issue(shops, number)
    judge(shops, number)

    assert settle(shops, number).done == 1


def test_what_changed_after_the_draft_is_refused_by_row_and_can_be_tried_again(shops: Shops) -> None:
    (one, two), new = sold(shops, 1, 2), shops.have(11, 12)
    number = draft(shops, one, new[0], two, new[1]).number
    issue(shops, number)
    judge(shops, number)
    shops.sql("UPDATE devices SET state = 'frozen', held_from = 'claimed' WHERE id = :id", id=int(new[1][:14], 16))

    first = settle(shops, number)
    with UnitOfWork(shops.engine).begin(PROVINCE) as tx:
        asked = ListSwapPairs(number=number)
        pairs = swap_lists.SWAP_PAIRS.answer(tx, asked, by=PROVINCE, now=shops.now).items
    shops.sql("UPDATE devices SET state = 'claimed', held_from = NULL WHERE id = :id", id=int(new[1][:14], 16))
    second = settle(shops, number)

    assert (first.done, [(it.row, it.code) for it in first.refused]) == (1, [(2, "serial_state_wrong")])
    assert [it.done for it in pairs] == [True, False]
    assert pairs[1].message is not None
    assert (second.done, second.refused, listed(shops, number).state) == (1, [], "settled")
    assert shops.row(two).state == "damaged"


def test_one_swap_by_its_number_needs_a_verified_list_with_this_pair(shops: Shops) -> None:
    (one, two), new = sold(shops, 1, 2), shops.have(11, 12)
    number = draft(shops, one, new[0]).number
    asked = SwapSerial(serial=one, replacement=new[0], organisation="centre", document=number)

    def refused(request: SwapSerial) -> str:
        with pytest.raises(DomainError) as error:
            shops.act(swap_lists.swap_one, request, PROVINCE)
        return error.value.code

    assert refused(asked) == "swap_not_listed"
    issue(shops, number)
    judge(shops, number)
    assert refused(asked.model_copy(update={"serial": two})) == "swap_not_listed"
    assert refused(asked.model_copy(update={"document": "HJ-1"})) == "swap_not_listed"
    assert shops.act(swap_lists.swap_one, asked, PROVINCE).done == 2


def test_a_list_that_cannot_be_printed_says_why_and_other_forms_are_nobodys_business_here(shops: Shops) -> None:
    old, new = *sold(shops, 1), *shops.have(2)
    number = draft(shops, old, new).number
    tell(shops, swap_lists.not_issued, FormNotIssued(
        number=number, revision=1, kind="city_opening", field="number", reason="x"))  # fmt: skip
    assert listed(shops, number).state == "issuing"
    tell(shops, swap_lists.not_issued, FormNotIssued(
        number=number, revision=1, kind="swap_list", field="organisation", reason="字符无法打印"))  # fmt: skip

    assert (listed(shops, number).state, listed(shops, number).problem) == ("not_issued", "字符无法打印")
    judge(shops, number)
    assert listed(shops, number).state == "not_issued"


@pytest.mark.req("GTW-02")
def test_only_a_first_level_organisation_drafts_and_only_its_province_settles(shops: Shops) -> None:
    old, new = *sold(shops, 1), *shops.have(2)
    with pytest.raises(DomainError, match="serial_swap_level"):
        draft(shops, old, new, organisation="shop-1", by=COUNTY)
    with pytest.raises(DomainError, match="organisation_not_found"):
        draft(shops, old, new, by=OTHER_CITY)
    number = draft(shops, old, new).number
    issue(shops, number)
    judge(shops, number)
    with pytest.raises(DomainError, match="swap_list_not_found"):
        settle(shops, number, OTHER_CITY)
