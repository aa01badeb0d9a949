"""The portal's static files, held in memory in plain and compressed form: 3 MB that never touch the disk again."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from gateway.portal import bundle

STATIC = Path(__file__).resolve().parent / "static"
_OWN = (".js", ".css", ".html", ".svg")
_APART = ("old-browser",)
"""Scripts that are no modules."""
_TYPES = {".js": "text/javascript", ".css": "text/css", ".html": "text/html", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class StaticFile:
    """``compressed`` is made once: compressing 1 MB for every cold browser costs 0.1 s of our only event loop."""

    content: bytes
    compressed: bytes
    media_type: str


@cache
def version() -> str:
    """Digest over our own files. It stands in their addresses: kept for ever, and never a day too long."""
    digest = hashlib.sha256(Path(bundle.__file__).read_bytes())
    for path in sorted(STATIC.iterdir()):
        if path.suffix in _OWN:
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]


@lru_cache(maxsize=128)
def load(name: str) -> StaticFile | None:
    """A file below ``static/`` by its relative name; None for anything else, above all for paths that climb out."""
    if name == bundle.NAME:
        return _bundled()
    path = (STATIC / name).resolve()
    if not path.is_relative_to(STATIC) or path.suffix not in _TYPES or not path.is_file():
        return None
    content = path.read_bytes()
    packed = path.with_name(path.name + ".gz")
    compressed = packed.read_bytes() if packed.is_file() else gzip.compress(content, 9, mtime=0)
    return StaticFile(content, compressed, f"{_TYPES[path.suffix]}; charset=utf-8")


def _bundled() -> StaticFile:
    scripts = {path.stem: path.read_text("utf-8") for path in STATIC.glob("*.js") if path.stem not in _APART}
    content = bundle.bundle(scripts, "app").encode()
    return StaticFile(content, gzip.compress(content, 9, mtime=0), f"{_TYPES['.js']}; charset=utf-8")
