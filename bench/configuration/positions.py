"""`[[position]]` of bench.toml: where a meter hangs, and how what it tells over its port is read."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.configuration.lines import PulseLineSection, check_line, debounced
from bench.errors import OperatorError
from bench.line_names import CLOCK_SUFFIX, PPS_LINE, REFERENCE_LINE
from bench.toml_reader import setting

_NAME = re.compile(r"[\w.-]{1,40}")


@dataclass(frozen=True)
class MeterSerialSection:
    """The serial line to a meter's communication port; meters on one RS-485 line name the same port."""

    port: str = setting("serial port, best its name under /dev/serial/by-id")
    address: str = setting(
        "dlt645: the meter's 12 digits; iec62056-21: its device address; empty: alone on the line", ""
    )
    baud: int = setting("dlt645: baud rate (iec62056-21 begins at 300)", 2400, low=300, high=115_200)
    parity: str = setting(
        "parity; N with iec62056-21 means 8 data bits, else 7", "E", choices=("N", "E", "O")
    )


@dataclass(frozen=True, kw_only=True)
class PositionSection(PulseLineSection):
    """One position: the test output of the meter that hangs there."""

    name: str = setting("name of the position; plans refer to it")
    meter_port: str = setting(
        "how the meter's registers are read: none, ask (the technician types them in), dlt645 (DL/T 645-2007), "
        "iec62056-21 (mode C) or sim",
        "none",
        choices=("none", "ask", "dlt645", "iec62056-21", "sim"),
    )
    meter_serial: MeterSerialSection | None = field(
        default=None, metadata={"doc": "the serial line to its communication port"}
    )
    meter_identity: str = setting(
        "what the meter tells over its port is compared with the plan before a current flows, and another meter is "
        "refused: serial (its constant, and its address with [[meter]] address or serial), serial_end (the shorter of "
        "the two is the end of the longer), constant (where the address is no number of the plan), none; empty: serial "
        "with dlt645 and iec62056-21, none with sim",
        "",
        choices=("serial", "serial_end", "constant", "none"),
    )
    clock_output: PulseLineSection | None = field(
        default=None, metadata={"doc": "the meter's 1 Hz clock output, if it is wired"}
    )
    simulated_error_pct: float = setting("sim: true error of the simulated meter", 0.35, low=-90, high=100)
    simulated_constant_imp_per_kWh: float = setting("sim: constant of the simulated meter", 1200.0, above=0)
    simulated_phase_error_pct: tuple[float, ...] = setting(
        "sim: what is added to its error where phase A, B or C alone is loaded", (), low=-90, high=100
    )
    simulated_starts_at_W: float = setting("sim: a lower power is not counted", 0.0, low=0)
    simulated_creep_W: float = setting("sim: what it counts with voltage and no current", 0.0, low=0)
    simulated_register_decimals: int = setting("sim: decimals of its energy register", 4, low=0, high=6)
    simulated_register_error_pct: float = setting(
        "sim: error of its register against its pulses", 0.0, low=-90, high=100
    )
    simulated_declared_constant_imp_per_kWh: float | None = setting(
        "sim: the constant that the meter tells, if it is not the true one", None, above=0
    )
    simulated_address: str = setting("sim: the address that the meter tells; empty: none", "")
    simulated_tariff_defect_kWh: float = setting(
        "sim: by how much its tariffs do not sum up", 0.0, low=-1000, high=1000
    )
    simulated_clock_error_s_per_day: float = setting(
        "sim: daily error of its clock output", 0.1, low=-1000, high=1000
    )

    def completed(self) -> PositionSection:
        """With what follows from its settings (`lines.debounced`)."""
        clock_output = self.clock_output and debounced(self.clock_output)
        return dataclasses.replace(debounced(self), clock_output=clock_output)


def check_positions(positions: Sequence[PositionSection], where: str) -> None:
    """Each by itself, their names, and the serial lines that they share. Errors: OperatorError."""
    _check_names([p.name for p in positions], where)
    _check_buses(positions, where)
    for position in positions:
        _check_position(position, f"{where}: position {position.name}")


def _check_names(names: Sequence[str], where: str) -> None:
    if not names:
        raise OperatorError(f"{where}: there is no [[position]]; add one for each wired test output")
    if len(set(names)) != len(names):
        raise OperatorError(f"{where}: two positions have the same name; names must differ")
    for name in names:
        if not _NAME.fullmatch(name):
            raise OperatorError(
                f"{where}: position {name!r}: a name is 1 to 40 letters, digits, '_', '-' or '.' (it names files)"
            )


def _check_position(position: PositionSection, where: str) -> None:
    if position.name == REFERENCE_LINE:
        raise OperatorError(f"{where}: this name is kept for the reference's pulses")
    if position.name == PPS_LINE:
        raise OperatorError(f"{where}: this name is kept for the pulses of each second ([clock.pps])")
    if position.name.endswith(CLOCK_SUFFIX):
        raise OperatorError(f"{where}: names that end in {CLOCK_SUFFIX} are kept for clock outputs")
    check_line(position, where)
    if position.clock_output is not None:
        check_line(position.clock_output, f"{where}: [position.clock_output]")
    if position.driver != "sim" and "sim" in (
        position.meter_port,
        position.clock_output and position.clock_output.driver,
    ):
        raise OperatorError(f"{where}: a simulated meter_port or clock_output needs driver = 'sim'")
    if (position.meter_port in ("dlt645", "iec62056-21")) != (position.meter_serial is not None):
        raise OperatorError(
            f"{where}: [position.meter_serial] and meter_port = 'dlt645' or 'iec62056-21' belong together"
        )
    if position.meter_identity not in ("", "none") and position.meter_port in ("none", "ask"):
        raise OperatorError(
            f"{where}: meter_identity = {position.meter_identity!r} needs a meter_port that the bench reads by itself"
        )
    if position.meter_port == "dlt645" and position.meter_serial is not None:
        address = position.meter_serial.address
        if not re.fullmatch("([0-9]{12})?", address):
            raise OperatorError(
                f"{where}: [position.meter_serial] address is {address!r}; give its 12 digits, or nothing for a meter "
                "alone on its line"
            )
    if len(position.simulated_phase_error_pct) not in (0, 3):
        raise OperatorError(f"{where}: simulated_phase_error_pct has three values, for the phases A, B and C")


def _check_buses(positions: Sequence[PositionSection], where: str) -> None:
    """Meters that share a serial line are told apart by their addresses."""
    at: dict[tuple[str, str], str] = {}
    for position in positions:
        if (wire := position.meter_serial) is None:
            continue
        if (wire.port, wire.address) in at:
            raise OperatorError(
                f"{where}: positions {at[wire.port, wire.address]} and {position.name} ask the same address on "
                f"{wire.port}; meters on one line need an address each"
            )
        if any(port == wire.port and "" in (address, wire.address) for port, address in at):
            raise OperatorError(
                f"{where}: position {position.name}: several meters are on {wire.port}, so each needs its address"
            )
        at[wire.port, wire.address] = position.name
