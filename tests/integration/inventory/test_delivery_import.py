"""Deliveries become cards exactly once, and every bad row has its reason (INV-01)."""

import io
import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from kernel.chassis.jobs.context import JobCancelledError
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from services.inventory.deliveries.importing import run_import
from tests.integration.inventory.delivery_lab import PROVINCE, Lab, a_lab, iccid, imsi, lines

_SERIES = itertools.count(10001)


@pytest.fixture
def lab(module_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    with a_lab(module_database, tmp_path, f"{next(_SERIES)}", monkeypatch) as lab:
        yield lab


@pytest.mark.req("INV-01")
def test_good_rows_become_cards_with_run_log_ledger_and_events(lab: Lab) -> None:
    job = lab.upload(lines(*lab.cards(1, 2, 3)), expected_count=3)

    assert job["state"] == "done"
    assert job["result"] | {"delivery_id": 0} == {
        "delivery_id": 0,
        "batch_no": lab.batch_no,
        "state": "received",
        "rows": 3,
        "received": 3,
        "already_known": 0,
        "refused": 0,
        "discrepancies": 0,
        "warnings": {},
        "known_since": None,
        "notes": [],
    }
    delivery = lab.delivery()
    assert (delivery["state"], delivery["received_count"], delivery["source"]) == ("received", 3, "upload")
    cards = lab.all("SELECT * FROM cards WHERE delivery_id = %s ORDER BY iccid", delivery["id"])
    assert [card["iccid"] for card in cards] == lab.cards(1, 2, 3)
    assert {(c["state"], c["owner_unit"], c["version"], c["card_spec"]) for c in cards} == {
        ("received", "99", 1, "smd")
    }
    assert cards[0]["imsi"] == imsi(cards[0]["iccid"])
    assert lab.one("SELECT sum(delta) AS n FROM ledger WHERE application_month = '2026-11'")["n"] >= 3
    event = lab.one("SELECT payload FROM outbox ORDER BY id DESC LIMIT 1")["payload"]
    assert (event["action"], event["iccids"], event["reference_id"]) == (
        "receive",
        lab.cards(1, 2, 3),
        str(delivery["id"]),
    )


@pytest.mark.req("INV-01")
def test_the_same_file_again_changes_nothing(lab: Lab) -> None:
    content = lines(*lab.cards(1, 2, 3), "nonsense", lab.cards(2)[0])
    lab.upload(content)
    before = lab.everything()

    job = lab.upload(content)

    assert lab.everything() == before
    assert (job["result"]["received"], job["result"]["already_known"], job["result"]["refused"]) == (0, 3, 2)


@pytest.mark.req("INV-01")
def test_every_bad_row_is_reported_with_row_and_reason_and_the_good_ones_go_in(lab: Lab) -> None:
    good = lab.cards(*range(1, 6))
    wrong_digit = good[4][:-1] + str((int(good[4][-1]) + 5) % 10)
    other_carrier = iccid(7, lab.series, prefix="898601")
    content = lines(*good[:3], wrong_digit, "8.986E+18", good[1], other_carrier, good[0][:17], "", good[3].lower())
    content += "broken\n"

    job = lab.upload(content)

    assert lab.refused() == [
        (5, "iccid_check_digit"),
        (6, "iccid_scientific"),
        (7, "iccid_twice"),
        (8, "iccid_wrong_carrier"),
        (9, "iccid_length"),
        (10, "iccid_blank"),
        (12, "row_broken"),
    ]
    assert job["refused_count"] == 7
    assert lab.delivery()["received_count"] == 4
    assert lab.delivery()["refused_count"] == 7
    twice = lab.one("SELECT params FROM refused_rows WHERE code = 'iccid_twice' AND row_no = 7 ORDER BY 1 DESC LIMIT 1")
    assert twice["params"] == {"value": good[1], "first_row": 3}
    assert len(lab.all("SELECT * FROM job_rows WHERE job_id = %s", job["id"])) == 7


@pytest.mark.req("INV-01")
def test_letters_are_judged_by_the_carriers_rule_and_case_is_corrected(lab: Lab) -> None:
    with_letter = "898604a9" + lab.series + "0000017"

    job = lab.upload(lines(with_letter, with_letter.replace("a", "z")))

    assert (
        lab.one("SELECT iccid FROM cards WHERE delivery_id = %s", lab.delivery()["id"])["iccid"] == with_letter.upper()
    )
    assert job["result"]["warnings"] == {"iccid_normalised": 1}
    assert lab.refused() == [(3, "iccid_characters")]


@pytest.mark.req("INV-01")
def test_a_corrected_file_adds_only_what_is_new(lab: Lab) -> None:
    a, b, c = lab.cards(1, 2, 3)
    lab.upload(lines(a, b[:-2], c), expected_count=3)
    assert lab.delivery()["state"] == "held"
    assert lab.refused() == [(3, "iccid_length")]

    job = lab.upload(lines(b))

    assert (job["result"]["received"], job["result"]["already_known"]) == (1, 0)
    assert lab.refused() == []
    assert (lab.delivery()["received_count"], lab.delivery()["state"], lab.delivery()["discrepancy_count"]) == (
        3,
        "received",
        0,
    )


def test_a_card_of_another_batch_is_refused_and_named(lab: Lab) -> None:
    lab.upload(lines(*lab.cards(1, 2)))

    lab.upload(lines(*lab.cards(2, 3)), batch_no=f"{lab.batch_no}-2")

    row = lab.one("SELECT * FROM refused_rows WHERE code = 'card_known' AND params->>'batch_no' = %s", lab.batch_no)
    assert row["params"]["value"] == lab.cards(2)[0]


def test_a_card_sent_again_with_another_imsi_is_refused(lab: Lab) -> None:
    lab.upload(lines(*lab.cards(1)))

    lab.upload(lines(*lab.cards(1)).replace(imsi(lab.cards(1)[0]), "460049999999999"))

    assert lab.refused() == [(2, "card_numbers_differ")]
    assert lab.one("SELECT imsi FROM cards WHERE iccid = %s", lab.cards(1)[0])["imsi"] == imsi(lab.cards(1)[0])


@pytest.mark.req("INV-01")
@pytest.mark.parametrize(
    "change",
    [{"card_spec": "nano"}, {"application_month": "2026-10"}, {"expected_count": 9}, {"owner_unit": "9901"}],
)
def test_a_note_that_contradicts_the_known_one_is_refused(lab: Lab, change: dict[str, object]) -> None:
    lab.upload(lines(*lab.cards(1)), expected_count=1)

    with pytest.raises(DomainError) as refused:
        lab.accept(lines(*lab.cards(2)), **change)

    assert refused.value.code == "delivery_note_changed"
    assert refused.value.params["field"] == next(iter(change))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"carrier": "nobody"}, "carrier_unknown"),
        ({"card_spec": "gold"}, "card_spec_unknown"),
        ({"application_month": "2026-13"}, "month_malformed"),
        ({"owner_unit": "98"}, "unit_out_of_scope"),
        ({"owner_unit": "990101"}, "delivery_unit_level"),
        ({"owner_unit": "x"}, "unit_malformed"),
    ],
)
@pytest.mark.req("INV-01")
def test_a_bad_note_is_refused_before_any_work(lab: Lab, change: dict[str, object], code: str) -> None:
    with pytest.raises(DomainError) as refused:
        lab.accept(lines(*lab.cards(1)), **change)

    assert refused.value.code == code
    assert lab.all("SELECT * FROM jobs WHERE state = 'queued'") == []


