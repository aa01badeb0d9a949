"""documents' unit tests inside its image, as part of `./simkeep check images`.

The image was made small by taking out what nobody should need (deploy/docker/slim.py); these tests read and draw paper
with the very libraries that are left. The image has no test tool: tests, and pytest with what it needs, are mounted
from outside. Of what pytest needs documents uses nothing, so nothing under test is replaced by it; what tests read
sheets with comes last on the path, so that the image's own libraries go before.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING

from deploy.local.console import CannotContinueError, say, step
from deploy.local.stack import CHECKOUT

if TYPE_CHECKING:
    from deploy.local.images import Containers

MOUNTED = {"tools": ("pytest", "hypothesis"), "readers": ("pdfplumber",)}
SUITE = "tests/unit/documents"
IMAGE = "localhost/simkeep-documents:1"
INSIDE = "/check"
RUN = f"""
import sys
sys.path = ["{INSIDE}/tools", "{INSIDE}", *sys.path, "{INSIDE}/readers"]
import cv2, pytest
assert cv2.__file__.startswith("/opt/simkeep/venv/"), cv2.__file__
sys.exit(pytest.main([
    "-q", "-p", "no:cacheprovider", "-p", "no:pytest_nameko", "--noconftest", "--import-mode=importlib",
    "--rootdir={INSIDE}", "-c", "/dev/null",
    "-W", "ignore::pytest.PytestUnknownMarkWarning", "{SUITE}",
]))
"""


def tools_of(names: tuple[str, ...]) -> list[str]:
    """`names` and all that they need, of this environment."""
    found: list[str] = []
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        try:
            needs = distribution(name).requires or []
        except PackageNotFoundError:  # for another version of Python
            continue
        if name not in found:
            found.append(name)
            waiting += [re.split(r"[^A-Za-z0-9._-]", need)[0] for need in needs if "extra ==" not in need]
    return sorted(found)


def copy_tools(names: tuple[str, ...], folder: Path) -> None:
    for name in tools_of(names):
        package = distribution(name)
        for file in package.files or ():
            source, place = Path(str(package.locate_file(file))), folder / Path(file)
            if ".." in Path(file).parts or source.suffix == ".pyc" or not source.is_file():
                continue
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, place)


def run(containers: Containers) -> None:
    """Raises CannotContinueError when one fails."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        mounts = [f"{CHECKOUT / 'tests'}:{INSIDE}/tests:ro"]
        for place, names in MOUNTED.items():
            copy_tools(names, folder / place)
            mounts.append(f"{folder / place}:{INSIDE}/{place}:ro")
        options = [part for mount in mounts for part in ("-v", mount)]
        limits = ("--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--network", "none")  # noqa: S108
        with step("Running documents' unit tests inside its image"):
            said = containers.run("podman", "run", "--rm", *limits, *options, "-w", INSIDE, IMAGE, "python", "-c", RUN)
        last = said.strip().splitlines()[-1]
        say(f"  {last}")
        if "passed" not in last:
            raise CannotContinueError(f"No test ran inside the image.\n{said}")
