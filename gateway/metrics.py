"""What the gateway measures about itself (OPS-03). Labels are bounded: route templates, never paths."""

from prometheus_client import Counter, Gauge, Histogram

_BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

RPC_SECONDS = Histogram(
    "simkeep_gateway_rpc_seconds",
    "Time of one call over the bus as the gateway sees it",
    ("service", "method", "outcome"),
    buckets=_BUCKETS,
)
HTTP_SECONDS = Histogram(
    "simkeep_gateway_http_seconds",
    "Time of one HTTP request until its answer began",
    ("method", "route", "status"),
    buckets=_BUCKETS,
)
BUS_CONNECTED = Gauge("simkeep_gateway_bus_connected", "1 while the broker is reachable")
RPC_IN_FLIGHT = Gauge("simkeep_gateway_rpc_in_flight", "Calls waiting for an answer")
LOGINS = Counter("simkeep_gateway_logins_total", "Login attempts", ("outcome",))
UPLOADED_BYTES = Counter("simkeep_gateway_uploaded_bytes_total", "Bytes received in uploads")
