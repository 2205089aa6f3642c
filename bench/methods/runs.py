"""Runs at one load: as many as the plan wants, and those that their mean asks for. Shared by what compares pulses with
the reference (basic error, repeatability, power times time)."""

from __future__ import annotations

from collections.abc import Generator, Iterable

from bench.methods.briefing import Briefing
from bench.methods.decision import largest_passing_error_pct
from bench.methods.error_verdict import mean_of, needs_more_runs, needs_runs_of_its_own
from bench.methods.loads import Loaded
from bench.methods.steps import Counted, CountPulses, Step, StepResult, do
from bench.plans.points import PlannedPoint
from calibration.quantities import ErrorResult, Outcome
from calibration.runs import RUNS_THAT_SPEAK_FOR_THEMSELVES
from calibration.sequential import looks_s


class Runs:
    """The runs at one load so far, by position, and how a declared look decided those that it did."""

    def __init__(self, positions: Iterable[str]) -> None:
        self.counted = 0
        self.decided: dict[str, Outcome] = {}
        self._results: dict[str, list[ErrorResult]] = {position: [] for position in positions}

    def __getitem__(self, position: str) -> tuple[ErrorResult, ...]:
        return tuple(self._results[position])

    @property
    def sound(self) -> tuple[str, ...]:
        """The positions whose runs have numbers."""
        return tuple(
            p for p, made in self._results.items() if all(r.percentage_error_pct is not None for r in made)
        )

    def add(self, counted: Counted) -> None:
        for position, result in counted.results.items():
            self._results[position].append(result)
        self.decided |= counted.decided
        self.counted += 1


def count_runs(
    b: Briefing, point: PlannedPoint, attempt: int, runs: Runs, count: int, *, judged: bool
) -> Loaded:
    """Add so many runs to each position; where they are judged, those as well that a mean near its limit asks for, and
    those that a scatter does which is not known from so few. A position whose window was refused is left out from
    then on."""
    for to_come in reversed(range(count)):
        yield from _count(b, point, attempt, runs, runs.sound, to_come)
    if not judged:
        return ()
    if (rule := b.checked.rules.remeasure) is not None:
        close = tuple(p for p in runs.sound if needs_more_runs(b, point, p, mean_of(b, p, runs[p])))
        for to_come in reversed(range(rule.more)):
            yield from _count(b, point, attempt, runs, close, to_come)
    scattered = tuple(p for p in runs.sound if needs_runs_of_its_own(b, point, p, mean_of(b, p, runs[p])))
    while few := tuple(
        p for p in scattered if p in runs.sound and len(runs[p]) < RUNS_THAT_SPEAK_FOR_THEMSELVES
    ):
        to_come = RUNS_THAT_SPEAK_FOR_THEMSELVES - 1 - min(len(runs[p]) for p in few)
        yield from _count(b, point, attempt, runs, few, to_come)
    return ()


def _count(
    b: Briefing, point: PlannedPoint, attempt: int, runs: Runs, positions: tuple[str, ...], to_come: int
) -> Generator[Step, StepResult, None]:
    """One run at those of the positions that still have numbers."""
    sound = tuple(p for p in positions if p in runs.sound)
    if not sound:
        return
    plan = b.checked.plan
    assert point.load_point is not None
    limits = {p: largest_passing_error_pct(b, p, point.mpe_pct[p]) for p in sound if p in point.mpe_pct}
    step = CountPulses(
        point.index,
        attempt,
        point.load_point,
        {p: point.wanted_uncertainty_pct(p, plan.wanted_uncertainty) for p in sound},
        plan.minimum_time_s,
        plan.minimum_pulses,
        plan.longest_time_s,
        plan.stability_pct,
        runs.counted,
        looks_s(plan.minimum_time_s, plan.longest_time_s) if plan.early_stop else (),
        limits,
        to_come,
    )
    runs.add((yield from do(step)))
