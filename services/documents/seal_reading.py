"""The job that reads a specimen's three impressions (READ_SEAL_JOB). Imported by the worker only: it looks at pictures.

Guarantee: the specimen is readable or unusable afterwards, with the reason; a run that died is done again and gives the
same.
"""

from collections.abc import Iterator
from itertools import combinations
from typing import Any
from uuid import UUID

import cv2
import numpy as np

from kernel.chassis.data.unit_of_work import reading
from kernel.chassis.jobs.context import JobContext
from kernel.contracts.documents.scans import MAX_UPLOAD_BYTES
from kernel.contracts.documents.seals import IMPRESSIONS
from kernel.contracts.envelope import BlobRef
from kernel.model.errors import DomainError
from services.documents import seals
from services.documents.impressions.comparing import compare
from services.documents.impressions.cutting import Impression, cut
from services.documents.impressions.finding import impressions_on
from services.documents.impressions.reuse import REUSED, likest, print_of
from services.documents.impressions.specimen import Specimen, UnlikeError, alone, enrol
from services.documents.verify.intake import FileRefusedError, pages_of

LEAST_DPI = 280
PICTURE_MM = 50
MOST_PAGES = 6


def run_reading(job: JobContext) -> dict[str, Any] | None:
    """Reads the seal of the request, unless it is read already."""
    seal = UUID(str(job.request["seal_id"]))
    with reading(job.engine, job.actor) as tx:
        row = tx.execute("SELECT * FROM seals WHERE id = :id", {"id": seal}).one_or_none()
    if row is None:
        raise DomainError("seal_not_found")
    pictures: list[BlobRef] = []
    try:
        with job.blobs.open(BlobRef.model_validate(row.upload)) as file:
            upload = file.read(MAX_UPLOAD_BYTES + 1)
        found = _found(job, upload, pictures)
        specimen = _specimen(found)
    except DomainError as error:
        with job.unit_of_work() as tx:
            seals.unusable(tx, seal, error.code, error.params, pictures)
            job.complete(tx, {"seal_id": str(seal), "state": "unusable"})
        return None
    kept = job.blobs.put_stream([specimen.as_bytes()], name=f"{seal}.npz", media_type="application/octet-stream")
    with job.unit_of_work() as tx:
        seals.readable(tx, seal, pictures, kept)
        job.complete(tx, {"seal_id": str(seal), "state": "to_confirm"})
    return None


def _found(job: JobContext, upload: bytes, pictures: list[BlobRef]) -> tuple[Impression, ...]:
    """The three impressions, left to right and down; their pictures go into `pictures` whatever is wrong with them."""
    cuts: list[Impression | None] = []
    for picture, dpi, middle in _seals_of(upload):
        half = PICTURE_MM / 2 * dpi / 25.4
        x, y = middle
        part = picture[max(round(y - half), 0) : round(y + half), max(round(x - half), 0) : round(x + half)]
        png = cv2.imencode(".png", cv2.cvtColor(np.ascontiguousarray(part), cv2.COLOR_RGB2BGR))[1].tobytes()
        pictures.append(job.blobs.put_stream([png], media_type="image/png"))
        cuts.append(cut(picture, middle, dpi))
    good = tuple(one for one in cuts if one is not None)
    if len(cuts) != IMPRESSIONS or len(good) != IMPRESSIONS:
        raise DomainError("seal_impressions_count", found=len(good), count=IMPRESSIONS)
    return good


def _seals_of(upload: bytes) -> Iterator[tuple[np.ndarray, float, tuple[float, float]]]:
    """Each impression of the upload: its page, the page's resolution, its middle in the page's pixels."""
    resolutions: dict[int, float] = {}
    try:
        for number, page in enumerate(pages_of(upload, resolutions=resolutions), start=1):
            if number > MOST_PAGES:
                raise DomainError("seal_impressions_count", found=0, count=IMPRESSIONS)
            dpi = resolutions.get(number)
            if dpi is None or dpi < LEAST_DPI:
                raise DomainError("seal_too_coarse", found=f"{dpi:.0f} dpi" if dpi else "-")
            if page.ndim != 3:
                raise DomainError("seal_impressions_count", found=0, count=IMPRESSIONS)
            for middle in impressions_on(page, dpi):
                yield page, dpi, middle
    except FileRefusedError as refusal:
        raise DomainError("seal_file_refused", reason=str(refusal)) from refusal


def _specimen(found: tuple[Impression, ...]) -> Specimen:
    """Raises seal_impressions_differ, seal_impressions_repeated."""
    for first, second in combinations(range(IMPRESSIONS), 2):
        if compare(alone(found[first]), found[second]).outcome == "different":
            raise DomainError("seal_impressions_differ", first=first + 1, other=second + 1)
    try:
        specimen = enrol((found[0], found[1], found[2]))
    except UnlikeError as error:
        raise DomainError("seal_impressions_differ", first=error.pair[0], other=error.pair[1]) from error
    prints = [print_of(specimen, compare(specimen, one).laid) for one in found]
    for first, second in combinations(range(IMPRESSIONS), 2):
        if likest(prints[first], [prints[second]])[1] >= REUSED:
            raise DomainError("seal_impressions_repeated", first=first + 1, other=second + 1)
    return specimen
