"""Deliveries and lists as other programs and people write them: each holds the five cards of NUMBERS, and nothing else.

What makes each odd stands in its name. Written with nothing but zipfile, so that every quirk is there and stays there.
"""

import io
import re
import zipfile
from collections.abc import Callable, Mapping

from tests.unit.files.books import MAIN, NUMBERS, OFFICE, book, number, row, sheet

HEADS = ("ICCID", "IMSI", "MSISDN")
LINES = [(iccid, f"46004000000000{at}", f"1064800000{at:03d}") for at, iccid in enumerate(NUMBERS, 1)]
STRICT = {
    MAIN: "http://purl.oclc.org/ooxml/spreadsheetml/main",
    OFFICE: "http://purl.oclc.org/ooxml/officeDocument/relationships",
}


def rows(heads: tuple[str, ...] = HEADS, start: int = 1) -> str:
    """A head and the five cards, from the row ``start`` on."""
    return row(start, *heads) + "".join(row(start + at, *line) for at, line in enumerate(LINES, 1))


def one(content: str, before: str = "", after: str = "") -> bytes:
    return book({"Sheet1": sheet(content, before, after)})


def repacked(
    made: bytes,
    change: Callable[[str, bytes], tuple[str, bytes]] = lambda name, data: (name, data),
    *,
    streamed: bool = False,
    folders: bool = False,
    method: int = zipfile.ZIP_DEFLATED,
) -> bytes:
    """The parts of a book in another archive, each as ``change`` gives it."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(made)) as old,
        zipfile.ZipFile(_Pipe(out) if streamed else out, "w", method) as new,  # type: ignore[call-overload]
    ):
        for folder in ("xl/", "xl/worksheets/", "_rels/") if folders else ():
            new.writestr(folder, "")
        for name in old.namelist():
            new.writestr(*change(name, old.read(name)))
    return out.getvalue()


class _Pipe(io.RawIOBase):
    """Where nothing can be written anew: sizes then follow the data, as streaming writers leave them."""

    def __init__(self, out: io.BytesIO) -> None:
        self._out = out

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def tell(self) -> int:
        return self._out.tell()

    def write(self, data: bytes) -> int:  # type: ignore[override]
        return self._out.write(data)


def _at(target: str) -> bytes:
    """The sheet's relation names it so."""
    return book({"a": sheet(rows())}, targets={"xl/worksheets/sheet1.xml": target})


def _everywhere(text: Callable[[str], str | bytes]) -> bytes:
    def changed(name: str, data: bytes) -> tuple[str, bytes]:
        said = text(data.decode())
        return name, said if isinstance(said, bytes) else said.encode()

    return repacked(one(rows()), changed)


def _prefixed(xml: str) -> str:
    """Every element with a prefix, as some generators write it; relations have none."""
    return xml if "package/2006" in xml else re.sub(r"<(/?)(?=\w)", r"<\1x:", xml).replace("xmlns=", "xmlns:x=")


def _strict(xml: str) -> str:
    for known, strict in STRICT.items():
        xml = xml.replace(known, strict)
    return xml


def _shared() -> bytes:
    """Rich runs and the readings of Chinese characters that WPS and Excel keep beside a text."""
    words = ["ICCID", "IMSI", "MSISDN", *(text for line in LINES for text in line)]
    entries = "".join(
        f"<si><r><rPr><b/></rPr><t>{word[:4]}</t></r><r><t>{word[4:]}</t></r>"
        '<rPh sb="0" eb="1"><t>999</t></rPh><phoneticPr fontId="1"/></si>'
        for word in words
    )
    cells = "".join(
        f'<row r="{at + 1}">'
        + "".join(f'<c r="{column}{at + 1}" t="s"><v>{at * 3 + place}</v></c>' for place, column in enumerate("ABC"))
        + "</row>"
        for at in range(6)
    )
    return book({"Sheet1": sheet(cells)}, texts=f'<sst xmlns="{MAIN}">{entries}</sst>')


def _numbers(imsi: Callable[[str], str], msisdn: Callable[[str], str]) -> bytes:
    """IMSI and MSISDN as numbers, in the way that a program prints them."""
    content = rows()
    for _, imsi_text, msisdn_text in LINES:
        for text, said in ((imsi_text, imsi(imsi_text)), (msisdn_text, msisdn(msisdn_text))):
            content = content.replace(f't="inlineStr"><is><t>{text}</t></is>', f"><v>{said}</v>")
    return one(content)


_APPLE = row(1, "This document was exported from Numbers.") + row(3, "", "Numbers Sheet Name", "Excel Worksheet Name")
_ALTERNATE = (
    '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><mc:Choice>'
    "<a/></mc:Choice></mc:AlternateContent>"
)
_EMPTY_ROWS = "".join(f'<row r="{at}"><c r="A{at}" s="1"/><c r="B{at}" s="1"/></row>' for at in range(7, 1001))
_TITLES = row(1, "交接清单") + row(2, "日期：2026-11-20", "", "交接人：王芳")
_EXTENSION = f"<extLst><ext><sheetData>{row(1, number(91))}</sheetData></ext></extLst>"
_OTHER_HEADS = (
    "ＩＣＣＩＤ", "*ICCID（必填）", "ICCID(20位)", "iccid_no", "SIM卡ICCID号", "Iccid&#10;卡号", "卡识别码",
    "SIM卡序列号",
)  # fmt: skip

