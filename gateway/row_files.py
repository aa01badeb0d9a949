"""Files of rows at the edge: a look before they are taken, and templates. The service parses them, not the gateway."""

import base64
import json
from urllib.parse import quote

from fastapi import Request, Response

from gateway.bodies import take_back_stored
from gateway.calls import Call, json_response
from gateway.rest import parse
from gateway.uploads import receive_upload
from kernel.contracts.files import FileChoice, GetTemplate, LookAtFile, TemplateKind

CHOICE = {
    "type": "string",
    "description": "JSON：如何读取文件（sheet、head_row、columns、hidden_rows），见 FileChoice",
    "examples": [json.dumps(FileChoice(sheet="清单", hidden_rows="skip").model_dump(exclude_unset=True))],
}
LOOK_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary", "description": "CSV、TXT 或 XLSX"},
                        "choice": CHOICE,
                    },
                }
            }
        },
    }
}


async def look(request: Request, call: Call, limit_bytes: int) -> Response:
    """What an uploaded file holds. The file itself is not kept."""
    upload = await receive_upload(request, call.gateway.blobs, limit_bytes)
    try:
        return json_response(await call.ask(parse(LookAtFile, upload.values())))
    finally:
        await take_back_stored(request.scope)


async def send_template(call: Call, kind: TemplateKind) -> Response:
    """The file to fill in, to download."""
    made = await call.ask(GetTemplate(kind=kind))
    disposition = f"attachment; filename=\"template.{kind}\"; filename*=UTF-8''{quote(made['name'])}"
    content = base64.b64decode(made["content"])
    return Response(content, media_type=made["media_type"], headers={"Content-Disposition": disposition})
