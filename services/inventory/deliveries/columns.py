"""What every delivery file has in common: its head, its limits and the batches of columns that reading yields."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from kernel.model.errors import DomainError

ROLES = ("iccid", "imsi", "msisdn")
BATCH_ROWS = 20_000

# Best name first: in a file that has both, «ICCID» is the card and «卡号» is what the carrier calls its phone number.
HEADS: dict[str, tuple[str, ...]] = {
    "iccid": ("iccid", "iccid号", "iccid号码", "iccid卡号", "卡iccid", "sim卡iccid", "sim卡号", "卡号", "卡片编号"),
    "imsi": ("imsi", "imsi号", "imsi号码", "imsi码"),
    "msisdn": ("msisdn", "msisdn号", "手机号", "手机号码", "物联网号码", "接入号", "接入号码", "电话号码", "号码"),
}
_NOISE = re.compile(r"[\s_*:\-\ufeff]|\(.*?\)")


@dataclass(frozen=True)
class Limits:
    """``rows``: data rows of one file. For XLSX: ``unpacked_bytes`` in all, and unpacked to packed at most ``ratio``.

    A reader never holds more than one batch of rows and an XLSX's text table, whatever the limits.
    """

    rows: int = 1_500_000
    unpacked_bytes: int = 1 << 30
    ratio: int = 150


@dataclass
class Batch:
    """Columns of up to about ``BATCH_ROWS`` rows, all of the same length; values as sent, "" when empty.

    ``row_nos``: line or row of the file, the head being the first. ``broken``: (row, text) of what is no row.
    """

    row_nos: Sequence[int] = field(default_factory=list)
    iccids: Sequence[str] = field(default_factory=list)
    imsis: Sequence[str] = field(default_factory=list)
    msisdns: Sequence[str] = field(default_factory=list)
    broken: list[tuple[int, str]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.row_nos) + len(self.broken)


def _names(head: str) -> list[str]:
    """The names that a head cell gives itself: «ICCID/卡号（20位）» is both."""
    text = unicodedata.normalize("NFKC", head).lower()
    return [name for part in text.split("/") if (name := _NOISE.sub("", part))]


def find_columns(head: Sequence[str]) -> dict[str, int]:
    """Role > index of its column. Raises DomainError file_columns_missing or file_columns_twice."""
    named = [_names(cell) for cell in head]
    places: dict[str, int] = {}
    for role, names in HEADS.items():
        for name in names:
            found = [index for index, own in enumerate(named) if name in own]
            if len(found) > 1:
                raise DomainError("file_columns_twice", column=head[found[1]].strip()[:64])
            if found:
                places[role] = found[0]
                break
    if missing := [role.upper() for role in ROLES if role not in places]:
        shown = [cell.strip()[:32] for cell in head if cell.strip()][:20]
        raise DomainError("file_columns_missing", missing="、".join(missing), found="、".join(shown))
    return places


class RowBudget:
    """Counts data rows and stops at the limit."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._seen = 0

    def spend(self, rows: int) -> None:
        """Raises DomainError file_too_large once more than the limit have been read."""
        self._seen += rows
        if self._seen > self._limit:
            raise DomainError("file_too_large", limit=f"{self._limit:,} 行 rows")
