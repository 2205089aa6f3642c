"""How long a high current may last, and how long the bench must rest after one.

Terminals, wires and meters warm up with the square of the current. `[load_source.limits]` says from which current on
that matters, how long such a load may last, and how long none may follow it. The limits are held three times: a plan
whose test point would need longer is refused (`plan_times.py`); a load that comes too early is waited for, and not
applied without; one that lasts too long is `overdue`, and whoever watches the load (the runner's wait, a safety loop)
takes it away.

Nobody knows what was before the process began, so it begins as if a high load had just ended.
"""

from __future__ import annotations

from bench.configuration.load_source import LimitsSection
from calibration.load_points import LoadPoint
from calibration.quantities import NS_PER_S, Finding
from calibration.reasons import Reason


class LoadTimes:
    """Told of every load that is applied and removed. Instants in ns of the bench clock; any thread may ask."""

    def __init__(self, limits: LimitsSection, now_ns: int) -> None:
        self._limits = limits
        self._began: tuple[int, float] | None = None
        self._ended_ns = now_ns

    def begin(self, load_point: LoadPoint, now_ns: int) -> None:
        """A load is about to be commanded. One that follows another without a removal goes on with its time."""
        if is_high(self._limits, load_point):
            began_ns = now_ns if self._began is None else self._began[0]
            self._began = began_ns, load_point.current_A

    def end(self, now_ns: int) -> None:
        """The load has been taken away."""
        if self._began is not None:
            self._began = None
            self._ended_ns = now_ns

    def rest_s(self, load_point: LoadPoint, now_ns: int) -> float:
        """How long this load has to wait yet (s); 0 where it may come."""
        if not is_high(self._limits, load_point) or self._began is not None:
            return 0.0
        rest_s = self._limits.rest_after_high_current_s or 0.0
        return max(rest_s - (now_ns - self._ended_ns) / NS_PER_S, 0.0)

    def overdue(self, now_ns: int) -> Finding | None:
        """Why the load must be taken away now; None where it may stay."""
        began, longest_s = self._began, self._limits.longest_at_high_current_s
        if began is None or longest_s is None:
            return None
        lasted_s = (now_ns - began[0]) / NS_PER_S
        if lasted_s < longest_s:
            return None
        values = {"current": f"{began[1]:g}", "seconds": f"{lasted_s:.1f}", "allowed": f"{longest_s:g}"}
        return Finding(Reason.LOAD_TIME_LIMIT, values)


def is_high(limits: LimitsSection, load_point: LoadPoint) -> bool:
    """Whether the time of a load is limited."""
    return limits.high_current_A is not None and load_point.current_A >= limits.high_current_A
