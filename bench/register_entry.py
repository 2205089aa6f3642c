"""A register that a person reads from the display and types in."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from bench.errors import OperatorError
from bench.ports import MeterReading

REGISTER_FIELDS = ("total_kWh",)


def reading_of(fields: Mapping[str, str], at_ns: int) -> MeterReading:
    """Errors: OperatorError where what was typed is no register. Its decimals are those that were typed."""
    typed = fields.get("total_kWh", "").strip()
    try:
        total_kWh = Decimal(typed)
    except InvalidOperation as error:
        raise OperatorError(
            f"{typed!r} is no register; type all digits of the display, such as 012345.67"
        ) from error
    exponent = total_kWh.as_tuple().exponent
    if not isinstance(exponent, int) or total_kWh < 0:
        raise OperatorError(f"{typed!r} is no register; type all digits of the display, such as 012345.67")
    return MeterReading(
        total_kWh=total_kWh,
        tariffs_kWh=(),
        decimals=max(-exponent, 0),
        meter_constant_imp_per_kWh=None,
        at_ns=at_ns,
    )
