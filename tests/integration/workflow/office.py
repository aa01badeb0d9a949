"""Clerks of three levels, both services' schemas, and the events carried between them by hand.

Documents is present through the facts that it would publish: tests say them (``issue``, ``judge``).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from pydantic import BaseModel
from sqlalchemy import Engine, text

from gateway.roles import permissions_of
from kernel.chassis.bus.dispatch import asked_for
from kernel.chassis.bus.inbox import Inbox, Subscriber
from kernel.chassis.data.unit_of_work import UnitOfWork, reading
from kernel.contracts.documents.events import FormIssued, FormNotIssued, SignedFormJudged
from kernel.contracts.envelope import BlobRef, Envelope
from kernel.contracts.inventory.events import MOVEMENTS, CardsRefused
from kernel.contracts.workflow import activation, forms, termination
from kernel.contracts.workflow.events import (
    TerminationCardsConfirmed,
    TerminationCardsListed,
    TerminationCardsReleased,
    TerminationCardsReopened,
)
from kernel.model.actor import Actor
from services.documents.forms.content import FORM
from services.inventory import reactions
from services.inventory.lifecycle import CardAction
from services.workflow import (
    applications,
    cards,
    city,
    form_list,
    hand_over,
    province,
    scrap_list,
    signed_forms,
    submission,
    terminations,
)
from tests.integration.inventory.stock import Stock

WINDOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
"""10:00 of the 20th in Asia/Shanghai."""
HAND_OVER = datetime(2026, 11, 21, 16, 0, tzinfo=UTC)
"""00:00 of the 22nd in Asia/Shanghai."""
AFTER = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
PHONE = "13800001111"
SCAN = BlobRef(sha256="a" * 64, size=1000, name="scan.pdf", media_type="application/pdf")
PDF = BlobRef(sha256="b" * 64, size=2000, name="form.pdf", media_type="application/pdf")
_ROLES = {2: "province_clerk", 4: "city_clerk", 6: "county_clerk"}


def forget(owner: Engine) -> None:
    """Empties workflow of forms and lists; ``owner``: who may do that. Cards and what was published stay."""
    with owner.begin() as connection:
        for statement in (
            "ALTER TABLE decisions DISABLE TRIGGER decisions_append_only",
            "ALTER TABLE month_reopenings DISABLE TRIGGER month_reopenings_append_only",
            "TRUNCATE notification_reads, notifications, signed_forms, decisions, reopenings, form_cards, applications,"
            " city_lines, forms, reminders, hand_overs, month_reopenings, form_numbers",
            "ALTER TABLE decisions ENABLE TRIGGER decisions_append_only",
            "ALTER TABLE month_reopenings ENABLE TRIGGER month_reopenings_append_only",
            "UPDATE rules SET opens_day = 20, closes_day = 22, remind_hours = 24, minimum_cards = 50, version = 1",
        ):
            connection.execute(text(statement))


def clerk(unit: str, name: str = "王芳", role: str | None = None) -> Actor:
    role = role or _ROLES[len(unit)]
    return Actor(f"{role}-{unit}-{name}", name, unit, permissions_of([role], unit))


PROVINCE, CITY, COUNTY = clerk("99", "陈省"), clerk("9901", "李市"), clerk("990101", "王县")


@dataclass
class Office:
    """``stock`` is inventory's side; its numbers are this test's own."""

    engine: Engine
    stock: Stock
    now: datetime = WINDOW
    _carried: dict[str, int] = field(default_factory=dict)

    # acts

    def do(self, act: Callable[..., Any], request: BaseModel, *, by: Actor, now: datetime | None = None) -> Any:
        """One act in a transaction of its own, as the service runs it."""
        with UnitOfWork(self.engine).begin(by, "corr-1") as tx:
            reply = act(tx, request, **asked_for(act, by=by, now=now or self.now))
            tx.commit()
        return reply

    def ask(self, act: Callable[..., Any], request: BaseModel, *, by: Actor) -> Any:
        """One query, on a connection that can only read."""
        reader = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        with reading(reader, by, consistent=True) as tx:
            return act(tx, request, **asked_for(act, by=by, now=self.now))

    def hand_over(self, at: datetime = HAND_OVER) -> list[str]:
        with UnitOfWork(self.engine).begin() as tx:
            months = hand_over.hand_over(tx, due_at=at)
            tx.commit()
        return months

    def apply(self, unit: str = "990101", quantity: int = 100, **more: Any) -> activation.ApplicationView:
        request = activation.CreateApplication(
            **{"carrier": "china_mobile", "card_spec": "plug_in", "phone": PHONE, "quantity": quantity, **more}
        )
        return self.do(applications.create, request, by=clerk(unit), now=WINDOW).application

    def city_form(self, unit: str = "9901", **more: Any) -> forms.FormView:
        request = activation.GenerateCityForm(month="2026-12", phone=PHONE, **more)
        return self.do(city.generate, request, by=clerk(unit)).form

    def province_form(self, **more: Any) -> forms.FormView:
        request = activation.GenerateProvinceForm(month="2026-12", phone=PHONE, **more)
        return self.do(province.generate, request, by=PROVINCE).form

    def form(self, number: str, by: Actor = PROVINCE) -> forms.FormView:
        return self.ask(form_list.get_form, forms.GetForm(number=number), by=by).form

    def act(self, act: Callable[..., Any], request: type[BaseModel], number: str, by: Actor, **more: Any) -> Any:
        """An act on a form as it stands now."""
        return self.do(act, request(number=number, version=self.form(number).version, **more), by=by)

    def submit(self, number: str, by: Actor) -> forms.FormView:
        return self.act(submission.submit, forms.SubmitForReview, number, by).form

    def upload(self, number: str, by: Actor) -> UUID:
        return self.do(signed_forms.upload, forms.UploadSignedForm(number=number, upload=SCAN), by=by).attempt_id

    # what documents would tell

    def issue(self, number: str) -> None:
        """As documents does it, whose own model must take the content and find the same digest."""
        form = self.row(number)
        assert FORM.validate_python(form["content"]).digest().hex() == form["digest"]
        event = FormIssued(
            number=number,
            revision=form["submitted_revision"],
            kind=form["kind"],
            unit=form["unit"],
            digest=form["digest"],
            pdf=PDF,
            pages=1,
            issued_at=self.now,
        )
        self.told(submission.issued, event)

    def refuse_to_issue(self, number: str) -> None:
        form = self.row(number)
        event = FormNotIssued(
            number=number,
            revision=form["submitted_revision"],
            kind=form["kind"],
            field="applicant",
            reason="无法打印",
        )
        self.told(submission.not_issued, event, now=self.now)

    def judge(self, number: str, attempt: UUID | None, verdict: str = "passed", **more: Any) -> SignedFormJudged:
        event = SignedFormJudged(
            number=number,
            revision=self.row(number)["submitted_revision"],
            attempt_id=attempt,
            scan_id=uuid4(),
            verdict=verdict,
            findings_count=len(more.get("findings", ())),
            findings=more.pop("findings", []),
            judged_at=self.now,
            **more,
        )
        self.told(signed_forms.judged, event, now=self.now)
        return event

    def told(self, handler: Callable[..., Any], event: BaseModel, **more: Any) -> None:
        with UnitOfWork(self.engine).begin() as tx:
            handler(tx, event, **more)
            tx.commit()

    def seal(self, number: str, by: Actor) -> forms.FormView:
        """提交审核, the PDF, the sealed paper, its verdict."""
        self.submit(number, by)
        self.issue(number)
        self.judge(number, self.upload(number, by))
        return self.form(number)

    # cards

    def scrapped(self, count: int, unit: str = "990101", **kind: str) -> list[str]:
        """Cards of ``unit`` that are 待报废, and workflow knows it."""
        batch = self.stock.stocked(count, unit=unit, **kind)
        self.stock.move(CardAction.MARK_PENDING_SCRAP, batch.iccids)
        self.carry()
        return batch.iccids

    def list_cards(self, iccids: list[str], by: Actor = COUNTY) -> termination.ListAnswer:
        return self.do(scrap_list.add_to_list, termination.AddToList(iccids=iccids), by=by)

    def termination(self, iccids: list[str], by: Actor = COUNTY) -> forms.FormView:
        """A form of these cards, which inventory has followed."""
        self.list_cards(iccids, by)
        request = termination.GenerateTerminationForm(phone=PHONE, iccids=iccids)
        form = self.do(terminations.generate, request, by=by).form
        self.carry()
        return self.form(form.number)

    # the bus

    def outbox(self, service: str) -> list[Envelope]:
        """What a service has published since the last look, in order."""
        engine = self.engine if service == "workflow" else self.stock.engine
        with UnitOfWork(engine).begin() as tx:
            rows = tx.execute(
                "SELECT id, message_id, type, payload, occurred_at FROM outbox WHERE id > :after ORDER BY id",
                {"after": self._carried.get(service, 0)},
            ).all()
        if rows:
            self._carried[service] = rows[-1].id
        return [
            Envelope(
                message_id=row.message_id,
                source=service,
                type=row.type,
                sequence=row.id,
                occurred_at=row.occurred_at,
                payload=row.payload,
            )
            for row in rows
        ]

    def inbox(self, consumer: str) -> Inbox:
        engine = self.engine if consumer == "workflow" else self.stock.engine
        inbox = Inbox(consumer, UnitOfWork(engine), (0.0,))
        for subscriber in _SUBSCRIBERS[consumer](self):
            inbox.subscribe(subscriber)
        return inbox

    def deliver(self, envelopes: Iterable[Envelope]) -> None:
        """Each to the other service, through its inbox."""
        inboxes = {"inventory": self.inbox("workflow"), "workflow": self.inbox("inventory")}
        for envelope in envelopes:
            body, sender = envelope.model_dump_json().encode(), envelope.source
            outcome = inboxes[envelope.source].receive(envelope.source, body, sender=sender)
            assert outcome != "failed", envelope.type

    def carry(self) -> None:
        """Until both sides are quiet."""
        while envelopes := [*self.outbox("inventory"), *self.outbox("workflow")]:
            self.deliver(envelopes)

    # looks

    def row(self, number: str) -> dict[str, Any]:
        return self.one("SELECT * FROM forms WHERE number = :number", number=number)

    def all(self, sql: str, **params: Any) -> list[dict[str, Any]]:
        with UnitOfWork(self.engine).begin() as tx:
            return [dict(row._mapping) for row in tx.execute(sql, params)]

    def all_written(self, sql: str, **params: Any) -> list[dict[str, Any]]:
        """For what no act does: the statement is committed."""
        with UnitOfWork(self.engine).begin() as tx:
            rows = [dict(row._mapping) for row in tx.execute(sql, params)]
            tx.commit()
        return rows

    def one(self, sql: str, **params: Any) -> dict[str, Any]:
        (row,) = self.all(sql, **params)
        return row


def _workflows(office: Office) -> list[Subscriber]:
    moved = [Subscriber("inventory", event, lambda tx, fact, _: cards.apply(tx, fact)) for event in MOVEMENTS]
    return [*moved, Subscriber("inventory", CardsRefused, lambda tx, fact, _: cards.refuse(tx, fact))]


def _inventorys(office: Office) -> list[Subscriber]:
    return [
        Subscriber("workflow", event, lambda tx, fact, _: reactions.follow_form(tx, fact, now=office.now))
        for event in (
            TerminationCardsListed,
            TerminationCardsReleased,
            TerminationCardsConfirmed,
            TerminationCardsReopened,
        )
    ]


_SUBSCRIBERS = {"workflow": _workflows, "inventory": _inventorys}
