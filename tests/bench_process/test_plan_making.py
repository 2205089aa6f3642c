"""A generated plan holds what the rule set asks of these meters and this bench can do, and time enough for it."""

from __future__ import annotations

import dataclasses
import tomllib
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bench.before_run.plan_check import review
from bench.before_run.plan_making import make_plan
from bench.configuration.config import Config, parse_config
from bench.errors import OperatorError
from bench.items import Item
from bench.plans.forecast import forecast
from bench.plans.meter_types import load_meter_types
from bench.plans.plan import MeterSection, parse_plan
from calibration.nameplate import Wiring
from calibration.reasons import Reason
from tests.bench_process.support import BENCH

TYPES = load_meter_types(Path("bench/sim/demo-meter-types.toml"))
SINGLE = TYPES["single-phase-1"].mounted("1", "S-1")
WIRED = """meter_port = "sim"
clock_output = { driver = "sim" }
"""


def bench(extra: str = "") -> Config:
    text = BENCH.format(state_dir="state", simulation="")
    return parse_config(
        text.replace("simulated_error_pct = 0.4\n", f"simulated_error_pct = 0.4\n{extra}"), "bench.toml"
    )


def without_a_traceable_clock(config: Config) -> Config:
    return dataclasses.replace(config, clock=dataclasses.replace(config.clock, frequency_U_ppm=None))


def test_a_class_1_meter_gets_the_items_and_load_points_of_jjg_596_2012() -> None:
    plan = make_plan([SINGLE], "jjg596-2012", bench(WIRED)).checked.plan
    assert plan.tests == ("visual", "no_load", "starting", "basic_error", "meter_constant", "clock")
    # JJG 596-2012, the load points of class 1, direct, Imax >= 4 Ib, as in shared/rules/jjg596-2012.json.
    balanced = {
        "Imax": ("1.0", "0.5L", "0.8C"),
        "0.5Imax": ("1.0", "0.5L", "0.8C"),
        "Ib": ("1.0", "0.5L", "0.8C"),
        "0.2Ib": ("0.5L", "0.8C"),
        "0.1Ib": ("1.0", "0.5L", "0.8C"),
        "0.05Ib": ("1.0",),
    }
    assert plan.load_points == tuple(f"{current} {pf}" for current, pfs in balanced.items() for pf in pfs)
    assert (plan.decision_rule, plan.repeats) == ("regulation", 2)


def test_the_nameplate_is_written_out_and_read_back_whole() -> None:
    three = dataclasses.replace(
        TYPES["three-phase-ct-0.5S"].mounted("1", 'a "quoted" 表\\号'),
        ct_ratio=40.0,
        minimum_current_A=0.015,
        test_output_edge="falling",
    )
    made = make_plan([three], "jjg596-2012", bench())
    assert made.checked.plan.meter == (three,)
    assert tomllib.loads(made.text)["meter"][0]["wiring"] == "3p4w"
    assert {p.load_point.loaded_phase for p in made.checked.points if p.load_point} == {"", "A", "B", "C"}


@pytest.mark.parametrize(
    ("config", "item", "said"),
    [
        (bench(), Item.METER_CONSTANT, "meter_port"),
        (bench('meter_port = "sim"\n'), Item.CLOCK, "clock_output"),
        (without_a_traceable_clock(bench(WIRED)), Item.CLOCK, "frequency_U_ppm"),
    ],
)
def test_what_the_bench_cannot_do_is_left_out_with_its_reason(config: Config, item: Item, said: str) -> None:
    made = make_plan([SINGLE], "jjg596-2012", config)
    (found,) = (f for f in made.left_out if f.item is item)
    assert said in found.why("zh")
    assert item.value not in made.checked.plan.tests
    assert f"未列入 {item.value}: {found.why('en')}" in made.text


def test_an_item_that_one_position_can_do_stays_and_is_undecidable_at_the_others() -> None:
    text = BENCH.format(state_dir="state", simulation="").replace("simulated_error_pct = 0.4", WIRED)
    bare = '[[position]]\nname = "2"\ndriver = "sim"\n\n[reference]\n'
    config = parse_config(text.replace("[reference]\n", bare, 1), "bench.toml")
    meters = [TYPES["single-phase-1"].mounted(p, f"S-{p}") for p in ("2", "1")]
    made = make_plan(meters, "jjg596-2012", config)
    assert made.left_out == ()
    assert made.checked.plan.tests[-2:] == ("meter_constant", "clock")
    (clock,) = (p for p in review(made.checked, config, "2026-11-24").points if p.point.item is Item.CLOCK)
    assert {p: f.reason for p, f in clock.cannot.items()} == {"2": Reason.CLOCK_NOT_WIRED}


def test_a_register_of_unknown_decimals_is_no_register_test() -> None:
    made = make_plan([dataclasses.replace(SINGLE, register_decimals=None)], "jjg596-2012", bench(WIRED))
    assert [f.item for f in made.left_out] == [Item.METER_CONSTANT]
    assert "the number of decimals of the meter's register was not given" in made.text


def test_a_rule_set_that_asks_for_no_load_alone_makes_a_plan_of_it() -> None:
    section = dataclasses.replace(SINGLE, starting_current_A=0.04)
    plan = make_plan([section], "iec62052-11-2020", bench()).checked.plan
    assert (plan.tests, plan.load_points) == (("no_load",), ())


