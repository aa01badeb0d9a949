"""售后换机串码清单 (IME-08, DOC-01): what is swapped is written down, sealed and verified; then the swaps are made.

Documents issues the list and judges the scan of its paper, as of every form; here only its verdict counts.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import Column, number, unit_columns
from kernel.chassis.lists.conditions import equals, scope
from kernel.chassis.lists.spec import Asked, Rows, SelectList
from kernel.contracts.documents.events import FormIssued, FormNotIssued, SignedFormJudged
from kernel.contracts.imei.acts import RefusedSerial, SerialAnswer, SwapSerial
from kernel.contracts.imei.events import SwapListSubmitted
from kernel.contracts.imei.swaps import (
    LIST_SWAP_LISTS,
    LIST_SWAP_PAIRS,
    SETTLE_SWAP_LIST,
    DraftedSwapList,
    DraftSwapList,
    ListSwapLists,
    ListSwapPairs,
    SettleSwapList,
    SwapList,
    SwapPair,
)
from kernel.contracts.said import say
from kernel.contracts.words import chinese
from kernel.contracts.words_imei import SWAP_LIST_STATES
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.period import business_date
from services.imei import organisations, swapping
from services.imei.audit_tables import swap_lists, swap_pairs
from services.imei.bulk import Chosen
from services.imei.codes import code_of, written
from services.imei.movement import lock

_S, _P = swap_lists.c, swap_pairs.c
KIND = "swap_list"
DONE = "done"
_NO_MODEL = "未填"
_NUMBER = "SELECT nextval('swap_list_numbers')"
_KEEP = """
INSERT INTO swap_lists (number, organisation, unit, state, pairs, drafted_at, drafted_by_name)
VALUES (:number, :organisation, :unit, 'issuing', :pairs, :now, :by_name)
"""
_KEEP_PAIRS = """
INSERT INTO swap_pairs (number, row_no, returned, replacement)
SELECT :number, row_no, returned, replacement
FROM unnest(CAST(:returned AS bigint[]), CAST(:replacements AS bigint[])) WITH ORDINALITY
     AS pairs (returned, replacement, row_no)
