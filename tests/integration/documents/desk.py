"""A desk that issues forms and takes in scans, on a real database; jobs are run as their worker would."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid4

import psycopg
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from psycopg.rows import dict_row
from sqlalchemy import Engine

from kernel.chassis.data.blobs import BlobStore
from kernel.chassis.data.unit_of_work import Tx, UnitOfWork, reading
from kernel.chassis.jobs.context import JobContext
from kernel.chassis.jobs.kinds import service_kinds
from kernel.chassis.jobs.queue import Claimed, JobQueue
from kernel.chassis.process.settings import JobSettings
from kernel.contracts.documents.events import FormIssued, FormNotIssued, SignedFormJudged
from kernel.contracts.documents.forms import FormAccepted, GetForm, IssueForm
from kernel.contracts.documents.scans import DecideScan, GetScan, ScanFinding, ScanView, SubmitScan
from kernel.contracts.envelope import BlobRef
from kernel.contracts.workflow.events import SignedFormUploaded
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from services.documents import form_list, issuance, judgement, scan_list, submission
from services.documents.forms.content import FormContent
from services.documents.forms.issuing import IssuedForm, issue
from services.documents.jobs import JOBS
from tests.documents_lab.files import scan_pdf
from tests.documents_lab.forger import forge
from tests.documents_lab.genuine import genuine
from tests.documents_lab.paper import written_back
from tests.documents_lab.samples import KEY, sample_content
from tests.documents_lab.scanner import Scanner, scan

NOW = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
UNIT = "9901"
SIZE = 6
"""Lines of the swap list that most tests use: one page."""

ALL = frozenset({"card.view", "document.issue", "document.verify", "document.decide", "job.view"})
CLERK = Actor("city1", "李晓燕", UNIT, ALL)
SECOND = Actor("province", "王建国", "99", ALL)
STRANGER = Actor("city2", "赵敏", "9902", ALL)

FORM_KEY = base64.b64encode(KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())).decode()


def small_content(serial: int, **changes: Any) -> FormContent:
    """A one-page swap list with a number of its own."""
    content = sample_content("swap_list", serial, SIZE)
    number = f"HJ-{UNIT}-{serial:05d}"
    return content.model_copy(update={"number": number, "revision": 1, **changes})


@lru_cache(maxsize=8)
def uploads(serial: int) -> tuple[IssuedForm, dict[str, bytes]]:
    """The form of `small_content`, and what may come back of it; forged is one digit."""
    form = issue(small_content(serial), KEY)
    scanner = Scanner(dpi=200, seed=7)
    honest = [scan(sheet, scanner) for sheet in genuine(form, 3, wear=False).sheets]
    forgery = forge("serial_digit", form, serial)
    assert forgery is not None
    forged = [scan(sheet, scanner) for sheet in forgery.sheets]
    return form, {
        "genuine": scan_pdf(honest),
        "forged": scan_pdf(forged),
        "scribbled": scan_pdf([*honest, written_back(honest[0])]),
        "text": b"not a PDF at all",
    }


class Desk:
    """``engine`` is the worker's; each call is one transaction, as the service makes it."""

    def __init__(self, engine: Engine, url: str, blobs: BlobStore) -> None:
        self.engine = engine
        self.url = url
        self.blobs = blobs

    @contextmanager
    def writing(self, by: Actor) -> Iterator[Tx]:
        with UnitOfWork(self.engine).begin(by, "test") as tx:
            yield tx
            tx.commit()

    @contextmanager
    def reading(self, by: Actor) -> Iterator[Tx]:
        with reading(self.engine.execution_options(isolation_level="AUTOCOMMIT"), by) as tx:
            yield tx

    # forms

    def accept(self, content: FormContent | dict[str, Any], *, by: Actor = CLERK, unit: str = UNIT) -> FormAccepted:
        body = content if isinstance(content, dict) else content.model_dump(mode="json")
        with self.writing(by) as tx:
            return issuance.issue_form(tx, IssueForm(unit=unit, content=body), by=by)

    def issue(self, content: FormContent, **how: Any) -> Any:
        """Accepted and drawn; the form as it is shown."""
        self.accept(content, **how)
        self.work()
        return self.form(content.number, content.revision)

    def form(self, number: str, revision: int | None = None, *, by: Actor = CLERK, **more: Any) -> Any:
        with self.reading(by) as tx:
            return form_list.get_form(tx, GetForm(number=number, revision=revision, **more), by=by)

    # scans

    def put(self, content: bytes, name: str = "scan.pdf") -> BlobRef:
        return self.blobs.put_stream([content], name=name, media_type="application/pdf")

    def submit(self, number: str, upload: bytes, *, by: Actor = CLERK, revision: int | None = None) -> UUID:
        request = SubmitScan(number=number, revision=revision, upload=self.put(upload))
        with self.writing(by) as tx:
            return submission.submit_scan(tx, request, by=by, now=NOW).scan_id

    def attempt(self, number: str, upload: bytes, *, attempt_id: UUID | None = None, revision: int = 1) -> UUID:
        """Workflow says that a signed form came in."""
        event = SignedFormUploaded(
            attempt_id=attempt_id or uuid4(), kind="swap_list", number=number, revision=revision, unit=UNIT,
            upload=self.put(upload), uploaded_by=CLERK.id, uploaded_by_name=CLERK.name, uploader_unit=CLERK.unit,
        )  # fmt: skip
        with self.writing(CLERK) as tx:
            submission.signed_form_uploaded(tx, event, now=NOW)
        return event.attempt_id

    def judged(self, number: str, upload: bytes, **how: Any) -> ScanView:
        """Submitted and judged."""
        scan_id = self.submit(number, upload, **how)
        self.work()
        return self.scan(scan_id)

    def judge(self, number: str, verdict: Any, *codes: str, notes: tuple[str, ...] = ()) -> UUID:
        """A scan whose verdict and findings are these, whatever is on it."""
        scan_id = self.submit(number, b"a scan")
        weight = "differs" if verdict == "differs" else "unclear"
        said = [*((code, weight) for code in codes), *((code, "note") for code in notes)]
        findings = [
            ScanFinding(
                weight=weight, code=code, page=1, scan_page=1, place="数量", expected=None, seen=None, advice=None,
                box=None, message=code,
            )
            for code, weight in said
        ]  # fmt: skip
        with self.writing(CLERK) as tx:
            judgement.judge(tx, scan_id, verdict, findings, [], seals=0, now=NOW)
        return scan_id

    def scan(self, scan_id: UUID, *, by: Actor = CLERK) -> ScanView:
        with self.reading(by) as tx:
            return scan_list.get_scan(tx, GetScan(scan_id=scan_id), by=by)

    def decide(self, scan_id: UUID, verdict: Any, *, by: Actor = SECOND, remark: str = "逐项核对无误") -> ScanView:
        request = DecideScan(scan_id=scan_id, verdict=verdict, remark=remark)
        with self.writing(by) as tx:
            return scan_list.decide_scan(tx, request, by=by, now=NOW)

    # what the worker does

    def claim(self) -> Claimed | None:
        urgent = [name for name, kind in JOBS.items() if kind.urgent]
        return JobQueue(self.engine, JobSettings(), "test", urgent).claim()

    def work(self) -> list[str]:
        """Runs all waiting jobs as job_child does; their kinds in this order."""
        done = []
        while (job := self.claim()) is not None:
            self.run(job)
            done.append(job.kind)
        return done

    def run(self, job: Claimed) -> None:
        context = self.context(job)
        queue = JobQueue(self.engine, JobSettings(), "test")
        try:
            result = service_kinds("documents")[job.kind].handler(context)
        except DomainError as error:
            queue.fail(job, error.code, **error.params)
            return
        if not context.completed:
            queue.finish(job, result)

    def context(self, job: Claimed) -> JobContext:
        return JobContext(
            job_id=job.id, kind=job.kind, request=job.request,
            actor=Actor(job.created_by, job.created_by_name, job.created_unit, frozenset(job.permissions)),
            correlation_id=job.correlation_id, attempt=job.attempt, retry_of=job.retry_of, created_at=job.created_at,
            engine=self.engine,
        )  # fmt: skip

    # what is told, and what is kept

    def told(self, number: str) -> list[FormIssued | FormNotIssued | SignedFormJudged]:
        """The events about a form, in order."""
        models = {model.TYPE: model for model in (FormIssued, FormNotIssued, SignedFormJudged)}
        rows = self.rows("SELECT type, payload FROM outbox WHERE payload->>'number' = %s ORDER BY id", number)
        return [models[row["type"]].model_validate(row["payload"]) for row in rows]

    def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        with psycopg.connect(self.url, autocommit=True, options="-c search_path=documents", row_factory=dict_row) as it:
            cursor = it.execute(sql, values)
            return cursor.fetchall() if cursor.description else []

    def read(self, ref: BlobRef) -> bytes:
        with self.blobs.open(ref) as file:
            return file.read()
