"""IEC 62056-21 mode C: a whole readout, at every split, and whatever a head may bring."""

from decimal import Decimal
from functools import reduce
from operator import xor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_io.iec62056_21 import (
    BAUD_RATES,
    ENERGY_IMPORT,
    TARIFFS_IMPORT,
    Acknowledgement,
    Event,
    Identification,
    ModeCSession,
    Readout,
    SignOn,
    State,
    constant_imp_per_kWh,
    energy_kWh,
)
from firmware_io.protocol_errors import LocalProtocolError, RemoteProtocolError

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


IDENTIFIED = Identification("ABC", "5", "\\2DEMO-1")


def in_state(state: State) -> ModeCSession:
    """A session that has come so far in the usual way."""
    session = ModeCSession()
    if state is State.BEGUN:
        return session
    session.send(SignOn())
    if state is State.SIGNED_ON:
        return session
    session.receive(IDENTIFIES)
    assert session.next_event() == IDENTIFIED
    if state is State.IDENTIFIED:
        return session
    session.send(Acknowledgement("5"))
    if state is State.READ_OUT:
        session.receive(READOUT)
        assert session.next_event() is not None
    return session


def acknowledged() -> ModeCSession:
    return in_state(State.ACKNOWLEDGED)


SENT = [
    (State.BEGUN, SignOn(), b"/?!\r\n"),
    (State.BEGUN, SignOn("33012764"), b"/?33012764!\r\n"),
    *((State.IDENTIFIED, Acknowledgement(z), b"\x060" + z.encode() + b"0\r\n") for z in BAUD_RATES),
]
"""What may be sent when, and its bytes. A readout is all that can be asked for: ACK 0 Z 1 would open programming."""


@pytest.mark.parametrize(("state", "event", "sent"), SENT, ids=[f"{s}: {b!r}" for s, _, b in SENT])
def test_what_is_sent_is_in_the_words_of_the_standard(
    state: State, event: SignOn | Acknowledgement, sent: bytes
) -> None:
    session = in_state(state)
    assert session.send(event) == sent
    assert session.state is (State.SIGNED_ON if state is State.BEGUN else State.ACKNOWLEDGED)


OUT_OF_TURN = [
    *((state, SignOn()) for state in State if state is not State.BEGUN),
    *((state, Acknowledgement("5")) for state in State if state is not State.IDENTIFIED),
]


@pytest.mark.parametrize(("state", "event"), OUT_OF_TURN)
def test_what_is_not_in_turn_is_our_mistake_and_is_not_sent(
    state: State, event: SignOn | Acknowledgement
) -> None:
    session = in_state(state)
    with pytest.raises(LocalProtocolError, match="cannot be sent when"):
        session.send(event)
    assert session.state is state


UNASKED = [
    (State.BEGUN, IDENTIFIES + READOUT),
    (State.SIGNED_ON, READOUT),
    (State.IDENTIFIED, IDENTIFIES + READOUT),
    (State.ACKNOWLEDGED, IDENTIFIES),
    (State.READ_OUT, IDENTIFIES + READOUT),
]


@pytest.mark.parametrize(("state", "data"), UNASKED, ids=[state for state, _ in UNASKED])
def test_bytes_are_an_event_only_in_the_state_that_waits_for_it(state: State, data: bytes) -> None:
    """Whatever a meter says unasked makes nothing of itself."""
    session = in_state(state)
    session.receive(data)
    assert session.next_event() is None
    assert session.state is state


class Meter:
    """The other machine: signs and reads out, in the words of the standard; built here and not from the codec."""

    def __init__(self) -> None:
        self._held = b""

    def answer(self, data: bytes) -> bytes:
        self._held += data
        for request, said in ((b"/?!\r\n", IDENTIFIES), (b"\x06050\r\n", READOUT)):
            if self._held == request:
                self._held = b""
                return request + said  # with its echo
        return b""


def test_two_machines_come_to_the_end_of_a_readout_without_a_wire() -> None:
    session, meter, events = ModeCSession(), Meter(), list[Event]()
    sending: SignOn | Acknowledgement | None = SignOn()
    while sending is not None:
        for byte in meter.answer(session.send(sending)):
            session.receive(bytes([byte]))
            if (event := session.next_event()) is not None:
                events.append(event)
        latest = events[-1]
        sending = Acknowledgement(latest.baud_character) if isinstance(latest, Identification) else None
    assert [type(event) for event in events] == [Identification, Readout]
    assert session.state is State.READ_OUT


@pytest.mark.parametrize("address", ["a!b", "é", "1" * 33, "1\r\n"])
def test_an_address_cannot_smuggle_in_another_command(address: str) -> None:
    with pytest.raises(LocalProtocolError, match="device address"):
        SignOn(address)


@pytest.mark.parametrize("echo", [b"", b"/?!\r\n", b"\x00\xff"])
def test_the_meter_says_who_it_is_and_how_fast_it_talks(echo: bytes) -> None:
    session = in_state(State.SIGNED_ON)
    session.receive(echo + IDENTIFIES)
    assert session.next_event() == IDENTIFIED
    assert IDENTIFIED.baud == 9600


@pytest.mark.parametrize("split", range(len(READOUT) + 1))
def test_a_readout_may_come_in_any_two_pieces(split: int) -> None:
    session = acknowledged()
    session.receive(READOUT[:split])
    found = session.next_event()
    session.receive(READOUT[split:])
    found = found or session.next_event()
    assert isinstance(found, Readout)
    assert found.raw == READOUT
    assert energy_kWh(found, ENERGY_IMPORT) == Decimal("1206.42")
    assert [energy_kWh(found, code) for code in TARIFFS_IMPORT[:2]] == [Decimal("800.40"), Decimal("406.02")]
    assert energy_kWh(found, TARIFFS_IMPORT[2]) is None
    assert constant_imp_per_kWh(found) == 1600
    assert found.registers["0.9.1"].value == "231559"


def registers_of(lines: bytes) -> Readout:
    session = acknowledged()
    session.receive(message(lines))
    found = session.next_event()
    assert isinstance(found, Readout)
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
    with pytest.raises(RemoteProtocolError):
        energy_kWh(registers_of(line), ENERGY_IMPORT)


@given(st.integers(1, len(READOUT) - 1), st.integers(1, 127))
def test_one_wrong_byte_never_changes_a_figure(at: int, change: int) -> None:
    wrong = bytearray(READOUT)
    wrong[at] ^= change
    session = acknowledged()
    session.receive(bytes(wrong))
    try:
        found = session.next_event()
    except RemoteProtocolError:
        return
    assert found is None or (isinstance(found, Readout) and found.raw == READOUT)


@given(st.lists(st.binary(max_size=200), max_size=20))
def test_whatever_comes_is_read_or_refused_and_memory_is_bounded(pieces: list[bytes]) -> None:
    for session, most in ((in_state(State.SIGNED_ON), 64), (acknowledged(), MOST_BYTES)):
        for piece in (b"\x02", *pieces):
            session.receive(piece)
            try:
                session.next_event()
            except RemoteProtocolError:
                break
            if session.state in (State.SIGNED_ON, State.ACKNOWLEDGED):
                assert len(session._held) <= most + 200


def test_a_readout_that_does_not_end_is_refused() -> None:
    session = acknowledged()
    session.receive(b"\x02" + b"x" * (MOST_BYTES - 1))
    assert session.next_event() is None
    session.receive(b"x")
    with pytest.raises(RemoteProtocolError, match="does not end"):
        session.next_event()
