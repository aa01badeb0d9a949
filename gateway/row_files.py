"""Files of rows at the edge: a look before they are taken, and templates. The service parses them, not the gateway."""

import base64
import json
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response

from gateway.bodies import take_back_stored
from gateway.calls import Call, calling, json_response
from gateway.rest import parse
from gateway.uploads import receive_upload, upload_form
from kernel.contracts.files import FileChoice, FileTemplate, GetTemplate, LookAtFile, TemplateKind
from kernel.contracts.method import Method

CHOICE = {
    "type": "string",
    "description": "JSON：如何读取文件（sheet、head_row、columns、hidden_rows），见 FileChoice",
    "examples": [json.dumps(FileChoice(sheet="清单", hidden_rows="skip").model_dump(exclude_unset=True))],
}
LOOK_FORM = upload_form("CSV、TXT 或 XLSX", choice=CHOICE)


async def look(
    request: Request, call: Call, limit_bytes: int, shape: type[LookAtFile] = LookAtFile
) -> Response:
    """What an uploaded file holds. The file itself is not kept. ``shape``: what is asked besides."""
    upload = await receive_upload(request, call.gateway.blobs, limit_bytes)
    try:
        return json_response(await call.ask(parse(shape, upload.values())))
    finally:
        await take_back_stored(request.scope)


def serve_template(router: APIRouter, path: str, method: Method[GetTemplate, FileTemplate], summary: str) -> None:
    """Adds the route of the file to fill in."""

    async def file_template(
        call: Annotated[Call, Depends(calling(method))], kind: TemplateKind = "xlsx"
    ) -> Response:
        return await send_template(call, kind)

    router.add_api_route(
        path, file_template, methods=["GET"], name=method.name, summary=summary, response_class=Response,
        description="A file to fill in.",
    )  # fmt: skip


async def send_template(call: Call, kind: TemplateKind) -> Response:
    """The file to fill in, to download."""
    made = await call.ask(GetTemplate(kind=kind))
    disposition = f"attachment; filename=\"template.{kind}\"; filename*=UTF-8''{quote(made['name'])}"
    content = base64.b64decode(made["content"])
    return Response(content, media_type=made["media_type"], headers={"Content-Disposition": disposition})