def test_a_city_clerk_owns_what_he_imports_and_cannot_import_for_his_neighbour(lab: Lab) -> None:
    city = Actor("city1", "x", "9901", frozenset({"delivery.import"}))

    lab.accept(lines(*lab.cards(1)), by=city)
    lab.run()

    assert lab.delivery()["owner_unit"] == "9901"
    with pytest.raises(DomainError) as refused:
        lab.accept(lines(*lab.cards(2)), by=city, batch_no="other", owner_unit="9902")
    assert refused.value.code == "unit_out_of_scope"


@pytest.mark.req("INV-01")
def test_a_count_that_contradicts_the_note_holds_the_delivery(lab: Lab) -> None:
    lab.upload(lines(*lab.cards(1, 2, 3)), expected_count=5)

    delivery = lab.delivery()
    found = lab.one("SELECT code, params FROM discrepancies WHERE delivery_id = %s", delivery["id"])
    assert (delivery["state"], delivery["discrepancy_count"]) == ("held", 1)
    assert found == {"code": "delivery_count_differs", "params": {"expected": 5, "received": 3}}


@pytest.mark.req("INV-01")
def test_gaps_in_the_number_range_hold_the_delivery_and_are_named(lab: Lab) -> None:
    lab.upload(lines(*lab.cards(1, 2, 5, 6, 10)))

    delivery = lab.delivery()
    found = lab.all("SELECT code, params FROM discrepancies WHERE delivery_id = %s ORDER BY id", delivery["id"])
    two, five, six, ten = lab.cards(2, 5, 6, 10)
    assert (delivery["state"], delivery["discrepancy_count"]) == ("held", 2)
    assert [it["params"] for it in found] == [
        {"after": two, "before": five, "missing": 2},
        {"after": six, "before": ten, "missing": 3},
    ]


