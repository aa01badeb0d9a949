"""The job that draws a form (ISSUE_JOB). Imported by the worker only: drawing is no work for the service's hub.

A worker that dies anywhere loses nothing: drawing again gives the same bytes, and row, event and job end in one commit.
"""

from typing import Any

import orjson
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kernel.chassis.data.unit_of_work import reading
from kernel.chassis.jobs.context import JobContext
from kernel.model.errors import DomainError
from services.documents.forms.content import parse_content
from services.documents.forms.fonts import form_font
from services.documents.forms.issuing import issue
from services.documents.issuance import find_row, store_drawn
from services.documents.settings import DocumentsSettings

form_font()  # loaded once, before the worker forks: it takes longer than drawing a page


def run_issue(job: JobContext) -> dict[str, Any] | None:
    """Draws, stores, tells. Raises issued_form_not_found, form_key_missing."""
    number, revision = str(job.request["number"]), int(job.request["revision"])
    with reading(job.engine, job.actor) as tx:
        row = find_row(tx, number, revision)
    if row is None:
        raise DomainError("issued_form_not_found", number=number)
    if row.state == "issued":
        return {"number": number, "revision": revision, "pages": row.pages}
    key = DocumentsSettings().signing_key()
    public_key = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
    form = issue(parse_content(orjson.dumps(row.content)), key)
    pages = len(form.layout.sheets)
    pdf = job.blobs.put_stream([form.pdf], name=f"{number}-{revision}.pdf", media_type="application/pdf")
    with job.unit_of_work() as tx:
        store_drawn(tx, number, revision, pdf=pdf, pages=pages, public_key=public_key, now=job.now())
        job.complete(tx, {"number": number, "revision": revision, "pages": pages}, done=pages)
    return None
