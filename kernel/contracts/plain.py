"""What a request may hold: only what JSON, PostgreSQL and the calendar can all hold.

JSON knows texts with NUL, whole numbers of a hundred digits and lists a thousand deep; a database does not, and the day
after 31 December 9999 exists nowhere. `Plain` refuses these with the field's name, for every model that is built on it,
so that no act needs to think of them. Numbers and days are read only as people write them.
"""

import json
import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

MAX_DEPTH = 32
"""Lists and objects within each other."""
YEARS = range(2, 9999)
"""The years in which every moment has a date in every time zone."""
_INT64 = 2**63
_SURROGATES = re.compile("[\ud800-\udfff]")
_DASHED = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CHECKED = "simkeep_checked"


def _checking(schema: Any) -> Any:
    """The schema with a check around each value that may be one of those; done once for each part of it."""
    if isinstance(schema, list | tuple):
        return type(schema)(_checking(part) for part in schema)
    if not isinstance(schema, dict):
        return schema
    kind = schema.get("type")
    if not isinstance(kind, str):  # fields by their names, which may be anything
        return {name: _checking(part) for name, part in schema.items()}
    if (schema.get("metadata") or {}).get(_CHECKED):
        return schema
    changed: Any = {name: part if name == "metadata" else _checking(part) for name, part in schema.items()}
    check, written = _CHECKS.get(kind), _WRITTEN.get(kind)
    if check is None and written is None:
        return changed
    changed["metadata"] = {**(schema.get("metadata") or {}), _CHECKED: True}
    changed = core_schema.no_info_after_validator_function(check, changed) if check else changed
    return core_schema.no_info_before_validator_function(written, changed) if written else changed


def _text(value: Any) -> Any:
    if isinstance(value, str) and "\x00" in value:
        raise PydanticCustomError("text_with_nul", "Text must not contain the character NUL")
    return value


def _number(value: Any) -> Any:
    if not -_INT64 <= value < _INT64:
        raise PydanticCustomError("number_beyond_64_bits", "Numbers must fit into 64 bits")
    return value


def _plain_number(value: Any) -> Any:
    """Python reads 1_000 and ٣ as numbers, people and other programs do not."""
    if isinstance(value, str) and ("_" in value or not value.isascii()):
        raise PydanticCustomError("decimal_parsing", "Input should be a number in plain digits, with a decimal point")
    return value


def _plain_day(value: Any) -> Any:
    """pydantic takes 1764201600 for a day."""
    if isinstance(value, int | float) or (isinstance(value, str) and not _DASHED.match(value)):
        raise PydanticCustomError("date_parsing", "Input should be a date or time that begins with YYYY-MM-DD")
    return value


def _day(value: Any) -> Any:
    if isinstance(value, date | datetime) and value.year not in YEARS:
        raise PydanticCustomError("day_out_of_range", "The date must lie in the years 2 to 9998")
    if isinstance(value, datetime) and value.tzinfo is None:
        raise PydanticCustomError("time_without_offset", "The time needs its offset from UTC, such as +08:00")
    return value


def _anything(value: Any) -> Any:
    """A value that no field describes: looked through to its ground."""
    levels = [(value, 0)]
    while levels:
        part, depth = levels.pop()
        if depth > MAX_DEPTH:
            raise PydanticCustomError("too_deep", "At most {limit} levels of lists and objects", {"limit": MAX_DEPTH})
        if isinstance(part, str):
            _text(part)
            if any("\ud800" <= char <= "\udfff" for char in part):
                raise PydanticCustomError("string_unicode", "Text must be valid Unicode")
        elif isinstance(part, int) and not isinstance(part, bool):
            _number(part)
        elif isinstance(part, dict):
            levels += [(it, depth + 1) for it in (*part, *part.values())]
        elif isinstance(part, list | tuple | set | frozenset):
            levels += [(it, depth + 1) for it in part]
    return value


_CHECKS: dict[str, Callable[[Any], Any]] = {
    "str": _text, "int": _number, "date": _day, "datetime": _day, "any": _anything,
}  # fmt: skip
_WRITTEN: dict[str, Callable[[Any], Any]] = {
    "int": _plain_number, "float": _plain_number, "decimal": _plain_number, "date": _plain_day, "datetime": _plain_day,
}  # fmt: skip


def _sayable(value: Any) -> Any:
    """The value, with U+FFFD for each half of a surrogate pair that stands alone: no UTF-8 can carry one further."""
    text = json.dumps(value, ensure_ascii=False)
    if text.isascii() or not _SURROGATES.search(text):
        return value
    return json.loads(text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"))


class _Unchecked:
    """Schema of a value that nobody has looked at yet. Read from JSON by pydantic itself it is Unicode already."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        anything = core_schema.any_schema(metadata={_CHECKED: True})
        said = core_schema.no_info_after_validator_function(_sayable, anything, metadata={_CHECKED: True})
        return core_schema.json_or_python_schema(anything, said, metadata={_CHECKED: True})


RawRow = Annotated[Any, _Unchecked()]
"""A row of a batch, as sent: whoever takes it judges it row by row, so that a broken one costs only itself."""


class Plain(BaseModel):
    """Base of everything that comes from outside."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        schema: CoreSchema = _checking(handler(source))
        return schema
