"""What the portal asks for while its libraries are still being read is what its pages then ask for (GTW-05)."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from gateway.portal import assets, bundle, files, opening
from gateway.portal.pages import PAGES
from gateway.portal.spec import plain

LISTS = {key: plain(page) for key, page in PAGES.items() if page.source and page.open}
ADDRESSES = (
    "", "size=50&cursor=abc&page=2&sort=iccid&order=desc", "unit=9901&month=&state=a&state=b&id=7&iccids=1%202",
)  # fmt: skip
_COMPARE = """
import { pages } from './opening.js';
import { addressOf, question, readState } from './question.js';
import { fill, parse } from './plain.js';
const asked = (page, params) => addressOf(fill(page.source, params), question(page, readState(page, params, {})));
const found = Object.entries(lists).map(([key, page]) => [key, addresses.map((address) => {
  const { params } = parse(`#/${key}?${address}`);
  return [asked(page, params), asked(pages[key], params)];
})]);
console.log(JSON.stringify(Object.fromEntries(found)));
"""


def _run(script: str, folder: Path) -> Any:
    parts = {name: (files.STATIC / f"{name}.js").read_text("utf-8") for name in ("question", "plain")}
    path = folder / "compare.js"
    path.write_text(bundle.bundle({**parts, opening.NAME: opening.script(), "compare": script}, "compare"), "utf-8")
    node = Path(assets.find_npm()).parent / "node"
    return json.loads(subprocess.run([node, path], capture_output=True, text=True, check=True).stdout)


@pytest.mark.req("GTW-05")
def test_what_is_asked_early_is_what_the_page_asks_for(tmp_path: Path) -> None:
    given = f"const lists = {json.dumps(LISTS)};\nconst addresses = {json.dumps(ADDRESSES)};\n"
    found = _run(given + _COMPARE, tmp_path)
    assert set(found) == set(LISTS)
    for key, pairs in found.items():
        for by_page, early in pairs:
            assert early == by_page, key


@pytest.mark.req("GTW-05")
def test_the_choices_of_a_lists_fields_and_columns_are_asked_early() -> None:
    said = json.loads(opening.script().removeprefix("export const pages = ").rstrip(";\n"))
    assert said["cards"]["options"] == ["card_specs", "carriers", "units"]


@pytest.mark.req("GTW-02", "GTW-05")
def test_the_early_script_says_nothing_but_routes_and_parameters() -> None:
    """It is given to whoever asks; labels, buttons and permissions are for those who may see the page."""
    said = json.loads(opening.script().removeprefix("export const pages = ").rstrip(";\n"))
    assert {name for page in said.values() for name in page} <= {
        "source", "fixed", "sort", "paged", "filters", "options", "about",
    }  # fmt: skip
