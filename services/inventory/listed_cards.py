"""领用 of the cards that a file lists (INV-04): exactly the visible cards, each with its row; no head."""

from dataclasses import dataclass, field
from datetime import datetime

from kernel.chassis.data.blobs import BlobStore
from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.files import in_child
from kernel.contracts.files import FileNote
from kernel.contracts.inventory.acts import IssueAnswer, IssueCards, IssueListed, RefusedCard
from kernel.contracts.said import say
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from services.inventory import requisition
from services.inventory.deliveries.columns import CARD_LIST
from services.inventory.files import opened

MOST_ROWS = 10_000


@dataclass
class _List:
    """``rows``: ICCID as written > row and line where it first stands. ``refused``: rows that cannot be read."""

    rows: dict[str, tuple[int, int]] = field(default_factory=dict)
    refused: list[RefusedCard] = field(default_factory=list)
    notes: list[FileNote] = field(default_factory=list)


def _read(request: IssueListed, blobs: BlobStore) -> _List:
    with opened(blobs, request.file) as stream:
        listed = in_child.rows_of(stream, CARD_LIST, most=MOST_ROWS, name=request.file.name, choice=request.choice)
    found = _List(notes=[FileNote.of(code, params) for code, params in listed.notes])
    batch = listed.rows
    for iccid, row_no, line_no in zip(batch["iccid"], batch.row_nos, batch.line_nos, strict=True):
        found.rows.setdefault(iccid, (row_no, line_no))
    for fault in batch.faults:
        message = say(fault.code, fault.params)
        found.refused.append(
            RefusedCard(iccid=fault.shown, code=fault.code, message=message, row=fault.row_no, line=fault.line_no)
        )
    return found


def issue_listed(tx: Tx, request: IssueListed, *, by: Actor, now: datetime, blobs: BlobStore) -> IssueAnswer:
    """``requisition.issue`` for the ICCIDs of a file of at most 10,000 rows; each refusal names its row.

    Raises what reading the file raises (file_*) and what issue raises, before any card is touched.
    """
    listed = _read(request, blobs)
    if not listed.rows:
        raise DomainError("file_empty")
    asked = IssueCards(unit=request.unit, recipient=request.recipient, phone=request.phone, iccids=list(listed.rows))
    answer = requisition.issue(tx, asked, by=by, now=now)
    refused = [
        card.model_copy(update={"row": listed.rows[card.iccid][0], "line": listed.rows[card.iccid][1]})
        for card in answer.refused
    ]
    refused = sorted([*refused, *listed.refused], key=lambda card: card.row or 0)
    return answer.model_copy(update={"refused": refused, "refused_count": len(refused), "notes": listed.notes})
