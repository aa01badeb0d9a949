"""A card is found on every list of a termination however its number is written (INV-12, TER-01, TER-08)."""

from collections.abc import Callable

import pytest

from kernel.contracts.workflow import termination
from services.workflow import answers, scrap_list, terminations
from tests.integration.workflow.office import AFTER, CITY, COUNTY, PHONE, PROVINCE, Office
from tests.integration.workflow.test_termination import review


def swapped(iccid: str) -> str:
    """As the chip stores a number: neighbours changed places."""
    padded = iccid.ljust(20, "F")
    return "".join(padded[place + 1] + padded[place] for place in range(0, 20, 2))


WRITTEN: list[Callable[[str], str]] = [lambda iccid: iccid[:19], lambda iccid: f"{iccid[:19]}F", swapped, str]
NAMES = ["without its last digit", "padded", "swapped", "as it is"]


@pytest.mark.req("INV-12", "TER-01")
@pytest.mark.parametrize("written", WRITTEN, ids=NAMES)
def test_a_card_is_put_on_the_list_and_taken_off_however_it_is_written(
    office: Office, written: Callable[[str], str]
) -> None:
    office.now = office.stock.now = AFTER
    (iccid,) = office.scrapped(1)

    listed = office.list_cards([written(iccid), iccid])
    again = office.list_cards([written(iccid)])
    gone = office.do(terminations.remove_from_list, termination.RemoveFromList(iccids=[written(iccid)]), by=COUNTY)

    assert (listed.done, listed.refused) == (1, [])
    assert [one.code for one in again.refused] == ["card_listed_already"]
    assert (gone.done, gone.refused) == (1, [])


@pytest.mark.req("INV-12", "TER-02", "TER-08")
def test_a_form_is_made_and_answered_with_numbers_of_19_digits(office: Office) -> None:
    office.now = office.stock.now = AFTER
    iccids = office.scrapped(51)
    short = [iccid[:19] for iccid in iccids]
    office.list_cards(short)
    request = termination.GenerateTerminationForm(phone=PHONE, iccids=short)
    number = office.do(terminations.generate, request, by=COUNTY).form.number
    office.carry()
    assert office.form(number).quantity == 51

    listed = office.all("SELECT iccid FROM form_cards WHERE form_id IS NOT NULL")
    assert {row["iccid"] for row in listed} >= set(iccids)

    office.seal(number, COUNTY)
    office.act(terminations.review_by_city, termination.ReviewByCity, number, CITY, verdict="pass")
    assert review(office, number, "pass").done == 1
    told = [termination.CarrierAnswer(iccid=one, answer="done") for one in short]
    said = office.do(answers.record, termination.RecordAnswers(number=number, answers=told), by=PROVINCE)
    assert (said.done, said.refused, said.completed) == (51, [], True)


@pytest.mark.req("INV-12", "TER-01")
def test_a_number_that_nobody_knows_is_refused_as_it_was_sent(office: Office) -> None:
    said = office.do(scrap_list.add_to_list, termination.AddToList(iccids=["8986001234567890123"]), by=COUNTY)
    assert [(one.iccid, one.code) for one in said.refused] == [("8986001234567890123", "card_unknown")]
