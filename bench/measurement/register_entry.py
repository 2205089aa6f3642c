"""Registers that a person reads from the display and types in."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from bench.errors import OperatorError
from bench.items import TARIFF_REGISTERS, TOTAL_REGISTER, Item
from bench.ports import MeterReading

NOT_THERE = "-"
"""Typed for a tariff that the meter does not have."""
_MOST_DECIMALS = 6


def reading_of(item: Item, fields: Mapping[str, str], at_ns: int) -> MeterReading:
    """Errors: OperatorError where what was typed is no register. Its decimals are those that were typed."""
    typed = {name: fields.get(name, "").strip() for name in item.facts.registers}
    registers = {
        name: _register(name, text)
        for name, text in typed.items()
        if name not in TARIFF_REGISTERS or text != NOT_THERE
    }
    decimals = {_decimals(register) for register in registers.values()}
    if len(decimals) > 1:
        raise OperatorError(
            f"{', '.join(map(str, registers.values()))} differ in their decimals; type all digits of the display"
        )
    return MeterReading(
        total_kWh=registers[TOTAL_REGISTER],
        tariffs_kWh=tuple(register for name, register in registers.items() if name != TOTAL_REGISTER),
        decimals=decimals.pop(),
        meter_constant_imp_per_kWh=None,
        at_ns=at_ns,
    )


def _register(name: str, typed: str) -> Decimal:
    try:
        register = Decimal(typed)
    except InvalidOperation:
        register = Decimal("NaN")
    if not register.is_finite() or register < 0 or _decimals(register) > _MOST_DECIMALS:
        raise OperatorError(
            f"{name}: {typed!r} is no register; type all digits of the display, such as 012345.67"
        )
    return register


def _decimals(register: Decimal) -> int:
    exponent = register.as_tuple().exponent
    assert isinstance(exponent, int)
    return max(-exponent, 0)
