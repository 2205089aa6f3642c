"""A whole verification on the simulated bench in virtual time; each kind of bad meter is found and named, and told
apart from an instrument's fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.app import open_bench, replay_run
from bench.canonical import JsonObject
from bench.configuration.config import parse_config
from bench.errors import OperatorError
from bench.plans.plan import parse_plan
from calibration.quantities import Outcome
from calibration.rule_files import load_rule_set
from tests.bench_process.support import BENCH, METER, leisurely
from tests.benchmarks import positions

CLOCK_OUTPUT = """
[position.clock_output]
driver = "sim"
"""
METER_1600 = METER.replace("1200.0", "1600.0").replace("10.0", "5.0") + "register_decimals = 4\n"
PLAN = """
tests = [{tests}]
decision_rule = "regulation"
repeats = 2
minimum_time_s = 10.0
minimum_pulses = 3
longest_time_s = 900.0
warm_up_s = 60.0
clock_warm_up_s = 60.0
repeats_of_invalid = 0
"""


def verify(
    folder: Path,
    tests: tuple[str, ...],
    position: str = "",
    simulation: str = "",
    plan: str = "",
    bench: str = BENCH,
) -> tuple[Outcome, dict[str, JsonObject]]:
    """The verdict and the results by item (the last of an item); the run must replay without a difference."""
    text = bench.format(state_dir=folder, simulation=simulation).replace(
        "simulated_error_pct = 0.4",
        f'simulated_error_pct = 0.4\nmeter_port = "sim"\n{_with_constant(position)}{CLOCK_OUTPUT}',
    )
    text = text.replace(
        '[clock]\ndriver = "simulated"', '[clock]\ndriver = "simulated"\nfrequency_U_ppm = 0.2'
    )
    named = ", ".join(f'"{test}"' for test in tests)
    source = PLAN.format(tests=named) + plan + METER_1600
    with open_bench(
        parse_config(text + '[desk]\ndriver = "sim"\n', "bench.toml"), lambda line: None
    ) as process:
        summary = process.run(parse_plan(source, ["1"]))
    found = replay_run(folder, summary.run_id)
    assert found.differences == ()
    assert found.results > 0
    return summary.verdict, {shown["item"]: shown for shown in summary.results["1"].values()}


def _with_constant(position: str) -> str:
    known = "simulated_constant_imp_per_kWh"
    return position + "\n" if known in position else f"{known} = 1600.0\n{position}\n"


def reasons_of(shown: JsonObject) -> list[str]:
    return [reason["reason"] for reason in shown["reasons"]]


def test_a_whole_verification_by_the_book_passes_a_good_meter(tmp_path: Path) -> None:
    items = (
        "visual",
        "warm_up",
        "no_load",
        "starting",
        "basic_error",
        "meter_constant",
        "clock",
        "tariff_sum",
    )
    verdict, results = verify(tmp_path, items, bench=leisurely(BENCH))
    assert {item: shown["verdict"] for item, shown in results.items()} == dict.fromkeys(items, "PASS")
    assert verdict is Outcome.PASS
    assert results["no_load"]["figures"]["pulses"] == "0"
    assert results["meter_constant"]["figures"]["measured_constant_imp_per_kWh"].startswith("160")
    ways = results["meter_constant"]["three_ways"]
    assert float(ways["register"]) == pytest.approx(0.4, abs=0.1)
    assert float(ways["pulses"]) == pytest.approx(0.4, abs=0.6)  # of some 180 pulses, counted to a whole one


def test_every_load_point_of_the_rule_set_is_run(tmp_path: Path) -> None:
    rules = load_rule_set("jjg596-2012")
    checked = parse_plan(PLAN.format(tests='"basic_error"') + METER_1600, ["1"])
    names = [point.load_point.name for point in checked.points if point.load_point is not None]
    assert names == list(rules.load_points_for(checked.meters["1"]))
    assert (
        len(names) == 15
    )  # class 1, Imax = 12 Ib: 5 currents, three power factors but where one or two are asked


@pytest.mark.parametrize(
    ("item", "position", "verdict", "reason"),
    [
        ("no_load", "simulated_creep_W = 5.0", "FAIL", "creeps"),
        ("starting", "simulated_starts_at_W = 20.0", "FAIL", "does_not_start"),
        ("meter_constant", "simulated_register_error_pct = 3.0", "FAIL", "register_disagrees"),
        ("meter_constant", "simulated_constant_imp_per_kWh = 3200.0", "INVALID", "constant_differs"),
        ("meter_constant", "simulated_declared_constant_imp_per_kWh = 800.0", "INVALID", "constant_differs"),
        ("clock", "simulated_clock_error_s_per_day = 0.6", "FAIL", "clock_beyond_limit"),
        ("tariff_sum", "simulated_tariff_defect_kWh = 0.01", "FAIL", "tariffs_do_not_sum"),
    ],
)
def test_a_bad_meter_is_found_and_named(
    tmp_path: Path, item: str, position: str, verdict: str, reason: str
) -> None:
    _, results = verify(tmp_path, (item,), position, bench=leisurely(BENCH))
    assert results[item]["verdict"] == verdict
    assert reason in reasons_of(results[item])


@pytest.mark.parametrize("constant", ["1333.3", "1740.0"])
@pytest.mark.parametrize(
    "told", ["simulated_declared_constant_imp_per_kWh = {}", "# it says {}, but tells nobody"]
)
def test_a_meter_does_not_fail_by_a_constant_that_the_run_itself_finds_in_doubt(
    tmp_path: Path, constant: str, told: str
) -> None:
    """The plan says 1,600 imp/kWh. -16.7 % and +8.75 % could be errors of a meter."""
    position = f"simulated_constant_imp_per_kWh = {constant}\n{told.format(constant)}\n"
    plan = 'load_points = ["Imax 1.0"]\n'
    items, bench = ("basic_error", "meter_constant"), leisurely(BENCH)
    verdict, results = verify(tmp_path, items, position, plan=plan, bench=bench)
    assert results["basic_error"]["verdict"] == "FAIL"
    assert results["meter_constant"]["verdict"] == "INVALID"
    assert verdict is Outcome.INVALID
    (tmp_path / "alone").mkdir()
    verdict, _ = verify(tmp_path / "alone", items[:1], position, plan=plan, bench=bench)
    assert verdict is Outcome.FAIL


def test_what_does_not_rest_on_the_constant_fails_nevertheless(tmp_path: Path) -> None:
    position = "simulated_constant_imp_per_kWh = 1333.3\nsimulated_clock_error_s_per_day = 0.6\n"
    verdict, _ = verify(tmp_path, ("clock", "meter_constant"), position, bench=leisurely(BENCH))
    assert verdict is Outcome.FAIL


@pytest.mark.parametrize("item", ["no_load", "starting"])
@pytest.mark.parametrize("load", [1, 2, 3])
def test_an_unplugged_line_never_passes_a_test_of_silence(tmp_path: Path, item: str, load: int) -> None:
    """Unplugged from before the first, the second or the third load (proof, test, proof) to the end."""
    faults = f'faults = ["unplugged_line@0+100000#{load}"]'
    verdict, results = verify(tmp_path, (item,), simulation=faults, bench=leisurely(BENCH))
    assert verdict is Outcome.INVALID
    assert results[item]["verdict"] == "INVALID"


def test_an_unsteady_source_is_an_instruments_fault(tmp_path: Path) -> None:
    verdict, results = verify(
        tmp_path, ("basic_error",), simulation='faults = ["load_moves@8#1"]',
        plan='stability_pct = 0.5\nload_points = ["Imax 1.0"]\n',
    )  # fmt: skip
    assert verdict is Outcome.INVALID
    assert "load_unsteady" in reasons_of(results["basic_error"])


def test_48_meters_on_one_load_each_have_their_own_error_found_within_its_U() -> None:
    cost = positions.run(48)
    assert (cost.found, cost.inside) == (96, 96)  # two load points, 48 errors from -1.5 to +1.5 %


def test_one_line_that_fails_leaves_the_other_positions_untouched(tmp_path: Path) -> None:
    def results(folder: Path, faults: str) -> dict[str, JsonObject]:
        text = positions.bench_text(folder, 3).replace("seed = 7", f"seed = 7\nfaults = [{faults}]")
        config = parse_config(text, "bench.toml")
        checked = parse_plan(
            "repeats_of_invalid = 0\n" + positions.plan_text(3), [p.name for p in config.position]
        )
        with open_bench(config, lambda line: None) as bench:
            return {p: shown["0"] for p, shown in bench.run(checked).results.items()}

    alone, disturbed = results(tmp_path / "a", ""), results(tmp_path / "b", '"lost_edge@12#1:2"')
    assert disturbed["2"]["verdict"] == "INVALID"
    assert "pulses_lost" in reasons_of(disturbed["2"])
    for position in ("1", "3"):
        error = float(disturbed[position]["percentage_error_pct"])
        U = float(alone[position]["expanded_uncertainty_pct"])
        assert abs(error - float(alone[position]["percentage_error_pct"])) < U
        assert disturbed[position]["verdict"] == alone[position]["verdict"]


@pytest.mark.parametrize("item", ["basic_error", "no_load"])
def test_a_position_that_is_skipped_holds_nobody_up_and_leaves_the_others_untouched(
    tmp_path: Path, item: str
) -> None:
    """Position 2 has a slow meter; somebody takes it out as soon as something is watched or counted."""

    def run(folder: Path, *, skips: bool) -> tuple[float, dict[str, JsonObject]]:
        slow = 'name = "2"\nsimulated_constant_imp_per_kWh = 300.0'
        text = leisurely(positions.bench_text(folder, 3)).replace('name = "2"', slow)
        config = parse_config(text, "bench.toml")
        plan = f'tests = ["{item}"]\n' + positions.plan_text(3)
        before, after = plan.split('position = "2"')
        plan = before + 'position = "2"' + after.replace("1200.0", "300.0", 1)
        with open_bench(config, lambda line: None) as bench:
            skipped_at: list[int] = []

            def skip(sequence: int, patch: JsonObject, state: JsonObject) -> None:
                if skips and not skipped_at and state["phase"] in ("measuring", "watching"):
                    skipped_at.append(sequence)
                    bench.skip("2", "no lamp is seen")
                    with pytest.raises(OperatorError, match="out of this run already: no lamp is seen"):
                        bench.skip("2", "another reason")

            bench.live.listen(skip)
            began_ns = bench.clock.now_ns()
            summary = bench.run(parse_plan(plan, [p.name for p in config.position]))
            took_s = (bench.clock.now_ns() - began_ns) / 1e9
            bench.live.stop_listening(skip)
        replayed = replay_run(folder, summary.run_id)
        assert replayed.differences == ()
        return took_s, summary.results

    long_s, waited_for = run(tmp_path / "waits", skips=False)
    short_s, skipped = run(tmp_path / "skips", skips=True)
    assert short_s < long_s - 10.0
    assert [shown["verdict"] for shown in skipped["2"].values()] == ["INVALID"] * len(skipped["2"])
    assert reasons_of(skipped["2"]["0"]) == ["skipped_by_operator"]
    for position in ("1", "3"):
        for key, shown in skipped[position].items():
            assert shown["verdict"] == waited_for[position][key]["verdict"] != "INVALID"


def test_an_early_stop_decides_a_good_meter_at_the_first_look(tmp_path: Path) -> None:
    plan = PLAN.replace("repeats = 2", "repeats = 1\nearly_stop = true").replace("regulation", "simple")
    text = BENCH.format(state_dir=tmp_path, simulation="")
    with open_bench(parse_config(text, "bench.toml"), lambda line: None) as bench:
        source = plan.format(tests='"basic_error"') + 'load_points = ["Imax 1.0"]\n' + METER
        summary = bench.run(parse_plan(source, ["1"]))
    shown = summary.results["1"]["0"]
    assert (shown["verdict"], shown["decision_rule"]) == ("PASS", "sequential")
    assert shown["pulses"] < 60  # ten seconds at 4.4 pulses a second, not 900
    assert replay_run(tmp_path, summary.run_id).differences == ()
