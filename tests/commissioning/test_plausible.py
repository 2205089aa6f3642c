"""Right values are believed and values read in the wrong word order are not, with every profile that is shipped."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.commissioning.plausible import is_dead, is_plausible, values_of
from bench.ports import BlockReply, ReferenceSample
from firmware_io.reference_choice import ReferenceChoice
from firmware_io.reference_profiles import known_profiles, load_profile
from firmware_io.register_map import RegisterMap
from firmware_io.registers import TYPES

USER_ADDRESS = 0x0800


def registers_of(name: str) -> RegisterMap:
    return load_profile(
        name, ReferenceChoice(energy_address=USER_ADDRESS if name.startswith("yokogawa") else None)
    ).registers


def polled(wire: RegisterMap, read: RegisterMap, values: dict[str, float]) -> ReferenceSample:
    """Registers as `wire` sends them, decoded as `read` has them."""
    replies = tuple(
        BlockReply(1, 2, block.function_code, block.address, data)
        for block, data in zip(wire.blocks, wire.encode(values), strict=True)
    )
    return read.decode(replies)


def values(voltage_V: float, current_A: float, factor: float, energy_Wh: float) -> dict[str, float]:
    return {
        "energy_Wh": energy_Wh,
        "power_W": voltage_V * current_A * factor,
        "voltage_V": voltage_V,
        "current_A": current_A,
        "power_factor": factor,
        "frequency_Hz": 50.02,
    }


loads = st.builds(
    values,
    st.floats(50.0, 400.0),
    st.floats(0.02, 90.0),
    st.sampled_from([1.0, 0.5, 0.8]),
    st.floats(1.0, 1e8),
)


@pytest.mark.parametrize("name", known_profiles())
@given(load=loads)
def test_what_a_load_gives_is_plausible(name: str, load: dict[str, float]) -> None:
    registers = registers_of(name)
    found = values_of([polled(registers, registers, load)])
    assert is_plausible(found)
    assert not is_dead(found)


@pytest.mark.parametrize("name", known_profiles())
@given(load=loads)
def test_the_other_word_order_is_not_plausible(name: str, load: dict[str, float]) -> None:
    registers = registers_of(name)
    register = registers.register("power_W")
    assert register is not None
    if TYPES[register.kind].words == 1:
        pytest.skip("one word has no order")
    if registers.register("voltage_V") is None:
        pytest.skip("power and energy alone may fall within the bounds by chance")
    assert not is_plausible(values_of([polled(registers.turned(), registers, load)]))
    # And turned round once more they are what they were.
    back = values_of([polled(registers.turned(), registers.turned(), load)])
    assert is_plausible(back)


def test_zeros_are_dead_and_nothing_is_not_plausible() -> None:
    registers = registers_of("demo-reference")
    dead = values_of([polled(registers, registers, {})])
    assert is_plausible(dead)
    assert is_dead(dead)
    assert not is_plausible(values_of([]))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("voltage_V", 1e6),
        ("current_A", -1e5),
        ("power_W", 9e9),
        ("frequency_Hz", 400.0),
        ("power_factor", 1.5),
    ],
)
def test_a_single_value_that_cannot_be_is_enough(name: str, value: float) -> None:
    good = values(220.0, 10.0, 1.0, 100.0)
    assert is_plausible(good)
    assert not is_plausible(good | {name: value})


def test_power_beyond_what_voltage_and_current_allow_cannot_be() -> None:
    good = values(220.0, 10.0, 1.0, 100.0)
    assert is_plausible(good | {"power_W": 3 * 2200.0})
    assert not is_plausible(good | {"power_W": 9_000.0})
