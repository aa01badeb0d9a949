"""Grafana's dashboards as files; `./simkeep docs` writes them. One page per question that somebody on duty asks."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "dashboards"
_WIDTH, _HEIGHT = 8, 7
_SOURCE = {"type": "prometheus", "uid": "${source}"}


@dataclass(frozen=True)
class Panel:
    """`queries`: legend > PromQL."""

    title: str
    unit: str
    queries: dict[str, str]


RPC_RATE = "sum by (method) (rate(simkeep_rpc_seconds_count[5m]))"
PAGES: dict[str, tuple[str, tuple[Panel, ...]]] = {
    "calls": (
        "SimKeep: calls (rate, errors, duration per method)",
        (
            Panel(
                "Requests a second",
                "reqps",
                {"{{route}}": "sum by (route) (rate(simkeep_gateway_http_seconds_count[5m]))"},
            ),
            Panel("Requests that end with 5xx", "percentunit", {"all": "simkeep:http_errors:ratio5m"}),
            Panel(
                "Requests: 95 of 100 within",
                "s",
                {
                    "{{route}}": "histogram_quantile(0.95, sum by (route, le)"
                    " (rate(simkeep_gateway_http_seconds_bucket[5m])))"
                },
            ),
            Panel("Calls a second per method", "reqps", {"{{method}}": RPC_RATE}),
            Panel("Calls that fail per method", "percentunit", {"{{method}}": "simkeep:rpc_errors:ratio5m"}),
            Panel("Calls: 95 of 100 within", "s", {"{{method}}": "simkeep:rpc_seconds:p95"}),
            Panel(
                "Refusals by code (mostly right: people's mistakes)",
                "ops",
                {"{{code}}": "sum by (code) (rate(simkeep_rpc_refused_total[5m]))"},
            ),
            Panel(
                "Calls that nobody waited for, lost answers",
                "ops",
                {
                    "expired {{method}}": "sum by (method) (rate(simkeep_rpc_expired_total[5m]))",
                    "lost {{job}}": "sum by (job) (rate(simkeep_rpc_replies_lost_total[5m]))",
                },
            ),
            Panel("Calls waiting at the gateway", "short", {"{{instance}}": "simkeep_gateway_rpc_in_flight"}),
            Panel(
                "Calls as the gateway sees them, by outcome",
                "ops",
                {"{{service}} {{outcome}}": "sum by (service, outcome) (rate(simkeep_gateway_rpc_seconds_count[5m]))"},
            ),
        ),
    ),
    "facts": (
        "SimKeep: facts on their way",
        (
            Panel(
                "Oldest unpublished fact", "s", {"{{job}}": "max by (job) (simkeep_outbox_oldest_unpublished_seconds)"}
            ),
            Panel("Unpublished facts", "short", {"{{job}}": "max by (job) (simkeep_outbox_backlog)"}),
            Panel(
                "Facts published a second",
                "ops",
                {"{{job}}": "sum by (job) (rate(simkeep_outbox_published_total[5m]))"},
            ),
            Panel(
                "From fact to effect: 95 of 100 within",
                "s",
                {
                    "{{source}} > {{job}}": "histogram_quantile(0.95, sum by (job, source, le)"
                    " (rate(simkeep_event_lag_seconds_bucket[5m])))"
                },
            ),
            Panel(
                "Facts handled, by outcome",
                "ops",
                {
                    "{{job}} {{outcome}}": "sum by (job, outcome) (rate(simkeep_events_total[5m]))",
                    "{{job}} of a foreign sender": "sum by (job) (rate(simkeep_events_foreign_total[5m]))",
                },
            ),
            Panel("Messages that wait for a person", "short", {"{{job}}": "max by (job) (simkeep_events_parked)"}),
            Panel("Relays at work", "short", {"{{job}}": "sum by (job) (simkeep_relay_active)"}),
            Panel(
                "Messages in the broker's queues",
                "short",
                {"ready": "sum(rabbitmq_queue_messages_ready)", "taken": "sum(rabbitmq_queue_messages_unacked)"},
            ),
            Panel("Gateways that reach the broker", "short", {"connected": "sum(simkeep_gateway_bus_connected)"}),
        ),
    ),
    "night": (
        "SimKeep: what the night brought",
        (
            Panel(
                "Cards with yesterday's usage, of those expected",
                "percentunit",
                {
                    "{{carrier}} {{source}}": "max by (carrier, source) (simkeep_usage_yesterday_cards)"
                    " / max by (carrier, source) (simkeep_usage_expected_cards)"
                },
            ),
            Panel(
                "Cards with yesterday's usage",
                "short",
                {"{{carrier}} {{source}}": "max by (carrier, source) (simkeep_usage_yesterday_cards)"},
            ),
            Panel(
                "Loads of usage that are held", "short", {"{{source}}": "max by (source) (simkeep_usage_loads_held)"}
            ),
            Panel(
                "Cards of days to be pulled",
                "short",
                {
                    "{{carrier}}, still answered for": "max by (carrier) (simkeep_usage_missing_cards)",
                    "{{carrier}}, days lost": "max by (carrier) (simkeep_usage_lost_days)",
                },
            ),
            Panel(
                "Until the first gap closes",
                "s",
                {"{{carrier}}": "min by (carrier) (simkeep_usage_window_closes_seconds)"},
            ),
            Panel(
                "A carrier's failures in a row",
                "short",
                {"{{carrier}}": "max by (carrier) (simkeep_usage_carrier_failures)"},
            ),
        ),
    ),
    "work": (
        "SimKeep: jobs, timers, pools, people",
        (
            Panel("Jobs open", "short", {"{{job}} {{state}}": "max by (job, state) (simkeep_jobs_open)"}),
            Panel(
                "Scans of 30 days by verdict",
                "short",
                {"{{verdict}}": "max by (verdict) (simkeep_scan_verdicts)"},
            ),
            Panel(
                "Causes of 30 days and what became of them",
                "short",
                {"{{code}} {{outcome}}": "max by (code, outcome) (simkeep_scan_causes)"},
            ),
            Panel("Jobs ended", "ops", {"{{kind}} {{state}}": "sum by (kind, state) (rate(simkeep_jobs_total[15m]))"}),
            Panel(
                "A job takes: 95 of 100 within",
                "s",
                {"{{kind}}": "histogram_quantile(0.95, sum by (kind, le) (rate(simkeep_job_seconds_bucket[1h])))"},
            ),
            Panel(
                "Database connections in use",
                "percentunit",
                {
                    "{{job}} {{purpose}}": "max by (job, purpose)"
                    " (simkeep_db_connections_in_use / simkeep_db_connections_limit)"
                },
            ),
            Panel(
                "Timers",
                "short",
                {"{{name}} {{outcome}}": "sum by (name, outcome) (increase(simkeep_timers_total[1h]))"},
            ),
            Panel("Logins", "ops", {"{{outcome}}": "sum by (outcome) (rate(simkeep_gateway_logins_total[5m]))"}),
            Panel("Processes that answer", "short", {"{{job}}": "sum by (job) (up)"}),
            Panel("Memory", "bytes", {"{{job}}": "max by (job) (process_resident_memory_bytes)"}),
            Panel("Forms waiting", "short", {"{{kind}} {{state}}": "max by (kind, state) (simkeep_forms_waiting)"}),
            Panel("Bytes uploaded", "Bps", {"gateway": "sum(rate(simkeep_gateway_uploaded_bytes_total[5m]))"}),
        ),
    ),
    "stations": (
        "SimKeep: master stations",
        (
            Panel("Readings", "ops", {"{{outcome}}": "sum by (outcome) (rate(simkeep_readings_total[5m]))"}),
            Panel(
                "Rows that changed nothing",
                "ops",
                {
                    "repeated": "sum(rate(simkeep_readings_repeated_total[5m]))",
                    "refused: {{code}}": "sum by (code) (rate(simkeep_readings_refused_total[5m]))",
                },
            ),
            Panel("Age of the newest reading", "s", {"{{unit}}": "max by (unit) (simkeep_newest_reading_age_seconds)"}),
            Panel(
                "Exceptions that stand",
                "short",
                {"{{kind}} {{state}}": "max by (kind, state) (simkeep_binding_exceptions)"},
            ),
            Panel("Batches that wait", "short", {"batches": "max(simkeep_reading_batches_waiting)"}),
            Panel("Reads on demand that wait", "short", {"{{station}}": "max by (station) (simkeep_reads_waiting)"}),
            Panel("Held lists", "short", {"{{station}}": "max by (station) (simkeep_terminal_lists_held)"}),
        ),
    ),
}


def dashboard(name: str) -> dict[str, Any]:
    title, panels = PAGES[name]
    return {
        "uid": f"simkeep-{name}",
        "title": title,
        "tags": ["simkeep"],
        "timezone": "browser",
        "refresh": "30s",
        "schemaVersion": 39,
        "time": {"from": "now-6h", "to": "now"},
        "templating": {
            "list": [{"name": "source", "label": "Prometheus", "type": "datasource", "query": "prometheus"}]
        },
        "panels": [_panel(number, panel) for number, panel in enumerate(panels)],
    }


def _panel(number: int, panel: Panel) -> dict[str, Any]:
    place = {"w": _WIDTH, "h": _HEIGHT, "x": number % 3 * _WIDTH, "y": number // 3 * _HEIGHT}
    targets = [
        {"refId": chr(65 + n), "datasource": _SOURCE, "expr": query, "legendFormat": legend}
        for n, (legend, query) in enumerate(panel.queries.items())
    ]
    return {
        "id": number + 1,
        "type": "timeseries",
        "title": panel.title,
        "datasource": _SOURCE,
        "gridPos": place,
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "targets": targets,
    }


def files() -> dict[Path, str]:
    return {FOLDER / f"{name}.json": json.dumps(dashboard(name), indent=1, ensure_ascii=False) + "\n" for name in PAGES}
