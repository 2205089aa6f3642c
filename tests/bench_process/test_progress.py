"""The live state while a window runs."""

from __future__ import annotations

import dataclasses
from collections.abc import Container
from types import SimpleNamespace

import pytest

from bench.measurement.acquisition import Acquisition
from bench.methods.steps import Conclude, CountPulses
from bench.plans.plan import parse_plan
from bench.ports import ClockState
from bench.run.figures import window_left_s
from bench.run.progress import Progress
from calibration.quantities import (
    NS_PER_S,
    ErrorResult,
    Finding,
    InstrumentFault,
    Outcome,
    Verdict,
    Window,
)
from calibration.reasons import Reason
from tests.bench_process.support import METER, PLAN, plan_of

WINDOW = Window(0, 30_000_000_000, 40)


def result(error_pct: float | None, *findings: Finding) -> ErrorResult:
    figures = (33.3, 33.2, 33.2, error_pct, 0.01, float("inf"), 2.0, 0.02)
    if error_pct is None:
        figures = (None,) * 8
    return ErrorResult("Imax 1.0", WINDOW, "fused", 1, *figures, findings=findings)


def count_pulses(
    minimum_time_s: float = 20.0, minimum_pulses: int = 5, wanted_pct: float = 0.2
) -> CountPulses:
    load_point = plan_of().points[0].load_point
    return CountPulses(0, 0, load_point, {"1": wanted_pct}, minimum_time_s, minimum_pulses, 300.0, 1.0)


TWO = PLAN.replace("[[meter]]", METER.replace('"1"\nserial', '"2"\nserial') + "[[meter]]", 1)


def of_two() -> Progress:
    """A progress of two positions whose windows are planned for 40 s."""
    progress = Progress(
        {"id": "test", "software": "0", "kind": "simulated"}, parse_plan(TWO, ["1", "2"], "p")
    )
    progress.plan_point(0, 40.0)
    return progress


def count_both(wanted_pct: float = 0.2, **others: int) -> CountPulses:
    """wanted_pct: of the second position; the first one has what it wants."""
    return dataclasses.replace(count_pulses(), wanted_uncertainty_pct={"1": 0.2, "2": wanted_pct}, **others)


def ends_in(progress: Progress, at_s: float) -> str:
    return progress.state(clock_at(at_s), Acquisition(["1", "2"]))["ends_in_s"]


def watch(progress: Progress, step: CountPulses, *decided: str, spoilt: Container[str] = ()) -> None:
    """Let the progress show a measurement of this step, the first look of which is over.

    decided: by a look of the sequential rule; spoilt: broken at two looks in a row.
    """
    progress.count(SimpleNamespace(
        step=step, positions=tuple(step.wanted_uncertainty_pct),
        elapsed_s=lambda now_ns: now_ns / NS_PER_S, decided=decided,
        next_look_ns=round(step.looks_s[1] * NS_PER_S) if step.looks_s else None,
        edges=lambda position: Acquisition(["1"]).edges["1"].since(0),
        is_spoilt=lambda position: position in spoilt,
    ))  # fmt: skip


def clock_at(at_s: float) -> ClockState:
    wall_time = "2026-11-23T20:00:00+00:00"
    return ClockState("boot", round(at_s * NS_PER_S), wall_time, True, 0.0, "simulated")


def shown(progress: Progress) -> dict:
    return progress.state(clock_at(0), Acquisition(["1"]))["positions"]["1"]


def test_an_old_figure_does_not_stay_when_the_data_no_longer_support_it() -> None:
    progress = Progress({"id": "test", "software": "0", "kind": "simulated"}, plan_of())
    watch(progress, count_pulses())
    progress.look({"1": result(0.3)}, 30 * NS_PER_S)
    assert shown(progress)["running"] is not None
    progress.look(
        {"1": result(None, Finding(Reason.REFRESH_NOT_PERIODIC, {"residual": "57"}))}, 30 * NS_PER_S
    )
    now = shown(progress)
    assert now["running"] is None
    assert now["waiting"][0]["reason"] == "refresh_not_periodic"


