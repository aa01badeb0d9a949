"""Choices for forms, by name."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel

from gateway import roles  # noqa: F401  its words are among the options
from gateway.calls import Call, json_response, language_of, permitted
from kernel.chassis.process.clock import now
from kernel.contracts.imei.devices import (
    GET_TRANSFER_TARGETS,
    LIST_ORGANISATIONS,
    GetTransferTargets,
    ListOrganisations,
)
from kernel.contracts.inventory import cards
from kernel.contracts.paging import MAX_PAGE_SIZE
from kernel.contracts.words import VOCABULARIES
from kernel.model.errors import DomainError
from kernel.model.period import BUSINESS_ZONE

router = APIRouter(prefix="/options", tags=["选项"])

MONTHS = 36

class Option(BaseModel):
    value: str
    label: str


@router.get("/{name}", response_model=list[Option], summary="选项")
async def options(name: str, request: Request, call: Annotated[Call, Depends(permitted())]) -> Response:
    """Of carriers, card_specs, units, months, roles, permissions, export_formats, and every kind of states."""
    english = language_of(request) == "en"
    if name in VOCABULARIES:
        return _answer([(code, word.en if english else word.zh) for code, word in VOCABULARIES[name].items()])
    if name == "units":
        await call.gateway.units.load()
        return _answer(_flat(call.gateway.units.tree(call.user.unit)))
    if name == "months":
        return _answer(_months(now()))
    if name in _OF_IMEI:
        return _answer(await _OF_IMEI[name](call))
    if name not in ("carriers", "card_specs"):
        raise DomainError("options_unknown", name=name)
    reply = await call.ask(cards.ListOptions(name=name), cards.LIST_OPTIONS, service="inventory")
    return _answer([(it["value"], it["label_en"] if english else it["label"]) for it in reply["items"]])


def _answer(pairs: list[tuple[str, str]]) -> Response:
    return json_response([{"value": value, "label": label} for value, label in pairs])


async def _organisations(call: Call) -> list[tuple[str, str]]:
    """Organisations of the caller's units by name; none for who may not see serials."""
    if not LIST_ORGANISATIONS.allows(call.user.permissions):
        return []
    found = await call.ask(ListOrganisations(size=MAX_PAGE_SIZE), LIST_ORGANISATIONS)
    return [(it["code"], it["name"]) for it in found["items"]]


async def _transfer_targets(call: Call) -> list[tuple[str, str]]:
    """Organisations that may be given devices; none for who transfers nothing."""
    if not GET_TRANSFER_TARGETS.allows(call.user.permissions):
        return []
    found = await call.ask(GetTransferTargets(), GET_TRANSFER_TARGETS)
    return [(it["code"], it["name"]) for it in found["items"]]


_OF_IMEI = {"serial_organisations": _organisations, "serial_transfer_targets": _transfer_targets}


def _flat(nodes: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [pair for node in nodes for pair in [(node["code"], node["name"]), *_flat(node["children"])]]


def _months(moment: datetime) -> list[tuple[str, str]]:
    """The present month, the next one (applications run ahead) and those before, newest first."""
    today = moment.astimezone(BUSINESS_ZONE)
    newest = today.year * 12 + today.month
    numbers = [divmod(newest - back, 12) for back in range(MONTHS)]
    return [(f"{year:04d}-{month + 1:02d}", f"{year}年{month + 1}月") for year, month in numbers]
