"""Bodies of RPC messages, in Nameko's format, and the one exception that crosses the wire (docs/adr/0008).

Nameko turns exception arguments into text and finds classes by module path, so there is exactly one class with
three texts: ``ServiceError(code, detail, params_json)``. Whoever reads it matches ``exc_type``, never the path.
"""

from typing import Any

import orjson

from kernel.contracts import errors as catalogue
from kernel.model.errors import DomainError


class ServiceError(Exception):
    """``code``: key of the error catalogue; ``detail``: for people; ``params_json``: JSON object for programs."""

    def __init__(self, code: str, detail: str, params_json: str = "{}") -> None:
        super().__init__(code, detail, params_json)
        self.code = code
        self.detail = detail
        self.params_json = params_json

    @property
    def params(self) -> dict[str, Any]:
        loaded = orjson.loads(self.params_json)
        return loaded if isinstance(loaded, dict) else {}

    @classmethod
    def of(cls, error: DomainError, language: str = "zh") -> "ServiceError":
        return cls(error.code, catalogue.describe(error, language), _json(error.params))


def _json(value: Any) -> str:
    return orjson.dumps(value, default=str).decode()


def request_body(request_json: bytes) -> bytes:
    """Body of a call whose one argument is ``request_json`` (a pydantic model's JSON)."""
    return b'{"args": [' + request_json + b'], "kwargs": {}}'


def reply_body(result_json: bytes) -> bytes:
    """Body of a good answer."""
    return b'{"result": ' + result_json + b', "error": null}'


def error_body(error: ServiceError) -> bytes:
    """Body of a refusal, as Nameko's own clients expect it too."""
    return orjson.dumps(
        {
            "result": None,
            "error": {
                "exc_type": "ServiceError",
                "exc_path": "kernel.chassis.bus.wire.ServiceError",
                "exc_args": [error.code, error.detail, error.params_json],
                "value": f"{error.code}: {error.detail}",
            },
        }
    )


def read_reply(body: bytes) -> Any:
    """The result of a reply body, or raises the ServiceError in it. Errors of others become internal_error."""
    reply = orjson.loads(body)
    error = reply.get("error")
    if not error:
        return reply["result"]
    if error.get("exc_type") == "ServiceError":
        raise ServiceError(*[str(part) for part in error["exc_args"][:3]])
    raise ServiceError("internal_error", str(error.get("value", "")), _json({"exc_type": error.get("exc_type")}))
