"""`bench calc` of rule sets against the worked cases and the source tables, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bench.calc import calc as calc_command
from calibration.rule_files import rule_set_names
from tests.bench_process.calc_support import calc, refusal
from tests.unit.worked_cases import items

Case = dict[str, Any]
SHARED = Path(__file__).parents[3] / "shared/rules/jjg596-2012.json"
RULE_SETS = {
    "JJG 596-2012": "jjg596-2012", "JJG 596-2026 (program)": "jjg596-2026", "R46": "oiml-r46-2012",
}  # fmt: skip
LOADS = {"balanced": "balanced", "one phase loaded": "one-phase"}
CLASS_OF_STEP = {"0.02": "0.2S", "0.05": "0.5S", "0.1": "1", "0.2": "2"}
ELEMENTS = {1.0: "1", 1.732050808: "sqrt3", 2.0: "2", 3.0: "3"}


@pytest.mark.parametrize(("worked", "expected"), [*items("C01"), *items("C03"), *items("C05")])
def test_rounding_agrees_with_the_worked_cases(worked: Case, expected: Case) -> None:
    found = calc("round", "--step", worked["step"], "--", worked["value"])
    assert found == {"rounded_pct": expected["rounded"], "step_pct": worked["step"]}


@pytest.mark.parametrize(("worked", "expected"), [*items("C01"), *items("C03")])
def test_the_step_of_a_class_is_that_of_the_rule_set(worked: Case, expected: Case) -> None:
    accuracy_class = CLASS_OF_STEP[worked["step"]]
    found = calc("round", "--rules", "jjg596-2012", "--class", accuracy_class, "--", worked["value"])
    assert found == {"rounded_pct": expected["rounded"], "step_pct": worked["step"]}


def test_a_negative_value_needs_no_dashes_before_it() -> None:
    assert calc("round", "--step", "0.1", "-0.35")["rounded_pct"] == "-0.4"
    assert calc("round", "--step", "0.1", "-0.04")["rounded_pct"] == "-0.0"


def test_what_lies_just_beyond_a_half_is_not_lost() -> None:
    assert calc("round", "--step", "0.1", "0.25" + "0" * 60 + "1")["rounded_pct"] == "+0.3"
    assert calc("round", "--step", "0.1", "0.25")["rounded_pct"] == "+0.2"


@pytest.mark.parametrize("typed", ["1_000", "１.５", "٣", "0." + "1" * 200])
def test_a_figure_has_plain_digits_and_its_echo_is_short(typed: str) -> None:
    said = refusal("round", "--step", "0.1", typed)
    assert "is no number" in said
    assert len(said) < 120


def test_nothing_is_rounded_where_the_rule_set_does_not() -> None:
    found = calc("round", "--rules", "oiml-r46-2012", "--class", "B", "0.526")
    assert found == {"rounded_pct": None, "step_pct": None}


@pytest.mark.parametrize(("worked", "expected"), items("C21"))
def test_limits_agree_with_the_worked_cases(worked: Case, expected: Case) -> None:
    connections = ("direct", "ct") if worked["conn"] == "any" else (worked["conn"].lower(),)
    for connection in connections:
        found = calc(
            "limit", "--rules", RULE_SETS[worked["std"]], "--class", worked["cls"], "--connection", connection,
            "--load", LOADS[worked["load"]], "--current", worked["I"].replace("*", ""),
            "--power-factor", worked["pf"],
        )  # fmt: skip
        assert float(found["mpe_pct"]) == expected["limit"]
        assert found["clause"]
        assert found["provenance"] in set("VPM?")


@pytest.mark.shared
@pytest.mark.parametrize("load", ["balanced", "one_phase"])
@pytest.mark.parametrize("connection", ["direct", "ct"])
def test_limits_equal_their_source_row_by_row(load: str, connection: str) -> None:
    rows = json.loads(SHARED.read_text("utf-8"))["tables"]["jjg596_2012_active"][load][connection]
    for row in rows:
        for accuracy_class, mpe_pct in row["lim"].items():
            for power_factor in row["pf"]:
                found = calc(
                    "limit", "--rules", "jjg596-2012", "--class", accuracy_class, "--connection", connection,
                    "--load", load.replace("_", "-"), "--current", row["I"].split("<=")[0],
                    "--power-factor", power_factor,
                )  # fmt: skip
                assert float(found["mpe_pct"]) == mpe_pct
                assert found["only_on_request"] == row.get("optional", False)


def test_where_the_rule_set_asks_nothing_there_is_no_limit() -> None:
    found = calc(
        "limit", "--rules", "jjg596-2012", "--class", "2", "--connection", "direct", "--load", "balanced",
        "--current", "Ib", "--power-factor", "0.8C",
    )  # fmt: skip
    assert set(found.values()) == {None}


def test_load_points_are_those_of_the_class_and_the_meters_range() -> None:
    asked = ("load-points", "--rules", "jjg596-2012", "--class", "2", "--connection", "direct")
    wide = calc(*asked, "--imax-over-ib", "12")["load_points"]
    assert wide == [
        "Imax 1.0", "Imax 0.5L", "0.5Imax 1.0", "0.5Imax 0.5L", "Ib 1.0", "Ib 0.5L", "0.2Ib 0.5L",
        "0.1Ib 1.0", "0.1Ib 0.5L", "0.05Ib 1.0",
    ]  # fmt: skip
    narrow = calc(*asked, "--imax-over-ib", "3.9")["load_points"]
    assert narrow == [name for name in wide if not name.startswith("0.5Imax")] == calc(*asked)["load_points"]


def test_phases_loaded_alone_follow_for_a_meter_that_has_more_than_one() -> None:
    asked = ("load-points", "--rules", "jjg596-2012", "--class", "0.5S", "--connection", "ct")
    balanced = calc(*asked)["load_points"]
    three_wires = calc(*asked, "--wiring", "3p3w")["load_points"]
    alone = ("Imax 1.0", "Imax 0.5L", "In 1.0", "In 0.5L", "0.1In 0.5L", "0.05In 1.0")
    assert three_wires == [*balanced, *(f"{name} {phase}" for phase in "AC" for name in alone)]


@pytest.mark.parametrize(("worked", "expected"), items("C08"))
def test_no_load_by_the_maximum_current_agrees_with_the_worked_cases(worked: Case, expected: Case) -> None:
    found = calc(
        "no-load", "--rules", "jjg596-2012", "--class", {480: "2", 600: "1"}[worked["N"]], "--voltage", worked["Un"],
        "--constant", worked["C"], "--elements", ELEMENTS[worked["m"]], "--imax", worked["Imax"],
    )  # fmt: skip
    assert float(found["duration_min"]) == pytest.approx(expected["minutes"], abs=5e-4)
    assert float(found["test_voltage_V"]) == pytest.approx(1.15 * worked["Un"])
    assert found["max_pulses"] == "1"


NEWER = {
    "IEC": ("iec62052-11-2020", "1"), "EN": ("en50470-3-2006", "B"), "R46: class B": ("oiml-r46-2012", "B"),
    "JJG 596-2026: class A": ("jjg596-2026", "A"), "JJG 596-2026: class B": ("jjg596-2026", "B"),
}  # fmt: skip


@pytest.mark.parametrize(("worked", "expected"), items("C09"))
def test_no_load_of_the_newer_families_agrees_with_the_worked_cases(worked: Case, expected: Case) -> None:
    ((rule_set, accuracy_class),) = [
        rule for start, rule in NEWER.items() if worked["label"].startswith(start)
    ]
    current = ("--starting-current", worked["Ist"]) if "Ist" in worked else ("--imin", worked["Imin"])
    found = calc(
        "no-load", "--rules", rule_set, "--class", accuracy_class, "--voltage", worked["Un"],
        "--constant", worked["k"], "--elements", worked["m"], *current,
    )  # fmt: skip
    assert float(found["duration_min"]) == pytest.approx(expected["minutes"], abs=5e-5)
    assert float(found["test_voltage_V"]) == pytest.approx(worked["factor"] * worked["Un"])


@pytest.mark.parametrize(("worked", "expected"), items("C10"))
def test_starting_agrees_with_the_worked_cases(worked: Case, expected: Case) -> None:
    accuracy_class = "0.5S" if "0.5S" in worked["label"] else "1"
    connection, rated = ("ct", "--in") if "CT" in worked["label"] else ("direct", "--ib")
    found = calc(
        "starting", "--rules", "jjg596-2012", "--class", accuracy_class, "--connection", connection,
        "--voltage", worked["Un"], "--constant", worked["C"], "--elements", ELEMENTS[worked["m"]],
        rated, worked["Iref"],
    )  # fmt: skip
    assert float(found["starting_current_A"]) == pytest.approx(expected["Ist_A"], rel=1e-9)
    assert float(found["pulse_period_s"]) == pytest.approx(expected["pulse_period_s"], abs=5e-4)
    assert float(found["limit_min"]) == pytest.approx(expected["limit_min"], abs=5e-5)


def test_starting_of_oiml_is_a_part_of_the_transitional_current_within_one_and_a_half_periods() -> None:
    found = calc(
        "starting", "--rules", "oiml-r46-2012", "--class", "B", "--connection", "direct", "--voltage", 230,
        "--constant", 1000, "--elements", 1, "--itr", 0.5, "--imin", 0.25,
    )  # fmt: skip
    # 3.6e6/(1000 x 230 x 0.02) s, times 1.5
    assert float(found["pulse_period_s"]) == pytest.approx(782.6087, abs=5e-5)
    assert float(found["limit_min"]) == pytest.approx(19.56522, abs=5e-6)


@pytest.mark.parametrize(("worked", "expected"), items("C23"))
@pytest.mark.parametrize("dashes", [(), ("--",)])
def test_one_phase_against_balanced_agrees_with_the_worked_cases(
    worked: Case, expected: Case, dashes: tuple[str, ...]
) -> None:
    found = calc(
        "unbalance", "--class", worked["cls"], "--balanced", worked["balanced"], "--phases", *dashes, *worked["phases"]
    )  # fmt: skip
    assert float(found["difference_pct"]) == expected["max_diff"]
    assert float(found["limit_pct"]) == expected["limit"]
    assert found["verdict"] == expected["verdict"]


@pytest.mark.parametrize(("worked", "expected"), items("C06"))
def test_verdicts_agree_with_the_worked_cases(worked: Case, expected: Case) -> None:
    found = calc(
        "verdict", "--rules", "jjg596-2012", "--class", worked["cls"].split()[0], "--limit", worked["limit"],
        "--", worked["mean"],
    )  # fmt: skip
    assert (found["rounded_pct"], found["verdict"]) == (expected["rounded"], expected["verdict"])


@pytest.mark.parametrize(("worked", "expected"), items("C07"))
def test_a_mean_near_its_limit_is_measured_again_as_in_the_worked_cases(worked: Case, expected: Case) -> None:
    asked = (
        "verdict", "--rules", "jjg596-2012", "--class", CLASS_OF_STEP[worked["step"]], "--limit", worked["limit"],
    )  # fmt: skip
    first = calc(*asked, *worked["first"])
    assert float(first["mean_pct"]) == expected["mean_first"]
    assert first["remeasure"] == expected["triggered"]
    final = calc(*asked, *worked["first"], *worked["extra_if_needed"]) if first["remeasure"] else first
    assert float(final["mean_pct"]) == expected["final_mean"]
    assert (final["rounded_pct"], final["verdict"]) == (expected["rounded"], expected["verdict"])
    assert final["remeasure"] is False


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("round 0.5", "give either --step, or --rules with --class"),
        ("round --step 0.1 --class 1 0.5", "give either --step, or --rules with --class"),
        ("round --step 0 0.5", "--step: 0 must be above 0"),
        ("round --rules jjg596 --class 1 0.5", "there is no rule set 'jjg596'; known are en50470-3-2006"),
        ("verdict --rules jjg596-2012 --class 3 --limit 1 0.5", "jjg596-2012 knows no accuracy class '3'"),
        ("verdict --rules jjg596-2012 --class 1 --limit 1 nan", "'nan' is no number"),
        ("limit --rules jjg596-2012 --class 1 --connection ct --load balanced --current 5A --power-factor 1.0",
         "'5A' is no current"),
        ("limit --rules jjg596-2012 --class 1 --connection ct --load balanced --current In --power-factor 0.5",
         "'0.5' is no power factor"),
        ("limit --rules oiml-r46-2012 --class A --connection ct --load balanced --current In --power-factor 1.0",
         "give the current in one of them"),
        ("no-load --rules jjg596-2012 --class 1 --voltage 220 --constant 1200 --elements 1 --imin 1",
         "needs Imax of the nameplate"),
        ("no-load --rules oiml-r46-2012 --class A --voltage 220 --constant 1200 --elements 1 --imax 60",
         "needs Imin of the nameplate"),
        ("starting --rules jjg596-2012 --class 1 --connection direct --voltage 220 --constant 1600 --elements 1 --in 5",
         "a part of Ib here; give --ib"),
        ("starting --rules jjg596-2012 --class 0.5S --connection direct --voltage 220 --constant 1600 --elements 1",
         "no starting current for class 0.5S, direct"),
        ("unbalance --class A --balanced 0.2 --phases 0.1", "jjg596-2012 knows no accuracy class 'A'"),
    ],
)  # fmt: skip
def test_what_cannot_be_computed_says_what_to_give(words: str, said: str) -> None:
    assert said in refusal(*words.split())


@pytest.mark.parametrize(
    "words",
    [
        "limit --class 1 --connection ct --load balanced --current In --power-factor 1.0",
        "load-points --class 1 --connection ct",
        "no-load --class 1 --voltage 220 --constant 1200 --elements 1 --imax 60",
        "starting --class 1 --connection direct --voltage 220 --constant 1600 --elements 1 --ib 5",
        "verdict --class 1 --limit 1 0.5",
    ],
)
def test_a_rule_set_that_is_not_given_is_asked_for(words: str) -> None:
    done = CliRunner().invoke(calc_command, words.split())
    assert done.exit_code == 2
    assert "Missing option '--rules'" in done.output


@pytest.mark.parametrize("name", rule_set_names())
def test_every_rule_set_is_known_to_the_command_line(name: str) -> None:
    accuracy_class = {"j": "1", "i": "1", "o": "A", "e": "A"}[name[0]]
    if name in ("iec62053-22-2003", "jjg596-2026"):
        accuracy_class = {"iec62053-22-2003": "0.5S", "jjg596-2026": "C"}[name]
    points = calc("load-points", "--rules", name, "--class", accuracy_class, "--connection", "ct")[
        "load_points"
    ]
    assert bool(points) == (name != "iec62052-11-2020")