def test_a_rule_set_without_rounding_is_judged_by_the_simple_rule() -> None:
    plan = make_plan([SINGLE], "iec62053-21-2003", bench()).checked.plan
    assert plan.decision_rule == "simple"


@pytest.mark.parametrize(
    ("name", "constant"),
    [
        (name, constant)
        for name in TYPES
        if TYPES[name].nameplate.basic_current_A is not None  # those of class A to E are for other rule sets
        for constant in (100.0 if "direct" in name else 1000.0, 100_000.0)
    ],
)
def test_no_load_point_is_refused_for_time_alone(name: str, constant: float) -> None:
    """From the slowest to the fastest constants."""
    meter = dataclasses.replace(TYPES[name].mounted("1", "S"), meter_constant_imp_per_kWh=constant)
    config = bench()
    made = make_plan([meter], "jjg596-2012", config)
    windows = forecast(made.checked, config.reference.card.as_card(), config.reference.poll_interval_s)
    assert windows
    assert all(w.refusal is None for at_point in windows.values() for w in at_point.values())
    assert made.checked.plan.longest_time_s <= 86_400.0


def test_a_reference_that_cannot_reach_a_fifth_is_asked_for_what_the_rule_set_demands() -> None:
    text = BENCH.format(state_dir="state", simulation="")
    weak = parse_config(text.replace("calibration_U_pct = 0.02", "calibration_U_pct = 0.25"), "bench.toml")
    assert make_plan([SINGLE], "jjg596-2012", weak).checked.plan.wanted_uncertainty == 0.33


def test_the_conditions_that_nobody_checks_are_stated_in_the_plan() -> None:
    text = make_plan([SINGLE], "jjg596-2012", bench()).text
    assert "voltage ±1 %, frequency ±0.3 %, distortion at most 2 %" in text
    assert "电压 ±1 %, 频率 ±0.3 %, 波形失真 ≤ 2 %" in text
    assert "not check" not in make_plan([SINGLE], "iec62053-21-2003", bench()).text


def test_the_title_counts_the_types_of_a_mixed_batch() -> None:
    text = BENCH.format(state_dir="state", simulation="")
    more = "".join(f'[[position]]\nname = "{n}"\ndriver = "sim"\n\n' for n in (2, 3))
    config = parse_config(text.replace("[reference]\n", more + "[reference]\n", 1), "bench.toml")
    other = dataclasses.replace(SINGLE, position="2", serial="S-2", meter_type="Other X")
    meters = [SINGLE, other, dataclasses.replace(SINGLE, position="3", serial="S-3")]
    title = make_plan(meters, "jjg596-2012", config).checked.plan.title
    assert title == "JJG 596-2012: 2 × Demonstration DDS-60, 1 × Other X"


def test_meters_of_other_classes_have_each_their_own_load_points() -> None:
    config = parse_config(
        BENCH.format(state_dir="state", simulation="").replace(
            "[reference]\n", '[[position]]\nname = "2"\ndriver = "sim"\n\n[reference]\n', 1
        ),
        "bench.toml",
    )
    ct = TYPES["three-phase-ct-0.5S"]
    other = dataclasses.replace(ct.mounted("2", "S-2"), accuracy_class="1")
    checked = make_plan([ct.mounted("1", "S-1"), other], "jjg596-2012", config).checked
    assert checked.plan.load_points == ()
    concerned = {p.load_point.name: p.positions for p in checked.points if p.item is Item.BASIC_ERROR}
    # Class 0.5S begins at 0.01 In, class 1 at 0.02 In (JJG 596-2012, tables of CT connected meters).
    assert concerned["0.01In 1.0"] == ("1",)
    assert concerned["In 1.0"] == ("1", "2")


@pytest.mark.parametrize(
    ("change", "rules", "said"),
    [
        ({"position": "9"}, "jjg596-2012", "position '9' is not configured; known are 1"),
        (
            {"accuracy_class": "7"},
            "jjg596-2012",
            "meter S-1, type 'Demonstration DDS-60': jjg596-2012 knows no accuracy class '7'",
        ),
        ({}, "jjg596", "there is no rule set 'jjg596'"),
        ({"accuracy_class": "B"}, "oiml-r46-2012", "the nameplate has no Imin"),
        ({}, "iec62052-11-2020", "no_load: by iec62052-11-2020 it lasts"),
        ({"basic_current_A": None}, "jjg596-2012", "basic_current_A"),
        ({"maximum_current_A": 5.0}, "jjg596-2012", "maximum_current_A is below"),
    ],
)
def test_what_cannot_be_tested_is_one_line(change: dict[str, object], rules: str, said: str) -> None:
    with pytest.raises(OperatorError) as refused:
        make_plan([dataclasses.replace(SINGLE, **change)], rules, bench())  # type: ignore[arg-type]
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


@example(serial="\x7f")
@given(
    serial=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20)
)
def test_any_serial_number_survives_the_file(serial: str) -> None:
    section = MeterSection(
        "1", serial, "1", 1600.0, 220.0, 60.0, 5.0, wiring=Wiring.SINGLE_PHASE, meter_type=serial
    )
    made = make_plan([section], "jjg596-2012", bench())
    assert parse_plan(made.text, ["1"]).plan.meter == (section,)
