"""A programmable source over Modbus: the order of its commands on the wire, and what every failure of it comes to."""

from __future__ import annotations

import dataclasses
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.clock import SystemClock
from bench.errors import InstrumentError, OperatorError
from bench.ports import LoadSource
from bench.sim.programmable_source import SimulatedProgrammableSource, SourceFault, load_of
from bench.sim.pty_pair import PtyPair
from bench.sim.source_server import SourceServer
from calibration.load_points import LoadPoint
from calibration.nameplate import Direction, Quantity, Wiring
from calibration.reasons import Reason
from firmware_io.modbus_frames import RtuFraming, TcpFraming
from firmware_io.modbus_link import Endpoint, RtuEndpoint, TcpEndpoint
from firmware_io.modbus_source import ModbusSource
from firmware_io.modbus_source_profiles import parse_modbus_source
from firmware_io.modbus_writes import WriteFunction, WriteRequest, encode_write, require_confirmed
from firmware_io.programmable_source import Output, ProgrammableSource
from firmware_io.protocol_errors import BadReplyError, LocalProtocolError
from firmware_io.serial_line import SerialSettings
from firmware_io.source_profiles import source_profile_text
from firmware_io.source_values import values_of
from tests.codecs.scripted_source import FAILURES, OUTPUT, ScriptedSource, Written
from tests.codecs.scripted_wire import VirtualClock, _crc16

TEXT = source_profile_text("demo-source")
PROFILE = parse_modbus_source(TEXT, "demo-source")
LOAD = LoadPoint("Ib 0.5L", 220.0, 10.0, 0.5, "L")
OFF, ON = Written(OUTPUT, (0,)), Written(OUTPUT, (1,))


def on_wire(wire: ScriptedSource) -> ProgrammableSource:
    return ProgrammableSource(ModbusSource(PROFILE, wire, wire.clock), wire.clock)


@pytest.fixture(params=[False, True], ids=["tcp", "rtu"])
def wire(request: pytest.FixtureRequest) -> ScriptedSource:
    return ScriptedSource(VirtualClock(), is_rtu=request.param)


def f32(value: float) -> tuple[int, ...]:
    return struct.unpack(">2H", struct.pack(">f", value))


def test_a_load_is_off_then_its_values_then_on(wire: ScriptedSource) -> None:
    source = on_wire(wire)
    wire.writes.clear()
    source.apply(LOAD)
    angle = struct.unpack(">2H", struct.pack(">i", 60_000))
    assert wire.writes == [
        OFF,
        Written(0, (5000,)),
        Written(2, f32(220.0)),
        Written(4, f32(0.0)),
        Written(6, f32(0.0)),
        Written(8, angle),
        Written(10, f32(10.0)),
        Written(12, f32(0.0)),
        Written(14, f32(0.0)),
        ON,
    ]
    assert wire.is_on
    source.remove()
    assert not wire.is_on
    assert wire.writes[-1] == OFF
    written = len(wire.writes)
    source.close()
    assert len(wire.writes) == written, "it was seen to be off"


def test_opening_switches_off_what_somebody_has_left_on(wire: ScriptedSource) -> None:
    wire.registers = {OUTPUT: 1, 21: 1}
    on_wire(wire)
    assert not wire.is_on


@pytest.mark.parametrize(
    ("load_point", "expected"),
    [
        (LoadPoint("Ib 0.8C", 220.0, 10.0, 0.8, "C"), {8: -36_870}),
        (LoadPoint("Ib 0.5L", 220.0, 10.0, 0.5, "L", direction=Direction.EXPORT), {8: -120_000}),
        (LoadPoint("Ib 1.0", 220.0, 10.0, 1.0, quantity=Quantity.REACTIVE), {8: 90_000}),
    ],
)
def test_the_angle_is_that_of_the_current_behind_the_voltage(
    wire: ScriptedSource, load_point: LoadPoint, expected: dict[int, int]
) -> None:
    source = on_wire(wire)
    source.apply(load_point)
    for address, number in expected.items():
        held = struct.pack(">2H", wire.registers[address], wire.registers[address + 1])
        assert struct.unpack(">i", held)[0] == number


