"""Issued forms as people look for them, and the public check of a printed page's code (DOC-02, DOC-05)."""

import re
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import ColumnElement, case, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.listing import listed, within
from kernel.contracts.documents.forms import CheckCode, CodeChecked, GetForm, IssuedFormPage, IssuedFormView, ListForms
from kernel.contracts.envelope import BlobRef
from kernel.model.actor import Actor
from kernel.model.period import days
from services.documents.forms.codes import DIGEST_BYTES, NotAPageCodeError, PageCode, parse_page_code
from services.documents.issuance import find_row, scope_of, sealed
from services.documents.tables import forms

_STATE = case(
    (forms.c.state != "issued", forms.c.state), (forms.c.superseded_at.isnot(None), "superseded"), else_="current"
)
_SHOWN = [column for column in forms.c if column is not forms.c.content]
_CHECK_LINE = re.compile(r"([0-9A-Z]{4})-?([0-9A-Z]{4})-?([0-9A-Z]{4})-?([0-9A-Z]{4})(?:-?\d{3})?")


def get_form(tx: Tx, request: GetForm, *, by: Actor) -> IssuedFormView:
    """Raises issued_form_not_found, for a form outside the actor's subtree too."""
    row = scope_of(find_row(tx, request.number, request.revision), by, request.number)
    return _view(row, by, row.content if request.with_content else None)


def list_forms(tx: Tx, request: ListForms, *, by: Actor) -> IssuedFormPage:
    """Raises sort_unknown, cursor_invalid, unit_out_of_scope."""
    query = select(*_SHOWN).where(*_conditions(request, by))
    page, total = listed(tx, query, request, forms.c.id, by=by)
    return IssuedFormPage(
        items=[_view(row, by) for row in page.rows], total=total,
        next_cursor=page.next_cursor, previous_cursor=page.previous_cursor,
    )  # fmt: skip


def _conditions(request: ListForms, by: Actor) -> list[ColumnElement[bool]]:
    if request.unit is not None:
        by.require_within(request.unit)
    conditions = [within(forms.c.unit, request.unit or by.unit)]
    if request.number:
        conditions.append(forms.c.number.startswith(request.number.upper(), autoescape=True))
    if request.kind:
        conditions.append(forms.c.kind == request.kind)
    if request.state:
        conditions.append(_STATE == request.state)  # noqa: SIM300  a column stands left
    period = days(request.issued_from, request.issued_to)
    if period.start is not None:
        conditions.append(forms.c.issued_at >= period.start)
    if period.end is not None:
        conditions.append(forms.c.issued_at < period.end)
    return conditions


def _view(row: Any, by: Actor, content: dict[str, Any] | None = None) -> IssuedFormView:
    state = row.state if row.state != "issued" else ("superseded" if row.superseded_at else "current")
    is_sealed = sealed(row.kind)
    can = ["download"] if row.pdf else []
    if row.pdf and is_sealed and "document.verify" in by.permissions:
        can.append("verify")
    shared = {name: row._mapping[name] for name in row._fields if name not in ("content", "state", "pdf")}
    pdf = BlobRef.model_validate(row.pdf) if row.pdf else None
    return IssuedFormView(**shared, state=state, pdf=pdf, sealed=is_sealed, content=content, can=can)


def check_code(tx: Tx, request: CheckCode) -> CodeChecked:
    """A page's code proves itself by its signature; the printed line is looked up. Nothing else is told (DOC-05)."""
    text = request.code.strip().upper()
    try:
        rows = _of_page_code(tx, parse_page_code(text))
    except NotAPageCodeError:
        rows = _of_check_line(tx, text)
    if not rows:
        return CodeChecked(answer="unknown")
    return CodeChecked(answer="superseded" if all(row.superseded_at for row in rows) else "current")


def _of_page_code(tx: Tx, code: PageCode) -> list[Any]:
    row = find_row(tx, code.number, code.revision)
    if row is None or row.state != "issued" or bytes.fromhex(row.digest)[:DIGEST_BYTES] != code.digest:
        return []
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(row.public_key))
    is_ours = code.is_genuine(key) and code.pages == row.pages and 1 <= code.page <= row.pages
    return [row] if is_ours else []


def _of_check_line(tx: Tx, text: str) -> list[Any]:
    """People read it out or type it, with or without hyphens and page."""
    found = _CHECK_LINE.fullmatch(text.replace(" ", ""))
    if found is None:
        return []
    wanted = "-".join(found.groups())
    query = select(forms.c.superseded_at).where(forms.c.check_code == wanted, forms.c.state == "issued")
    return list(tx.execute(query).all())


