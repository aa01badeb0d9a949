"""Number ranges (号段): both ends included, as clerks write them."""

from dataclasses import dataclass
from functools import cached_property

from kernel.model.errors import DomainError
from kernel.model.iccid import KEY, IccidRule, Severity, check_shape, luhn_digit, luhn_valid
from kernel.model.written import character_name

COMMON_PREFIX = 6
"""A range lies within one issuer prefix; across issuers the order of the numbers means nothing."""
AFTER = "~"
"""Sorts behind every character of a number."""


def _end(field: str, raw: str) -> str:
    """One end, checked like a card. Raises range_end_malformed, range_end_characters, range_end_scientific."""
    found = check_shape(raw)
    value = raw.strip()[:64]
    match found.error:
        case None:
            return found.iccid
        case "iccid_characters":
            character = found.iccid[found.place - 1]
            names = {"character": character_name(character), "character_en": character_name(character, "en")}
            raise DomainError("range_end_characters", field=field, value=value, place=found.place, **names)
        case "iccid_scientific":
            raise DomainError("range_end_scientific", field=field, value=value)
        case _:
            raise DomainError("range_end_malformed", field=field, value=value, length=len(found.iccid))


@dataclass(frozen=True)
class NumberRange:
    """``start`` <= ``end``, same issuer prefix, each of 19 or 20 characters. Compared as text in the "C" order.

    A card of 19 digits lies in it when the card with its check digit would, and the other way round.
    """

    start: str
    end: str

    @classmethod
    def parse(cls, start: str, end: str) -> "NumberRange":
        """Normalises both ends. Raises range_end_malformed, range_end_characters, range_end_scientific,
        range_reversed, range_across_issuers."""
        first, last = _end("start_iccid", start), _end("end_iccid", end)
        if first[:COMMON_PREFIX] != last[:COMMON_PREFIX]:
            raise DomainError("range_across_issuers", start=first, end=last)
        numbers = cls(first, last)
        if numbers.low > numbers.high or numbers.first > numbers.last:
            raise DomainError("range_reversed", start=first, end=last)
        return numbers

    def require_check_digits(self, rule: IccidRule) -> None:
        """DomainError range_end_check_digit when an end of 20 digits has a wrong one, where the carrier is strict."""
        if rule.luhn is not Severity.ERROR:
            return
        for field, value in (("start_iccid", self.start), ("end_iccid", self.end)):
            if len(value) > KEY and value.isdigit() and not luhn_valid(value):
                expected = luhn_digit(value[:-1])
                raise DomainError("range_end_check_digit", field=field, value=value, expected=expected)

    @property
    def low(self) -> str:
        """No card of the range sorts before it."""
        return self.start[:KEY]

    @property
    def high(self) -> str:
        """All cards of the range sort before it."""
        return self.end[:KEY] + AFTER

    @property
    def first(self) -> str:
        """No card of 20 digits of the range sorts before it."""
        return self.start

    @property
    def last(self) -> str:
        """No card of 20 digits of the range sorts behind it."""
        return self.end if len(self.end) > KEY else self.high

    def __contains__(self, iccid: str) -> bool:
        if not self.low <= iccid < self.high:
            return False
        return len(iccid) == KEY or self.first <= iccid <= self.last

    @cached_property
    def counted(self) -> int | None:
        """How many leading digits count the cards when its cards have 20 digits; None when letters make it uncountable.

        A right Luhn digit at both ends does not count, and ends of 19 digits have none.
        """
        if not (self.start.isdigit() and self.end.isdigit()):
            return None
        whole = [end for end in (self.start, self.end) if len(end) > KEY]
        return KEY if all(map(luhn_valid, whole)) else KEY + 1

    def counted_of(self, longest: int) -> int | None:
        """As ``counted``, for a range whose longest card has so many digits (0: no card is known)."""
        if self.counted is None or len(self.start) > KEY or len(self.end) > KEY or longest > KEY:
            return self.counted
        return KEY - 1 if luhn_valid(self.start) and luhn_valid(self.end) else KEY

    def bounds(self, counted: int) -> tuple[int, int]:
        """First and last number of its cards, behind the issuer prefix, when so many digits count."""
        first = int(self.start[COMMON_PREFIX:counted].ljust(counted - COMMON_PREFIX, "0"))
        last = int(self.end[COMMON_PREFIX:counted].ljust(counted - COMMON_PREFIX, "9"))
        return first, last

    def span(self, longest: int = 0) -> int | None:
        """How many numbers the range can hold; None when letters make that uncountable."""
        counted = self.counted_of(longest)
        if counted is None:
            return None
        first, last = self.bounds(counted)
        return last - first + 1

    def number(self, place: int, counted: int) -> str:
        """The card number with this number behind the issuer prefix."""
        body = self.start[:COMMON_PREFIX] + str(place).zfill(counted - COMMON_PREFIX)
        return body if counted > KEY else body + luhn_digit(body)
