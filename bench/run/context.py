"""The bench as a run sees it; put together by `process.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from bench.configuration.config import Config
from bench.measurement.acquisition import Acquisition
from bench.measurement.loops import Loops
from bench.measurement.settling import LoadWatch, steady_for_s
from bench.ports import Clock
from bench.records.recorder import Recorder
from bench.registry.kept_texts import TextsOfRun
from bench.run.equipment import Equipment
from bench.run.progress import Progress
from bench.safety.arming import Arming
from bench.safety.guarded_source import GuardedSource
from bench.safety.liveness import Liveness
from calibration.quantities import RISING
from calibration.reference_standard import ReferenceCard

_INPUTS_LAG_S = 0.25
"""Beyond the longest reply: what a pipe or a loaded machine adds until an edge is in memory."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How often the live state is published and the running error computed; how long inputs may lag."""

    publish_s: float
    evaluate_s: float
    inputs_lag_s: float
    """After this, every edge and reading stamped before an instant has been read."""


@dataclass(frozen=True)
class RunContext:
    """equipment: the devices, with the clock that everybody waits on; nobody uses its load source but load_source."""

    config: Config
    equipment: Equipment
    load_source: GuardedSource
    arming: Arming
    liveness: Liveness
    acquisition: Acquisition
    loops: Loops
    recorder: Recorder
    texts: TextsOfRun
    publish: Callable[[Progress], None]

    @property
    def clock(self) -> Clock:
        return self.equipment.clock

    @cached_property
    def card(self) -> ReferenceCard:
        return self.config.reference.card.as_card()

    @cached_property
    def pace(self) -> Pace:
        bench = self.config.bench
        lag_s = _INPUTS_LAG_S + self.config.reference.timeout_s + 2 * bench.edge_period_s
        return Pace(bench.publish_period_s, bench.evaluation_period_s, lag_s)

    @cached_property
    def load_watch(self) -> LoadWatch:
        return load_watch(self.config)

    @property
    def is_set_by_hand(self) -> bool:
        """Whether a person sets the load and confirms it."""
        return self.config.load_source.driver == "manual"

    @cached_property
    def typed_registers(self) -> frozenset[str]:
        """Positions whose register a person types in."""
        return frozenset(p.name for p in self.config.position if p.meter_port == "ask")

    @property
    def pps_edge(self) -> int:
        return pps_edge(self.config)


def load_watch(config: Config) -> LoadWatch:
    """When a load counts as set."""
    source, card = config.load_source, config.reference.card.as_card()
    return LoadWatch(
        source.reached_within_pct,
        steady_for_s(source.steady_for_s, card),
        source.settle_timeout_s,
        power_step_W=card.power_step_W,
    )


def pps_edge(config: Config) -> int:
    """Kind of the edge that is the second."""
    return RISING if config.clock.pps is None else config.clock.pps.edge_kind
