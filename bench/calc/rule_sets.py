"""`bench calc` of what a rule set asks: limits, load points, no load, starting, rounding and verdicts."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeVar

import click

from bench.calc.fields import output_options, print_fields, refuse
from bench.calc.numbers import NEGATIVE_VALUES, POSITIVE, Digits
from bench.errors import OperatorError
from calibration.conformity import round_to_step, signed_text
from calibration.load_points import phases_of
from calibration.nameplate import Connection, Wiring
from calibration.no_load import no_load_from
from calibration.regulation import judge_runs, judge_unbalance
from calibration.rule_files import load_rule_set, rule_set_names
from calibration.rules import Balance, RuleSet
from calibration.starting import starting_fraction, starting_from

F = TypeVar("F", bound=Callable[..., Any])
_EXACT, _EXACT_POSITIVE = Digits(), Digits(above=0.0)
_ELEMENTS = {"1": 1.0, "sqrt3": 3**0.5, "2": 2.0, "3": 3.0}
_BALANCES = {"balanced": Balance.BALANCED, "one-phase": Balance.ONE_PHASE}
_S_PER_MIN = 60.0
_OF_THE_OTHER = {Connection.DIRECT: "In", Connection.CT: "Ib"}
"""The rated current that a meter of this connection does not have."""

_class_option = click.option(
    "--class", "accuracy_class", required=True, help="Accuracy class, such as 1 or 0.5S."
)
_connection_option = click.option(
    "--connection",
    required=True,
    type=click.Choice([c.value for c in Connection]),
    help="Connection of the meter.",
)
_voltage_option = click.option("--voltage", required=True, type=POSITIVE, help="Nominal voltage Un, V.")
_constant_option = click.option("--constant", required=True, type=POSITIVE, help="Meter constant, imp/kWh.")
_elements_option = click.option(
    "--elements",
    required=True,
    type=click.Choice(list(_ELEMENTS)),
    help="Elements m: 1 single phase, sqrt3 or 2 three wires, 3 four wires.",
)


def _rules_option(default: str | None = None) -> Callable[[F], F]:
    # A default of None would be one: click asks for nothing that has a default.
    usual = {"required": True} if default is None else {"default": default, "show_default": True}
    return click.option("--rules", "rule_set", help=f"Rule set: {', '.join(rule_set_names())}.", **usual)


def _load(rule_set: str, accuracy_class: str) -> RuleSet:
    """Errors: OperatorError for a rule set or a class that is unknown."""
    try:
        rules = load_rule_set(rule_set)
        rules.require_class(accuracy_class)
    except ValueError as wrong:
        raise refuse(wrong) from wrong
    return rules


def _verdict(is_within: bool | None) -> str | None:
    return None if is_within is None else "pass" if is_within else "fail"


@click.command("round", context_settings=NEGATIVE_VALUES)
@click.option("--step", type=_EXACT_POSITIVE, help="Rounding step, in the unit of the value.")
@click.option("--rules", "rule_set", help="Rule set whose step it is, with --class.")
@click.option("--class", "accuracy_class", help="Accuracy class, such as 1 or 0.5S.")
@click.argument("value", metavar="VALUE", type=_EXACT)
@output_options
def round_command(
    step: Decimal | None, rule_set: str | None, accuracy_class: str | None, value: Decimal
) -> None:
    """Round to whole steps, halves to even, in decimal; nothing where the rule set does not round."""
    if step is None and rule_set is not None and accuracy_class is not None:
        step = _load(rule_set, accuracy_class).rounding_step_pct(accuracy_class)
    elif step is None or rule_set is not None or accuracy_class is not None:
        raise OperatorError("give either --step, or --rules with --class")
    rounded = None if step is None else signed_text(round_to_step(value, step))
    print_fields({"rounded_pct": rounded, "step_pct": step}, nothing="nothing_asked")


@click.command()
@_rules_option()
@_class_option
@_connection_option
@click.option(
    "--load", "balance", required=True, type=click.Choice(list(_BALANCES)), help="Phases that are loaded."
)
@click.option("--current", required=True, help="Such as 0.05Ib, In, 0.5Imax, Itr or 0.5Imin.")
@click.option("--power-factor", required=True, help="Such as 1.0, 0.5L or 0.8C.")
@output_options
def limit(
    rule_set: str, accuracy_class: str, connection: str, balance: str, current: str, power_factor: str
) -> None:
    """The maximum permissible error (+-, %) at a load; nothing where the rule set asks nothing there.

    V, P, M and ? say how sure the figure and its clause are: read in a quoted text, found in programs, from memory,
    unsure.
    """
    rules = _load(rule_set, accuracy_class)
    try:
        found = rules.limit(accuracy_class, Connection(connection), _BALANCES[balance], current, power_factor)
    except ValueError as wrong:
        raise refuse(wrong) from wrong
    source = None if found is None else found.source
    print_fields(
        {
            "mpe_pct": None if found is None else found.mpe_pct,
            "clause": None if source is None else source.clause,
            "clause_provenance": None if source is None else source.clause_provenance,
            "provenance": None if source is None else source.provenance,
            "only_on_request": None if found is None else found.only_on_request,
        },
        nothing="nothing_asked",
        remark="other_current" if current.endswith(_OF_THE_OTHER[Connection(connection)]) else "",
    )


@click.command("load-points")
@_rules_option()
@_class_option
@_connection_option
@click.option(
    "--imax-over-ib", type=_EXACT_POSITIVE, help="Imax/Ib of the meter; some load points depend on it."
)
@click.option(
    "--wiring",
    default=Wiring.SINGLE_PHASE.value,
    show_default=True,
    type=click.Choice([w.value for w in Wiring]),
    help="Of three phases, each phase loaded alone follows.",
)
@output_options
def load_points(
    rule_set: str, accuracy_class: str, connection: str, imax_over_ib: Decimal | None, wiring: str
) -> None:
    """The load points to run for a meter, in their order."""
    rules = _load(rule_set, accuracy_class)

    def names(balance: Balance) -> tuple[str, ...]:
        return rules.load_points(accuracy_class, Connection(connection), balance, imax_over_ib)

    alone = [f"{name} {phase}" for phase in phases_of(Wiring(wiring)) for name in names(Balance.ONE_PHASE)]
    print_fields(
        {"load_points": [*names(Balance.BALANCED), *alone]},
        remark="ratio_not_given" if imax_over_ib is None else "",
    )


@click.command("no-load")
@_rules_option()
@_class_option
@_voltage_option
@_constant_option
@_elements_option
@click.option("--imax", type=POSITIVE, help="Maximum current, A.")
@click.option("--starting-current", type=POSITIVE, help="Starting current Ist, A.")
@click.option("--imin", type=POSITIVE, help="Minimum current, A.")
@click.option(
    "--connection",
    type=click.Choice([c.value for c in Connection]),
    default=Connection.DIRECT.value,
    show_default=True,
    help="Connection of the meter, for its limit at Imin.",
)
@output_options
def no_load(
    rule_set: str,
    accuracy_class: str,
    connection: str,
    voltage: float,
    constant: float,
    elements: str,
    imax: float | None,
    starting_current: float | None,
    imin: float | None,
) -> None:
    """How long a meter must stand still without a current; it needs Imax, Ist or Imin as the rule set says."""
    rules = _load(rule_set, accuracy_class)
    try:
        test = no_load_from(
            rules,
            accuracy_class,
            voltage,
            constant,
            _ELEMENTS[elements],
            maximum_current_A=imax,
            starting_A=starting_current,
            minimum_current_A=imin,
            connection=Connection(connection),
        )
    except ValueError as wrong:
        raise refuse(wrong) from wrong
    print_fields(
        {
            "duration_min": test.duration_s / _S_PER_MIN,
            "test_voltage_V": test.test_voltage_V,
            "max_pulses": test.max_pulses,
        }
    )


@click.command()
@_rules_option()
@_class_option
@_connection_option
@_voltage_option
@_constant_option
@_elements_option
@click.option("--ib", type=POSITIVE, help="Basic current of a direct connected meter, A.")
@click.option("--in", "in_", type=POSITIVE, help="Nominal current of a transformer operated meter, A.")
@click.option("--itr", type=POSITIVE, help="Transitional current, A.")
@click.option("--imin", type=POSITIVE, help="Minimum current, A, where the rule set takes a part of it.")
@output_options
def starting(
    rule_set: str,
    accuracy_class: str,
    connection: str,
    voltage: float,
    constant: float,
    elements: str,
    ib: float | None,
    in_: float | None,
    itr: float | None,
    imin: float | None,
) -> None:
    """The starting current, the period of its pulses, and the longest time to a pulse."""
    rules = _load(rule_set, accuracy_class)
    given = {"Ib": ib, "In": in_, "Itr": itr, "Imin": imin}
    try:
        fraction, of = starting_fraction(rules, accuracy_class, Connection(connection))
        rated_A = given[of]
        if rated_A is None:
            raise OperatorError(f"the starting current is a part of {of} here; give --{of.lower()}")
        current_A = fraction * rated_A
        power_W = _ELEMENTS[elements] * voltage * current_A
        test = starting_from(rules, current_A, power_W, constant)
    except ValueError as wrong:
        raise refuse(wrong) from wrong
    print_fields(
        {
            "starting_current_A": test.starting_current_A,
            "pulse_period_s": test.pulse_period_s,
            "limit_min": test.limit_s / _S_PER_MIN,
        }
    )


@click.command(context_settings=NEGATIVE_VALUES)
@_rules_option("jjg596-2012")
@_class_option
@click.option("--balanced", required=True, type=_EXACT, help="Error with balanced load, %.")
@click.option("--phases", is_flag=True, required=True, help="The errors with one phase loaded follow, %.")
@click.argument("values", metavar="E1 E2 [E3]", nargs=-1, required=True, type=_EXACT)
@output_options
def unbalance(
    rule_set: str, accuracy_class: str, balanced: Decimal, phases: bool, values: tuple[Decimal, ...]
) -> None:
    """The error with one phase loaded minus that with balanced load, at Ib (In) and power factor 1."""
    found = judge_unbalance(balanced, values, _load(rule_set, accuracy_class), accuracy_class)
    print_fields(
        {
            "difference_pct": found.difference_pct,
            "limit_pct": found.limit_pct,
            "verdict": _verdict(found.is_within),
        }
    )


@click.command(context_settings=NEGATIVE_VALUES)
@_rules_option()
@_class_option
@click.option(
    "--limit", "mpe_pct", required=True, type=_EXACT_POSITIVE, help="Maximum permissible error (+-), %."
)
@click.argument("values", metavar="VALUE...", nargs=-1, required=True, type=_EXACT)
@output_options
def verdict(rule_set: str, accuracy_class: str, mpe_pct: Decimal, values: tuple[Decimal, ...]) -> None:
    """Judge the runs of one load point by the regulation: their mean, rounded, against the limit.

    remeasure: the mean is so near the limit that further runs are wanted before it is judged.
    """
    found = judge_runs(values, mpe_pct, _load(rule_set, accuracy_class), accuracy_class)
    print_fields(
        {
            "mean_pct": float(found.mean_pct),
            "rounded_pct": None if found.rounded_pct is None else signed_text(found.rounded_pct),
            "remeasure": found.wants_more_runs,
            "verdict": _verdict(found.is_within),
        },
        remark="two_more_runs" if found.wants_more_runs else "",
    )


COMMANDS: tuple[click.Command, ...] = (
    round_command, limit, load_points, no_load, starting, unbalance, verdict,
)  # fmt: skip
"""What this module adds to `bench calc`."""
