"""What operations and the province see of the forms on their way."""

from prometheus_client import Gauge

from kernel.chassis.process.measures import Measure

FORMS_WAITING = Gauge("simkeep_forms_waiting", "Forms that are neither completed nor dissolved", ["kind", "state"])

MEASURES = (
    Measure(
        FORMS_WAITING,
        "SELECT kind, state, count(*) FROM forms WHERE state NOT IN ('completed', 'dissolved') GROUP BY kind, state",
    ),
)
