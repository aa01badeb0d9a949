"""What pages for people say is so: tests, paths and commands that they name exist."""

import re
from pathlib import Path

import pytest

from deploy.local.commands import app

ROOT = Path(__file__).resolve().parents[2]
FINDINGS = ROOT / "docs" / "ground-findings.md"
IDS = {
    f"{letter}{number}" for letter, last in (("A", 5), ("B", 6), ("C", 4), ("D", 8)) for number in range(1, last + 1)
}
MADE = {"deploy/docker/secrets/whole.env", "deploy/docker/.env"}
"""Files that a command writes where it runs."""
SOURCES = [file for folder in ("kernel", "services", "gateway", "deploy", "clients", "tests", "benchmarks")
           for file in sorted((ROOT / folder).rglob("*.py"))]  # fmt: skip
PAGES = [
    page
    for pattern in ("*.md", "docs/**/*.md", "services/**/*.md", "gateway/*.md", "kernel/**/*.md", "clients/**/*.md",
                    "deploy/**/*.md", "benchmarks/*.md")
    for page in sorted(ROOT.glob(pattern))
    if "node_modules" not in page.parts and "generated" not in page.parts
]  # fmt: skip
_TEST = re.compile(r"`(tests/[\w/.]+\.py)::(test_\w+)`")
_PATH = re.compile(r"`((?:\.?/)?(?:kernel|services|gateway|deploy|clients|tests|benchmarks|docs)/[\w/.-]*\w/?)`")
_MODULE = re.compile(r"`((?:kernel|services|gateway|deploy|clients|tests|benchmarks)(?:\.\w+)+)`")
_FILE = re.compile(
    r"(?<![\w/{}.-])((?:kernel|services|gateway|deploy|clients|tests|benchmarks|docs)/[\w/-]+\.(?:py|md|js))\b"
)
_SAID = re.compile(r"``((?:kernel|services|gateway|deploy|clients|tests|benchmarks)(?:\.\w+)+)``")
_LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")
_COMMAND = re.compile(r"\./simkeep ([a-z][a-z-]*)")


def _name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def test_every_finding_has_its_line() -> None:
    lines = re.findall(r"^\| ([A-D]\d) ", FINDINGS.read_text(), re.MULTILINE)

    assert set(lines) == IDS


@pytest.mark.parametrize(("file", "name"), sorted(set(_TEST.findall(FINDINGS.read_text()))))
def test_a_test_that_a_finding_names_exists(file: str, name: str) -> None:
    assert re.search(rf"^def {name}\(", (ROOT / file).read_text(), re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_what_a_page_names_is_there(page: Path) -> None:
    text = page.read_text()
    missing = [path for path in set(_PATH.findall(text)) - MADE if not (ROOT / path).exists()]
    missing += [link for link in _LINK.findall(text) if not (page.parent / link).exists()]
    missing += [name for name in _MODULE.findall(text) if not _is_module_or_part(name)]

    assert missing == []


def test_what_sources_say_of_files_and_modules_is_there() -> None:
    missing = {}
    for file in SOURCES:
        text = file.read_text()
        named = [path for path in _FILE.findall(text) if not (ROOT / path).exists()]
        named += [name for name in _SAID.findall(text) if not _is_module_or_part(name)]
        if named:
            missing[_name(file)] = named

    assert missing == {}


def _is_module_or_part(name: str) -> bool:
    """A module, or a name that a module says: the last part stands as a word in the module before it."""
    place = ROOT / name.replace(".", "/")
    if place.is_dir() or place.with_suffix(".py").exists():
        return True
    inner, part = place.parent, place.name
    module = inner.with_suffix(".py") if inner.with_suffix(".py").exists() else inner / "__init__.py"
    return module.exists() and re.search(rf"\b{part}\b", module.read_text()) is not None


@pytest.mark.parametrize("page", [page for page in PAGES if "./simkeep " in page.read_text()], ids=_name)
def test_every_command_that_a_page_names_is_one(page: Path) -> None:
    known = {command.name or getattr(command.callback, "__name__", "") for command in app.registered_commands}

    assert set(_COMMAND.findall(page.read_text())) <= known


def test_each_decision_has_a_number_of_its_own() -> None:
    numbers = [page.name[:4] for page in (ROOT / "docs" / "adr").glob("*.md")]

    assert sorted(numbers) == sorted(set(numbers))
