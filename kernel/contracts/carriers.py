"""Which carriers there are, for requests that say something of a carrier."""

from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from kernel.contracts.words_people import CARRIER_NAMES


def _known(code: str) -> str:
    if code not in CARRIER_NAMES:
        names = ", ".join(CARRIER_NAMES)
        raise PydanticCustomError(
            "carrier_not_known", "There is no carrier {carrier}; known: {known}", {"carrier": code[:64], "known": names}
        )
    return code


Carrier = Annotated[str, AfterValidator(_known), WithJsonSchema({"type": "string", "enum": list(CARRIER_NAMES)})]
"""Type of a field that names a carrier of the system's list."""
