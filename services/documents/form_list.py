"""Issued forms as people look for them, and the public check of a printed page's code (DOC-02, DOC-05)."""

import re
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Select, case, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import Column, number, unit_columns
from kernel.chassis.lists.conditions import begins, equals, on_days, scope
from kernel.chassis.lists.spec import Asked, SelectList
from kernel.contracts.documents.forms import (
    LIST_FORMS,
    CheckCode,
    CodeChecked,
    GetForm,
    IssuedFormView,
    ListForms,
)
from kernel.contracts.envelope import BlobRef
from kernel.contracts.words import chinese
from kernel.contracts.words_documents import ISSUED_FORM_STATES
from kernel.model.actor import Actor
from services.documents.forms.codes import DIGEST_BYTES, NotAPageCodeError, PageCode, parse_page_code
from services.documents.forms.content import TITLES
from services.documents.issuance import find_row, scope_of, sealed
from services.documents.tables import forms

_STATE = case(
    (forms.c.state != "issued", forms.c.state), (forms.c.superseded_at.isnot(None), "superseded"), else_="current"
)
_SHOWN = [column for column in forms.c if column is not forms.c.content]
_CHECK_LINE = re.compile(r"([0-9A-Z]{4})-?([0-9A-Z]{4})-?([0-9A-Z]{4})-?([0-9A-Z]{4})(?:-?\d{3})?")


FORM_COLUMNS = (
    Column("number", "申请单号"),
    number("revision", "版次", width=10),
    Column("kind", "单据种类", words=TITLES),
    *unit_columns("unit", "单位"),
)


def person_columns(name: str, title: str) -> tuple[Column, Column]:
    """Who it was, and his login beside it: names are not unique."""
    return Column(f"{name}_name", title, width=12), Column(name, f"{title}账号", width=12)


def get_form(tx: Tx, request: GetForm, *, by: Actor) -> IssuedFormView:
    """Raises issued_form_not_found, for a form outside the actor's subtree too."""
    row = scope_of(find_row(tx, request.number, request.revision), by, request.number)
    return _view(row, by, row.content if request.with_content else None)


def _matching(asked: Asked[ListForms]) -> Select[Any]:
    request = asked.request
    conditions = [
        scope(forms.c.unit, request.unit, asked.by),
        *begins(forms.c.number, (request.number or "").upper()),
        *equals(request, {"kind": forms.c.kind, "state": _STATE}),
        *on_days(forms.c.issued_at, request.issued_from, request.issued_to),
    ]
    return select(*_SHOWN).where(*conditions)


_STATES = chinese(ISSUED_FORM_STATES)

ISSUED_FORMS = SelectList(
    method=LIST_FORMS,
    title="已签发单据",
    resource="issued-forms",
    matching=_matching,
    items=lambda asked, rows: [_view(row, asked.by) for row in rows],
    key=forms.c.id,
    newest_first=True,
    columns=(
        *FORM_COLUMNS,
        Column("state", "状态", words=_STATES, width=12),
        number("pages", "页数", width=10),
        Column("check_code", "校验码"),
        *person_columns("issued_by", "签发人"),
        Column("issued_at", "签发时间"),
        Column("superseded_at", "被替代时间"),
    ),
)
list_forms = ISSUED_FORMS.answer
"""Issued forms of the actor's subtree, newest first."""


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
