"""Workflow on the bus: which act does each method. What it does stands in the module of the act."""

from datetime import datetime
from typing import ClassVar

from kernel.chassis.bus.events import errand, event_handler
from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.process import clock
from kernel.chassis.process.service import ChassisService, Methods
from kernel.chassis.process.timers import Daily, Every, timer
from kernel.contracts.binding import events as binding
from kernel.contracts.documents import events as documents
from kernel.contracts.envelope import Envelope
from kernel.contracts.inventory import events as inventory
from kernel.contracts.traffic import events as traffic
from kernel.contracts.workflow import activation, forms, notices, termination
from kernel.contracts.workflow.events import FormMoved
from kernel.contracts.workflow.overview import GET_OVERVIEW
from services.workflow import (
    answers,
    applications,
    card_list,
    cards,
    city,
    form_list,
    fulfilment,
    hand_over,
    month_reopening,
    overview,
    province,
    reopenings,
    scrap_list,
    signed_forms,
    submission,
    terminals,
    terminations,
    todo,
    usage,
    webhooks,
    window,
)
from services.workflow import notices as notes
from services.workflow.settings import WebhookSettings

_WEBHOOK = WebhookSettings()


class WorkflowService(ChassisService):
    """Activation and termination applications, their forms' states, decisions and reminders."""

    name = "workflow"
    METHODS: ClassVar[Methods] = {
        # 开卡申请-区县
        activation.CREATE_APPLICATION: applications.create,
        activation.CHANGE_APPLICATION: applications.change,
        activation.DELETE_APPLICATION: applications.delete,
        activation.GET_APPLICATION: applications.get,
        activation.LIST_APPLICATIONS: applications.list_applications,
        notices.GET_WINDOW: window.get_window,
        notices.SET_WINDOW: hand_over.set_window,
        notices.REOPEN_MONTH: month_reopening.reopen,
        # 开卡申请-市
        activation.GET_CITY_LINE: city.get,
        activation.LIST_CITY_LINES: city.list_city_lines,
        activation.CHANGE_CITY_LINE: city.change,
        activation.GENERATE_CITY_FORM: city.generate,
        forms.SUBMIT_TO_PROVINCE: submission.submit_to_province,
        # 开卡申请-省
        activation.GET_PROVINCE_SUMMARY: province.get_summary,
        activation.GENERATE_PROVINCE_FORM: province.generate,
        forms.SEND_BACK: terminations.send_back,
        activation.LIST_FULFILMENT: fulfilment.list_fulfilment,
        # 审批单下载/回传
        forms.LIST_FORMS: form_list.list_forms,
        forms.GET_FORM: form_list.get_form,
        forms.RENEW_DRAFT: submission.renew,
        forms.SUBMIT_FOR_REVIEW: submission.submit,
        forms.VIEW_FORM: submission.view,
        forms.UPLOAD_SIGNED_FORM: signed_forms.upload,
        forms.LIST_ATTEMPTS: signed_forms.list_attempts,
        forms.VIEW_SIGNED_FORM: signed_forms.view,
        forms.GET_HISTORY: form_list.get_history,
        # 销卡申请
        termination.LIST_PENDING_SCRAP: scrap_list.list_pending_scrap,
        termination.ADD_TO_LIST: scrap_list.add_to_list,
        termination.REMOVE_FROM_LIST: terminations.remove_from_list,
        termination.LIST_TERMINATION_LIST: scrap_list.list_termination_list,
        termination.GENERATE_TERMINATION_FORM: terminations.generate,
        termination.GENERATE_TERMINATION_FORM_AGAIN: terminations.generate_again,
        termination.DISSOLVE_FORM: terminations.dissolve,
        termination.REVIEW_BY_CITY: terminations.review_by_city,
        termination.PASS_ON_SEND_BACK: terminations.pass_on_send_back,
        termination.REVIEW_BY_PROVINCE: terminations.review_by_province,
        termination.LIST_FORM_CARDS: card_list.list_form_cards,
        termination.RECORD_ANSWERS: answers.record,
        termination.REOPEN_CASES: reopenings.reopen,
        # What waits, what happened
        notices.GET_TODO: todo.get_todo,
        GET_OVERVIEW: overview.get_overview,
        notices.LIST_NOTICES: notes.list_notices,
        notices.MARK_READ: notes.mark_read,
    }

    # What other services told

    @event_handler("inventory", *inventory.MOVEMENTS)
    def cards_moved(self, tx: Tx, event: inventory.CardsMoved, envelope: Envelope) -> None:
        cards.apply(tx, event)

    @event_handler("inventory", inventory.CardsRefused)
    def cards_refused(self, tx: Tx, event: inventory.CardsRefused, envelope: Envelope) -> None:
        cards.refuse(tx, event)

    @event_handler("binding", binding.TerminalsCounted)
    def terminals_counted(self, tx: Tx, event: binding.TerminalsCounted, envelope: Envelope) -> None:
        cards.count_devices(tx, event)

    @event_handler("binding", binding.CardsBound)
    def cards_bound(self, tx: Tx, event: binding.CardsBound, envelope: Envelope) -> None:
        terminals.bound(tx, event)

    @event_handler("binding", binding.CardsUnbound)
    def cards_unbound(self, tx: Tx, event: binding.CardsUnbound, envelope: Envelope) -> None:
        terminals.unbound(tx, event)

    @event_handler("documents", documents.FormIssued)
    def form_issued(self, tx: Tx, event: documents.FormIssued, envelope: Envelope) -> None:
        submission.issued(tx, event)

    @event_handler("documents", documents.FormNotIssued)
    def form_not_issued(self, tx: Tx, event: documents.FormNotIssued, envelope: Envelope) -> None:
        submission.not_issued(tx, event, now=clock.now())

    @event_handler("documents", documents.SignedFormJudged)
    def signed_form_judged(self, tx: Tx, event: documents.SignedFormJudged, envelope: Envelope) -> None:
        signed_forms.judged(tx, event, now=clock.now())

    @event_handler("traffic", traffic.UsageWarned)
    def usage_warned(self, tx: Tx, event: traffic.UsageWarned, envelope: Envelope) -> None:
        usage.warned(tx, event)

    @event_handler("traffic", traffic.TerminatedCardsUsed)
    def terminated_cards_used(self, tx: Tx, event: traffic.TerminatedCardsUsed, envelope: Envelope) -> None:
        usage.still_used(tx, event)

    # Whom it tells outside

    @errand("workflow", FormMoved, wanted=_WEBHOOK.wanted)
    def post_moved_form(self, event: FormMoved, envelope: Envelope) -> None:
        webhooks.post_moved(event, envelope, settings=_WEBHOOK)

    @errand("traffic", traffic.UsageWarned, wanted=_WEBHOOK.wanted)
    def post_usage_warning(self, event: traffic.UsageWarned, envelope: Envelope) -> None:
        webhooks.post_warned(event, envelope, settings=_WEBHOOK)

    # What nobody has to ask for

    @timer("hand_over", Daily(hour=0))
    def hand_over_at_midnight(self, tx: Tx, due_at: datetime) -> None:
        hand_over.hand_over(tx, due_at=due_at)

    @timer("remind", Every(seconds=3600))
    def remind_counties(self, tx: Tx, due_at: datetime) -> None:
        hand_over.remind(tx, due_at=due_at)
