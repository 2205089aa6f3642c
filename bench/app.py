"""The composition root: from a configuration to an `Equipment`. The only module that imports drivers.

Drivers are imported when a configuration names them, so a bench without GPIO needs no GPIO library. A driver
that fails is an error that says what to do; nothing is ever replaced by the simulator.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from bench.app_lines import panel, pulse_input
from bench.app_source import endpoint, load_source
from bench.before_run.limits import LimitedSource
from bench.before_run.worth import most_of
from bench.canonical import JsonObject, exact_text
from bench.clock import SystemClock
from bench.commissioning.absent import AbsentReference, AbsentSource
from bench.configuration.config import Config
from bench.errors import BenchError, OperatorError
from bench.methods.visual import OK
from bench.ports import (
    Clock,
    EnvironmentSensor,
    MeterPort,
    PulseInput,
    ReferenceSample,
    ReferenceStandard,
    SourceFacts,
)
from bench.process import MeasuringProcess
from bench.records.journal_reading import JournalReader
from bench.registry.standing import registered
from bench.replay.audited_replay import audited_replay
from bench.replay.replay import Replay
from bench.run.desk import AnsweringDesk, Desk, OpenDesk
from bench.run.equipment import Equipment, TrueError, no_true_error
from calibration.quantities import EdgeTrain

if TYPE_CHECKING:
    from bench.sim.plant import Plant
    from firmware_io.profiles import Profile

T = TypeVar("T")
Tell = Callable[[str], None]
Excuse = Callable[[str, BenchError], None]
"""Told the part that could not be opened (`reference`, `load_source`, `panel`, `line 1`) and why; it may raise that."""


def _no_excuse(part: str, error: BenchError) -> None:
    raise error


def open_bench(
    config: Config, tell: Tell, language: str = "en", excuse: Excuse = _no_excuse
) -> MeasuringProcess:
    """A measuring process on the configured devices, to be used as a context manager.

    excuse: commissioning goes on without a part that cannot be opened; everybody else does not.
    """
    config = registered(config)
    equipment = compose(config, tell, language, excuse)
    try:
        return MeasuringProcess(config, equipment)
    except BenchError:
        for close in equipment.closers:
            close()
        raise


def compose(config: Config, tell: Tell, language: str = "en", excuse: Excuse = _no_excuse) -> Equipment:
    """Open every device that the configuration names. `tell` shows a line to the technician, in zh or en.

    Errors: OperatorError, InstrumentError; what was opened before is closed again.
    """
    from firmware_io.recording import encode_poll

    frozen_profile = _frozen_profile(config)
    profile = _profile(frozen_profile)
    _require_energy(profile, config)
    with ExitStack() as opened:
        disk_clock = SystemClock()
        clock, plant = _simulation(config, disk_clock)
        # First of all: opening it switches off what a process before this one has left on, whatever else fails.
        driver, facts = _excused(
            excuse,
            "load_source",
            lambda: load_source(config.load_source, clock, plant, tell, language, opened),
            lambda error: (AbsentSource(error), SourceFacts()),
        )
        opened.callback(driver.close)
        reference = _excused(
            excuse,
            "reference",
            lambda: _reference(config, profile, clock, plant, opened),
            lambda error: AbsentReference(clock),
        )
        opened.callback(reference.close)
        inputs = _pulse_inputs(config, clock, plant, excuse, opened)
        meter_ports = _meter_ports(config, disk_clock)
        for port in meter_ports.values():
            opened.callback(port.close)
        # Nothing is energised whose panel nobody sees.
        shown, driver = _excused(
            excuse,
            "panel",
            lambda: (panel(config, clock, plant), driver),
            lambda error: (None, AbsentSource(error)),
        )
        if shown is not None:
            opened.callback(shown.close)
        true_error_pct: TrueError = no_true_error
        if plant is not None:
            from bench.sim import station

            opened.callback(station.tell_faults_to_come, plant, tell)
            true_error_pct = station.true_error(config, plant)
            meter_ports |= station.meter_ports(config, clock, plant)
        closers = opened.pop_all()
    source = LimitedSource(driver, config.load_source.limits, clock)
    return Equipment(
        clock=clock,
        disk_clock=disk_clock,
        pulse_inputs=inputs,
        reference=reference,
        load_source=source,
        source_facts=facts,
        load_times=source.times,
        worth=most_of(config, inputs),
        in_virtual_time=config.clock.driver == "simulated",
        encode_sample=encode_poll,
        reader_for=RecordedRaw,
        station={"reference_profile": frozen_profile, "load_source": facts.identity},
        true_error_pct=true_error_pct,
        desk=_desk(config),
        meter_ports=meter_ports,
        environment=_environment(config),
        panel=shown,
        closers=(closers.close,),
    )


class RecordedRaw:
    """Raw files of a run, decoded with the profile that its record froze."""

    def __init__(self, started: JsonObject) -> None:
        self._profile = _profile(started["station"]["reference_profile"])

    def edges(self, path: Path, length: int) -> EdgeTrain:
        from firmware_io.gpio_edges import parse_records

        with path.open("rb") as file:
            return parse_records(file.read(length))

    def samples(self, path: Path, length: int) -> list[ReferenceSample]:
        from firmware_io.recording import PollReader

        with path.open("rb") as file:
            polls = PollReader(io.BytesIO(file.read(length)), path.name)
        return [poll.decode(self._profile) for poll in polls]


def replay_run(state_dir: Path, run_id: str) -> Replay:
    """Recompute a run of the journal in this folder, which a bench may have open.

    run_id: as in the journal, or its number. Errors: OperatorError where there is none.
    """
    journal = JournalReader(state_dir)
    try:
        return audited_replay(journal, journal.run(journal.known(run_id)), RecordedRaw)
    finally:
        journal.close()


def _simulation(config: Config, disk_clock: Clock) -> tuple[Clock, Plant | None]:
    """The plant of the sim drivers and the clock that it moves with; without them the machine's own clock."""
    if "sim" not in config.drivers:
        return disk_clock, None
    from bench.sim import station

    return station.simulation(config, disk_clock)


