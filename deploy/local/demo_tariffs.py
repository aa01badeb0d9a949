"""Tariffs of the demo: a price for each carrier and card specification, some with a pool or cheap when silent; and what
is agreed upon for the pools."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from deploy.local.demo_client import Someone
from kernel.model.period import BUSINESS_ZONE, business_date

_SINCE = 26
"""Months before this one from which on the prices hold."""
_FEES = {
    "china_mobile": ("2.00", 30, "0.29"),
    "china_unicom": ("1.80", 30, "0.30"),
    "china_telecom": ("2.20", 50, "0.25"),
}
"""Yuan a month, MB included, yuan for each MB beyond."""
_POOL = "贴片池"
_SPECS = {"plug_in": None, "smd": _POOL, "nano": None, "esim": None}
_POOLS: dict[str, dict[str, Any]] = {
    "china_mobile": {"size": 5 << 30, "overage": "usage"},
    "china_unicom": {"joining_prorated": False, "overage": "excess"},
}
"""One of a size that is bought, one that its cards bring; telecom's has no agreement and is what its cards bring."""
_SILENT = "0.50"


def enter_tariffs(province: Someone) -> None:
    """Adds those that are missing, pools before anything is rated by them."""
    agreed = {it["carrier"] for it in province.every("usage-pools")}
    since = _first_day(business_date(datetime.now(BUSINESS_ZONE))).isoformat()
    for carrier in _POOLS.keys() - agreed:
        province.post("usage-pools", {"carrier": carrier, "name": _POOL, "valid_from": since, **_POOLS[carrier]})
    known = {(it["carrier"], it["card_spec"]) for it in province.every("tariffs")}
    for carrier in _FEES:
        for spec in _SPECS:
            if (carrier, spec) not in known:
                province.post("tariffs", _tariff(carrier, spec))


def _tariff(carrier: str, spec: str) -> dict[str, Any]:
    (fee, included, per_mb), pool = _FEES[carrier], _SPECS[spec]
    return {
        "carrier": carrier,
        "card_spec": spec,
        "valid_from": _first_day(business_date(datetime.now(BUSINESS_ZONE))).isoformat(),
        "monthly_fee": fee,
        "included": included << 20,
        "per_mb": per_mb,
        "silent_fee": _SILENT if pool is None else None,
        "pool": pool,
        "prorated": True,
    }


def _first_day(today: date) -> date:
    months = today.year * 12 + today.month - 1 - _SINCE
    return date(months // 12, months % 12 + 1, 1)
