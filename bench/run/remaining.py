"""How long the test point that is under way will still take, for people.

By the running figures once there are some, before that as planned; windows that follow at the same load count as long
as the one under way. A step without a comparison says it by itself.
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
        self._ends_at_ns: int | None = None
        self._is_met = False
        self._step_left_s: float | None = None

    def plan(self, point: int, window_s: float | None) -> None:
        self._window_s[point] = window_s

    def forget(self) -> None:
        """No figures are running."""
        self._ends_at_ns = None

    def look(
        self, measurement: PointMeasurement, left_s: Mapping[str, int], now_ns: int, *, is_complete: bool
    ) -> None:
        """left_s: by position, of those that have figures; is_complete: they all have."""
        window_s = self._window_s.get(measurement.step.point)
        if not is_complete and window_s is not None and measurement.elapsed_s(now_ns) < window_s:
            self.forget()  # as planned until then: the first figures do not come all at once
            return
        # A point that does not come to its end by itself is ended after the longest time.
        to_go_s = max(measurement.step.longest_time_s - measurement.elapsed_s(now_ns), 0.0)
        to_go_s = min(max(left_s.values()), to_go_s) if is_complete else to_go_s
        to_come = measurement.step.to_come
        to_go_s += to_come * (measurement.elapsed_s(now_ns) + to_go_s)
        self._ends_at_ns = now_ns + round(to_go_s * NS_PER_S)
        self._is_met = is_complete and not any(left_s.values()) and not to_come

    def watch(self, left_s: float | None) -> None:
        """A step without a comparison has so much left; None: nobody can say it in seconds."""
        self._step_left_s = left_s

    def in_s(self, point: int, measurement: PointMeasurement | None, now_ns: int) -> str | None:
        """measurement: None where none is under way. Whole seconds."""
        if measurement is None:
            return None if self._step_left_s is None else str(ceil(self._step_left_s))
        if self._ends_at_ns is not None:
            return str(max(0 if self._is_met else 1, ceil((self._ends_at_ns - now_ns) / NS_PER_S)))
        window_s = self._window_s.get(point)
        if window_s is None:
            return None
        to_go_s = max(0.0, window_s - measurement.elapsed_s(now_ns))
        return str(round(to_go_s + measurement.step.to_come * window_s))
