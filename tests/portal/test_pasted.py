"""Lists of cards as people paste them into a dialog (INV-04, INV-12)."""

import json
import subprocess
from pathlib import Path

import pytest

from gateway.portal import assets, bundle, files

ONE, TWO, THREE = "89860012345678901237", "89860012345678901245", "8986001234567890125"


def _pasted(text: str, folder: Path) -> tuple[list[str], list[str]]:
    parts = {name: (files.STATIC / f"{name}.js").read_text("utf-8") for name in ("question", "plain")}
    script = f"import {{ pasted }} from './question.js';\nconsole.log(JSON.stringify(pasted({json.dumps(text)})));\n"
    path = folder / "paste.js"
    path.write_text(bundle.bundle({**parts, "paste": script}, "paste"), "utf-8")
    node = Path(assets.find_npm()).parent / "node"
    said = json.loads(subprocess.run([node, path], capture_output=True, text=True, check=True).stdout)
    return said["numbers"], said["left"]


@pytest.mark.req("INV-04", "INV-12")
@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"ICCID\n{ONE}\n{TWO}\n{THREE}", ["ICCID"]),
        (f"集成电路卡识别码（ICCID）\r\n{ONE}\r\n{TWO}\r\n{THREE}\r\n", ["集成电路卡识别码（ICCID）"]),
        (f"卡号，{ONE}，{TWO}；{THREE}", ["卡号"]),
        (f"序号\tICCID号\t手机号\n1\t{ONE}\t13900000001\n2\t'{TWO}\t13900000002\n3\t{THREE}\t13900000003", ["ICCID号"]),
        (f"{ONE}\t{TWO}\n{THREE}\t", []),
        (f"{ONE}\n{TWO}\n{ONE}\n{THREE}", []),
    ],
    ids=["head", "long head", "head in one line", "table with a head", "side by side", "twice"],
)
def test_a_pasted_list_gives_its_cards_and_names_what_is_left_out(text: str, left: list[str], tmp_path: Path) -> None:
    numbers, words = _pasted(text, tmp_path)
    assert [number.lstrip("'") for number in numbers] == [ONE, TWO, THREE]
    assert words == left


@pytest.mark.req("INV-04")
def test_a_wrong_number_in_a_pasted_list_is_sent_so_that_the_answer_names_it(tmp_path: Path) -> None:
    numbers, left = _pasted(f"ICCID\n{ONE}\n12345\n8.98E+19", tmp_path)
    assert (numbers, left) == ([ONE, "12345", "8.98E+19"], ["ICCID"])
