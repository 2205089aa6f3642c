"""No-load durations against worked cases of all three families, and what a meter's nameplate must state for them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibration.load_points import LoadPoint
from calibration.nameplate import Connection, Direction, MeterUnderTest, Quantity, Wiring
from calibration.no_load import no_load_from, no_load_point, no_load_test
from calibration.rule_files import load_rule_set
from calibration.rules import Limit, RuleSet
from calibration.starting import starting_current_A
from tests.unit.nameplates import meter
from tests.unit.worked_cases import items

CLASS_OF_N = {480: "2", 600: "1"}
NEWER = {
    "IEC 62052-11:2020, 230V,k=1000,Ist=0.02,Utest=1.1Un": ("iec62052-11-2020", "1"),
    "EN 50470-3, 3x230/400, k=500, Ist=0.02": ("en50470-3-2006", "B"),
    "R46: class B b=1.5,k=1000,230V,Imin=0.25, Un": ("oiml-r46-2012", "B"),
    "JJG 596-2026: class A same with 1.1": ("jjg596-2026", "A"),
    "JJG 596-2026: class B 3P4W 220V 0.2-0.5(60), k=500": ("jjg596-2026", "B"),
}


@pytest.mark.parametrize(("worked", "expected"), items("C08"))
def test_durations_by_the_maximum_current_agree_with_the_worked_cases(
    worked: dict[str, Any], expected: dict[str, Any]
) -> None:
    rules = load_rule_set("jjg596-2012")
    test = no_load_from(
        rules,
        CLASS_OF_N[worked["N"]],
        worked["Un"],
        worked["C"],
        worked["m"],
        maximum_current_A=worked["Imax"],
    )
    assert test.duration_s / 60 == pytest.approx(expected["minutes"], abs=5e-4)
    assert test.test_voltage_V == pytest.approx(1.15 * worked["Un"])
    assert test.max_pulses == 1


@pytest.mark.parametrize(("worked", "expected"), items("C09"))
def test_durations_of_the_newer_families_agree_with_the_worked_cases(
    worked: dict[str, Any], expected: dict[str, Any]
) -> None:
    rule_set, accuracy_class = NEWER[worked["label"]]
    test = no_load_from(
        load_rule_set(rule_set),
        accuracy_class,
        worked["Un"],
        worked["k"],
        worked["m"],
        starting_A=worked.get("Ist"),
        minimum_current_A=worked.get("Imin"),
    )
    assert test.duration_s / 60 == pytest.approx(expected["minutes"], abs=5e-5)
    assert test.test_voltage_V == pytest.approx(worked["factor"] * worked["Un"])


@pytest.mark.parametrize(
    ("rule_set", "accuracy_class", "wiring", "m"),
    [
        ("jjg596-2012", "1", Wiring.SINGLE_PHASE, 1.0),
        ("jjg596-2012", "1", Wiring.THREE_WIRE, 3**0.5),
        ("jjg596-2012", "1", Wiring.FOUR_WIRE, 3.0),
        ("iec62053-21-2003", "1", Wiring.THREE_WIRE, 2.0),
        ("iec62053-21-2003", "1", Wiring.FOUR_WIRE, 3.0),
    ],
)
def test_a_three_wire_meter_has_the_elements_that_its_standard_counts(
    rule_set: str, accuracy_class: str, wiring: Wiring, m: float
) -> None:
    tested = meter(accuracy_class=accuracy_class, wiring=wiring, nominal_voltage_V=100.0)
    test = no_load_test(load_rule_set(rule_set), tested)
    # 600 x 10^6/(1200 x 100 V x 60 A) min, for m = 1
    assert test.duration_s == pytest.approx(5000.0 / m)


def test_the_load_of_the_test_is_voltage_alone() -> None:
    load_point = no_load_point(meter(), load_rule_set("jjg596-2012"))
    assert (load_point.name, load_point.current_A) == ("1.15Un", 0.0)
    assert load_point.voltage_V == pytest.approx(253.0)


@pytest.mark.parametrize(
    ("rule_set", "changes", "said"),
    [
        ("oiml-r46-2012", {"accuracy_class": "B"}, r"oiml-r46-2012 needs Imin of the nameplate"),
        ("iec62052-11-2020", {}, r"by iec62052-11-2020 .* give starting_current_A \(Ist\)"),
    ],
)
def test_a_nameplate_without_the_current_that_is_needed_is_refused(
    rule_set: str, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        no_load_test(load_rule_set(rule_set), meter(**changes))


def test_a_starting_current_of_the_nameplate_serves() -> None:
    tested = meter(nominal_voltage_V=230.0, meter_constant_imp_per_kWh=1000.0, starting_current_A=0.02)
    test = no_load_test(load_rule_set("iec62052-11-2020"), tested)
    assert test.duration_s / 60 == pytest.approx(47.4308, abs=5e-5)


def test_the_limit_at_the_minimum_current_is_that_of_the_meters_own_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def limit(rules: RuleSet, accuracy_class: str, connection: Connection, *where: object) -> Limit:
        found = usual(rules, accuracy_class, connection, *where)
        return replace(found, mpe_pct=found.mpe_pct * (2.0 if connection is Connection.CT else 1.0))

    usual: Any = RuleSet.limit
    monkeypatch.setattr(RuleSet, "limit", limit)
    rules = load_rule_set("oiml-r46-2012")
    direct, ct = (
        no_load_test(rules, meter(accuracy_class="B", minimum_current_A=0.25, connection=connection))
        for connection in (Connection.DIRECT, Connection.CT)
    )
    assert ct.duration_s == pytest.approx(direct.duration_s / 2.0)


@settings(deadline=None)
@given(
    st.sampled_from(
        [("jjg596-2012", "1"), ("en50470-3-2006", "B"), ("oiml-r46-2012", "B"), ("jjg596-2026", "C")]
    ),
    st.floats(100.0, 1e5),
    st.floats(1.5, 8.0),
)
def test_a_meter_with_more_pulses_a_kilowatt_hour_needs_less_time(
    rule: tuple[str, str], constant: float, factor: float
) -> None:
    def seconds(tested: MeterUnderTest) -> float:
        return no_load_test(load_rule_set(rule[0]), tested).duration_s

    currents = {"accuracy_class": rule[1], "minimum_current_A": 0.25, "transitional_current_A": 0.5}
    slow = seconds(meter(meter_constant_imp_per_kWh=constant, **currents))
    fast = seconds(meter(meter_constant_imp_per_kWh=constant * factor, **currents))
    assert slow == pytest.approx(fast * factor, rel=1e-12)


def test_a_constant_for_the_primary_side_counts_at_the_terminals() -> None:
    rules = load_rule_set("jjg596-2012")
    primary = meter(meter_constant_imp_per_kWh=12.0, constant_is_primary=True, ct_ratio=100.0)
    assert no_load_test(rules, primary) == no_load_test(rules, meter(meter_constant_imp_per_kWh=1200.0))


def test_the_load_of_the_test_is_that_of_the_meter() -> None:
    tested = meter(wiring=Wiring.FOUR_WIRE, quantity=Quantity.REACTIVE, direction=Direction.EXPORT)
    rules = load_rule_set("jjg596-2012")
    assert no_load_point(tested, rules) == LoadPoint(
        "1.15Un", pytest.approx(253.0), 0.0, 1.0,
        wiring=Wiring.FOUR_WIRE, quantity=Quantity.REACTIVE, direction=Direction.EXPORT,
    )  # fmt: skip
    assert rules.no_load is not None
    assert no_load_test(rules, tested).source == rules.no_load.source


@pytest.mark.parametrize(
    ("rule_set", "accuracy_class", "figures", "said"),
    [
        ("jjg596-2012", "1", (0.0, 1200.0, 1.0), "^voltage, constant and elements must be above 0$"),
        ("jjg596-2012", "1", (220.0, 0.0, 1.0), "^voltage, constant and elements must be above 0$"),
        ("jjg596-2012", "1", (220.0, 1200.0, -1.0), "^voltage, constant and elements must be above 0$"),
        ("jjg596-2012", "7", (220.0, 1200.0, 1.0), "knows no accuracy class '7'"),
        ("jjg596-2012", "1", (220.0, 1200.0, 1.0), "^the no-load time of jjg596-2012 needs Imax of .*; give it$"),
        ("en50470-3-2006", "B", (220.0, 1200.0, 1.0), "^the no-load time of en50470-3-2006 needs Ist of the nameplate"),
        ("oiml-r46-2012", "B", (220.0, 1200.0, 1.0), "^the no-load time of oiml-r46-2012 needs Imin of the nameplate"),
    ],
)  # fmt: skip
def test_a_time_is_not_made_from_figures_that_are_none(
    rule_set: str, accuracy_class: str, figures: tuple[float, float, float], said: str
) -> None:
    for current_A in (None, 0.0):
        with pytest.raises(ValueError, match=said):
            no_load_from(
                load_rule_set(rule_set), accuracy_class, *figures,
                maximum_current_A=current_A, starting_A=current_A, minimum_current_A=current_A,
            )  # fmt: skip


def test_a_rule_set_that_asks_no_silence_says_so() -> None:
    silent = replace(load_rule_set("jjg596-2012"), no_load=None)
    with pytest.raises(
        ValueError, match=r"^jjg596-2012 has no rule for no load; leave no_load out of tests$"
    ):
        no_load_test(silent, meter())
    without_limits = replace(load_rule_set("oiml-r46-2012"), limits=())
    with pytest.raises(ValueError, match=r"^oiml-r46-2012 states no limit at Imin for class B$"):
        no_load_test(without_limits, meter(accuracy_class="B", minimum_current_A=0.25))


def test_without_a_starting_current_anywhere_the_nameplate_is_asked_for_it() -> None:
    said = (
        r"^no_load: by iec62052-11-2020 it lasts the longer the smaller the starting current is; give "
        r"starting_current_A \(Ist\) of the nameplate, or leave no_load out of tests$"
    )
    with pytest.raises(ValueError, match=said):
        no_load_test(load_rule_set("iec62052-11-2020"), meter())


def test_where_the_rule_set_knows_the_starting_current_the_nameplate_need_not() -> None:
    """EN 50470-3: 0.004 Itr for class B; 240 x 10^3/(k m Utest Ist) min."""
    tested = meter(accuracy_class="B", transitional_current_A=0.5, nominal_voltage_V=230.0)
    rules = load_rule_set("en50470-3-2006")
    test = no_load_test(rules, tested)
    assert test.duration_s == pytest.approx(
        60 * 240e3 / (1200.0 * test.test_voltage_V * starting_current_A(rules, tested))
    )


def test_a_meter_without_a_starting_current_has_its_time_where_the_rule_does_not_ask_for_one() -> None:
    rules = load_rule_set("jjg596-2012")
    with pytest.raises(ValueError, match="no starting current"):
        starting_current_A(rules, tested := meter(accuracy_class="0.5S"))
    assert no_load_test(rules, tested).duration_s > 0.0


def test_a_small_meter_stands_still_for_long() -> None:
    """600 x 10^6/(1 x 1 x 0.1 V x 1 A) min."""
    test = no_load_from(load_rule_set("jjg596-2012"), "1", 0.1, 1.0, 1.0, maximum_current_A=1.0)
    assert test.duration_s == pytest.approx(60 * 600e6 / 0.1)
