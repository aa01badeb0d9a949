"""Number ranges (号段): both ends included, as clerks write them."""

from dataclasses import dataclass

from kernel.model.errors import DomainError
from kernel.model.iccid import LENGTHS, luhn_valid, normalise

COMMON_PREFIX = 6
"""A range lies within one issuer prefix; across issuers the order of the numbers means nothing."""


@dataclass(frozen=True)
class NumberRange:
    """``start`` <= ``end``, same length, same issuer prefix. Compared as text in the "C" order."""

    start: str
    end: str

    @classmethod
    def parse(cls, start: str, end: str) -> "NumberRange":
        """Normalises both ends. Raises DomainError range_end_malformed, range_reversed, range_across_issuers."""
        first, last = normalise(start), normalise(end)
        for field, value in (("start_iccid", first), ("end_iccid", last)):
            if len(value) not in LENGTHS or not value.isalnum() or not value.isascii():
                raise DomainError("range_end_malformed", field=field, value=value)
        if len(first) != len(last) or first[:COMMON_PREFIX] != last[:COMMON_PREFIX]:
            raise DomainError("range_across_issuers", start=first, end=last)
        if first > last:
            raise DomainError("range_reversed", start=first, end=last)
        return cls(first, last)

    def __contains__(self, iccid: str) -> bool:
        return len(iccid) == len(self.start) and self.start <= iccid <= self.end

    @property
    def span(self) -> int | None:
        """How many numbers the range can hold; None when letters make that uncountable.

        When both ends carry a right Luhn digit, that digit does not count: consecutive cards differ by ten.
        """
        if not (self.start.isdigit() and self.end.isdigit()):
            return None
        if luhn_valid(self.start) and luhn_valid(self.end):
            return int(self.end[:-1]) - int(self.start[:-1]) + 1
        return int(self.end) - int(self.start) + 1
