"""An XLSX as an archive: harmless or refused before anything is unpacked, its parts found by their relations.

Refused: macro books, old .xls, zip bombs, XML with a DTD. Part names may have any case and either slash.
"""

import posixpath
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO
from urllib.parse import unquote
from xml.parsers import expat

from kernel.chassis.files.batches import Limits, unreadable
from kernel.model.errors import DomainError

_CHUNK = 1 << 18
_TYPES = "[content_types].xml"
_SMALL_ENTRY = 1 << 20
_MAX_ENTRIES = 1000
_MAX_SHEETS = 200
_MAX_TOKEN = 4 << 20
_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")

Start = Callable[[str, dict[str, str]], None]


def unescaped(text: str) -> str:
    """``text`` with its _xHHHH_ escapes resolved; _x005F_ stands for the underscore of what only looks like one."""
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def local(name: str) -> str:
    """An XML name without its prefix."""
    return name.rpartition(":")[2]


@dataclass(frozen=True)
class SheetPart:
    """One sheet of the book, in the book's order."""

    name: str
    part: str
    hidden: bool


class Package:
    """The opened archive, a context manager. Raises file_kind_refused, file_too_large, file_not_readable."""

    def __init__(self, file: BinaryIO, limits: Limits) -> None:
        try:
            self._zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError) as error:
            raise unreadable("archive_damaged") from error
        self._parts = {name: entry for entry in self._zip.infolist() for name in _spellings(entry)}
        self._lost: set[str] = set()
        self._check(limits)
        self.book = self._book()
        self.from_1904 = False
        self._relations = self._related(self.book)

    def __enter__(self) -> "Package":
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def _check(self, limits: Limits) -> None:
        entries = self._zip.infolist()
        if any(name.endswith("vbaproject.bin") for name in self._parts):
            raise DomainError("file_kind_refused", kind="XLSM（含宏）")
        if any(entry.flag_bits & 1 for entry in entries):
            raise unreadable("encrypted")
        if len(entries) > _MAX_ENTRIES:
            raise unreadable("too_many_parts")
        if sum(entry.file_size for entry in entries) > limits.unpacked_bytes:
            raise DomainError("file_too_large", limit=f"{limits.unpacked_bytes >> 20} MiB", of="unpacked")
        for entry in entries:
            if entry.file_size > _SMALL_ENTRY and entry.file_size > limits.ratio * max(entry.compress_size, 1):
                raise DomainError("file_too_large", limit=f"1:{limits.ratio}", of="compression")

    def _book(self) -> str:
        """The workbook's part. Refuses what is no XLSX by the name of its kind."""
        found = self._related("").get("officedocument", {})
        part = next(iter(found.values()), None)
        if part is None:
            part = next((name for name in self._parts if name.endswith("workbook.xml")), None)
        if part is None or part.endswith(".bin") or not part.endswith(".xml"):
            raise DomainError("file_kind_refused", kind=self._kind())
        if "macroenabled" in self._type_of(part):
            raise DomainError("file_kind_refused", kind="XLSM（含宏）")
        return part

    def _type_of(self, part: str) -> str:
        """The content type of a part, as the package states it; "" when it states none of its own."""
        found: list[str] = []

        def on_type(tag: str, attributes: dict[str, str]) -> None:
            if local(tag) == "Override" and _path(attributes.get("PartName", "")) == part:
                found.append(attributes.get("ContentType", "").lower())

        if _TYPES in self._parts:
            self.parse(_TYPES, on_type)
        return found[0] if found else ""

    def _kind(self) -> str:
        for begin, kind in (("xl/workbook.bin", "XLSB"), ("word/", "DOCX"), ("ppt/", "PPTX"), ("content.xml", "ODS")):
            if any(name.startswith(begin) for name in self._parts):
                return kind
        return "ZIP"

    def _related(self, part: str) -> dict[str, dict[str, str]]:
        """Relations of a part, "" being the package: last word of the type > id > target."""
        folder, name = posixpath.split(part)
        relations = f"{folder}/_rels/{name}.rels".lstrip("/")
        found: dict[str, dict[str, str]] = {}

        def on_relation(tag: str, attributes: dict[str, str]) -> None:
            if local(tag) != "Relationship" or attributes.get("TargetMode") == "External":
                return
            kind = attributes.get("Type", "").rpartition("/")[2].lower()
            target = self._target(folder, attributes.get("Target", ""))
            if target is not None:
                found.setdefault(kind, {})[attributes.get("Id", "")] = target
            elif kind == "worksheet":
                self._lost.add(attributes.get("Id", ""))

        if relations in self._parts:
            self.parse(relations, on_relation)
        return found

    def _target(self, folder: str, target: str) -> str | None:
        for name in (target, unquote(target)):
            plain = name.replace("\\", "/").lower()
            path = plain if plain.startswith("/") else posixpath.join(folder, plain)
            path = posixpath.normpath(path).lstrip("/")
            if path in self._parts:
                return path
        return None

    def related(self, kind: str) -> str | None:
        """The workbook's one part of a kind (sharedstrings, styles), by its relations."""
        found = self._relations.get(kind, {})
        return next(iter(found.values()), None)

    def sheets(self) -> list[SheetPart]:
        """The sheets with cells. Raises file_not_readable for a book of hundreds, or for one that lacks a sheet."""
        found: list[SheetPart] = []
        parts = self._relations.get("worksheet", {})

        def on_tag(tag: str, attributes: dict[str, str]) -> None:
            match local(tag):
                case "workbookPr":
                    self.from_1904 = attributes.get("date1904", "").lower() in ("1", "true", "on")
                case "sheet":
                    own = next((value for key, value in attributes.items() if local(key) == "id"), "")
                    if own in self._lost:
                        raise unreadable("content_damaged")
                    if own in parts:
                        hidden = attributes.get("state", "visible").lower() != "visible"
                        found.append(SheetPart(unescaped(attributes.get("name", "")), parts[own], hidden))

        self.parse(self.book, on_tag)
        if len(found) > _MAX_SHEETS:
            raise unreadable("too_many_sheets")
        return found

    def parse(self, part: str, start: Start) -> None:
        """The whole of a small part."""
        parser = new_parser()
        parser.StartElementHandler = start
        for _ in self.feed(part, parser):
            pass

    def _opened(self, part: str) -> "zipfile.ZipExtFile":
        return self._zip.open(self._parts[part])  # type: ignore[return-value]

    def feed(self, part: str, parser: expat.XMLParserType) -> Iterator[None]:
        """Parses a part piece by piece, giving control back after each. No token may be longer than some megabytes."""
        try:
            with self._opened(part) as content:
                fed = 0
                while piece := content.read(_CHUNK):
                    parser.Parse(piece, False)
                    fed += len(piece)
                    if fed - parser.CurrentByteIndex > _MAX_TOKEN:
                        raise unreadable("content_damaged")
                    yield
                parser.Parse(b"", True)
                yield
        except (expat.ExpatError, zipfile.BadZipFile) as error:
            raise unreadable("content_damaged") from error
        except (EOFError, OSError, NotImplementedError, ValueError, RuntimeError) as error:
            raise unreadable("content_damaged") from error
        except Exception as error:
            if type(error).__module__ in ("zlib", "lzma", "_lzma"):
                raise unreadable("content_damaged") from error
            raise


_UTF8_NAME = 0x800


def _spellings(entry: zipfile.ZipInfo) -> list[str]:
    """How a part may be called. Archives made in China without the mark of UTF-8 have their names in GBK."""
    names = [_path(entry.filename)]
    if not entry.flag_bits & _UTF8_NAME and not entry.filename.isascii():
        for encoding in ("utf-8", "gbk"):
            try:
                names.append(_path(entry.filename.encode("cp437").decode(encoding)))
            except UnicodeError:
                continue
    return names


def _path(name: str) -> str:
    return posixpath.normpath(name.replace("\\", "/").lower()).lstrip("/")


def new_parser() -> expat.XMLParserType:
    """A parser that refuses every DTD: no entity is ever expanded."""

    def forbid(*_: object) -> None:
        raise unreadable("has_dtd")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = forbid
    parser.EntityDeclHandler = forbid
    return parser
