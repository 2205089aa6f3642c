"""The starting test: at the starting current, how soon a pulse must come.

A meter without error needs tau = 3.6 x 10^6/(k m Un Ist) s for a pulse. The rule allows a multiple of it (1.2 in
JJG 596-2012, 1.5 in OIML R 46). Two pulses are wanted, since the first may come from what was left in the meter.
"""

from __future__ import annotations

from dataclasses import dataclass

from calibration.load_points import LoadPoint, current_over_ib, currents_of
from calibration.nameplate import Connection, MeterUnderTest
from calibration.percentage_error import nominal_time_s
from calibration.rules import Provenance, RuleSet

_PULSES = 2


@dataclass(frozen=True, slots=True)
class StartingTest:
    """A starting test of one meter: `pulses` pulses, each within limit_s of the one before (the first: of the load)."""

    starting_current_A: float
    pulse_period_s: float
    limit_s: float
    pulses: int
    source: Provenance


def starting_current_A(rules: RuleSet, meter: MeterUnderTest) -> float:
    """Of the nameplate where it states one, else by the rule set. Errors: ValueError where neither has it."""
    if meter.starting_current_A is not None:
        return meter.starting_current_A
    fraction, of = starting_fraction(rules, meter.accuracy_class, meter.connection)
    return fraction * float(current_over_ib(of, currents_of(meter))) * meter.basic_current_A


def starting_fraction(rules: RuleSet, accuracy_class: str, connection: Connection) -> tuple[float, str]:
    """The starting current as a part of a rated current, and of which. Errors: ValueError where there is no rule."""
    rules.require_class(accuracy_class)
    rule = rules.starting
    found = None if rule is None else rule.fraction.get(connection, {}).get(accuracy_class)
    if rule is None or found is None:
        raise ValueError(
            f"{rules.name} has no starting current for class {accuracy_class}, {connection.value}; "
            "give starting_current_A of the nameplate, or leave starting out of tests"
        )
    return float(found), rule.of[connection]


def starting_test(rules: RuleSet, meter: MeterUnderTest) -> StartingTest:
    """Errors: ValueError where the rule set has none, or no starting current for the meter."""
    current_A = starting_current_A(rules, meter)
    point = starting_point(meter, rules)
    return starting_from(rules, current_A, point.compared_power, meter.constant_at_terminals_imp_per_kWh)


def starting_from(
    rules: RuleSet, current_A: float, power_W: float, meter_constant_imp_per_kWh: float
) -> StartingTest:
    """The test from plain figures; power_W: at the starting current. Errors: ValueError where there is no rule."""
    if rules.starting is None:
        raise ValueError(f"{rules.name} has no rule for starting; leave starting out of tests")
    period_s = nominal_time_s(1, meter_constant_imp_per_kWh, power_W)
    limit_s = float(rules.starting.time_factor) * period_s
    return StartingTest(current_A, period_s, limit_s, _PULSES, rules.starting.source)


def starting_point(meter: MeterUnderTest, rules: RuleSet) -> LoadPoint:
    """Nominal voltage and the starting current, power factor 1."""
    current_A = starting_current_A(rules, meter)
    return LoadPoint(
        "Ist 1.0", meter.nominal_voltage_V, current_A, 1.0,
        wiring=meter.wiring, quantity=meter.quantity, direction=meter.direction,
    )  # fmt: skip
