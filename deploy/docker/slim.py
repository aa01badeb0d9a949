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
import tempfile
from pathlib import Path

KEPT_OF_BOTOCORE = {"s3", "sts", "sso", "sso-oidc"}
"""The blob store, and what botocore asks for credentials."""
VIDEO = re.compile(r"lib(avcodec|avformat|avutil|swscale|swresample|vpx|drm|crypto|ssl)-")
"""What only cv2.VideoCapture and VideoWriter call. Nobody here films."""
ALGEBRA = re.compile(r"lib(openblas|gfortran|quadmath)")
AVIF = re.compile(r"lib(avif|aom)-")
"""A kind of picture that nobody uploads; OpenCV asks its library for a decoder at its start, and gets none."""
DEBIANS = {"libcrypto-*.so.3": "libcrypto.so.3", "libssl-*.so.3": "libssl.so.3"}
"""What wheels bring along > the same of Debian, which Python has anyway: smaller, and kept safe by its updates."""
DEBIANS_WITH_LAPACK = {"libgfortran-*.so.5*": "libgfortran.so.5", "libquadmath-*.so.0*": "libquadmath.so.0"}
"""The same for the image that has liblapack3."""
SYSTEM_LIBRARIES = Path("/usr/lib/x86_64-linux-gnu")
UNREAD_FOLDERS = ("tests", "test", "testing", "include")
UNREAD_PARTS = (
    "numpy/f2py",
    "sqlalchemy/testing",
    "sqlalchemy/dialects/m*sql",  # other databases
    "sqlalchemy/dialects/oracle",
    "lxml/includes",
    "pygments/lexers/[!_]*.py",  # of programming languages, for coloured tracebacks
    "pygments/lexers/_*builtins.py",
    "lxml/objectify*",
    "lxml/html",
    "lxml/isoschematron",
    "cv2/data/*.xml",  # for finding faces
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
    unread = [file for pattern in UNREAD_FILES for file in packages.rglob(pattern)]
    for part in [*unread, *(part for pattern in UNREAD_PARTS for part in packages.glob(pattern))]:
        shutil.rmtree(part) if part.is_dir() else part.unlink(missing_ok=True)
    if (packages / "cv2").is_dir():
        _slim_opencv(packages / "cv2/cv2.abi3.so", packages / "opencv_python_headless.libs")
        _use_debians(packages, DEBIANS_WITH_LAPACK)
    _use_debians(packages, DEBIANS)
    data = packages / "botocore/data"
    for folder in data.iterdir():
        if folder.is_dir() and folder.name not in KEPT_OF_BOTOCORE:
            shutil.rmtree(folder)
    for file in packages.rglob("*.so*"):
        if not file.is_symlink():
            _strip(file)


def _strip(file: Path) -> None:
    """Some wheels' libraries were rewritten in a way that strip spoils: what cannot be loaded then stays as it was."""
    stripped = file.with_name(f"{file.name}.stripped")
    subprocess.run(["strip", "--strip-unneeded", "-o", str(stripped), str(file)], check=False, capture_output=True)
    load = "import ctypes, sys; ctypes.CDLL(sys.argv[1])"
    if subprocess.run([sys.executable, "-c", load, str(stripped)], check=False, capture_output=True).returncode == 0:
        stripped.chmod(file.stat().st_mode)
        stripped.replace(file)
    else:
        stripped.unlink(missing_ok=True)


def _use_debians(packages: Path, libraries: dict[str, str]) -> None:
    for pattern, name in libraries.items():
        for file in packages.glob(f"*.libs/{pattern}"):
            file.unlink()
            file.symlink_to(SYSTEM_LIBRARIES / name)


def _slim_opencv(library: Path, beside: Path) -> None:
    """In the place of video's and AVIF's libraries come ones whose functions do nothing. Ends with an error when a
    function of OpenCV has no library any more."""
    wanted, functions = _versions_of_needed(library), _functions_of_video(library)
    for file in list(beside.iterdir()):
        if ALGEBRA.match(file.name):
            if file.name.startswith("libopenblas"):
                subprocess.run(["patchelf", "--replace-needed", file.name, "liblapack.so.3", str(library)], check=True)
                subprocess.run(["patchelf", "--add-needed", "libblas.so.3", str(library)], check=True)
            file.unlink()
        elif VIDEO.match(file.name):
            file.unlink()
            if file.name in wanted:
                _empty_library(file, functions[wanted[file.name]], wanted[file.name])
        elif AVIF.match(file.name):
            file.unlink()
            if file.name.startswith("libavif"):
                _empty_library(file, functions["avif"])
    unbound = subprocess.run(["ldd", "-r", str(library)], capture_output=True, text=True, check=False)
    names = re.findall(r"undefined symbol: (\w+)", unbound.stdout + unbound.stderr)
    missing = [name for name in names if not re.match(r"_?Py", name)]
    missing += re.findall(r"(\S+) => not found", unbound.stdout)
    if missing:
        sys.exit(f"OpenCV would miss {missing[:20]}")


def _functions_of_video(library: Path) -> dict[str, list[str]]:
    """Version, as LIBAVCODEC_62 > the functions of it that are asked for; those of AVIF under avif."""
    told = subprocess.run(["readelf", "-W", "--dyn-syms", str(library)], capture_output=True, text=True, check=True)
    found: dict[str, list[str]] = {}
    for name, version in re.findall(r"UND (\w+)@(LIB\w+)", told.stdout):
        found.setdefault(version, []).append(name)
    return found | {"avif": re.findall(r"UND (avif\w+)\n", told.stdout)}


def _versions_of_needed(library: Path) -> dict[str, str]:
    """Library > the version of it that is asked for."""
    told = subprocess.run(["readelf", "-W", "-V", str(library)], capture_output=True, text=True, check=True).stdout
    return dict(re.findall(r"File: (lib(?:av|sw)\S+) .*\n.*Name: (\w+)", told))


def _empty_library(file: Path, functions: list[str], version: str | None = None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "version"
        script.write_text(f"{version} {{ global: *; }};")
        source = Path(folder) / "nobody_films.c"
        source.write_text("".join(f"void *{name}(void) {{ return 0; }}\n" for name in functions))
        options = ["-shared", "-fPIC", "-nostdlib", f"-Wl,-soname,{file.name}"]
        options += [f"-Wl,--version-script,{script}"] if version else []
        subprocess.run(["gcc", "-w", *options, "-o", str(file), str(source)], check=True)


def _imported(folder: Path) -> bool:
    """NumPy's `testing` is part of what it gives to others."""
    return folder.name == "testing" and (folder / "__init__.py").exists()


if __name__ == "__main__":
    (site_packages,) = Path(sys.argv[1]).glob("lib/python3*/site-packages")
    slim(site_packages)
    unchecked = py_compile.PycInvalidationMode.UNCHECKED_HASH
    compileall.compile_dir(str(site_packages), quiet=2, invalidation_mode=unchecked)
    loads = "import cryptography.fernet, numpy.linalg, psycopg"
    if (site_packages / "cv2").is_dir():
        loads += ", cv2; cv2.imencode('.png', numpy.zeros((9, 9), 'u1'))"
    subprocess.run([f"{sys.argv[1]}/bin/python", "-c", loads], check=True)
