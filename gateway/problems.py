"""Every refusal as ``application/problem+json`` (RFC 9457): stable code, Chinese text, English text, trace id.

The status follows from the catalogue's kind. What nobody foresaw is ``internal_error`` with a trace id and no more.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from kernel.chassis.process import logs
from kernel.contracts.errors import CATALOGUE, text
from kernel.contracts.plain import Plain
from kernel.model.errors import DomainError, Kind

log = logs.get(__name__)

MEDIA_TYPE = "application/problem+json"

STATUS: dict[Kind, int] = {
    Kind.INVALID: 422,
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 409,
    Kind.FORBIDDEN: 403,
    Kind.UNAUTHENTICATED: 401,
    Kind.TOO_LARGE: 413,
    Kind.TOO_MANY: 429,
    Kind.DEADLINE: 504,
    Kind.UNAVAILABLE: 503,
    Kind.INTERNAL: 500,
}
_STATUS_BY_CODE = {
    "method_not_allowed": 405,
    "media_type_unsupported": 415,
    "request_malformed": 400,
    "precondition_required": 428,
    "body_too_slow": 408,
    "head_too_slow": 408,
    "head_too_large": 431,
}
TITLES: dict[int, str] = {
    400: "请求无法解析",
    401: "未登录或登录已失效",
    403: "没有权限",
    404: "不存在",
    405: "不支持的方法",
    408: "请求发送过慢",
    409: "与当前状态冲突",
    413: "内容过大",
    415: "不支持的内容类型",
    422: "请求内容有误",
    428: "缺少前提条件",
    429: "请求过于频繁",
    431: "请求头过大",
    500: "系统内部错误",
    503: "服务暂时不可用",
    504: "服务答复超时",
}
RETRY_AFTER_SECONDS = 3

_PYDANTIC_TEXTS = {
    "missing": "必填",
    "extra_forbidden": "不认识的字段",
    "string_type": "应为文字",
    "string_too_short": "太短，至少 {min_length} 个字符",
    "string_too_long": "太长，最多 {max_length} 个字符",
    "string_pattern_mismatch": "格式不正确",
    "too_short": "至少 {min_length} 项",
    "too_long": "最多 {max_length} 项",
    "int_parsing": "应为整数",
    "int_type": "应为整数",
    "int_from_float": "应为整数",
    "decimal_parsing": "应为数字，用数字 0–9 书写，小数点用“.”",
    "decimal_type": "应为数字",
    "decimal_max_digits": "位数过多，最多 {max_digits} 位",
    "decimal_max_places": "小数位数过多，最多 {decimal_places} 位",
    "decimal_whole_digits": "整数部分位数过多，最多 {whole_digits} 位",
    "finite_number": "应为有限的数",
    "float_parsing": "应为数字",
    "float_type": "应为数字",
    "less_than": "应小于 {lt}",
    "int_parsing_size": "数字过大",
    "greater_than_equal": "不能小于 {ge}",
    "less_than_equal": "不能大于 {le}",
    "greater_than": "应大于 {gt}",
    "date_from_datetime_parsing": "应为日期 YYYY-MM-DD",
    "date_parsing": "应为日期 YYYY-MM-DD",
    "datetime_parsing": "应为时间",
    "datetime_from_date_parsing": "应为时间",
    "date_type": "应为日期 YYYY-MM-DD",
    "datetime_type": "应为时间",
    "bool_parsing": "应为是或否",
    "bool_type": "应为是或否",
    "literal_error": "应为 {expected} 之一",
    "enum": "应为 {expected} 之一",
    "uuid_parsing": "应为编号（UUID）",
    "json_invalid": "不是有效的 JSON",
    "list_type": "应为列表",
    "model_attributes_type": "应为对象",
    "dict_type": "应为对象",
    "model_type": "应为对象",
    "text_with_nul": "不能含有空字符（NUL）",
    "string_unicode": "含有无效的字符",
    "number_beyond_64_bits": "数字过大",
    "day_out_of_range": "日期超出范围",
    "time_without_offset": "时间须带时区，例如 +08:00",
    "carrier_not_known": "没有运营商“{carrier}”，应为 {known} 之一",
    "list_or_range": "请给出卡号清单（iccids），或起止卡号（start_iccid、end_iccid），二者取一",
    "ends_before_it_begins": "结束日期（valid_to）不能早于开始日期（valid_from）",
    "not_printable": "字符“{character}”无法打印在申请单上",
    "carrier_missing": "上报运营商流量须填写运营商（carrier）",
    "too_deep": "嵌套过深，最多 {limit} 层",
}


def status_of(code: str) -> int:
    """HTTP status of a catalogue code."""
    return _STATUS_BY_CODE.get(code) or STATUS[CATALOGUE[code].kind]


Spoken = Callable[[dict[str, Any]], dict[str, Any]]
"""Turns params into what people read: units by their names."""


def problem(error: DomainError, *, trace_id: str, instance: str = "", spoken: Spoken = dict) -> dict[str, Any]:
    """The problem document. ``params.errors`` of a service's request_invalid become ``errors`` with pointers."""
    code, params = error.code, error.params
    if code not in CATALOGUE:
        log.error("code not in the catalogue", code=code)
        code, params = "internal_error", {}
    if code == "internal_error":
        params = {"trace_id": trace_id}
    status = status_of(code)
    said = spoken(params)
    errors = [_pointed(it) for it in params.get("errors", ()) if isinstance(it, dict)]
    return {
        "type": f"/problems/{code.replace('_', '-')}",
        "title": TITLES[status],
        "status": status,
        "detail": text(code, said, "zh"),
        "detail_en": text(code, said, "en"),
        "instance": instance,
        "code": code,
        "params": {key: value for key, value in params.items() if key != "errors"},
        "trace_id": trace_id,
        "errors": errors,
    }


