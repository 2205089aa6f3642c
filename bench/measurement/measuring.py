"""Counting pulses at one load point: from the moment the load is steady, one run with a window a position.

`PointMeasurement` cuts the run out of the acquisition and asks the core for an `ErrorResult`: the running
estimate and the final result come from the same function on the same data. The final result is computed
after every input has been read beyond the run's last instant, so that a replay from the raw files has
exactly the same edges and readings.
"""

from __future__ import annotations

from collections.abc import Container, Mapping

from bench.line_names import REFERENCE_LINE
from bench.measurement.acquisition import Acquisition
from bench.methods.steps import CountPulses
from bench.ports import Clock
from calibration.evaluation import evaluate
from calibration.nameplate import MeterUnderTest
from calibration.quantities import NS_PER_S, EdgeTrain, ErrorResult, InstrumentFault, Outcome
from calibration.reasons import Reason
from calibration.reference_standard import ReferenceCard
from calibration.sequential import early_decision

_WAITS = frozenset(
    {
        Reason.TOO_FEW_PULSES,
        Reason.TOO_FEW_TICKS,
        Reason.UNCERTAINTY_TOO_LARGE,
        Reason.NO_VALID_ESTIMATOR,
        Reason.WINDOW_OUTSIDE_READINGS,
        Reason.NO_REFERENCE_PULSES,
        Reason.POLLED_TOO_SLOWLY,
        Reason.REFRESH_NOT_PERIODIC,
        Reason.SCALE_INCONSISTENT,
        Reason.SCALE_OUT_OF_SPECIFICATION,
        Reason.RESIDUALS_DRIFT,
        Reason.LAG_MISMATCH,
        Reason.ESTIMATORS_DISAGREE,
    }
)
"""Reasons that more data may cure while a window runs; any other ends the window at once."""


class SlewWatch:
    """How far the kernel's rate correction of the clock moved away from where it was at the start."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._at_start_ppm = clock.state().frequency_ppm
        self.worst_ppm = 0.0

    def look(self) -> float:
        self.worst_ppm = max(self.worst_ppm, abs(self._clock.state().frequency_ppm - self._at_start_ppm))
        return self.worst_ppm


class PointMeasurement:
    """One `CountPulses` on its way. Instants in ns of the bench clock."""

    def __init__(
        self,
        step: CountPulses,
        acquisition: Acquisition,
        meters: Mapping[str, MeterUnderTest],
        card: ReferenceCard,
        clock: Clock,
        ambient_C: float | None = None,
    ) -> None:
        self.step = step
        self.positions = tuple(step.wanted_uncertainty_pct)
        self.first_ns = clock.now_ns()
        self.slew = SlewWatch(clock)
        self.decided: dict[str, ErrorResult] = {}
        """By a look of the sequential rule: the position's result, which later pulses do not change any more."""
        self.early_outcomes: dict[str, Outcome] = {}
        self.decided_at_ns: dict[str, int] = {}
        self._broken: set[str] = set()
        self._lasting: set[str] = set()
        self._acquisition = acquisition
        self._meters = meters
        self._card = card.at(step.load_point, ambient_C)
        self._first_edge = {p: len(store) for p, store in acquisition.edges.items()}
        self._looks_ns = [self.first_ns + round(s * NS_PER_S) for s in step.looks_s]

    def edges(self, position: str) -> EdgeTrain:
        """The edges since the run began (a view)."""
        return self._acquisition.edges[position].since(self._first_edge[position])

    def line_faults(self, position: str, last_ns: int) -> tuple[InstrumentFault, ...]:
        lines = self._acquisition.line_faults
        faults = [*lines[position], *lines.get(REFERENCE_LINE, ())]
        return tuple(f for f in faults if self.first_ns <= f.at_ns <= last_ns)

    def evaluate_all(self, last_ns: int) -> dict[str, ErrorResult]:
        """A result for each position; one that is decided keeps the result of its look."""
        slew_ppm = self.slew.look()
        open_ = [p for p in self.positions if p not in self.decided]
        has_reference_pulses = REFERENCE_LINE in self._acquisition.edges
        results = evaluate(
            {p: self.edges(p) for p in open_},
            self._acquisition.readings_since(self.first_ns),
            reference_edges=self.edges(REFERENCE_LINE) if has_reference_pulses else None,
            meters=self._meters,
            card=self._card,
            load_point=self.step.load_point,
            stability_pct=self.step.stability_pct,
            run_ns=(self.first_ns, last_ns),
            clock_slew_ppm=slew_ppm,
            line_findings={p: tuple(f.finding for f in self.line_faults(p, last_ns)) for p in open_},
        )
        broken = {p for p, result in results.items() if self.is_broken(result)}
        self._lasting, self._broken = broken & self._broken, broken
        return {p: self.decided.get(p) or results[p] for p in self.positions}

    @property
    def next_look_ns(self) -> int | None:
        """The next declared instant of the sequential rule."""
        return self._looks_ns[0] if self._looks_ns else None

    def take_look(self) -> dict[str, ErrorResult]:
        """The declared look: positions whose error is decided against its limit stop here."""
        at_ns = self._looks_ns.pop(0)
        results = self.evaluate_all(at_ns)
        for position, result in results.items():
            if position in self.decided:
                continue
            if (outcome := early_outcome(self.step, position, result)) is not None:
                self.decided[position], self.early_outcomes[position] = result, outcome
                self.decided_at_ns[position] = at_ns
        return results

    def is_satisfied(self, position: str, result: ErrorResult) -> bool:
        """The wanted uncertainty, the minimum time and the minimum pulses are there; with looks: it is decided."""
        if self.step.looks_s:
            return position in self.decided or not self._looks_ns
        U_pct, window = result.expanded_uncertainty_pct, result.window
        return (
            result.percentage_error_pct is not None
            and U_pct is not None
            and window is not None
            and U_pct <= self.step.wanted_uncertainty_pct[position]
            and window.duration_s >= self.step.minimum_time_s
            and window.intervals >= self.step.minimum_pulses
        )

    @staticmethod
    def is_broken(result: ErrorResult) -> bool:
        """More data cannot make this window valid."""
        return result.percentage_error_pct is None and any(f.reason not in _WAITS for f in result.findings)

    def is_spoilt(self, position: str) -> bool:
        """Broken at two looks in a row: nobody waits for it, and its window gives no number."""
        return position in self._lasting

    def is_over(self, results: Mapping[str, ErrorResult], skipped: Container[str] = ()) -> bool:
        """Every position has what is wanted, or is broken at two looks in a row: with few data a screen may see
        a fault in noise, and a real one stays. skipped: whom nobody waits for."""
        return all(p in skipped or self.is_satisfied(p, r) or self.is_spoilt(p) for p, r in results.items())

    def elapsed_s(self, now_ns: int) -> float:
        return (now_ns - self.first_ns) / NS_PER_S


def early_outcome(step: CountPulses, position: str, result: ErrorResult) -> Outcome | None:
    """PASS or FAIL where a look of the sequential rule decides, with the pulses that the plan wants. Only for results
    of a declared look (used by replay, too)."""
    mpe_pct = step.mpe_pct.get(position)
    error_pct, u_pct, dof = (
        result.percentage_error_pct,
        result.standard_uncertainty_pct,
        result.degrees_of_freedom,
    )
    if mpe_pct is None or not step.looks_s:
        return None
    if error_pct is None or u_pct is None or dof is None or result.window is None:
        return None
    if result.window.intervals < step.minimum_pulses:
        return None
    return early_decision(error_pct, u_pct, dof, mpe_pct, looks=len(step.looks_s))
