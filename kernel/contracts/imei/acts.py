"""Acts on devices by their codes: scans, transfers, sales, freezes, swaps (IME-07, IME-08, IME-10, IME-19)."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from kernel.contracts.imei.service import IMEI
from kernel.contracts.method import Reply, Request
from kernel.contracts.said import Text

MAX_SERIALS = 1000


class SerialsRequest(Request):
    """``serials``: any code of each device, as it was read or typed."""

    serials: list[str] = Field(min_length=1, max_length=MAX_SERIALS)


class RefusedSerial(Reply):
    """``row``: its place in the request, from 1. ``repair``: what the value most likely should be."""

    row: int
    serial: str
    code: str
    message: Text
    repair: str | None = None


class SerialAnswer(Reply):
    """The good ones are done; each of the others says why not."""

    done: int
    refused_count: int
    refused: list[RefusedSerial]


class ScanSerials(SerialsRequest):
    """Devices arrive at an organisation. ``client_id``: of this scan; sent again it is only answered again."""

    organisation: str = Field(min_length=1, max_length=32)
    client_id: UUID


class SellSerials(ScanSerials):
    """Devices are sold bare: 已领用未销售 > 已销售未补贴."""


class UndoScan(Request):
    """Takes back the last scan or sale of an organisation, exactly, or refuses."""

    organisation: str = Field(min_length=1, max_length=32)
    client_id: UUID


class TransferSerials(SerialsRequest):
    """Devices move to another organisation of the same level."""

    to_organisation: str = Field(min_length=1, max_length=32)
    reason: str | None = Field(default=None, max_length=500)


class FreezeSerials(SerialsRequest):
    """``cause``: why; a national list freezes by itself."""

    cause: Literal["suspected_fraud", "complaint", "audit", "other"]
    reason: str = Field(min_length=1, max_length=500)


class ThawSerials(SerialsRequest):
    """Frozen devices return to the state that they were frozen in."""

    reason: str = Field(min_length=1, max_length=500)


class WakeSerials(SerialsRequest):
    """Silent devices may be sold again."""

    reason: str = Field(min_length=1, max_length=500)


class SwapSerial(Request):
    """售后换机: ``serial`` comes back and is 置坏; ``replacement`` goes to the customer in its place.

    ``document``: number of the stamped swap list.
    """

    serial: str
    replacement: str
    organisation: str = Field(min_length=1, max_length=32)
    document: str = Field(min_length=1, max_length=128)


SCAN_SERIALS = IMEI.command("scan_serials", ScanSerials, SerialAnswer, "serial.scan")
SELL_SERIALS = IMEI.command("sell_serials", SellSerials, SerialAnswer, "serial.scan")
UNDO_SCAN = IMEI.command("undo_scan", UndoScan, SerialAnswer, "serial.scan")
TRANSFER_SERIALS = IMEI.command("transfer_serials", TransferSerials, SerialAnswer, "serial.scan")
FREEZE_SERIALS = IMEI.command("freeze_serials", FreezeSerials, SerialAnswer, "serial.freeze")
THAW_SERIALS = IMEI.command("thaw_serials", ThawSerials, SerialAnswer, "serial.freeze")
WAKE_SERIALS = IMEI.command("wake_serials", WakeSerials, SerialAnswer, "serial.edit")
SWAP_SERIAL = IMEI.command("swap_serial", SwapSerial, SerialAnswer, "serial.swap")
