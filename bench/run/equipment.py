"""The devices of a bench, and what is known of each: put together by `app.py`, used by everything that measures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bench.before_run.load_times import LoadTimes
from bench.canonical import JsonObject
from bench.configuration.load_source import LimitsSection
from bench.ports import (
    Clock,
    EnvironmentSensor,
    LoadSource,
    MachineSensor,
    MeterPort,
    Panel,
    PulseInput,
    ReferenceSample,
    ReferenceStandard,
    SourceFacts,
)
from bench.records.raw_reading import ReaderFor
from bench.run.desk import Desk, OpenDesk
from calibration.load_points import LoadPoint
from calibration.quantities import Kind

TrueError = Callable[[str, LoadPoint], float | None]
"""Position and load point -> the true error of the simulated meter there (%); None for a real one."""


def no_true_error(position: str, load_point: LoadPoint) -> float | None:
    return None


@dataclass(frozen=True)
class Equipment:
    """worth: the most a result from these devices can be.

    clock: the bench's; disk_clock: that of the machine. reader_for: reads raw files back, by the record of a run's
    inputs. station: what the record keeps of them beside the configuration (reference profile, driver facts).
    closers are called in order when the process ends. panel, environment, machine: None where there is none.
    simulated_displays: of the simulated meters, for whoever is asked to read one.
    """

    clock: Clock
    disk_clock: Clock
    pulse_inputs: Mapping[str, PulseInput]
    reference: ReferenceStandard
    load_source: LoadSource
    worth: Kind
    in_virtual_time: bool
    encode_sample: Callable[[ReferenceSample], bytes]
    reader_for: ReaderFor
    station: JsonObject = field(default_factory=dict)
    true_error_pct: TrueError = no_true_error
    desk: Desk = field(default_factory=OpenDesk)
    simulated_displays: Mapping[str, MeterPort] = field(default_factory=dict)
    meter_ports: Mapping[str, MeterPort] = field(default_factory=dict)
    source_facts: SourceFacts = field(default_factory=SourceFacts)
    load_times: LoadTimes = field(default_factory=lambda: LoadTimes(LimitsSection(), 0))
    panel: Panel | None = None
    environment: EnvironmentSensor | None = None
    machine: MachineSensor | None = None
    closers: tuple[Callable[[], None], ...] = ()
