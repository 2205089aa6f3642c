"""The devices of the configuration, looked at once: without a load, and under one where it is wished for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from bench.app import Excuse, compose
from bench.commissioning.absent import RememberingReference
from bench.commissioning.device_parts import line_parts, meter_port_parts, panel_part, source_part
from bench.commissioning.machine import Machine
from bench.commissioning.machine_parts import clock_part
from bench.commissioning.parts import Part, broken
from bench.commissioning.reference import ReferenceCheck, check_reference, judged
from bench.commissioning.reference_part import reference_part, searched_reference
from bench.configuration.config import Config
from bench.errors import BenchError, InstrumentError
from bench.ports import Panel, ReferenceSample, makes_any_load
from bench.process import MeasuringProcess
from calibration.load_points import LoadPoint


@dataclass(frozen=True, slots=True)
class Load:
    """The load that the reference is measured under, by its larger current; dwell_s: at each of its steps."""

    voltage_V: float
    current_A: float
    dwell_s: float


class Devices:
    """The devices of the configuration, looked at once."""

    def __init__(
        self,
        config: Config,
        machine: Machine,
        seconds: float,
        load: Load | None,
        tell: Callable[[str], None],
        language: str,
    ) -> None:
        """seconds: how long the lines are watched without a load; load: None for none."""
        self._config, self._machine, self._seconds, self._load = config, machine, seconds, load
        self._tell, self._language = tell, language
        self._refused: dict[str, BenchError] = {}
        self.latency: ReferenceCheck | None = None
        self.reference: ReferenceCheck | None = None
        self.makes: Callable[[LoadPoint], None] = makes_any_load
        self._under_load_samples: tuple[ReferenceSample, ...] = ()

    def look(self) -> list[Part]:
        """Every part that a device of the configuration is, in the order in which they are told."""
        excuse: Excuse = self._refused.__setitem__
        equipment = compose(self._config, self._tell, self._language, excuse)
        self._remembered = RememberingReference(equipment.reference)
        panel = _panel_parts(equipment.panel, self._refused.get("panel"))
        try:
            process = MeasuringProcess(self._config, replace(equipment, reference=self._remembered))
        except BenchError as error:
            for close in equipment.closers:
                close()
            return [*panel, broken("journal", "", error)]
        with process:
            self.makes = process.equipment.source_facts.require
            return [*panel, *self._parts(process)]

    def _parts(self, process: MeasuringProcess) -> Iterator[Part]:
        began_ns = process.clock.now_ns()
        process.wait_idle(self._seconds)
        without_load = self._remembered.latest()
        yield clock_part(process.clock.state(), self._config.clock.frequency_U_ppm)
        for name, why in self._refused.items():
            if name.startswith("line "):
                yield broken("line", name.removeprefix("line "), why)
        yield from line_parts(process.equipment.pulse_inputs, process.acquisition, self._seconds)
        if (error := self._refused.get("reference")) is not None:
            answers = self._machine.search(self._machine.clock, "")
            yield searched_reference(answers, self._config, error)
        else:
            self.latency = _or_none(lambda: judged(process, began_ns))
        under_load = list(self._under_load(process))
        if error is None:
            faults = process.acquisition.reference_faults
            samples = self._under_load_samples or without_load
            yield reference_part(samples, self._machine, faults[-1].finding if faults else None)
        yield from under_load

    def _under_load(self, process: MeasuringProcess) -> Iterator[Part]:
        ports = process.equipment.meter_ports
        if (error := self._refused.get("load_source")) is not None:
            yield broken("load_source", "", error)
        load = self._load
        if load is None or self._refused.keys() & {"reference", "load_source", "panel"}:
            if error is None:
                yield source_part(self._config, process.equipment.source_facts.identity, was_applied=False)
            has_voltage = bool(process.acquisition.auxiliary.get("voltage_V"))
            yield from meter_port_parts(ports, has_voltage=has_voltage)
            return
        answered: list[Part] = []

        def at_load() -> None:
            answered.extend(meter_port_parts(ports))
            self._under_load_samples = self._remembered.latest()

        try:
            self.reference = check_reference(
                process,
                load.voltage_V,
                load.current_A,
                load.dwell_s,
                self._tell,
                self._language,
                at_load=at_load,
            )
        except BenchError as failed:
            # What the reference said meanwhile may be the reason.
            self._under_load_samples = self._remembered.latest()
            yield broken("load_source", "", failed)
        else:
            yield source_part(self._config, process.equipment.source_facts.identity, was_applied=True)
        yield from answered or meter_port_parts(ports)


def _panel_parts(panel: Panel | None, error: BenchError | None) -> list[Part]:
    if error is not None:
        return [broken("panel", "", error)]
    return [] if panel is None else [panel_part(panel)]


def _or_none(look: Callable[[], ReferenceCheck]) -> ReferenceCheck | None:
    try:
        return look()
    except InstrumentError:
        return None