def test_one_loaded_phase_has_all_voltages_and_one_current(wire: ScriptedSource) -> None:
    source = on_wire(wire)
    source.apply(LoadPoint("Ib 1.0 B", 220.0, 10.0, 1.0, wiring=Wiring.FOUR_WIRE, loaded_phase="B"))
    held = {w.address: w.words for w in wire.writes if w.address != OUTPUT}
    assert [held[a] for a in (2, 4, 6)] == [f32(220.0)] * 3
    assert [held[a] for a in (10, 12, 14)] == [f32(0.0), f32(10.0), f32(0.0)]


@pytest.mark.parametrize(
    ("load_point", "said"),
    [
        (LoadPoint("x", 301.0, 10.0, 1.0), "gives at most 300 V and not 301 V"),
        (LoadPoint("x", 220.0, 121.0, 1.0), "at most 120 A"),
        (LoadPoint("x", 220.0, 10.0, 1.0, frequency_Hz=400.0), "45 to 65 Hz and not 400 Hz"),
        (LoadPoint("x", 100.0, 5.0, 1.0, wiring=Wiring.THREE_WIRE), "makes 1p2w, 3p4w and not 3p3w"),
    ],
)
def test_what_the_source_cannot_make_is_refused_before_the_wire(
    wire: ScriptedSource, load_point: LoadPoint, said: str
) -> None:
    source = on_wire(wire)
    exchanges = wire.exchanges
    for refuse in (source.require, source.apply):
        with pytest.raises(OperatorError, match=said):
            refuse(load_point)
    assert wire.exchanges == exchanges


def power_factor_profile(more: str = "") -> str:
    head, rest = TEXT.split('quantity = "phase_angle"', 1)
    _, tail = rest.split('scale = "0.001"', 1)
    text = f'{head}quantity = "power_factor"\naddress = 8\ntype = "i16"\nunit = "1"\nscale = "0.0001"{tail}'
    return text.replace("[limits]", f"[limits]\n{more}")


def test_a_source_that_is_told_a_power_factor_makes_what_it_can_say(wire: ScriptedSource) -> None:
    profile = parse_modbus_source(power_factor_profile("capacitive_is_negative = true"), "pf")
    source = ProgrammableSource(ModbusSource(profile, wire, wire.clock), wire.clock)
    source.apply(LoadPoint("x", 220.0, 10.0, 0.8, "C"))
    assert wire.registers[8] == 0x10000 - 8000
    with pytest.raises(OperatorError, match="cannot turn the current round"):
        source.apply(LoadPoint("x", 220.0, 10.0, 1.0, direction=Direction.EXPORT))
    with pytest.raises(OperatorError, match="cannot make a capacitive load"):
        parse_modbus_source(power_factor_profile(), "pf").range.require(LoadPoint("x", 220.0, 1.0, 0.8, "C"))


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("is_rtu", [False, True])
def test_every_failure_of_every_exchange_ends_with_the_output_off(failure: str, is_rtu: bool) -> None:
    """However an exchange fails, the load is not on afterwards, and a load that stands was set as it was wanted."""
    clean = ScriptedSource(VirtualClock(), is_rtu)
    source = on_wire(clean)
    first = clean.exchanges
    source.apply(LOAD)
    for number in range(first + 1, clean.exchanges + 1):
        wire = ScriptedSource(VirtualClock(), is_rtu)
        source = on_wire(wire)
        wire.failures = {number: failure}
        try:
            source.apply(LOAD)
        except InstrumentError:
            source.remove()
            assert not wire.is_on
            assert wire.writes[-1] == OFF
        else:
            assert wire.is_on
            held = [{a: word for a, word in w.registers.items() if word} for w in (wire, clean)]
            assert held[0] == held[1], f"exchange {number} was believed"


@settings(max_examples=150, deadline=None)
@given(
    failures=st.dictionaries(st.integers(1, 120), st.sampled_from(FAILURES), max_size=12),
    steps=st.lists(st.sampled_from(["apply", "remove", "fault"]), max_size=5),
    is_rtu=st.booleans(),
)
def test_whatever_fails_the_last_command_on_the_wire_is_off(
    failures: dict[int, str], steps: list[str], is_rtu: bool
) -> None:
    """And the output is off, or the operator has been told to switch it off by hand."""
    wire = ScriptedSource(VirtualClock(), is_rtu)
    source = on_wire(wire)
    wire.exchanges, wire.failures = 0, failures
    told = ""
    try:
        for step in steps:
            if step == "apply":
                source.apply(LOAD)
            elif step == "remove":
                source.remove()
            else:
                source.fault()
    except InstrumentError:
        pass
    try:
        source.close()
    except InstrumentError as error:
        told = str(error)
    assert wire.writes[-1] == OFF
    assert not wire.is_on or told.endswith("switch the source off by hand")


