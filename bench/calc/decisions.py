"""`bench calc` of uncertainty and decision: budget, decide, risk."""

from __future__ import annotations

import csv
from decimal import Decimal
from math import inf, isnan
from pathlib import Path
from typing import Any

import click

from bench.calc.fields import language, output_options, print_fields, refuse
from bench.calc.numbers import LARGEST, NUMBER, POSITIVE, Digits
from bench.errors import OperatorError
from calibration.conformity import DecisionRule, decide_value
from calibration.quantities import BudgetRow
from calibration.reasons import sentence
from calibration.risk import global_risk
from calibration.uncertainty import combine, normal_row

_COLUMNS = ("name", "u", "dof")
_COVERAGE_FACTOR = 2.0
"""Of the uncertainty that `decide` is given; its degrees of freedom are taken to be many."""


@click.command()
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@output_options
def budget(path: Path) -> None:
    """Combine the standard uncertainties of a CSV file with columns name,u,dof (empty dof: infinite).

    Root of the sum of squares, Welch-Satterthwaite, and k for 95.45 %.
    """
    combined = combine(_read_budget(path))
    print_fields(
        {
            "u": combined.standard_uncertainty,
            "dof": combined.degrees_of_freedom,
            "k": combined.coverage_factor,
            "U": combined.expanded_uncertainty,
        }
    )


def _read_budget(path: Path) -> list[BudgetRow]:
    """Errors: OperatorError with the line that cannot be used."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            header = file.readline()
            file.seek(0)
            # A spreadsheet writes semicolons where the comma is the decimal sign.
            delimiter = ";" if header.count(";") > header.count(",") else ","
            reader = csv.DictReader(file, delimiter=delimiter, skipinitialspace=True)
            columns = [name.strip() for name in reader.fieldnames or ()]
            if len(set(columns)) != len(columns):
                raise OperatorError(f"{path}: a column is there twice; the first line must be name,u,dof")
            if missing := [name for name in _COLUMNS if name not in columns]:
                raise OperatorError(
                    f"{path}: no column {', '.join(missing)}; the first line must be name,u,dof"
                )
            reader.fieldnames = columns
            rows = [_budget_row(row, f"{path}, line {reader.line_num}") for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise OperatorError(f"{path}: cannot be read ({error}); give a CSV file") from error
    if not rows:
        raise OperatorError(f"{path}: the budget has no rows; write one a line: name,u,dof")
    return rows


def _budget_row(row: dict[str | None, Any], where: str) -> BudgetRow:
    if None in row:
        raise OperatorError(f"{where}: more fields than the first line has; write one row a line: name,u,dof")
    name, u, dof = ((row[column] or "").strip() for column in _COLUMNS)
    try:
        standard_uncertainty, degrees_of_freedom = float(u), float(dof) if dof else inf
    except ValueError:
        raise OperatorError(
            f"{where}: u = {u!r}, dof = {dof!r}; both must be numbers (dof may be empty)"
        ) from None
    if not (standard_uncertainty == 0.0 or 1.0 / LARGEST <= standard_uncertainty <= LARGEST):
        raise OperatorError(f"{where}: u = {u}; a standard uncertainty must be finite and not below 0")
    if isnan(degrees_of_freedom) or degrees_of_freedom < 1.0:
        raise OperatorError(f"{where}: dof = {dof}; degrees of freedom are 1 or more (empty: infinite)")
    return normal_row(name, standard_uncertainty, degrees_of_freedom)


@click.command()
@click.option("--error", "error_pct", required=True, type=NUMBER, help="Error.")
@click.option(
    "--standard-uncertainty", required=True, type=POSITIVE, help="Its standard uncertainty u; U = 2 u."
)
@click.option("--limit", required=True, type=POSITIVE, help="Maximum permissible error (+-).")
@click.option(
    "--rule", required=True, type=click.Choice([r.value for r in DecisionRule]), help="Decision rule."
)
@click.option("--step", type=Digits(above=0.0), help="regulation: rounding step.")
@output_options
def decide(
    error_pct: float, standard_uncertainty: float, limit: float, rule: str, step: Decimal | None
) -> None:
    """Decide on an error by a rule; all in one unit (%)."""
    if rule == DecisionRule.REGULATION and step is None:
        raise OperatorError("--rule regulation judges a rounded error; give the rounding step with --step")
    U = _COVERAGE_FACTOR * standard_uncertainty
    try:
        found = decide_value(error_pct, standard_uncertainty, U, limit, rule, step)
    except ValueError as wrong:
        raise refuse(wrong) from wrong
    print_fields(
        {
            "decision": f"{'conditional ' if found.conditional else ''}{found.outcome.value.lower()}",
            "probability_of_conformity": found.probability_of_conformity,
            "acceptance_limit": found.acceptance_limit_pct,
            "remark": " ".join(sentence(f.reason, f.values, language()) for f in found.findings) or None,
        }
    )


@click.command()
@click.option("--prior-mean", required=True, type=NUMBER, help="Mean error of all meters.")
@click.option("--prior-sd", required=True, type=POSITIVE, help="Their standard deviation.")
@click.option("--standard-uncertainty", required=True, type=POSITIVE, help="Of one measurement.")
@click.option("--limit", required=True, type=POSITIVE, help="Maximum permissible error (+-).")
@click.option(
    "--acceptance-limit", required=True, type=NUMBER, help="What the measured error is held against."
)
@output_options
def risk(
    prior_mean: float, prior_sd: float, standard_uncertainty: float, limit: float, acceptance_limit: float
) -> None:
    """Consumer's and producer's global risk, as shares of all meters; all in one unit (%)."""
    found = global_risk(prior_mean, prior_sd, standard_uncertainty, limit, acceptance_limit)
    print_fields({"consumer_risk": found.consumer, "producer_risk": found.producer})


COMMANDS: tuple[click.Command, ...] = (budget, decide, risk)
"""What this module adds to `bench calc`."""
