"""Files of lists and statistics: what is in them is what the pages show, row for row."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import openpyxl
import pytest

from kernel.chassis.files import open_rows
from kernel.chassis.jobs.context import JobContext
from kernel.chassis.jobs.kinds import enqueue
from kernel.chassis.lists.exports import export_kind
from kernel.contracts.inventory.cards import ListCards
from kernel.model.errors import DomainError
from services.inventory.card_lists.card_file import CARD_COLUMNS
from services.inventory.card_lists.card_list import list_cards
from services.inventory.deliveries.columns import DELIVERY
from services.inventory.exports import EXPORTS
from tests.integration.inventory.world import NOW, World, actor, inventory_engine


@pytest.fixture(scope="module")
def world(module_database: str) -> World:
    world = World(inventory_engine(module_database))
    world.live(batches=3, size=60)
    return world


@pytest.fixture
def blobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SIMKEEP_BLOB_URL", f"file://{tmp_path}")
    return tmp_path


USUAL = [column for column in CARD_COLUMNS if column.usual]
NAMES = {"99": "示范省电力公司", "9901": "东江市供电公司", "990101": "东江城区供电公司"}


def exported(world: World, resource: str, form: str, unit: str = "99", **asked: Any) -> bytes:
    """The file as the job made it for a clerk of ``unit``. Not every unit has a name."""
    by = actor(unit)
    request = {"resource": resource, "format": form, "unit_names": NAMES, **asked}
    with world.writing(by) as tx:
        job_id = enqueue(tx, "export", resource, request, by)
        tx.execute("UPDATE jobs SET state = 'running', attempts = 1 WHERE id = :id", {"id": job_id})
    job = JobContext(job_id, "export", request, by, str(uuid4()), 1, None, NOW, world.engine)
    result = export_kind(EXPORTS)(job)
    with job.blobs.open(result.blob) as file:
        content = file.read()
    lines = [row for row in (_csv(content) if form == "csv" else _xlsx(content)) if row[0] != "合计"]
    assert result.rows == len(lines) - 1
    return content


def export(
    world: World, resource: str, form: str, unit: str = "99", columns: list[str] | None = None, **filters: Any
) -> list[list[str]]:
    """The file's head and rows, without the last line of sums."""
    content = exported(world, resource, form, unit, filters=filters, columns=columns, guard=False)
    return [row for row in (_csv(content) if form == "csv" else _xlsx(content)) if row[0] != "合计"]


def _csv(content: bytes) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(content.decode("utf-8-sig")))


def _xlsx(content: bytes) -> Iterator[list[str]]:
    for row in openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(values_only=True):
        yield ["" if value is None else str(value) for value in row]


@pytest.mark.req("INV-05")
@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize(
    "filters",
    [
        {},
        {"state": ["running"], "sort": "state_since", "order": "desc"},
        {"carrier": "china_mobile", "sort": "stocked_in_at"},
        {"abnormal": True, "sort": "iccid"},
    ],
)
def test_all_cards_of_a_list_are_exported_in_its_order(
    world: World, blobs: Path, form: str, filters: dict[str, Any]
) -> None:
    rows = export(world, "cards", form, **filters)

    with world.reading() as tx:
        page = list_cards(tx, ListCards(size=1000, **filters), by=actor("99"), now=NOW)
    assert [row[0] for row in rows[1:]] == [card.iccid for card in page.items]
    assert rows[0] == [column.title for column in USUAL]
    first = dict(zip([column.name for column in USUAL], rows[1], strict=True))
    assert first["batch_no"] == page.items[0].batch_no
    assert first["state"] in {"待入库", "不合格", "库存", "待装", "运行", "待报废", "销卡中", "已销卡"}


@pytest.mark.req("INV-05")
def test_the_page_shown_is_exported_alone(world: World, blobs: Path) -> None:
    with world.reading() as tx:
        first = list_cards(tx, ListCards(size=15), by=actor("99"), now=NOW)
        second = list_cards(tx, ListCards(size=15, cursor=first.next_cursor), by=actor("99"), now=NOW)

    rows = export(world, "cards", "csv", size=15, cursor=first.next_cursor)

    assert [row[0] for row in rows[1:]] == [card.iccid for card in second.items]


