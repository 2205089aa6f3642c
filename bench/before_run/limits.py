"""What the load of this bench must never exceed, whatever a plan or a method asks for.

The limits are the bench's (its wiring, terminals and source), written in `[load_source.limits]`. They are held twice:
a plan that would exceed them is refused before anything is applied, and `LimitedSource` stands in front of every
driver, so no step of any method reaches it with more. How long a high current may last is held beside them
(`load_times.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bench.before_run.load_times import LoadTimes
from bench.configuration.config import Config
from bench.configuration.load_source import LimitsSection
from bench.errors import OperatorError
from bench.plans.plan import CheckedPlan
from bench.plans.points import rated_load_point, voltage_alone
from bench.ports import Clock, LoadSource, makes_any_load
from calibration.load_points import LoadPoint


class LimitedSource:
    """A load source behind the limits of the bench. `times` counts how long a load has lasted."""

    def __init__(self, source: LoadSource, limits: LimitsSection, clock: Clock) -> None:
        self._source = source
        self._limits = limits
        self._clock = clock
        self.times = LoadTimes(limits, clock.now_ns())

    def apply(self, load_point: LoadPoint) -> None:
        """Errors: OperatorError beyond the limits, or before the rest is over; nothing is then commanded."""
        require_within(self._limits, load_point)
        now_ns = self._clock.now_ns()
        if (rest_s := self.times.rest_s(load_point, now_ns)) > 0.0:
            raise OperatorError(
                f"load point {load_point.name}: the bench rests for {rest_s:.0f} s yet before a current of "
                f"{load_point.current_A:g} A ([load_source.limits] rest_after_high_current_s); try again then"
            )
        self.times.begin(load_point, now_ns)
        self._source.apply(load_point)

    def remove(self) -> None:
        self._source.remove()
        self.times.end(self._clock.now_ns())

    def close(self) -> None:
        self._source.close()


def require_within(limits: LimitsSection, load_point: LoadPoint) -> None:
    """Errors: OperatorError, one line, for the first limit that the load is beyond."""
    apparent = abs(load_point.compared_power) / load_point.power_factor
    for name, value, highest, unit in (
        ("voltage", load_point.voltage_V, limits.highest_voltage_V, "V"),
        ("current", load_point.current_A, limits.highest_current_A, "A"),
        ("power", apparent, limits.highest_power_VA, "VA"),
    ):
        if highest is not None and value > highest:
            raise OperatorError(
                f"load point {load_point.name}: its {name} of {value:g} {unit} is beyond this bench's limit of "
                f"{highest:g} {unit} ([load_source.limits] highest_{name}_{unit}); take it out of the plan, or use "
                "another bench"
            )


def require_plan_within(
    checked: CheckedPlan, config: Config, require: Callable[[LoadPoint], None] = makes_any_load
) -> None:
    """Every load that the plan's test points will apply. require: what the load source makes (`SourceFacts`).

    Errors: OperatorError.
    """
    for load_point in dict.fromkeys(loads_of(checked)):
        require_within(config.load_source.limits, load_point)
        require(load_point)


def loads_of(checked: CheckedPlan) -> Iterator[LoadPoint]:
    """The test points' own loads, the one at which a line is seen to live, and the voltage alone with which registers
    are read."""
    for point in checked.points:
        if point.load_point is not None:
            yield point.load_point
        if point.item.facts.proves_line:
            yield rated_load_point(checked.meters)
        if point.item.facts.registers:
            yield voltage_alone(checked.meters)