"""
_BECOMES = """
UPDATE swap_lists SET state = :state, problem = :problem, judged_at = coalesce(:judged_at, judged_at)
WHERE number = :number AND state = ANY(:before)
"""
_TO_MAKE = "SELECT * FROM swap_pairs WHERE number = :number AND outcome IS DISTINCT FROM 'done' ORDER BY row_no"
_OUTCOME = "UPDATE swap_pairs SET outcome = :outcome WHERE number = :number AND row_no = :row_no"
_PASSED = """
SELECT swap_lists.drafted_at FROM swap_lists JOIN swap_pairs USING (number)
WHERE number = :number AND state = 'passed' AND returned = :returned AND replacement = :replacement
"""


def draft(tx: Tx, request: DraftSwapList, *, by: Actor, now: datetime) -> DraftedSwapList:
    """The good pairs become a form that is being issued. Raises serial_swap_level, swap_list_odd, and of a list without
    a good pair what is wrong with the first."""
    place = swapping.require_first_level(tx, request.organisation, by)
    if len(request.serials) % 2:
        raise DomainError("swap_list_odd", field="serials")
    pairs: list[Any] = []
    refused: list[RefusedSerial] = []
    errors: list[DomainError] = []
    seen: set[int] = set()
    for row, (old, new) in enumerate(zip(request.serials[::2], request.serials[1::2], strict=True), start=1):
        chosen = swapping.chosen_pair(tx, (old, new), by=by, now=now, asked_at=now, locking=False)
        if not chosen.errors and seen & set(chosen.rows):
            chosen.errors.append(DomainError("serial_twice"))
        if chosen.errors:
            errors.append(chosen.errors[0])
            refused.append(_refusal(row, old, chosen))
            continue
        seen |= set(chosen.rows)
        pairs.append([chosen.devices[device] for device in chosen.rows])
    if not pairs:
        raise errors[0]
    listed = f"HJ-{business_date(now):%Y%m%d}-{tx.execute(_NUMBER).scalar_one()}"
    values = {"number": listed, "organisation": place.code, "unit": place.unit, "pairs": len(pairs)}
    tx.execute(_KEEP, {**values, "now": now, "by_name": by.name})
    columns = {"returned": [one.id for one, _ in pairs], "replacements": [other.id for _, other in pairs]}
    tx.execute(_KEEP_PAIRS, {"number": listed, **columns})
    content = _content(request, listed, place, pairs, now)
    tx.publish(
        SwapListSubmitted(kind=KIND, number=listed, revision=1, unit=place.unit, content=content, by_name=by.name)
    )
    return DraftedSwapList(number=listed, done=len(pairs), refused_count=len(refused), refused=refused)


def _refusal(row: int, serial: str, chosen: Chosen) -> RefusedSerial:
    if chosen.refused:
        return chosen.refused[0].model_copy(update={"row": row})
    return RefusedSerial(row=row, serial=serial[:64], code="serial_twice", message=say("serial_twice", {}))


def _content(request: DraftSwapList, listed: str, place: Any, pairs: list[Any], now: datetime) -> dict[str, Any]:
    today = business_date(now).isoformat()
    swaps = [
        {
            "returned": written(old.id), "replacement": written(new.id), "model": old.model or _NO_MODEL,
            "sold_on": business_date(old.sold_at).isoformat(), "swapped_on": today,
        }
        for old, new in pairs
    ]  # fmt: skip
    return {
        "kind": KIND, "number": listed, "revision": 1, "unit": place.name[:60], "issued_on": today,
        "applicant": request.applicant, "phone": request.phone, "organisation": f"{place.name[:40]} {place.code}"[:60],
        "swaps": swaps,
    }  # fmt: skip


def issued(tx: Tx, event: FormIssued) -> None:
    """The paper may be printed and sealed."""
    if event.kind == KIND:
        _become(tx, event.number, "issued", ("issuing",))


def not_issued(tx: Tx, event: FormNotIssued) -> None:
    """Somebody drafts it anew."""
    if event.kind == KIND:
        _become(tx, event.number, "not_issued", ("issuing",), problem=event.reason)


def judged(tx: Tx, event: SignedFormJudged) -> None:
    """A scan of its paper was judged, or a person has decided about an unclear one."""
    state = "passed" if event.verdict == "passed" else "issued"
    problem = None if state == "passed" else event.verdict
    _become(tx, event.number, state, ("issuing", "issued"), problem=problem, judged_at=event.judged_at)


def _become(
    tx: Tx, listed: str, state: str, before: tuple[str, ...], *, problem: str | None = None,
    judged_at: datetime | None = None,
) -> None:  # fmt: skip
    values = {"number": listed, "state": state, "before": list(before), "problem": problem, "judged_at": judged_at}
    tx.execute(_BECOMES, values)


def settle(tx: Tx, request: SettleSwapList, *, by: Actor, now: datetime) -> SerialAnswer:
    """Each pair by itself. Raises swap_list_not_found, swap_list_not_passed."""
    row = _own(tx, request.number, by, lock=True)
    if row.state != "passed":
        raise DomainError("swap_list_not_passed", state=row.state)
    refused = []
    made = 0
    pairs = tx.execute(_TO_MAKE, {"number": row.number}).all()
    lock(tx, [device for pair in pairs for device in (pair.returned, pair.replacement)])  # all at once: no deadlock
    for pair in pairs:
        asked = SwapSerial(
            serial=written(pair.returned), replacement=written(pair.replacement), organisation=row.organisation,
            document=row.number,
        )  # fmt: skip
        outcome = DONE
        try:
            swapping.swap(tx, asked, by=by, now=now, asked_at=row.drafted_at)
            made += 1
        except DomainError as error:
            outcome, message = error.code, say(error.code, error.params)
            refused.append(RefusedSerial(row=pair.row_no, serial=asked.serial, code=error.code, message=message))
        tx.execute(_OUTCOME, {"number": row.number, "row_no": pair.row_no, "outcome": outcome})
    if not refused:
        _become(tx, row.number, "settled", ("passed",))
    return SerialAnswer(done=made, refused_count=len(refused), refused=refused)


def swap_one(tx: Tx, request: SwapSerial, *, by: Actor, now: datetime) -> SerialAnswer:
    """One pair of a list that has passed. Raises swap_not_listed, and what ``swapping.swap`` raises."""
    swapping.require_first_level(tx, request.organisation, by)
    devices = [_device(tx, serial) for serial in (request.serial, request.replacement)]
    asked = {"number": request.document, "returned": devices[0], "replacement": devices[1]}
    drafted_at = tx.execute(_PASSED, asked).scalar_one_or_none()
    if drafted_at is None:
        raise DomainError("swap_not_listed", number=request.document)
    return swapping.swap(tx, request, by=by, now=now, asked_at=drafted_at)


def _device(tx: Tx, serial: str) -> Any:
    return tx.execute("SELECT device_id FROM codes WHERE code = :code", {"code": code_of(serial)}).scalar_one_or_none()


def _own(tx: Tx, listed: str, by: Actor, *, lock: bool = False) -> Any:
    asked = select(swap_lists).where(_S.number == listed, scope(_S.unit, None, by))
    row = tx.execute(asked.with_for_update() if lock else asked).one_or_none()
    if row is None or not organisations.in_house(tx, row.organisation, by):
        raise DomainError("swap_list_not_found", number=listed)
    return row


def _matching(asked: Asked[ListSwapLists]) -> Select[Any]:
    request = asked.request
    return select(swap_lists).where(
        scope(_S.unit, request.unit, asked.by),
        *organisations.of_house(_S.organisation, asked),
        *equals(request, {"state": _S.state, "number": _S.number, "organisation": _S.organisation}),
    )


def _items(asked: Asked[ListSwapLists], rows: Rows) -> list[SwapList]:
    able = SETTLE_SWAP_LIST.allows(asked.by.permissions)
    return [
        SwapList.model_validate({**row._mapping, "can": ["settle"] if able and row.state == "passed" else []})
        for row in rows
    ]


SWAP_LISTS = SelectList(
    method=LIST_SWAP_LISTS,
    title="售后换机清单",
    resource="serial-swap-lists",
    matching=_matching,
    items=_items,
    key=(_S.drafted_at, _S.number),
    sorts={"drafted_at": _S.drafted_at},
    newest_first=True,
    columns=(
        Column("number", "清单编号", kind="code"),
        Column("organisation", "库存组织", kind="code"),
        *unit_columns("unit", "单位"),
        Column("state", "状态", words=chinese(SWAP_LIST_STATES)),
        number("pairs", "换机数量"),
        Column("problem", "说明"),
        Column("drafted_at", "填报时间"),
        Column("drafted_by_name", "填报人"),
        Column("judged_at", "核验时间"),
    ),
)


def _of_list(asked: Asked[ListSwapPairs]) -> Select[Any]:
    return select(swap_pairs).where(_P.number == _own(asked.tx, asked.request.number, asked.by).number)


def _pair(row: Any) -> SwapPair:
    refused = row.outcome not in (None, DONE)
    return SwapPair(
        row=row.row_no, returned=written(row.returned), replacement=written(row.replacement),
        done=row.outcome == DONE, message=say(row.outcome, {}) if refused else None,
    )  # fmt: skip


SWAP_PAIRS = SelectList(
    method=LIST_SWAP_PAIRS,
    title="换机明细",
    resource="serial-swap-pairs",
    matching=_of_list,
    items=lambda _, rows: [_pair(row) for row in rows],
    key=_P.row_no,
    columns=(
        number("row", "序号"),
        Column("returned", "退回串码", kind="code"),
        Column("replacement", "换出串码", kind="code"),
        Column("done", "已办理", width=10),
        Column("message", "未办原因"),
    ),
)
