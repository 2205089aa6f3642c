"""A plan is told before the start how long it takes, how well it measures, and what this bench cannot decide."""

from __future__ import annotations

import dataclasses
import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from bench.app import open_bench
from bench.before_run.briefed import briefed
from bench.before_run.plan_check import PlanReview, asks_people, review, steps_s
from bench.commands.demo import demo_config, demo_plan
from bench.configuration.config import Config, parse_config
from bench.errors import OperatorError
from bench.items import Item
from bench.plans.plan import CheckedPlan, parse_plan
from bench.registry.approvals import approve
from bench.terminal.plan_table import clock_text, print_review, review_as_json
from calibration.quantities import Kind, Outcome
from calibration.reasons import Reason
from tests.bench_process.support import BENCH, METER, leisurely, plan_of

TODAY = "2026-11-24"
WIRED = """meter_port = "sim"
clock_output = { driver = "sim" }
"""
ALL_ITEMS = f"""
tests = {[item.value for item in Item if not item.facts.is_inspection]}
load_points = ["Imax 1.0", "0.1Ib 1.0"]
repeats = 2
remeasure = false
repeatability_runs = 3
clock_warm_up_s = 600.0
minimum_time_s = 30.0
longest_time_s = 600.0
"""


def bench(state_dir: Path, extra: str = "", pattern: str = BENCH, **changes: str) -> Config:
    text = pattern.format(state_dir=state_dir, simulation="")
    text = text.replace("simulated_error_pct = 0.4\n", f"simulated_error_pct = 0.0\n{extra}")
    for old, new in changes.items():
        assert f"{old} = " in text
        text = text.replace(f"{old} = ", f"{new}\n# ")
    return parse_config(text, "bench.toml")


def all_items() -> CheckedPlan:
    return plan_of(ALL_ITEMS + METER + "register_decimals = 3\n")


def reviewed(config: Config, checked: CheckedPlan) -> PlanReview:
    return review(checked, config, TODAY)


def reasons(found: PlanReview) -> dict[Item, set[Reason]]:
    return {p.point.item: {f.reason for f in p.cannot.values()} for p in found.points if p.cannot}


def test_a_bench_with_everything_wired_decides_all_items(tmp_path: Path) -> None:
    found = reviewed(bench(tmp_path, WIRED), all_items())
    assert found.decides_all
    assert found.kind is Kind.SIMULATED


def test_the_foreseen_durations_are_those_of_the_run(tmp_path: Path) -> None:
    """Against the virtual time that each item of a whole simulated run takes."""
    config, checked = bench(tmp_path, WIRED), all_items()
    found = reviewed(config, checked)
    with open_bench(config, lambda line: None) as process:
        began_ns = process.clock.now_ns()
        summary = process.run(checked)
        took_s = (process.clock.now_ns() - began_ns) / 1e9
        records = [r.fields() | {"kind": r.kind} for r in process.recorder.read(1, 10_000)]
        shown = process.live.snapshot()[1]["points"]
    assert summary.verdict is Outcome.PASS
    assert found.duration_s == pytest.approx(took_s, rel=0.1)
    ends_ns = {}
    for record in records:
        if record["kind"] == "verdict":
            ends_ns[record["point"]] = record["clock"]["monotonic_ns"]
    starts_ns = [began_ns, *list(ends_ns.values())[:-1]]
    for point, start_ns, end_ns in zip(found.points, starts_ns, ends_ns.values(), strict=True):
        assert point.duration_s == pytest.approx((end_ns - start_ns) / 1e9, rel=0.2, abs=25.0), (
            point.point.item
        )
        if not point.point.item.facts.compares:
            assert shown[str(point.point.index)]["planned_s"] == str(round(point.duration_s or 0.0))
        assert shown[str(point.point.index)]["planned_s"], "what a customer waits for"


def test_a_step_in_which_people_are_waited_for_or_that_cannot_be_decided_has_no_planned_time(
    tmp_path: Path,
) -> None:
    checked = plan_of(
        f'tests = ["visual", "no_load", "meter_constant", "clock"]\n{METER}register_decimals = 2\n'
    )
    config = bench(tmp_path, 'meter_port = "ask"\n')
    assert list(steps_s(briefed(checked, config), config)) == [1]


