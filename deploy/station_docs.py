"""docs/station/asyncapi.json from the contracts: what any AMQP 0-9-1 client has to know to be a master station."""

from __future__ import annotations

import json
from typing import Any

from kernel.contracts import topology
from kernel.contracts.binding import on_demand, readings, terminals
from kernel.contracts.method import Method

VERSION = "1.0.0"
METHODS: tuple[Method[Any, Any], ...] = (
    readings.REPORT_READINGS,
    terminals.REPORT_TERMINALS,
    on_demand.TAKE_READ_REQUESTS,
)
_ROW = {"terminal": "3301000001", "read_at": "2026-11-02T02:00:05+08:00"}
EXAMPLES: dict[str, dict[str, Any]] = {
    "report_readings": {
        "rows": [
            {
                **_ROW, "slot": 1, "iccid": "89860012345678901238", "imei": "860000000000017",
                "received_at": "2026-11-02T02:00:09+08:00",
            },
            {**_ROW, "terminal": "3301000002", "fault": "timeout"},
        ]
    },
    "report_terminals": {
        "as_of": "2026-11-02T00:00:00+08:00",
        "rows": [{"terminal": "3301000001", "unit": "990101", "kind": "集中器", "state": "running", "slots": 1}],
        "full": {"list_id": "2026-11-02", "part": 1, "parts": 1},
    },
    "take_read_requests": {"limit": 200},
}
_HEADERS = {
    "type": "object",
    "required": [topology.HEADER_ACTOR, topology.HEADER_CORRELATION, topology.HEADER_COMMAND],
    "properties": {
        topology.HEADER_ACTOR: {"type": "string", "description": "JWT (EdDSA) for this call; see README.md"},
        topology.HEADER_CORRELATION: {"type": "string", "description": "the call's correlation_id"},
        topology.HEADER_COMMAND: {"type": "string", "description": "key of the command: the same again is done once"},
        topology.HEADER_DEADLINE: {"type": ["number", "string"], "description": "Unix time after which nobody waits"},
    },
}
_ERROR = {
    "type": ["object", "null"],
    "properties": {
        "exc_args": {
            "type": "array",
            "items": {"type": "string"},
            "description": "code, text for people, JSON object for programs",
        }
    },
}


def _schema(model: Any, mode: Any) -> dict[str, Any]:
    schema: dict[str, Any] = model.model_json_schema(mode=mode, ref_template="#/$defs/{model}")
    return schema


def request_schema(method: Method[Any, Any]) -> dict[str, Any]:
    """Of a whole request body. Definitions stand inside, so that the schema can be used by itself."""
    model = _schema(method.request, "validation")
    args = {"type": "array", "prefixItems": [model], "items": False, "minItems": 1}
    found = {"type": "object", "required": ["args"], "properties": {"args": args, "kwargs": {"type": "object"}}}
    return {"$defs": model.pop("$defs", {}), **found}


def reply_schema(method: Method[Any, Any]) -> dict[str, Any]:
    """Of a whole answer: the result, or the error."""
    model = _schema(method.reply, "serialization")
    result = {"anyOf": [{"type": "null"}, model]}
    found = {"type": "object", "required": ["result", "error"], "properties": {"result": result, "error": _ERROR}}
    return {"$defs": model.pop("$defs", {}), **found}


def document() -> dict[str, Any]:
    """AsyncAPI 3."""
    channels: dict[str, Any] = {
        "answers": {
            "address": "reply.{account}.{caller}",
            "parameters": {"account": {}, "caller": {"description": "a UUID of the connection's own"}},
            "messages": {},
        }
    }
    operations: dict[str, Any] = {}
    for method in METHODS:
        name = method.name
        request = {"headers": _HEADERS, "payload": request_schema(method), "contentType": "application/json"}
        body = {"args": [EXAMPLES[name]], "kwargs": {}}
        channels[name] = {
            "address": topology.rpc_routing_key("binding", name),
            "messages": {"request": {**request, "examples": [{"payload": body}]}},
            "bindings": {"amqp": {"is": "routingKey", "exchange": {"name": topology.RPC_EXCHANGE, "type": "topic"}}},
        }
        answer = {"payload": reply_schema(method), "contentType": "application/json"}
        channels["answers"]["messages"][name] = answer
        operations[name] = {
            "action": "send",
            "summary": (method.request.__doc__ or "").strip().split("\n")[0],
            "channel": {"$ref": f"#/channels/{name}"},
            "reply": {
                "channel": {"$ref": "#/channels/answers"},
                "messages": [{"$ref": f"#/channels/answers/messages/{name}"}],
            },
        }
    info = {"title": "SimKeep for collection master stations", "version": VERSION}
    return {"asyncapi": "3.0.0", "info": info, "channels": channels, "operations": operations}


def text() -> str:
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"
