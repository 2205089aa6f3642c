"""How figures are written on a page: sign, true minus, space before the unit, digits by the uncertainty.

Only writing, no arithmetic on measurements: a figure arrives as the decimal string the bench published and
is rounded for display (half to even), never computed. The uncertainty gets two significant digits, the error
the same number of decimals (GUM, 7.2.6), an energy as many digits as make that difference visible.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

MINUS = "\N{MINUS SIGN}"
SPACE = "\N{NO-BREAK SPACE}"
"""Between a number and its unit, so that no line ends between them."""

MOST_DECIMALS = 6


def decimals_for(expanded_uncertainty: str) -> int:
    """Decimals that show two significant digits of an uncertainty, after rounding ("0.0996" gives 2)."""
    value = Decimal(expanded_uncertainty)
    if value <= 0:
        return 2
    decimals = 1 - value.adjusted()
    # Rounding may carry into a new leading digit: 0.0996 is 0.10, not 0.100.
    decimals = 1 - _rounded(value, decimals).adjusted()
    return max(0, min(MOST_DECIMALS, decimals))


def with_minus(figure: str) -> str:
    """A figure as Python writes it, with a true minus sign."""
    return figure.replace("-", MINUS)


def signed(value: str, decimals: int) -> str:
    """ "-0.312" as "−0.31"; the sign is always there, also before a zero."""
    number = Decimal(value)
    sign = MINUS if number.is_signed() and number != 0 else "+"
    return f"{sign}{abs(_shown(number, decimals))}"


def unsigned(value: str, decimals: int) -> str:
    """ "0.04231" as "0.042"."""
    return str(abs(_shown(Decimal(value), decimals)))


def percent(figure: str) -> str:
    """A figure and its per cent sign, with a space between."""
    return f"{figure}{SPACE}%"


def with_unit(figure: str, unit: str) -> str:
    return f"{figure}{SPACE}{unit}"


def money(figure: str, currency: str, language: str, per: str = "") -> str:
    """ "12.30 元", "CNY 12.30"; with `per`, a price: "0.54 元/kWh". currency: an ISO 4217 code."""
    of_each = f"/{per}" if per else ""
    if language == "zh" and currency == "CNY":
        return with_unit(figure, f"元{of_each}")
    return f"{currency}{SPACE}{figure}{of_each}"


def limit(value: str) -> str:
    """A limit as "1.0": at least one decimal, as rule sets print it, no trailing zeros beyond."""
    number = Decimal(value).normalize()
    exponent = number.as_tuple().exponent
    decimals = max(1, -exponent) if isinstance(exponent, int) else 1
    return str(_rounded(number, decimals))


def energy(value: str, error_decimals: int) -> str:
    """An energy with as many digits as let a reader see the error: +0.3 % needs 22.50 against 22.43."""
    number = Decimal(value)
    significant = max(4, min(7, error_decimals + 3))
    before_point = number.adjusted() + 1
    return str(_shown(number, max(0, significant - before_point)))


def power(value: str) -> str:
    """A power in watts for people: "2301", "57.5"."""
    number = Decimal(value)
    return str(_rounded(number, 1 if abs(number) < 100 else 0))


def kilo(value: str, decimals: int) -> str:
    """The figure in the thousandfold unit: "10020" Wh as "10.02"."""
    return str(_rounded(Decimal(value).scaleb(-3), decimals))


def fixed(value: str, decimals: int) -> str:
    """A reading of a device with a fixed number of decimals and a true minus sign."""
    return with_minus(str(_shown(Decimal(value), decimals)))


def plain(value: str) -> str:
    """A nominal value without trailing zeros: "220.0" as "220"."""
    number = Decimal(value).normalize()
    return with_minus(f"{number:f}")


def _shown(value: Decimal, decimals: int) -> Decimal:
    """Rounded to `decimals`, or as published where the bench gave fewer: no digit is invented."""
    exponent = value.as_tuple().exponent
    published = max(0, -exponent) if isinstance(exponent, int) else 0
    return _rounded(value, min(decimals, published))


def _rounded(value: Decimal, decimals: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_EVEN)
