"""Whether last night's usage is complete, for Prometheus.

How many cards should have a figure of yesterday is taken from what came: the fullest of the seven days before. Counting
the cards in the books would cost a scan of them, and would count those that never send anything.
"""

from prometheus_client import Gauge

from kernel.chassis.process.measures import Measure

YESTERDAY = Gauge("simkeep_usage_yesterday_cards", "Cards with a figure of yesterday", ["carrier", "source"])
EXPECTED = Gauge(
    "simkeep_usage_expected_cards", "Cards with a figure of the fullest of the seven days before", ["carrier", "source"]
)
HELD = Gauge("simkeep_usage_loads_held", "Loads of usage that wait for a person's decision", ["source"])
MISSING = Gauge("simkeep_usage_missing_cards", "Cards of days that the carrier still answers for", ["carrier"])
LOST = Gauge("simkeep_usage_lost_days", "Days with gaps whose window closed, of the last 31", ["carrier"])
CLOSES = Gauge("simkeep_usage_window_closes_seconds", "Until the first window with gaps closes", ["carrier"])
RESTS = Gauge("simkeep_usage_carrier_failures", "Failures of a carrier's interface one after the other", ["carrier"])

_YESTERDAY = "CAST(now() AT TIME ZONE 'Asia/Shanghai' AS date) - 1"
_WEEK = f"FROM usage_day_counts WHERE day BETWEEN {_YESTERDAY} - 7 AND {_YESTERDAY} GROUP BY carrier, source"

MEASURES = (
    Measure(YESTERDAY, f"SELECT carrier, source, coalesce(sum(cards) FILTER (WHERE day = {_YESTERDAY}), 0) {_WEEK}"),
    Measure(EXPECTED, f"SELECT carrier, source, coalesce(max(cards) FILTER (WHERE day < {_YESTERDAY}), 0) {_WEEK}"),
    Measure(
        MISSING,
        "SELECT carrier, sum(greatest(wanted - answered, 0)) FROM pulls"
        " WHERE kind = 'day' AND state IN ('open', 'short') GROUP BY carrier",
    ),
    Measure(
        LOST,
        "SELECT carrier, count(*) FROM pulls WHERE state = 'lost' AND ended_at > now() - interval '31 days'"
        " GROUP BY carrier",
    ),
    Measure(
        CLOSES,
        "SELECT carrier, extract(epoch FROM min(closes_at) - now()) FROM pulls WHERE state IN ('open', 'short')"
        " AND closes_at IS NOT NULL GROUP BY carrier",
    ),
    Measure(RESTS, "SELECT carrier, failures FROM pull_carriers"),
    Measure(HELD, "SELECT source, count(*) FROM loads WHERE state = 'held' GROUP BY source"),
)
