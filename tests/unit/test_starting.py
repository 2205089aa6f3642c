"""Starting currents and times against worked cases."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from calibration.load_points import LoadPoint
from calibration.nameplate import Connection, Direction, Quantity, Wiring
from calibration.rule_files import load_rule_set
from calibration.starting import starting_fraction, starting_point, starting_test
from tests.unit.nameplates import meter
from tests.unit.worked_cases import items

NAMEPLATES: dict[str, dict[str, Any]] = {
    "1ph cl1 direct 5(60) 220V 1600imp": {},
    "3P4W cl1 CT 3x1.5(6) 220V 6400imp": {"connection": Connection.CT, "wiring": Wiring.FOUR_WIRE},
    "3P3W 0.5S CT 1.5(6) 100V 20000imp m=sqrt3": {
        "connection": Connection.CT, "wiring": Wiring.THREE_WIRE, "accuracy_class": "0.5S",
    },
}  # fmt: skip


@pytest.mark.parametrize(("worked", "expected"), items("C10"))
def test_starting_agrees_with_the_worked_cases(worked: dict[str, Any], expected: dict[str, Any]) -> None:
    tested = meter(
        **NAMEPLATES[worked["label"]],
        basic_current_A=worked["Iref"],
        nominal_voltage_V=worked["Un"],
        meter_constant_imp_per_kWh=worked["C"],
    )
    rules = load_rule_set("jjg596-2012")
    test, load_point = starting_test(rules, tested), starting_point(tested, rules)
    assert test.starting_current_A == pytest.approx(expected["Ist_A"], rel=1e-12)
    assert load_point.compared_power == pytest.approx(expected["power_W"], abs=5e-7)
    assert test.pulse_period_s == pytest.approx(expected["pulse_period_s"], abs=5e-4)
    assert test.limit_s / 60 == pytest.approx(expected["limit_min"], abs=5e-5)
    assert test.pulses == 2
    assert (load_point.voltage_V, load_point.power_factor) == (worked["Un"], 1.0)


def test_oiml_allows_one_and_a_half_periods_and_takes_the_nameplates_current() -> None:
    tested = meter(
        accuracy_class="B",
        nominal_voltage_V=230.0,
        meter_constant_imp_per_kWh=1000.0,
        starting_current_A=0.02,
    )
    test = starting_test(load_rule_set("oiml-r46-2012"), tested)
    # tau = 3.6 x 10^6/(m k Unom Ist) = 3.6e6/(1 x 1000 x 230 x 0.02) s
    assert test.pulse_period_s == pytest.approx(782.6087, abs=5e-5)
    assert test.limit_s == pytest.approx(1173.913, abs=5e-4)


def test_without_a_current_on_the_nameplate_it_is_a_part_of_the_transitional_current() -> None:
    tested = meter(accuracy_class="B", transitional_current_A=0.5)
    assert starting_test(load_rule_set("oiml-r46-2012"), tested).starting_current_A == pytest.approx(0.02)


def test_a_class_without_a_starting_current_says_what_to_do() -> None:
    said = (
        r"^jjg596-2012 has no starting current for class 0\.5S, direct; "
        "give starting_current_A of the nameplate, or leave starting out of tests$"
    )
    with pytest.raises(ValueError, match=said):
        starting_test(load_rule_set("jjg596-2012"), meter(accuracy_class="0.5S"))
    with pytest.raises(ValueError, match=r"^iec62052-11-2020 has no starting current for class 1, direct"):
        starting_fraction(load_rule_set("iec62052-11-2020"), "1", Connection.DIRECT)
    with pytest.raises(
        ValueError, match=r"^iec62052-11-2020 has no rule for starting; leave starting out of tests$"
    ):
        starting_test(load_rule_set("iec62052-11-2020"), meter(starting_current_A=0.02))
    rules = load_rule_set("jjg596-2012")
    assert rules.starting is not None
    of_ct_alone = replace(rules.starting, fraction={Connection.CT: rules.starting.fraction[Connection.CT]})
    with pytest.raises(ValueError, match="no starting current for class 1, direct"):
        starting_fraction(replace(rules, starting=of_ct_alone), "1", Connection.DIRECT)
    with pytest.raises(ValueError, match="knows no accuracy class '7'"):
        starting_fraction(load_rule_set("jjg596-2012"), "7", Connection.DIRECT)


@pytest.mark.parametrize(
    ("connection", "accuracy_class", "part"),
    [
        (Connection.DIRECT, "1", (0.004, "Ib")), (Connection.DIRECT, "2", (0.005, "Ib")),
        (Connection.CT, "0.5S", (0.001, "In")), (Connection.CT, "1", (0.002, "In")),
    ],
)  # fmt: skip
def test_the_starting_current_is_a_part_of_the_rated_current(
    connection: Connection, accuracy_class: str, part: tuple[float, str]
) -> None:
    """JJG 596-2012, by the connection and the class (../shared/rules: start_frac)."""
    assert starting_fraction(load_rule_set("jjg596-2012"), accuracy_class, connection) == part


def test_the_load_of_the_test_is_that_of_the_meter_at_its_starting_current() -> None:
    tested = meter(
        wiring=Wiring.FOUR_WIRE,
        quantity=Quantity.REACTIVE,
        direction=Direction.EXPORT,
        starting_current_A=0.02,
    )
    rules = load_rule_set("jjg596-2012")
    assert starting_point(tested, rules) == LoadPoint(
        "Ist 1.0", 220.0, 0.02, 1.0,
        wiring=Wiring.FOUR_WIRE, quantity=Quantity.REACTIVE, direction=Direction.EXPORT,
    )  # fmt: skip
    test = starting_test(rules, tested)
    assert rules.starting is not None
    assert test.source == rules.starting.source
    assert test.starting_current_A == 0.02