def test_the_predicted_uncertainty_is_that_of_the_run(tmp_path: Path) -> None:
    config = bench(tmp_path)
    checked = plan_of(METER.join(('load_points = ["Imax 1.0", "0.2Ib 0.5L"]\nminimum_time_s = 30.0\n', "")))
    predicted = [p.U_pct["1"] for p in reviewed(config, checked).points]
    with open_bench(config, lambda line: None) as process:
        results = process.run(checked).results["1"]
    measured = [float(results[key]["expanded_uncertainty_pct"]) for key in ("0", "1")]
    assert predicted == pytest.approx(measured, rel=0.35)


def test_what_is_not_wired_cannot_be_decided_and_says_what_is_missing(tmp_path: Path) -> None:
    found = reviewed(bench(tmp_path), all_items())
    assert not found.decides_all
    assert reasons(found) == {
        Item.METER_CONSTANT: {Reason.METER_NOT_READ},
        Item.TARIFF_SUM: {Reason.METER_NOT_READ},
        Item.CLOCK: {Reason.CLOCK_NOT_WIRED},
    }


def test_what_the_check_says_cannot_be_decided_is_invalid_in_the_run(tmp_path: Path) -> None:
    config, checked = bench(tmp_path, pattern=leisurely(BENCH)), all_items()
    found = reviewed(config, checked)
    with open_bench(config, lambda line: None) as process:
        results = process.run(checked).results["1"]
    for point in found.points:
        is_invalid = results[str(point.point.index)]["verdict"] == "INVALID"
        assert is_invalid == bool(point.cannot), point.point.item


def test_a_clock_without_a_known_rate_cannot_be_tested(tmp_path: Path) -> None:
    config = bench(tmp_path, WIRED)
    config = dataclasses.replace(config, clock=dataclasses.replace(config.clock, frequency_U_ppm=None))
    assert reasons(reviewed(config, all_items())) == {Item.CLOCK: {Reason.CLOCK_NOT_TRACEABLE}}


def test_a_window_that_would_take_too_long_is_refused_beforehand(tmp_path: Path) -> None:
    checked = plan_of('load_points = ["0.05Ib 1.0"]\nlongest_time_s = 60.0\n' + METER)
    found = reviewed(bench(tmp_path), checked)
    assert reasons(found) == {Item.BASIC_ERROR: {Reason.TIME_TOO_SHORT}}
    assert found.duration_s == 0.0


def test_everything_that_keeps_a_run_from_being_official_is_there_at_once(tmp_path: Path) -> None:
    text = BENCH.format(state_dir=tmp_path, simulation="")
    text = text.replace("accuracy_class_pct = 0.05", "accuracy_class_pct = 0.5")
    text = text.replace("calibration_U_pct = 0.02", 'calibration_U_pct = 0.02\nvalid_until = "2026-11-23"')
    text = text.replace(
        'driver = "sim"\nsimulated_error_pct', 'driver = "file"\npath = "x"\nsimulated_error_pct'
    )
    text = text.replace('[clock]\ndriver = "simulated"', '[clock]\ndriver = "system"')
    text = text.replace('driver = "sim"\nprofile', 'driver = "modbus"\nhost = "127.0.0.1"\nprofile')
    text = text.replace('[load_source]\ndriver = "sim"', '[load_source]\ndriver = "manual"')
    config = parse_config(text.replace("speed = 0", "speed = 1"), "bench.toml")
    found = reviewed(config, plan_of())
    assert found.kind is Kind.INFORMATIVE
    assert {f.reason for f in found.not_official} == {
        Reason.RULES_PROVISIONAL,
        Reason.VERIFIER_UNKNOWN,
        Reason.EQUIPMENT_NOT_REGISTERED,
        Reason.CERTIFICATE_EXPIRED,
        Reason.REFERENCE_TOO_WEAK,
        Reason.INPUT_NOT_METROLOGICAL,
        Reason.CONDITIONS_UNKNOWN,
        Reason.TOO_FEW_REPEATS,
        Reason.ITEMS_LEFT_OUT,
        Reason.LOAD_POINTS_LEFT_OUT,
        Reason.OTHER_DECISION_RULE,
    }
    (weak,) = (f for f in found.not_official if f.reason is Reason.REFERENCE_TOO_WEAK)
    assert weak.values["ratio"] == "2.0"  # a limit of 1 % and a reference of class 0.5
    assert not Path(tmp_path / "journal.sqlite").exists(), "nothing is opened"


def test_an_approved_rule_set_is_not_in_the_list(tmp_path: Path) -> None:
    config = bench(tmp_path)
    approve(tmp_path, plan_of().rules, "A. Metrologist", "2026-11-24T08:00:00+00:00")
    assert Reason.RULES_PROVISIONAL not in {f.reason for f in reviewed(config, plan_of()).not_official}


