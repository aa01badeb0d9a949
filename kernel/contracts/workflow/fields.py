"""Fields that several requests of workflow share. What stands on a form must be printable."""

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from kernel.contracts.inventory.acts import PHONE

MAX_QUANTITY = 10_000_000
"""Cards in one line: three times what a province has."""
MAX_ROWS = 2_000
"""Cards on one termination form, and rows of one request about them."""

_PRINTED_BLOCKS = (
    (0x20, 0x7E),
    (0xB7, 0xB7),
    (0x2014, 0x201E),
    (0x2026, 0x2026),
    (0x3001, 0x3003),
    (0x3008, 0x3015),
    (0x4E00, 0x9FA5),
    (0xFF01, 0xFF5E),
)
"""What the forms' typeface has, of what clerks type."""


def unprintable(character: str) -> bool:
    """True for what a form's typeface may lack: emoji, rare characters, control characters."""
    code = ord(character)
    return not any(first <= code <= last for first, last in _PRINTED_BLOCKS)


def _printable(text: str) -> str:
    for character in text:
        if unprintable(character):
            told = {"character": character}
            raise PydanticCustomError("not_printable", "{character} cannot be printed on a form", told)
    return text


def _storable(text: str) -> str:
    if "\x00" in text:
        raise PydanticCustomError("text_with_nul", "Text must not contain the character NUL")
    return text


Person = Annotated[str, Field(min_length=1, max_length=20), AfterValidator(_printable)]
"""A person's name as it is printed on forms."""
Phone = Annotated[str, Field(pattern=PHONE)]
Remark = Annotated[str, Field(max_length=500), AfterValidator(_storable)]
Quantity = Annotated[int, Field(strict=True, ge=1, le=MAX_QUANTITY)]
Part = Annotated[int, Field(strict=True, ge=0, le=MAX_QUANTITY)]
"""One of two numbers that make a quantity together."""
Code = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,32}$")]
FormNumber = Annotated[str, Field(pattern=r"^[A-Z]{2}-[0-9A-Z-]{4,24}$")]
UnitNames = dict[str, str]
"""Unit code > name. Units are the gateway's: it fills this in itself and lets no caller say it."""
