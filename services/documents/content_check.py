"""Whether a content can be a form, and if not, which field says so and why: in the words of those who fill it in."""

from typing import Any

import orjson
from pydantic import ValidationError

from services.documents.forms.content import FormContent, parse_content

_REASONS = {
    "missing": "缺少此项",
    "extra_forbidden": "没有此项",
    "string_too_short": "不能为空",
    "string_too_long": "超过 {max_length} 个字符",
    "string_type": "应为文字",
    "string_pattern_mismatch": "格式不正确",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "int_from_float": "应为整数",
    "greater_than_equal": "不能小于 {ge}",
    "less_than_equal": "不能大于 {le}",
    "date_from_datetime_parsing": "应为日期，如 2026-11-22",
    "date_parsing": "应为日期，如 2026-11-22",
    "date_type": "应为日期，如 2026-11-22",
    "too_short": "至少 {min_length} 条",
    "too_long": "超过 {max_length} 条",
    "union_tag_invalid": "没有这种申请单，可用：{expected_tags}",
    "union_tag_not_found": "缺少申请单种类 kind",
}
MAX_ERRORS = 50


class ContentError(ValueError):
    """``errors``: [{field, message}], the first MAX_ERRORS of them; field ``cards.48.iccid`` counts from 0."""

    def __init__(self, errors: list[dict[str, str]]) -> None:
        super().__init__(errors[0]["message"])
        self.errors = errors


def check_content(content: dict[str, Any]) -> FormContent:
    """The content as its kind's model. Raises ContentError."""
    try:
        return parse_content(orjson.dumps(content))
    except ValidationError as error:
        raise ContentError(_errors(error)) from error


def _errors(error: ValidationError) -> list[dict[str, str]]:
    found = []
    for item in error.errors(include_url=False, include_input=False)[:MAX_ERRORS]:
        place = item["loc"][1:] if len(item["loc"]) > 1 or item["type"] == "value_error" else item["loc"]
        found.append({"field": ".".join(str(part) for part in place) or "kind", "message": _reason(item)})
    return found


def _reason(item: Any) -> str:
    context = item.get("ctx", {})
    if item["type"] == "value_error":
        return str(context.get("error", item["msg"]))
    template = _REASONS.get(item["type"])
    return template.format_map(context) if template else str(item["msg"])
