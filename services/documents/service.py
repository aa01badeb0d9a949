"""Documents on the bus: one line per method, each calling one act. What it does stands in the module it calls."""

from datetime import datetime

from kernel.chassis.bus.events import event_handler
from kernel.chassis.bus.rpc_server import Call, rpc_method
from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.process import clock
from kernel.chassis.process.service import ChassisService
from kernel.chassis.process.timers import Every, timer
from kernel.contracts.documents import forms, scans
from kernel.contracts.envelope import Envelope
from kernel.contracts.workflow import events as workflow
from kernel.model.actor import Actor
from services.documents import form_list, issuance, judgement, scan_list, submission


class DocumentsService(ChassisService):
    """Owns issued forms, the scans of their paper, and the verdicts on them. It never changes a card or an approval."""

    name = "documents"

    # 签发

    @rpc_method(forms.ISSUE_FORM)
    def issue_form(self, call: Call, request: forms.IssueForm) -> forms.FormAccepted:
        return issuance.issue_form(call.tx, request, by=call.actor)

    @rpc_method(forms.GET_FORM)
    def get_form(self, call: Call, request: forms.GetForm) -> forms.IssuedFormView:
        return form_list.get_form(call.tx, request, by=call.actor)

    @rpc_method(forms.LIST_FORMS, consistent=True)
    def list_forms(self, call: Call, request: forms.ListForms) -> forms.IssuedFormPage:
        return form_list.list_forms(call.tx, request, by=call.actor)

    @rpc_method(forms.CHECK_CODE)
    def check_code(self, call: Call, request: forms.CheckCode) -> forms.CodeChecked:
        return form_list.check_code(call.tx, request)

    # 核验

    @rpc_method(scans.SUBMIT_SCAN)
    def submit_scan(self, call: Call, request: scans.SubmitScan) -> scans.ScanAccepted:
        return submission.submit_scan(call.tx, request, by=call.actor, now=call.now)

    @rpc_method(scans.GET_SCAN)
    def get_scan(self, call: Call, request: scans.GetScan) -> scans.ScanView:
        return scan_list.get_scan(call.tx, request, by=call.actor)

    @rpc_method(scans.LIST_SCANS, consistent=True)
    def list_scans(self, call: Call, request: scans.ListScans) -> scans.ScanList:
        return scan_list.list_scans(call.tx, request, by=call.actor)

    @rpc_method(scans.DECIDE_SCAN)
    def decide_scan(self, call: Call, request: scans.DecideScan) -> scans.ScanView:
        return scan_list.decide_scan(call.tx, request, by=call.actor, now=call.now)

    # Facts of workflow

    @event_handler("workflow", workflow.FormSubmitted)
    def on_form_submitted(self, tx: Tx, event: workflow.FormSubmitted, envelope: Envelope) -> None:
        who = envelope.actor or "system:workflow"
        issuance.form_submitted(tx, event, by=Actor(who, who, event.unit))

    @event_handler("workflow", workflow.SignedFormUploaded)
    def on_signed_form_uploaded(self, tx: Tx, event: workflow.SignedFormUploaded, envelope: Envelope) -> None:
        submission.signed_form_uploaded(tx, event, now=clock.now())

    # What nobody has to ask for

    @timer("tell_failures", Every(seconds=30))
    def tell_failures(self, tx: Tx, due_at: datetime) -> None:
        issuance.tell_failures(tx)
        judgement.tell_failures(tx, now=clock.now())
