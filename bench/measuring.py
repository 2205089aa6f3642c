"""Counting pulses at one load point: from the moment the load is steady, one run with a window a position.

`PointMeasurement` cuts the run out of the acquisition and asks the core for an `ErrorResult`: the running
estimate and the final result come from the same function on the same data. The final result is computed
after every input has been read beyond the run's last instant, so that a replay from the raw files has
exactly the same edges and readings.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from bench.acquisition import Acquisition
from bench.config import REFERENCE_LINE
from bench.ports import Clock
from bench.steps import CountPulses
from calibration.equipment import ReferenceCard
from calibration.load_points import LoadPoint
from calibration.nameplate import MeterUnderTest
from calibration.quantities import (
    NS_PER_S,
    EdgeTrain,
    ErrorResult,
    Finding,
    InstrumentFault,
    ReferenceReadings,
)
from calibration.reasons import Reason

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


class Evaluate(Protocol):
    """`calibration.evaluation.evaluate`."""

    def __call__(
        self,
        edges: EdgeTrain,
        readings: ReferenceReadings,
        *,
        reference_edges: EdgeTrain | None,
        meter: MeterUnderTest,
        card: ReferenceCard,
        load_point: LoadPoint,
        stability_pct: float,
        run_first_ns: int,
        run_last_ns: int,
        clock_slew_ppm: float,
    ) -> ErrorResult: ...


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
        evaluate: Evaluate,
        clock: Clock,
    ) -> None:
        self.step = step
        self.positions = tuple(step.wanted_uncertainty_pct)
        self.first_ns = clock.now_ns()
        self.slew = SlewWatch(clock)
        self._broken: set[str] = set()
        self._lasting: set[str] = set()
        self._acquisition = acquisition
        self._meters = meters
        self._card = card
        self._evaluate = evaluate
        self._first_edge = {p: len(store) for p, store in acquisition.edges.items()}
        self._has_reference_pulses = REFERENCE_LINE in acquisition.edges

    def edges(self, position: str) -> EdgeTrain:
        """The edges since the run began (a view)."""
        return self._acquisition.edges[position].since(self._first_edge[position])

    def pulses(self, position: str) -> int:
        return int((self.edges(position).kind == self._meters[position].test_output_edge).sum())

    def line_faults(self, position: str, last_ns: int) -> tuple[InstrumentFault, ...]:
        lines = self._acquisition.line_faults
        faults = [*lines[position], *lines.get(REFERENCE_LINE, ())]
        return tuple(f for f in faults if self.first_ns <= f.at_ns <= last_ns)

    def evaluate_all(self, last_ns: int) -> dict[str, ErrorResult]:
        slew_ppm = self.slew.look()
        readings = self._acquisition.readings_since(self.first_ns)
        results = {p: self._evaluate_one(p, readings, last_ns, slew_ppm) for p in self.positions}
        broken = {p for p, result in results.items() if self.is_broken(result)}
        self._lasting, self._broken = broken & self._broken, broken
        return results

    def _evaluate_one(
        self, position: str, readings: ReferenceReadings, last_ns: int, slew_ppm: float
    ) -> ErrorResult:
        return evaluate_window(
            self._evaluate,
            self.edges(position),
            readings,
            self.edges(REFERENCE_LINE) if self._has_reference_pulses else None,
            self._meters[position],
            self._card,
            self.step.load_point,
            self.step.stability_pct,
            (self.first_ns, last_ns),
            slew_ppm,
            tuple(f.finding for f in self.line_faults(position, last_ns)),
        )

    def is_satisfied(self, position: str, result: ErrorResult) -> bool:
        """The wanted uncertainty, the minimum time and the minimum pulses are there."""
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

    def is_over(self, results: Mapping[str, ErrorResult]) -> bool:
        """Every position has what is wanted, or is broken at two looks in a row: with few data a screen may see
        a fault in noise, and a real one stays."""
        return all(self.is_satisfied(p, r) or p in self._lasting for p, r in results.items())

    def elapsed_s(self, now_ns: int) -> float:
        return (now_ns - self.first_ns) / NS_PER_S


def evaluate_window(
    evaluate: Evaluate,
    edges: EdgeTrain,
    readings: ReferenceReadings,
    reference_edges: EdgeTrain | None,
    meter: MeterUnderTest,
    card: ReferenceCard,
    load_point: LoadPoint,
    stability_pct: float,
    run_ns: tuple[int, int],
    clock_slew_ppm: float,
    line_findings: tuple[Finding, ...],
) -> ErrorResult:
    """The core's result; a line that failed during the run takes its number away (used by replay, too)."""
    result = evaluate(
        edges,
        readings,
        reference_edges=reference_edges,
        meter=meter,
        card=card,
        load_point=load_point,
        stability_pct=stability_pct,
        run_first_ns=run_ns[0],
        run_last_ns=run_ns[1],
        clock_slew_ppm=clock_slew_ppm,
    )
    if not line_findings:
        return result
    findings = line_findings + result.findings
    return ErrorResult.refused(result.load_point, result.window, findings, result.estimates)
