"""A reference standard read over Modbus (RTU or TCP)."""

from __future__ import annotations

from collections.abc import Mapping

from bench.ports import BlockReply, ReferenceSample
from firmware_io.profiles import Profile, known_profiles, load_profile

__all__ = ["Profile", "decode", "encode", "known_profiles", "load_profile"]


def decode(profile: Profile, replies: tuple[BlockReply, ...]) -> ReferenceSample:
    """One poll from its replies, one a block of `profile.registers.blocks` in their order. Pure.

    Errors: ValueError where the replies are not those of this profile.
    """
    return profile.registers.decode(replies)


def encode(profile: Profile, values: Mapping[str, float]) -> tuple[tuple[int, ...], ...]:
    """Words of each block for quantities named as the fields of `ReferenceSample` (`energy_Wh`, ...).

    NaN and infinity come out as the model shows them. Errors: ValueError where a value does not fit.
    """
    return profile.registers.encode(values)
