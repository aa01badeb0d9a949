"""Forms as people look for them, and what a printed page's code tells to anybody (DOC-02, DOC-05)."""

from datetime import date

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kernel.contracts.documents.forms import CheckCode, ListForms
from kernel.model.actor import Actor
from services.documents import form_list
from services.documents.forms.codes import PageCode, parse_page_code
from services.documents.forms.issuing import read_issued
from tests.integration.documents.desk import CLERK, NOW, SECOND, STRANGER, Desk, small_content

NOBODY = Actor("public", "公众", "", frozenset())


def check(desk: Desk, code: str) -> str:
    with desk.reading(NOBODY) as tx:
        return form_list.check_code(tx, CheckCode(code=code)).answer


@pytest.mark.req("DOC-05")
def test_a_printed_code_tells_whether_the_form_was_issued_and_is_current(desk: Desk, serial: int):
    content = small_content(serial)
    form = desk.issue(content)
    code = read_issued(desk.read(form.pdf)).layout.sheets[0].page_code.text

    known = check(desk, code)
    typed = [check(desk, text) for text in (form.check_code, f"{form.check_code}-001".lower(), form.check_code[:-1])]
    desk.issue(content.model_copy(update={"revision": 2}))

    assert (known, typed) == ("current", ["current", "current", "unknown"])
    assert (check(desk, code), check(desk, form.check_code)) == ("superseded", "superseded")


@pytest.mark.req("DOC-05")
def test_a_code_that_is_made_up_is_unknown(desk: Desk, serial: int):
    form = desk.issue(small_content(serial))
    own = parse_page_code(read_issued(desk.read(form.pdf)).layout.sheets[0].page_code.text)
    other_page = PageCode(own.number, own.revision, 2, 2, own.digest, own.signature)
    forged = PageCode(own.number, own.revision, 1, 1, own.digest).signed_with(Ed25519PrivateKey.generate())
    other_form = PageCode("HJ-0000", 1, 1, 1, own.digest, own.signature)

    answers = [check(desk, code.text()) for code in (other_page, forged, other_form)]

    assert answers == ["unknown"] * 3
    assert [check(desk, text) for text in ("SK1.x", "hello", "申请单", form.number)] == ["unknown"] * 4


@pytest.mark.req("DOC-05", "GTW-01", "GTW-02")
def test_forms_are_found_by_number_kind_state_and_day_in_ones_own_subtree(desk: Desk, serial: int):
    content = small_content(serial)
    desk.issue(content)
    desk.issue(content.model_copy(update={"revision": 2}))

    def found(by: Actor = CLERK, **query: object) -> list[tuple[int, str]]:
        with desk.reading(by) as tx:
            page = form_list.list_forms(tx, ListForms(number=content.number, **query), by=by, now=NOW)
        assert page.total == len(page.items)
        return [(form.revision, form.state) for form in page.items]

    today = desk.form(content.number).issued_at.date()
    assert found() == [(2, "current"), (1, "superseded")]
    assert found(SECOND, unit="9901", state="superseded") == [(1, "superseded")]
    assert found(kind="box_labels") == []
    assert found(issued_to=date(2020, 1, 1)) == []
    assert len(found(issued_from=today)) == 2
    assert found(STRANGER) == []
