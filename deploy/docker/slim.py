"""Takes out of a virtual environment what no process reads, then compiles what stays: `python3 slim.py VENV`.

Runs while an image is built, with the standard library only. Gone: the packages' own tests, headers and type stubs,
botocore's descriptions of all services but the blob store's, OpenCV's video and its own copy of a linear algebra
library (Debian's takes its place), and symbols of shared objects that only debuggers read.
"""

import compileall
import py_compile
import re
import shutil
import subprocess
import sys
from pathlib import Path

KEPT_OF_BOTOCORE = {"s3", "sts", "sso", "sso-oidc"}
"""The blob store, and what botocore asks for credentials."""
VIDEO = re.compile(r"lib(avcodec|avformat|avutil|swscale|swresample|vpx|drm|crypto|ssl)-")
"""What only cv2.VideoCapture and VideoWriter call. Nobody here films."""
ALGEBRA = re.compile(r"lib(openblas|gfortran|quadmath)")
UNREAD_FOLDERS = ("tests", "test", "testing", "include")
UNREAD_PARTS = (
    "numpy/f2py",
    "sqlalchemy/testing",
    "pygments/lexers/[!_]*.py",  # of programming languages, for coloured tracebacks
    "pygments/lexers/_*builtins.py",
    "PIL/_avif*",
    "pillow.libs/libavif*",
)
UNREAD_FILES = ("*.pyi", "*.pyx", "*.pxd", "*.c", "*.h", "*.a")


def slim(packages: Path) -> None:
    """Nothing is taken that another module of the same package imports; the start of every process proves it."""
    for name in UNREAD_FOLDERS:
        for folder in packages.rglob(name):
            if folder.is_dir() and not _imported(folder):
                shutil.rmtree(folder)
    for pattern in UNREAD_FILES:
        for file in packages.rglob(pattern):
            file.unlink()
    for pattern in UNREAD_PARTS:
        for part in packages.glob(pattern):
            shutil.rmtree(part) if part.is_dir() else part.unlink()
    if (packages / "cv2").is_dir():
        _slim_opencv(packages / "cv2/cv2.abi3.so", packages / "opencv_python_headless.libs")
    data = packages / "botocore/data"
    for folder in data.iterdir():
        if folder.is_dir() and folder.name not in KEPT_OF_BOTOCORE:
            shutil.rmtree(folder)
    objects = [str(file) for file in packages.rglob("*.so*") if file.is_file()]
    subprocess.run(["strip", "--strip-unneeded", *objects], check=False, stderr=subprocess.DEVNULL)


def _slim_opencv(library: Path, beside: Path) -> None:
    """Functions are bound when they are first called, so those of a library that is not there do no harm unless
    somebody calls them. Ends with an error when any other function than video's has no library any more."""
    for file in beside.iterdir():
        if VIDEO.match(file.name):
            subprocess.run(["patchelf", "--remove-needed", file.name, str(library)], check=True)
        elif file.name.startswith("libopenblas"):
            subprocess.run(["patchelf", "--replace-needed", file.name, "liblapack.so.3", str(library)], check=True)
            subprocess.run(["patchelf", "--add-needed", "libblas.so.3", str(library)], check=True)
    for file in list(beside.iterdir()):
        if VIDEO.match(file.name) or ALGEBRA.match(file.name):
            file.unlink()
    unbound = subprocess.run(["ldd", "-r", str(library)], capture_output=True, text=True, check=False)
    names = re.findall(r"undefined symbol: (\w+)", unbound.stdout + unbound.stderr)
    missing = [name for name in names if not re.match(r"_?(av|sws|swr|Py)", name)]
    missing += re.findall(r"(\S+) => not found", unbound.stdout)
    if missing:
        sys.exit(f"OpenCV would miss {missing[:20]}")


def _imported(folder: Path) -> bool:
    """NumPy's `testing` is part of what it gives to others."""
    return folder.name == "testing" and (folder / "__init__.py").exists()


if __name__ == "__main__":
    (site_packages,) = Path(sys.argv[1]).glob("lib/python3*/site-packages")
    slim(site_packages)
    unchecked = py_compile.PycInvalidationMode.UNCHECKED_HASH
    compileall.compile_dir(str(site_packages), quiet=2, invalidation_mode=unchecked)