def test_what_comes_too_late_confirms_nothing_that_was_asked_later(wire: ScriptedSource) -> None:
    source = on_wire(wire)
    source.apply(LOAD)
    wire.failures = {wire.exchanges + 1: "late", wire.exchanges + 2: "ignored"}
    source.remove()
    assert not wire.is_on


def test_what_is_still_to_come_of_a_failed_exchange_is_let_pass_before_the_next(wire: ScriptedSource) -> None:
    source = on_wire(wire)
    source.apply(LOAD)
    wire.failures = {wire.exchanges + 1: "late"}
    found = source.fault()
    assert found is not None
    assert "no reply in 0.5 s" in found.values["detail"]
    wire.writes.clear()
    source.remove()
    assert wire.writes == [OFF], "the first attempt is not spoilt by the answer that came too late"


class TellingLock:
    """A lock that tells when somebody asks for it."""

    def __init__(self, lock: Any, asked: threading.Event) -> None:
        self._lock, self._asked = lock, asked

    def __enter__(self) -> None:
        self._asked.set()
        self._lock.acquire()

    def __exit__(self, *unused: object) -> None:
        self._lock.release()


def test_a_removal_in_another_thread_keeps_a_load_from_being_switched_on() -> None:
    """The removal comes while the values are being written; the output never goes on."""
    wire = ScriptedSource(VirtualClock())
    source = on_wire(wire)
    is_writing, go_on = threading.Event(), threading.Event()
    write = wire._write

    def slow(address: int, words: tuple[int, ...]) -> None:
        write(address, words)
        if address == 10:
            is_writing.set()
            assert go_on.wait(10.0)

    wire._write = slow  # type: ignore[method-assign]
    said: list[str] = []

    def apply() -> None:
        try:
            source.apply(LOAD)
        except InstrumentError as error:
            said.append(str(error))

    applying = threading.Thread(target=apply)
    applying.start()
    assert is_writing.wait(10.0)
    waits = threading.Event()
    source._lock = TellingLock(source._lock, waits)  # type: ignore[assignment]
    removing = threading.Thread(target=source.remove)
    removing.start()
    assert waits.wait(10.0)
    go_on.set()
    for thread in (applying, removing):
        thread.join(10.0)
        assert not thread.is_alive()
    assert ["taken away while it was being set" in s for s in said] == [True]
    assert 1 not in wire.outputs


def test_a_source_that_never_answers_is_one_line_and_never_opened() -> None:
    wire = ScriptedSource(VirtualClock(), failures=dict.fromkeys(range(1, 100), "silent"))
    with pytest.raises(
        InstrumentError, match=r"load source demo-source at a scripted wire: no reply in 0\.5 s"
    ):
        on_wire(wire)


class Hurried(VirtualClock):
    """While somebody waits for the first time, another thread asks for the removal."""

    def __init__(self) -> None:
        super().__init__()
        self.act: Callable[[], None] | None = None

    def wait_until(self, at_ns: int) -> None:
        super().wait_until(at_ns)
        if self.act is not None:
            act, self.act = self.act, None
            act()


def test_a_removal_does_not_wait_until_an_output_has_followed() -> None:
    """An output that takes its time to go on is, or may be, on all the while."""
    clock = Hurried()
    device = ModbusSource(
        parse_modbus_source(TEXT.replace("follows_within_s = 2.0", "follows_within_s = 60.0"), "ours"),
        ScriptedSource(clock),
        clock,
    )
    source = ProgrammableSource(device, clock)
    source._lock = TellingLock(source._lock, waits := threading.Event())  # type: ignore[assignment]
    removing = threading.Thread(target=source.remove)
    output = device.output

    def slowly() -> Output:
        """It says that it is on only when nobody can wait any longer."""
        return Output.UNKNOWN if output() is Output.ON else Output.OFF

    def remove() -> None:
        waits.clear()
        removing.start()
        assert waits.wait(10.0)

    device.output = slowly  # type: ignore[method-assign]
    clock.act = None
    switch = device.switch

    def switched(*, on: bool) -> None:
        switch(on=on)
        clock.act = remove if on else None

    device.switch = switched  # type: ignore[method-assign]
    began_ns = clock.now_ns()
    with pytest.raises(InstrumentError, match="taken away while it was being set"):
        source.apply(LOAD)
    removing.join(10.0)
    assert not removing.is_alive()
    assert clock.now_ns() - began_ns < 1_000_000_000


