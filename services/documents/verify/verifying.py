"""The whole way: issued bytes and an upload in, a verdict out. What the service's workers and the command line call."""

import os
from collections.abc import Callable, Iterator

import cv2
import numpy as np

from services.documents.forms.issuing import read_issued
from services.documents.verify.intake import Doubt, FileRefusedError, pages_of
from services.documents.verify.judging import verify_pages
from services.documents.verify.marking import PageImage, kept_small
from services.documents.verify.reference import Reference
from services.documents.verify.sealings import Sealings
from services.documents.verify.verdict import Finding, Verdict, Weight

Progress = Callable[[int], None]


def verify_upload(
    issued_pdf: bytes,
    upload: bytes,
    *,
    keep: list[PageImage] | None = None,
    progress: Progress | None = None,
    unsigned: Weight = "note",
    sealings: Sealings | None = None,
) -> Verdict:
    """Judge an upload (PDF or picture) as the return of an issued form (DOC-03, DOC-04).

    `keep` receives a small picture of each scanned page, for marking findings; `progress` hears the pages done;
    `unsigned`: what a form is that nobody signed; `sealings` receives the impressions of the seals in their place. A
    file that cannot be processed is a verdict too: refused. Raises NotAnIssuedFormError only for `issued_pdf`.
    """
    cv2.setNumThreads(int(os.environ.get("SIMKEEP_VERIFY_THREADS", "1")))
    form = read_issued(issued_pdf)
    doubts: dict[int, Doubt] = {}
    resolutions: dict[int, float] = {} if sealings is None else sealings.resolutions

    def images() -> Iterator[np.ndarray]:
        for number, image in enumerate(pages_of(upload, doubts, resolutions), start=1):
            if keep is not None:
                keep.append(kept_small(image))
            yield image
            if progress is not None:
                progress(number)

    try:
        return verify_pages(Reference(form), images(), doubts, unsigned, sealings)
    except FileRefusedError as refusal:
        finding = Finding(weight="differs", kind="refused", place="文件", seen=refusal.reason, advice=str(refusal))
        return Verdict(outcome="refused", number=form.layout.number, findings=(finding,))
