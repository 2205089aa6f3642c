"""How long the test point that is under way will still take, for people.

By the running figures of the positions that have some, of the others as planned, and once that is over by the longest
time. Where all of a window's positions had what they want in the one before it, that counts in place of the plan.
Windows that follow at the same load count as long as the one under way. A step without a comparison says it by
itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil

from bench.measurement.measuring import PointMeasurement
from calibration.quantities import NS_PER_S


class Remaining:
    """Of one run. Instants in ns of the bench clock."""

    def __init__(self) -> None:
        self._window_s: dict[int, float | None] = {}
        self._expected_s: float | None = None
        self._took_s: dict[str, float] = {}
        self._ends_at_ns: int | None = None
        self._is_met = False
        self._step_left_s: float | None = None

    def plan(self, point: int, window_s: float | None) -> None:
        self._window_s[point] = window_s

    def forget(self) -> None:
        """No figures are running."""
        self._ends_at_ns, self._expected_s, self._took_s = None, None, {}

    def begin(self, measurement: PointMeasurement) -> None:
        """A window begins, which has no figures yet."""
        took_s = [self._took_s[p] for p in measurement.positions if p in self._took_s]
        is_known = bool(took_s) and len(took_s) == len(measurement.positions)
        self.forget()
        self._expected_s = max(took_s) if is_known else self._window_s.get(measurement.step.point)

    def met_s(self, position: str, left_s: int, elapsed_s: float) -> float:
        """How long the window under way has lasted (s), at most until the position had what it wants in it."""
        if left_s:
            self._took_s.pop(position, None)
            return elapsed_s
        return self._took_s.setdefault(position, elapsed_s)

    def look(
        self, measurement: PointMeasurement, left_s: Mapping[str, int], now_ns: int, *, is_complete: bool
    ) -> float:
        """left_s: by position, of those that are waited for and have figures; is_complete: they all have.

        Returns how long (s) the windows that follow this one will take.
        """
        step, elapsed_s = measurement.step, measurement.elapsed_s(now_ns)
        # A window that does not come to its end by itself is ended after the longest time.
        longest_s = max(step.longest_time_s - elapsed_s, 0.0)
        to_go_s: float = max(left_s.values(), default=0)
        if not is_complete:
            planned_s = self.planned_left_s(measurement, now_ns)
            to_go_s = max(to_go_s, planned_s if planned_s > 0.0 else longest_s)
        to_go_s = min(to_go_s, longest_s)
        following_s = step.to_come * (elapsed_s + to_go_s)
        self._ends_at_ns = now_ns + round((to_go_s + following_s) * NS_PER_S)
        self._is_met = is_complete and not any(left_s.values()) and not step.to_come
        return following_s

    def planned_left_s(self, measurement: PointMeasurement, now_ns: int) -> float:
        """Until the window under way has lasted as planned; not above 0 where it has, or nothing is planned."""
        return (self._expected_s or 0.0) - measurement.elapsed_s(now_ns)

    def watch(self, left_s: float | None) -> None:
        """A step without a comparison has so much left; None: nobody can say it in seconds."""
        self._step_left_s = left_s

    def in_s(self, measurement: PointMeasurement | None, now_ns: int) -> str | None:
        """measurement: None where none is under way. Whole seconds."""
        if measurement is None:
            return None if self._step_left_s is None else str(ceil(self._step_left_s))
        if self._ends_at_ns is not None:
            return str(max(0 if self._is_met else 1, ceil((self._ends_at_ns - now_ns) / NS_PER_S)))
        if self._expected_s is None:
            return None
        to_go_s = max(0.0, self._expected_s - measurement.elapsed_s(now_ns))
        return str(round(to_go_s + measurement.step.to_come * self._expected_s))