@pytest.mark.req("GTW-02")
def test_an_export_holds_only_cards_of_the_actors_units(world: World, blobs: Path) -> None:
    rows = export(world, "cards", "csv", unit="9901", columns=["owner_unit"])

    assert {row[0][:4] for row in rows[1:]} == {"9901"}
    with pytest.raises(DomainError, match="unit_out_of_scope"):
        export(world, "cards", "csv", unit="9901", owner_unit="9902")


@pytest.mark.req("INV-06", "INV-07", "INV-08", "INV-09")
@pytest.mark.parametrize("resource", sorted(set(EXPORTS) - {"cards", "allocations", "requisitions"}))
def test_every_other_page_has_its_file(world: World, blobs: Path, resource: str) -> None:
    rows = export(world, resource, "xlsx")

    assert rows[0] == [column.title for column in EXPORTS[resource].choose(None)]
    assert len(rows) > 1
    assert export(world, resource, "csv", size=20, order="asc")[0] == rows[0]


@pytest.mark.req("INV-03", "INV-04")
@pytest.mark.parametrize("resource", ["deliveries", "allocations", "requisitions"])
def test_documents_are_exported_newest_first_page_by_page(world: World, blobs: Path, resource: str) -> None:
    everything = export(world, resource, "csv")
    page = export(world, resource, "csv", size=2)
    last = export(world, resource, "csv", size=2, cursor="last")

    assert page[1:] == everything[1:3]
    assert last[1:] == everything[1:][-2:]


@pytest.mark.req("INV-05")
def test_a_misspelt_filter_is_refused(world: World, blobs: Path) -> None:
    with pytest.raises(DomainError, match="request_invalid"):
        export(world, "cards", "csv", colour="red")


@pytest.mark.req("INV-05", "INV-07")
@pytest.mark.parametrize(("resource", "field"), [("cards", "owner_unit"), ("statistics/cards-by-state", "unit")])
def test_a_unit_is_said_by_its_name_and_one_without_a_name_by_its_code(
    world: World, blobs: Path, resource: str, field: str
) -> None:
    head, *rows = export(world, resource, "csv", columns=[field, f"{field}_name"])

    named = dict(rows)

    assert head in (["资产单位编码", "资产单位"], ["供电单位编码", "供电单位"])
    assert named["9901"] == "东江市供电公司"
    assert {named[unit] for unit in named if unit not in NAMES} == {unit for unit in named if unit not in NAMES}


@pytest.mark.req("GTW-03")
def test_heads_are_chinese_and_codes_are_said_by_their_names(world: World, blobs: Path) -> None:
    head, *rows = export(world, "cards", "csv")

    assert head[:8] == ["ICCID", "IMSI", "手机号", "运营商", "卡片规格", "申请月份", "批次号", "资产单位"]
    assert {row[3] for row in rows} <= {"中国移动", "中国电信", "中国联通"}
    assert not {"plug_in", "smd", "nano"} & {row[4] for row in rows}


@pytest.mark.req("GTW-03", "INV-01")
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_an_own_export_can_be_imported_again_guard_and_all(world: World, blobs: Path, form: str) -> None:
    with world.reading() as tx:
        listed = list_cards(tx, ListCards(size=1000), by=actor("99"), now=NOW).items

    content = exported(world, "cards", form, guard=True)

    with open_rows(io.BytesIO(content), DELIVERY, name=f"卡片.{form}") as rows:
        read = [row for batch in rows for row in zip(batch["iccid"], batch["imsi"], batch["msisdn"], strict=True)]
    assert read == [(card.iccid, card.imsi or "", card.msisdn or "") for card in listed]


@pytest.mark.req("GTW-04")
def test_an_export_tells_how_many_rows_of_how_many_are_written(world: World, blobs: Path) -> None:
    exported(world, "cards", "csv", guard=True)

    with world.reading() as tx:
        total = tx.execute("SELECT count(*) FROM cards").scalar_one()
        told = tx.execute("SELECT total FROM jobs ORDER BY created_at DESC LIMIT 1").scalar_one()
    assert told == total
