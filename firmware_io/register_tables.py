"""What a profile of a reference standard or a load source says of one register, and the `Register` that it means."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum

from bench.errors import OperatorError
from bench.toml_reader import setting
from firmware_io.registers import TYPES, Register, WordOrder

LAST_ADDRESS = 0xFFFF
UNITS: dict[str, tuple[str, Decimal]] = {
    "Wh": ("energy", Decimal(1)),
    "kWh": ("energy", Decimal(1000)),
    "MWh": ("energy", Decimal(1_000_000)),
    "W": ("power", Decimal(1)),
    "kW": ("power", Decimal(1000)),
    "varh": ("reactive energy", Decimal(1)),
    "kvarh": ("reactive energy", Decimal(1000)),
    "var": ("reactive power", Decimal(1)),
    "kvar": ("reactive power", Decimal(1000)),
    "V": ("voltage", Decimal(1)),
    "A": ("current", Decimal(1)),
    "mA": ("current", Decimal("0.001")),
    "deg": ("angle", Decimal(1)),
    "Hz": ("frequency", Decimal(1)),
    "1": ("ratio", Decimal(1)),
}
"""Unit in a profile -> its dimension, and what one of it is in Wh, W, varh, var, V, A, deg, Hz or 1."""


class ReadFunction(IntEnum):
    """Function codes that read registers."""

    HOLDING = 3
    INPUT = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterTable:
    """Keys that every table of a register has, but for its address. word_order: None: as in [profile]."""

    type: str = setting("what the number is", choices=tuple(TYPES))
    unit: str = setting("of the number after scaling", choices=tuple(UNITS))
    scale: Decimal = setting("quantity in `unit` per unit of the number", Decimal(1))
    word_order: WordOrder | None = setting("where it differs from that of [profile]", None)
    source: str = setting("where this was found", "")
    unsure: bool = setting("no source confirms it", False)


def register(
    field: str,
    dimension: str,
    table: RegisterTable,
    address: int,
    function: ReadFunction,
    word_order: WordOrder,
    where: str,
) -> Register:
    """The register that a table means. word_order: where the table names none.

    Errors: OperatorError (a unit of another dimension, a scale of 0, words beyond the last address).
    """
    of, size = UNITS[table.unit]
    if of != dimension:
        raise OperatorError(f"{where}: unit {table.unit!r} is no unit of {dimension}")
    if table.scale == 0:
        raise OperatorError(f"{where}: scale must be a decimal in quotes, such as '0.01', and not 0")
    require_address(address, TYPES[table.type].words, where)
    return Register(field, function, address, table.type, table.word_order or word_order, table.scale * size)


def require_address(address: int, words: int, where: str) -> None:
    """Errors: OperatorError where so many words from there on are not all at an address."""
    if not 0 <= address <= LAST_ADDRESS + 1 - words:
        raise OperatorError(f"{where}: address {address} is outside 0 to {LAST_ADDRESS}")
