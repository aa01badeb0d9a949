"""Which Debian package is installed where a need can be met by one or another."""

import os
import subprocess
from pathlib import Path

import pytest

from deploy.local import packages


@pytest.fixture
def choose(tmp_path: Path):
    """The installing shell's choice on a machine whose apt knows these packages only."""

    def chosen(name: str, *known: str) -> str:
        apt_cache = tmp_path / "apt-cache"
        apt_cache.write_text(f'#!/bin/sh\ncase " {" ".join(known)} " in *" $2 "*) exit 0;; esac\nexit 100\n')
        apt_cache.chmod(0o755)
        env = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
        script = f"{packages.CHOOSE}\nchoose '{name}'"
        done = subprocess.run(["sh", "-euc", script], env=env, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    return chosen


@pytest.mark.req("OPS-01")
def test_the_browser_without_windows_is_preferred_and_the_whole_one_taken_where_that_is_not_packaged(choose) -> None:
    assert choose(packages.CHROMIUM.package, "chromium-headless-shell", "chromium") == "chromium-headless-shell"
    assert choose(packages.CHROMIUM.package, "chromium") == "chromium"


def test_a_package_without_alternative_is_left_to_apt(choose) -> None:
    assert choose("postgresql") == "postgresql"


@pytest.mark.req("OPS-01")
def test_either_browser_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not packages.CHROMIUM.there()
    for name in ("chromium", "chromium-headless-shell"):
        (tmp_path / name).touch(mode=0o755)
        assert packages.browser() == str(tmp_path / name)
    assert packages.CHROMIUM.there()
