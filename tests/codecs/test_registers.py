"""Registers to quantities: every type, word order, invalid pattern and profile."""

from __future__ import annotations

import math
import struct
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.ports import BlockReply, ReferenceSample
from calibration.reasons import Reason
from firmware_io.reference_choice import ReferenceChoice
from firmware_io.reference_profiles import known_profiles, load_profile
from firmware_io.register_map import RegisterMap
from firmware_io.registers import INVALID_INTEGERS, TYPES, Register, WordOrder

VALUES = {
    "energy_Wh": 123_450.0,
    "power_W": 2345.0,
    "voltage_V": 220.5,
    "current_A": 10.25,
    "power_factor": 0.5,
    "frequency_Hz": 50.0,
}


def wire(*words: int) -> bytes:
    """Registers as they are on the wire: high byte first."""
    return b"".join(word.to_bytes(2, "big") for word in words)


def one_register(
    kind: str, order: WordOrder = WordOrder.BIG, factor: str = "1", field: str = "power_W", invalid: int = 0
) -> RegisterMap:
    patterns = frozenset({invalid}) if invalid else frozenset()
    register = Register(field, 3, 100, kind, order, Decimal(factor), patterns)
    return RegisterMap([register], 125, 0)


def poll(registers: RegisterMap, values: dict[str, float]) -> ReferenceSample:
    blocks = registers.encode(values)
    return registers.decode(replies(registers, blocks))


def replies(registers: RegisterMap, blocks: tuple[bytes, ...]) -> tuple[BlockReply, ...]:
    return tuple(
        BlockReply(10 * index, 10 * index + 5, block.function_code, block.address, data)
        for index, (block, data) in enumerate(zip(registers.blocks, blocks, strict=True))
    )


@given(st.data(), st.sampled_from([name for name, kind in TYPES.items() if not kind.is_float]))
def test_every_integer_survives_in_both_word_orders(data: st.DataObject, kind: str) -> None:
    limit = 2**53  # beyond, a float cannot hold every integer
    number = data.draw(
        st.integers(max(TYPES[kind].minimum, -limit), min(TYPES[kind].maximum, limit)), label="number"
    )
    for order in WordOrder:
        sample = poll(one_register(kind, order), {"power_W": float(number)})
        assert sample.power_W is not None
        assert sample.power_W.value == number


@given(st.floats(allow_nan=False, allow_infinity=False, width=32), st.sampled_from(list(WordOrder)))
def test_every_float32_survives_bit_for_bit(number: float, order: WordOrder) -> None:
    sample = poll(one_register("f32", order), {"power_W": number})
    assert sample.power_W is not None
    assert struct.pack(">f", sample.power_W.value) == struct.pack(">f", number)


@given(st.integers(0, 10**12))
def test_hundredths_decode_to_the_nearest_float(hundredths: int) -> None:
    registers = one_register("u64", factor="0.01", field="energy_Wh")
    sample = registers.decode(replies(registers, (struct.pack(">Q", hundredths),)))
    assert sample.energy_Wh is not None
    assert sample.energy_Wh.value == float(Decimal(hundredths) / 100)


def test_words_on_the_wire_are_big_endian_high_word_first_or_low_word_first() -> None:
    assert one_register("u32").encode({"power_W": 0x1234_5678}) == (wire(0x1234, 0x5678),)
    assert one_register("u32", WordOrder.LITTLE).encode({"power_W": 0x1234_5678}) == (wire(0x5678, 0x1234),)
    assert one_register("u64", WordOrder.LITTLE).encode({"power_W": 1}) == (wire(1, 0, 0, 0),)


@pytest.mark.parametrize(
    ("bits", "reason"),
    [
        (0x7FC0_0000, Reason.REFERENCE_NOT_A_NUMBER),
        (0xFFC0_0001, Reason.REFERENCE_NOT_A_NUMBER),
        (0x7F80_0000, Reason.REFERENCE_OVER_RANGE),
        (0xFF80_0000, Reason.REFERENCE_OVER_RANGE),
    ],
)
@pytest.mark.parametrize("field", ["energy_Wh", "power_W", "voltage_V", "current_A"])
def test_nan_and_over_range_are_faults_without_any_value(bits: int, reason: Reason, field: str) -> None:
    registers = one_register("f32", field=field)
    sample = registers.decode(replies(registers, (wire(bits >> 16, bits & 0xFFFF),)))
    assert sample.fault is not None
    assert sample.fault.finding.reason is reason
    assert sample.fault.at_ns == 5
    assert sample.energy_Wh is None
    assert sample.power_W is None
    assert sample.voltage_V is None


