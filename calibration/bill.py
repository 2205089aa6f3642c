"""What a bill would have been on a meter without error: from the measured errors and the customer's own consumption.

A meter of error e (%) that has counted W stands for W/(1 + e/100) that was used. Its difference

    D = W - W/(1 + e/100) = W e/(100 + e)

is positive where the meter is fast: counted, and paid, too much. (Not W e/100, which is wrong by the square of e.)

Which error stands for a household
    Nobody knows: an error belongs to a load point, and how much of a year's energy flowed at which load was not
    recorded. If W_i of it was counted at load point i, then W/(sum of W_i/(1 + e_i/100)) - 1 lies between the smallest
    and the largest e_i, whatever the W_i are, since each is weighted with a part of the energy that is not negative. So
    the interval goes from the smallest e_i - U_i to the largest e_i + U_i, and because D only grows with e, its ends
    are the ends of D. For loads between the load points, at other temperatures and in other years it is an assumption
    (unsure). `middle` is D at the plain mean of the errors at balanced load: a value to picture, not an estimate, and
    named so.

What counts
    Errors of active energy drawn from the grid, at every load point that has a number, passed or failed or not judged.
    A point that is INVALID has none. Energy that is fed back is not on this bill, and reactive energy is on none here.

All in decimal, from the strings of the run, so that nothing is lost before it is rounded; rounded for people the ends
go outwards, so that what is printed still holds what was computed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal, localcontext
from enum import StrEnum
from typing import Any

_DIGITS = 60
"""More than a consumption, a price and an error have together."""
_DAYS_A_YEAR = 365
LEAST_DECIMALS, MOST_DECIMALS = 0, 2


class Leaning(StrEnum):
    """What the whole interval says."""

    TOO_MUCH = "too_much"
    TOO_LITTLE = "too_little"
    OPEN = "open"
    """Zero lies within: the sign is not known."""


@dataclass(frozen=True, slots=True)
class PointError:
    """The error of a load point with its expanded uncertainty (both %)."""

    load_point: str
    error_pct: Decimal
    expanded_uncertainty_pct: Decimal
    is_balanced: bool

    @property
    def lowest_pct(self) -> Decimal:
        return self.error_pct - self.expanded_uncertainty_pct

    @property
    def highest_pct(self) -> Decimal:
        return self.error_pct + self.expanded_uncertainty_pct


@dataclass(frozen=True, slots=True)
class Span:
    """An interval, and the value in its middle; None where no balanced load point has an error."""

    low: Decimal
    high: Decimal
    middle: Decimal | None

    def rounded(self) -> Span:
        """For people: two significant digits of the width, 0 to 2 decimals, the ends outwards."""
        step = Decimal(1).scaleb(-self._decimals())
        with localcontext() as context:
            context.prec = _DIGITS
            return Span(
                self.low.quantize(step, ROUND_FLOOR),
                self.high.quantize(step, ROUND_CEILING),
                None if self.middle is None else self.middle.quantize(step, ROUND_HALF_EVEN),
            )

    def negated(self) -> Span:
        """The same the other way round: what is -20 to -5 too much is 5 to 20 too little."""
        return Span(-self.high, -self.low, None if self.middle is None else -self.middle)

    def _decimals(self) -> int:
        width = self.high - self.low
        if width <= 0:
            return MOST_DECIMALS
        return max(LEAST_DECIMALS, min(MOST_DECIMALS, 1 - width.adjusted()))


@dataclass(frozen=True, slots=True)
class Bill:
    """A year's bill against that of a meter without error.

    errors: of which load points. error_pct: the interval of the errors and their mean at balanced load. used_kWh: what
    was really used. too_much_kWh, too_much_money: counted and paid too much, negative where too little; money in the
    unit of the price. cost: what the counted energy costs at this price.
    """

    consumption_kWh: Decimal
    price_per_kWh: Decimal
    errors: tuple[PointError, ...]
    error_pct: Span
    used_kWh: Span
    too_much_kWh: Span
    too_much_money: Span
    cost: Decimal

    @property
    def leaning(self) -> Leaning:
        if self.error_pct.low > 0:
            return Leaning.TOO_MUCH
        return Leaning.TOO_LITTLE if self.error_pct.high < 0 else Leaning.OPEN


def measured_errors(
    points: Mapping[str, Mapping[str, Any]], results: Mapping[str, Mapping[str, Any]], quantity: str
) -> tuple[PointError, ...]:
    """The errors that a bill can stand on, from `points` and a position's `results` of STATE, in their order."""
    if quantity != "active":
        return ()
    return tuple(
        PointError(
            load_point=str(result.get("load_point") or ""),
            error_pct=Decimal(result["percentage_error_pct"]),
            expanded_uncertainty_pct=Decimal(result["expanded_uncertainty_pct"]),
            is_balanced=points[key].get("loaded_phase") is None,
        )
        for key, result in sorted(results.items(), key=lambda item: int(item[0]))
        if key in points and _counts(points[key], result)
    )


