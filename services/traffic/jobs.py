"""Traffic's kinds of jobs, as the job worker finds them."""

from kernel.chassis.jobs.kinds import OPERATORS, JobKind
from kernel.chassis.jobs.rebuilding import rebuild_kind
from kernel.contracts.read_models import REBUILD_JOB
from services.traffic.bill_list import BILL_JOB
from services.traffic.bills import run_bill
from services.traffic.cards import CARDS
from services.traffic.checking import CHECK_JOB, run_check
from services.traffic.cost_rating import RATE_JOB, run_rating
from services.traffic.loading import LOAD_JOB, run_load
from services.traffic.pulls.pulling import PULL_JOB, run_pull
from services.traffic.watching.following import WATCH_JOB, run_watch

MODELS = {"cards": CARDS}

JOBS = {
    REBUILD_JOB: JobKind(rebuild_kind(MODELS), OPERATORS),
    LOAD_JOB: JobKind(run_load, "usage.load"),
    RATE_JOB: JobKind(run_rating, "cost.manage"),
    BILL_JOB: JobKind(run_bill, "cost.manage"),
    PULL_JOB: JobKind(run_pull, "usage.load"),
    WATCH_JOB: JobKind(run_watch, "usage.rule"),
    CHECK_JOB: JobKind(run_check, "usage.load"),
}
