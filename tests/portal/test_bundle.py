"""The portal's scripts as the browser gets them: one file, made from modules that stay readable (GTW-05)."""

import re
import subprocess
from pathlib import Path

import pytest

from gateway.portal import assets, files
from gateway.portal.bundle import NAME, BundleError, bundle

APART = {"early", "old-browser"}  # the first has a bundle of its own
MODULES = {path.stem: path.read_text("utf-8") for path in files.STATIC.glob("*.js") if path.stem not in APART}


def _node(script: str, folder: Path) -> str:
    path = folder / "script.js"
    path.write_text(script, "utf-8")
    node = Path(assets.find_npm()).parent / "node"
    return subprocess.run([node, path], capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.req("GTW-05")
def test_the_page_loads_one_script_of_ours_and_it_holds_every_module() -> None:
    page = (files.STATIC / "index.html").read_text("utf-8")
    assert re.findall(r'type="module" src="\{own\}/([\w.-]+)"', page) == [NAME]
    made = files.load(NAME)
    assert made is not None
    text = made.content.decode()
    assert sorted(re.findall(r"^modules\['([\w-]+)'\] = ", text, re.MULTILINE)) == sorted(MODULES)


def test_a_bundle_runs_each_module_once_and_keeps_their_names_apart(tmp_path: Path) -> None:
    made = bundle(
        {
            "count": "let made = 0;\nmade += 1;\nexport const name = `count ${made}`;\n"
            "export function next() { return 'next'; }\n",
            "page": "import { name as label } from './count.js';\nconst name = 'page';\n"
            "export default { text: `${name}, ${label}` };\n",
            "start": "import { name, next } from './count.js';\n"
            "async function open(name) { return (await import(`./${name}.js`)).default.text; }\n"
            "open('page').then((text) => console.log([text, name, next()].join(' | ')));\n",
        },
        "start",
    )
    assert _node(made, tmp_path) == "page, count 1 | count 1 | next"


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        ("import everything from './other.js';", "import everything"),
        ("import * as other from './other.js';", "import"),
        ("export { x } from './other.js';", "export"),
        ("export let x = 1;", "export let"),
        ("import { x } from './gone.js';", "gone.js, which is no script"),
    ],
)
def test_what_the_bundle_does_not_understand_is_refused_with_its_place(script: str, complaint: str) -> None:
    with pytest.raises(BundleError, match=complaint) as refused:
        bundle({"start": script, "other": "export const x = 1;"}, "start")
    assert "start.js" in str(refused.value)


def test_no_module_waits_for_one_that_waits_for_it() -> None:
    imports = {
        name: set(re.findall(r"^import .* from '\./([\w-]+)\.js';$", text, re.M)) for name, text in MODULES.items()
    }
    while free := {name for name, needed in imports.items() if not needed & set(imports)}:
        imports = {name: needed for name, needed in imports.items() if name not in free}
    assert imports == {}
