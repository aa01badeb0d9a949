"""A look at a file of usage before it is taken: its unit, what its first rows say, and how that compares with the past.

Nothing is stored: whether the whole file is held is decided when it is taken (``gate``).
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from kernel.chassis.data.blobs import BlobNotFoundError, BlobStore
from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.files import Batch, in_child
from kernel.contracts.files import FileLook, FileNote
from kernel.contracts.traffic.loads import LookAtUsage
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.period import business_date
from services.traffic import gate, months, rows
from services.traffic.merging import month_begin
from services.traffic.money import MB
from services.traffic.settings import UsageSettings

FIRST_ROWS = 2000
_TOLD = """
SELECT cards.id AS card_id, said.mean
FROM unnest(CAST(:iccids AS text[]), CAST(:means AS numeric[])) AS said (iccid, mean) JOIN cards USING (iccid)
"""
Good = tuple[str, date, int]


def look_at_usage(tx: Tx, request: LookAtUsage, *, by: Actor, now: datetime, blobs: BlobStore) -> FileLook:
    """Raises file_kind_refused, file_not_readable, file_too_large, file_too_slow."""
    try:
        stream = blobs.open(request.file)
    except BlobNotFoundError as error:
        raise DomainError("file_not_readable", reason="gone") from error
    with stream:
        begun = in_child.begin(stream, rows.USAGE, most=FIRST_ROWS, name=request.file.name, choice=request.choice)
    problem = begun.seen.problem or _of_unit(begun, request)
    if problem:
        return begun.seen.model_copy(update={"problem": problem})
    settings = UsageSettings()
    reach = rows.Reach.of(business_date(now), settings.days_back, request.measured_in)
    good, refused = _judged(begun.rows, reach)
    told, notes = _compared(tx, request, good, settings)
    if refused:
        params = {"rows": len(begun.rows), "count": len(refused), "first_row": refused[0]}
        notes.append(FileNote.of("usage_look_refused", params))
    if not rows.units_said(begun.head):
        notes.insert(0, FileNote.of("usage_look_unit_unsaid", {"chosen": request.measured_in}))
    notes = [*begun.seen.notes, *notes]
    return begun.seen.model_copy(update={"told": told, "notes": notes})


def _of_unit(begun: in_child.Begun, request: LookAtUsage) -> FileNote | None:
    try:
        rows.check_unit(begun.head, request.measured_in)
    except DomainError as error:
        code = "usage_look_unit_differs" if error.code == "usage_unit_differs" else error.code
        return FileNote.of(code, error.params)
    return None


def _judged(batch: Batch, reach: rows.Reach) -> tuple[list[Good], list[int]]:
    """Good rows, and the numbers of those that would be refused."""
    good: list[Good] = []
    refused = [fault.row_no for fault in batch.faults]
    for row_no, iccid, day, volume in zip(batch.row_nos, batch["iccid"], batch["day"], batch["volume"], strict=True):
        try:
            good.append(rows.clean(iccid, day, volume, reach))
        except rows.BadRowError:
            refused.append(row_no)
    return good, sorted(refused)


def _compared(
    tx: Tx, request: LookAtUsage, good: Sequence[Good], settings: UsageSettings
) -> tuple[list[FileNote], list[FileNote]]:
    if not good:
        return [], []
    of_card: dict[str, list[int]] = defaultdict(list)
    for iccid, _, size in good:
        of_card[iccid].append(size)
    days = [day for _, day, _ in good]
    total = sum(size for _, _, size in good)
    params = {
        "rows": len(good), "cards": len(of_card), "first": min(days), "last": max(days), "quantity": _mb(total),
        "value": _mb(total / len(good)), "chosen": request.measured_in,
    }  # fmt: skip
    told = [FileNote.of("usage_look_sum", {name: str(value) for name, value in params.items()})]
    past, reasons = _beside_past(tx, request, of_card, month_begin(min(days)), settings)
    if "ratio" in past:
        shown = {"cards": past["compared_cards"], "month": past["reference"], "ratio": past["ratio"]}
        told.append(FileNote.of("usage_look_past", shown))
    return told, [FileNote.of(code, params) for code, params in reasons]


def _beside_past(
    tx: Tx, request: LookAtUsage, of_card: dict[str, list[int]], month: date, settings: UsageSettings
) -> tuple[dict[str, Any], list[gate.Reason]]:
    reference = months.find(tx, gate.month_before(tx, request.source, month) or month)
    if reference.newest is None:
        return {}, []
    means = [sum(sizes) / len(sizes) for sizes in of_card.values()]
    said = {"iccids": list(of_card), "means": means}
    reasons, past = gate.compare(tx, request, reference, (_TOLD, said), settings)
    return past, reasons


def _mb(size: float) -> str:
    return f"{size / MB:,.2f}" if size >= MB else f"{size / MB:.2g}"
