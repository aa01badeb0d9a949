"""The units tree, and its editing by administrators."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from gateway import units
from gateway.calls import Call, json_response, permitted
from gateway.rest import etag, if_match
from kernel.contracts.plain import Plain

router = APIRouter(prefix="/units", tags=["单位"])

Administrator = Annotated[Call, Depends(permitted("people.manage"))]


class UnitNode(BaseModel):
    """``level``: province, city, county or station."""

    code: str
    name: str
    level: str
    children: list["UnitNode"]


class UnitView(BaseModel):
    code: str
    name: str
    level: str
    version: int


class NewUnit(Plain):
    """``code``: 2, 4, 6 or 8 digits; all but the last two are the unit above."""

    model_config = ConfigDict(
        extra="forbid",
        str_strip_whitespace=True,
        json_schema_extra={"examples": [{"code": "990104", "name": "白云县供电公司"}]},
    )
    code: str = Field(max_length=8)
    name: str = Field(min_length=1, max_length=100)


class UnitName(Plain):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)
    name: str = Field(min_length=1, max_length=100)


@router.get("/tree", response_model=list[UnitNode], summary="单位树")
async def tree(call: Annotated[Call, Depends(permitted())]) -> Response:
    """One's own unit and everything below it."""
    await call.gateway.units.load()
    return json_response(call.gateway.units.tree(call.user.unit))


@router.post("", status_code=201, response_model=UnitView, summary="新建单位")
async def create(body: NewUnit, call: Administrator) -> Response:
    """Below an existing unit of one's own subtree."""
    call.user.require_within(body.code, "code")

    async def act(connection: Any) -> Response:
        unit = await units.create_unit(connection, body.code, body.name)
        return json_response(unit, 201, etag(unit["version"]))

    return await call.act("unit.create", body.code, body, act)


@router.get("/{code}", response_model=UnitView, summary="单位")
async def get(code: str, call: Annotated[Call, Depends(permitted())]) -> Response:
    """Its ETag is needed to edit it."""
    call.user.require_within(code, "code")
    async with call.gateway.engine.connect() as connection:
        unit = await units.get_unit(connection, code)
    return json_response(unit, headers=etag(unit["version"]))


@router.patch("/{code}", response_model=UnitView, summary="修改单位")
async def rename(code: str, body: UnitName, request: Request, call: Administrator) -> Response:
    """A code never changes: cards, people and logs carry it. Needs If-Match."""
    call.user.require_within(code, "code")
    version = if_match(request)

    async def act(connection: Any) -> Response:
        unit = await units.rename_unit(connection, code, body.name, version)
        return json_response(unit, headers=etag(unit["version"]))

    return await call.act("unit.rename", code, body, act)


@router.delete("/{code}", status_code=204, summary="删除单位")
async def delete(code: str, request: Request, call: Administrator) -> Response:
    """Only one without units below it, people or API keys. Needs If-Match."""
    call.user.require_within(code, "code")
    version = if_match(request)

    async def act(connection: Any) -> Response:
        await units.delete_unit(connection, code, version)
        return Response(status_code=204)

    return await call.act("unit.delete", code, None, act)