def test_a_refused_row_is_no_gap(lab: Lab) -> None:
    a, b, c = lab.cards(1, 2, 3)

    lab.upload(lines(a, b[:-1] + str((int(b[-1]) + 1) % 10), c))

    assert lab.delivery()["state"] == "received"


def test_rows_that_could_not_be_read_explain_as_many_missing_numbers(lab: Lab) -> None:
    a, b, c, e = lab.cards(1, 2, 3, 5)

    lab.upload(lines(a, b[:-2], c, "8.986E+18", e))
    assert lab.delivery()["state"] == "received"
    assert lab.all("SELECT * FROM discrepancies WHERE delivery_id = %s", lab.delivery()["id"]) == []

    lab.upload(lines(a, b[:-2], c, e))
    assert lab.delivery()["discrepancy_count"] == 2


def test_only_the_first_hundred_gaps_are_named_but_all_are_counted(lab: Lab) -> None:
    lab.upload(lines(*lab.cards(*range(0, 300, 2))))

    delivery = lab.delivery()
    named = lab.one("SELECT count(*) AS n FROM discrepancies WHERE delivery_id = %s", delivery["id"])
    assert (delivery["discrepancy_count"], named["n"]) == (149, 100)


@pytest.mark.req("INV-01")
def test_a_carrier_pushes_a_large_delivery_in_pieces(lab: Lab) -> None:
    cards = lab.cards(*range(1, 7))
    lab.push([*cards[:3], "bad"], expected_count=6)
    lab.run()
    assert (lab.delivery()["state"], lab.refused()) == ("held", [(5, "iccid_length")])

    lab.push([*cards[3:], "worse"], expected_count=6)
    lab.run()
    lab.push([*cards[3:], "worse"], expected_count=6)
    lab.run()

    assert (lab.delivery()["state"], lab.delivery()["received_count"]) == ("received", 6)
    assert [code for _, code in lab.refused()] == ["iccid_length", "iccid_length"]


def test_a_carrier_pushes_only_its_own_cards(lab: Lab) -> None:
    with pytest.raises(DomainError) as refused:
        lab.push(lab.cards(1), by=replace(PROVINCE, permissions=frozenset({"carrier:china_unicom"})))

    assert refused.value.code == "carrier_not_yours"


@pytest.mark.req("INV-01")
def test_an_unreadable_file_fails_the_job_and_leaves_nothing(lab: Lab) -> None:
    before = lab.everything()

    job = lab.upload(b"%PDF-1.7", "scan.pdf")

    assert (job["state"], job["error_code"], job["error_params"]) == ("failed", "file_kind_refused", {"kind": "PDF"})
    assert lab.everything() == before


def test_a_head_that_spans_two_rows_is_a_head(lab: Lab) -> None:
    book = openpyxl.Workbook()
    book.active.append(["ICCID", "IMSI", "MSISDN"])
    book.active.append([])
    book.active.append([lab.cards(1)[0], "", ""])
    book.active.merge_cells("A1:A2")
    out = io.BytesIO()
    book.save(out)

    job = lab.upload(out.getvalue(), "a.xlsx")

    assert (job["state"], job["result"]["received"], lab.refused()) == ("done", 1, [])


@pytest.mark.req("INV-01")
def test_a_cancelled_import_leaves_nothing(lab: Lab) -> None:
    lab.accept(lines(*lab.cards(1, 2)))
    before = lab.everything()
    context = lab.context()
    with lab.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE jobs SET cancel_requested = true WHERE id = %s", (context.job_id,))

    with pytest.raises(JobCancelledError):
        run_import(context)

    assert lab.everything() == before


@pytest.mark.req("INV-01")
def test_a_worker_that_dies_in_the_middle_leaves_nothing_and_the_next_one_does_it(lab: Lab) -> None:
    job_id = lab.accept(lines(*lab.cards(1, 2)))
    before = lab.everything()
    context = lab.context()

    def die(done: int) -> None:
        raise KeyboardInterrupt

    context.progress = die  # type: ignore[method-assign,assignment]
    with pytest.raises(KeyboardInterrupt):
        run_import(context)
    assert lab.everything() == before
    with lab.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE jobs SET lease_until = now() - interval '1 s' WHERE id = %s", (job_id,))

    job = lab.run()

    assert (job["state"], job["attempts"], job["result"]["received"]) == ("done", 2, 2)


def test_a_worker_whose_job_was_taken_over_commits_nothing(lab: Lab) -> None:
    lab.accept(lines(*lab.cards(1, 2)))
    slow = lab.context()
    with lab.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE jobs SET lease_until = now() - interval '1 s' WHERE id = %s", (slow.job_id,))
    assert lab.run()["state"] == "done"
    before = lab.everything()

    with pytest.raises(Exception, match=str(slow.job_id)):
        run_import(slow)

    assert lab.everything() == before
