"""The figures of a running or finished point as a customer reads them: already rounded and written. Pure.

Nothing is computed from measurements here but which of two written figures is larger, for the words "fast",
"slow" and "no difference can be seen".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from web import numbers


@dataclass(frozen=True, slots=True)
class ErrorFigures:
    """A percentage error with its uncertainty and limit, each written with sign, space and per cent sign."""

    error: str
    amount: str
    """The error without its sign, for "3.1 % fast"."""
    uncertainty: str
    mpe: str | None
    is_negative: bool
    direction: str
    """`fast`, `slow` or `unseen` (smaller than its uncertainty)."""
    where: str | None
    """The band against the limits: `inside`, `outside`, `across`; None where there is no limit."""
    meter_energy: str
    reference_energy: str


def error_figures(source: Mapping[str, Any]) -> ErrorFigures | None:
    """The figures of `running` or of one of `results`; None while there is no number."""
    error, U = source.get("percentage_error_pct"), source.get("expanded_uncertainty_pct")
    if error is None or U is None:
        return None
    decimals = numbers.decimals_for(U)
    mpe = source.get("mpe_pct")
    return ErrorFigures(
        error=numbers.percent(numbers.signed(error, decimals)),
        amount=numbers.percent(numbers.unsigned(error, decimals)),
        uncertainty=numbers.percent(numbers.unsigned(U, decimals)),
        mpe=None if mpe is None else numbers.percent(numbers.limit(mpe)),
        is_negative=Decimal(error) < 0,
        direction=_direction(Decimal(error), Decimal(U)),
        where=None if mpe is None else _where(Decimal(error), Decimal(U), Decimal(mpe)),
        meter_energy=_energy(source.get("meter_energy_Wh"), decimals),
        reference_energy=_energy(source.get("reference_energy_Wh"), decimals),
    )


def _energy(value: str | None, decimals: int) -> str:
    return "—" if value is None else numbers.energy(value, decimals)


def _direction(error: Decimal, U: Decimal) -> str:
    if abs(error) <= U:
        return "unseen"
    return "fast" if error > 0 else "slow"


def _where(error: Decimal, U: Decimal, mpe: Decimal) -> str:
    if abs(error) + U <= mpe:
        return "inside"
    return "outside" if abs(error) - U > mpe else "across"
