"""IEC 62056-21 mode C: a whole readout, at every split, and whatever a head may bring."""

from decimal import Decimal
from functools import reduce
from operator import xor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_io import iec62056_21
from firmware_io.iec62056_21 import (
    ENERGY_IMPORT,
    TARIFFS_IMPORT,
    Identification,
    ReadoutError,
    ReadoutReader,
    acknowledgement,
    constant_imp_per_kWh,
    energy_kWh,
    sign_on,
)

IDENTIFIES = b"/ABC5\\2DEMO-1\r\n"
LINES = (
    b"0.0.0(33012764)\r\n0.3.0(1600*imp/kWh)\r\n0.9.1(231559)\r\n0.9.2(261124)\r\n"
    b"1-0:1.8.0*255(0001206.42*kWh)\r\n1.8.1(0000800.40*kWh)\r\n1.8.2(0000406.02*kWh)\r\n"
    b"2.8.0(0000000.00*kWh)\r\n16.7(00.331*kW)\r\n!\r\n"
)


def message(lines: bytes) -> bytes:
    checked = lines + b"\x03"
    return b"\x02" + checked + bytes([reduce(xor, checked)])


READOUT = message(LINES)
MOST_BYTES = 1 << 16


def test_the_requests_are_those_of_the_standard() -> None:
    assert sign_on() == b"/?!\r\n"
    assert sign_on("33012764") == b"/?33012764!\r\n"
    assert acknowledgement(Identification("ABC", "5", "")) == b"\x06050\r\n"


def test_only_a_readout_can_be_asked_for() -> None:
    for character in iec62056_21.BAUD_RATES:
        assert (
            acknowledgement(Identification("ABC", character, "")) == b"\x060" + character.encode() + b"0\r\n"
        )


@pytest.mark.parametrize("address", ["a!b", "é", "1" * 33, "1\r\n"])
def test_an_address_cannot_smuggle_in_another_command(address: str) -> None:
    with pytest.raises(ValueError, match="device address"):
        sign_on(address)


@pytest.mark.parametrize("echo", [b"", b"/?!\r\n", b"\x00\xff"])
def test_the_meter_says_who_it_is_and_how_fast_it_talks(echo: bytes) -> None:
    found = ReadoutReader().identification(echo + IDENTIFIES)
    assert found == Identification("ABC", "5", "\\2DEMO-1")
    assert found is not None
    assert found.baud == 9600


@pytest.mark.parametrize("split", range(len(READOUT) + 1))
def test_a_readout_may_come_in_any_two_pieces(split: int) -> None:
    reader = ReadoutReader()
    found = reader.readout(READOUT[:split]) or reader.readout(READOUT[split:])
    assert found is not None
    assert found.raw == READOUT
    assert energy_kWh(found, ENERGY_IMPORT) == Decimal("1206.42")
    assert [energy_kWh(found, code) for code in TARIFFS_IMPORT[:2]] == [Decimal("800.40"), Decimal("406.02")]
    assert energy_kWh(found, TARIFFS_IMPORT[2]) is None
    assert constant_imp_per_kWh(found) == 1600
    assert found.registers["0.9.1"].value == "231559"


def registers_of(lines: bytes) -> iec62056_21.Readout:
    found = ReadoutReader().readout(message(lines))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("line", "value"),
    [
        (b"1.8.0(1234.5*kWh)", "1234.5"),
        (b"1.8.0(1234567*Wh)", "1234.567"),
        (b"1.8.0(1.234567*MWh)", "1234.567"),
        (b"1.8.0(0012.30)", "12.30"),
        (b"1-1:1.8.0(7.0*kWh)(2026)", "7.0"),
    ],
)
def test_units_are_brought_to_kWh_and_decimals_are_kept(line: bytes, value: str) -> None:
    assert str(energy_kWh(registers_of(line), ENERGY_IMPORT)) == value


@pytest.mark.parametrize("line", [b"1.8.0(*kWh)", b"1.8.0(12,3*kWh)", b"1.8.0(1e9)", b"1.8.0(5*kvarh)"])
def test_what_is_no_energy_is_refused(line: bytes) -> None:
    with pytest.raises(ReadoutError):
        energy_kWh(registers_of(line), ENERGY_IMPORT)


@given(st.integers(1, len(READOUT) - 1), st.integers(1, 127))
def test_one_wrong_byte_never_changes_a_figure(at: int, change: int) -> None:
    wrong = bytearray(READOUT)
    wrong[at] ^= change
    try:
        found = ReadoutReader().readout(bytes(wrong))
    except ReadoutError:
        return
    assert found is None or found.raw == READOUT


@given(st.lists(st.binary(max_size=200), max_size=20))
def test_whatever_comes_is_read_or_refused_and_memory_is_bounded(pieces: list[bytes]) -> None:
    reader = ReadoutReader()
    for piece in pieces:
        reader.identification(piece)
        assert len(reader._held) <= 64 + 200
    for piece in (b"\x02", *pieces):
        try:
            reader.readout(piece)
        except ReadoutError:
            return
        assert len(reader._held) <= MOST_BYTES + 200


def test_a_readout_that_does_not_end_is_refused() -> None:
    reader = ReadoutReader()
    assert reader.readout(b"\x02" + b"x" * (MOST_BYTES - 1)) is None
    with pytest.raises(ReadoutError, match="does not end"):
        reader.readout(b"x")
