"""A list of a single card: no head to find by its rows, no second row to compare with (INV-04)."""

from pathlib import Path

import pytest

from kernel.model.errors import DomainError
from services.inventory.deliveries.columns import CARD_LIST, DELIVERY
from tests.unit.files.books import read

CARD = "89860012345678901237"
WRITTEN = {
    "alone": CARD,
    "with a line's end": f"{CARD}\r\n",
    "under a head": f"ICCID\n{CARD}",
    "under a title": f"领用清单\n{CARD}",
    "under a title and a head": f"领用清单\n序号,卡号\n1,{CARD}",
    "between empty lines": f"\n\n{CARD}\n\n",
    "quoted": f'"{CARD}"',
    "as a formula": f'="{CARD}"',
    "with a guard": f"'{CARD}",
    "behind a tab": f"\t{CARD}",
    "behind a number": f"1,{CARD}",
    "before a name": f"{CARD},王芳",
    "after a byte order mark": f"\ufeff{CARD}",
}


@pytest.mark.req("INV-04", "INV-12")
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gb18030"])
@pytest.mark.parametrize("text", WRITTEN.values(), ids=WRITTEN)
def test_a_list_of_one_card_gives_that_card(text: str, encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(text.encode(encoding))

    batch, _ = read(path, CARD_LIST)

    assert (batch["iccid"], batch.faults) == ([CARD], [])


@pytest.mark.req("INV-01")
def test_a_delivery_of_one_card_is_read_and_a_head_alone_is_no_card(tmp_path: Path) -> None:
    path = tmp_path / "delivery.csv"
    path.write_text(f"ICCID,IMSI,MSISDN\n{CARD},460040000000001,1064800000001\n", "utf-8")
    batch, _ = read(path, DELIVERY)
    assert batch["iccid"] == [CARD]

    path.write_text("ICCID\n", "utf-8")
    with pytest.raises(DomainError) as refused:
        read(path, CARD_LIST)
    assert refused.value.code == "file_empty"
