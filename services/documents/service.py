"""Documents on the bus: which act does each method. What it does stands in the module of the act."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from kernel.chassis.bus.events import event_handler
from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.jobs.kinds import EXPORT_KIND
from kernel.chassis.process import clock
from kernel.chassis.process.service import ChassisService, Methods
from kernel.chassis.process.timers import Every, timer
from kernel.contracts.documents import causes, forms, labels, scans
from kernel.contracts.documents import seals as seal_contracts
from kernel.contracts.envelope import Envelope
from kernel.contracts.imei import events as imei
from kernel.contracts.workflow import events as workflow
from kernel.model.actor import Actor
from services.documents import causes as cause_counts
from services.documents import form_list, issuance, judgement, label_sheets, scan_list, seals, submission


def _submitter(event: workflow.FormSubmitted | imei.SwapListSubmitted, who: str) -> Actor:
    """Who asks for the paper: his name stands in the list of jobs."""
    return Actor(who, event.by_name or who, event.unit, frozenset({"document.issue"}))


class DocumentsService(ChassisService):
    """Owns issued forms, the scans of their paper, and the verdicts on them. It never changes a card or an approval."""

    name = "documents"
    FILE_KINDS: ClassVar[Sequence[str]] = (EXPORT_KIND, label_sheets.LABEL_JOB)
    METHODS: ClassVar[Methods] = {
        # 签发
        forms.ISSUE_FORM: issuance.issue_form,
        forms.GET_FORM: form_list.get_form,
        forms.LIST_FORMS: form_list.list_forms,
        forms.CHECK_CODE: form_list.check_code,
        # 标签
        labels.DRAW_LABELS: label_sheets.draw_labels,
        # 核验
        scans.SUBMIT_SCAN: submission.submit_scan,
        scans.GET_SCAN: scan_list.get_scan,
        scans.LIST_SCANS: scan_list.list_scans,
        scans.DECIDE_SCAN: scan_list.decide_scan,
        causes.COUNT_CAUSES: cause_counts.count_causes,
        # 预留印鉴
        seal_contracts.REGISTER_SEAL: seals.register_seal,
        seal_contracts.GET_SEAL: seals.get_seal,
        seal_contracts.LIST_SEALS: seals.list_seals,
        seal_contracts.DECIDE_SEAL: seals.decide_seal,
        seal_contracts.END_SEAL: seals.end_seal,
    }

    # Facts of workflow

    @event_handler("workflow", workflow.FormSubmitted)
    def on_form_submitted(self, tx: Tx, event: workflow.FormSubmitted, envelope: Envelope) -> None:
        issuance.form_submitted(tx, event, by=_submitter(event, envelope.actor or "system:workflow"))

    @event_handler("workflow", workflow.SignedFormUploaded)
    def on_signed_form_uploaded(self, tx: Tx, event: workflow.SignedFormUploaded, envelope: Envelope) -> None:
        submission.signed_form_uploaded(tx, event, now=clock.now())

    # Facts of imei

    @event_handler("imei", imei.SwapListSubmitted)
    def on_swap_list_submitted(self, tx: Tx, event: imei.SwapListSubmitted, envelope: Envelope) -> None:
        issuance.form_submitted(tx, event, by=_submitter(event, envelope.actor or "system:imei"))

    # What nobody has to ask for

    @timer("tell_failures", Every(seconds=30))
    def tell_failures(self, tx: Tx, due_at: datetime) -> None:
        issuance.tell_failures(tx)
        judgement.tell_failures(tx, now=clock.now())
        seals.tell_failures(tx)