BOOKS: Mapping[str, bytes] = {
    "rich-and-phonetic": _shared(),
    "strict": _everywhere(_strict),
    "prefixed": _everywhere(_prefixed),
    "without-references": one(re.sub(r' r="[A-Z]+\d+"', "", rows())),
    "without-row-numbers": one(re.sub(r'<row r="\d+"', "<row", rows())),
    "lower-case-references": one(re.sub(r'r="([A-Z])(\d)', lambda it: f'r="{it[1].lower()}{it[2]}', rows())),
    "runs-within-a-cell": one(re.sub(r"<t>(\d{6})(\d+)</t>", r"<r><t>\1</t></r><r><t>\2</t></r>", rows())),
    "results-of-formulas": one(re.sub(r't="inlineStr"><is><t>(.*?)</t></is>', r't="str"><f>B1</f><v>\1</v>', rows())),
    "absolute-target": _at("/xl/worksheets/sheet1.xml"),
    "backslash-target": _at("worksheets\\sheet1.xml"),
    "target-with-dots": _at("./../xl/worksheets/sheet1.xml"),
    "backslashes-in-the-archive": repacked(one(rows()), lambda name, data: (name.replace("/", "\\"), data)),
    "streamed": repacked(one(rows()), streamed=True),
    "folders-in-the-archive": repacked(one(rows()), folders=True),
    "not-compressed": repacked(one(rows()), method=zipfile.ZIP_STORED),
    "byte-order-marks": _everywhere(lambda xml: f'\ufeff<?xml version="1.0" encoding="UTF-8"?>{xml}'),
    "utf-16": _everywhere(lambda xml: f'<?xml version="1.0" encoding="UTF-16"?>{xml}'.encode("utf-16")),
    "doubles-as-java-prints-them": _numbers(lambda n: f"{n[0]}.{n[1:]}E14", lambda n: f"{n[0]}.{n[1:]}E12"),
    "numbers-with-point-zero": _numbers(lambda n: f"{n}.0", lambda n: f"{n}.0"),
    "hidden-sheet-first": book(
        {"a": sheet(row(1, *HEADS) + row(2, number(90), *LINES[0][1:])), "b": sheet(rows())}, states={"a": "veryHidden"}
    ),
    "empty-sheet-first": book({"a": sheet(""), "b": sheet(rows())}),
    "summary-first": book({"Export Summary": sheet(_APPLE), "b": sheet(row(1, "表格 1") + rows(start=2))}),
    "a-thousand-empty-rows": one(rows() + _EMPTY_ROWS, '<dimension ref="A1:Z1000"/>'),
    "dimension-too-large": one(rows(), '<dimension ref="A1:XFD1048576"/>'),
    "dimension-too-small": one(rows(), '<dimension ref="A1"/>'),
    "blank-in-the-last-row": one(rows() + row(1048576, " ")),
    "titles-and-sums": one(_TITLES + rows(start=3) + row(9, "合计", "5")),
    "alternate-content": book({"a": sheet(rows())}, workbook=_ALTERNATE),
    "rows-in-an-extension": one(rows(), after=_EXTENSION),
    "cdata": one(re.sub(r"<t>(\d+)</t>", r"<t><![CDATA[\1]]></t>", rows())),
    "numeric-entities": one(re.sub(r"<t>8(986\d+)</t>", r"<t>&#x38;\1</t>", rows())),
    "fours": one(re.sub(r"<t>(8986\d+)</t>", lambda it: f"<t>{' '.join(re.findall('.{1,4}', it[1]))}</t>", rows())),
    "hyphens-and-wide-spaces": one(re.sub(r"<t>(8986)(\d+)</t>", "<t>\u00a0\\1-\\2\u3000</t>", rows())),
    "wide-digits": one(
        re.sub(r"<t>(8986\d+)</t>", lambda it: f"<t>{''.join(chr(0xFEE0 + ord(c)) for c in it[1])}</t>", rows())
    ),
    **{f"head {head}": one(rows((head, "IMSI号", "物联网号码"))) for head in _OTHER_HEADS},
}
"""Name > XLSX."""


def _text(separator: str = ",", end: str = "\r\n", quote: str = "") -> str:
    return "".join(separator.join(f"{quote}{cell}{quote}" for cell in line) + end for line in (HEADS, *LINES))


TEXTS: Mapping[str, bytes] = {
    "carriage-returns": _text(end="\r").encode(),
    "sep-line": f"sep=;\r\n{_text(';')}".encode("utf-8-sig"),
    "quoted-gbk": _text(quote='"').encode("gbk"),
    "utf-16-tabs": _text("\t").encode("utf-16"),
    "utf-16-be-without-mark": _text("\t").encode("utf-16-be"),
    "utf-16-le-without-mark": _text().encode("utf-16-le"),
    "control-z": _text().encode() + b"\x1a",
    "zeros-behind-the-end": _text().encode() + b"\0" * 512,
    "a-megabyte-of-zeros": _text().encode() + b"\0" * (1 << 21),
    "commas-at-the-ends": _text(end=",,,\r\n").encode(),
    "wide-commas": _text("，").encode("gbk"),
    "wide-semicolons": _text("；").encode(),
    "empty-lines": _text(end="\r\n\r\n").encode(),
    "guards": _text(quote="'").encode(),
    "formulas": "".join(",".join(f'"=""{cell}"""' for cell in line) + "\r\n" for line in (HEADS, *LINES)).encode(),
    "titles": f"某省移动物联网卡清单,,\r\n日期:2026-11-20,,\r\n\r\n{_text()}".encode("gbk"),
    "two-marks": b"\xef\xbb\xbf\xef\xbb\xbf" + _text().encode(),
    "odd-breaks-in-a-remark": _text(end=",甲\u2028乙\x0b丙\x0c丁\x85戊\n").replace("MSISDN,甲", "MSISDN,备").encode(),
    "rare-characters": _text(end=",𠮷祥路㐂\r\n").encode("gb18030"),
}
"""Name > CSV or text."""
