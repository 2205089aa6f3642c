"""How long the loads of a plan last, each by itself: for the duration of a run, and for what may not last too long.

Durations are those of meters without error. What waits for a person has none.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from bench.before_run.load_times import is_high
from bench.configuration.config import Config
from bench.errors import OperatorError
from bench.items import Item
from bench.measurement.settling import steady_for_s
from bench.methods.briefing import Briefing
from bench.methods.line_proof import PULSES as PULSES_OF_A_PROOF
from bench.methods.register_verdict import energy_to_pass_Wh
from bench.plans.forecast import Forecast, planned_runs
from bench.plans.points import PlannedPoint, rated_load_point, voltage_alone
from calibration.load_points import LoadPoint
from calibration.nameplate import MeterUnderTest
from calibration.no_load import no_load_test
from calibration.percentage_error import nominal_time_s
from calibration.quantities import SECONDS_PER_HOUR
from calibration.starting import starting_test


def duration_s(point: PlannedPoint, positions: tuple[str, ...], b: Briefing, config: Config) -> float | None:
    """Of a test point with its loads, and the rests before them, at those positions that it can decide."""
    if point.item.facts.is_inspection:
        return None
    source = config.load_source
    settle_s, limits = steady_for_s(source.steady_for_s, b.card), source.limits
    rest_s = limits.rest_after_high_current_s or 0.0
    return sum(
        settle_s + measured_s + (rest_s if is_high(limits, load_point) else 0.0)
        for load_point, measured_s in _loads_s(point, positions, b)
    )


def require_short_enough(
    point: PlannedPoint, positions: tuple[str, ...], b: Briefing, config: Config
) -> None:
    """No load of a test point may be foreseen to last longer than the bench's limits allow. Errors: OperatorError."""
    limits = config.load_source.limits
    if limits.longest_at_high_current_s is None or not positions:
        return
    for load_point, measured_s in _loads_s(point, positions, b):
        needed_s = steady_for_s(config.load_source.steady_for_s, b.card) + measured_s
        if is_high(limits, load_point) and needed_s > limits.longest_at_high_current_s:
            raise OperatorError(
                f"{point.item}, load point {load_point.name}: {load_point.current_A:g} A would last {needed_s:.0f} s, "
                f"and this bench allows {limits.longest_at_high_current_s:g} s ([load_source.limits] "
                "longest_at_high_current_s); fewer repeats or a larger wanted_uncertainty take less time"
            )


def _loads_s(
    point: PlannedPoint, positions: tuple[str, ...], b: Briefing
) -> Iterator[tuple[LoadPoint, float]]:
    """The loads of a test point in their order, and how long each is measured or watched, once it is steady (s)."""
    plan, rules = b.checked.plan, b.checked.rules
    meters = [b.checked.meters[p] for p in positions]
    proof = rated_load_point(b.checked.meters)
    match point.item:
        case Item.NO_LOAD:
            yield proof, _proof_s(meters, proof)
            yield _load(point), max(no_load_test(rules, meter).duration_s for meter in meters)
            yield proof, _proof_s(meters, proof)
        case Item.STARTING:
            tests = [starting_test(rules, meter) for meter in meters]
            yield proof, _proof_s(meters, proof)
            # The load meets a meter somewhere between two pulses.
            yield _load(point), max((test.pulses - 0.5) * test.pulse_period_s for test in tests)
            yield proof, _proof_s(meters, proof)
        case Item.BASIC_ERROR | Item.REPEATABILITY | Item.POWER_TIME:
            runs = planned_runs(point, plan)
            yield _load(point), runs * _run_s(point, positions, b.planned, meters)
        case Item.METER_CONSTANT:
            energy_Wh = energy_to_pass_Wh(b, point, positions)
            yield voltage_alone(b.checked.meters), 0.0
            yield _load(point), energy_Wh / _load(point).compared_power * SECONDS_PER_HOUR
            yield voltage_alone(b.checked.meters), 0.0
        case Item.WARM_UP:
            yield _load(point), plan.warm_up_s
        case Item.CLOCK if rules.clock is not None:
            warm_up_s = rules.clock.warm_up_s if plan.clock_warm_up_s is None else plan.clock_warm_up_s
            yield _load(point), warm_up_s + rules.clock.windows * rules.clock.window_s
        case Item.CLOCK | Item.TARIFF_SUM:
            yield _load(point), 0.0
        case Item.VISUAL:
            pass
        case _:
            assert_never(point.item)


def _run_s(
    point: PlannedPoint, positions: tuple[str, ...], windows: Forecast, meters: list[MeterUnderTest]
) -> float:
    """The longest window, which begins with a pulse that has to be waited for."""
    power_W = _load(point).compared_power
    first_s = max(nominal_time_s(1, m.constant_at_terminals_imp_per_kWh, power_W) for m in meters)
    return max(windows[point.index][p].duration_s for p in positions) + first_s


def _proof_s(meters: list[MeterUnderTest], load: LoadPoint) -> float:
    constants = [m.constant_at_terminals_imp_per_kWh for m in meters]
    return max(nominal_time_s(PULSES_OF_A_PROOF, c, load.compared_power) for c in constants)


def _load(point: PlannedPoint) -> LoadPoint:
    assert point.load_point is not None
    return point.load_point
