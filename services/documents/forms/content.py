"""What each form says, apart from how it looks (DOC-01, DOC-02).

The models are frozen, refuse unknown fields and unprintable characters, and have one canonical JSON, whose SHA-256 is
the digest printed and signed on every page.
"""

import hashlib
import json
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationInfo, model_validator

from services.documents.forms.fonts import can_print, wrap

MAX_CARDS = 2_000
LABEL_WIDTH, LABEL_SMALL = 41.0, 8.0  # mm beside a label's code, points of a value in two lines


ISSUED = {"issued": True}
"""Validation context of what was issued before: it stands on paper, whatever is refused today."""


def _printable(text: str, info: ValidationInfo) -> str:
    for character in () if info.context == ISSUED else text:
        if not can_print(character):
            raise ValueError(f"字符 {_named(character)} 无法打印")
    return text


def _named(character: str) -> str:
    return f"“{character}”（U+{ord(character):04X}）" if character.isprintable() else f"U+{ord(character):04X}"


def _on_a_label(text: str, info: ValidationInfo) -> str:
    if info.context != ISSUED and len(wrap(text, LABEL_SMALL, LABEL_WIDTH)) > 2:
        raise ValueError("太长，标签上印不下")
    return text


Words = Annotated[str, Field(min_length=1, max_length=60), AfterValidator(_printable)]
LabelWords = Annotated[Words, AfterValidator(_on_a_label)]
Iccid = Annotated[str, Field(pattern=r"^[0-9A-F]{19,20}$")]
Serial = Annotated[str, Field(pattern=r"^[0-9A-F]{8,18}$")]
Month = Annotated[str, Field(pattern=r"^20[0-9][0-9]-(0[1-9]|1[0-2])$")]
FormNumber = Annotated[str, Field(pattern=r"^[A-Z]{2}-[0-9A-Z-]{4,24}$")]
Count = Annotated[int, Field(ge=0, le=99_999_999)]


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FormContent(Frozen):
    """Common to all forms. `revision` counts the issues of one number after a send-back (TER-04): 1, 2, ..."""

    kind: str
    number: FormNumber
    revision: int = Field(default=1, ge=1, le=99)
    unit: Words
    issued_on: date
    applicant: Words
    phone: Words

    def canonical(self) -> bytes:
        """UTF-8 JSON with sorted keys; equal contents give equal bytes."""
        return json.dumps(self.model_dump(mode="json"), ensure_ascii=False, sort_keys=True).encode()

    def digest(self) -> bytes:
        """SHA-256 of the canonical JSON, 32 bytes."""
        return hashlib.sha256(self.canonical()).digest()


class CountyDemand(Frozen):
    """One county's line of a city form (ACT-03)."""

    unit: Words
    carrier: Words
    card_spec: Words
    quantity: Count
    applicant: Words
    phone: Words


class CityDemand(Frozen):
    """One summary line: replacement + new is the total, which is printed and not stored (ACT-03)."""

    carrier: Words
    card_spec: Words
    replacement: Count
    new: Count

    @property
    def total(self) -> int:
        return self.replacement + self.new


class CityOpeningForm(FormContent):
    """市级开卡申请单 (ACT-03, ACT-04)."""

    kind: Literal["city_opening"] = "city_opening"
    month: Month
    demands: tuple[CityDemand, ...] = Field(min_length=1, max_length=100)
    counties: tuple[CountyDemand, ...] = Field(default=(), max_length=1_000)


class CitySituation(Frozen):
    """One city of the province form with the live figures of ACT-10."""

    unit: Words
    devices: Count | None
    cards_now: Count
    not_activated: Count
    demands: tuple[CityDemand, ...] = Field(max_length=100)

    @property
    def demand(self) -> int:
        return sum(line.total for line in self.demands)


class ProvinceOpeningForm(FormContent):
    """省级开卡申请单, several pages (ACT-10, ACT-11)."""

    kind: Literal["province_opening"] = "province_opening"
    month: Month
    cities: tuple[CitySituation, ...] = Field(min_length=1, max_length=60)


class TerminatedCard(Frozen):
    iccid: Iccid
    msisdn: Annotated[str, Field(pattern=r"^[0-9]{11,13}$")]
    carrier: Words
    card_spec: Words
    reason: Words


class _TerminationForm(FormContent):
    cards: tuple[TerminatedCard, ...] = Field(min_length=1, max_length=MAX_CARDS)

    @model_validator(mode="after")
    def _each_card_once(self) -> "_TerminationForm":
        if len({card.iccid for card in self.cards}) != len(self.cards):
            raise ValueError("同一张卡在申请单中出现两次")
        return self


class CountyTerminationForm(_TerminationForm):
    """区县级销卡申请单 (TER-03); `number` is its batch number, kept when it is generated again (TER-04)."""

    kind: Literal["county_termination"] = "county_termination"


class CityTerminationForm(_TerminationForm):
    """市级销卡申请单 of the cards a city owns itself (TER-06)."""

    kind: Literal["city_termination"] = "city_termination"


class Swap(Frozen):
    """One device exchanged after sale (IME-08)."""

    returned: Serial
    replacement: Serial
    model: Words
    sold_on: date
    swapped_on: date


class SwapListForm(FormContent):
    """售后换机串码清单 (IME-08)."""

    kind: Literal["swap_list"] = "swap_list"
    organisation: Words
    swaps: tuple[Swap, ...] = Field(min_length=1, max_length=MAX_CARDS)


class Box(Frozen):
    """A box of cards; `first` to `last` is an inclusive ICCID range (INV-11)."""

    number: Annotated[str, Field(pattern=r"^[0-9A-Z-]{4,24}$")]
    carrier: LabelWords
    card_spec: LabelWords
    month: Month
    first: Iccid
    last: Iccid
    quantity: Count


class BoxLabels(FormContent):
    """卡盒标签, several to a page, for the boxes of one delivery batch (INV-11). Not sealed."""

    kind: Literal["box_labels"] = "box_labels"
    boxes: tuple[Box, ...] = Field(min_length=1, max_length=400)


AnyForm = Annotated[
    CityOpeningForm | ProvinceOpeningForm | CountyTerminationForm | CityTerminationForm | SwapListForm | BoxLabels,
    Field(discriminator="kind"),
]
FORM: TypeAdapter[AnyForm] = TypeAdapter(AnyForm)

TITLES = {
    "city_opening": "开卡申请单（市级）",
    "province_opening": "开卡申请单（省级）",
    "county_termination": "销卡申请单（区县级）",
    "city_termination": "销卡申请单（市级）",
    "swap_list": "售后换机串码清单",
    "box_labels": "卡盒标签",
}


def parse_content(text: bytes | str, *, issued: bool = False) -> FormContent:
    """A form's content from its JSON; `issued`: of a form that stands already. Raises pydantic.ValidationError."""
    return FORM.validate_json(text, context=ISSUED if issued else None)
