"""How long a high current may last: refused beforehand, waited for, and taken away, in virtual time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.app import compose, open_bench
from bench.before_run.limits import LimitedSource
from bench.before_run.load_times import LoadTimes
from bench.before_run.plan_check import review
from bench.configuration.config import Config, parse_config
from bench.configuration.load_source import LimitsSection
from bench.errors import InstrumentError, OperatorError
from bench.plans.plan import CheckedPlan
from bench.process import MeasuringProcess, RunSummary
from bench.sim.clock import VirtualClock
from calibration.load_points import LoadPoint
from calibration.quantities import NS_PER_S, Outcome
from tests.bench_process.support import BENCH, METER, plan_of

LIMITS = LimitsSection(high_current_A=50.0, longest_at_high_current_s=30.0, rest_after_high_current_s=100.0)
HIGH, LOW = LoadPoint("Imax 1.0", 220.0, 60.0, 1.0), LoadPoint("Ib 1.0", 220.0, 10.0, 1.0)


def bench(state_dir: Path, limits: LimitsSection = LIMITS, error_pct: float = 0.4) -> Config:
    text = BENCH.format(state_dir=state_dir, simulation="")
    text = text.replace("simulated_error_pct = 0.4", f"simulated_error_pct = {error_pct}")
    config = parse_config(text, "bench.toml")
    return replace(config, load_source=replace(config.load_source, limits=limits))


def plan(loads: str, minimum: str = "minimum_pulses = 3") -> CheckedPlan:
    return plan_of(
        f"load_points = [{loads}]\n{minimum}\nminimum_time_s = 10.0\nlongest_time_s = 600.0\n"
        f"wanted_uncertainty = 0.9\nrepeats_of_invalid = 0\n{METER}"
    )


def run(
    config: Config, checked: CheckedPlan, waits: list[dict[str, Any] | None] | None = None
) -> tuple[RunSummary, list[dict[str, Any]]]:
    """waits: gets what the live state says that is waited for, whenever that changes."""
    with open_bench(config, lambda line: None) as process:
        if waits is not None:
            process.live.listen(lambda number, patch, state: waits.append(state["waits_for"]))
        summary = process.run(checked)
        records = [{"kind": r.kind, **r.fields()} for r in process.recorder.read(0, 100)]
    return summary, records


def at_s(record: dict[str, Any]) -> float:
    return float(record["clock"]["monotonic_ns"]) / NS_PER_S


def test_a_plan_that_needs_longer_is_refused_in_one_line(tmp_path: Path) -> None:
    config = bench(tmp_path)
    long = plan('"Imax 1.0"', "repeats = 5")
    with pytest.raises(
        OperatorError, match=r"load point Imax 1\.0: 60 A would last \d+ s, and this bench"
    ) as refused:
        review(long, config, "2026-11-24")
    assert "\n" not in str(refused.value)
    with open_bench(config, lambda line: None) as process:
        with pytest.raises(OperatorError, match="allows 30 s"):
            process.run(long)
        assert process.recorder.read(0, 10) == []
    review(plan('"Ib 1.0"', "repeats = 5"), config, "2026-11-24")
    review(plan('"Imax 1.0"'), config, "2026-11-24")


def test_a_load_that_lasts_longer_than_was_foreseen_is_taken_away(tmp_path: Path) -> None:
    """A meter that is far too slow needs longer for its pulses than the plan could know."""
    config = bench(tmp_path, error_pct=-70.0)
    summary, records = run(config, plan('"Imax 1.0"', "minimum_pulses = 80"))
    assert summary.verdict is Outcome.INVALID
    (shown,) = summary.results["1"].values()
    (reason,) = shown["reasons"]
    assert reason["reason"] == "load_time_limit"
    lasted_s = float(reason["values"]["seconds"])
    assert LIMITS.longest_at_high_current_s is not None
    assert (
        LIMITS.longest_at_high_current_s
        <= lasted_s
        <= LIMITS.longest_at_high_current_s + config.bench.publish_period_s
    )
    assert records[-1]["kind"] == "run_ended"


def test_the_rest_is_waited_for_after_the_start_and_between_two_high_loads(tmp_path: Path) -> None:
    checked = plan('"Imax 1.0", "Ib 1.0", "0.9Imax 1.0"')
    config = bench(tmp_path)
    waits: list[dict[str, Any] | None] = []
    summary, records = run(config, checked, waits)
    assert summary.verdict is Outcome.PASS
    said = [w["why_not"]["values"] for w in waits if w is not None and w["what"] == "rest"]
    assert {"current": "60", "seconds": "100"} in said
    assert {"54"} == {s["current"] for s in said} - {"60"}
    assert waits[-1] is None
    applied = [at_s(r) for r in records if r["kind"] == "load_applied"]
    removed = [at_s(r) for r in records if r["kind"] == "load_removed"]
    assert applied[0] - at_s(records[0]) >= 99.0
    assert applied[1] - removed[0] < 5.0, "a low current needs no rest"
    assert applied[2] - removed[0] >= 100.0
    rested = sum(p.duration_s or 0.0 for p in review(checked, config, "2026-11-24").points)
    assert rested >= 200.0, "the plan's duration says so"


def test_without_the_rest_nothing_is_commanded(tmp_path: Path) -> None:
    equipment = compose(bench(tmp_path), lambda line: None)
    try:
        equipment.load_source.apply(LOW)
        equipment.load_source.remove()
        with pytest.raises(OperatorError, match="the bench rests for 100 s yet before a current of 60 A"):
            equipment.load_source.apply(HIGH)
        equipment.clock.wait_until(equipment.clock.now_ns() + 101 * NS_PER_S)
        equipment.load_source.apply(HIGH)
    finally:
        for close in equipment.closers:
            close()


def test_a_load_outside_a_run_is_watched_too(tmp_path: Path) -> None:
    config = bench(tmp_path)
    process: MeasuringProcess
    with open_bench(config, lambda line: None) as process, process.energising(lambda waiting: None) as source:
        process.wait_idle(101.0)
        source.apply(HIGH)
        process.wait_idle(29.0)
        process.wait_idle(2.0)
        with pytest.raises(InstrumentError, match=r"a load of 60 A has lasted 31\.0 s, 30 s are allowed"):
            process.wait_idle(1.0)


@given(st.lists(st.tuples(st.floats(0.0, 200.0), st.sampled_from(["high", "low", "off"])), max_size=12))
def test_the_time_of_a_high_load_runs_from_its_first_command_to_its_removal(
    steps: list[tuple[float, str]],
) -> None:
    times, now_ns = LoadTimes(LIMITS, 0), 0
    on_since_ns: int | None = None
    off_since_ns = 0
    for pause_s, what in steps:
        now_ns += round(pause_s * NS_PER_S)
        if what == "high":
            times.begin(HIGH, now_ns)
            on_since_ns = now_ns if on_since_ns is None else on_since_ns
        elif what == "low":
            times.begin(LOW, now_ns)
        else:
            times.end(now_ns)
            off_since_ns = off_since_ns if on_since_ns is None else now_ns
            on_since_ns = None
        is_too_long = on_since_ns is not None and now_ns - on_since_ns >= 30 * NS_PER_S
        assert (times.overdue(now_ns) is not None) == is_too_long
        assert times.rest_s(LOW, now_ns) == 0.0
        wait_s = 0.0 if on_since_ns is not None else max(100.0 - (now_ns - off_since_ns) / NS_PER_S, 0.0)
        assert times.rest_s(HIGH, now_ns) == pytest.approx(wait_s)


class Keeping:
    """A source that does not let go of its load."""

    def apply(self, load_point: LoadPoint) -> None: ...

    def remove(self) -> None:
        raise InstrumentError("load source: no answer")

    def close(self) -> None: ...


def test_the_time_of_a_load_that_its_source_keeps_goes_on() -> None:
    clock = VirtualClock()
    source = LimitedSource(Keeping(), LIMITS, clock)
    clock.wait_until(clock.now_ns() + 100 * NS_PER_S)
    source.apply(HIGH)
    clock.wait_until(clock.now_ns() + 20 * NS_PER_S)
    with pytest.raises(InstrumentError):
        source.remove()
    clock.wait_until(clock.now_ns() + 15 * NS_PER_S)
    overdue = source.times.overdue(clock.now_ns())
    assert overdue is not None
    assert overdue.values["seconds"] == "35.0"


def test_two_of_the_three_settings_are_refused(tmp_path: Path) -> None:
    text = BENCH.format(state_dir=tmp_path, simulation="") + "\n[load_source.limits]\nhigh_current_A = 50.0\n"
    with pytest.raises(OperatorError, match="belong together; give all three"):
        parse_config(text, "bench.toml")
