"""The no-load (creep) test: how long a meter must stand still, and at which voltage. Three families, never to be mixed.

    maximum_current    N x 10^6/(k m Un Imax) min                JJG 596-2012, IEC 62053-21 and -22:2003
    starting_current   240 x 10^3/(k m Utest Ist) min            EN 50470-3:2006, IEC 62052-11:2020
    minimum_current    100 x 10^3/(b k m Utest Imin) h           OIML R 46:2012, JJG 596-2026

k is the constant (imp/kWh), m the number of elements (of a three-wire meter sqrt(3) by JJG, 2 by IEC), b the limit at
Imin in %.
"""

from __future__ import annotations

from dataclasses import dataclass

from calibration.load_points import LoadPoint
from calibration.nameplate import Connection, MeterUnderTest, Wiring
from calibration.rules import Balance, NoLoadRule, Provenance, RuleSet
from calibration.starting import starting_current_A

_S_PER_MIN, _S_PER_H = 60.0, 3600.0


@dataclass(frozen=True, slots=True)
class NoLoadTest:
    """A no-load test of one meter: at the test voltage, without a current, at most max_pulses in the duration."""

    duration_s: float
    test_voltage_V: float
    max_pulses: int
    source: Provenance


def no_load_test(rules: RuleSet, meter: MeterUnderTest) -> NoLoadTest:
    """Errors: ValueError where the rule set has none, or needs a current that the nameplate does not state."""
    rule = _rule_of(rules)
    needs_starting_current = rule.formula == "starting_current"
    if needs_starting_current and meter.starting_current_A is None and rules.starting is None:
        raise ValueError(
            f"no_load: by {rules.name} it lasts the longer the smaller the starting current is; give "
            "starting_current_A (Ist) of the nameplate, or leave no_load out of tests"
        )
    return no_load_from(
        rules,
        meter.accuracy_class,
        meter.nominal_voltage_V,
        meter.constant_at_terminals_imp_per_kWh,
        _elements(rule, meter.wiring),
        maximum_current_A=meter.maximum_current_A,
        starting_A=starting_current_A(rules, meter) if needs_starting_current else None,
        minimum_current_A=meter.minimum_current_A,
        connection=meter.connection,
    )


def no_load_point(meter: MeterUnderTest, rules: RuleSet) -> LoadPoint:
    """The test voltage without a current."""
    test_voltage_V = no_load_test(rules, meter).test_voltage_V
    name = f"{_rule_of(rules).voltage_factor}Un"
    return LoadPoint(
        name, test_voltage_V, 0.0, 1.0,
        wiring=meter.wiring, quantity=meter.quantity, direction=meter.direction,
    )  # fmt: skip


def no_load_from(
    rules: RuleSet,
    accuracy_class: str,
    nominal_voltage_V: float,
    meter_constant_imp_per_kWh: float,
    elements: float,
    *,
    maximum_current_A: float | None = None,
    starting_A: float | None = None,
    minimum_current_A: float | None = None,
    connection: Connection = Connection.DIRECT,
) -> NoLoadTest:
    """The test from plain figures; `elements` is m. Errors: ValueError naming the current that is missing."""
    rules.require_class(accuracy_class)
    rule = _rule_of(rules)
    test_V = float(rule.voltage_factor) * nominal_voltage_V
    per_ampere = meter_constant_imp_per_kWh * elements
    if not per_ampere * test_V > 0.0:
        raise ValueError("voltage, constant and elements must be above 0")
    match rule.formula:
        case "maximum_current":
            current_A = _needed(rules, "Imax", maximum_current_A)
            numerator = rule.numerator[accuracy_class]
            duration_s = _S_PER_MIN * numerator * 1e6 / (per_ampere * nominal_voltage_V * current_A)
        case "starting_current":
            duration_s = _S_PER_MIN * 240e3 / (per_ampere * test_V * _needed(rules, "Ist", starting_A))
        case _:
            b_pct = _limit_at_imin_pct(rules, accuracy_class, connection)
            current_A = _needed(rules, "Imin", minimum_current_A)
            duration_s = _S_PER_H * 100e3 / (b_pct * per_ampere * test_V * current_A)
    return NoLoadTest(duration_s, test_V, rule.max_pulses, rule.source)


def _rule_of(rules: RuleSet) -> NoLoadRule:
    if rules.no_load is None:
        raise ValueError(f"{rules.name} has no rule for no load; leave no_load out of tests")
    return rules.no_load


def _elements(rule: NoLoadRule, wiring: Wiring) -> float:
    return {
        Wiring.SINGLE_PHASE: 1.0,
        Wiring.THREE_WIRE: rule.three_wire_elements,
        Wiring.FOUR_WIRE: 3.0,
    }[wiring]


def _limit_at_imin_pct(rules: RuleSet, accuracy_class: str, connection: Connection) -> float:
    limit = rules.limit(accuracy_class, connection, Balance.BALANCED, "Imin", "1.0")
    if limit is None:
        raise ValueError(f"{rules.name} states no limit at Imin for class {accuracy_class}")
    return limit.mpe_pct


def _needed(rules: RuleSet, name: str, current_A: float | None) -> float:
    if current_A is None or not current_A > 0.0:
        raise ValueError(f"the no-load time of {rules.name} needs {name} of the nameplate; give it")
    return current_A
