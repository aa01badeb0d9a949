"""Every refusal is catalogued, and every entry of the catalogue is used."""

import re
from pathlib import Path

from kernel.contracts.errors import CATALOGUE, text

ROOT = Path(__file__).resolve().parents[2]
RAISED = re.compile(r"DomainError\(\s*\n?\s*\"(\w+)\"")


def sources() -> list[Path]:
    return [
        path
        for folder in ("kernel", "services", "gateway", "deploy")
        for path in (ROOT / folder).rglob("*.py")
        if "node_modules" not in path.parts
    ]


def test_every_code_that_is_raised_stands_in_the_catalogue():
    unknown = {
        (path.relative_to(ROOT).as_posix(), code)
        for path in sources()
        for code in RAISED.findall(path.read_text(encoding="utf-8"))
        if code not in CATALOGUE
    }

    assert not unknown


def test_every_code_of_the_catalogue_is_used_somewhere():
    code_text = "\n".join(
        path.read_text(encoding="utf-8")
        for path in sources()
        if not (path.parent.name == "contracts" and path.name.startswith("errors"))
    )

    unused = sorted(code for code in CATALOGUE if not re.search(rf"[\"']{code}[\"']", code_text))

    assert not unused


def test_every_text_can_be_filled_in_both_languages():
    for code, entry in CATALOGUE.items():
        assert entry.zh != entry.en
        assert text(code, {}, "zh")
        assert text(code, {}, "en")
