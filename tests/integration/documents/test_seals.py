"""Specimens of seals: registered, read, confirmed by a second person, ended; scans are compared with them (DOC-06)."""

from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache
from itertools import count
from uuid import UUID

import numpy as np
import pytest

from kernel.contracts.documents.scans import ScanView
from kernel.contracts.documents.seals import DecideSeal, EndSeal, GetSeal, ListSeals, RegisterSeal, SealView
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from services.documents import seals
from services.documents.forms.issuing import issue
from tests.documents_lab.files import scan_pdf
from tests.documents_lab.samples import KEY
from tests.documents_lab.scanner import Scanner, scan
from tests.integration.documents.desk import ALL, NOW, Desk, small_content
from tests.seal_lab.faces import Face, any_face, copies
from tests.seal_lab.pressing import Press
from tests.seal_lab.sheets import card, clean_card, sealed_form

UNITS = count(10)
"""Each test has a unit of its own, below 9901, whose forms are numbered like 9901's."""
WEAR = 3
FACE = any_face(WEAR)
TODAY = date(2026, 11, 20)
RIGHTS = ALL | {"seal.register", "seal.confirm"}
REGISTRAR = Actor("city1", "李晓燕", "9901", RIGHTS)
SECOND = Actor("city9", "周涛", "9901", RIGHTS)
STRANGER = Actor("city2", "赵敏", "9902", RIGHTS)


@pytest.fixture
def unit() -> str:
    return f"9901{next(UNITS):02d}"


def scanned(sheets: list[np.ndarray], dpi: int = 300, seed: int = 7) -> bytes:
    return scan_pdf([scan(sheet, Scanner(dpi=dpi, seed=seed + at)) for at, sheet in enumerate(sheets)])


@lru_cache(maxsize=4)
def specimen_scan(face: Face = FACE) -> bytes:
    return scanned([clean_card(face, WEAR)])


def register(desk: Desk, unit: str, upload: bytes | None = None, **more: object) -> UUID:
    values = {"name": FACE.name, "valid_from": TODAY - timedelta(days=30)} | more
    request = RegisterSeal(unit=unit, upload=desk.put(upload or specimen_scan()), **values)
    with desk.writing(REGISTRAR) as tx:
        return seals.register_seal(tx, request, by=REGISTRAR, now=NOW).seal_id


def seal(desk: Desk, seal_id: UUID, by: Actor = REGISTRAR) -> SealView:
    with desk.reading(by) as tx:
        return seals.get_seal(tx, GetSeal(seal_id=seal_id), by=by)


def decide(desk: Desk, seal_id: UUID, decision: str = "confirmed", by: Actor = SECOND) -> SealView:
    with desk.writing(by) as tx:
        request = DecideSeal(seal_id=seal_id, decision=decision, remark="与印章实物一致")
        return seals.decide_seal(tx, request, by=by, now=NOW)


def end(desk: Desk, seal_id: UUID, last: date, by: Actor = SECOND) -> SealView:
    with desk.writing(by) as tx:
        return seals.end_seal(tx, EndSeal(seal_id=seal_id, valid_to=last, reason="磨损"), by=by, now=NOW)


def confirmed(desk: Desk, unit: str, **more: object) -> UUID:
    seal_id = register(desk, unit, **more)
    desk.work()
    decide(desk, seal_id)
    return seal_id


def returned(desk: Desk, unit: str, serial: int, face: Face = FACE, press: Press | None = None) -> ScanView:
    """The verdict on a form of the unit that came back with this seal."""
    content = small_content(serial)
    desk.issue(content, unit=unit)
    sheets = sealed_form(issue(content, KEY), face, press or Press(serial, 0.85, 0.02, 12.0), WEAR)
    return desk.judged(content.number, scanned(sheets))


@pytest.mark.req("DOC-06")
def test_three_clean_impressions_become_a_specimen_once_another_person_confirms(desk: Desk, unit: str):
    seal_id = register(desk, unit)
    assert seal(desk, seal_id).state == "reading"
    desk.work()

    read = seal(desk, seal_id, SECOND)
    assert (read.state, read.problem, read.can) == ("to_confirm", None, ["decide"])
    assert len(read.pictures) == 3
    assert all(desk.read(picture).startswith(b"\x89PNG") for picture in read.pictures)
    assert seal(desk, seal_id).can == []
    done = decide(desk, seal_id)
    assert (done.state, done.decided_by_name, done.remark, done.can) == ("confirmed", "周涛", "与印章实物一致", ["end"])


