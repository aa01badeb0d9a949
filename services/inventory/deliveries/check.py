"""Judges the rows of a delivery, a batch of columns at a time: what may go in, and why the rest may not (INV-01).

A batch of plain rows costs a few passes in C; only rows that are not plain are looked at one by one.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from operator import lt
from typing import Any

from kernel.chassis.files import Batch
from kernel.contracts.inventory.cards import Option
from kernel.model.iccid import KEY, IccidRule, IccidVerdict, luhn_digit
from kernel.model.iccid_column import check_many, lacks_check_digits
from kernel.model.msisdn import normalise_msisdn
from kernel.model.written import HYPHENS, bare

SHOWN = 64
NULL = r"\N"
_PLAIN_NUMBERS = re.compile(r"(?:[0-9]{0,15}\n)*")
_NUMBER = re.compile(r"[0-9]{0,15}")
_NOISE = re.compile(rf"[\s{re.escape(HYPHENS)}]+")
_NOTHING = frozenset(
    {"NULL", "(NULL)", r"\N", "NONE", "NAN", "N/A", "#N/A", "/", "\u2014", "\u2014\u2014", "无", "空", "暂无"}
)
"""How databases and people write that there is none."""
_FRACTION = re.compile(r"\.0+$")
"""What a program leaves that held whole numbers as decimals: it changes no digit of so few."""


@dataclass(frozen=True)
class Refusal:
    """``iccid`` as it was sent, cut to what a report can show."""

    row_no: int
    iccid: str
    code: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass
class Judged:
    """``good``: lines of PostgreSQL's COPY text (row_no, iccid, imsi, msisdn). ``warnings``: code > rows accepted."""

    good: list[str]
    refused: list[Refusal]
    warnings: Counter[str]


def _params(verdict: IccidVerdict, raw: str, carrier: Option) -> dict[str, Any]:
    """What the catalogue's text of the verdict's code needs."""
    value = raw.strip()[:SHOWN]
    match verdict.error:
        case "iccid_blank":
            return {}
        case "iccid_length":
            return {"value": value, "length": len(verdict.iccid)}
        case "iccid_wrong_carrier":
            return {"value": value, "carrier": carrier.label, "carrier_en": carrier.label_en}
        case "iccid_check_digit":
            return {"value": value, "expected": luhn_digit(verdict.iccid[:-1])}
        case _:
            return {"value": value, **verdict.strange}


def _clean_imsi(raw: str) -> str:
    """IMSI without spaces, hyphens, a + and full-width digits."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", bare(raw))).removeprefix("+")


def _plain_numbers(values: Sequence[str]) -> bool:
    """True when all are digits or nothing, and none says its country."""
    together = "\n".join(values) + "\n"
    if "\n86" in together or "\n00" in together or together.startswith(("86", "00")):
        return False
    return _PLAIN_NUMBERS.fullmatch(together) is not None


def _numbers(
    values: Sequence[str], refused: dict[int, tuple[str, dict[str, Any]]], name: str, clean: Callable[[str], str]
) -> Sequence[str]:
    """The column with every value clean; places of values that cannot be are added to ``refused``."""
    if _plain_numbers(values):
        return values
    cleaned = []
    for place, raw in enumerate(values):
        text = clean(raw)
        if text.upper() in _NOTHING:
            text = ""
        text = _FRACTION.sub("", text)
        if not _NUMBER.fullmatch(text):
            refused.setdefault(place, ("row_number_malformed", {"field": name, "value": raw.strip()[:SHOWN]}))
            text = ""
        cleaned.append(text)
    return cleaned


class _Rising:
    """Whether a column rises from row to row through a whole file: then no value of it comes twice."""

    def __init__(self) -> None:
        self.yes = True
        self._last = ""

    def see(self, values: Sequence[str]) -> None:
        if not self.yes or not values:
            return
        self.yes = self._last < values[0] and all(map(lt, values, islice(values, 1, None)))
        self._last = values[-1]


def _line(row_no: int, line_no: int) -> dict[str, Any]:
    """The line of a row that does not stand where a spreadsheet counts it: there are line breaks above it."""
    return {} if line_no == row_no else {"line": line_no}


def _with_line(batch: Batch, place: int, params: dict[str, Any]) -> dict[str, Any]:
    return _line(batch.row_nos[place], batch.line_nos[place]) | params


class Judge:
    """Judges the batches of one file. ``lacking``: its numbers of 19 digits lack their check digit; None: it has none
    such. ``short``: cards with 19 digits were accepted. ``rising``: column > no value in it can come twice."""

    def __init__(self, rule: IccidRule, carrier: Option) -> None:
        self._rule = rule
        self._carrier = carrier
        self.lacking: bool | None = None
        self.short = False
        self._rising = {"iccid": _Rising(), "imsi": _Rising(), "msisdn": _Rising()}
        self._some = dict.fromkeys(self._rising, False)

    def may_repeat(self, column: str) -> bool:
        """False when the file holds no value of the column twice, as far as a glance tells."""
        return self._some[column] and not self._rising[column].yes

    def judge(self, batch: Batch) -> Judged:
        """Judges every row by the carrier's rule. Repeats and known cards are not its business.

        A row has one reason; the ICCID's comes first.
        """
        iccids = list(batch["iccid"])
        refused: dict[int, tuple[str, dict[str, Any]]] = {}
        warnings: Counter[str] = Counter()
        if self.lacking is None:
            self.lacking = lacks_check_digits(iccids, self._rule)
        for place, verdict in check_many(iccids, self._rule, lacking=bool(self.lacking)).items():
            if verdict.error:
                refused[place] = (verdict.error, _params(verdict, iccids[place], self._carrier))
            else:
                warnings.update(verdict.warnings)
                iccids[place] = verdict.iccid
        imsis = _numbers(batch["imsi"], refused, "IMSI", _clean_imsi)
        msisdns = _numbers(batch["msisdn"], refused, "MSISDN", normalise_msisdn)
        columns: list[Sequence[Any]] = [batch.row_nos, iccids, imsis, msisdns]
        if refused:
            kept = [place for place in range(len(iccids)) if place not in refused]
            columns = [[column[place] for place in kept] for column in columns]
        self._see(*columns[1:])
        reasons = [
            Refusal(batch.row_nos[place], batch["iccid"][place][:SHOWN], code, _with_line(batch, place, params))
            for place, (code, params) in refused.items()
        ]
        reasons += [
            Refusal(fault.row_no, fault.shown, fault.code, _line(fault.row_no, fault.line_no) | fault.params)
            for fault in batch.faults
        ]
        return Judged(_copy_lines(*columns), reasons, warnings)

    def _see(self, iccids: Sequence[str], imsis: Sequence[str], msisdns: Sequence[str]) -> None:
        self.short = self.short or KEY in map(len, iccids)
        for name, values in (("iccid", iccids), ("imsi", imsis), ("msisdn", msisdns)):
            self._some[name] = self._some[name] or any(values)
            self._rising[name].see(values)


def _copy_lines(
    row_nos: Sequence[int], iccids: Sequence[str], imsis: Sequence[str], msisdns: Sequence[str]
) -> list[str]:
    """Lines of COPY text. Every value is digits or A-Z by now: nothing in it needs COPY's escapes."""
    if "" in imsis:
        imsis = [imsi or NULL for imsi in imsis]
    if "" in msisdns:
        msisdns = [msisdn or NULL for msisdn in msisdns]
    rows: Iterable[tuple[str, ...]] = zip(map(str, row_nos), iccids, imsis, msisdns, strict=True)
    return ["\t".join(row) + "\n" for row in rows]
