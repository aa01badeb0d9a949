"""Card numbers out of terminals' answers, byte by byte (BND-12)."""

from __future__ import annotations

import pytest

from simkeep_station import decode

ICCID = "89860012345678901238"
pytestmark = pytest.mark.req("BND-12")


@pytest.mark.parametrize(
    ("data", "number"),
    [
        (ICCID.encode(), ICCID),
        (ICCID[:19].encode() + b"\x00", ICCID[:19]),
        (ICCID[:19].encode() + b" ", ICCID[:19]),
        (ICCID[:19].encode() + b"F", ICCID[:19]),
        (b"898600a2345678901234", "898600A2345678901234"),
    ],
)
def test_the_iccid_of_a_1376_1_frame_loses_only_its_padding(data: bytes, number: str):
    assert decode.iccid_1376_1(data) == number


@pytest.mark.parametrize(
    "data",
    [b"", ICCID[:12].encode(), bytes(20), b"F" * 20, b"\xff" * 20, b"8986001234567890 238", ICCID.encode() + b"\x00"],
)
def test_a_short_or_garbled_frame_is_a_fault_and_no_card(data: bytes):
    with pytest.raises(decode.ReadFaultError):
        decode.iccid_1376_1(data)


def test_the_cards_own_file_has_its_nibbles_swapped():
    assert decode.iccid_ef(bytes.fromhex("98680021436587092183")) == ICCID
    assert decode.iccid_ef(bytes.fromhex("986800214365870921F3")) == ICCID[:19]
    with pytest.raises(decode.ReadFaultError):
        decode.iccid_ef(bytes.fromhex("FFFFFFFFFFFFFFFFFFFF"))
    with pytest.raises(decode.ReadFaultError):
        decode.iccid_ef(b"\x98\x68")


def test_a_698_45_terminal_tells_number_subscriber_signal_and_msisdn():
    assert decode.iccid_698_45(b"\x0a\x14" + ICCID.encode()) == ICCID
    assert decode.imsi_698_45(b"\x0a\x0f460001234567890") == "460001234567890"
    assert decode.signal_698_45(b"\x10\xff\xa1") == -95
    assert decode.number_698_45(b"\x0a\x0b13800000000") == "13800000000"


@pytest.mark.parametrize(
    "data", [b"", b"\x00", b"\x0a\x14898600", b"\x12\x00\x01", b"\x0a\x02\xff\xff", b"\x0a\x00"]
)
def test_a_698_45_answer_that_is_cut_or_empty_is_a_fault(data: bytes):
    with pytest.raises(decode.ReadFaultError):
        decode.iccid_698_45(data)


@pytest.mark.parametrize("data", [b"\x10\x00\x10", b"\x10\x80\x00", b"\x10\x00"])
def test_a_signal_that_no_radio_has_is_a_fault(data: bytes):
    with pytest.raises(decode.ReadFaultError):
        decode.signal_698_45(data)
