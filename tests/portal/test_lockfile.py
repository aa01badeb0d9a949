"""The lockfile pins every package by content and names no registry: it installs from whichever one is configured."""

import json
from pathlib import Path

PORTAL = Path(__file__).resolve().parents[2] / "gateway" / "portal"
LOCK = json.loads((PORTAL / "package-lock.json").read_text("utf-8"))
PACKAGES = {name: entry for name, entry in LOCK["packages"].items() if name}


def _addresses(value: object, place: str = "") -> list[str]:
    if isinstance(value, dict):
        return [found for key, content in value.items() for found in _addresses(content, f"{place}/{key}")]
    if isinstance(value, list):
        return [found for content in value for found in _addresses(content, place)]
    return [place] if isinstance(value, str) and "://" in value else []


def test_no_package_is_bound_to_a_registry() -> None:
    assert not [name for name, entry in PACKAGES.items() if "resolved" in entry]
    # Where an author asks for donations is no registry.
    assert [place for place in _addresses(LOCK) if "/funding" not in place] == []


def test_every_package_is_pinned_by_its_content() -> None:
    assert [name for name, entry in PACKAGES.items() if not entry.get("integrity", "").startswith("sha512-")] == []


def test_our_own_dependencies_are_exact_versions() -> None:
    package = json.loads((PORTAL / "package.json").read_text("utf-8"))
    for kind in ("dependencies", "devDependencies"):
        assert package[kind] == LOCK["packages"][""][kind]
    for name, version in {**package["dependencies"], **package["devDependencies"]}.items():
        assert version == PACKAGES[f"node_modules/{name}"]["version"]


def test_npm_is_told_to_keep_it_so_and_to_run_no_scripts() -> None:
    settings = (PORTAL / ".npmrc").read_text("utf-8").split()
    assert "omit-lockfile-registry-resolved=true" in settings
    assert "ignore-scripts=true" in settings
    assert not [line for line in settings if "registry=" in line and not line.startswith("omit-")]
