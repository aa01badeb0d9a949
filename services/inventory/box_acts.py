"""领用 and 分卡 of scanned boxes (INV-11): each code is one act on its own; what cannot go is named by its row."""

from collections.abc import Callable, Sequence
from datetime import datetime

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.inventory.acts import AllocateCards, IssueCards, LeftOut, RefusedCard
from kernel.contracts.inventory.boxes import AllocateBoxes, BoxesAnswer, BoxRow, IssueBoxes, LabelView
from kernel.contracts.said import say
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.unit import check_unit
from services.inventory import allocation, boxes, requisition
from services.inventory.bulk import FIRST, SHOWN

Act = Callable[[LabelView], BoxRow]


def issue(tx: Tx, request: IssueBoxes, *, by: Actor, now: datetime) -> BoxesAnswer:
    """One 领用 per code. Raises unit_malformed, unit_out_of_scope; all else is said by row."""
    check_unit(request.unit)
    by.require_within(request.unit)

    def one(label: LabelView) -> BoxRow:
        asked = IssueCards(
            unit=request.unit,
            recipient=request.recipient,
            phone=request.phone,
            start_iccid=label.first_iccid,
            end_iccid=label.last_iccid,
            delivery_id=label.delivery_id,
        )
        answer = requisition.issue(tx, asked, by=by, now=now)
        reasons = _reasons(answer.refused)
        counts = {"done": answer.done, "left": answer.refused_count}
        row = BoxRow(row=0, label="", reasons=reasons, job_id=answer.job_id, **counts)
        if not reasons:
            return row
        code = "box_issued_in_part" if answer.done else "box_not_issued"
        return row.model_copy(update={"code": code, "message": say(code, counts)})

    return _each(tx, request.codes, one, by)


def allocate(tx: Tx, request: AllocateBoxes, *, by: Actor, now: datetime) -> BoxesAnswer:
    """One 分卡 per code, whole or not at all. Raises unit_malformed, unit_out_of_scope, unit_not_below; all else is
    said by row."""
    check_unit(request.to_unit, "to_unit")
    by.require_within(request.to_unit, "to_unit")
    if request.to_unit == by.unit:
        raise DomainError("unit_not_below", field="to_unit", unit=request.to_unit, own_unit=by.unit)

    def one(label: LabelView) -> BoxRow:
        asked = AllocateCards(
            application_month=label.application_month,
            carrier=label.carrier,
            card_spec=label.card_spec,
            start_iccid=label.first_iccid,
            end_iccid=label.last_iccid,
            delivery_id=label.delivery_id,
            to_unit=request.to_unit,
            operator=request.operator,
            contact=request.contact,
        )
        answer = allocation.allocate(tx, asked, by=by, now=now)
        moved = answer.allocation.card_count if answer.allocation else 0
        return BoxRow(row=0, label="", done=moved, job_id=answer.job_id)

    return _each(tx, request.codes, one, by)


def _each(tx: Tx, codes: Sequence[str], act: Act, by: Actor) -> BoxesAnswer:
    """``act`` on what each code names, in the order sent; a refused one leaves nothing behind."""
    rows: list[BoxRow] = []
    first_rows: dict[str, int] = {}
    for number, code in enumerate(codes, start=1):
        label, left, attempt = None, 0, tx.connection.begin_nested()
        try:
            label = boxes.of_code(tx, code, by=by)
            if (first := first_rows.setdefault(label.code, number)) != number:
                raise DomainError("label_twice", value=label.code, first_row=first)
            left = label.card_count
            row = act(label)
        except DomainError as error:
            attempt.rollback()
            row = _refused(error, left)
        else:
            attempt.commit()
        shown = {"batch_no": label.batch_no, "box_no": label.box_no, "label": label.code} if label else {}
        rows.append(row.model_copy(update={"row": number, "label": code.strip()[:SHOWN], **shown}))
    return BoxesAnswer(
        done=sum(row.done for row in rows), refused_count=sum(row.code is not None for row in rows), rows=rows
    )


def _refused(error: DomainError, left: int) -> BoxRow:
    reasons = [
        LeftOut(code=it["code"], message=say(it["code"], {}), count=it["count"], first=it["first"])
        for it in error.params.get("reasons", [])
    ]
    message = say(error.code, error.params)
    return BoxRow(row=0, label="", left=left, code=error.code, message=message, reasons=reasons)


def _reasons(refused: Sequence[RefusedCard]) -> list[LeftOut]:
    """The reasons of single cards, counted."""
    found: dict[str, list[RefusedCard]] = {}
    for card in refused:
        found.setdefault(card.code, []).append(card)
    return [
        LeftOut(code=code, message=those[0].message, count=len(those), first=[it.iccid for it in those[:FIRST]])
        for code, those in found.items()
    ]