# --- profiles that would do something else than they say


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"voltage_l3"', '"voltage"', "voltage is set for all phases and for one"),
        (
            '"current_l3"\naddress = 14\ntype = "f32"\nunit = "A"',
            '"phase_angle_l1"\naddress = 14\ntype = "f32"\nunit = "deg"',
            "current is set for some phases only; name current_l1, current_l2",
        ),
        (
            '"frequency"\naddress = 0\ntype = "u16"\nunit = "Hz"',
            '"power_factor"\naddress = 0\ntype = "u16"\nunit = "1"',
            "phase_angle and power_factor are both set",
        ),
        ('unit = "V"', 'unit = "V"\nwithin = nan', "within is .*; it must be a finite number"),
        ('unit = "V"', 'unit = "V"\nwithin = inf', "within is .*; it must be a finite number"),
        (
            "highest_current_A = ",
            "highest_current_A = inf #",
            "highest_current_A is inf; it must be a finite number",
        ),
    ],
)
def test_a_profile_that_leaves_a_value_to_chance_is_refused(old: str, new: str, said: str) -> None:
    assert old in TEXT
    with pytest.raises(OperatorError, match=said):
        parse_modbus_source(TEXT.replace(old, new, 1), "ours")


def test_one_phase_is_enough_for_single_phase_loads() -> None:
    """What is behind l2 and l3 is then not connected."""
    text = TEXT.replace('wirings = ["1p2w", "3p4w"]', 'wirings = ["1p2w"]')
    for unit, first in (("V", 4), ("A", 12)):
        for phase, address in (("l2", first), ("l3", first + 2)):
            name = {"V": "voltage", "A": "current"}[unit]
            row = (
                f'[[set]]\nquantity = "{name}_{phase}"\naddress = {address}\ntype = "f32"\nunit = "{unit}"\n'
            )
            assert row in text
            text = text.replace(row, "")
    parse_modbus_source(text, "ours")
    with pytest.raises(OperatorError, match="voltage is set for some phases only"):
        parse_modbus_source(text.replace('["1p2w"]', '["1p2w", "3p4w"]'), "ours")


# --- writes as frames


@given(st.binary(max_size=40), st.booleans(), st.sampled_from([(6, "0001"), (16, "0001"), (16, "00010002")]))
def test_nothing_but_the_right_reply_confirms_a_write(
    noise: bytes, is_rtu: bool, written: tuple[int, str]
) -> None:
    framing = RtuFraming() if is_rtu else TcpFraming()
    request = WriteRequest(1, 7, WriteFunction(written[0]), 3, bytes.fromhex(written[1]))
    good = encode_write(framing, request) if written[0] == 6 else None
    if noise != good:
        with pytest.raises(BadReplyError):
            require_confirmed(framing, request, noise)
    if good is not None:
        require_confirmed(framing, request, good)


@pytest.mark.parametrize(
    ("code", "confirmed", "is_right"),
    [
        (6, "00030001", True),
        (6, "00040001", False),
        (6, "00030002", False),
        (16, "00030002", True),
        (16, "00040002", False),
        (16, "00030001", False),
    ],
)
def test_a_whole_reply_confirms_only_what_was_written(code: int, confirmed: str, is_right: bool) -> None:
    body = bytes([1, code]) + bytes.fromhex(confirmed)
    frame = body + _crc16(body).to_bytes(2, "little")
    data = bytes.fromhex("0001" if code == 6 else "00010002")
    request = WriteRequest(1, 7, WriteFunction(code), 3, data)
    with nullcontext() if is_right else pytest.raises(BadReplyError, match="it confirms a write to"):
        require_confirmed(RtuFraming(), request, frame)


def test_function_code_6_writes_one_register() -> None:
    with pytest.raises(LocalProtocolError, match="writes one register, not 2"):
        encode_write(RtuFraming(), WriteRequest(1, 1, WriteFunction.SINGLE, 0, bytes(4)))


# --- a server of another make


