"""Workflow on the bus: one line per method, each calling one act. What it does stands in the module it calls."""

from datetime import datetime

from kernel.chassis.bus.events import errand, event_handler
from kernel.chassis.bus.rpc_server import Call, rpc_method
from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.process import clock
from kernel.chassis.process.service import ChassisService
from kernel.chassis.process.timers import Daily, Every, timer
from kernel.contracts.documents import events as documents
from kernel.contracts.envelope import Envelope
from kernel.contracts.inventory import events as inventory
from kernel.contracts.workflow import activation, forms, notices, termination
from kernel.contracts.workflow.events import FormMoved
from services.workflow import (
    answers,
    applications,
    card_list,
    cards,
    city,
    form_list,
    fulfilment,
    hand_over,
    province,
    reopenings,
    scrap_list,
    signed_forms,
    submission,
    terminations,
    todo,
    webhooks,
    window,
)
from services.workflow import notices as notes
from services.workflow.settings import WebhookSettings

_WEBHOOK = WebhookSettings()


class WorkflowService(ChassisService):
    """Activation and termination applications, their forms' states, decisions and reminders."""

    name = "workflow"

    # 开卡申请-区县
    @rpc_method(activation.CREATE_APPLICATION)
    def create_application(self, call: Call, request: activation.CreateApplication) -> activation.ApplicationAnswer:
        return applications.create(call.tx, request, by=call.actor, now=call.now, language=call.language)

    @rpc_method(activation.CHANGE_APPLICATION)
    def change_application(self, call: Call, request: activation.ChangeApplication) -> activation.ApplicationAnswer:
        return applications.change(call.tx, request, by=call.actor, now=call.now, language=call.language)

    @rpc_method(activation.DELETE_APPLICATION)
    def delete_application(self, call: Call, request: activation.DeleteApplication) -> activation.Deleted:
        return applications.delete(call.tx, request, by=call.actor, now=call.now, language=call.language)

    @rpc_method(activation.GET_APPLICATION)
    def get_application(self, call: Call, request: activation.GetApplication) -> activation.ApplicationView:
        return applications.get(call.tx, request, by=call.actor, now=call.now)

    @rpc_method(activation.LIST_APPLICATIONS, consistent=True)
    def list_applications(self, call: Call, request: activation.ListApplications) -> activation.ApplicationPage:
        return applications.list_applications(call.tx, request, by=call.actor, now=call.now)

    @rpc_method(notices.GET_WINDOW)
    def get_window(self, call: Call, request: notices.GetWindow) -> notices.Window:
        return window.get_window(call.tx, request, by=call.actor, now=call.now, language=call.language)

    @rpc_method(notices.SET_WINDOW)
    def set_window(self, call: Call, request: notices.SetWindow) -> notices.Window:
        return hand_over.set_window(call.tx, request, by=call.actor, now=call.now, language=call.language)

    # 开卡申请-市

    @rpc_method(activation.GET_CITY_LINE)
    def get_city_line(self, call: Call, request: activation.GetCityLine) -> activation.CityLineView:
        return city.get(call.tx, request, by=call.actor, now=call.now)

    @rpc_method(activation.LIST_CITY_LINES, consistent=True)
    def list_city_lines(self, call: Call, request: activation.ListCityLines) -> activation.CityLinePage:
        return city.list_city_lines(call.tx, request, by=call.actor, now=call.now)

    @rpc_method(activation.CHANGE_CITY_LINE)
    def change_city_line(self, call: Call, request: activation.ChangeCityLine) -> activation.CityLineAnswer:
        return city.change(call.tx, request, by=call.actor, now=call.now, language=call.language)

    @rpc_method(activation.GENERATE_CITY_FORM)
    def generate_city_form(self, call: Call, request: activation.GenerateCityForm) -> forms.FormAnswer:
        return city.generate(call.tx, request, by=call.actor, now=call.now, language=call.language)

    @rpc_method(forms.SUBMIT_TO_PROVINCE)
    def submit_to_province(self, call: Call, request: forms.SubmitToProvince) -> forms.FormAnswer:
        return submission.submit_to_province(call.tx, request, by=call.actor, now=call.now, language=call.language)

    # 开卡申请-省

    @rpc_method(activation.GET_PROVINCE_SUMMARY, consistent=True)
    def get_province_summary(self, call: Call, request: activation.GetProvinceSummary) -> activation.ProvinceSummary:
        return province.get_summary(call.tx, request, by=call.actor, now=call.now)

    @rpc_method(activation.GENERATE_PROVINCE_FORM)
    def generate_province_form(self, call: Call, request: activation.GenerateProvinceForm) -> forms.FormAnswer:
        return province.generate(call.tx, request, by=call.actor, now=call.now, language=call.language)

    @rpc_method(forms.SEND_BACK)
    def send_back(self, call: Call, request: forms.SendBack) -> forms.FormAnswer:
        return terminations.send_back(call.tx, request, by=call.actor, now=call.now, language=call.language)

    @rpc_method(activation.LIST_FULFILMENT, consistent=True)
    def list_fulfilment(self, call: Call, request: activation.ListFulfilment) -> activation.FulfilmentPage:
        return fulfilment.list_fulfilment(call.tx, request, by=call.actor, now=call.now)

    # 审批单下载/回传

    @rpc_method(forms.LIST_FORMS, consistent=True)
    def list_forms(self, call: Call, request: forms.ListForms) -> forms.FormPage:
        return form_list.list_forms(call.tx, request, by=call.actor, now=call.now)

    @rpc_method(forms.GET_FORM, consistent=True)
    def get_form(self, call: Call, request: forms.GetForm) -> forms.FormDetail:
        return form_list.get_form(call.tx, request, by=call.actor, now=call.now)

    @rpc_method(forms.RENEW_DRAFT)
    def renew_draft(self, call: Call, request: forms.RenewDraft) -> forms.FormAnswer:
        return submission.renew(call.tx, request, by=call.actor, now=call.now, language=call.language)

    @rpc_method(forms.SUBMIT_FOR_REVIEW)
    def submit_for_review(self, call: Call, request: forms.SubmitForReview) -> forms.FormAnswer:
        return submission.submit(call.tx, request, by=call.actor, now=call.now, language=call.language)

    @rpc_method(forms.VIEW_FORM)
    def view_form(self, call: Call, request: forms.ViewForm) -> forms.FormPdf:
        return submission.view(call.tx, request, by=call.actor, now=call.now)

    @rpc_method(forms.UPLOAD_SIGNED_FORM)
    def upload_signed_form(self, call: Call, request: forms.UploadSignedForm) -> forms.UploadAccepted:
        return signed_forms.upload(call.tx, request, by=call.actor, now=call.now)

    @rpc_method(forms.LIST_ATTEMPTS, consistent=True)
    def list_attempts(self, call: Call, request: forms.ListAttempts) -> forms.AttemptPage:
        return signed_forms.list_attempts(call.tx, request, by=call.actor, now=call.now)

    @rpc_method(forms.VIEW_SIGNED_FORM)
    def view_signed_form(self, call: Call, request: forms.ViewSignedForm) -> forms.SignedFormFile:
        return signed_forms.view(call.tx, request, by=call.actor, now=call.now)

    @rpc_method(forms.GET_HISTORY, consistent=True)
    def get_history(self, call: Call, request: forms.GetHistory) -> forms.History:
        return form_list.get_history(call.tx, request, by=call.actor, now=call.now)

    # 销卡申请

    @rpc_method(termination.LIST_PENDING_SCRAP, consistent=True)
    def list_pending_scrap(self, call: Call, request: termination.ListPendingScrap) -> termination.PendingScrapPage:
        return scrap_list.list_pending_scrap(call.tx, request, by=call.actor, now=call.now)

    @rpc_method(termination.ADD_TO_LIST)
    def add_to_list(self, call: Call, request: termination.AddToList) -> termination.ListAnswer:
        return scrap_list.add_to_list(call.tx, request, by=call.actor, now=call.now, language=call.language)

    @rpc_method(termination.REMOVE_FROM_LIST)
    def remove_from_list(self, call: Call, request: termination.RemoveFromList) -> termination.ListAnswer:
        return terminations.remove_from_list(call.tx, request, by=call.actor, now=call.now, language=call.language)

    @rpc_method(termination.LIST_TERMINATION_LIST, consistent=True)
    def list_termination_list(self, call: Call, request: termination.ListTerminationList) -> termination.ListedCardPage:
        return scrap_list.list_termination_list(call.tx, request, by=call.actor, now=call.now, language=call.language)

    @rpc_method(termination.GENERATE_TERMINATION_FORM)
    def generate_termination_form(self, call: Call, request: termination.GenerateTerminationForm) -> forms.FormAnswer:
        return terminations.generate(call.tx, request, by=call.actor, now=call.now, language=call.language)

    @rpc_method(termination.GENERATE_TERMINATION_FORM_AGAIN)
    def generate_termination_form_again(
        self, call: Call, request: termination.GenerateTerminationFormAgain
    ) -> forms.FormAnswer:
        return terminations.generate_again(call.tx, request, by=call.actor, now=call.now, language=call.language)

    @rpc_method(termination.DISSOLVE_FORM)
    def dissolve_form(self, call: Call, request: termination.DissolveForm) -> forms.FormAnswer:
        return terminations.dissolve(call.tx, request, by=call.actor, now=call.now, language=call.language)

    @rpc_method(termination.REVIEW_BY_CITY)
    def review_by_city(self, call: Call, request: termination.ReviewByCity) -> forms.FormAnswer:
        return terminations.review_by_city(call.tx, request, by=call.actor, now=call.now, language=call.language)

    @rpc_method(termination.PASS_ON_SEND_BACK)
    def pass_on_send_back(self, call: Call, request: termination.PassOnSendBack) -> forms.FormAnswer:
        return terminations.pass_on_send_back(call.tx, request, by=call.actor, now=call.now, language=call.language)

    @rpc_method(termination.REVIEW_BY_PROVINCE)
    def review_by_province(self, call: Call, request: termination.ReviewByProvince) -> termination.ReviewAnswer:
        return terminations.review_by_province(call.tx, request, by=call.actor, now=call.now, language=call.language)

    @rpc_method(termination.LIST_FORM_CARDS, consistent=True)
    def list_form_cards(self, call: Call, request: termination.ListFormCards) -> termination.FormCardPage:
        return card_list.list_form_cards(call.tx, request, by=call.actor, now=call.now, language=call.language)

    @rpc_method(termination.RECORD_ANSWERS)
    def record_answers(self, call: Call, request: termination.RecordAnswers) -> termination.AnswersRecorded:
        return answers.record(call.tx, request, by=call.actor, now=call.now, language=call.language)

    @rpc_method(termination.REOPEN_CASES)
    def reopen_cases(self, call: Call, request: termination.ReopenCases) -> termination.CasesReopened:
        return reopenings.reopen(call.tx, request, by=call.actor, now=call.now, language=call.language)

    # What waits, what happened

    @rpc_method(notices.GET_TODO, consistent=True)
    def get_todo(self, call: Call, request: notices.GetTodo) -> notices.Todo:
        return todo.get_todo(call.tx, request, by=call.actor, now=call.now)

    @rpc_method(notices.LIST_NOTIFICATIONS, consistent=True)
    def list_notifications(self, call: Call, request: notices.ListNotifications) -> notices.NotificationPage:
        return notes.list_notifications(call.tx, request, by=call.actor, now=call.now, language=call.language)

    @rpc_method(notices.MARK_READ)
    def mark_read(self, call: Call, request: notices.MarkRead) -> notices.MarkedRead:
        return notes.mark_read(call.tx, request, by=call.actor, now=call.now)

    # What other services told

    @event_handler("inventory", *inventory.MOVEMENTS)
    def cards_moved(self, tx: Tx, event: inventory.CardsMoved, envelope: Envelope) -> None:
        cards.apply(tx, event)

    @event_handler("inventory", inventory.CardsRefused)
    def cards_refused(self, tx: Tx, event: inventory.CardsRefused, envelope: Envelope) -> None:
        cards.refuse(tx, event)

    @event_handler("documents", documents.FormIssued)
    def form_issued(self, tx: Tx, event: documents.FormIssued, envelope: Envelope) -> None:
        submission.issued(tx, event)

    @event_handler("documents", documents.FormNotIssued)
    def form_not_issued(self, tx: Tx, event: documents.FormNotIssued, envelope: Envelope) -> None:
        submission.not_issued(tx, event, now=clock.now())

    @event_handler("documents", documents.SignedFormJudged)
    def signed_form_judged(self, tx: Tx, event: documents.SignedFormJudged, envelope: Envelope) -> None:
        signed_forms.judged(tx, event, now=clock.now())

    # Whom it tells outside

    @errand("workflow", FormMoved, wanted=_WEBHOOK.wanted)
    def post_moved_form(self, event: FormMoved, envelope: Envelope) -> None:
        webhooks.post_moved(event, envelope, settings=_WEBHOOK)

    # What nobody has to ask for

    @timer("hand_over", Daily(hour=0))
    def hand_over_at_midnight(self, tx: Tx, due_at: datetime) -> None:
        hand_over.hand_over(tx, due_at=due_at)

    @timer("remind", Every(seconds=3600))
    def remind_counties(self, tx: Tx, due_at: datetime) -> None:
        hand_over.remind(tx, due_at=due_at)