@pytest.mark.req("DOC-06")
def test_who_registered_a_seal_cannot_confirm_it_nor_anybody_twice(desk: Desk, unit: str):
    seal_id = register(desk, unit)
    with pytest.raises(DomainError) as waiting:
        decide(desk, seal_id)
    desk.work()
    with pytest.raises(DomainError) as own:
        decide(desk, seal_id, by=REGISTRAR)
    decide(desk, seal_id, "rejected")
    with pytest.raises(DomainError) as again:
        decide(desk, seal_id)

    assert [error.value.code for error in (waiting, own, again)] == [
        "seal_not_waiting", "seal_own_registration", "seal_not_waiting",
    ]  # fmt: skip


@pytest.mark.req("DOC-06")
def test_another_units_people_find_no_seal(desk: Desk, unit: str):
    seal_id = register(desk, unit)
    desk.work()
    for act in (
        lambda: seal(desk, seal_id, STRANGER),
        lambda: decide(desk, seal_id, by=STRANGER),
        lambda: end(desk, seal_id, TODAY, by=STRANGER),
    ):
        with pytest.raises(DomainError) as error:
            act()
        assert error.value.code == "seal_not_found"
    with desk.reading(STRANGER) as tx:
        assert seals.list_seals(tx, ListSeals(), by=STRANGER, now=NOW).items == []


def _two_and_another() -> bytes:
    other = copies(FACE, 1)["other_name"]
    presses = [(FACE, Press(1, 0.95, 0.0, 0)), (other, Press(2, 0.95, 0.0, 5)), (FACE, Press(3, 0.95, 0.0, 9))]
    return scanned([card(presses, WEAR)])


def _one_thrice() -> bytes:
    return scanned([card([(FACE, Press(1, 0.95, 0.0, 0))] * 3, WEAR)])


def _only_two() -> bytes:
    return scanned([card([(FACE, Press(at, 0.95, 0.0, at)) for at in range(2)], WEAR)])


@pytest.mark.req("DOC-06")
@pytest.mark.parametrize(
    ("upload", "problem"),
    [
        (lambda: b"no PDF at all", "seal_file_refused"),
        (lambda: scanned([clean_card(FACE, WEAR)], dpi=150), "seal_too_coarse"),
        (_only_two, "seal_impressions_count"),
        (_two_and_another, "seal_impressions_differ"),
        (_one_thrice, "seal_impressions_repeated"),
    ],
    ids=["no picture", "150 dpi", "two", "another seal", "one copied"],
)
def test_what_cannot_serve_as_a_specimen_is_unusable_with_its_reason(desk: Desk, unit: str, upload, problem: str):
    seal_id = register(desk, unit, upload())
    desk.work()

    read = seal(desk, seal_id, SECOND)
    assert (read.state, read.problem, read.can) == ("unusable", problem, [])
    assert read.reason


@pytest.mark.req("DOC-06")
def test_a_scan_with_the_registered_seal_passes_and_says_so(desk: Desk, unit: str, serial: int):
    seal_id = confirmed(desk, unit)

    scan = returned(desk, unit, serial)

    assert scan.comparison is not None
    assert (scan.comparison.outcome, scan.comparison.seal_id) == ("same", seal_id)
    assert scan.outcome == "passed"
    assert "与预留印鉴一致" in scan.comparison.message
    assert scan.comparison.message_en.startswith("same as the registered seal")


@pytest.mark.req("DOC-06")
@pytest.mark.parametrize("kind", ["other_name", "mirrored", "one_character", "larger"])
def test_another_seal_goes_to_a_second_person(desk: Desk, unit: str, serial: int, kind: str):
    confirmed(desk, unit)

    scan = returned(desk, unit, serial, copies(FACE, 1)[kind])

    assert scan.outcome == "unclear"
    assert scan.comparison is not None
    assert scan.comparison.outcome in {"different", "not_enough_seen"}
    assert {finding.code for finding in scan.findings if finding.weight == "unclear"} <= {
        "seal_different",
        "seal_not_seen",
    }
    if kind in {"other_name", "mirrored"}:
        assert (scan.comparison.outcome, scan.comparison.cause) == ("different", "extra")


