"""The method of any item carried out without a device: every step that it asks for is kept, and given an answer."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from bench.items import Item
from bench.methods.briefing import Briefing
from bench.methods.steps import (
    TEST,
    Answered,
    Ask,
    AskSkipped,
    ClockWatch,
    Counted,
    CountPulses,
    Hold,
    MetersRead,
    PassEnergy,
    PulseWatch,
    ReadMeters,
    Settle,
    Settled,
    Skipped,
    Step,
    StepResult,
    WatchClock,
    WatchPulses,
)
from bench.methods.verification import verification
from bench.plans.forecast import forecast
from bench.plans.plan import CheckedPlan
from bench.ports import MeterReading
from calibration.quantities import ErrorResult, Window
from calibration.reference_standard import ReferenceCard
from tests.bench_process.support import PLAN, plan_of

CARD = ReferenceCard("m", "s", 0.05, energy_step_Wh=0.01, refresh_s=0.2, power_step_W=0.1)
_RUN = ErrorResult(
    load_point="x",
    window=Window(0, 60_000_000_000, 50),
    estimator="fused",
    estimator_version=1,
    meter_energy_Wh=10.0,
    reference_energy_read_Wh=10.0,
    reference_energy_Wh=10.0,
    percentage_error_pct=0.1,
    standard_uncertainty_pct=0.025,
    degrees_of_freedom=50.0,
    coverage_factor=2.0,
    expanded_uncertainty_pct=0.05,
)
_READING = MeterReading(Decimal("10.00"), (Decimal("10.00"),), 2, None, 0)


def plan_of_item(item: Item) -> CheckedPlan:
    """One meter of which every item can be decided, at Imax; repeatability and power_time are at the rated load."""
    text = PLAN.replace("load_points", f'tests = ["{item}"]\nload_points')
    return plan_of(text + "register_decimals = 2\n")


def steps_of(checked: CheckedPlan, *, is_wrong: bool = False) -> list[Step]:
    """Every step of a run on a bench where all goes well and the meter, watched for its silence or start, is silent: so
    a method does all that it ever does. is_wrong: the meter's error is 9 %, and it creeps."""
    b = Briefing(checked, CARD, forecast(checked, CARD, 0.045), clock_frequency_U_ppm=2.0)
    method, steps = verification(b), list[Step]()
    answer: StepResult = None
    while True:
        try:
            steps.append(step := method.send(answer))
        except StopIteration:
            return steps
        answer = _answer(step, is_wrong)


def _answer(step: Step, is_wrong: bool) -> StepResult:
    match step:
        case Settle() | Hold() | PassEnergy():
            return Settled()
        case CountPulses():
            run = replace(_RUN, percentage_error_pct=9.0) if is_wrong else _RUN
            return Counted(dict.fromkeys(step.wanted_uncertainty_pct, run))
        case WatchPulses():
            whole_s = max(step.longest_s.values())
            shows = step.enough if is_wrong or step.stage != TEST else 0
            watch = PulseWatch(whole_s, tuple(whole_s / 4.0 * (1 + n) for n in range(shows)))
            return dict.fromkeys(step.longest_s, watch)
        case ReadMeters():
            everywhere = step.positions
            return MetersRead(
                0.0,
                dict.fromkeys(everywhere, 0),
                dict.fromkeys(everywhere, _READING),
                dict.fromkeys(everywhere, ()),
            )
        case WatchClock():
            return dict.fromkeys(step.positions, ClockWatch((1.0,) * step.windows))
        case Ask():
            return Answered({p: dict.fromkeys(step.fields, "ok") for p in step.positions})
        case AskSkipped():
            return Skipped({})
    return None
