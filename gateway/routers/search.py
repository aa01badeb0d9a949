"""One search box (GTW-05): cards, batches, forms and people, by whatever one has. Each service keeps its scope."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, Field
from sqlalchemy import or_

from gateway import people
from gateway.calls import Call, json_response, permitted
from gateway.paging import plain
from gateway.rest import named
from gateway.tables import people as people_table
from kernel.contracts.inventory import finding
from kernel.contracts.method import Method
from kernel.contracts.plain import Plain
from kernel.contracts.workflow.forms import LIST_FORMS, ListForms
from kernel.model.errors import DomainError

router = APIRouter(tags=["查询"])
MOST = 6
AWAY = {"service_unavailable", "deadline_exceeded"}


class Asked(Plain):
    """``q``: what was typed."""

    q: str = Field(min_length=2, max_length=64)


class FoundForm(Plain):
    number: str
    kind: str
    state: str
    unit: str
    unit_name: str | None = None


class FoundPerson(Plain):
    login: str
    name: str
    unit: str
    unit_name: str | None = None


class SearchAnswer(BaseModel):
    """A few of each. ``missing``: services that did not answer in time; what they know is not in it."""

    cards: list[named(finding.FoundCard)]  # type: ignore[valid-type]
    batches: list[finding.FoundBatch]
    labels: list[finding.FoundLabel]
    forms: list[FoundForm]
    people: list[FoundPerson]
    missing: list[str]


@router.get("/search", response_model=SearchAnswer, summary="查找")
async def search(asked: Annotated[Asked, Query()], call: Annotated[Call, Depends(permitted("card.view"))]) -> Response:
    """Cards by ICCID (also its last six digits), MSISDN, IMSI or terminal; batches and forms by their number; people by
    name or login, for those who manage them."""
    text = asked.q.strip()
    missing: list[str] = []
    stock, forms, persons = await asyncio.gather(
        _ask(call, finding.FIND, finding.Find(text=asked.q), missing),
        _ask(call, LIST_FORMS, ListForms(number=text[:32], size=MOST), missing),
        _people(call, text),
    )
    cards, batches = stock.get("cards", []), stock.get("batches", [])
    call.gateway.units.name_all(cards)
    listed = [_brief(FoundForm, row) for row in forms.get("items", [])]
    found = {"cards": cards, "batches": batches, "labels": stock.get("labels", []), "forms": listed, "people": persons}
    return json_response({**found, "missing": missing})


def _brief(model: type[BaseModel], row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row.get(name) for name in model.model_fields}


async def _ask(call: Call, method: "Method[Any, Any]", request: BaseModel, missing: list[str]) -> dict[str, Any]:
    """The reply; nothing where the service is away."""
    try:
        reply: dict[str, Any] = await call.ask(request, method)
    except DomainError as error:
        if error.code not in AWAY:
            raise
        missing.append(method.service)
        return {}
    return reply


async def _people(call: Call, text: str) -> list[dict[str, Any]]:
    if "people.manage" not in call.user.permissions:
        return []
    columns = people_table.c
    matching = or_(columns.name.contains(text, autoescape=True), columns.login.contains(text.lower(), autoescape=True))
    query = people.listing(call.user, people.PeopleQuery()).where(matching).order_by(columns.login).limit(MOST)
    async with call.gateway.engine.connect() as connection:
        rows = [plain(row) for row in (await connection.execute(query)).mappings()]
    found = [_brief(FoundPerson, row) for row in rows]
    call.gateway.units.name_all(found)
    return found