@pytest.mark.parametrize(
    ("step", "expected_s"),
    [
        (count_pulses(), 0),
        (count_pulses(minimum_time_s=50.0), 20),
        (count_pulses(minimum_time_s=30.4), 1),  # not rounded down to "decided"
        (count_pulses(minimum_pulses=100), 45),  # 60 more pulses, one each 0.75 s
        (count_pulses(wanted_pct=0.01), 30),
    ],
)
def test_the_time_left_knows_of_time_pulses_and_uncertainty(step: CountPulses, expected_s: int) -> None:
    assert window_left_s(result(0.3), step, "1", WINDOW.last_ns) == expected_s


@pytest.mark.parametrize(
    ("minimum_time_s", "since_s", "expected_s"),
    [(50.0, 8.0, 12), (50.0, 30.0, 1), (31.0, 0.5, 1), (30.0, 8.0, 0)],
)
def test_the_time_left_runs_down_between_the_pulses_of_a_slow_meter(
    minimum_time_s: float, since_s: float, expected_s: int
) -> None:
    now_ns = WINDOW.last_ns + round(since_s * NS_PER_S)
    assert window_left_s(result(0.3), count_pulses(minimum_time_s), "1", now_ns) == expected_s


def test_the_time_left_of_a_slow_meter_ends_with_a_pulse() -> None:
    slow = dataclasses.replace(result(0.3), window=Window(0, 30 * NS_PER_S, 3))
    step = count_pulses(31.0, minimum_pulses=3)
    assert window_left_s(slow, step, "1", 30 * NS_PER_S) == 10
    assert window_left_s(slow, step, "1", 34 * NS_PER_S) == 6


def test_an_uncertainty_of_few_pulses_promises_nothing_longer_than_the_plan_until_that_is_over() -> None:
    few = Window(0, 10 * NS_PER_S, 4)
    first = dataclasses.replace(result(0.3), window=few, expanded_uncertainty_pct=6.9)
    step, at_ns = count_pulses(minimum_pulses=3), 12 * NS_PER_S
    assert window_left_s(first, step, "1", at_ns, planned_left_s=38.0) == 38
    assert window_left_s(first, step, "1", at_ns, planned_left_s=-1.0) == 333
    many = dataclasses.replace(first, window=dataclasses.replace(few, intervals=40))
    assert window_left_s(many, step, "1", at_ns, planned_left_s=38.0) == 333


def test_the_end_of_the_point_is_counted_down_from_the_running_figures_and_not_from_the_plan() -> None:
    progress = Progress({"id": "test", "software": "0", "kind": "simulated"}, plan_of())
    progress.plan_point(0, 30.0)
    watch(progress, count_pulses(minimum_pulses=100))
    progress.look({"1": result(0.3)}, 30 * NS_PER_S)
    state = progress.state(clock_at(40), Acquisition(["1"]))
    assert state["ends_in_s"] == state["next"]["in_s"] == "35"
    assert state["positions"]["1"]["running"]["decision_in_s"] == "45"
    late = progress.state(clock_at(80), Acquisition(["1"]))
    assert late["ends_in_s"] == "1"  # not over before its conditions are met


def test_a_window_that_is_followed_by_others_is_not_the_end() -> None:
    progress = Progress({"id": "test", "software": "0", "kind": "simulated"}, plan_of(f"repeats = 3\n{PLAN}"))
    progress.plan_point(0, 40.0)
    watch(progress, dataclasses.replace(count_pulses(), to_come=2))
    state = progress.state(clock_at(10), Acquisition(["1"]))
    assert (state["points"]["0"]["planned_s"], state["ends_in_s"]) == ("120", "110")
    progress.look({"1": result(0.3)}, 30 * NS_PER_S)
    state = progress.state(clock_at(30), Acquisition(["1"]))
    running = state["positions"]["1"]["running"]
    assert (running["decision_in_s"], running["waits_for_others"], state["ends_in_s"]) == ("60", False, "60")
    watch(progress, dataclasses.replace(count_pulses(), to_come=0, run=2))
    progress.look({"1": result(0.3)}, 30 * NS_PER_S)
    state = progress.state(clock_at(30), Acquisition(["1"]))
    assert (state["positions"]["1"]["running"]["decision_in_s"], state["ends_in_s"]) == ("0", "0")


