"""The job that judges a scan (VERIFY_JOB). Imported by the worker only: OpenCV is no work for the service's hub.

Guarantee: whatever the upload does, the scan gets one verdict. A file that cannot be processed is refused by the
verifier; a run that dies is done again, and after the last attempt `judgement.tell_failures` refuses the scan. Verdict,
event and the end of the job are one commit; pictures stored by a run that died before are the same bytes again.
"""

import tempfile
from typing import Any
from uuid import UUID

import cv2
import numpy as np
import pypdfium2 as pdfium

from kernel.chassis.data.unit_of_work import reading
from kernel.chassis.jobs.context import JobContext
from kernel.contracts.documents.scans import MAX_UPLOAD_BYTES, ScanFinding, ScanPage
from kernel.contracts.envelope import BlobRef
from kernel.model.errors import DomainError
from services.documents import judgement
from services.documents.issuance import find_row
from services.documents.seal_comparison import compare_seals, keep_prints, known_seals
from services.documents.settings import DocumentsSettings
from services.documents.verify.marking import LONG_SIDE, PageImage, marked_page
from services.documents.verify.sealings import Sealings
from services.documents.verify.verdict import Finding, Verdict, in_order, outcome_of
from services.documents.verify.verifying import verify_upload

JPEG_QUALITY = 80
SEAL_PLACE = "单位公章"


def run_verification(job: JobContext) -> dict[str, Any] | None:
    """Judges the scan of the request, unless it is judged already."""
    scan_id = UUID(str(job.request["scan_id"]))
    with reading(job.engine, job.actor) as tx:
        scan = tx.execute("SELECT * FROM scans WHERE id = :id", {"id": scan_id}).one_or_none()
        form = find_row(tx, scan.number, scan.revision) if scan is not None else None
        known = known_seals(tx, job.blobs, scan) if scan is not None and scan.verdict is None else []
    if scan is None or form is None:
        raise DomainError("scan_not_found")
    if scan.verdict is not None:
        return {"scan_id": str(scan_id), "verdict": scan.verdict}
    issued = _content(job, BlobRef.model_validate(form.pdf))
    upload = _content(job, BlobRef.model_validate(scan.upload))
    kept, sealings = _Pictures(), Sealings()
    verdict = verify_upload(
        issued,
        upload,
        keep=kept,
        progress=lambda done: job.progress(done, max(done, form.pages)),
        unsigned="differs" if form.kind in DocumentsSettings().unsigned_forms_refused else "note",
        sealings=sealings if known else None,
    )
    compared = compare_seals(known, sealings.found, form.kind, SEAL_PLACE)
    verdict = _with(verdict, compared.findings)
    pages = _pages(job, verdict, kept, issued)
    findings = [_finding(finding) for finding in verdict.findings]
    with job.unit_of_work() as tx:
        judgement.judge(
            tx, scan_id, verdict.outcome, findings, pages, seals=len(verdict.seals),
            now=job.now(), comparison=compared.answer if verdict.seals else None,
        )  # fmt: skip
        keep_prints(tx, scan_id, compared.prints, now=job.now())
        job.complete(tx, {"scan_id": str(scan_id), "verdict": verdict.outcome}, done=len(pages))
    return None


def _with(verdict: Verdict, more: list[Finding]) -> Verdict:
    """A verdict with what the comparison of its seals adds; a file that was refused stays so."""
    if not more:
        return verdict
    findings = in_order([*verdict.findings, *more])
    return verdict.model_copy(update={"findings": tuple(findings), "outcome": outcome_of(findings)})


def _content(job: JobContext, ref: BlobRef) -> bytes:
    """One byte more than the verifier takes is enough for it to refuse the file."""
    with job.blobs.open(ref) as file:
        return file.read(MAX_UPLOAD_BYTES + 1)


class _Pictures(list[PageImage]):
    """The upload's pages for showing, on disk: 120 of them would be 650 MiB in memory."""

    def append(self, picture: PageImage) -> None:
        with tempfile.TemporaryFile(prefix="simkeep-scan-") as file:  # without a name: a killed job leaves nothing
            file.write(picture.pixels.tobytes())
            file.flush()
            pixels = np.memmap(file, np.uint8, mode="r", shape=picture.pixels.shape)
        super().append(PageImage(pixels, picture.factor))


def _pages(job: JobContext, verdict: Verdict, kept: _Pictures, issued: bytes) -> list[ScanPage]:
    """Each page of the upload with its findings framed; beside a page that has some, the form's page as issued.

    An unclear scan has all pages of the form beside its own: whoever decides it must see them.
    """
    reports = {report.scan_page: report for report in verdict.pages}
    troubled = {finding.scan_page for finding in verdict.findings if finding.weight != "note"}
    if verdict.outcome == "unclear":
        troubled |= reports.keys()
    originals: dict[int, BlobRef] = {}
    pages = []
    for number, picture in enumerate(kept, start=1):
        report = reports.get(number)
        page = report.page if report else None
        if page is not None and number in troubled and page not in originals:
            originals[page] = _store(job, _drawn(issued, page))
        pages.append(
            ScanPage(
                scan_page=number,
                page=page,
                dpi=report.dpi if report else None,
                glyphs=report.glyphs if report else 0,
                marked=_store(job, marked_page(picture, verdict, number, JPEG_QUALITY)),
                original=originals.get(page) if page is not None and number in troubled else None,
            )
        )
    return pages


def _store(job: JobContext, jpeg: bytes) -> BlobRef:
    return job.blobs.put_stream([jpeg], media_type="image/jpeg")


def _drawn(issued: bytes, page: int) -> bytes:
    """JPEG of one page of the issued form, as large as the scan's picture."""
    document = pdfium.PdfDocument(issued)
    try:
        sheet = document[page - 1]
        bitmap = sheet.render(scale=LONG_SIDE / max(sheet.get_size()), grayscale=True)
        gray = np.ascontiguousarray(bitmap.to_numpy().reshape(bitmap.height, -1)[:, : bitmap.width])
        return bytes(cv2.imencode(".jpg", gray, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1].tobytes())
    finally:
        document.close()


def _finding(finding: Finding) -> ScanFinding:
    return ScanFinding(
        weight=finding.weight,
        code=finding.kind,
        page=finding.page,
        scan_page=finding.scan_page,
        place=finding.place,
        expected=finding.expected,
        seen=finding.seen,
        advice=finding.advice,
        box=finding.box,
        message=finding.message,
        message_en=finding.message_en,
    )
