"""Amounts that people name: decimal numbers within limits, and their one spelling."""

from __future__ import annotations

from decimal import Decimal

from web.casework.refused import Refused


def amount(value: Decimal, most: int, decimals: int, least: int = 0) -> str:
    """The value as it is kept: no exponent, no more decimals than it has.

    Errors: Refused no_such_amount, where it is none, outside of least to most, or finer than so many decimals.
    """
    if (
        not value.is_finite()
        or not least <= value <= most
        or value != value.quantize(Decimal(1).scaleb(-decimals))
    ):
        raise Refused("no_such_amount", least=str(least), most=str(most), decimals=str(decimals))
    return format((value + 0).normalize(), "f")  # no negative zero
