"""Imei's kinds of jobs, as the job worker finds them."""

from kernel.chassis.jobs.kinds import OPERATORS, JobKind
from kernel.chassis.jobs.rebuilding import rebuild_kind
from kernel.contracts.read_models import REBUILD_JOB
from services.imei.cards import CARDS
from services.imei.checking import CHECK_JOB, run_check
from services.imei.lists.fetching import FETCH_JOB, run_fetch
from services.imei.lists.importing import LIST_JOB, run_import
from services.imei.tac_table import TAC_JOB
from services.imei.tac_table import run_import as run_tac_import

MODELS = {"cards": CARDS}
CHECKER = "serial.import"
"""Permission of the nightly check, as of the lists that it looks after."""

JOBS = {
    REBUILD_JOB: JobKind(rebuild_kind(MODELS), OPERATORS),
    CHECK_JOB: JobKind(run_check, CHECKER),
    FETCH_JOB: JobKind(run_fetch, CHECKER),
    TAC_JOB: JobKind(run_tac_import, CHECKER),
    LIST_JOB: JobKind(run_import, CHECKER, asked_with=("serial.report",)),
}