def test_an_undefined_power_factor_is_absent_and_no_fault() -> None:
    profile = load_profile("demo-reference")
    sample = poll(profile.registers, VALUES | {"power_factor": math.nan})
    assert sample.fault is None
    assert sample.power_factor is None
    assert sample.power_W is not None


@pytest.mark.parametrize("kind", ["u16", "u32", "u64"])
def test_all_ones_is_invalid_where_the_model_says_so(kind: str) -> None:
    pattern = INVALID_INTEGERS["all_ones"](TYPES[kind])
    assert pattern is not None
    registers = one_register(kind, invalid=pattern)
    ones = wire(*(0xFFFF,) * TYPES[kind].words)
    sample = registers.decode(replies(registers, (ones,)))
    assert sample.fault is not None
    assert sample.fault.finding.reason is Reason.REFERENCE_NOT_A_NUMBER
    assert registers.encode({"power_W": math.nan}) == (ones,)


def test_minus_one_is_a_number_and_7fff_is_not_in_abb_meters() -> None:
    profile = load_profile("abb-ab-series")
    assert profile.registers.register("power_W") is not None
    by_address = {block.address: block for block in profile.registers.blocks}
    power = by_address[0x5B14]
    energy = BlockReply(0, 1, 3, 0x5000, wire(0, 0, 0, 1))
    minus = profile.registers.decode((energy, BlockReply(0, 1, 3, power.address, wire(0xFFFF, 0xFFFF))))
    assert minus.power_W is not None
    assert minus.power_W.value == -0.01
    invalid = profile.registers.decode((energy, BlockReply(0, 1, 3, power.address, wire(0x7FFF, 0xFFFF))))
    assert invalid.fault is not None


@pytest.mark.parametrize("name", known_profiles())
def test_every_profile_decodes_what_it_encodes(name: str) -> None:
    profile = load_profile(
        name, ReferenceChoice(energy_address=0x0800 if name == "yokogawa-wt300e" else None)
    )
    sample = poll(profile.registers, VALUES)
    assert sample.fault is None
    for field, value in VALUES.items():
        register = profile.registers.register(field)
        if register is None:
            continue
        decoded = getattr(sample, field)
        number = decoded.value if field in ("energy_Wh", "power_W") else decoded
        assert number == pytest.approx(value, rel=1e-6), field


@pytest.mark.parametrize("name", known_profiles())
def test_no_block_is_longer_than_a_request_and_registers_do_not_overlap(name: str) -> None:
    profile = load_profile(name)
    for block in profile.registers.blocks:
        assert 1 <= block.count <= 125
        spans = sorted((r.address, r.end) for r in block.registers)
        assert all(end <= start for (_, end), (start, _) in pairwise(spans))


def test_energy_and_power_stamps_are_those_of_their_own_reply() -> None:
    profile = load_profile("schneider-iem3000")
    sample = poll(profile.registers, VALUES)
    assert sample.energy_Wh is not None
    assert sample.power_W is not None
    assert sample.energy_Wh.request_ns != sample.power_W.request_ns
    stamps = {(reply.address, reply.request_ns) for reply in sample.replies}
    assert (0x0C83, sample.energy_Wh.request_ns) in stamps
    assert (0x0BF3, sample.power_W.request_ns) in stamps


def test_replies_of_another_profile_are_refused() -> None:
    demo = load_profile("demo-reference")
    with pytest.raises(ValueError, match="no block"):
        demo.registers.decode((BlockReply(0, 1, 3, 7, bytes(28)),))
    with pytest.raises(ValueError, match="no block of 13"):
        demo.registers.decode((BlockReply(0, 1, 3, 0, bytes(26)),))


def test_a_value_that_does_not_fit_its_register_is_no_other_value() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        one_register("u16").encode({"power_W": 70_000.0})
    with pytest.raises(ValueError, match="cannot show"):
        one_register("u32").encode({"power_W": math.nan})


def test_a_register_more_than_asked_for_changes_nothing() -> None:
    registers = load_profile("demo-reference").registers
    (data,) = registers.encode(VALUES)
    short = registers.decode((BlockReply(0, 1, 3, 0, data),))
    long = registers.decode((BlockReply(0, 1, 3, 0, data + wire(0xABCD)),))
    assert short.energy_Wh == long.energy_Wh
    assert short.power_W == long.power_W
