"""Every shipped rule set with every decision rule is refused in one line before the run, or comes to its end."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bench.app import open_bench, replay_run
from bench.canonical import JsonObject
from bench.configuration.config import parse_config
from bench.errors import OperatorError
from bench.plans.plan import CheckedPlan, parse_plan
from calibration.conformity import DecisionRule
from calibration.rule_files import load_rule_set, rule_set_names
from calibration.rules import RuleSet
from tests.bench_process.support import BENCH, leisurely

SIMULATED = """simulated_error_pct = 0.02
simulated_constant_imp_per_kWh = 3200.0
meter_port = "sim"

[position.clock_output]
driver = "sim"
"""


def results_of(
    folder: Path,
    rules: RuleSet,
    decision_rule: str,
    accuracy_class: str,
    more: str = "",
    position: str = "",
    bench: str = BENCH,
) -> list[JsonObject]:
    """Of a run of all items of the rule set. Errors: OperatorError where its check refuses it."""
    checked = checked_plan(rules, decision_rule, accuracy_class, more)
    quantity = checked.meters["1"].quantity.value
    text = bench.format(state_dir=folder, simulation="").replace(
        "simulated_error_pct = 0.4\n", position + SIMULATED
    )
    text = text.replace("calibration_U_pct = 0.02", "calibration_U_pct = 0.004")
    text = text.replace(
        "timeout_s = 0.25", f'timeout_s = 0.25\nenergy = "{quantity.replace("active", "import")}"'
    )
    text = text.replace("reimport", "reactive").replace("[clock]", "[clock]\nfrequency_U_ppm = 0.2")
    with open_bench(
        parse_config(text + '[desk]\ndriver = "sim"\n', "bench.toml"), lambda line: None
    ) as process:
        summary = process.run(checked)
    assert replay_run(folder, summary.run_id).differences == ()
    return list(summary.results["1"].values())


def checked_plan(rules: RuleSet, decision_rule: str, accuracy_class: str, more: str = "") -> CheckedPlan:
    tests = ", ".join(f'"{item}"' for item in rules.items)
    connection = "ct" if accuracy_class.endswith("S") else "direct"
    return parse_plan(
        f"""
rule_set = "{rules.name}"
decision_rule = "{decision_rule}"
tests = [{tests}]
load_points = ["Imax 1.0"]
repeats_of_invalid = 0
minimum_time_s = 20.0
longest_time_s = 120.0
clock_warm_up_s = 10.0

[[meter]]
position = "1"
serial = "M-1"
accuracy_class = "{accuracy_class}"
meter_constant_imp_per_kWh = 3200.0
nominal_voltage_V = 220.0
transitional_current_A = 0.5
basic_current_A = 5.0
minimum_current_A = 0.25
starting_current_A = 0.02
maximum_current_A = 60.0
connection = "{connection}"
register_decimals = 4
{more}
""",
        ["1"],
    )


@pytest.mark.parametrize("name", rule_set_names())
@pytest.mark.parametrize("decision_rule", list(DecisionRule))
def test_it_is_refused_beforehand_or_comes_to_its_end(tmp_path: Path, name: str, decision_rule: str) -> None:
    """Without the tests of silence, which know no decision rule and are long."""
    rules = load_rule_set(name)
    accuracy_class = rules.accuracy_classes[-1]
    ruled = tuple(i for i in rules.items if i not in ("no_load", "starting")) or rules.items
    rules = replace(rules, items=ruled)
    if decision_rule == DecisionRule.REGULATION and not rules.judges_rounded:
        with pytest.raises(OperatorError, match=rf"^[^\n]*{name} judges none for class [^\n]*$"):
            checked_plan(rules, decision_rule, accuracy_class)
        return
    results = results_of(tmp_path, rules, decision_rule, accuracy_class)
    assert {r["item"]: r["verdict"] for r in results} == dict.fromkeys(ruled, "PASS")


@pytest.mark.parametrize("name", rule_set_names())
def test_of_a_reactive_meter_nothing_is_judged(tmp_path: Path, name: str) -> None:
    rules = load_rule_set(name)
    bad = "simulated_creep_W = 20.0\nsimulated_starts_at_W = 60.0\n"
    reactive = 'quantity = "reactive"'
    results = results_of(
        tmp_path, rules, "simple", rules.accuracy_classes[-1], reactive, bad, leisurely(BENCH)
    )
    assert {r["verdict"] for r in results} == {"UNJUDGED"}
    assert {r["reasons"][0]["reason"] for r in results} == {"reactive_unsure"}
    creep = next(r for r in results if r["item"] == "no_load")
    assert "creeps" in [reason["reason"] for reason in creep["reasons"]]


@pytest.mark.parametrize("more", ["", 'quantity = "reactive"'])
def test_a_class_that_the_rule_set_lacks_is_refused_before_the_run(more: str) -> None:
    with pytest.raises(OperatorError, match="jjg596-2012 knows no accuracy class '3'"):
        checked_plan(load_rule_set("jjg596-2012"), "simple", "3", more)
