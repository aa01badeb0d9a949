"""Rules of the demo that warn of a card's use: one of each kind, so that pages and notices have something to show."""

from __future__ import annotations

from typing import Any

from deploy.local.demo_client import Someone

_RULES: tuple[dict[str, Any], ...] = (
    {"name": "当月流量达套餐 90%", "kind": "plan_percent", "threshold": 90},
    {"name": "连续 14 天无流量", "kind": "silent_days", "threshold": 14},
    {"name": "流量突增 8 倍", "kind": "jump", "threshold": 8},
)


def enter_rules(province: Someone) -> None:
    """Adds those that are missing, for the whole province."""
    known = {rule["name"] for rule in province.every("usage-rules")}
    for rule in _RULES:
        if rule["name"] not in known:
            province.post("usage-rules", {**rule, "unit": "99"})