@pytest.mark.req("DOC-06")
def test_letters_that_left_no_ink_are_named(desk: Desk, unit: str, serial: int):
    confirmed(desk, unit)

    scan = returned(desk, unit, serial, press=Press(4, 0.8, 0.45, 0.0))

    assert scan.comparison is not None
    assert scan.comparison.outcome == "not_enough_seen"
    assert scan.outcome == "unclear"
    assert scan.comparison.unseen
    assert all(letter[-2] in FACE.name for letter in scan.comparison.unseen)


@pytest.mark.req("DOC-06")
def test_a_setting_per_kind_says_what_another_seal_means(
    desk: Desk, unit: str, serial: int, monkeypatch: pytest.MonkeyPatch
):
    confirmed(desk, unit)
    monkeypatch.setenv("SIMKEEP_SEAL_DIFFERENT", '{"swap_list": "differs"}')
    refused = returned(desk, unit, serial, copies(FACE, 1)["other_name"])
    monkeypatch.setenv("SIMKEEP_SEAL_DIFFERENT", '{"swap_list": "note", "city_opening": "differs"}')
    told = returned(desk, unit, serial + 5000, copies(FACE, 1)["other_name"])

    assert (refused.outcome, told.outcome) == ("differs", "passed")
    assert [f.weight for f in told.findings if f.code == "seal_different"] == ["note"]


@pytest.mark.req("DOC-06")
@pytest.mark.parametrize("state", ["none", "to confirm", "rejected", "not yet", "ended"])
def test_without_a_valid_specimen_nothing_is_compared_and_the_verdict_says_so(
    desk: Desk, unit: str, serial: int, state: str
):
    if state in {"to confirm", "rejected"}:
        seal_id = register(desk, unit)
        desk.work()
        if state == "rejected":
            decide(desk, seal_id, "rejected")
    elif state == "not yet":
        confirmed(desk, unit, valid_from=TODAY + timedelta(days=1))
    elif state == "ended":
        ended = end(desk, confirmed(desk, unit), TODAY - timedelta(days=1))
        assert (ended.valid_to, ended.end_reason) == (TODAY - timedelta(days=1), "磨损")

    scan = returned(desk, unit, serial, copies(FACE, 1)["other_name"])

    assert scan.outcome == "passed"
    assert scan.comparison is not None
    assert (scan.comparison.outcome, scan.comparison.seal_id) == ("not_compared", None)
    assert scan.comparison.message_en == "not compared with a specimen"


@pytest.mark.req("DOC-06")
def test_an_end_can_be_moved_back_but_never_on(desk: Desk, unit: str):
    seal_id = confirmed(desk, unit, valid_to=TODAY)
    for last in (TODAY, TODAY + timedelta(days=1), TODAY - timedelta(days=60)):
        with pytest.raises(DomainError) as error:
            end(desk, seal_id, last)
        assert error.value.code == "seal_not_ended"
    assert end(desk, seal_id, TODAY - timedelta(days=5)).valid_to == TODAY - timedelta(days=5)


@pytest.mark.req("DOC-06")
def test_the_very_impression_of_an_earlier_form_is_told(desk: Desk, unit: str, serial: int):
    confirmed(desk, unit)
    press = Press(serial, 0.9, 0.0, 30.0)
    first = returned(desk, unit, serial, press=press)
    again = desk.judged(
        first.number, scanned(sealed_form(issue(small_content(serial), KEY), FACE, press, WEAR), seed=90)
    )
    pasted = returned(desk, unit, serial + 6000, press=press)
    honest = returned(desk, unit, serial + 7000, press=replace(press, seed=press.seed + 1))

    assert (first.outcome, again.outcome) == ("passed", "passed")  # the same paper may be scanned again
    assert pasted.outcome == "unclear"
    assert pasted.comparison is not None
    assert pasted.comparison.reused is not None
    assert (pasted.comparison.reused.number, pasted.comparison.outcome) == (first.number, "same")
    assert [f.code for f in pasted.findings if f.weight == "unclear"] == ["seal_reused"]
    assert honest.outcome == "passed"
