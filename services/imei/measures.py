"""Whether the national lists come, for Prometheus (IME-10)."""

from prometheus_client import Gauge

from kernel.chassis.process.measures import Measure

NATIONAL_AGE = Gauge("simkeep_national_list_age_seconds", "Since a national list was last published", ["province"])
LISTS_HELD = Gauge("simkeep_serial_lists_held", "Lists of serials that wait for a person", ["kind"])

MEASURES = (
    Measure(
        NATIONAL_AGE,
        "SELECT province, extract(epoch FROM now() - max(at)) FROM lists"
        " WHERE kind LIKE 'national%' AND state = 'published' GROUP BY province",
    ),
    Measure(LISTS_HELD, "SELECT kind, count(*) FROM lists WHERE state = 'held' GROUP BY kind"),
)