def _excused(excuse: Excuse, part: str, make: Callable[[], T], stand_in: Callable[[BenchError], T]) -> T:
    """What `make` opens; where it cannot, and that is excused, what stands in for it."""
    try:
        return make()
    except BenchError as error:
        excuse(part, error)
        return stand_in(error)


def _pulse_inputs(
    config: Config, clock: Clock, plant: Plant | None, excuse: Excuse, opened: ExitStack
) -> dict[str, PulseInput]:
    """All that can be opened, by the name of their line."""
    inputs: dict[str, PulseInput] = {}
    indices: Mapping[str, int] = {}
    if plant is not None:
        from bench.sim import station

        indices = station.line_indices(config)
        if config.simulation.servers:
            inputs = station.simulated_lines(config, clock, plant, opened)
    for name, line in config.lines.items():
        if name not in inputs:
            try:
                inputs[name] = pulse_input(line, indices.get(name), clock, plant)
            except BenchError as error:
                excuse(f"line {name}", error)
                continue
        opened.callback(inputs[name].close)
    return inputs


def _reference(
    config: Config, profile: Profile, clock: Clock, plant: Plant | None, opened: ExitStack
) -> ReferenceStandard:
    from firmware_io.modbus_link import TcpEndpoint
    from firmware_io.modbus_reference import ModbusReference

    section = config.reference
    if section.driver == "sim" and plant is not None and not config.simulation.servers:
        from bench.sim.in_process import ReplyTimes, SimReference

        return SimReference(
            plant, profile, clock, times=ReplyTimes(timeout_s=section.timeout_s), seed=config.simulation.seed
        )
    opener = endpoint(section)
    if section.driver == "sim" and plant is not None:
        from bench.sim.modbus_server import RegisterServer
        from bench.sim.polling import PollModel

        server = RegisterServer(
            plant,
            profile,
            clock,
            device_id=section.device_id,
            polling=PollModel(),
            seed=config.simulation.seed,
        )
        opened.callback(server.close)
        opener = TcpEndpoint("127.0.0.1", server.tcp().port)
    assert opener is not None, "the configuration was checked"
    return ModbusReference(profile, opener, clock, device_id=section.device_id, timeout_s=section.timeout_s)


