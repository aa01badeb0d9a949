"""One physical card is one card, however it is written and wherever it comes from (INV-12)."""

import itertools
from collections.abc import Callable, Iterator
from inspect import signature
from pathlib import Path
from typing import Any

import pytest

from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.contracts.files import FileChoice
from kernel.contracts.inventory.acts import IssueListed, PreviewAllocation
from kernel.contracts.inventory.cards import GetCard, ListCards
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from services.inventory.allocation import preview
from services.inventory.card_lists.card_list import get_card, list_cards
from services.inventory.listed_cards import issue_listed
from tests.integration.inventory.delivery_lab import NOW, Lab, a_lab, imsi, lines, msisdn

pytestmark = pytest.mark.req("INV-12")
CASES = Path(__file__).parents[2] / "files" / "cases"
_SERIES = itertools.count(30001)
CLERK = Actor("clerk", "李伟", "99", frozenset({"card.view", "card.issue", "card.allocate"}))


@pytest.fixture
def lab(a_database: Callable[[], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    """A lab on a database of its own: these tests count all cards there are."""
    with a_database() as url, a_lab(url, tmp_path, f"{next(_SERIES)}", monkeypatch) as lab:
        yield lab


def ask(lab: Lab, act: Any, request: Any, **more: Any) -> Any:
    with UnitOfWork(lab.engine).begin(CLERK) as tx:
        answer = act(tx, request, **_offered(act, more))
        tx.commit()
        return answer


def _offered(act: Any, more: dict[str, Any]) -> dict[str, Any]:
    """The keywords that the act asks for, as the dispatcher gives them."""
    return {
        name: value for name, value in {"by": CLERK, "now": NOW, **more}.items() if name in signature(act).parameters
    }


def cards(lab: Lab) -> list[str]:
    return [row["iccid"] for row in lab.all("SELECT iccid FROM cards ORDER BY iccid")]


def stock_in(lab: Lab) -> None:
    """As if inspected and stocked in; what leads there is another test's matter."""
    with lab.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE cards SET state = 'in_stock', stocked_in_at = received_at")


@pytest.mark.parametrize("first", ["mobile-without-check-digit.csv", "mobile-with-check-digit.csv"])
def test_the_same_cards_without_and_with_check_digit_never_become_two_sets(lab: Lab, first: str) -> None:
    names = ["mobile-without-check-digit.csv", "mobile-with-check-digit.csv"]
    for place, name in enumerate(sorted(names, key=lambda name: name != first)):
        job = lab.upload((CASES / name).read_bytes(), name, batch_no=f"M-{place}")

        assert job["state"] == "done"
        assert len(cards(lab)) == 40

    assert {row["code"] for row in lab.all("SELECT code FROM refused_rows")} == {"card_known"}
    assert all(len(iccid) == 20 for iccid in cards(lab))


def test_a_file_without_check_digits_is_told_as_that(lab: Lab) -> None:
    job = lab.upload((CASES / "mobile-without-check-digit.csv").read_bytes())

    assert job["result"]["warnings"] == {"iccid_check_digit_missing": 40}
    assert job["result"]["refused"] == 0
    assert "没有校验位" in job["result"]["notes"][0]["message"]


@pytest.mark.parametrize("known_short", [True, False])
def test_where_the_carrier_computes_no_digit_both_spellings_are_one_card_all_the_same(
    lab: Lab, known_short: bool
) -> None:
    short = [f"898603926010000{n:04d}" for n in range(10)]
    whole = [f"{number}7" for number in short]
    files = (short, whole) if known_short else (whole, short)

    for place, numbers in enumerate(files):
        lab.upload(lines(*numbers), carrier="china_telecom", batch_no=f"T-{place}")

    assert cards(lab) == files[0]


def test_padding_and_swapped_nibbles_make_no_second_card(lab: Lab) -> None:
    (whole,) = lab.cards(7)
    swapped = "".join(whole[place + 1] + whole[place] for place in range(0, 20, 2))
    padded = whole[:19] + "F"

    lab.upload(lines(whole))
    lab.upload(lines(swapped, padded), batch_no="other")

    assert cards(lab) == [whole]
    assert [row["code"] for row in lab.all("SELECT code FROM refused_rows ORDER BY row_no")] == [
        "card_known", "iccid_twice",
    ]  # fmt: skip


def test_a_card_is_found_by_every_spelling_of_its_numbers(lab: Lab) -> None:
    lab.upload((CASES / "msisdn-with-country-code.csv").read_bytes())
    (first, *_) = cards(lab)

    for spelling in (first, first[:19], first[:19] + "F", f" '{first}"):
        assert ask(lab, get_card, GetCard(iccid=spelling)).iccid == first
    for written in ("+86 1064800004000", "861064800004000", "0086-1064800004000", "1064800004000", "10648 0000 4000"):
        found = ask(lab, list_cards, ListCards(msisdn=written)).items
        assert [card.iccid for card in found] == [first]
    assert [card.msisdn for card in ask(lab, list_cards, ListCards(iccid=first[:19])).items] == ["1064800004000"]


def test_a_number_that_another_living_card_has_is_told(lab: Lab) -> None:
    old, new, other = lab.cards(1, 2, 3)
    lab.upload(lines(old))

    lab.upload(lines(new, other).replace(msisdn(new), msisdn(old)).replace(imsi(other), imsi(new)), batch_no="second")

    told = lab.all("SELECT params FROM discrepancies WHERE code = 'delivery_numbers_taken' ORDER BY params ->> 'field'")
    assert [(it["params"]["field"], it["params"]["count"]) for it in told] == [("IMSI", 2), ("MSISDN", 1)]
    assert {old, new} == {told[1]["params"]["iccid"], told[1]["params"]["other"]}
    assert len(cards(lab)) == 3


def test_a_terminated_card_gives_its_number_away(lab: Lab) -> None:
    old, new = lab.cards(1, 2)
    lab.upload(lines(old))
    with lab.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE cards SET state = 'terminated'")

    lab.upload(lines(new).replace(msisdn(new), msisdn(old)), batch_no="second")

    assert lab.all("SELECT * FROM discrepancies") == []


@pytest.mark.req("INV-01")
def test_a_batch_that_is_sent_again_says_when_it_came(lab: Lab) -> None:
    content = lines(*lab.cards(1, 2))
    lab.upload(content)

    job = lab.upload(content)

    assert job["result"]["received"] == 0
    assert job["result"]["notes"][0]["message_en"].startswith(f"Batch {lab.batch_no} was already received on 20")


@pytest.mark.req("INV-01")
def test_a_choice_goes_with_the_file_into_the_job(lab: Lab) -> None:
    (card,) = lab.cards(1)

    job = lab.upload(f"甲,乙,丙\n1,{card},2\n", choice=FileChoice(columns={"iccid": 2, "imsi": None, "msisdn": None}))

    assert (job["state"], cards(lab)) == ("done", [card])


@pytest.mark.req("INV-04")
@pytest.mark.parametrize(
    ("name", "serials"),
    [
        ("list-utf16.txt", [0, 1, 2]),
        ("list-hidden-first-sheet.xlsx", [15, 16, 17]),
        ("list-head-in-second-column.csv", [21, 22, 23]),
    ],
)
def test_a_list_issues_exactly_the_cards_that_a_person_sees_in_it(lab: Lab, name: str, serials: list[int]) -> None:
    lab.upload((CASES / "list-stock.csv").read_bytes())
    stock_in(lab)
    stock = cards(lab)
    file = lab.blobs.put_stream([(CASES / name).read_bytes()], name=name)

    request = IssueListed(unit="9901", recipient="王强", phone="13800000000", file=file)
    answer = ask(lab, issue_listed, request, blobs=lab.blobs)

    issued = lab.all("SELECT iccid FROM cards WHERE state = 'pending_install' ORDER BY iccid")
    assert (answer.done, answer.refused_count) == (3, 0)
    assert [row["iccid"] for row in issued] == [stock[serial] for serial in serials]


@pytest.mark.req("INV-04")
def test_a_list_names_the_row_of_each_card_that_cannot_go(lab: Lab) -> None:
    lab.upload(lines(*lab.cards(1, 2)))
    stock_in(lab)
    one, _ = cards(lab)
    content = f"领用清单\n序号,卡号\n1,{one}\n2,8986\n3,{one[:19]}\n4,89860\u200b499269900000001\n"
    file = lab.blobs.put_stream([content.encode()], name="a.csv")

    request = IssueListed(unit="9901", recipient="王强", phone="13800000000", file=file)
    answer = ask(lab, issue_listed, request, blobs=lab.blobs)

    assert answer.done == 1
    assert [(card.row, card.code) for card in answer.refused] == [(4, "iccid_length"), (6, "iccid_characters")]
    assert "U+200B" in answer.refused[1].message
    assert "第 6 位" in answer.refused[1].message


@pytest.mark.req("INV-03")
def test_a_range_by_ends_without_check_digit_drops_no_card_and_names_what_is_missing(lab: Lab) -> None:
    all_of_them = lab.cards(*range(1, 11))
    lab.upload(lines(*all_of_them[:4], *all_of_them[6:9]))
    stock_in(lab)
    asked = {"application_month": "2026-11", "carrier": "china_mobile", "card_spec": "smd", "to_unit": "9901"}

    for first, last in (
        (all_of_them[0][:19], all_of_them[9][:19]),
        (all_of_them[0], all_of_them[9]),
        (all_of_them[0][:19] + "F", all_of_them[9]),
    ):
        seen = ask(lab, preview, PreviewAllocation(start_iccid=first, end_iccid=last, **asked))

        assert (seen.would_move, seen.span, seen.missing) == (7, 10, 3)
        assert [(it.start, it.end, it.count) for it in seen.missing_first] == [
            (all_of_them[4], all_of_them[5], 2),
            (all_of_them[9], all_of_them[9], 1),
        ]
    wrong = all_of_them[0][:19] + str((int(all_of_them[0][19]) + 1) % 10)
    with pytest.raises(DomainError) as refused:
        ask(lab, preview, PreviewAllocation(start_iccid=wrong, end_iccid=all_of_them[9], **asked))
    assert (refused.value.code, refused.value.params["expected"]) == ("range_end_check_digit", all_of_them[0][19])
