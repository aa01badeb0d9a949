"""Serial codes against published test vectors (IME-01, IME-17)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.model.serial import (
    Refused,
    Serial,
    SerialKind,
    check_digit,
    esn_decimal,
    hex_luhn_digit,
    luhn_digit,
    meid_decimal,
    parse,
    pseudo_esn,
)


def serial(raw: str, *, network: bool = False) -> Serial:
    found = parse(raw, network=network)
    assert isinstance(found, Serial), found
    return found


def refusal(raw: str) -> tuple[str, str | None]:
    found = parse(raw)
    assert isinstance(found, Refused), found
    return found.code, found.repair


@pytest.mark.req("IME-01")
@pytest.mark.parametrize(
    ("raw", "key"),
    [
        ("260531793113837", "26053179311383"),
        ("490154203237518", "49015420323751"),
        ("352099001761481", "35209900176148"),
        ("354178036859789", "35417803685978"),
        ("3568680000414120", "35686800004141"),
        ("3520990017614823", "35209900176148"),
        ("af0123450abcde", "AF0123450ABCDE"),
        ("AF 01 23 45 0A BC DE C", "AF0123450ABCDE"),
        ("293608736500703710", "AF0123450ABCDE"),
        ("2936087365007037100", "AF0123450ABCDE"),
        ("FF000001123456F", "FF000001123456"),
        ("427819008101193046", "FF000001123456"),
        ("270113177609606898", "A10000009296F2"),
        ("089132876801532232", "35209900176148"),
        ("３５２０９９００１７６１４８１", "35209900176148"),
        ("\u200b352099-00-176148-1", "35209900176148"),
        ("E69FFFFF", "E69FFFFF"),
        ("23010485759", "E69FFFFF"),
        ("03502181471", "2321495F"),
        ("25516777215", None),
    ],
)
def test_one_code_has_one_key_however_it_is_written(raw: str, key: str | None):
    if key is None:
        assert refusal(raw) == ("serial_placeholder", None)
    else:
        assert serial(raw).key == key


@pytest.mark.req("IME-01")
@pytest.mark.parametrize(
    ("raw", "code", "repair"),
    [
        ("490154203237517", "serial_check_digit", "490154203237518"),
        ("352099001761482", "serial_check_digit", "352099001761481"),
        ("354178036859781", "serial_check_digit", "354178036859789"),
        ("353879234252630", "serial_check_digit", "353879234252633"),
        ("352099001761480", "serial_check_digit", "352099001761481"),
        # A public package shows it as valid; by TS 23.003 Annex B its digits add up to 58.
        ("352099081234563", "serial_check_digit", "352099081234565"),
        ("999999999900703710", "serial_out_of_range", None),
        ("293608736599999999", "serial_out_of_range", None),
        ("25616777215", "serial_out_of_range", None),
        ("25516777216", "serial_out_of_range", None),
        ("3.52099E+14", "serial_scientific", None),
        ("35209900176148X", "serial_characters", None),
        ("", "serial_blank", None),
        ("35209", "serial_length", None),
        ("000000000000000", "serial_placeholder", None),
        ("000000000000001", "serial_placeholder", None),
        ("00000000000000", "serial_placeholder", None),
        ("000000000000", "serial_placeholder", None),
        ("FFFFFFFFFFFFFF0", "serial_placeholder", None),
        ("FFFFFFFFFFFFFF", "serial_placeholder", None),
        ("00000000", "serial_placeholder", None),
    ],
)
def test_a_broken_code_is_told_with_its_repair_where_there_is_one(raw: str, code: str, repair: str | None):
    assert refusal(raw) == (code, repair)


@pytest.mark.req("IME-01")
def test_a_leading_zero_that_a_spreadsheet_lost_is_suggested():
    body = "01332700123456"
    whole = body + luhn_digit(body)

    assert refusal(whole[1:]) == ("serial_lost_zero", whole)


@pytest.mark.req("IME-15")
def test_the_check_digit_that_the_network_sends_as_zero_is_no_error_there():
    assert serial("352099001761480", network=True).text == "352099001761481"


@pytest.mark.req("IME-01")
def test_check_digits_and_derived_codes_are_as_published():
    assert (hex_luhn_digit("AF0123450ABCDE"), check_digit("26053179311383")) == ("C", "7")
    assert (hex_luhn_digit("FF000001123456"), hex_luhn_digit("A10000009296F2")) == ("F", "F")
    assert [pseudo_esn(each) for each in ("AF0123450ABCDE", "FF000001123456", "A10000009296F2")] == [
        "8016B128",
        "800737E1",
        "8075B7ED",
    ]
    assert [esn_decimal(each) for each in ("8016B128", "800737E1")] == ["12801487144", "12800473057"]
    assert meid_decimal("35209900176148") == "089132876801532232"


@pytest.mark.req("IME-01")
@pytest.mark.parametrize(
    ("raw", "warnings"),
    [
        ("001001012345678", ("serial_test_type",)),
        ("352099001761481", ()),
        ("260531793113837", ("serial_unknown_body",)),
    ],
)
def test_a_laboratorys_code_and_an_unknown_body_are_warnings(raw: str, warnings: tuple[str, ...]):
    text = raw[:14] + luhn_digit(raw[:14])

    assert serial(text).warnings == warnings


@pytest.mark.req("IME-17")
@given(st.integers(1, 2**56 - 2))
def test_every_key_comes_back_from_its_decimal_form(number: int):
    key = f"{number:014X}"

    found = parse(meid_decimal(key))

    assert isinstance(found, Serial)
    assert (found.key, found.number) == (key, number)
    assert (found.kind is SerialKind.MEID) or key.isdigit()
