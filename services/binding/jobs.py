"""Binding's kinds of jobs, as the job worker finds them."""

from kernel.chassis.jobs.kinds import OPERATORS, JobKind
from kernel.chassis.jobs.rebuilding import rebuild_kind
from kernel.contracts.read_models import REBUILD_JOB
from services.binding.cards import REBUILT
from services.binding.pulling import LOADER, PULL_JOB, run_pull

MODELS = {"cards": REBUILT}

JOBS = {
    REBUILD_JOB: JobKind(rebuild_kind(MODELS), OPERATORS),
    PULL_JOB: JobKind(run_pull, LOADER, retry=run_pull, urgent=True),
}