def test_a_position_that_is_ready_says_that_it_waits_for_the_others() -> None:
    progress = of_two()
    watch(progress, count_both(0.01))
    progress.look({"1": result(0.3), "2": result(0.3)}, 30 * NS_PER_S)
    first, second = (progress._positions[p]["running"] for p in ("1", "2"))
    assert (first["decision_in_s"], first["waits_for_others"]) == ("0", True)
    assert (second["decision_in_s"], second["waits_for_others"]) == ("30", False)


def test_a_position_that_is_ready_waits_while_others_are_measured_again_and_their_old_figures_are_gone() -> (
    None
):
    progress = of_two()
    watch(progress, count_both())
    progress.look({"1": result(0.3), "2": result(0.9)}, 30 * NS_PER_S)
    watch(progress, dataclasses.replace(count_both(run=1), wanted_uncertainty_pct={"2": 0.2}))
    first, second = (progress._positions[p] for p in ("1", "2"))
    assert first["running"]["waits_for_others"]
    assert first["running"]["percentage_error_pct"] == "0.3000"
    assert (first["window"], second["window"]) == (1, 2)
    assert (second["running"], second["funnel"]) == (None, [])


def test_a_position_that_the_longest_time_has_ended_promises_no_decision_while_others_are_measured_again() -> (
    None
):
    progress = of_two()
    watch(progress, count_both(0.01))
    progress.look({"1": result(0.9), "2": result(0.3)}, 30 * NS_PER_S)
    watch(progress, dataclasses.replace(count_both(run=1), wanted_uncertainty_pct={"1": 0.2}))
    assert progress._positions["2"]["running"]["waits_for_others"]


def test_the_end_is_as_planned_until_there_are_figures_and_then_by_the_longest_time() -> None:
    progress, nothing_yet = of_two(), result(None, Finding(Reason.TOO_FEW_PULSES))
    watch(progress, count_both(to_come=2))
    progress.look({"1": nothing_yet, "2": nothing_yet}, 10 * NS_PER_S)
    assert ends_in(progress, 10) == "110"
    progress.look({"1": result(0.3), "2": nothing_yet}, 30 * NS_PER_S)
    assert ends_in(progress, 30) == "90"
    progress.look({"1": result(0.3), "2": nothing_yet}, 50 * NS_PER_S)
    assert ends_in(progress, 50) == "850"


def test_a_decision_after_further_windows_waits_for_the_slowest_in_each_of_them() -> None:
    progress = of_two()
    watch(progress, count_both(0.01, to_come=2))
    progress.look({"1": result(0.3), "2": result(0.3)}, 30 * NS_PER_S)
    first, second = (progress._positions[p]["running"]["decision_in_s"] for p in ("1", "2"))
    assert (first, second, ends_in(progress, 30)) == ("120", "150", "150")


def test_the_decision_of_who_has_all_in_this_window_comes_nearer_while_others_are_waited_for() -> None:
    progress = of_two()
    watch(progress, count_both(0.01, to_come=1))
    progress.look({"1": result(0.3), "2": result(0.3)}, 30 * NS_PER_S)
    assert progress._positions["1"]["running"]["decision_in_s"] == "60"
    progress.look({"1": result(0.3), "2": result(0.3)}, 50 * NS_PER_S)
    assert progress._positions["1"]["running"]["decision_in_s"] == "40"
    assert ends_in(progress, 50) == "70"


def test_a_further_window_without_the_slow_positions_is_as_long_as_the_others_were() -> None:
    progress = of_two()
    watch(progress, count_both(0.01))
    for at_s in (30, 50):
        progress.look({"1": result(0.9), "2": result(0.3)}, at_s * NS_PER_S)
    slow = dataclasses.replace(count_both(run=1), wanted_uncertainty_pct={"1": 0.2, "2": 0.2})
    watch(progress, slow)
    assert ends_in(progress, 0) == "40"  # as planned: the second never had what it wants
    progress.look({"1": result(0.9), "2": result(0.3)}, 30 * NS_PER_S)
    watch(progress, dataclasses.replace(slow, run=2, to_come=1, wanted_uncertainty_pct={"1": 0.2}))
    assert ends_in(progress, 10) == "50"


