"""Books as Apache POI and WPS Office write them, imitated by hand: neither program can be had on the build machines.

After POI's `SheetDataWriter` (streamed, and so EasyExcel) and `XSSFWorkbook`, and after packages of WPS 表格 11 and 12:
which parts there are and how they are called, which attributes stand where, what is left out and what is wrong.
"""

import io
import re
import zipfile
from collections.abc import Mapping

from tests.unit.files.books import MAIN, NUMBERS, OFFICE, PACKAGE, number
from tests.unit.files.other_hands import HEADS, LINES, _Pipe

TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
DECLARED = '<?xml version="1.0" encoding="UTF-8"?>\n'
ALONE = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_ROWS = [HEADS, *LINES]


def _packed(parts: Mapping[str, str], *, streamed: bool = False) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(_Pipe(out) if streamed else out, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[call-overload]
        for name, content in parts.items():
            archive.writestr(name, content.encode())
    return out.getvalue()


def _types(**kinds: str) -> str:
    listed = "".join(
        f'<Override ContentType="{_OFFICE_TYPE}.{kind}+xml" PartName="{part.replace("_", "/")}.xml"/>'
        for part, kind in kinds.items()
    )
    return (
        f'{ALONE}<Types xmlns="{TYPES}"><Default ContentType="application/vnd.openxmlformats-package.relationships+xml"'
        f' Extension="rels"/><Default ContentType="application/xml" Extension="xml"/>{listed}</Types>'
    )


def _relations(*ties: tuple[str, str]) -> str:
    listed = "".join(
        f'<Relationship Id="rId{at}" Target="{target}" Type="{OFFICE}/{kind}"/>'
        for at, (kind, target) in enumerate(ties, 1)
    )
    return f'{ALONE}<Relationships xmlns="{PACKAGE}">{listed}</Relationships>'


_POI_STYLES = (
    f'{DECLARED}<styleSheet xmlns="{MAIN}"><numFmts count="0"/><fonts count="1"><font><sz val="11.0"/></font></fonts>'
    '<cellXfs count="1"><xf numFmtId="0" fontId="0"/></cellXfs></styleSheet>'
)


def _poi(sheet: str, strings: str | None, *, book: str = '<workbookPr date1904="false"/>') -> bytes:
    """The sheet is no. 3 of the relations, behind texts and styles; a streamed book has an empty table of texts."""
    return _packed(
        {
            "[Content_Types].xml": _types(
                _xl_sharedStrings="sharedStrings", _xl_styles="styles", _xl_workbook="sheet.main",
                _xl_worksheets_sheet1="worksheet",
            ),
            "_rels/.rels": _relations(
                ("officeDocument", "xl/workbook.xml"), ("extended-properties", "docProps/app.xml")
            ),
            "docProps/app.xml": f"{DECLARED}<Properties><Application>Apache POI</Application></Properties>",
            "xl/sharedStrings.xml": strings or f'{DECLARED}<sst count="0" uniqueCount="0" xmlns="{MAIN}"/>',
            "xl/styles.xml": _POI_STYLES,
            "xl/workbook.xml": (
                f'{DECLARED}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{book}<bookViews><workbookView activeTab="0"/>'
                '</bookViews><sheets><sheet name="Sheet0" r:id="rId3" sheetId="1"/></sheets></workbook>'
            ),
            "xl/_rels/workbook.xml.rels": _relations(
                ("sharedStrings", "sharedStrings.xml"), ("styles", "styles.xml"), ("worksheet", "worksheets/sheet1.xml")
            ),
            "xl/worksheets/sheet1.xml": sheet,
        },
        streamed=True,
    )  # fmt: skip


def _poi_sheet(rows: str, dimension: str) -> str:
    return (
        f'{DECLARED}<worksheet xmlns="{MAIN}">{dimension}<sheetViews><sheetView workbookViewId="0" tabSelected="true"/>'
        f'</sheetViews><sheetFormatPr defaultRowHeight="15.0"/><sheetData>\n{rows}</sheetData><pageMargins '
        'bottom="0.75" footer="0.3" header="0.3" left="0.7" right="0.7" top="0.75"/></worksheet>'
    )


def _poi_streamed(*, space: str = "") -> bytes:
    """Inline texts, a line break behind every tag, the dimension of the empty template."""
    rows = "".join(
        f'<row r="{at}">\n'
        + "".join(
            f'<c r="{column}{at}" t="inlineStr"><is><t{space and " xml:space=" + chr(34) + "preserve" + chr(34)}>'
            f"{space}{text}{space}</t></is></c>\n"
            for column, text in zip("ABC", texts, strict=True)
        )
        + "</row>\n"
        for at, texts in enumerate(_ROWS, 1)
    )
    return _poi(_poi_sheet(rows, '<dimension ref="A1"/>'), None)


def _strings(declared: str, *, of: str = "<si><t>{}</t></si>") -> str:
    words = [text for texts in _ROWS for text in texts]
    entries = "".join(of.format(word) for word in words)
    return f'{declared}<sst xmlns="{MAIN}" count="{len(words)}" uniqueCount="{len(words)}">{entries}</sst>'


def _shared_rows(row: str = '<row r="{0}">', style: str = "") -> str:
    return "".join(
        row.format(at)
        + "".join(
            f'<c r="{column}{at}"{style} t="s"><v>{(at - 1) * 3 + place}</v></c>' for place, column in enumerate("ABC")
        )
        + "</row>"
        for at in range(1, len(_ROWS) + 1)
    )


def _poi_numbers() -> bytes:
    """``setCellValue(double)``: Java's own way of writing, with ``t="n"``."""
    made = _poi_streamed()
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    for _, imsi, msisdn in LINES:
        for text in (imsi, msisdn):
            java = f"{text[0]}.{text[1:].rstrip('0')}E{len(text) - 1}"
            sheet = sheet.replace(f't="inlineStr"><is><t>{text}</t></is>', f't="n"><v>{java}</v>')
    return _poi(sheet, None)


_WPS_BOOK = (
    '<fileVersion appName="xl" lastEdited="3" lowestEdited="5" rupBuild="9302"/><workbookPr{calendar}/><bookViews>'
    '<workbookView windowWidth="27945" windowHeight="12255" activeTab="0"/></bookViews>'
)
_WPS_COLUMNS = '<cols><col min="1" max="1" width="23.625" customWidth="1" style="1"/></cols>'


def _wps_sheet(rows: str, dimension: str = '<dimension ref="A1:C6"/>', after: str = "") -> str:
    return (
        f'{ALONE}<worksheet xmlns="{MAIN}" xmlns:r="{OFFICE}" xmlns:xdr="http://schemas.openxmlformats.org/drawingml/'
        '2006/spreadsheetDrawing" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
        'xmlns:etc="http://www.wps.cn/officeDocument/2017/etCustomData"><sheetPr/>'
        f'{dimension}<sheetViews><sheetView tabSelected="1" workbookViewId="0"><selection activeCell="A1" sqref="A1"/>'
        '</sheetView></sheetViews><sheetFormatPr defaultColWidth="9" defaultRowHeight="13.5" outlineLevelCol="2"/>'
        f"{_WPS_COLUMNS}<sheetData>{rows}</sheetData>{after}<pageMargins left=\"0.75\" right=\"0.75\" top=\"1\" "
        'bottom="1" header="0.5" footer="0.5"/><headerFooter/></worksheet>'
    )


def _wps(sheet: str, strings: str, *, calendar: str = "", pictures: bool = False) -> bytes:
    """Product properties, a theme, and with pictures in cells a sheet of WPS' own that nobody can show."""
    listed = '<sheet name="Sheet1" sheetId="1" r:id="rId1"/>'
    ties = [("worksheet", "worksheets/sheet1.xml"), ("theme", "theme/theme1.xml"), ("styles", "styles.xml"),
            ("sharedStrings", "sharedStrings.xml")]  # fmt: skip
    parts: dict[str, str] = {}
    if pictures:
        listed += '<sheet name="WpsReserved_CellImgList" sheetId="2" state="veryHidden" r:id="rId5"/>'
        ties += [("worksheet", "worksheets/sheet2.xml"), ("cellImage", "cellimages.xml")]
        reserved = f'<row r="1"><c r="A1" t="str"><v>{number(90)}</v></c></row>'
        parts["xl/worksheets/sheet2.xml"] = _wps_sheet(reserved)
        parts["xl/cellimages.xml"] = f'{ALONE}<etc:cellImages xmlns:etc="http://www.wps.cn/officeDocument/2017/etCustomData"/>'
    filtered = '<definedNames><definedName name="_xlnm._FilterDatabase" localSheetId="0" hidden="1">Sheet1!$A$1:$C$6'
    return _packed(
        {
            "_rels/.rels": _relations(
                ("officeDocument", "xl/workbook.xml"), ("custom-properties", "docProps/custom.xml")
            ),
            "docProps/app.xml": f"{ALONE}<Properties><Application>WPS 表格</Application></Properties>",
            "docProps/custom.xml": (
                f'{ALONE}<Properties><property pid="2" name="KSOProductBuildVer"><vt:lpwstr xmlns:vt="vt">'
                "2052-12.1.0.18276</vt:lpwstr></property></Properties>"
            ),
            "xl/workbook.xml": (
                f'{ALONE}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{_WPS_BOOK.format(calendar=calendar)}<sheets>'
                f'{listed}</sheets>{filtered}</definedName></definedNames><calcPr calcId="144525"/></workbook>'
            ),
            "xl/_rels/workbook.xml.rels": _relations(*ties),
            "xl/styles.xml": (
                f'{ALONE}<styleSheet xmlns="{MAIN}"><cellXfs count="2"><xf numFmtId="0"/>'
                '<xf numFmtId="49" quotePrefix="1" applyNumberFormat="1"/></cellXfs></styleSheet>'
            ),
            "xl/theme/theme1.xml": f"{ALONE}<a:theme xmlns:a=\"a\" name=\"WPS\"/>",
            "xl/sharedStrings.xml": strings,
            "xl/worksheets/sheet1.xml": sheet,
            **parts,
            "[Content_Types].xml": _types(
                _xl_workbook="sheet.main", _xl_worksheets_sheet1="worksheet", _xl_worksheets_sheet2="worksheet"
            ),
        }
    )  # fmt: skip


_SPANS = '<row r="{0}" spans="1:3" ht="14.25" customHeight="1">'
_WPS_TEXTS = _strings(ALONE)
_PICTURE = '<c r="D2"><f>_xlfn.DISPIMG("ID_0A1B",1)</f><v>=DISPIMG("ID_0A1B",1)</v></c></row>'

BOOKS: Mapping[str, bytes] = {
    "poi-streamed": _poi_streamed(),
    "poi-streamed-with-spaces": _poi_streamed(space=" "),
    "poi-streamed-numbers": _poi_numbers(),
    "poi-in-memory": _poi(_poi_sheet(_shared_rows(), '<dimension ref="A1:C6"/>'), _strings(DECLARED)),
    "poi-without-dimension": _poi(_poi_sheet(_shared_rows(), ""), _strings(DECLARED)),
    "wps": _wps(_wps_sheet(_shared_rows(_SPANS, ' s="1"')), _WPS_TEXTS),
    "wps-dimension-a1": _wps(_wps_sheet(_shared_rows(_SPANS), '<dimension ref="A1"/>'), _WPS_TEXTS),
    "wps-rich-with-spaces": _wps(
        _wps_sheet(_shared_rows(_SPANS, ' s="1"')),
        _strings(ALONE, of='<si><r><rPr><sz val="11"/><rFont val="宋体"/><charset val="134"/></rPr>'
                           '<t xml:space="preserve">{} </t></r></si>'),
    ),
    "wps-pictures-in-cells": _wps(
        _wps_sheet(re.sub("</row>", _PICTURE, _shared_rows(_SPANS), count=2)), _WPS_TEXTS, pictures=True
    ),
}  # fmt: skip
"""Name > XLSX with the five cards of NUMBERS."""


def dated(maker: str, *, from_1904: bool, serial: str) -> bytes:
    """A card and the day of its delivery, as a number of days."""
    row = f'<row r="1"><c r="A1" t="str"><v>ICCID</v></c><c r="B1" t="str"><v>日期</v></c></row><row r="2">' \
          f'<c r="A2" t="str"><v>{NUMBERS[0]}</v></c><c r="B2" s="1"><v>{serial}</v></c></row>'  # fmt: skip
    if maker == "POI":
        calendar = f'<workbookPr date1904="{"true" if from_1904 else "false"}"/>'
        return _poi(_poi_sheet(row, '<dimension ref="A1:B2"/>'), None, book=calendar)
    return _wps(_wps_sheet(row), _strings(ALONE), calendar=' date1904="1"' if from_1904 else "")
