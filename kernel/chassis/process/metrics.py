"""What Prometheus can see of a process. Names begin with ``simkeep_``; labels are few and bounded."""

from prometheus_client import Counter, Gauge, Histogram

_SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

RPC_SECONDS = Histogram("simkeep_rpc_seconds", "Time from pick-up to answer", ["method"], buckets=_SECONDS)
RPC_REFUSED = Counter("simkeep_rpc_refused_total", "Calls answered with an error", ["method", "code"])
RPC_EXPIRED = Counter("simkeep_rpc_expired_total", "Calls dropped because nobody waits any more", ["method"])
RPC_REPLY_LOST = Counter("simkeep_rpc_replies_lost_total", "Answers that found no broker")

EVENTS = Counter("simkeep_events_total", "Events that arrived, by outcome", ["source", "type", "outcome"])
EVENT_LAG = Histogram(
    "simkeep_event_lag_seconds",
    "From the fact to the end of its handling",
    ["source"],
    buckets=(0.01, 0.05, 0.1, 0.5, 1, 5, 30, 60, 300, 3600),
)
FOREIGN = Counter(
    "simkeep_events_foreign_total", "Events that did not come from their owner's broker account", ["source"]
)
PARKED = Gauge("simkeep_events_parked", "Messages that wait for a person")

OUTBOX_BACKLOG = Gauge("simkeep_outbox_backlog", "Events committed and not yet published (counted up to 10,000)")
OUTBOX_OLDEST = Gauge("simkeep_outbox_oldest_unpublished_seconds", "Age of the oldest of them")
OUTBOX_PUBLISHED = Counter("simkeep_outbox_published_total", "Events published and confirmed")
RELAY_ACTIVE = Gauge("simkeep_relay_active", "1 in the one process whose relay publishes")

JOBS = Counter("simkeep_jobs_total", "Jobs ended, by outcome", ["kind", "state"])
JOBS_OPEN = Gauge("simkeep_jobs_open", "Jobs queued or running", ["state"])
JOB_SECONDS = Histogram("simkeep_job_seconds", "Time a job ran", ["kind"], buckets=(1, 5, 15, 60, 300, 900, 3600))

TIMERS = Counter("simkeep_timers_total", "Timers run, by outcome", ["name", "outcome"])
DB_CONNECTIONS = Gauge("simkeep_db_connections_in_use", "Connections taken from the pool", ["purpose"])
DB_CONNECTIONS_LIMIT = Gauge("simkeep_db_connections_limit", "Connections that the pool may open", ["purpose"])