def _counts(point: Mapping[str, Any], result: Mapping[str, Any]) -> bool:
    return (
        (point.get("item") or "basic_error") == "basic_error"
        and point.get("direction") != "export"
        and result.get("verdict") != "INVALID"
        and result.get("percentage_error_pct") is not None
        and result.get("expanded_uncertainty_pct") is not None
    )


def bill(
    errors: Sequence[PointError], consumption_kWh: str | Decimal, price_per_kWh: str | Decimal
) -> Bill | None:
    """The bill of what the meter counts in a year (kWh) at a price for each kWh; None without any error.

    Errors: ValueError for a consumption or price that is none, or for errors that leave no energy.
    """
    counted, price = Decimal(consumption_kWh), Decimal(price_per_kWh)
    if not (counted.is_finite() and counted > 0 and price.is_finite() and price >= 0):
        raise ValueError("a bill needs a consumption above 0 kWh and a price that is not below 0")
    if not errors:
        return None
    with localcontext() as context:
        context.prec = _DIGITS
        error = _span_of(errors)
        if error.low <= -100:
            raise ValueError(f"an error of {error.low} % leaves no energy")
        # The faster the meter, the less was used.
        used = Span(
            _used_kWh(counted, error.high),
            _used_kWh(counted, error.low),
            None if error.middle is None else _used_kWh(counted, error.middle),
        )
        too_much = Span(
            counted - used.high, counted - used.low, None if used.middle is None else counted - used.middle
        )
        money = Span(
            too_much.low * price,
            too_much.high * price,
            None if too_much.middle is None else too_much.middle * price,
        )
        return Bill(counted, price, tuple(errors), error, used, too_much, money, counted * price)


def _span_of(errors: Sequence[PointError]) -> Span:
    balanced = [found.error_pct for found in errors if found.is_balanced]
    return Span(
        min(found.lowest_pct for found in errors),
        max(found.highest_pct for found in errors),
        sum(balanced, Decimal(0)) / len(balanced) if balanced else None,
    )


def _used_kWh(counted_kWh: Decimal, error_pct: Decimal) -> Decimal:
    return counted_kWh / (1 + error_pct / 100)


def per_year_kWh(consumption_kWh: str | Decimal, days: int) -> Decimal:
    """A consumption of so many days as that of a year of 365 days (kWh), to whole kWh.

    A plain proportion: it knows no season, so a figure from a few weeks says little about a year.
    Errors: ValueError for days or a consumption that are none.
    """
    consumed = Decimal(consumption_kWh)
    if days <= 0 or not (consumed.is_finite() and consumed >= 0):
        raise ValueError("a consumption needs days, and is not below 0 kWh")
    return (consumed * _DAYS_A_YEAR / days).quantize(Decimal(1), ROUND_HALF_EVEN)
