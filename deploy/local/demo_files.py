"""Delivery files of the demo: good ones, and careless ones as they come in practice."""

from __future__ import annotations

import io
import tempfile
from typing import IO

import xlsxwriter

from deploy.local.carriers_catalogue import Batch

_ROWS_AT_ONCE = 20_000


def gbk_csv(batch: Batch) -> bytes:
    """As a spreadsheet program on Chinese Windows saves it, with a remark column, a row twice and two broken lines."""
    lines = ["序号,卡号,IMSI号,手机号,备注"]
    for number, card in enumerate(batch.cards(0, batch.count), 1):
        lines.append(f"{number},{card['iccid']},{card['imsi']},{card['msisdn']},正常")
    lines.insert(60, lines[40])
    lines.insert(80, "合计")
    lines.insert(100, '"81,未闭合的引号')
    return "\r\n".join(lines).encode("gb18030")


def xlsx(batch: Batch) -> bytes:
    """A workbook; three of its ICCIDs were typed as numbers and lost their last digits."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("交货清单")
        sheet.write_row(0, 0, ["ICCID", "IMSI", "MSISDN"])
        for row, card in enumerate(batch.cards(0, batch.count), 1):
            if row % 25 == 0:
                sheet.write_number(row, 0, float(card["iccid"]))
            else:
                sheet.write_string(row, 0, card["iccid"])
            sheet.write_string(row, 1, card["imsi"])
            sheet.write_string(row, 2, card["msisdn"])
    return out.getvalue()


def large_csv(batch: Batch) -> IO[bytes]:
    """A CSV of any size, on disk."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  it lives as long as its upload
    file.write(b"ICCID,IMSI,MSISDN\n")
    for start in range(0, batch.count, _ROWS_AT_ONCE):
        cards = batch.cards(start, start + _ROWS_AT_ONCE)
        file.write("".join(f"{card['iccid']},{card['imsi']},{card['msisdn']}\n" for card in cards).encode())
    file.seek(0)
    return file