def _meter_ports(config: Config, clock: Clock) -> dict[str, MeterPort]:
    """The ports of the meters that are read over a serial line; meters on one line share it.

    Real ones keep real time, also where the rest of the bench is simulated.
    """
    wired = {p.name: p for p in config.position if p.meter_serial is not None}
    if not wired:
        return {}
    from firmware_io.meter_ports import EXPORT, IMPORT, Dlt645Port, MeterLine, ModeCPort
    from firmware_io.serial_line import SerialSettings

    lines: dict[SerialSettings, MeterLine] = {}
    ports: dict[str, MeterPort] = {}
    exports = config.reference.energy == "export"
    for name, position in wired.items():
        wire = position.meter_serial
        assert wire is not None
        is_mode_c = position.meter_port == "iec62056-21"
        data_bits = 7 if is_mode_c and wire.parity != "N" else 8
        settings = SerialSettings(wire.port, 300 if is_mode_c else wire.baud, wire.parity, 1, data_bits)
        if any(s.port == settings.port and s != settings for s in lines):
            raise OperatorError(
                f"position {name}: {wire.port} is used with other settings by another position; meters on one "
                "line talk at one rate and one parity"
            )
        line = lines.setdefault(settings, MeterLine(settings, clock))
        if is_mode_c:
            ports[name] = ModeCPort(line, wire.address, reads_export=exports)
        else:
            ports[name] = Dlt645Port(line, wire.address, EXPORT if exports else IMPORT)
    return ports


def _environment(config: Config) -> EnvironmentSensor | None:
    """None: the plan says how warm it is. A sensor that does not answer is told by the run, not here."""
    if config.environment.driver == "typed":
        return None
    from firmware_io.hwmon import HwmonSensor

    return HwmonSensor(config.environment.chip)


def _desk(config: Config) -> Desk:
    if config.desk.driver == "sim":
        return AnsweringDesk(lambda question, position: dict.fromkeys(question.fields, OK))
    return OpenDesk()


def require_profile(config: Config) -> None:
    """What opening the reference would refuse of its profile, without a device. Errors: OperatorError."""
    _require_energy(configured_profile(config), config)


def _frozen_profile(config: Config) -> JsonObject:
    """All that says how the reference's registers are decoded: what the record keeps and a replay reads."""
    from firmware_io.profiles import profile_text

    reference = config.reference
    return {
        "name": Path(reference.profile).stem,
        "text": profile_text(reference.profile),
        "energy": reference.energy,
        "power": reference.power,
        "export_is_negative": True,
        "energy_address": reference.energy_address,
        "ct_ratio": exact_text(reference.ct_ratio),
        "vt_ratio": exact_text(reference.vt_ratio),
    }


def _profile(frozen: JsonObject) -> Profile:
    """The profile that was frozen. A record from before a choice was frozen made none."""
    from firmware_io.profiles import Choice, EnergyRegister, PowerRegister, parse_profile

    choice = Choice(
        EnergyRegister[frozen.get("energy", "import").upper()],
        PowerRegister[frozen.get("power", "total").upper()],
        frozen.get("energy_address"),
        Decimal(frozen.get("ct_ratio", "1")),
        Decimal(frozen.get("vt_ratio", "1")),
        frozen.get("export_is_negative", False),
    )
    return parse_profile(frozen["text"], frozen["name"], choice)


def configured_profile(config: Config) -> Profile:
    """The profile of the reference standard as this configuration reads it. Errors: OperatorError."""
    return _profile(_frozen_profile(config))


def _require_energy(profile: Profile, config: Config) -> None:
    if profile.registers.register("energy_Wh") is None:
        raise OperatorError(
            f"profile {profile.name} has no register of the energy '{config.reference.energy}'; set "
            "reference.energy_address to where the instrument shows it, or choose another reference.energy"
        )
