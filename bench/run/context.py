"""The bench as a run sees it; put together by `process.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from bench.before_run.load_times import LoadTimes
from bench.canonical import JsonObject
from bench.measurement.acquisition import Acquisition
from bench.measurement.settling import LoadWatch
from bench.ports import Clock, EnvironmentSensor, MeterPort, SourceFacts
from bench.records.recorder import Recorder
from bench.run.desk import Desk
from bench.run.progress import Progress
from bench.safety.arming import Arming
from bench.safety.guarded_source import GuardedSource
from bench.safety.liveness import Liveness
from calibration.load_points import LoadPoint
from calibration.quantities import RISING
from calibration.reference_standard import ReferenceCard


@dataclass(frozen=True, slots=True)
class Pace:
    """How often the live state is published and the running error computed; how long inputs may lag."""

    publish_s: float
    evaluate_s: float
    inputs_lag_s: float
    """After this, every edge and reading stamped before an instant has been read."""


class LoopWatch(Protocol):
    """What the runner asks of the loops."""

    def check(self) -> None:
        """Raise what a loop died of."""

    def start_window(self) -> None: ...

    def end_window(self) -> JsonObject:
        """Hand over what waits to be recorded; declared periods and worst lateness since the start."""


@dataclass(frozen=True)
class RunContext:
    """typed_registers: positions whose register a person types in; meter_ports: of those that can be read.

    pps_edge: kind of the edge that is the second. is_set_by_hand: whether a person sets the load and confirms it.
    """

    clock: Clock
    load_source: GuardedSource
    arming: Arming
    liveness: Liveness
    acquisition: Acquisition
    loops: LoopWatch
    recorder: Recorder
    card: ReferenceCard
    pace: Pace
    load_watch: LoadWatch
    publish: Callable[[Progress], None]
    true_error_pct: Callable[[str, LoadPoint], float | None]
    desk: Desk
    load_times: LoadTimes
    source_facts: SourceFacts
    is_set_by_hand: bool = False
    meter_ports: Mapping[str, MeterPort] = field(default_factory=dict)
    typed_registers: frozenset[str] = frozenset()
    pps_edge: int = RISING
    environment: EnvironmentSensor | None = None
