"""Registers that one request reads or writes: the bytes on the wire to quantities and back. Arithmetic only.

For each block a plan is made once: pick the bytes in the order in which they make big-endian numbers, unpack all
numbers in one go, scale each. Decoding a poll then takes a few microseconds, which matters because simulated benches
poll through here. The bytes stay as the device sent them; nothing makes 16-bit words of them in between.

What is no number never becomes one: IEEE NaN and the integer patterns that a model declares invalid are
REFERENCE_NOT_A_NUMBER, IEEE infinities are REFERENCE_OVER_RANGE.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from operator import itemgetter

from calibration.reasons import Reason
from firmware_io.registers import TYPES, Register, WordOrder

_BYTES = 2
"""Of a register."""
_INFINITIES = frozenset((math.inf, -math.inf))

Decoded = list[tuple[str, float | Reason]]
"""Field and value of each register, or why it has none."""


class Block:
    """Registers of one request: `count` registers from `address` with `function_code`."""

    def __init__(self, registers: Sequence[Register]) -> None:
        self.registers = tuple(registers)
        self.function_code = self.registers[0].function_code
        self.address = min(register.address for register in self.registers)
        self.count = max(register.end for register in self.registers) - self.address
        order = [at for register in self.registers for at in self._bytes_of(register)]
        self._order = tuple(order)
        self._pick = itemgetter(*order)
        self._numbers = struct.Struct(">" + "".join(TYPES[register.kind].code for register in self.registers))
        self._scales = tuple(_scale(register.factor) for register in self.registers)
        self._latest: tuple[bytes, Decoded] = (b"", [])

    def _bytes_of(self, register: Register) -> list[int]:
        """Places of its bytes in the block, most significant first."""
        words = range(register.address - self.address, register.end - self.address)
        in_order = reversed(words) if register.word_order is WordOrder.LITTLE else words
        return [_BYTES * word + k for word in in_order for k in range(_BYTES)]

    def has(self, fields: Collection[str]) -> bool:
        """Whether it holds one of these fields."""
        return any(register.field in fields for register in self.registers)

    def decode(self, data: bytes) -> Decoded:
        """The values in the registers' bytes, in the order of `self.registers`; what follows the block is left alone.

        A poll mostly reads what the poll before it read, since a reference refreshes more rarely than it is polled.
        """
        data = data[: _BYTES * self.count]
        latest, values = self._latest
        if data != latest:
            values = self._decode(data)
            self._latest = (data, values)
        return values

    def _decode(self, data: bytes) -> Decoded:
        numbers = self._numbers.unpack(bytes(self._pick(data)))
        values: Decoded = []
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

    def encode(self, values: Mapping[str, float]) -> bytes:
        """The bytes of the block for these quantities; a field that is not given is 0, NaN as the model shows it.

        Errors: ValueError where a value does not fit its register.
        """
        numbers = [_number(register, values.get(register.field, 0.0)) for register in self.registers]
        data = bytearray(_BYTES * self.count)
        for at, byte in zip(self._order, self._numbers.pack(*numbers), strict=True):
            data[at] = byte
        return bytes(data)


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
