"""The composition root: from a configuration to an `Equipment`. It and its parts `app_*.py` alone import drivers.

Drivers are imported when a configuration names them, so a bench without GPIO needs no GPIO library. A driver
that fails is an error that says what to do; nothing is ever replaced by the simulator.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from bench.app_lines import panel, pulse_input
from bench.app_meters import wired_meter_ports
from bench.app_reference import RecordedRaw, reference_standard, usable_profile
from bench.app_source import load_source
from bench.before_run.limits import LimitedSource
from bench.before_run.worth import most_of
from bench.clock import SystemClock
from bench.commissioning.absent import AbsentReference, AbsentSource
from bench.configuration.config import Config
from bench.errors import BenchError
from bench.methods.visual import OK
from bench.ports import (
    Clock,
    EnvironmentSensor,
    LoadSource,
    MeterPort,
    Panel,
    PulseInput,
    ReferenceStandard,
    SourceFacts,
)
from bench.process import MeasuringProcess
from bench.records.journal_reading import JournalReader
from bench.registry.standing import registered
from bench.replay.audited_replay import replay_of_journal
from bench.replay.replay import Replay
from bench.run.desk import AnsweringDesk, Desk, OpenDesk
from bench.run.equipment import Equipment, TrueError, no_true_error

if TYPE_CHECKING:
    from bench.sim.plant import Plant
    from firmware_io.reference_profiles import ReferenceProfile

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
    from firmware_io.machine_sensors import MachineSensors
    from firmware_io.recording import encode_poll

    frozen_profile, profile = usable_profile(config)
    with ExitStack() as opened:
        parts = _Parts(config, excuse, opened)
        # First of all: opening it switches off what a process before this one has left on, whatever else fails.
        driver, facts = parts.load_source(tell, language)
        reference = parts.reference(profile)
        inputs = parts.pulse_inputs()
        meter_ports = parts.meter_ports()
        # Nothing is energised whose panel nobody sees.
        shown, driver = parts.panel(driver)
        true_error_pct = parts.true_error(tell)
        closers = opened.pop_all()
    source = LimitedSource(driver, config.load_source.limits, parts.clock)
    return Equipment(
        clock=parts.clock,
        disk_clock=parts.disk_clock,
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
        simulated_displays=parts.simulated_displays(),
        meter_ports=meter_ports,
        environment=_environment(config),
        machine=MachineSensors(),
        panel=shown,
        closers=(closers.close,),
    )


class _Parts:
    """The devices of a configuration, opened one after another. opened: closes them again."""

    def __init__(self, config: Config, excuse: Excuse, opened: ExitStack) -> None:
        self._config, self._excuse, self._opened = config, excuse, opened
        self.disk_clock: Clock = SystemClock()
        self.clock, self._plant = _simulation(config, self.disk_clock)

    def load_source(self, tell: Tell, language: str) -> tuple[LoadSource, SourceFacts]:
        section, clock, plant, opened = self._config.load_source, self.clock, self._plant, self._opened
        driver, facts = self._excused(
            "load_source",
            lambda: load_source(section, clock, plant, tell, language, opened),
            lambda error: (AbsentSource(error), SourceFacts()),
        )
        opened.callback(driver.close)
        return driver, facts

    def reference(self, profile: ReferenceProfile) -> ReferenceStandard:
        reference = self._excused(
            "reference",
            lambda: reference_standard(self._config, profile, self.clock, self._plant, self._opened),
            lambda error: AbsentReference(self.clock),
        )
        self._opened.callback(reference.close)
        return reference

    def pulse_inputs(self) -> dict[str, PulseInput]:
        """All that can be opened, by the name of their line."""
        inputs: dict[str, PulseInput] = {}
        indices: Mapping[str, int] = {}
        if self._plant is not None:
            from bench.sim import station

            indices = station.line_indices(self._config)
            if self._config.simulation.servers:
                inputs = station.simulated_lines(self._config, self.clock, self._plant, self._opened)
        for name, line in self._config.lines.items():
            if name not in inputs:
                try:
                    inputs[name] = pulse_input(line, indices.get(name), self.clock, self._plant)
                except BenchError as error:
                    self._excuse(f"line {name}", error)
                    continue
            self._opened.callback(inputs[name].close)
        return inputs

    def meter_ports(self) -> dict[str, MeterPort]:
        ports = wired_meter_ports(self._config, self.disk_clock)
        for port in ports.values():
            self._opened.callback(port.close)
        if self._plant is not None:
            from bench.sim import station

            ports |= station.meter_ports(self._config, self.clock, self._plant)
        return ports

    def simulated_displays(self) -> dict[str, MeterPort]:
        """Of the simulated meters that a person is asked to read."""
        if self._plant is None:
            return {}
        from bench.sim import station

        return station.displays(self._config, self.clock, self._plant)

    def panel(self, driver: LoadSource) -> tuple[Panel | None, LoadSource]:
        """And the load source that may be used with it."""
        shown, driver = self._excused(
            "panel",
            lambda: (panel(self._config, self.clock, self._plant), driver),
            lambda error: (None, AbsentSource(error)),
        )
        if shown is not None:
            self._opened.callback(shown.close)
        return shown, driver

    def true_error(self, tell: Tell) -> TrueError:
        """What only a simulated bench knows; at the end it tells of faults that never came."""
        if self._plant is None:
            return no_true_error
        from bench.sim import station

        self._opened.callback(station.tell_faults_to_come, self._plant, tell)
        return station.true_error(self._config, self._plant)

    def _excused(self, part: str, make: Callable[[], T], stand_in: Callable[[BenchError], T]) -> T:
        """What `make` opens; where it cannot, and that is excused, what stands in for it."""
        try:
            return make()
        except BenchError as error:
            self._excuse(part, error)
            return stand_in(error)


def replay_run(state_dir: Path, run_id: str) -> Replay:
    """Recompute a run of the journal in this folder, which a bench may have open.

    run_id: as in the journal, or its number. Errors: OperatorError where there is none.
    """
    journal = JournalReader(state_dir)
    try:
        return replay_of_journal(journal, journal.run(journal.known(run_id)), RecordedRaw)
    finally:
        journal.close()


def _simulation(config: Config, disk_clock: Clock) -> tuple[Clock, Plant | None]:
    """The plant of the sim drivers and the clock that it moves with; without them the machine's own clock."""
    if "sim" not in config.drivers:
        return disk_clock, None
    from bench.sim import station

    return station.simulation(config, disk_clock)


def _environment(config: Config) -> EnvironmentSensor | None:
    """None: the plan says how warm it is. A sensor that does not answer is told by the run, not here."""
    if config.environment.driver == "typed":
        return None
    if config.environment.driver == "sim":
        from bench.sim.environment import SimSensor

        return SimSensor()
    from firmware_io.hwmon import HwmonSensor

    return HwmonSensor(config.environment.chip)


def _desk(config: Config) -> Desk:
    if config.desk.driver == "sim":
        return AnsweringDesk(lambda question, position: dict.fromkeys(question.fields, OK))
    return OpenDesk()