def _pointed(error: dict[str, Any]) -> dict[str, Any]:
    field = str(error.get("field", ""))
    return {
        "field": field,
        "pointer": error.get("pointer") or ("#/" + field.replace(".", "/") if field else "#"),
        "message": error.get("message", ""),
        "message_en": error.get("message_en") or error.get("message", ""),
    }


def validation_errors(errors: Sequence[Any]) -> list[dict[str, Any]]:
    """Pydantic's findings in the shape of a service's ``request_invalid`` params, in Chinese and English."""
    found = []
    for error in errors:
        where = [_sayable(str(part)) for part in error.get("loc", ())]
        origin, path = (where[0], where[1:]) if where and where[0] in _ORIGINS else ("body", where)
        template = _PYDANTIC_TEXTS.get(error["type"], "内容不正确")
        pointer = "#/" + "/".join(path) if origin == "body" else f"{origin}:{'/'.join(path)}"
        found.append(
            {
                "field": ".".join(path),
                "pointer": pointer,
                "message": template.format_map(_Context(error.get("ctx") or {})),
                "message_en": error.get("msg", ""),
            }
        )
    return found


def _sayable(name: str) -> str:
    """A field's name as it came, in characters that an answer can hold."""
    return name.encode("utf-8", "replace").decode()[:100]


_ORIGINS = ("body", "query", "path", "header", "cookie")


class _Context(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"


class ProblemResponse(Response):
    """``problem_code``: the code, for the audit log."""

    problem_code: str = ""


def problem_response(
    error: DomainError, *, trace_id: str, instance: str = "", spoken: Spoken = dict
) -> ProblemResponse:
    """The answer for ``error``, with the headers that its status calls for."""
    document = problem(error, trace_id=trace_id, instance=instance, spoken=spoken)
    headers = {}
    if document["status"] == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="simkeep"'
    if document["status"] in (429, 503):
        headers["Retry-After"] = str(error.params.get("retry_after", RETRY_AFTER_SECONDS))
    if document["code"] == "request_in_progress":
        headers["Retry-After"] = "1"
    content = orjson.dumps(document, default=str)
    response = ProblemResponse(content, document["status"], headers, media_type=MEDIA_TYPE)
    response.problem_code = document["code"]
    return response


def trace_id_of(request: Request) -> str:
    """Correlation id of the request; every log line and every message on its way carries it."""
    return str(request.scope.get("correlation_id", ""))


def answer_problem(request: Request, error: DomainError) -> ProblemResponse:
    """The answer to ``request``; its text names units as the gateway knows them, its params keep their codes."""
    spoken = request.app.state.gateway.units.spoken
    return problem_response(error, trace_id=trace_id_of(request), instance=request.url.path, spoken=spoken)


def install(app: FastAPI) -> None:
    """Registers the handlers; `gateway.edge` answers for what even they do not know."""
    answer = answer_problem

    @app.exception_handler(DomainError)
    async def _domain(request: Request, error: DomainError) -> Response:
        return answer(request, error)

    @app.exception_handler(RequestValidationError)
    async def _validation(request: Request, error: RequestValidationError) -> Response:
        if any(it["type"] == "json_invalid" for it in error.errors()):
            return answer(request, DomainError("request_malformed"))
        return answer(request, DomainError("request_invalid", errors=validation_errors(error.errors())))

    @app.exception_handler(ValidationError)
    async def _asked(request: Request, error: ValidationError) -> Response:
        if error.title not in _request_models():
            raise error  # what a service answered, or we made: a fault of ours
        return answer(request, DomainError("request_invalid", errors=validation_errors(error.errors())))

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        cause = error.__cause__  # FastAPI wraps what stopped the reading of the body
        response = answer(request, cause if isinstance(cause, DomainError) else _from_http(request, error))
        if error.status_code == 405:
            response.headers.update(error.headers or {})
        return response

    @app.exception_handler(DBAPIError)
    async def _database(request: Request, error: DBAPIError) -> Response:
        if isinstance(error, OperationalError | InterfaceError):
            log.warning("database away", reason=repr(error.orig))
            return answer(request, DomainError("service_unavailable"))
        log.error("database error", exc_info=error)
        return answer(request, DomainError("internal_error"))

    @app.exception_handler(PoolTimeout)
    async def _pool(request: Request, error: PoolTimeout) -> Response:
        log.warning("no database connection free", reason=str(error))
        return answer(request, DomainError("service_unavailable"))


@cache
def _request_models() -> frozenset[str]:
    """Names of the models that hold what callers send."""
    found, waiting = set(), [Plain]
    while waiting:
        model = waiting.pop()
        found.add(model.__name__)
        waiting += model.__subclasses__()
    return frozenset(found)


def _from_http(request: Request, error: HTTPException) -> DomainError:
    known = {
        401: DomainError("not_signed_in"),
        404: DomainError("route_not_found"),
        405: DomainError("method_not_allowed", method=request.method),
        413: DomainError("body_too_large", limit="?"),
        415: DomainError("media_type_unsupported", allowed="application/json"),
    }
    fallback = "request_malformed" if 400 <= error.status_code < 500 else "internal_error"
    return known.get(error.status_code) or DomainError(fallback)
