"""Texts for people inside replies: acts say what they mean once, the edge writes it in the caller's language."""

from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, SerializationInfo
from pydantic_core import CoreSchema, core_schema

from kernel.contracts.errors import text
from kernel.contracts.words import Vocabulary
from kernel.model.errors import DomainError


class Said(str):
    """A text in Chinese, which knows its English; the dump of the reply writes one of them."""

    __slots__ = ("en",)
    en: str

    def __new__(cls, zh: str, en: str) -> "Said":
        said = super().__new__(cls, zh)
        said.en = en
        return said


def say(code: str, params: dict[str, Any]) -> Said:
    """A text of the error catalogue: why a row was refused, say."""
    return Said(text(code, params, "zh"), text(code, params, "en"))


def in_both(code: str, params: dict[str, Any]) -> dict[str, str]:
    """The same as a note of a job's result."""
    return {"code": code, "message": text(code, params), "message_en": text(code, params, "en")}


def word(words: Vocabulary, code: str | None) -> Said:
    """What a code is called; a code without a word is its own."""
    return Said(*words.get(str(code), (str(code), str(code))))


def describe(error: DomainError) -> Said:
    """A refusal as the catalogue says it."""
    return say(error.code, error.params)


def in_language(language: str) -> dict[str, str]:
    """Context of a dump that writes each `Text` in ``language``: ``reply.model_dump_json(context=...)``."""
    return {"language": language}


class _Spoken:
    """Keeps a `Said` as it is until the reply is dumped; any other string is itself in both languages."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_wrap_validator_function(
            lambda value, plain: value if isinstance(value, Said) else plain(value),
            core_schema.str_schema(),
            serialization=core_schema.plain_serializer_function_ser_schema(
                _write, info_arg=True, return_schema=core_schema.str_schema()
            ),
        )


def _write(value: str, info: SerializationInfo) -> str:
    if isinstance(value, Said) and (info.context or {}).get("language") == "en":
        return value.en
    return str(value)


Text = Annotated[str, _Spoken]
"""Type of a reply's field for people to read. Give it a `Said`."""
