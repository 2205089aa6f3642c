"""What a load point means for a programmable source: voltages, currents, angle, frequency; and what a model can do.

A source is told each quantity for all phases together (`current_A`) or phase by phase (`current_l1_A`), by what its
profile has. The angle is that of the current behind the voltage: positive is inductive; exported energy is the current
turned round, 180 degrees away. A source that is told a power factor instead has a sign at most for its side.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from math import acos, asin, cos, degrees, radians

from bench.errors import OperatorError
from bench.toml_reader import setting
from calibration.load_points import LoadPoint
from calibration.nameplate import Direction, Quantity, Wiring

PHASES = ("l1", "l2", "l3")
_LETTERS = dict(zip(PHASES, "ABC", strict=True))
_BASES = {"voltage": ("V", "voltage"), "current": ("A", "current"), "phase_angle": ("deg", "angle")}
"""Quantity that may be set phase by phase -> its unit and its dimension."""
QUANTITIES: dict[str, tuple[str, str]] = {
    **{name: (f"{name}_{unit}", of) for name, (unit, of) in _BASES.items()},
    **{f"{name}_{p}": (f"{name}_{p}_{unit}", of) for name, (unit, of) in _BASES.items() for p in PHASES},
    "power_factor": ("power_factor", "ratio"),
    "frequency": ("frequency_Hz", "frequency"),
}
"""Name of a quantity in a profile -> the field of `values_of` and its dimension."""
FIELDS = tuple(field for field, _ in QUANTITIES.values())
WITHIN_PCT = 5.0
"""Where the configuration says nothing else."""
_PHASE_CURRENTS = frozenset(f"current_{p}_A" for p in PHASES)


def phase_angle_deg(load_point: LoadPoint) -> float:
    """Of the current behind the voltage, above -180 to 180. Of capacitive reactive loads it is unsure what a meter of
    imported reactive energy is meant to see."""
    is_reactive = load_point.quantity is Quantity.REACTIVE
    angle_deg = degrees((asin if is_reactive else acos)(load_point.power_factor))
    if load_point.phase_side == "C":
        angle_deg = -angle_deg
    if load_point.direction is Direction.EXPORT:
        angle_deg += 180.0
    return angle_deg if angle_deg <= 180.0 else angle_deg - 360.0


def values_of(load_point: LoadPoint) -> dict[str, float]:
    """Every quantity that a source could be told, by field. power_factor: negative where capacitive."""
    angle_deg = phase_angle_deg(load_point)
    is_single = load_point.wiring is Wiring.SINGLE_PHASE
    values = {
        "voltage_V": load_point.voltage_V,
        "current_A": load_point.current_A,
        "phase_angle_deg": angle_deg,
        "power_factor": cos(radians(angle_deg)) * (-1.0 if load_point.phase_side == "C" else 1.0),
        "frequency_Hz": load_point.frequency_Hz,
    }
    for phase in PHASES:
        is_live = phase == "l1" or not is_single
        is_loaded = is_live and load_point.loaded_phase in ("", _LETTERS[phase])
        values[f"voltage_{phase}_V"] = load_point.voltage_V if is_live else 0.0
        values[f"current_{phase}_A"] = load_point.current_A if is_loaded else 0.0
        values[f"phase_angle_{phase}_deg"] = angle_deg
    return values


@dataclass(frozen=True, slots=True)
class SourceLimits:
    """[limits] of a profile. capacitive_is_negative: a power factor below zero means a capacitive load; else it has no
    capacitive one."""

    highest_voltage_V: float = setting("of one phase, as load points state it", above=0.0)
    highest_current_A: float = setting("of one phase", above=0.0)
    lowest_frequency_Hz: float = setting("which it makes", above=0.0)
    highest_frequency_Hz: float = setting("which it makes", above=0.0)
    wirings: tuple[Wiring, ...] = setting("how it can be wired")
    capacitive_is_negative: bool = False


@dataclass(frozen=True, slots=True)
class SourceRange:
    """What a model of source can make, by its profile.

    fields: what it is told. current_step_A: the steps in which it is told a current, 0 where they are finer than any.
    within_pct: how near to a load point the bench wants to come.
    """

    name: str
    fields: frozenset[str]
    limits: SourceLimits
    current_step_A: float = 0.0
    within_pct: float = WITHIN_PCT

    def require(self, load_point: LoadPoint) -> None:
        """Errors: OperatorError, one line, where this source cannot make the load point."""
        if (why := self._why_not(load_point)) is not None:
            raise OperatorError(
                f"load point {load_point.name}: the load source {self.name} {why}; take it out of the plan, or use "
                "another source"
            )

    def _why_not(self, load_point: LoadPoint) -> str | None:
        limits = self.limits
        if load_point.wiring not in limits.wirings:
            return f"makes {', '.join(limits.wirings)} and not {load_point.wiring.value}"
        if load_point.voltage_V > limits.highest_voltage_V:
            return f"gives at most {limits.highest_voltage_V:g} V and not {load_point.voltage_V:g} V"
        if load_point.current_A > limits.highest_current_A:
            return f"gives at most {limits.highest_current_A:g} A and not {load_point.current_A:g} A"
        if 0.0 < load_point.current_A < self.current_step_A / 2.0 / (self.within_pct / 100.0):
            return f"is told currents in steps of {self.current_step_A:g} A, too coarse for {load_point.current_A:g} A"
        if not limits.lowest_frequency_Hz <= load_point.frequency_Hz <= limits.highest_frequency_Hz:
            span = f"{limits.lowest_frequency_Hz:g} to {limits.highest_frequency_Hz:g} Hz"
            return f"gives {span} and not {load_point.frequency_Hz:g} Hz"
        if load_point.loaded_phase and not (
            load_point.wiring is Wiring.FOUR_WIRE and self.fields >= _PHASE_CURRENTS
        ):
            return "cannot load one phase alone"
        if self._has_angle:
            return None
        if load_point.direction is Direction.EXPORT:
            return "is told a power factor and cannot turn the current round"
        if load_point.phase_side == "C" and not limits.capacitive_is_negative:
            return "cannot make a capacitive load"
        return None

    @property
    def _has_angle(self) -> bool:
        return any(field.startswith("phase_angle") for field in self.fields)


def why_wrong(fields: Collection[str], *, is_polyphase: bool) -> str | None:
    """What keeps a profile from making every load it promises; None where nothing does.

    What no setting names keeps the value that somebody has left in the source, so no phase may be left out.
    """
    enough = (PHASES,) if is_polyphase else (PHASES, PHASES[:1])
    for name, (unit, _) in _BASES.items():
        is_whole = f"{name}_{unit}" in fields
        named = tuple(p for p in PHASES if f"{name}_{p}_{unit}" in fields)
        told_otherwise = name == "phase_angle" and "power_factor" in fields
        if is_whole and named:
            return (
                f"{name} is set for all phases and for one, so that the later one overwrites; name it one way"
            )
        if named and named not in enough:
            return f"{name} is set for some phases only; name {', '.join(f'{name}_{p}' for p in PHASES)}"
        if (is_whole or named) and told_otherwise:
            return "phase_angle and power_factor are both set; name one of them"
        if not (is_whole or named or told_otherwise):
            other = " (or power_factor)" if name == "phase_angle" else ""
            return f"nothing sets the {name}{other}; name {name}, or {name}_l1 and so on"
    return None
