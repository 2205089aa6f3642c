"""The registers of a reference standard that a poll reads, grouped into requests; the sample that the replies are.

Power factor and frequency are no fault where they are no number: many instruments call them undefined without current,
so there they are simply absent. Any other quantity that is no number is the fault of the whole poll.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bench.ports import BlockReply, ReferenceSample, StampedValue
from calibration.quantities import Finding, InstrumentFault
from calibration.reasons import Reason
from firmware_io.register_blocks import Block
from firmware_io.registers import Register, WordOrder

_MEASURED = ("energy_Wh", "power_W")
_MAY_BE_UNDEFINED = ("power_factor", "frequency_Hz")


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

    def encode(self, values: Mapping[str, float]) -> tuple[bytes, ...]:
        """The bytes of each block for these quantities (fields of `ReferenceSample`).

        NaN and infinity come out as the model shows them. Errors: ValueError where a value does not fit.
        """
        return tuple(block.encode(values) for block in self.blocks)

    def decode(self, replies: tuple[BlockReply, ...]) -> ReferenceSample:
        """A poll: the reply to each block of `measured` and to any of `auxiliary`, in any order.

        Errors: ValueError where a reply is none of this map's (another profile's recording).
        """
        values: dict[str, float] = {}
        stamped: dict[str, StampedValue] = {}
        for reply in replies:
            block = self._by_place.get((reply.function_code, reply.address))
            if block is None or reply.count < block.count:
                raise ValueError(
                    f"this profile has no block of {reply.count} registers at {reply.address} "
                    f"(function code {reply.function_code})"
                )
            for field, value in block.decode(reply.data):
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
