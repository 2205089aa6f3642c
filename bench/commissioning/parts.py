"""The parts of a bench, one by one: what is there, whether it can be used, and what to do where it cannot."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import numpy as np

from bench.commissioning.machine import Machine
from bench.commissioning.plausible import is_dead, is_plausible, values_of
from bench.commissioning.words import kept_word, word
from bench.configuration.config import Config
from bench.errors import BenchError, InstrumentError
from bench.measurement.acquisition import Acquisition
from bench.ports import (
    Clock,
    ClockState,
    HasLevel,
    MeterPort,
    Panel,
    PulseInput,
    ReferenceAnswer,
    ReferenceSample,
)
from calibration.quantities import NS_PER_S, Finding
from calibration.reasons import sentence
from calibration.uncertainty import BENCH_CLOCK_LIMIT_PPM

_MB = 1_000_000
_SYNCS = 16
_SLOWEST_SYNC_S = 0.75
"""Raw data is synced that often: a sync that takes longer loses more than a second in a power cut."""


class State(StrEnum):
    OK = "ok"
    NOTE = "note"
    """Nothing is wrong, and it should be known."""
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Part:
    """One part: its kind and name, its state, and the sentence (a key of `words.py`) with its values.

    finding: what fills in `detail`. A driver's own words are English, as everywhere.
    """

    kind: str
    name: str
    state: State
    says: str
    values: Mapping[str, str] = field(default_factory=dict)
    finding: Finding | None = None

    def title(self, language: str) -> str:
        return word(self.kind, language, name=self.name)

    def sentence(self, language: str) -> str:
        detail = {}
        if self.finding is not None:
            detail["detail"] = sentence(self.finding.reason, self.finding.values, language)
        return kept_word(self.says, language, {**self.values, **detail})


def broken(kind: str, name: str, error: BenchError) -> Part:
    """A part that could not be opened."""
    return Part(kind, name, State.BAD, "cannot_open", {"detail": str(error)})


def machine_parts(machine: Machine) -> Iterator[Part]:
    """GPIO chips and serial ports. Having none is no fault: a bench may need none."""
    chips = machine.chips()
    for chip in chips:
        if chip.trouble:
            values = {"path": chip.path, "detail": chip.trouble}
            yield Part("gpio", chip.path, State.NOTE, "chip_closed", values)
            continue
        values = {"label": chip.label, "path": chip.path, "lines": str(chip.lines)}
        used = ", ".join(f"{line} ({holder})" for line, holder in chip.used)
        yield Part(
            "gpio",
            chip.path,
            State.OK,
            "chip_used" if used else "chip",
            {**values, "used": used} if used else values,
        )
    if not chips:
        yield Part("gpio", "", State.NOTE, "no_chip")
    ports = machine.serial_ports()
    for port in ports:
        values = {"path": port.stable_path or port.path, "what": port.what}
        if port.stable_path:
            yield Part("serial", port.path, State.OK, "port", values)
        else:
            yield Part("serial", port.path, State.NOTE, "port_unstable", values)
    if not ports:
        yield Part("serial", "", State.NOTE, "no_port")


def line_parts(inputs: Mapping[str, PulseInput], acquisition: Acquisition, seconds: float) -> Iterator[Part]:
    """Each pulse line that opened: its edges in the seconds that it has been read, what was lost, its level."""
    for name, line in inputs.items():
        edges = acquisition.edges[name].since(0)
        faults = acquisition.line_faults[name]
        values = {"seconds": f"{seconds:g}", "edges": str(len(edges)), "name": name}
        if faults:
            yield Part("line", name, State.BAD, "line_failed", finding=faults[0].finding)
            continue
        if edges.lost:
            yield Part("line", name, State.BAD, "line_lost", {**values, "lost": str(edges.lost)})
            continue
        if not isinstance(line, HasLevel):
            yield Part("line", name, State.OK, "line_open", values)
            continue
        level = "@high" if line.is_high() else "@low"
        yield Part("line", name, State.OK, "line_open_level", {**values, "level": level})


def meter_port_parts(ports: Mapping[str, MeterPort], *, has_voltage: bool = True) -> Iterator[Part]:
    """Each meter port: whether its meter answers, and what it says of itself. Without voltage none needs to."""
    for name, port in ports.items():
        try:
            reading = port.read()
        except InstrumentError as error:
            state = State.BAD if has_voltage else State.NOTE
            yield Part("meter_port", name, state, "meter_silent", {"detail": str(error)})
            continue
        values = {"total": f"{reading.total_kWh}"}
        if (constant := reading.meter_constant_imp_per_kWh) is None:
            yield Part("meter_port", name, State.OK, "meter_reads", values)
        else:
            values["constant"] = (
                f"{constant:f}".rstrip("0").rstrip(".") if "." in f"{constant:f}" else f"{constant:f}"
            )
            yield Part("meter_port", name, State.OK, "meter_reads_constant", values)


def reference_part(samples: Sequence[ReferenceSample], machine: Machine, fault: Finding | None) -> Part:
    """A reference that answers: whether what it says can be. fault: one that its polls had."""
    answered = [sample for sample in samples if sample.replies]
    values = values_of(answered)
    if answered and is_plausible(values) and fault is None:
        if is_dead(values):
            return Part("reference", "", State.NOTE, "reference_dead")
        return Part("reference", "", State.OK, "reference_reads", _shown(values))
    turned = values_of(machine.turned(sample) for sample in answered)
    if is_plausible(turned) and not is_dead(turned) and not is_plausible(values):
        shown = {**_shown(turned), "order": _other(machine)}
        return Part("reference", "", State.BAD, "reference_turned", shown)
    if fault is not None:
        return Part("reference", "", State.BAD, "reference_faults", finding=fault)
    return Part("reference", "", State.BAD, "reference_implausible", _shown(values))


def _other(machine: Machine) -> str:
    return "little" if machine.word_order == "big" else "big"


def searched_reference(answers: Iterable[ReferenceAnswer], config: Config, error: BenchError) -> Part:
    """A reference that does not answer as configured, after it was searched for.

    A port that cannot be opened is no place to search at; what the driver said of it stands.
    """
    for answer in _as_far_as_open(answers):
        wrong = {
            name: value for name, value in answer.settings if str(getattr(config.reference, name)) != value
        }
        settings = ", ".join(f"{name} = {value}" for name, value in answer.settings)
        change = ", ".join(f"{name} = {_toml(value)}" for name, value in wrong.items())
        if change:
            return Part(
                "reference", "", State.BAD, "reference_elsewhere", {"settings": settings, "change": change}
            )
    return Part("reference", "", State.BAD, "reference_nowhere", {"detail": str(error)})


def _as_far_as_open(answers: Iterable[ReferenceAnswer]) -> Iterator[ReferenceAnswer]:
    with suppress(BenchError):
        yield from answers


def found_part(answer: ReferenceAnswer, machine: Machine) -> Part:
    """One answer of a search, and whether its values make sense."""
    settings = ", ".join(f"{name} = {value}" for name, value in answer.settings)
    values, turned = values_of(answer.polls), values_of(answer.turned)
    if is_plausible(values):
        sense = "@sense_zero" if is_dead(values) else "@sense_yes"
        return Part("reference", "", State.OK, "found_at", {"settings": settings, "sense": sense})
    if is_plausible(turned) and not is_dead(turned):
        return Part(
            "reference", "", State.NOTE, "found_at_turned", {"settings": settings, "order": _other(machine)}
        )
    return Part("reference", "", State.NOTE, "found_at", {"settings": settings, "sense": "@sense_no"})


def _shown(values: Mapping[str, float]) -> dict[str, str]:
    names = {"voltage": "voltage_V", "current": "current_A", "power": "power_W", "frequency": "frequency_Hz"}
    return {name: f"{values[key]:.5g}" if key in values else "—" for name, key in names.items()}


def _toml(value: str) -> str:
    return value if value.isdigit() else f'"{value}"'


def disk_part(config: Config, clock: Clock) -> Part:
    """Room and speed of the state folder: a small file is synced some times. clock: real time."""
    folder = config.state_dir
    try:
        folder.mkdir(parents=True, exist_ok=True)
        took_s = _sync_times_s(folder, clock)
        free_MB = shutil.disk_usage(folder).free / _MB
    except OSError as error:
        values = {"path": str(folder), "detail": error.strerror or str(error)}
        return Part("disk", "", State.BAD, "disk_bad", values)
    values = {
        "path": str(folder),
        "free": f"{free_MB:.0f}",
        "median": f"{float(np.median(took_s)) * 1e3:.1f}",
        "worst": f"{max(took_s) * 1e3:.1f}",
    }
    if free_MB < config.bench.minimum_free_MB:
        return Part(
            "disk", "", State.BAD, "disk_full", {**values, "least": f"{config.bench.minimum_free_MB:.0f}"}
        )
    if max(took_s) > _SLOWEST_SYNC_S:
        return Part("disk", "", State.BAD, "disk_slow", values)
    return Part("disk", "", State.OK, "disk_ok", values)


def _sync_times_s(folder: Path, clock: Clock) -> list[float]:
    took_s = []
    with tempfile.NamedTemporaryFile(dir=folder, prefix="check-") as file:
        for _ in range(_SYNCS):
            file.write(bytes(4096))
            file.flush()
            began_ns = clock.now_ns()
            os.fsync(file.fileno())
            took_s.append((clock.now_ns() - began_ns) / NS_PER_S)
    return took_s


def clock_part(state: ClockState, frequency_U_ppm: float | None) -> Part:
    values = {"source": state.source, "frequency": f"{state.frequency_ppm:+.2f}"}
    if not state.is_disciplined:
        return Part("clock", "", State.NOTE, "clock_free", {"limit": f"{BENCH_CLOCK_LIMIT_PPM:g}"})
    if frequency_U_ppm is None:
        return Part("clock", "", State.NOTE, "clock_untraceable", values)
    return Part("clock", "", State.OK, "clock_disciplined", values)


def panel_part(panel: Panel) -> Part:
    """Its contacts as they are. Nobody else may use the panel meanwhile."""
    try:
        inputs = panel.read()
    except InstrumentError as error:
        return broken("panel", "", error)
    values = {
        "stop": "@pressed" if inputs.emergency_stop_pressed else "@released",
        "cover": "@open" if inputs.cover_open else "@closed",
    }
    return Part("panel", "", State.OK, "panel_reads", values)


def source_part(config: Config, identity: str, *, was_applied: bool) -> Part:
    """A load source that opened. identity: what it says of itself."""
    driver = config.load_source.driver
    if driver == "manual":
        return Part("load_source", "", State.OK, "source_manual")
    values = {"driver": f"{driver} ({identity})" if identity else driver}
    if was_applied:
        return Part("load_source", "", State.OK, "source_opens", values)
    return Part("load_source", "", State.NOTE, "source_untried", values)
