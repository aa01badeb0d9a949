"""Numbers lead to the rows that they count: the address behind a cell, from its template and its row (GTW-05)."""

import json
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from gateway.portal import assets, bundle, files
from gateway.portal.pages import PAGES
from gateway.portal.spec import holes

COLUMNS = [(page, column) for page in PAGES.values() for column in page.columns if column.drill]


def _links(pairs: list[tuple[str, dict[str, Any]]], folder: Path) -> list[str]:
    script = (
        "import { drill } from './plain.js';\n"
        f"console.log(JSON.stringify({json.dumps(pairs)}.map(([template, row]) => drill(template, row))));\n"
    )
    path = folder / "links.js"
    plain = (files.STATIC / "plain.js").read_text("utf-8")
    path.write_text(bundle.bundle({"plain": plain, "links": script}, "links"), "utf-8")
    node = Path(assets.find_npm()).parent / "node"
    found: list[str] = json.loads(subprocess.run([node, path], capture_output=True, text=True, check=True).stdout)
    return found


@pytest.mark.req("GTW-05", "BND-07")
def test_every_condition_that_a_template_says_itself_is_in_its_link(tmp_path: Path) -> None:
    found = _links([(column.drill, dict.fromkeys(holes(column.drill), "7")) for _, column in COLUMNS], tmp_path)
    for (page, column), link in zip(COLUMNS, found, strict=True):
        _, _, query = column.drill.partition("?")
        said = {(name, value) for name, value in parse_qsl(query) if "{" not in value}
        assert said <= set(parse_qsl(link.partition("?")[2])), (page.key, column.name)


@pytest.mark.req("GTW-05")
def test_what_is_empty_or_false_in_a_row_is_no_condition(tmp_path: Path) -> None:
    template = "readings-list?unit={unit}&unit_exact={exact}&day={day}&collected=false"
    (link,) = _links([(template, {"unit": "9901", "exact": False, "day": None})], tmp_path)
    assert link == "#/readings-list?unit=9901&collected=false"
