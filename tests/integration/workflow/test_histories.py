"""Random histories of both sides: acts of workflow and of inventory, lost processes, repeated and reordered events.

Whatever happened, once everything is delivered and quiet: no card stands on two open forms, every total is the sum of
its lines, and workflow and inventory say the same of every card (issue 4, what must stand: 4).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.contracts.envelope import Envelope
from kernel.contracts.workflow import forms, termination
from kernel.model.errors import DomainError
from services.inventory.lifecycle import CardAction
from services.workflow import answers, reopenings, scrap_list, submission, terminations
from services.workflow.lifecycles import FormState
from tests.integration.workflow.office import (
    AFTER,
    CITY,
    COUNTY,
    PHONE,
    PROVINCE,
    Office,
    forget,
)

CARDS = 6


@dataclass
class History:
    """The cards of one history, and what is still on its way between the services."""

    office: Office
    iccids: list[str]
    under_way: list[Envelope] = field(default_factory=list)

    def some(self, which: int) -> list[str]:
        return [iccid for place, iccid in enumerate(self.iccids) if which >> place & 1]

    def forms_in(self, *states: str) -> list[str]:
        rows = self.office.all("SELECT number, state FROM forms ORDER BY id")
        return [row["number"] for row in rows if row["state"] in states]

    def look(self) -> None:
        self.under_way += [*self.office.outbox("inventory"), *self.office.outbox("workflow")]

    # inventory's side

    def scrap(self, which: int) -> None:
        self.office.stock.move(CardAction.MARK_PENDING_SCRAP, self.some(which))

    def restore(self, which: int) -> None:
        self.office.stock.move(CardAction.RESTORE_TO_STOCK, self.some(which))

    # workflow's side

    def enlist(self, which: int) -> None:
        if chosen := self.some(which):
            self.office.list_cards(chosen)

    def remove(self, which: int) -> None:
        if chosen := self.some(which):
            self.office.do(terminations.remove_from_list, termination.RemoveFromList(iccids=chosen), by=COUNTY)

    def generate(self, which: int) -> None:
        self.office.do(terminations.generate, termination.GenerateTerminationForm(phone=PHONE), by=COUNTY)

    def generate_and_die(self, which: int) -> None:
        """The process is killed before it commits."""
        with UnitOfWork(self.office.engine).begin(COUNTY) as tx:
            ask = termination.GenerateTerminationForm(phone=PHONE)
            terminations.generate(tx, ask, by=COUNTY, now=self.office.now)

    def generate_again(self, which: int) -> None:
        self._each("sent_back_by_city", terminations.generate_again, termination.GenerateTerminationFormAgain, COUNTY)

    def dissolve(self, which: int) -> None:
        states = ("drafted", "sent_back_by_city")
        self._each(states[which % 2], terminations.dissolve, termination.DissolveForm, COUNTY)

    def submit(self, which: int) -> None:
        self._each("drafted", submission.submit, forms.SubmitForReview, COUNTY)

    def seal(self, which: int) -> None:
        for number in self.forms_in("county_reviewing"):
            self.office.issue(number)
            self.office.judge(number, self.office.upload(number, COUNTY), "differs" if which % 4 == 0 else "passed")

    def review_by_city(self, which: int) -> None:
        said = {"verdict": "reject" if which % 3 == 0 else "pass", "opinion": "核对"}
        self._each("submitted_to_city", terminations.review_by_city, termination.ReviewByCity, CITY, **said)

    def review_by_province(self, which: int) -> None:
        ticked = [
            termination.ReviewedForm(number=number, version=self.office.form(number).version)
            for number in self.forms_in("submitted_to_province", "drafted")
        ]
        if ticked:
            verdict = "reject" if which % 3 == 0 else "pass"
            ask = termination.ReviewByProvince(forms=ticked, verdict=verdict, opinion="核对")
            self.office.do(terminations.review_by_province, ask, by=PROVINCE)

    def pass_on(self, which: int) -> None:
        act, ask = terminations.pass_on_send_back, termination.PassOnSendBack
        self._each("sent_back_by_province", act, ask, CITY, opinion="核对")

    def answer(self, which: int) -> None:
        given = [
            termination.CarrierAnswer(iccid=iccid, answer="refused" if place % 3 == 2 else "done", reason="欠费")
            for place, iccid in enumerate(self.some(which))
        ]
        for number in self.forms_in("submitted_to_internet_department"):
            ask = termination.RecordAnswers(number=number, answers=given, others_done=which % 5 == 0)
            self.office.do(answers.record, ask, by=PROVINCE)

    def reopen(self, which: int) -> None:
        """Terminated cards have traffic; the month is a new one most times, and some are known."""
        month = f"{2027 + which % 7}-0{which % 9 + 1}"
        found = [termination.TrafficFound(iccid=iccid, month=month, traffic_mb="1.5") for iccid in self.some(which)]
        if found:
            ask = termination.ReopenCases(cards=found)
            self.office.do(reopenings.reopen, ask, by=PROVINCE, now=datetime(2035, 1, 5, tzinfo=UTC))

    def _each(self, state: str, act: Callable[..., Any], request: type, by: Any, **more: Any) -> None:
        for number in self.forms_in(state):
            self.office.act(act, request, number, by, **more)

    # the bus

    def deliver_next(self, which: int) -> None:
        """As the broker does: in order."""
        self.look()
        for _ in range(which % 4 + 1):
            if self.under_way:
                self.office.deliver([self.under_way.pop(0)])

    def deliver_late(self, which: int) -> None:
        """One that was parked and tried again: it overtakes, or is overtaken."""
        self.look()
        if self.under_way:
            self.office.deliver([self.under_way.pop(which % len(self.under_way))])

    def deliver_twice(self, which: int) -> None:
        """Delivered, and not acknowledged: it comes again with the same id."""
        self.look()
        if self.under_way:
            self.office.deliver([self.under_way[which % len(self.under_way)]])

    def quiet(self, which: int = 0) -> None:
        """Everything arrives, and what that causes too."""
        self.look()
        while self.under_way:
            self.office.deliver([self.under_way.pop(0)])
            self.look()


ACTS = (
    "scrap", "restore", "enlist", "remove", "generate", "generate_and_die", "generate_again", "dissolve", "submit",
    "seal", "review_by_city", "review_by_province", "pass_on", "answer", "reopen", "deliver_next", "deliver_late",
    "deliver_twice", "quiet",
)  # fmt: skip
# What leads somewhere is drawn more often than what undoes it.
FORWARD = (
    "enlist", "generate", "submit", "seal", "review_by_city", "review_by_province", "answer", "reopen", "quiet",
    "quiet",
)  # fmt: skip
STEPS = st.lists(
    st.tuples(st.sampled_from(ACTS + FORWARD + FORWARD), st.integers(min_value=0, max_value=2**CARDS - 1)),
    min_size=8,
    max_size=40,
)
WAY = (
    "enlist", "generate", "quiet", "submit", "seal", "review_by_city", "review_by_province", "answer", "quiet",
)  # fmt: skip
# How far a first form has come when the history begins, so that its late steps are as common as its early ones.
BEGINNINGS = st.integers(min_value=0, max_value=len(WAY))


def begin(office: Office, cleaner: Engine) -> None:
    """Nothing was ever applied for; a form may have a single card."""
    forget(cleaner)
    office.now = office.stock.now = AFTER
    with cleaner.begin() as connection:
        connection.execute(text("UPDATE rules SET minimum_cards = 0"))


def play(history: History, steps: list[tuple[str, int]]) -> None:
    for name, which in steps:
        try:
            getattr(history, name)(which)
        except DomainError:
            continue  # refused with a reason: that is an outcome
    history.quiet()


def problems(office: Office, iccids: list[str]) -> dict[str, list[Any]]:
    """What must not be, by name; empty lists all."""
    stock = {
        row["iccid"]: row
        for row in office.stock.all(
            """
            SELECT cards.iccid, cards.state, cards.version, cards.owner_unit, changes.reference_id AS holder
            FROM cards JOIN run_log ON card_id = cards.id AND run_log.version = cards.version
                       JOIN changes ON changes.id = change_id
            WHERE cards.iccid = ANY(CAST(:iccids AS text[]))
            """,
            iccids=iccids,
        )
    }
    model = office.all("SELECT * FROM cards WHERE iccid = ANY(CAST(:iccids AS text[]))", iccids=iccids)
    places = office.all(
        "SELECT form_cards.*, forms.number, forms.state FROM form_cards LEFT JOIN forms ON forms.id = form_id"
    )
    held = {
        (place["iccid"], place["number"])
        for place in places
        if place["open"] and place["follow"] == "settled" and place["state"] != FormState.DISSOLVED
    }
    return {
        "read model differs": [
            row["iccid"]
            for row in model
            if (row["state"], row["version"]) != (stock[row["iccid"]]["state"], stock[row["iccid"]]["version"])
        ],
        "on two lists": office.all("SELECT iccid FROM form_cards WHERE open GROUP BY iccid HAVING count(*) > 1"),
        "held by no form": [
            iccid
            for iccid, card in stock.items()
            if card["state"] == "terminating" and (iccid, card["holder"]) not in held
        ],
        "settled, not held": [
            pair for pair in held if (stock[pair[0]]["state"], stock[pair[0]]["holder"]) != ("terminating", pair[1])
        ],
        "never answered": [
            place["iccid"] for place in places if place["open"] and place["follow"] in ("waiting", "answered_done")
        ],
        "terminated on one side": [
            place["iccid"]
            for place in places
            if place["open"] and (place["follow"] == "terminated") != (stock[place["iccid"]]["state"] == "terminated")
        ],
        "totals": office.all(
            """
            SELECT number FROM forms
            WHERE quantity <> (SELECT count(*) FROM form_cards WHERE form_id = forms.id AND removed_at IS NULL)
               OR quantity <> (SELECT coalesce(sum((one.line ->> 'quantity')::int), 0)
                               FROM jsonb_array_elements(kinds) AS one (line))
            """
        ),
        "log of decisions broken": office.all(
            """
            SELECT number FROM forms JOIN (
                SELECT form_id, count(*) AS n, max(step) AS last, (array_agg(to_state ORDER BY step DESC))[1] AS state,
                       bool_and(from_state IS NOT DISTINCT FROM before) AS chained
                FROM (SELECT *, lag(to_state) OVER (PARTITION BY form_id ORDER BY step) AS before FROM decisions) AS d
                GROUP BY form_id
            ) AS log ON log.form_id = forms.id
            WHERE n <> version OR last <> version OR log.state <> forms.state OR NOT chained
            """
        ),
        "counts": office.all(
            """
            SELECT counted.* FROM (
                SELECT owner_unit, state, carrier, card_spec, application_month, count(*) AS cards
                FROM cards GROUP BY 1, 2, 3, 4, 5
            ) AS counted FULL JOIN (SELECT * FROM card_counts WHERE cards <> 0) AS kept
              USING (owner_unit, state, carrier, card_spec, application_month)
            WHERE counted.cards IS DISTINCT FROM kept.cards
            """
        ),
    }


@pytest.mark.req("TER-01", "TER-04", "TER-08", "WFL-01")
@settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],  # each step is several transactions: shrinking takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(beginning=BEGINNINGS, steps=STEPS)
def test_whatever_happens_both_sides_agree_once_quiet(
    office: Office, cleaner: Engine, beginning: int, steps: list[tuple[str, int]]
):
    begin(office, cleaner)
    history = History(office, office.scrapped(CARDS))
    play(history, [*((name, 2**CARDS - 3) for name in WAY[:beginning]), *steps])

    assert {name: found for name, found in problems(office, history.iccids).items() if found} == {}


@pytest.mark.req("TER-08")
def test_a_release_that_overtakes_its_listing_is_said_again(office: Office, cleaner: Engine):
    begin(office, cleaner)
    iccids = office.scrapped(3)
    office.list_cards(iccids)
    number = office.do(terminations.generate, termination.GenerateTerminationForm(phone=PHONE), by=COUNTY).form.number
    office.act(terminations.dissolve, termination.DissolveForm, number, COUNTY)
    listed, released = [one for one in office.outbox("workflow") if one.type.startswith("termination")]

    office.deliver([released, listed])
    assert office.stock.states(iccids) == {"terminating": 3}
    office.carry()

    assert office.stock.states(iccids) == {"pending_scrap": 3}
    assert {name: found for name, found in problems(office, iccids).items() if found} == {}


@pytest.mark.req("TER-01")
def test_a_card_under_way_to_one_form_is_not_taken_by_another(office: Office, cleaner: Engine):
    begin(office, cleaner)
    iccids = office.scrapped(2)
    office.list_cards(iccids)
    one = office.do(terminations.generate, termination.GenerateTerminationForm(phone=PHONE), by=COUNTY).form.number
    office.act(terminations.dissolve, termination.DissolveForm, one, COUNTY)
    assert office.do(scrap_list.add_to_list, termination.AddToList(iccids=iccids), by=COUNTY).done == 2
    other = office.do(terminations.generate, termination.GenerateTerminationForm(phone=PHONE), by=COUNTY).form.number
    first, released, second = [event for event in office.outbox("workflow") if event.type.startswith("termination")]

    office.deliver([first, second, released])
    office.carry()

    assert office.form(other).cards_refused == 2
    assert {name: found for name, found in problems(office, iccids).items() if found} == {}
