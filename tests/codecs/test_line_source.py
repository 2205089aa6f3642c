"""A source with a command language of lines: its templates, its profile, and the instrument on a serial line."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.clock import SystemClock
from bench.errors import InstrumentError, OperatorError
from bench.ports import Clock
from bench.sim.line_instrument import LineInstrument
from bench.sim.programmable_source import SimulatedProgrammableSource, SourceFault
from bench.sim.pty_pair import PtyPair
from calibration.load_points import LoadPoint
from calibration.reasons import Reason
from firmware_io.exchanges import Link
from firmware_io.line_source import LineSource
from firmware_io.line_source_profiles import parse_line_source
from firmware_io.line_source_templates import LONGEST_LINE, line_length, parse_answer, parse_command
from firmware_io.modbus_link import RtuEndpoint, TcpEndpoint
from firmware_io.modbus_source_profiles import parse_modbus_source
from firmware_io.programmable_source import Output, ProgrammableSource
from firmware_io.serial_line import SerialSettings
from firmware_io.source_profiles import source_profile_text
from firmware_io.source_values import FIELDS
from tests.codecs.scripted_wire import VirtualClock

TEXT = source_profile_text("demo-line-source")
PROFILE = parse_line_source(TEXT, "demo-line-source")
LOAD = LoadPoint("Ib 0.5L", 220.0, 10.0, 0.5, "L")

# --- templates


@given(
    st.floats(-999_999.0, 999_999.0),
    st.sampled_from([".0f", ".1f", ".3f", "08.2f", "+.4e", "f", ".10f"]),
    st.text("ABCxyz:;,=*?#[]()^$|\\", min_size=1, max_size=10),
)
def test_what_a_command_tells_an_answer_of_the_same_form_reads_back(
    number: float, spec: str, text: str
) -> None:
    written = format(number, spec)
    command = parse_command(f"{text}{{voltage_V:{spec}}};{{current_A:.1f}}", FIELDS)
    line = command.line({"voltage_V": number, "current_A": 5.04})
    assert line == f"{text}{written};5.0"
    told = {"voltage_V": float(written), "current_A": 5.0}
    assert command.told({"voltage_V": number, "current_A": 5.04}) == told
    answer = parse_answer(f"{text}{{voltage_V}};{{current_A}}", FIELDS)
    assert answer.read(line) == told
    assert answer.read(f"{line}x") is None


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("VOLT {voltage:.3f}", "there is no 'voltage' here; did you mean 'voltage_V'"),
        ("VOLT {voltage_V}", "needs a number format, such as {voltage_V:.3f}"),
        ("VOLT {voltage_V!r:.3f}", "a field is a name in braces, and nothing more"),
        ("VOLT {voltage_V.real:.3f}", "a field is a name in braces"),
        ("VOLT {voltage_V[0]:.3f}", "a field is a name in braces"),
        ("VOLT {0:.3f}", "a field is a name in braces"),
        ("VOLT {voltage_V:{current_A}}", "needs a number format"),
        ("VOLT {voltage_V:>999999999.3f}", "needs a number format"),
        ("VOLT {voltage_V:.999f}", "needs a number format"),
        ("VOLT {voltage_V:n}", "needs a number format"),
        ("VOLT {voltage_V:.3f", "write a brace that is meant as a brace twice"),
        ("VOLT {voltage_V:.3f},{voltage_V:.3f}", "a field stands twice"),
        ("VOLT\n{voltage_V:.3f}", "printable ASCII characters, without its terminator"),
        ("ÜVOLT", "printable ASCII"),
        ("  ", "printable ASCII"),
        ("V" * 300, "printable ASCII"),
    ],
)
def test_a_template_is_a_text_with_numbers_and_nothing_more(template: str, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        parse_command(template, FIELDS)


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{voltage_V:.3f}", "an answer's fields have no format"),
        ("{voltage_V}{current_A}", "there must be a text that separates them"),
        ("{any},{any}", "a field stands twice"),
        ("{volts}", "did you mean"),
    ],
)
def test_an_answer_is_a_text_with_numbers_and_at_most_one_anything(template: str, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        parse_answer(template, FIELDS)


@given(st.text())
def test_any_text_is_a_template_or_is_refused_with_a_reason(text: str) -> None:
    for parse in (parse_command, parse_answer):
        try:
            made = parse(text, FIELDS)
        except ValueError:
            continue
        assert set(made.fields) <= set(FIELDS)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("+2.200000E+02,0", {"voltage_V": 220.0}),
        (" 220,anything , at all ", {"voltage_V": 220.0}),
        ("220.,", {"voltage_V": 220.0}),
        (".5,", {"voltage_V": 0.5}),
        ("220", None),
        ("nan,", None),
        ("inf,", None),
        ("1_0,", None),
        ("0x10,", None),
        ("2 20,", None),
        ("٢٢٠,", None),
        ("9" * 30 + ",", None),
    ],
)
def test_a_number_is_written_in_figures(line: str, expected: dict[str, float] | None) -> None:
    assert parse_answer("{voltage_V},{any}", FIELDS).read(line) == expected


@given(st.binary(max_size=600), st.sampled_from([b"\n", b"\r", b"\r\n"]))
def test_a_line_ends_at_its_first_terminator_however_it_comes(received: bytes, terminator: bytes) -> None:
    """Grown byte by byte, the length is told at the first terminator or at the longest line, and never sooner."""
    told = next(
        ((n, length) for n in range(len(received) + 1) if (length := line_length(received[:n], terminator))),
        None,
    )
    line, found, _ = received.partition(terminator)
    if found and len(line) + len(found) <= LONGEST_LINE:
        assert told == (len(line) + len(found),) * 2
    elif len(received) > LONGEST_LINE:
        assert told == (LONGEST_LINE + 1,) * 2
    else:
        assert told is None


# --- profiles


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('send = "VOLT', 'sent = "VOLT', r"set no. 2: unknown key 'sent'; did you mean 'send'"),
        ("{voltage_V:.3f}", "{voltage_V}", r"no. 2: .* needs a number format"),
        (
            'reply = "{voltage_V}"',
            'reply = "{current_A}"',
            "reply must have the quantities of send: voltage_V",
        ),
        ('send = "VOLT {voltage_V:.3f}"', 'send = "VOLT 230"', "send tells no quantity"),
        ("{phase_angle_deg:.3f}", "{frequency_Hz:.3f}", "reply must have the quantities"),
        ('on = ["1"]', "on = []", r"state: on and off must each name an answer"),
        ('terminator = "\\n"          #', 'terminator = ";"          #', r"terminator is ';'; allowed are"),
        (
            'wirings = ["1p2w"]',
            'wirings = ["1p3w"]',
            r"wirings no. 1 is '1p3w'; allowed are '1p2w', '3p3w', '3p4w'",
        ),
        (
            "highest_voltage_V = 300.0",
            "highest_voltage_V = 0",
            r"highest_voltage_V is 0.0; it must be above 0",
        ),
        ("silence_s = 0.0", "silence_s = -1", "silence_s is -1.0; allowed is 0 to 60 s"),
        ("[error]", "[errors]", "unknown key 'errors'; did you mean 'error'"),
    ],
)
def test_a_wrong_profile_is_refused_by_name(old: str, new: str, said: str) -> None:
    assert old in TEXT
    with pytest.raises(OperatorError, match=said) as refused:
        parse_line_source(TEXT.replace(old, new, 1), "ours")
    assert str(refused.value).startswith("profile ours")
    assert "\n" not in str(refused.value)


def test_a_current_that_the_source_is_told_too_coarsely_is_refused() -> None:
    """The demo source is told tenths of a milliampere; hundredths of an ampere are none for a starting test."""
    starting = LoadPoint("Ist 1.0", 220.0, 0.04, 1.0)
    PROFILE.range.require(starting)
    coarse = parse_line_source(TEXT.replace("{current_A:.4f}", "{current_A:.2f}"), "ours").range
    with pytest.raises(OperatorError, match=r"is told currents in steps of 0\.01 A, too coarse for 0\.04 A"):
        coarse.require(starting)
    coarse.require(LoadPoint("x", 220.0, 0.1, 1.0))
    parse_line_source(TEXT.replace("{current_A:.4f}", "{current_A:.2f}"), "ours", 15.0).range.require(
        starting
    )
    parse_line_source(TEXT.replace("{current_A:.4f}", "{current_A:.4e}"), "ours").range.require(starting)
    in_registers = source_profile_text("demo-source").replace(
        'quantity = "current_l1"\naddress = 10\ntype = "f32"\nunit = "A"',
        'quantity = "current_l1"\naddress = 10\ntype = "u16"\nunit = "mA"\nscale = "10"',
    )
    with pytest.raises(OperatorError, match=r"steps of 0\.01 A"):
        parse_modbus_source(in_registers, "ours").range.require(starting)


def test_a_profile_without_an_angle_makes_no_load() -> None:
    start = TEXT.index('[[set]]\nsend = "PHAS')
    without = TEXT[:start] + TEXT[TEXT.index("[output]") :]
    with pytest.raises(OperatorError, match=r"nothing sets the phase_angle \(or power_factor\)"):
        parse_line_source(without, "ours")


MODBUS = source_profile_text("demo-source")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            'quantity = "frequency"',
            'quantity = "frequence"',
            "quantity is 'frequence'; did you mean 'frequency'",
        ),
        ('unit = "Hz"', 'unit = "V"', "unit 'V' is no unit of frequency"),
        ('scale = "0.01"', 'scale = "0"', "and not 0"),
        ("write_function = 16", "write_function = 6", "write_function 6 writes one register; f32 has 2"),
        ("write_function = 16", "write_function = 5", "write_function is 5; allowed are 6, 16"),
        ("address = 2\n", "address = 65535\n", "address 65535 is outside"),
        ("on = [1]", "on = [0]", "each value must mean one thing"),
        ("off = [0]", "off = []", "on and off must each name a value"),
        ("\non = 1", "\non = 0", "on and off must differ"),
        ("\non = 1", "\non = 70000", "on is 70000; allowed is 0 to 65535"),
        ("count = 12", "count = 99", "count is 99; allowed is 1 to 32 registers"),
        ('quantity = "voltage_l2"', 'quantity = "voltage_l1"', "a quantity is set twice"),
        ("[state]", "[status]", "unknown key 'status'; did you mean 'state'"),
    ],
)
def test_a_wrong_modbus_profile_is_refused_by_name(old: str, new: str, said: str) -> None:
    assert old in MODBUS
    with pytest.raises(OperatorError, match=said) as refused:
        parse_modbus_source(MODBUS.replace(old, new, 1), "ours")
    assert str(refused.value).startswith("profile ours")


def test_a_profile_file_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match=r"cannot be read .* give the path of a profile"):
        source_profile_text(str(tmp_path / "none.toml"))


# --- the instrument on a serial line


class Nothing:
    load: LoadPoint | None = None

    def apply(self, load_point: LoadPoint) -> None:
        self.load = load_point

    def remove(self) -> None:
        self.load = None

    def close(self) -> None: ...


Served = tuple[SimulatedProgrammableSource, Nothing, ProgrammableSource]


@pytest.fixture
def served() -> Iterator[Served]:
    pair = PtyPair()
    behind = Nothing()
    simulated = SimulatedProgrammableSource(behind)
    instrument = LineInstrument(simulated, pair.paths[1])
    clock = SystemClock()
    endpoint = RtuEndpoint(SerialSettings(pair.paths[0], 9600))
    source = ProgrammableSource(LineSource(PROFILE, endpoint, clock, timeout_s=0.3), clock)
    try:
        yield simulated, behind, source
        simulated.faults = set()
        source.close()
        assert simulated.output is Output.OFF
    finally:
        instrument.close()
        pair.close()


def test_a_load_is_told_in_lines_and_asked_back(served: Served) -> None:
    simulated, behind, source = served
    assert source.identity == "Simulated source 1"
    simulated.history.clear()
    source.apply(LOAD)
    assert simulated.history == ["off", "frequency_Hz", "voltage_V", "current_A", "phase_angle_deg", "on"]
    assert behind.load is not None
    assert (behind.load.current_A, behind.load.power_factor, behind.load.phase_side) == (10.0, 0.5, "L")
    assert source.fault() is None
    simulated.trip()
    found = source.fault()
    assert found is not None
    assert (found.reason, "tripped" in found.values["detail"]) == (Reason.SOURCE_FAULT, True)
    source.remove()
    assert behind.load is None


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (
            SourceFault.REFUSES,
            """after 'FREQ 50.00' it reports '-222,"Data out of range"'; look at its range""",
        ),
        (SourceFault.READS_OTHERWISE, r"after 'FREQ 50.00' it answers '+5.150000E+01' to 'FREQ?'"),
        (SourceFault.SILENT, "no reply in 0.3 s; check its wiring"),
        (SourceFault.DOES_NOT_SWITCH_ON, "commanded on and is off"),
    ],
)
def test_a_fault_is_one_line_that_quotes_the_source(served: Served, fault: SourceFault, said: str) -> None:
    simulated, behind, source = served
    simulated.faults = {fault}
    with pytest.raises(InstrumentError, match=re.escape(said)) as error:
        source.apply(LOAD)
    assert "\n" not in str(error.value)
    simulated.faults = set()
    source.remove()
    assert behind.load is None


@pytest.fixture
def listening() -> Iterator[tuple[int, list[bytes]]]:
    """A source that listens on a TCP port, is off, and says who it is; what it was told."""
    told: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection, connection.makefile("rwb", buffering=0) as lines:
                for line in lines:
                    told.append(line)
                    if line.endswith(b"?\n"):
                        lines.write(b"0\n" if line == b"OUTP:STAT?\n" else b"a source, on Ethernet\n")

        thread = threading.Thread(target=serve, name="listening source")
        thread.start()
        yield int(server.getsockname()[1]), told
        thread.join(10.0)
        assert not thread.is_alive()


def test_the_same_language_over_tcp(listening: tuple[int, list[bytes]]) -> None:
    port, told = listening
    clock = SystemClock()
    source = ProgrammableSource(LineSource(PROFILE, TcpEndpoint("127.0.0.1", port), clock), clock)
    assert source.identity == "a source, on Ethernet"
    source.close()
    assert told == [b"OUTP OFF\n", b"OUTP:STAT?\n", b"*IDN?\n"]


# --- a line in virtual time that says what the test wants


class Saying:
    """An endpoint and its link: answers each line with the next of `answers`, in pieces."""

    def __init__(self, clock: VirtualClock, answers: list[bytes]) -> None:
        self.clock, self.answers = clock, answers
        self.sent: list[bytes] = []
        self._pieces: list[bytes] = []
        self.opened = 0

    def open(self, clock: Clock, timeout_s: float) -> Link:
        self.opened += 1
        return self

    def advice(self) -> str:
        return "check the test"

    def __str__(self) -> str:
        return "a line"

    def send(self, data: bytes) -> None:
        self.sent.append(data)
        if data.endswith(b"?\n"):
            answer = self.answers.pop(0) if self.answers else b""
            self._pieces = [answer[i : i + 3] for i in range(0, len(answer), 3)]

    def receive(self, until_ns: int) -> bytes:
        if self._pieces:
            return self._pieces.pop(0)
        self.clock.wait_until(until_ns)
        return b""

    def close(self) -> None:
        self._pieces = []


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.binary(max_size=400) | st.sampled_from([b"0\n", b"1\n", b"TRIP\n", b'0,""\n']), max_size=30)
)
def test_whatever_a_source_says_it_is_an_answer_or_an_error_of_one_line(answers: list[bytes]) -> None:
    clock = VirtualClock()
    line = Saying(clock, answers)
    device = LineSource(PROFILE, line, clock)
    for call in (device.identity, lambda: device.switch(on=True), device.output, lambda: device.set({
        "frequency_Hz": 50.0, "voltage_V": 220.0, "current_A": 1.0, "phase_angle_deg": 0.0,
    })):  # fmt: skip
        try:
            call()
        except InstrumentError as error:
            assert "\n" not in str(error)  # noqa: PT017
            assert len(str(error)) < 400  # noqa: PT017
    assert all(len(sent) <= LONGEST_LINE for sent in line.sent)


def test_a_name_that_would_move_the_cursor_is_shown_without_that() -> None:
    clock = VirtualClock()
    device = LineSource(PROFILE, Saying(clock, [b"\x1b[2J a source\x07\n"]), clock)
    assert device.identity() == "[2J a source"


def test_off_is_commanded_although_the_source_has_old_errors_to_tell() -> None:
    clock = VirtualClock()
    line = Saying(clock, [b"0\n", b"somebody\n", b"0\n"])
    source = ProgrammableSource(LineSource(PROFILE, line, clock), clock)
    source.remove()
    assert line.sent == [b"OUTP OFF\n", b"OUTP:STAT?\n", b"*IDN?\n", b"OUTP OFF\n", b"OUTP:STAT?\n"]


def test_old_errors_are_passed_over_before_a_load_and_new_ones_are_not() -> None:
    clock = VirtualClock()
    line = Saying(clock, [b'-222,"old"\n', b'-222,"old"\n', b'0,""\n', b'-222,"new"\n'])
    device = LineSource(PROFILE, line, clock)
    with pytest.raises(InstrumentError, match=r"""after 'FREQ 50.00' it reports '-222,"new"'"""):
        device.set({"frequency_Hz": 50.0, "voltage_V": 220.0, "current_A": 1.0, "phase_angle_deg": 0.0})


def test_a_command_that_is_answered_must_be_answered_rightly() -> None:
    text = TEXT.replace('# acknowledge = "OK" ', 'acknowledge = "OK"\n#')
    profile = parse_line_source(text, "acknowledging")
    clock = VirtualClock()

    class Acknowledging(Saying):
        def send(self, data: bytes) -> None:
            super().send(data)
            if not data.endswith(b"?\n"):
                self._pieces = [b"OK\n" if b"OFF" in data else b"ERROR 7\n"]

    line = Acknowledging(clock, [b"0\n", b"somebody\n"])
    device = LineSource(profile, line, clock)
    source = ProgrammableSource(device, clock)
    assert source.identity == "somebody"
    with pytest.raises(InstrumentError, match="it answers 'ERROR 7' to 'OUTP ON'"):
        device.switch(on=True)
