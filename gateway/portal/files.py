"""The portal's static files, held in memory in plain and compressed form: 3 MB that never touch the disk again."""

import gzip
import hashlib
import json
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from gateway.portal import bundle, opening
from gateway.portal.texts import ENGLISH

STATIC = Path(__file__).resolve().parent / "static"
_OWN = (".js", ".css", ".html", ".svg")
_APART = ("early", "old-browser")
"""Scripts that are not part of the portal's own bundle."""
_WORDS = "english.json"
"""What the scripts say in English, needed before anyone has logged in; no such file is on the disk."""
_EARLY = "early.js"
_EARLY_NEEDS = ("early", "question", "plain")
_TYPES = {
    ".js": "text/javascript", ".css": "text/css", ".html": "text/html", ".svg": "image/svg+xml",
    ".json": "application/json",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class StaticFile:
    """``compressed`` is made once: compressing 1 MB for every cold browser costs 0.1 s of our only event loop."""

    content: bytes
    compressed: bytes
    media_type: str


@cache
def version() -> str:
    """Digest over our own files. It stands in their addresses: kept for ever, and never a day too long."""
    digest = hashlib.sha256(Path(bundle.__file__).read_bytes() + opening.script().encode() + _english())
    for path in sorted(STATIC.iterdir()):
        if path.suffix in _OWN:
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]


@lru_cache(maxsize=128)
def load(name: str) -> StaticFile | None:
    """A file below ``static/`` by its relative name; None for anything else, above all for paths that climb out."""
    if name == bundle.NAME:
        return _packed(bundle.bundle(_scripts(), "app").encode(), ".js")
    if name == _WORDS:
        return _packed(_english(), ".json")
    if name == _EARLY:
        early = {name: (STATIC / f"{name}.js").read_text("utf-8") for name in _EARLY_NEEDS}
        return _packed(bundle.bundle({**early, opening.NAME: opening.script()}, "early").encode(), ".js")
    path = (STATIC / name).resolve()
    if not path.is_relative_to(STATIC) or path.suffix not in _TYPES or not path.is_file():
        return None
    content = path.read_bytes()
    packed = path.with_name(path.name + ".gz")
    compressed = packed.read_bytes() if packed.is_file() else gzip.compress(content, 9, mtime=0)
    return StaticFile(content, compressed, f"{_TYPES[path.suffix]}; charset=utf-8")


def _scripts() -> dict[str, str]:
    return {path.stem: path.read_text("utf-8") for path in STATIC.glob("*.js") if path.stem not in _APART}


def _english() -> bytes:
    return json.dumps(ENGLISH, ensure_ascii=False, separators=(",", ":")).encode()


def _packed(content: bytes, suffix: str) -> StaticFile:
    return StaticFile(content, gzip.compress(content, 9, mtime=0), f"{_TYPES[suffix]}; charset=utf-8")
