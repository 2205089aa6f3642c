"""Whatever nameplate a plan has: it is refused in one line, or the check of the plan comes to its end."""

from __future__ import annotations

import io
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from bench.before_run.plan_check import review
from bench.errors import OperatorError
from bench.plans.plan import parse_plan
from bench.terminal.plan_table import print_review
from calibration.rule_files import rule_set_names
from tests.bench_process.support import METER, bench_config

ITEMS = (
    "warm_up",
    "no_load",
    "starting",
    "basic_error",
    "repeatability",
    "meter_constant",
    "power_time",
    "clock",
)
CURRENTS_A = (1e-6, 0.004, 0.5, 5.0, 1e6)


def plan(rule_set: str, tests: tuple[str, ...], nameplate: dict[str, object]) -> str:
    lines = [line for line in METER.splitlines() if line.split(" =")[0] not in nameplate]
    return "\n".join([f"rule_set = '{rule_set}'", f"tests = {list(tests)}", *lines, *_toml(nameplate)])


def _toml(nameplate: dict[str, object]) -> list[str]:
    return [f"{key} = {value!r}" for key, value in nameplate.items() if value is not None]


@pytest.mark.parametrize(
    "line",
    [
        "meter_constant_imp_per_kWh = 1e308", "meter_constant_imp_per_kWh = 1e-308", "nominal_voltage_V = 1e308",
        "nominal_voltage_V = 0.0", "basic_current_A = 5e-324", "maximum_current_A = 1e300",
        "starting_current_A = 5e-324", "minimum_current_A = -1.0", "transitional_current_A = 1e-9", "ct_ratio = 1e308",
        "vt_ratio = 0.0",
    ],
)  # fmt: skip
def test_a_figure_that_no_nameplate_has_is_refused_with_what_is_allowed(line: str) -> None:
    key, value = line.split(" = ")
    with pytest.raises(OperatorError, match=r"allowed is .* to ") as refused:
        parse_plan(plan("jjg596-2012", ("basic_error",), {key: float(value)}), ["1"])
    assert key in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("nameplate", "said"),
    [
        ({"starting_current_A": 0.5, "minimum_current_A": 0.5}, "minimum_current_A is not above starting"),
        ({"starting_current_A": 10.0}, "basic_current_A is not above starting_current_A"),
        (
            {"minimum_current_A": 0.6, "transitional_current_A": 0.5},
            "transitional_current_A is below minimum",
        ),
        ({"transitional_current_A": 11.0}, "basic_current_A is below transitional_current_A (10 A, 11 A)"),
        ({"maximum_current_A": 9.0}, "maximum_current_A is below basic_current_A"),
    ],
)
def test_currents_that_are_out_of_order_are_refused(nameplate: dict[str, object], said: str) -> None:
    with pytest.raises(OperatorError) as refused:
        parse_plan(plan("jjg596-2012", ("basic_error",), nameplate), ["1"])
    assert said in str(refused.value)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(rule_set_names()),
    st.lists(st.sampled_from(ITEMS), min_size=1, max_size=3, unique=True),
    st.fixed_dictionaries(
        {
            "accuracy_class": st.sampled_from(["1", "B", "0.5S"]),
            "meter_constant_imp_per_kWh": st.sampled_from([1e-3, 1200.0, 1e9]),
            "nominal_voltage_V": st.sampled_from([1e-3, 220.0, 1e6]),
            "register_decimals": st.sampled_from([None, 0, 6]),
            "connection": st.sampled_from(["direct", "ct"]),
        }
    ),
    st.lists(st.sampled_from(CURRENTS_A), min_size=5, max_size=5).map(sorted),
    st.sampled_from([1e-3, 1.0, 1e6]),
)
def test_the_check_of_a_plan_comes_to_its_end_at_the_bounds(
    rule_set: str,
    tests: list[str],
    nameplate: dict[str, object],
    currents_A: list[float],
    ct_ratio: float,
) -> None:
    names = ("starting", "minimum", "transitional", "basic", "maximum")
    given_ = {f"{name}_current_A": amperes for name, amperes in zip(names, currents_A, strict=True)}
    text = plan(rule_set, tuple(tests), {**nameplate, **given_, "ct_ratio": ct_ratio})
    config = bench_config(Path("/nonexistent"))
    with suppress(OperatorError):
        checked = parse_plan("load_points = ['Imax 1.0']\n" + text, ["1"])
        found = review(checked, config, "2026-01-01")
        print_review(found, checked, (), Console(file=io.StringIO()), "en")


def test_starting_is_refused_where_the_rule_set_has_no_such_test() -> None:
    text = plan("iec62052-11-2020", ("starting",), {"starting_current_A": 0.04})
    with pytest.raises(OperatorError, match="has no rule for starting; leave starting out"):
        parse_plan(text, ["1"])
