"""The shape of the house: sizes, freshness of generated pages, and what no file may name."""

import ast
import importlib
import subprocess
from pathlib import Path

import pytest

from deploy import docs
from kernel.contracts import topology

ROOT = Path(__file__).resolve().parents[2]
MAX_LINES = 400
MAX_FUNCTION = 50


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "--", *patterns], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).exists()]


MODULES = tracked("kernel/*.py", "services/*.py", "gateway/*.py", "deploy/*.py")


def test_no_module_is_over_four_hundred_lines():
    long = {str(path.relative_to(ROOT)): n for path in MODULES if (n := len(path.read_text().splitlines())) > MAX_LINES}

    assert not long


def test_no_function_is_over_fifty_lines():
    long = {}
    for path in MODULES:
        if "migrations" in path.parts:
            continue  # a migration is one list of statements, read once from top to bottom
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                size = (node.end_lineno or node.lineno) - node.lineno + 1
                if size > MAX_FUNCTION:
                    long[f"{path.relative_to(ROOT)}:{node.name}"] = size

    assert not long


def test_no_docstring_breaks_off_in_its_first_line():
    broken = []
    for path in tracked("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            body = getattr(node, "body", None)
            for it in body if isinstance(body, list) else ():
                if isinstance(it, ast.Expr) and isinstance(it.value, ast.Constant) and isinstance(it.value.value, str):
                    first, *rest = it.value.value.splitlines()
                    if rest and not rest[0].strip() and first and (first[-1].isalnum() or first[-1] in ",;"):
                        broken.append(f"{path.relative_to(ROOT)}:{it.lineno}")

    assert not broken


def test_acts_know_no_language():
    """Texts for people are rendered where the reply leaves. Only forms and the offline check print by themselves."""
    speaking = []
    for path in tracked("services/*.py", "kernel/chassis/files/*.py", "kernel/chassis/lists/*.py"):
        if path.parent.name == "verify" or path.name == "__main__.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                names = {it.arg for it in (*node.args.args, *node.args.kwonlyargs)}
                if "language" in names:
                    speaking.append(f"{path.relative_to(ROOT)}:{node.name}")

    assert not speaking


@pytest.mark.parametrize("name", sorted(docs.PAGES))
def test_a_generated_page_is_fresh(name: str):
    written = (docs.GENERATED / name).read_text(encoding="utf-8")

    assert written == docs.PAGES[name](), "run ./simkeep docs"


def test_no_file_names_a_registry_or_carries_its_addresses():
    needles = ("--index-" + "url", "--extra-index-" + "url", "registry.npm" + "js", "files.python" + "hosted")
    found = [
        (path.relative_to(ROOT).as_posix(), needle)
        for path in tracked("*.txt", "*.in", "*.json", "*.toml", "*.py", "*.md", "simkeep", ".npmrc")
        for needle in needles
        if needle in path.read_text(encoding="utf-8", errors="replace")
    ]

    assert not found


@pytest.mark.parametrize("service", topology.SERVICES)
def test_every_service_can_be_loaded(service: str) -> None:
    """A method that stands twice, or one whose name a timer has too, stops the process at its start."""
    module = importlib.import_module(f"services.{service}.service")

    assert any(getattr(it, "name", None) == service for it in vars(module).values())
