"""Choices for forms, by name."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel

from gateway.calls import Call, json_response, language_of, permitted
from gateway.roles import ROLE_NAMES, ROLES
from kernel.chassis.clock import now
from kernel.contracts.inventory import cards
from kernel.model.errors import DomainError
from kernel.model.period import BUSINESS_ZONE

router = APIRouter(prefix="/options", tags=["选项"])

MONTHS = 36

Pairs = tuple[tuple[str, str, str], ...]
FIXED: dict[str, Pairs] = {
    "card_states": (
        ("received", "待入库", "Awaiting stock-in"),
        ("unqualified", "不合格", "Unqualified"),
        ("in_stock", "库存", "In stock"),
        ("pending_install", "待装", "Pending installation"),
        ("running", "运行", "Running"),
        ("pending_scrap", "待报废", "Pending scrap"),
        ("terminating", "销卡中", "Terminating"),
        ("terminated", "已销卡", "Terminated"),
    ),
    "delivery_states": (
        ("receiving", "接收中", "Receiving"),
        ("held", "有差异", "Held"),
        ("received", "待检测", "Received"),
        ("inspected", "已检测", "Inspected"),
        ("stocked_in", "已入库", "Stocked in"),
    ),
    "export_formats": (("xlsx", "Excel（XLSX）", "Excel (XLSX)"), ("csv", "CSV", "CSV")),
    "roles": tuple((role, ROLE_NAMES[role], role.replace("_", " ").capitalize()) for role in ROLES),
}


class Option(BaseModel):
    value: str
    label: str


@router.get("/{name}", response_model=list[Option], summary="选项")
async def options(name: str, request: Request, call: Annotated[Call, Depends(permitted())]) -> Response:
    """One of carriers, card_specs, card_states, units, delivery_states, months, export_formats, roles."""
    english = language_of(request) == "en"
    if name in FIXED:
        return _answer([(value, en if english else zh) for value, zh, en in FIXED[name]])
    if name == "units":
        await call.gateway.units.load()
        return _answer(_flat(call.gateway.units.tree(call.user.unit)))
    if name == "months":
        return _answer(_months(now()))
    if name not in ("carriers", "card_specs"):
        raise DomainError("options_unknown", name=name)
    reply = await call.ask(cards.ListOptions(name=name), cards.LIST_OPTIONS, service="inventory")
    return _answer([(it["value"], it["label_en"] if english else it["label"]) for it in reply["items"]])


def _answer(pairs: list[tuple[str, str]]) -> Response:
    return json_response([{"value": value, "label": label} for value, label in pairs])


def _flat(nodes: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [pair for node in nodes for pair in [(node["code"], node["name"]), *_flat(node["children"])]]


def _months(moment: datetime) -> list[tuple[str, str]]:
    """The present month, the next one (applications run ahead) and those before, newest first."""
    today = moment.astimezone(BUSINESS_ZONE)
    newest = today.year * 12 + today.month
    numbers = [divmod(newest - back, 12) for back in range(MONTHS)]
    return [(f"{year:04d}-{month + 1:02d}", f"{year}年{month + 1}月") for year, month in numbers]
