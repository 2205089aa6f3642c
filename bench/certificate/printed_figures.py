"""Measured figures as they are printed: rounded once, here, so that PDF, XML and exports show the same digits.

ILAC-P14:09/2020: U has two significant digits, and the value ends at the same decimal as its U. Halves go to even, in
decimal. A laboratory states no U below its smallest one (CMC), which is printed in its place; and no rounding takes U
below that again: then it is rounded up (GUM 7.2.6).
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_UP, Decimal

from calibration.conformity import signed_text

_FINEST = Decimal("0.000001")
"""What records hold."""
_LIKELIEST = Decimal("0.9999")
_SIGNIFICANT = 2
_CMC_COVERAGE_FACTOR = Decimal(2)
"""Of a smallest uncertainty: accreditations state it at about 95 %."""


@dataclass(frozen=True, slots=True)
class PrintedUncertainty:
    """U and its k as they are printed; quantum: the last decimal, which the value ends at, too."""

    expanded: str
    coverage_factor: str
    quantum: Decimal

    def value(self, value: Decimal) -> str:
        """A value that has this U, with its sign."""
        return signed_text(value.quantize(self.quantum, ROUND_HALF_EVEN))


def printed_uncertainty(expanded: Decimal, coverage_factor: Decimal, smallest: Decimal) -> PrintedUncertainty:
    """expanded: U of a result, at coverage_factor; smallest: the laboratory's CMC in the same unit, 0 where none is."""
    if expanded < smallest:
        expanded, coverage_factor = smallest, _CMC_COVERAGE_FACTOR
    rounded, quantum = _two_digits(expanded, ROUND_HALF_EVEN)
    if rounded < smallest:
        rounded, quantum = _two_digits(expanded, ROUND_UP)
    return PrintedUncertainty(f"{rounded:f}", f"{coverage_factor:.2f}", quantum)


def _two_digits(expanded: Decimal, rounding: str) -> tuple[Decimal, Decimal]:
    """With two significant digits, and the place of the second one."""
    if expanded.is_zero():
        return expanded.quantize(_FINEST), _FINEST
    quantum = _second_place(expanded)
    rounded = expanded.quantize(quantum, rounding)
    if (carried := _second_place(rounded)) > quantum:  # 0.0996 is 0.10 and not 0.100
        rounded, quantum = rounded.quantize(carried), carried
    return rounded, quantum


def _second_place(value: Decimal) -> Decimal:
    return max(Decimal(1).scaleb(value.adjusted() - _SIGNIFICANT + 1), _FINEST)


def printed_limit(limit: Decimal) -> str:
    """A limit without superfluous zeros, with one decimal at least."""
    return f"{max(limit.normalize(), limit.quantize(Decimal('0.1')), key=_decimals):f}"


def printed_probability(probability: Decimal) -> str:
    """Cut off after four decimals. It is below 1 whatever the record has rounded it to, so never certainty."""
    return f"{min(probability.quantize(_LIKELIEST, ROUND_DOWN), _LIKELIEST):f}"


def _decimals(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)
    return -exponent