def test_nobody_waits_for_a_position_whose_window_is_spoilt() -> None:
    progress = of_two()
    watch(progress, count_both(to_come=1))
    spoilt = result(None, Finding(Reason.PULSE_MISSING))
    progress.look({"1": result(0.3), "2": spoilt}, 50 * NS_PER_S)
    assert progress._positions["1"]["running"]["decision_in_s"] == ends_in(progress, 50) == "50"


def test_a_position_whose_window_is_spoilt_is_said_to_be_until_its_next_one() -> None:
    progress = of_two()
    watch(progress, count_both(to_come=1), spoilt={"2"})
    progress.look({"1": result(0.3), "2": result(None, Finding(Reason.PULSE_MISSING))}, 50 * NS_PER_S)
    assert [progress._positions[p]["is_spoilt"] for p in ("1", "2")] == [False, True]
    watch(progress, dataclasses.replace(count_both(run=1), wanted_uncertainty_pct={"1": 0.2}))
    assert progress._positions["2"]["is_spoilt"]
    progress.enter("applying", 0, "settling")
    assert not progress._positions["2"]["is_spoilt"]


def test_nobody_waits_for_a_position_that_is_skipped() -> None:
    progress = of_two()
    watch(progress, count_both())
    progress.look({"1": result(0.3), "2": result(None)}, 30 * NS_PER_S, {"2"})
    assert ends_in(progress, 30) == "0"
    assert not progress._positions["1"]["running"]["waits_for_others"]
    progress.look({"1": result(None), "2": result(None)}, 30 * NS_PER_S, {"1", "2"})
    assert ends_in(progress, 30) == "0"


def test_a_position_that_only_a_declared_look_decides_waits_for_that_and_one_that_is_decided_for_the_others() -> (
    None
):
    progress = of_two()
    watch(progress, dataclasses.replace(count_both(0.01), looks_s=(20.0, 40.0, 80.0)), "2")
    progress.look({"1": result(0.3), "2": result(0.3)}, 30 * NS_PER_S)
    first, second = (progress._positions[p]["running"] for p in ("1", "2"))
    assert (first["decision_in_s"], first["waits_for_others"]) == ("10", False)
    assert (second["decision_in_s"], second["waits_for_others"]) == ("0", True)
    assert ends_in(progress, 30) == "10"
    progress.look({"1": result(0.3), "2": result(0.3)}, 40 * NS_PER_S)
    assert ends_in(progress, 41) == "1"  # not over before the look was taken


def test_a_fault_is_told_by_the_time_since_the_start_of_the_run() -> None:
    progress = Progress({"id": "test", "software": "0", "kind": "simulated"}, plan_of())
    progress.start("run-000001", clock_at(5000))
    progress.enter("applying", 0, "settling")
    spoilt = Verdict(Outcome.INVALID, "simple", 1.0, findings=(Finding(Reason.PULSE_MISSING),))
    progress.conclude(Conclude(0, 0, "1", spoilt, True), None)
    progress.enter("applying", 0, "settling")
    fault = InstrumentFault(round(5012.3 * NS_PER_S), Finding(Reason.PULSE_MISSING))
    progress.fault("1", fault, is_repeated=True)
    (entry,) = progress.state(clock_at(5013), Acquisition(["1"]))["faults"]
    assert (entry["at_s"], entry["attempt"], entry["is_repeated"]) == ("12.3", 2, True)


def test_what_an_attempt_has_told_is_not_told_again() -> None:
    progress = Progress({}, parse_plan(PLAN, ["1"]))
    progress.start("run-000001", clock_at(5000))
    silent, lost = Finding(Reason.REFERENCE_SILENT), Finding(Reason.PULSES_LOST, {"lost": "3"})
    for at_s, position, finding in (
        (5001, None, silent),
        (5002, None, silent),
        (5003, "1", lost),
        (5004, "1", lost),
    ):
        progress.fault(position, InstrumentFault(at_s * NS_PER_S, finding))
    progress.fault("1", InstrumentFault(5005 * NS_PER_S, Finding(Reason.PULSES_LOST, {"lost": "5"})))
    told = progress.state(clock_at(5006), Acquisition(["1"]))["faults"]
    assert [(entry["at_s"], entry["values"].get("lost")) for entry in told] == [
        ("1.0", None),
        ("3.0", "3"),
        ("5.0", "5"),
    ]
