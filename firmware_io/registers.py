"""Modbus registers to quantities and back: arithmetic only, no wire.

A device's registers of 16 bit are grouped into blocks, one request each. For each block a plan is made once:
pick the words in the order in which they make big-endian numbers, pack them, unpack all numbers in one go.
Decoding a poll then takes a few microseconds, which matters because simulated benches poll through here.

What is no number never becomes one: IEEE NaN and the integer patterns that a model declares invalid are
REFERENCE_NOT_A_NUMBER, IEEE infinities are REFERENCE_OVER_RANGE. Power factor and frequency are an exception:
many instruments call them undefined without current, so there they are simply absent.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from operator import itemgetter
from typing import Any

from bench.ports import BlockReply, ReferenceSample, StampedValue
from calibration.quantities import Finding, InstrumentFault
from calibration.reasons import Reason


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


_MEASURED = ("energy_Wh", "power_W")
_MAY_BE_UNDEFINED = ("power_factor", "frequency_Hz")


class Block:
    """Registers that one request reads: `count` words from `address` with `function_code`."""

    def __init__(self, registers: Sequence[Register]) -> None:
        self.registers = tuple(registers)
        self.function_code = self.registers[0].function_code
        self.address = min(register.address for register in self.registers)
        self.count = max(register.end for register in self.registers) - self.address
        order: list[int] = []
        for register in self.registers:
            words = range(register.address - self.address, register.end - self.address)
            order += reversed(words) if register.word_order is WordOrder.LITTLE else words
        self._order = tuple(order)
        # With a single index itemgetter gives no tuple; the first word twice costs nothing.
        self._pick: Callable[[Sequence[int]], Any] = itemgetter(*order, order[0])
        self._words = struct.Struct(f">{len(order) + 1}H")
        self._numbers = struct.Struct(">" + "".join(TYPES[register.kind].code for register in self.registers))
        self._scales = tuple(_scale(register.factor) for register in self.registers)
        self._latest: tuple[tuple[int, ...], list[tuple[str, float | Reason]]] = ((), [])

    def has(self, fields: Sequence[str]) -> bool:
        """Whether it holds one of these fields."""
        return any(register.field in fields for register in self.registers)

    def decode(self, registers: Sequence[int]) -> list[tuple[str, float | Reason]]:
        """Field and value of each register (or why it has none), in the order of `self.registers`.

        A poll mostly reads what the poll before it read, since a reference refreshes more rarely than it is polled.
        """
        words, values = self._latest
        if registers != words:
            values = self._decode(registers)
            self._latest = (tuple(registers), values)
        return values

    def _decode(self, registers: Sequence[int]) -> list[tuple[str, float | Reason]]:
        numbers = self._numbers.unpack_from(self._words.pack(*self._pick(registers)))
        values: list[tuple[str, float | Reason]] = []
        for register, number, (multiplier, divisor) in zip(
            self.registers, numbers, self._scales, strict=True
        ):
            if number != number or number in register.invalid_integers:
                values.append((register.field, Reason.REFERENCE_NOT_A_NUMBER))
            elif number in _INFINITIES:
                values.append((register.field, Reason.REFERENCE_OVER_RANGE))
            else:
                value = number * multiplier / divisor
                # A power that is turned round is never -0.0.
                values.append((register.field, value + 0.0 if multiplier < 0.0 else value))
        return values

    def encode(self, values: Mapping[str, float]) -> tuple[int, ...]:
        """The block's words for these quantities; a field that is not given is 0, NaN as the model shows it.

        Errors: ValueError where a value does not fit its register.
        """
        numbers = [_number(register, values.get(register.field, 0.0)) for register in self.registers]
        picked = struct.unpack(f">{len(self._order)}H", self._numbers.pack(*numbers))
        words = [0] * self.count
        for position, word in zip(self._order, picked, strict=True):
            words[position] = word
        return tuple(words)


_INFINITIES = frozenset((math.inf, -math.inf))


def _scale(factor: Decimal) -> tuple[float, float]:
    """(multiplier, divisor): x / 100 is the float nearest to a hundredth of x, x * 0.01 is not."""
    numerator, denominator = factor.as_integer_ratio()
    return float(numerator), float(denominator)


def _number(register: Register, value: float) -> float | int:
    kind = TYPES[register.kind]
    if kind.is_float:
        return value / float(register.factor) if register.factor != 1 else value
    if not math.isfinite(value):
        if not register.invalid_integers:
            raise ValueError(
                f"{register.field}: a {register.kind} register of this model cannot show {value}"
            )
        return min(register.invalid_integers)
    numerator, denominator = _scale(register.factor)
    number = round(value * denominator / numerator)
    if not kind.minimum <= number <= kind.maximum:
        raise ValueError(f"{register.field}: {value} does not fit a {register.kind} register")
    return number


class RegisterMap:
    """The registers a poll reads, in as few requests as fit.

    blocks: all of them; measured: those that hold energy or power, which every poll must read; auxiliary:
    the others, which may take turns so that a poll stays short.
    max_registers: of one request (125 by the protocol); max_gap_registers: unused words between two
    quantities that may be read with them, because many devices refuse addresses that they do not know.
    """

    def __init__(self, registers: Sequence[Register], max_registers: int, max_gap_registers: int) -> None:
        self._made_of = tuple(registers), max_registers, max_gap_registers
        self.blocks = tuple(Block(group) for group in _group(registers, max_registers, max_gap_registers))
        self.measured = tuple(block for block in self.blocks if block.has(_MEASURED))
        self.auxiliary = tuple(block for block in self.blocks if not block.has(_MEASURED))
        self._by_place = {(block.function_code, block.address): block for block in self.blocks}
        self._by_field = {register.field: register for register in registers}

    @property
    def word_order(self) -> WordOrder:
        """Of its first register that has more than one word; one profile mixes them rarely."""
        registers = self._made_of[0]
        return next((r.word_order for r in registers if r.words > 1), registers[0].word_order)

    def turned(self) -> RegisterMap:
        """The same registers in the other word order: to see whether their values would make more sense in it."""
        registers, max_registers, max_gap_registers = self._made_of
        others = [replace(r, word_order=r.word_order.other) for r in registers]
        return RegisterMap(others, max_registers, max_gap_registers)

    def register(self, field: str) -> Register | None:
        """The register of a field of `ReferenceSample`, or None where the model has none."""
        return self._by_field.get(field)

    def encode(self, values: Mapping[str, float]) -> tuple[tuple[int, ...], ...]:
        """The words of each block for these quantities (fields of `ReferenceSample`)."""
        return tuple(block.encode(values) for block in self.blocks)

    def decode(self, replies: tuple[BlockReply, ...]) -> ReferenceSample:
        """A poll: the reply to each block of `measured` and to any of `auxiliary`, in any order.

        Errors: ValueError where a reply is none of this map's (another profile's recording).
        """
        values: dict[str, float] = {}
        stamped: dict[str, StampedValue] = {}
        for reply in replies:
            block = self._by_place.get((reply.function_code, reply.address))
            if block is None or len(reply.registers) < block.count:
                raise ValueError(
                    f"this profile has no block of {len(reply.registers)} registers at {reply.address} "
                    f"(function code {reply.function_code})"
                )
            for field, value in block.decode(reply.registers):
                if isinstance(value, Reason):
                    if field in _MAY_BE_UNDEFINED:
                        continue
                    fault = InstrumentFault(reply.reply_ns, Finding(value, {"field": field}))
                    return ReferenceSample(replies, fault=fault)
                if field in _MEASURED:
                    stamped[field] = StampedValue(value, reply.request_ns, reply.reply_ns)
                else:
                    values[field] = value
        return ReferenceSample(
            replies,
            stamped.get("energy_Wh"),
            stamped.get("power_W"),
            values.get("voltage_V"),
            values.get("current_A"),
            values.get("power_factor"),
            values.get("frequency_Hz"),
        )


def _group(registers: Sequence[Register], max_registers: int, max_gap_registers: int) -> list[list[Register]]:
    """Registers in the order of their addresses, cut where a request would grow or gape too far."""
    groups: list[list[Register]] = []
    for register in sorted(registers, key=lambda r: (r.function_code, r.address)):
        group = groups[-1] if groups else None
        if (
            group is not None
            and group[0].function_code == register.function_code
            and register.address - max(r.end for r in group) <= max_gap_registers
            and register.end - group[0].address <= max_registers
        ):
            group.append(register)
        else:
            groups.append([register])
    return groups
