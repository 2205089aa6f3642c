"""One quantity in the 16-bit registers of a Modbus device: its type, word order, scale and invalid patterns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class RegisterType:
    """A number in registers: its `struct` code (big-endian), its length in words, its range if whole."""

    code: str
    words: int
    is_float: bool
    minimum: int = 0
    maximum: int = 0


def _whole(code: str, words: int, *, is_signed: bool) -> RegisterType:
    bits = 16 * words
    if is_signed:
        return RegisterType(code, words, False, -(1 << (bits - 1)), (1 << (bits - 1)) - 1)
    return RegisterType(code, words, False, 0, (1 << bits) - 1)


TYPES: dict[str, RegisterType] = {
    "u16": _whole("H", 1, is_signed=False),
    "i16": _whole("h", 1, is_signed=True),
    "u32": _whole("I", 2, is_signed=False),
    "i32": _whole("i", 2, is_signed=True),
    "u64": _whole("Q", 4, is_signed=False),
    "i64": _whole("q", 4, is_signed=True),
    "f32": RegisterType("f", 2, True),
    "f64": RegisterType("d", 4, True),
}


def _all_ones(kind: RegisterType) -> int | None:
    return kind.maximum if not kind.is_float and kind.minimum == 0 else None


def _largest_signed(kind: RegisterType) -> int | None:
    return kind.maximum if kind.minimum < 0 else None


INVALID_INTEGERS: dict[str, Callable[[RegisterType], int | None]] = {
    "all_ones": _all_ones,
    "largest_signed": _largest_signed,
}
"""Patterns a model may use for `no value`, as numbers of the register's type, None where it has none:
FFFF... in unsigned registers (in signed ones that is -1, a hundredth of a watt of export, say) and 7FFF...
in signed ones.
"""


class WordOrder(StrEnum):
    """Which 16-bit word of a number comes first; the bytes within a word are always big-endian."""

    BIG = "big"
    LITTLE = "little"

    @property
    def other(self) -> WordOrder:
        return WordOrder.LITTLE if self is WordOrder.BIG else WordOrder.BIG


@dataclass(frozen=True, slots=True)
class Register:
    """One quantity on the wire. factor: quantity in V, A, W, Wh, Hz or 1 per unit of the number,
    negative for the power of exported energy."""

    field: str
    function_code: int
    address: int
    kind: str
    word_order: WordOrder
    factor: Decimal
    invalid_integers: frozenset[int] = frozenset()

    @property
    def words(self) -> int:
        return TYPES[self.kind].words

    @property
    def end(self) -> int:
        """Address after its last word."""
        return self.address + self.words

    @property
    def resolution(self) -> float | None:
        """Step of the quantity by the type of the register; None for floating point."""
        return None if TYPES[self.kind].is_float else abs(float(self.factor))
