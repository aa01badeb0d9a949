"""Documents' kinds of jobs, as the job worker finds them; what they need is imported when they run (see PRELOAD)."""

import os
from typing import Any

from kernel.chassis.jobs.context import JobContext
from kernel.chassis.jobs.kinds import JobKind
from services.documents.issuance import ISSUE_JOB
from services.documents.label_sheets import LABEL_JOB
from services.documents.seals import READ_SEAL_JOB
from services.documents.settings import DocumentsSettings
from services.documents.submission import VERIFY_JOB

PRELOAD = (
    "services.documents.issuing_job", "services.documents.verification", "services.documents.seal_reading",
    "services.documents.label_job", "services.documents.warming",
)  # fmt: skip
"""Loaded by the worker before it forks: they take longer to import than a small form takes to draw."""

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy comes: a page's matrices are too small to share


def _issue(job: JobContext) -> Any:
    from services.documents.issuing_job import run_issue  # noqa: PLC0415  the service process never draws

    return run_issue(job)


def _verify(job: JobContext) -> Any:
    from services.documents.verification import run_verification  # noqa: PLC0415  nor does it look at pictures

    return run_verification(job)


def _read_seal(job: JobContext) -> Any:
    from services.documents.seal_reading import run_reading  # noqa: PLC0415  pictures again

    return run_reading(job)


def _labels(job: JobContext) -> Any:
    from services.documents.label_job import run_labels  # noqa: PLC0415  drawing again

    return run_labels(job)


_SETTINGS = DocumentsSettings()

JOBS = {
    ISSUE_JOB: JobKind(_issue, "document.issue", urgent=True, time_limit_seconds=120),
    LABEL_JOB: JobKind(_labels, "box.pack", urgent=True, time_limit_seconds=120, makes_file=True),
    READ_SEAL_JOB: JobKind(_read_seal, "seal.register", urgent=True, time_limit_seconds=120, memory_limit_mib=900),
    VERIFY_JOB: JobKind(
        _verify,
        "document.verify",
        time_limit_seconds=_SETTINGS.verification_seconds,
        memory_limit_mib=_SETTINGS.verification_memory_mib,
    ),
}
