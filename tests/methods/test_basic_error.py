"""The basic-error method without a device and without a clock: steps in, results back, verdicts out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.methods.briefing import Briefing
from bench.methods.steps import (
    ApplyLoad,
    AskSkipped,
    Conclude,
    Counted,
    CountPulses,
    RemoveLoad,
    Settle,
    Settled,
    Skipped,
    Step,
)
from bench.methods.verification import verification
from bench.plans.forecast import forecast
from calibration.quantities import ErrorResult, Finding, Outcome, Window
from calibration.reasons import Reason
from calibration.reference_standard import ReferenceCard
from calibration.runs import PooledRepeatability
from calibration.uncertainty import normal_row
from tests.bench_process.support import PLAN, plan_of

NS = 1_000_000_000
CARD = ReferenceCard("m", "s", 0.05, energy_step_Wh=0.01, refresh_s=0.2, power_step_W=0.1)
TWO_POINTS = PLAN.replace('["Imax 1.0"]', '["Imax 1.0", "Ib 0.5L"]')


def result(
    error_pct: float | None, U_pct: float = 0.05, intervals: int = 50, reason: Reason = Reason.PULSES_LOST
) -> ErrorResult:
    findings = () if error_pct is not None else (Finding(reason, {"lost": "1"}),)
    return ErrorResult(
        load_point="x",
        window=Window(0, 60 * NS, intervals),
        estimator="fused",
        estimator_version=1,
        meter_energy_Wh=10.0,
        reference_energy_read_Wh=10.0,
        reference_energy_Wh=10.0,
        percentage_error_pct=error_pct,
        standard_uncertainty_pct=U_pct / 2,
        degrees_of_freedom=50.0,
        coverage_factor=2.0,
        expanded_uncertainty_pct=None if error_pct is None else U_pct,
        findings=findings,
    )


def carry_out(
    text: str,
    results: list[ErrorResult],
    settled: tuple[Settled, ...] = (),
    skipped_at: int | None = None,
    decided: dict[str, Outcome] | None = None,
    pooled: PooledRepeatability | None = None,
) -> tuple[list[Step], list[Conclude]]:
    """Interpret the method: each CountPulses takes the next result, each Settle the next of `settled`.

    skipped_at: from which AskSkipped on (from 0) position 1 is taken out.
    """
    checked = plan_of(text)
    method = verification(Briefing(checked, CARD, forecast(checked, CARD, 0.045), pooled))
    counted, settles, asked = iter(results), iter(settled), -1
    steps: list[Step] = []
    step = next(method)
    while True:
        answer: object = None
        if isinstance(step, AskSkipped):
            asked += 1
            answer = Skipped({} if skipped_at is None or asked < skipped_at else {"1": "its lamp is broken"})
        else:
            steps.append(step)
        if isinstance(step, Settle):
            answer = next(settles, Settled())
        elif isinstance(step, CountPulses):
            answer = Counted({"1": next(counted)}, decided or {})
        try:
            step = method.send(answer)  # type: ignore[arg-type]
        except StopIteration:
            return steps, [s for s in steps if isinstance(s, Conclude)]


def test_each_load_point_is_applied_settled_counted_and_removed_in_this_order() -> None:
    steps, verdicts = carry_out(TWO_POINTS, [result(0.4), result(-0.2)])
    kinds = [type(step) for step in steps]
    assert kinds == [ApplyLoad, Settle, CountPulses, RemoveLoad, Conclude] * 2
    assert [v.verdict.outcome for v in verdicts] == [Outcome.PASS, Outcome.PASS]


def test_a_meter_outside_the_limit_fails_without_a_repetition() -> None:
    _, verdicts = carry_out(PLAN, [result(1.21)])
    assert [(v.verdict.outcome, v.will_repeat) for v in verdicts] == [(Outcome.FAIL, False)]


@pytest.mark.parametrize(
    ("error_pct", "rule", "reason", "values"),
    [
        (1.0004, "simple", Reason.ERROR_BEYOND_LIMIT, {"error": "+1.0004", "limit": "1"}),
        (-1.21, "four-way", Reason.ERROR_BEYOND_LIMIT, {"error": "-1.2100", "limit": "1"}),
        (1.0501, "regulation", Reason.ERROR_BEYOND_LIMIT, {"error": "+1.1", "limit": "1"}),
        (-0.97, "guarded", Reason.ERROR_IN_GUARD_BAND, {"error": "-0.9700", "limit": "1", "unit": "%"}),
    ],
)
def test_a_fail_says_which_figure_is_beyond_what(
    error_pct: float, rule: str, reason: Reason, values: dict[str, str]
) -> None:
    text = PLAN.replace("load_points", f'remeasure = false\ndecision_rule = "{rule}"\nload_points')
    known = replace(result(error_pct), rows=(normal_row("alignment_scale", 0.025),))
    _, (concluded,) = carry_out(text, [known])
    assert concluded.verdict.outcome is Outcome.FAIL
    first = concluded.verdict.findings[0]
    assert (first.reason, dict(first.values) | values) == (reason, dict(first.values))


def test_an_instruments_fault_is_repeated_and_is_never_a_fail() -> None:
    _, verdicts = carry_out(PLAN, [result(None), result(0.1)])
    assert [(v.verdict.outcome, v.will_repeat) for v in verdicts] == [
        (Outcome.INVALID, True),
        (Outcome.PASS, False),
    ]


def test_a_fault_that_stays_is_invalid_after_the_planned_repetitions() -> None:
    text = PLAN.replace("load_points", "repeats_of_invalid = 2\nload_points")
    _, verdicts = carry_out(text, [result(None), result(None), result(None)])
    assert [v.will_repeat for v in verdicts] == [True, True, False]
    assert verdicts[-1].verdict.outcome is Outcome.INVALID


def test_a_number_that_is_not_good_enough_is_invalid_and_says_what_it_would_take() -> None:
    _, verdicts = carry_out(PLAN, [result(0.1, U_pct=0.4)])
    (finding,) = verdicts[0].verdict.findings
    assert verdicts[0].verdict.outcome is Outcome.INVALID
    assert finding.reason is Reason.UNCERTAINTY_TOO_LARGE
    assert finding.values == {"U": "0.400", "wanted": "0.200", "seconds": "120"}


def test_too_few_pulses_are_no_verdict() -> None:
    _, verdicts = carry_out(PLAN, [result(0.1, intervals=9)])
    assert [f.reason for f in verdicts[0].verdict.findings] == [Reason.TOO_FEW_PULSES]


def test_a_load_that_is_not_reached_is_not_counted_on() -> None:
    missed = Settled((Finding(Reason.LOAD_NOT_REACHED, {"wanted": "1", "read": "2"}),))
    steps, verdicts = carry_out(PLAN, [result(0.1)], (missed,))
    assert [type(s) for s in steps][:4] == [ApplyLoad, Settle, RemoveLoad, Conclude]
    assert [v.verdict.outcome for v in verdicts] == [Outcome.INVALID, Outcome.PASS]


def test_the_wanted_uncertainty_is_a_part_of_the_limit() -> None:
    steps, _ = carry_out(PLAN, [result(0.1)])
    (count,) = [s for s in steps if isinstance(s, CountPulses)]
    assert dict(count.wanted_uncertainty_pct) == {"1": 0.2}


def test_a_window_that_would_take_too_long_is_refused_before_a_load_is_applied() -> None:
    text = TWO_POINTS.replace('"Ib 0.5L"', '"0.05Ib 1.0"')  # 110 W: 27 s a pulse, 10 pulses are wanted
    steps, verdicts = carry_out(text, [result(0.1)])
    assert sum(isinstance(step, ApplyLoad) for step in steps) == 1
    refused = verdicts[-1].verdict
    assert refused.outcome is Outcome.INVALID
    (finding,) = refused.findings
    assert finding.reason is Reason.TIME_TOO_SHORT
    assert (finding.values["seconds"], finding.values["pulses"]) == ("273", "10")


@pytest.mark.parametrize("error_pct", [100.0, -50.0, 900.0, -90.0, 20.1])
def test_an_error_like_that_of_a_wrong_constant_is_not_blamed_on_the_meter(error_pct: float) -> None:
    steps, (concluded,) = carry_out(PLAN, [result(error_pct)])
    assert concluded.verdict.outcome is Outcome.INVALID
    (finding,) = concluded.verdict.findings
    assert finding.reason is Reason.METER_CONSTANT_SUSPECT
    assert finding.values["constant"] == "1200"
    assert sum(isinstance(step, CountPulses) for step in steps) == 1  # it would be the same again


def test_a_bad_meter_within_twenty_per_cent_fails() -> None:
    _, (concluded,) = carry_out(PLAN, [result(-19.9)])
    assert concluded.verdict.outcome is Outcome.FAIL


def scattering(*errors_pct: float) -> list[ErrorResult]:
    rows = (normal_row("alignment_scale", 0.02),)
    return [replace(result(error_pct), rows=rows) for error_pct in errors_pct]


POOLED = PooledRepeatability(0.02, 40.0)
TWO_RUNS = PLAN.replace("load_points", "repeats = 2\nload_points")


@pytest.mark.parametrize("pooled", [POOLED, None])
def test_runs_that_scatter_are_made_six_and_then_judged(pooled: PooledRepeatability | None) -> None:
    """A pair 0.3 % apart would have k = 13.97."""
    errors_pct = (0.05, 0.35, 0.15, 0.2, 0.25, 0.2)
    steps, (concluded,) = carry_out(TWO_RUNS, scattering(*errors_pct), pooled=pooled)
    assert counts_of(steps) == [0, 1, 2, 3, 4, 5]
    assert concluded.verdict.outcome is Outcome.PASS
    assert concluded.mean is not None
    assert concluded.mean.expanded_uncertainty_pct < 1.0 / 3.0


def test_runs_that_scatter_too_much_to_be_judged_are_invalid() -> None:
    errors_pct = (-0.4, 0.5, -0.3, 0.6, 0.0, 0.4)
    steps, (concluded,) = carry_out(TWO_RUNS, scattering(*errors_pct), pooled=POOLED)
    assert len(counts_of(steps)) == 6
    assert concluded.verdict.outcome is Outcome.INVALID
    assert [f.reason for f in concluded.verdict.findings] == [
        Reason.UNCERTAINTY_TOO_LARGE,
        Reason.RUNS_SCATTER,
    ]


@pytest.mark.parametrize(("part", "outcome"), [(2.3, "PASS"), (3.6, "INVALID")], ids=["U 0.25 %", "U 0.39 %"])
def test_a_rule_set_that_is_silent_about_the_reference_lets_a_mean_have_this_program_s_part(
    part: float, outcome: str
) -> None:
    """The same third of the limit by which a plan is official; the plan itself wants a fifth of each run."""
    text = TWO_RUNS.replace("repeats", 'rule_set = "iec62053-21-2003"\ndecision_rule = "simple"\nrepeats', 1)
    errors_pct = [part * (error_pct - 0.2) for error_pct in (0.05, 0.35, 0.15, 0.2, 0.25, 0.2)]
    _, (concluded,) = carry_out(text, scattering(*errors_pct), pooled=POOLED)
    assert concluded.verdict.outcome == outcome, concluded


def test_where_no_further_run_is_allowed_a_scattered_pair_never_passes() -> None:
    text = TWO_RUNS.replace("repeats", "remeasure = false\nrepeats")
    steps, (concluded,) = carry_out(text, scattering(0.05, 0.35), pooled=POOLED)
    assert len(counts_of(steps)) == 2
    assert concluded.verdict.outcome is Outcome.INVALID


EARLY = PLAN.replace("load_points", "early_stop = true\nload_points")


def test_what_no_declared_look_decided_is_judged_by_the_ordinary_rule() -> None:
    """Clear as the error is: the run ended after the longest time, which is no declared look."""
    _, (concluded,) = carry_out(EARLY, [result(0.1)])
    assert (concluded.verdict.outcome, concluded.verdict.decision_rule) == (Outcome.PASS, "simple")
    _, (concluded,) = carry_out(EARLY, [result(0.1)], decided={"1": Outcome.PASS})
    assert (concluded.verdict.outcome, concluded.verdict.decision_rule) == (Outcome.PASS, "sequential")


def test_looks_hold_the_error_against_what_the_regulation_rule_really_passes() -> None:
    """Class 2 at 0.05 Ib: 2.5 % in steps of 0.2 %. An error of 2.55 % rounds to 2.6 and fails."""
    text = EARLY.replace("early_stop", 'decision_rule = "regulation"\nminimum_pulses = 3\nearly_stop')
    text = text.replace("longest_time_s = 60.0", "longest_time_s = 120.0")
    text = text.replace('"Imax 1.0"', '"0.05Ib 1.0"').replace('"1"\nmeter', '"2"\nmeter')
    steps, _ = carry_out(text, [result(0.1)])
    (count,) = [step for step in steps if isinstance(step, CountPulses)]
    assert dict(count.mpe_pct) == {"1": 2.5}


def counts_of(steps: list[Step]) -> list[int]:
    return [step.run for step in steps if isinstance(step, CountPulses)]


def test_a_mean_near_its_limit_gets_two_more_runs_and_the_mean_of_all_is_judged() -> None:
    """Case C07: 0.98 and 1.13 come to 1.055, with 0.97 and 0.99 to 1.0175, which rounds to +1.0."""
    text = PLAN.replace("load_points", 'repeats = 2\ndecision_rule = "regulation"\nload_points')
    steps, (concluded,) = carry_out(text, [result(e) for e in (0.98, 1.13, 0.97, 0.99)])
    assert counts_of(steps) == [0, 1, 2, 3]
    assert concluded.mean is not None
    assert concluded.mean.mean_pct == pytest.approx(1.0175)
    assert (concluded.verdict.outcome, concluded.verdict.decided_value) == (Outcome.PASS, "1.0")


def test_a_mean_far_from_its_limit_gets_no_further_run() -> None:
    text = PLAN.replace("load_points", "repeats = 2\nload_points")
    steps, (concluded,) = carry_out(text, [result(1.21), result(1.21)])
    assert counts_of(steps) == [0, 1]
    assert concluded.verdict.outcome is Outcome.FAIL


def test_a_broken_run_takes_the_whole_point_of_its_position_away() -> None:
    text = PLAN.replace("load_points", "repeats = 2\nrepeats_of_invalid = 0\nload_points")
    _, (concluded,) = carry_out(text, [result(0.1), result(None)])
    assert concluded.verdict.outcome is Outcome.INVALID
    assert [f.reason for f in concluded.verdict.findings] == [Reason.PULSES_LOST]
    assert concluded.mean is None


@pytest.mark.parametrize(("skipped_at", "measured"), [(0, 0), (1, 1), (2, 1), (3, 2)])
def test_a_position_that_is_taken_out_is_invalid_from_the_point_under_way_on(
    skipped_at: int, measured: int
) -> None:
    """Asked before and after each of two load points."""
    steps, concluded = carry_out(TWO_POINTS, [result(0.1), result(0.1)], skipped_at=skipped_at)
    outcomes = [c.verdict.outcome for c in concluded]
    whole = skipped_at // 2  # a point that was finished before stays
    assert outcomes == [Outcome.PASS] * whole + [Outcome.INVALID] * (2 - whole)
    assert concluded[-1].verdict.findings == (
        Finding(Reason.SKIPPED_BY_OPERATOR, {"why": "its lamp is broken"}),
    )
    assert len(counts_of(steps)) == measured
    assert not any(c.will_repeat for c in concluded)