def test_a_plan_whose_energy_the_reference_does_not_read_is_refused(tmp_path: Path) -> None:
    reactive = plan_of('load_points = ["Ib 1.0"]\n' + METER + 'quantity = "reactive"\n')
    with pytest.raises(OperatorError, match="the meter counts reactive energy"):
        reviewed(bench(tmp_path), reactive)


def test_who_is_asked_depends_on_plan_and_bench(tmp_path: Path) -> None:
    inspected = plan_of('tests = ["visual", "meter_constant"]\n' + METER + "register_decimals = 2\n")
    assert asks_people(inspected, bench(tmp_path, WIRED)) == (Item.VISUAL,)
    typed = bench(tmp_path, 'meter_port = "ask"\n')
    assert asks_people(inspected, typed) == (Item.VISUAL, Item.METER_CONSTANT)
    assert asks_people(plan_of(), typed) == ()


def test_tariffs_are_asked_for_where_the_rules_ask_for_their_sum(tmp_path: Path) -> None:
    typed = bench(tmp_path, 'meter_port = "ask"\n')
    tariffs = plan_of('tests = ["tariff_sum"]\n' + METER)
    assert asks_people(tariffs, typed) == (Item.TARIFF_SUM,)
    assert reviewed(typed, tariffs).decides_all
    unasked = dataclasses.replace(tariffs, rules=dataclasses.replace(tariffs.rules, tariff_sum_digits=None))
    assert asks_people(unasked, typed) == ()
    undecided = plan_of('tests = ["meter_constant"]\n' + METER)  # without register_decimals
    assert asks_people(undecided, typed) == ()


def test_the_object_of_the_command_keeps_figures_as_text(tmp_path: Path) -> None:
    checked = all_items()
    shown = review_as_json(reviewed(bench(tmp_path), checked), checked, ())
    read = json.loads(json.dumps(shown))
    point = next(p for p in read["points"] if p["load_point"] == "Imax 1.0" and p["item"] == "basic_error")
    assert point["mpe_pct"] == {"1": "1"}
    assert float(point["predicted_U_pct"]["1"]) < 0.2
    clock = next(p for p in read["points"] if p["item"] == "clock")
    assert clock["cannot_decide"]["1"]["reason"] == "clock_not_wired"
    assert clock["cannot_decide"]["1"]["zh"].startswith("电能表的时钟输出没有接")
    assert read["decides_all"] is False
    assert read["validity_years"] == {"1": "8"}  # JJG 596-2012, class 1


@pytest.mark.parametrize(("language", "position"), [("zh", "表位"), ("en", "position")])
def test_the_table_says_which_positions_and_where_the_starting_time_is_from(
    tmp_path: Path, language: str, position: str
) -> None:
    text = BENCH.format(state_dir=tmp_path, simulation="")
    second = '[[position]]\nname = "2"\ndriver = "sim"\nmeter_port = "sim"\n\n[reference]\n'
    config = parse_config(text.replace("[reference]\n", second, 1), "bench.toml")
    meter = METER + "register_decimals = 2\n"
    other = meter.replace('"1"', '"2"').replace("M-1", "M-2")
    plan = 'tests = ["starting", "meter_constant"]\n' + meter + other
    checked = parse_plan(plan, ["1", "2"])
    console = Console(width=200, record=True, file=io.StringIO())
    print_review(reviewed(config, checked), checked, (), console, language)
    shown = console.export_text()
    assert f"({position} 1)" in shown
    assert f"({position} 2)" in shown
    assert f"Imax 1.0: {position} 1: " in shown
    # Ist = 0.005 x 10 A of class 2: 3600 x 1000/(1200 x 220 x 0.05) s = 273 s; 1.2 times that at most.
    assert "273" in shown
    assert "327" in shown


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00:00"), (59.6, "0:01:00"), (7_384, "2:03:04")])
def test_times_are_hours_minutes_and_seconds(seconds: float, text: str) -> None:
    assert clock_text(seconds) == text


def test_the_demonstration_takes_about_three_minutes() -> None:
    """As the README promises; `bench demo` is at real speed."""
    config = demo_config(Path("state"), None, 1.0, 1)
    found = reviewed(config, demo_plan(config))
    assert 120.0 <= found.duration_s <= 210.0
    assert [p.point.load_point.name for p in found.points if p.point.load_point] == [
        "Imax 1.0",
        "Ib 0.5L",
        "0.1Ib 1.0",
    ]