@given(
    st.floats(100.0, 300.0),
    st.floats(0.1, 100.0),
    st.sampled_from([("", 1.0), ("L", 0.5), ("L", 0.8), ("C", 0.5), ("C", 0.8), ("C", 0.25)]),
    st.sampled_from(
        [(Wiring.SINGLE_PHASE, ""), (Wiring.FOUR_WIRE, ""), *((Wiring.FOUR_WIRE, p) for p in "ABC")]
    ),
    st.sampled_from(Direction),
)
def test_the_front_panel_of_the_simulated_source_makes_the_load_that_was_meant(
    voltage_V: float,
    current_A: float,
    side: tuple[str, float],
    wired: tuple[Wiring, str],
    direction: Direction,
) -> None:
    wanted = LoadPoint(
        "x", voltage_V, current_A, side[1], side[0], wired[0], loaded_phase=wired[1], direction=direction
    )
    made = load_of(values_of(wanted))
    assert dataclasses.replace(made, name="x") == wanted


class Nothing:
    """What stands behind a source that is looked at alone."""

    def __init__(self) -> None:
        self.load: LoadPoint | None = None

    def apply(self, load_point: LoadPoint) -> None:
        self.load = load_point

    def remove(self) -> None:
        self.load = None

    def close(self) -> None: ...


@pytest.fixture(params=["tcp", "rtu"])
def served(request: pytest.FixtureRequest) -> Iterator[tuple[SimulatedProgrammableSource, Nothing, Endpoint]]:
    behind = Nothing()
    simulated = SimulatedProgrammableSource(behind)
    server = SourceServer(simulated, PROFILE)
    if request.param == "tcp":
        try:
            yield simulated, behind, TcpEndpoint("127.0.0.1", server.tcp().port)
        finally:
            server.close()
        return
    pair = PtyPair()
    try:
        server.serial(pair.paths[1])
        yield simulated, behind, RtuEndpoint(SerialSettings(pair.paths[0], 19200))
    finally:
        server.close()
        pair.close()


Served = tuple[SimulatedProgrammableSource, Nothing, Endpoint]


def opened(endpoint: Endpoint) -> ProgrammableSource:
    clock = SystemClock()
    return ProgrammableSource(ModbusSource(PROFILE, endpoint, clock, timeout_s=1.0), clock)


def test_the_simulated_source_gets_the_load_and_says_who_it_is(served: Served) -> None:
    simulated, behind, endpoint = served
    source = opened(endpoint)
    assert source.identity == "Simulated source 1"
    source.apply(LOAD)
    assert behind.load is not None
    assert (behind.load.voltage_V, behind.load.current_A, behind.load.power_factor) == (220.0, 10.0, 0.5)
    assert (behind.load.phase_side, source.fault()) == ("L", None)
    simulated.trip()
    found = source.fault()
    assert found is not None
    assert found.reason is Reason.SOURCE_FAULT
    assert "its output is tripped" in found.values["detail"]
    source.remove()
    assert source.fault() is None
    source.close()


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (SourceFault.REFUSES, r"it refused \(exception 3, illegal value, at address 0\); look at its range"),
        (SourceFault.READS_OTHERWISE, r"frequency_Hz was set to 50 and reads back 51\.5"),
        (SourceFault.SILENT, r"no reply in 1 s"),
        (SourceFault.DOES_NOT_SWITCH_ON, "commanded on and is off"),
    ],
)
def test_a_fault_of_the_source_is_an_instrument_error_and_leaves_no_load(
    served: Served, fault: SourceFault, said: str
) -> None:
    simulated, behind, endpoint = served
    source = opened(endpoint)
    simulated.faults = {fault}
    with pytest.raises(InstrumentError, match=said):
        source.apply(LOAD)
    simulated.faults = set()
    source.close()
    assert behind.load is None
    assert simulated.output is Output.OFF


def test_an_output_that_does_not_go_off_is_to_be_switched_off_by_hand(served: Served) -> None:
    simulated, _, endpoint = served
    source: LoadSource = opened(endpoint)
    source.apply(LOAD)
    simulated.faults = {SourceFault.DOES_NOT_SWITCH_OFF}
    with pytest.raises(
        InstrumentError, match="commanded off and is on; look at it; switch the source off by hand"
    ):
        source.remove()
    simulated.faults = set()
    source.close()
