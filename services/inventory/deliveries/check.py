"""Judges the rows of a delivery, a batch of columns at a time: what may go in, and why the rest may not (INV-01).

A batch of plain rows costs a few passes in C; only rows that are not plain are looked at one by one.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from kernel.chassis.files import Batch
from kernel.model.iccid import IccidRule, IccidVerdict, luhn_digit
from kernel.model.iccid_column import check_many

SHOWN = 64
NULL = r"\N"
_PLAIN_NUMBERS = re.compile(r"(?:[0-9]{0,15}\n)*")
_NUMBER = re.compile(r"[0-9]{0,15}")
_NOISE = re.compile(r"[\s\-]+")


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


def _params(verdict: IccidVerdict, raw: str, carrier: str) -> dict[str, Any]:
    """What the catalogue's text of the verdict's code needs."""
    value = raw.strip()[:SHOWN]
    match verdict.error:
        case "iccid_blank":
            return {}
        case "iccid_length":
            return {"value": value, "length": len(verdict.iccid)}
        case "iccid_wrong_carrier":
            return {"value": value, "carrier": carrier}
        case "iccid_check_digit":
            return {"value": value, "expected": luhn_digit(verdict.iccid[:-1])}
        case _:
            return {"value": value}


def _clean_number(raw: str) -> str | None:
    """IMSI or MSISDN without spaces, hyphens, a + and full-width digits; None when it is no such number."""
    text = _NOISE.sub("", unicodedata.normalize("NFKC", raw)).removeprefix("+")
    return text if _NUMBER.fullmatch(text) else None


def _numbers(values: Sequence[str], refused: dict[int, tuple[str, dict[str, Any]]], name: str) -> Sequence[str]:
    """The column with every value clean; places of values that cannot be are added to ``refused``."""
    if _PLAIN_NUMBERS.fullmatch("\n".join(values) + "\n"):
        return values
    cleaned = []
    for place, raw in enumerate(values):
        text = _clean_number(raw)
        if text is None:
            refused.setdefault(place, ("row_number_malformed", {"field": name, "value": raw.strip()[:SHOWN]}))
        cleaned.append(text or "")
    return cleaned


def _line(row_no: int, line_no: int) -> dict[str, Any]:
    """The line of a row that does not stand where a spreadsheet counts it: there are line breaks above it."""
    return {} if line_no == row_no else {"line": line_no}


def _with_line(batch: Batch, place: int, params: dict[str, Any]) -> dict[str, Any]:
    return _line(batch.row_nos[place], batch.line_nos[place]) | params


def judge(batch: Batch, rule: IccidRule, carrier: str) -> Judged:
    """Judges every row of ``batch`` by the carrier's rule. Repeats and known cards are not its business.

    A row has one reason; the ICCID's comes first.
    """
    iccids = list(batch["iccid"])
    refused: dict[int, tuple[str, dict[str, Any]]] = {}
    warnings: Counter[str] = Counter()
    for place, verdict in enumerate(check_many(iccids, rule)):
        if verdict is None:
            continue
        if verdict.error:
            refused[place] = (verdict.error, _params(verdict, iccids[place], carrier))
        else:
            warnings.update(verdict.warnings)
            iccids[place] = verdict.iccid
    imsis = _numbers(batch["imsi"], refused, "IMSI")
    msisdns = _numbers(batch["msisdn"], refused, "MSISDN")
    rows: Iterable[tuple[int, str, str, str]] = zip(batch.row_nos, iccids, imsis, msisdns, strict=True)
    if refused:
        rows = (row for place, row in enumerate(rows) if place not in refused)
    # Every value is digits or A-Z by now: nothing in it needs COPY's escapes.
    good = [f"{n}\t{iccid}\t{imsi or NULL}\t{msisdn or NULL}\n" for n, iccid, imsi, msisdn in rows]
    reasons = [
        Refusal(batch.row_nos[place], batch["iccid"][place][:SHOWN], code, _with_line(batch, place, params))
        for place, (code, params) in refused.items()
    ]
    reasons += [
        Refusal(fault.row_no, fault.shown, fault.code, _line(fault.row_no, fault.line_no) | fault.params)
        for fault in batch.faults
    ]
    return Judged(good, reasons, warnings)
