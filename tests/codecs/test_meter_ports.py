"""Meters read through their ports: an independent DL/T 645 server on a line, and scripted links for what goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from dlt645 import MeterServerService

from bench.clock import SystemClock
from bench.errors import InstrumentError
from bench.sim.pty_pair import PtyPair
from firmware_io.dlt645 import DataId, FrameReader
from firmware_io.dlt645_port import Dlt645Port
from firmware_io.meter_line import MeterLine
from firmware_io.mode_c_port import ModeCPort
from firmware_io.serial_line import SerialSettings
from tests.codecs.test_dlt645 import ADDRESS, answer_of
from tests.codecs.test_iec62056_21 import IDENTIFIES, READOUT

ENERGIES = {
    DataId.ENERGY_FORWARD: 1206.42,
    DataId.ENERGY_REVERSE: 3.07,
    DataId.ENERGY_FORWARD_TARIFF_1: 800.40,
    DataId.ENERGY_FORWARD_TARIFF_2: 406.02,
    DataId.ENERGY_FORWARD_TARIFF_3: 0.0,
    DataId.ENERGY_FORWARD_TARIFF_4: 0.0,
}


def line_with_a_meter() -> tuple[PtyPair, MeterServerService]:
    """A line and a meter of an independent library on it."""
    pair = PtyPair()
    server = MeterServerService.new_rtu_server(pair.paths[1], 8, 1, 9600, "N", 0.2)
    server.set_address(bytes.fromhex(ADDRESS)[::-1])  # as on the wire
    for data_id, kWh in ENERGIES.items():
        server.set_00(int(data_id), kWh)
    assert server.set_04(int(DataId.ACTIVE_CONSTANT), "001600")
    assert server.start()
    return pair, server


@pytest.fixture
def server_line() -> Iterator[str]:
    pair, server = line_with_a_meter()
    try:
        yield pair.paths[0]
    finally:
        server.stop()
        pair.close()


def test_an_adapter_that_is_pulled_and_put_back_is_found_again(tmp_path: Path) -> None:
    """The name of the port is what stays, as under /dev/serial/by-id; the device behind it is another one."""
    name = tmp_path / "adapter"
    port = Dlt645Port(MeterLine(SerialSettings(str(name)), SystemClock()), ADDRESS)
    for _ in range(2):
        pair, meter = line_with_a_meter()
        name.symlink_to(pair.paths[0])
        try:
            assert port.read().total_kWh == Decimal("1206.42")
        finally:
            meter.stop()
            pair.close()
            name.unlink()
        with pytest.raises(InstrumentError, match=f"meter {ADDRESS} at {name}") as gone:
            port.read()
        assert "\n" not in str(gone.value)
    port.close()


def test_a_port_is_opened_by_one_program_only(server_line: str) -> None:
    first = Dlt645Port(MeterLine(SerialSettings(server_line), SystemClock()), ADDRESS)
    second = Dlt645Port(MeterLine(SerialSettings(server_line), SystemClock()), ADDRESS)
    try:
        first.read()
        with pytest.raises(InstrumentError, match="another program uses this port"):
            second.read()
    finally:
        first.close()
        second.close()


@pytest.mark.parametrize("address", [ADDRESS, ""])
def test_a_meter_of_an_independent_library_is_read(server_line: str, address: str) -> None:
    port = Dlt645Port(MeterLine(SerialSettings(server_line), SystemClock()), address)
    try:
        reading = port.read()
    finally:
        port.close()
    assert reading.total_kWh == Decimal("1206.42")
    assert reading.tariffs_kWh == (Decimal("800.40"), Decimal("406.02"), Decimal("0.00"), Decimal("0.00"))
    assert sum(reading.tariffs_kWh) == reading.total_kWh
    assert (reading.decimals, reading.meter_constant_imp_per_kWh) == (2, 1600)
    assert {frame.address for frame in FrameReader().feed(reading.raw)} == {ADDRESS}


def test_exported_energy_is_the_reverse_register(server_line: str) -> None:
    port = Dlt645Port(MeterLine(SerialSettings(server_line), SystemClock()), ADDRESS, reads_export=True)
    try:
        reading = port.read()
    finally:
        port.close()
    assert (reading.total_kWh, reading.tariffs_kWh) == (Decimal("3.07"), ())


class ScriptedClock:
    """Moves by whatever is waited for."""

    def __init__(self) -> None:
        self.at_ns = 0

    def now_ns(self) -> int:
        return self.at_ns


class ScriptedLink:
    """Answers each thing sent by a function of it; an answer that is an OSError breaks the link."""

    def __init__(self, clock: ScriptedClock, answer: Callable[[bytes], bytes | OSError]) -> None:
        self._clock = clock
        self._answer = answer
        self._coming = b""
        self.sent: list[bytes] = []
        self.baudrates: list[int] = []

    def send(self, data: bytes) -> None:
        self.sent.append(data)
        answer = self._answer(data)
        if isinstance(answer, OSError):
            raise answer
        self._coming += answer

    def receive(self, until_ns: int) -> bytes:
        if not self._coming:
            self._clock.at_ns = max(self._clock.at_ns, until_ns)
        piece, self._coming = self._coming[:7], self._coming[7:]
        return piece

    def discard_input(self) -> None:
        self._coming = b""

    def change_baudrate(self, baudrate: int) -> None:
        self.baudrates.append(baudrate)

    def close(self) -> None:
        self.sent.append(b"closed")


class ScriptedSettings:
    def __init__(self, answer: Callable[[bytes], bytes | OSError]) -> None:
        self._answer = answer
        self.clock = ScriptedClock()
        self.opened: list[ScriptedLink] = []

    def open(self, clock: object, write_timeout_s: float) -> ScriptedLink:
        self.opened.append(ScriptedLink(self.clock, self._answer))
        return self.opened[-1]

    def ports_found(self) -> str:
        return "no port found"

    def __str__(self) -> str:
        return "/dev/scripted"

    def line(self) -> MeterLine:
        return MeterLine(self, self.clock)  # type: ignore[arg-type]


def energy_answer(request: bytes, address: str = ADDRESS) -> bytes:
    (asked,) = FrameReader().feed(request)
    if asked.data == int(DataId.ACTIVE_CONSTANT).to_bytes(4, "little"):
        return answer_of(address, 0xD1, b"\x02")
    return answer_of(address, 0x91, asked.data + bytes.fromhex("42061200"))


def test_the_echo_of_a_two_wire_adapter_is_no_answer() -> None:
    settings = ScriptedSettings(lambda request: request + energy_answer(request))
    reading = Dlt645Port(settings.line(), ADDRESS).read()
    assert reading.total_kWh == Decimal("1206.42")
    assert reading.meter_constant_imp_per_kWh is None  # the meter has no such quantity


def test_a_meter_that_is_silent_is_asked_twice_and_then_named() -> None:
    settings = ScriptedSettings(lambda request: b"")
    with pytest.raises(InstrumentError) as failed:
        Dlt645Port(settings.line(), ADDRESS).read()
    assert f"meter {ADDRESS} at /dev/scripted: no answer; check its wiring" in str(failed.value)
    assert "\n" not in str(failed.value)
    assert len(settings.opened[0].sent) == 2


def test_the_answer_of_another_meter_is_never_taken() -> None:
    settings = ScriptedSettings(lambda request: energy_answer(request, "999999999999"))
    with pytest.raises(InstrumentError, match=f"meter 999999999999 answered instead of {ADDRESS}"):
        Dlt645Port(settings.line(), ADDRESS).read()


def data_of(request: bytes) -> bytes:
    (asked,) = FrameReader().feed(request)
    return asked.data


OTHER = "000102030426"


def test_a_late_answer_of_one_meter_is_never_taken_as_that_of_another() -> None:
    """A is silent when it is asked and answers while B is asked: the same register, another value."""
    late: list[bytes] = []

    def answer(request: bytes) -> bytes:
        (asked,) = FrameReader().feed(request)
        if asked.address == ADDRESS:
            late.append(answer_of(ADDRESS, 0x91, asked.data + bytes.fromhex("99999999")))
            return b""
        came, late[:] = b"".join(late), []
        return came + energy_answer(request, OTHER)

    settings = ScriptedSettings(answer)
    line = settings.line()
    with pytest.raises(InstrumentError, match="no answer"):
        Dlt645Port(line, ADDRESS).read()
    assert late
    assert Dlt645Port(line, OTHER).read().total_kWh == Decimal("1206.42")
    assert not late  # it had come before the right one


@pytest.mark.parametrize(
    "before",
    [
        b"\x00\xff" * 30,  # noise
        bytes.fromhex("68 25 04 03 02 01 00 68 91 08 33"),  # a frame that breaks off
        answer_of(ADDRESS, 0x91, bytes.fromhex("00000200 42061200")),  # a late answer to another question
    ],
)
def test_what_comes_before_an_answer_does_not_spoil_it(before: bytes) -> None:
    settings = ScriptedSettings(lambda request: before + energy_answer(request))
    assert Dlt645Port(settings.line(), ADDRESS).read().total_kWh == Decimal("1206.42")


def test_after_a_silence_the_line_is_listened_to_until_it_is_quiet() -> None:
    """A mode C readout does not say whose it is, so none of an earlier request may be left."""
    settings = ScriptedSettings(lambda request: b"")
    with pytest.raises(InstrumentError, match="no answer"):
        ModeCPort(settings.line()).read()
    assert settings.clock.at_ns == 2 * (3_000_000_000 + 1_000_000_000)


def test_a_line_that_is_never_quiet_is_given_up() -> None:
    settings = ScriptedSettings(lambda request: b"")
    line = settings.line()

    def chatters(until_ns: int) -> bytes:
        settings.clock.at_ns += 100_000_000
        return b"\x55"

    first = settings.open(None, 0)
    first.receive = chatters  # type: ignore[method-assign]
    settings.open = lambda clock, write_timeout_s: first  # type: ignore[method-assign]
    with pytest.raises(InstrumentError, match="no answer"):
        Dlt645Port(line, ADDRESS).read()
    assert settings.clock.at_ns < 30 * 1_000_000_000


def clock_answer(days: list[str], time: str) -> Callable[[bytes], bytes]:
    def answer(request: bytes) -> bytes:
        data = data_of(request)
        if data == int(DataId.DATE).to_bytes(4, "little"):
            return answer_of(ADDRESS, 0x91, data + bytes.fromhex(days.pop(0) if len(days) > 1 else days[0]))
        if data == int(DataId.TIME).to_bytes(4, "little"):
            return answer_of(ADDRESS, 0x91, data + bytes.fromhex(time))
        return energy_answer(request)

    return answer


def test_date_and_time_are_the_meters_clock_unless_midnight_lies_between() -> None:
    reading = Dlt645Port(ScriptedSettings(clock_answer(["04261126"], "301510")).line(), ADDRESS).read()
    assert reading.clock is not None
    assert (reading.clock.told, reading.clock.age_s, reading.clock.half_width_s) == (
        "2026-11-26T10:15:30",
        0.5,
        0.5,
    )
    midnight = ScriptedSettings(clock_answer(["04261126", "05271126"], "595923"))
    assert Dlt645Port(midnight.line(), ADDRESS).read().clock is None
    never_set = ScriptedSettings(clock_answer(["00000000"], "000000"))
    assert Dlt645Port(never_set.line(), ADDRESS).read().clock is None


def test_a_meter_that_is_silent_about_its_clock_alone_is_read_all_the_same() -> None:
    asked_for = int(DataId.DATE).to_bytes(4, "little")
    settings = ScriptedSettings(lambda sent: b"" if data_of(sent) == asked_for else energy_answer(sent))
    reading = Dlt645Port(settings.line(), ADDRESS).read()
    assert (reading.total_kWh, reading.clock) == (Decimal("1206.42"), None)


def test_a_line_that_was_unplugged_is_opened_anew() -> None:
    broken = [OSError(5, "Input/output error")]
    settings = ScriptedSettings(lambda request: broken.pop() if broken else energy_answer(request))
    assert Dlt645Port(settings.line(), ADDRESS).read().total_kWh == Decimal("1206.42")
    assert len(settings.opened) == 2
    assert settings.opened[0].sent[-1] == b"closed"


def test_nothing_but_readings_is_ever_sent() -> None:
    settings = ScriptedSettings(energy_answer)
    Dlt645Port(settings.line(), ADDRESS).read()
    controls = {frame.control for sent in settings.opened[0].sent for frame in FrameReader().feed(sent)}
    assert controls == {0x11}


def mode_c(request: bytes) -> bytes:
    return {b"/?!\r\n": request + IDENTIFIES, b"\x06050\r\n": READOUT}[request]


def with_registers(*lines: str) -> bytes:
    """A readout put together here."""
    body = "".join(f"{line}\r\n" for line in lines).encode() + b"!\r\n\x03"
    check = 0
    for byte in body:
        check ^= byte
    return b"\x02" + body + bytes([check])


def addressed(readout: bytes) -> Callable[[bytes], bytes]:
    return lambda request: IDENTIFIES if request.startswith(b"/?") else readout


def test_a_mode_c_meter_tells_address_and_clock() -> None:
    readout = with_registers("0.0.0(00012345)", "0.9.1(10:15:30)", "0.9.2(26-11-26)", "1.8.0(1206.42*kWh)")
    reading = ModeCPort(ScriptedSettings(addressed(readout)).line(), "12345").read()
    assert reading.address == "00012345"
    assert reading.clock is not None
    assert reading.clock.told == "2026-11-26T10:15:30"


def test_the_readout_of_another_meter_is_refused() -> None:
    readout = with_registers("0.0.0(00012346)", "1.8.0(1206.42*kWh)")
    with pytest.raises(InstrumentError, match="meter 00012346 answered instead of 12345"):
        ModeCPort(ScriptedSettings(addressed(readout)).line(), "12345").read()


def test_mode_c_sends_nothing_but_the_readout() -> None:
    settings = ScriptedSettings(mode_c)
    ModeCPort(settings.line()).read()
    assert settings.opened[0].sent == [b"/?!\r\n", b"\x06050\r\n"]


def test_a_mode_c_meter_is_read_at_the_rate_that_it_offers() -> None:
    settings = ScriptedSettings(mode_c)
    reading = ModeCPort(settings.line()).read()
    assert reading.total_kWh == Decimal("1206.42")
    assert reading.tariffs_kWh == (Decimal("800.40"), Decimal("406.02"))
    assert (reading.decimals, reading.meter_constant_imp_per_kWh) == (2, 1600)
    assert reading.raw == READOUT
    assert settings.opened[0].baudrates == [300, 9600]


def test_exported_energy_of_a_mode_c_meter() -> None:
    reading = ModeCPort(ScriptedSettings(mode_c).line(), reads_export=True).read()
    assert (reading.total_kWh, reading.tariffs_kWh) == (Decimal("0.00"), ())


@pytest.mark.parametrize(
    ("readout", "said"),
    [
        (READOUT[:40], "no answer"),
        (READOUT[:-1] + b"\x00", "check character"),
        (b"", "no answer"),
    ],
)
def test_a_readout_that_breaks_off_or_is_garbled_is_no_reading(readout: bytes, said: str) -> None:
    settings = ScriptedSettings(lambda request: IDENTIFIES if request == b"/?!\r\n" else readout)
    with pytest.raises(InstrumentError, match=said):
        ModeCPort(settings.line()).read()
    assert settings.opened[0].baudrates == [300, 9600] * 2
