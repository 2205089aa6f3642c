"""The load source's part of the composition root: from `[load_source]` to a driver. Read `app.py` first."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from bench.app_lines import chip_labels
from bench.clock import SystemClock
from bench.configuration.config import Config, read_load_source
from bench.configuration.load_source import LoadSourceSection
from bench.configuration.reference import ReferenceSection
from bench.errors import OperatorError
from bench.ports import Clock, LoadSource, SourceFacts, makes_any_load
from bench.run.manual_source import ManualLoadSource
from calibration.fixed_loads import FixedLoad
from calibration.load_points import LoadPoint

if TYPE_CHECKING:
    from bench.sim.plant import Plant
    from firmware_io.line_source import LineSource
    from firmware_io.line_source_profiles import LineSourceProfile
    from firmware_io.modbus_link import RtuEndpoint, TcpEndpoint
    from firmware_io.modbus_source import ModbusSource
    from firmware_io.modbus_source_profiles import ModbusSourceProfile
    from firmware_io.relay_bank import BankRange, RelayBank

P = TypeVar("P")


def load_source(
    section: LoadSourceSection,
    clock: Clock,
    plant: Plant | None,
    tell: Callable[[str], None],
    language: str,
    opened: ExitStack,
) -> tuple[LoadSource, SourceFacts]:
    """The driver, and what it knows beside its commands."""
    match section.driver:
        case "modbus" | "serial" as driver:
            from firmware_io.programmable_source import ProgrammableSource

            device = (_modbus_source if driver == "modbus" else _line_source)(section, clock, plant, opened)
            source = ProgrammableSource(device, clock)
            return source, SourceFacts(source.identity, source.require, source.fault, source.busy_s)
        case "relays":
            relays = _relay_bank(section, clock)
            return relays, SourceFacts(require=relays.require, busy_s=2 * section.switching_s)
        case "sim":
            return _simulated_source(clock, plant), SourceFacts()
    return ManualLoadSource(tell, language), SourceFacts()


def remove_load(path: Path) -> str:
    """Remove the load with what the configuration at `path` says of its source; what was done, in a line.

    Nothing else of the configuration is read, so that a mistake elsewhere in it keeps no load on.
    Errors: OperatorError, InstrumentError.
    """
    section = read_load_source(path)
    if section.driver == "manual":
        return "the load source is a person: make sure that it is off"
    if section.is_simulated:
        return "the load source is simulated: it is gone with its process"
    with ExitStack() as opened:
        source, _ = load_source(section, SystemClock(), None, lambda line: None, "en", opened)
        opened.callback(source.close)
        source.remove()
    return f"the load is removed ({section.driver})"


def source_requirement(config: Config) -> Callable[[LoadPoint], None]:
    """What raises OperatorError where the load source cannot make a load point; no device is opened.

    Errors: OperatorError where its profile is wrong.
    """
    match config.load_source.driver:
        case "modbus":
            return _modbus_source_profile(config.load_source).range.require
        case "serial":
            return _line_source_profile(config.load_source).range.require
        case "relays":
            return _bank_range(config.load_source).require
    return makes_any_load


def _simulated_source(clock: Clock, plant: Plant | None) -> LoadSource:
    from bench.sim.in_process import SimLoadSource

    if plant is None:
        raise OperatorError(
            "a simulated load source needs a simulated reference and simulated positions; name them, or where the "
            "source is ([load_source])"
        )
    return SimLoadSource(plant, clock)


def _modbus_source_profile(section: LoadSourceSection) -> ModbusSourceProfile:
    from firmware_io.modbus_source_profiles import parse_modbus_source

    return _source_profile(section, parse_modbus_source)


def _line_source_profile(section: LoadSourceSection) -> LineSourceProfile:
    from firmware_io.line_source_profiles import parse_line_source

    return _source_profile(section, parse_line_source)


def _source_profile(section: LoadSourceSection, parse: Callable[[str, str, float], P]) -> P:
    """Of a programmable source, by the name in the configuration. Errors: OperatorError."""
    from firmware_io.source_profiles import source_profile_text

    return parse(source_profile_text(section.profile), Path(section.profile).stem, section.reached_within_pct)


def _modbus_source(
    section: LoadSourceSection, clock: Clock, plant: Plant | None, opened: ExitStack
) -> ModbusSource:
    """Over its wire, or, where none is named, over that of a simulated one in front of the plant."""
    from firmware_io.modbus_source import ModbusSource

    profile = _modbus_source_profile(section)
    wire = endpoint(section) or _simulated_tcp(section, profile, clock, plant, opened)
    return ModbusSource(profile, wire, clock, device_id=section.device_id, timeout_s=section.timeout_s)


def _simulated_tcp(
    section: LoadSourceSection,
    profile: ModbusSourceProfile,
    clock: Clock,
    plant: Plant | None,
    opened: ExitStack,
) -> TcpEndpoint:
    from bench.sim.programmable_source import SimulatedProgrammableSource
    from bench.sim.source_server import SourceServer
    from firmware_io.modbus_link import TcpEndpoint

    simulated = SimulatedProgrammableSource(_simulated_source(clock, plant))
    server = SourceServer(simulated, profile, device_id=section.device_id)
    opened.callback(server.close)
    return TcpEndpoint("127.0.0.1", server.tcp().port)


def _line_source(
    section: LoadSourceSection, clock: Clock, plant: Plant | None, opened: ExitStack
) -> LineSource:
    """The same of one with a command language; the simulated one sits on a serial line."""
    from firmware_io.line_source import LineSource

    wire = endpoint(section) or _simulated_serial(section, clock, plant, opened)
    return LineSource(_line_source_profile(section), wire, clock, timeout_s=section.timeout_s)


def _simulated_serial(
    section: LoadSourceSection, clock: Clock, plant: Plant | None, opened: ExitStack
) -> RtuEndpoint:
    from bench.sim.line_instrument import LineInstrument
    from bench.sim.programmable_source import SimulatedProgrammableSource
    from bench.sim.pty_pair import PtyPair
    from firmware_io.modbus_link import RtuEndpoint
    from firmware_io.serial_line import SerialSettings

    pair = PtyPair()
    opened.callback(pair.close)
    simulated = SimulatedProgrammableSource(_simulated_source(clock, plant))
    opened.callback(LineInstrument(simulated, pair.paths[1]).close)
    return RtuEndpoint(SerialSettings(pair.paths[0], section.baud))


def endpoint(section: ReferenceSection | LoadSourceSection) -> TcpEndpoint | RtuEndpoint | None:
    """Where an instrument is; None where neither an address nor a port is named, and a simulated one stands in."""
    from firmware_io.modbus_link import RtuEndpoint, TcpEndpoint
    from firmware_io.serial_line import SerialSettings

    s = section
    if s.serial_port:
        return RtuEndpoint(SerialSettings(s.serial_port, s.baud, s.parity, s.stop_bits))
    return TcpEndpoint(s.host, s.port) if s.host else None


def _relay_bank(section: LoadSourceSection, clock: Clock) -> RelayBank:
    from firmware_io.relay_bank import RelayBank, Switch

    assert section.contactor is not None, "the configuration was checked"
    wired = [(s.line, s.active_high) for s in section.relay]
    switches = [
        Switch(line, active_high)
        for line, active_high in ((section.contactor.line, section.contactor.active_high), *wired)
    ]
    return RelayBank(
        _bank_range(section),
        switches[0],
        switches[1:],
        clock,
        switching_s=section.switching_s,
        chip_labels=chip_labels(section.chip),
    )


def _bank_range(section: LoadSourceSection) -> BankRange:
    from firmware_io.relay_bank import BankRange

    assert section.contactor is not None, "the configuration was checked"
    loads = tuple(FixedLoad(r.current_A, r.power_factor, r.phase_side) for r in section.relay)
    limits, voltage_V = section.limits, section.contactor.voltage_V
    most_A = inf if limits.highest_current_A is None else limits.highest_current_A
    most_VA = inf if limits.highest_power_VA is None else limits.highest_power_VA
    return BankRange(loads, voltage_V, section.reached_within_pct, min(most_A, most_VA / voltage_V))
