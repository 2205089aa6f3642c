"""What the profiles of all programmable load sources have in common: where they are, their file, [limits] and pauses.

A profile is a TOML file of one model, in `source_profiles/` or anywhere else. What else is in it depends on the wire:
`modbus_source_profiles.py`, `line_source_profiles.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bench.errors import OperatorError
from calibration.nameplate import Wiring
from firmware_io.source_values import SourceRange, why_wrong
from firmware_io.toml_table import Table, read_profile


def source_profile_text(name_or_path: str) -> str:
    """The TOML of a profile, by the name of its model or from a file. Errors: OperatorError."""
    return read_profile("source_profiles", "source", name_or_path)


@dataclass(frozen=True, slots=True)
class _Limits:
    """Keys of [limits]."""

    highest_voltage_V: float
    highest_current_A: float
    lowest_frequency_Hz: float
    highest_frequency_Hz: float
    wirings: tuple[str, ...]
    capacitive_is_negative: bool


def read_range(raw: Any, name: str, steps: Mapping[str, float], within_pct: float) -> SourceRange:
    """[limits] of a profile. steps: field -> the step in which it is told; 0 where that is finer than any.

    Errors: OperatorError.
    """
    fields = frozenset(steps)
    where = f"profile {name}: [limits]"
    table = Table(raw, _Limits, where)
    wirings = table.texts("wirings")
    known = [wiring.value for wiring in Wiring]
    if not wirings or any(wiring not in known for wiring in wirings):
        raise OperatorError(f"{where}: wirings must be a list of some of {', '.join(known)}")
    is_polyphase = any(wiring != Wiring.SINGLE_PHASE.value for wiring in wirings)
    if (why := why_wrong(fields, is_polyphase=is_polyphase)) is not None:
        raise OperatorError(f"profile {name}: {why}")
    return SourceRange(
        name,
        fields,
        highest_voltage_V=_above_zero(table, "highest_voltage_V", where),
        highest_current_A=_above_zero(table, "highest_current_A", where),
        lowest_frequency_Hz=_above_zero(table, "lowest_frequency_Hz", where),
        highest_frequency_Hz=_above_zero(table, "highest_frequency_Hz", where),
        wirings=wirings,
        capacitive_is_negative=table.flag("capacitive_is_negative"),
        current_step_A=max(
            (step for field, step in steps.items() if field.startswith("current")), default=0.0
        ),
        within_pct=within_pct,
    )


def _above_zero(table: Table, key: str, where: str) -> float:
    value = table.number(key)
    if value is None or not 0.0 < value < float("inf"):
        raise OperatorError(f"{where}: {key} must be a number above 0")
    return value


def pause(table: Table, key: str, default: float, where: str) -> float:
    """A time in s, 0 to 60. Errors: OperatorError."""
    value = table.number(key)
    value = default if value is None else value
    if not 0.0 <= value <= 60.0:
        raise OperatorError(f"{where}: {key} must be 0 to 60 s, not {value:g}")
    return value
