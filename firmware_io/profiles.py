"""Register profiles of reference standards: one TOML file a model, read into frozen values.

A profile says where a model keeps each quantity (wire address from 0, type, word order, unit, scale), what
its invalid values look like, and where each figure was found. Nothing about a model is in code.
docs/reference-profiles.md describes the keys; `demo-reference.toml` is the shortest complete example.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path
from typing import Any

from bench.errors import OperatorError
from firmware_io.registers import INVALID_INTEGERS, TYPES, Register, RegisterMap, WordOrder
from firmware_io.toml_table import Table, only_known, parse_document, profile_names, read_profile

_FOLDER = "profiles"
_UNITS: dict[str, tuple[str, Decimal]] = {
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
    "Hz": ("frequency", Decimal(1)),
    "1": ("ratio", Decimal(1)),
}

_QUANTITIES: dict[str, tuple[str, str]] = {
    "energy_import": ("energy_Wh", "energy"),
    "energy_export": ("energy_Wh", "energy"),
    "reactive_energy": ("energy_Wh", "reactive energy"),
    "active_power": ("power_W", "power"),
    "active_power_l1": ("power_W", "power"),
    "reactive_power": ("power_W", "reactive power"),
    "voltage_l1": ("voltage_V", "voltage"),
    "current_l1": ("current_A", "current"),
    "power_factor": ("power_factor", "ratio"),
    "frequency": ("frequency_Hz", "frequency"),
}
"""Name in the profile -> field of `ReferenceSample`, and the dimension its unit must have.

Reactive energy and power come in the fields of the active ones, in varh and var: only one of them is compared.
"""


class EnergyRegister(StrEnum):
    """Which energy is compared."""

    IMPORT = "energy_import"
    EXPORT = "energy_export"
    REACTIVE = "reactive_energy"


class PowerRegister(StrEnum):
    """Which active power is compared: all phases together, or phase 1 alone."""

    TOTAL = "active_power"
    PHASE_1 = "active_power_l1"


_REACTIVE_POWER = "reactive_power"
_COMPARED = frozenset((*EnergyRegister, *PowerRegister, _REACTIVE_POWER))


@dataclass(frozen=True, slots=True)
class Choice:
    """What one bench reads of a model.

    energy_address: wire address of the energy, for models where the user assigns it. ct_ratio, vt_ratio: of the
    transformers between the load and the instrument, by which its currents, voltages, powers and energies are
    multiplied. export_is_negative: with exported energy, a power register that has a sign reads below zero.
    """

    energy: EnergyRegister = EnergyRegister.IMPORT
    power: PowerRegister = PowerRegister.TOTAL
    energy_address: int | None = None
    ct_ratio: Decimal = Decimal(1)
    vt_ratio: Decimal = Decimal(1)
    export_is_negative: bool = True

    @property
    def power_quantity(self) -> str:
        """Name of the compared power; with reactive energy the reactive one."""
        return _REACTIVE_POWER if self.energy is EnergyRegister.REACTIVE else self.power.value

    def sign_of(self, quantity: str, kind: str) -> int:
        """-1 for the compared power where energy is exported, so that what is decoded counts in its direction.

        This is the one place that turns a sign: raw replies stay as they were read. A type without a sign reads the
        magnitude (unsure).
        """
        has_sign = TYPES[kind].is_float or TYPES[kind].minimum < 0
        is_turned = self.energy is EnergyRegister.EXPORT and self.export_is_negative and has_sign
        return -1 if is_turned and quantity == self.power_quantity else 1

    def ratio_of(self, dimension: str) -> Decimal:
        """What a register of this dimension is multiplied by."""
        match dimension:
            case "voltage":
                return self.vt_ratio
            case "current":
                return self.ct_ratio
            case "ratio" | "frequency":
                return Decimal(1)
        return self.ct_ratio * self.vt_ratio


_USUAL = Choice()


@dataclass(frozen=True, slots=True)
class Profile:
    """A model of reference standard: what is known of it, and the map of the registers to poll.

    refresh_s: interval at which the registers are renewed, by the data sheet (`bench check` measures it);
    accuracy_class_pct: None where it is not known; silence_s: pause the device wants between two requests;
    may_read_one_more: the register after each block can be read too (see `modbus_reference`);
    unsure: the figures of the file that no source confirms, by name.
    """

    name: str
    maker: str
    model: str
    registers: RegisterMap
    refresh_s: float | None
    accuracy_class_pct: float | None
    silence_s: float
    may_read_one_more: bool
    source: str
    unsure: tuple[str, ...]


def known_profiles() -> tuple[str, ...]:
    """Names of the profiles that come with the program."""
    return profile_names(_FOLDER)


def load_profile(name_or_path: str | Path, choice: Choice = _USUAL) -> Profile:
    """A profile by the name of its model, or from a TOML file of the laboratory.

    Errors: OperatorError that names the known models, the nearest key, or the wrong value.
    """
    return parse_profile(profile_text(name_or_path), Path(name_or_path).stem, choice)


def profile_text(name_or_path: str | Path) -> str:
    """The TOML of a profile, by the name of its model or from a file: what a record keeps of it.

    Errors: OperatorError that names the known models.
    """
    return read_profile(_FOLDER, "reference", name_or_path)


def parse_profile(text: str, name: str, choice: Choice = _USUAL) -> Profile:
    """The profile written in `text`; `name` is for its error messages. Errors: OperatorError."""
    document = parse_document(text, name, ("profile", "registers"))
    defaults = _head(document.get("profile", {}), f"profile {name}: [profile]")
    tables = document.get("registers", {})
    only_known(tables, tuple(_QUANTITIES), f"profile {name}: [registers]")
    all_registers: dict[str, Register] = {}
    unsure = list(defaults.unsure)
    for quantity, table in tables.items():
        register, is_unsure = _register(quantity, table, defaults, choice, f"profile {name}: {quantity}")
        if register is not None:
            all_registers[quantity] = register
        if is_unsure:
            unsure.append(quantity)
    polled = _polled(all_registers, choice, name)
    return Profile(
        name=name,
        maker=defaults.maker,
        model=defaults.model,
        registers=RegisterMap(polled, defaults.max_registers, defaults.max_gap_registers),
        refresh_s=defaults.refresh_s,
        accuracy_class_pct=defaults.accuracy_class_pct,
        silence_s=defaults.silence_s,
        may_read_one_more=defaults.may_read_one_more,
        source=defaults.source,
        unsure=tuple(unsure),
    )


@dataclass(frozen=True, slots=True)
class _Head:
    """Keys of [profile]."""

    maker: str
    model: str
    source: str
    function_code: int
    word_order: str
    refresh_s: float | None
    accuracy_class_pct: float | None
    silence_s: float
    max_registers: int
    max_gap_registers: int
    may_read_one_more: bool
    invalid_integers: tuple[str, ...]
    unsure: tuple[str, ...]


def _head(raw: Any, where: str) -> _Head:
    table = Table(raw, _Head, where)
    return _Head(
        maker=table.text("maker"),
        model=table.text("model"),
        source=table.text("source"),
        function_code=table.integer("function_code", 3),
        word_order=table.text("word_order", "big"),
        refresh_s=table.number("refresh_s"),
        accuracy_class_pct=table.number("accuracy_class_pct"),
        silence_s=table.number("silence_s") or 0.0,
        max_registers=table.integer("max_registers", 125),
        max_gap_registers=table.integer("max_gap_registers", 0),
        may_read_one_more=table.flag("may_read_one_more"),
        invalid_integers=table.texts("invalid_integers"),
        unsure=table.texts("unsure"),
    )


@dataclass(frozen=True, slots=True)
class _RegisterKeys:
    """Keys of [registers.*]. `address = "user"`: the user of the instrument assigns it."""

    address: int | str
    type: str
    unit: str
    scale: str
    word_order: str
    function_code: int
    source: str
    unsure: bool


def _polled(registers: Mapping[str, Register], choice: Choice, name: str) -> tuple[Register, ...]:
    """The registers that a poll reads: the chosen energy and power, and all auxiliary quantities."""
    power = choice.power_quantity
    if power not in registers:
        raise OperatorError(f"profile {name}: no register {power}; it is needed for every estimator")
    left_out = _COMPARED - {choice.energy, power}
    return tuple(register for quantity, register in registers.items() if quantity not in left_out)


def _register(
    quantity: str, raw: Any, head: _Head, choice: Choice, where: str
) -> tuple[Register | None, bool]:
    """One register and whether its figures are unsure; None where the user has assigned no address yet."""
    table = Table(raw, _RegisterKeys, where)
    unsure = table.flag("unsure")
    user_address = choice.energy_address if quantity == choice.energy else None
    address = user_address
    if table.raw.get("address") != "user":
        address = table.integer("address") if user_address is None else user_address
    kind = table.choice("type", tuple(TYPES))
    unit = table.choice("unit", tuple(_UNITS))
    field, dimension = _QUANTITIES[quantity]
    if _UNITS[unit][0] != dimension:
        raise OperatorError(f"{where}: unit {unit!r} is no unit of {dimension}")
    function_code = table.integer("function_code", head.function_code)
    if function_code not in (3, 4):
        raise OperatorError(f"{where}: function_code must be 3 or 4, not {function_code}")
    if address is None:
        return None, unsure
    if not 0 <= address <= 0xFFFF - TYPES[kind].words + 1:
        raise OperatorError(f"{where}: address {address} is outside 0 to 65535")
    try:
        factor = Decimal(table.text("scale", "1")) * _UNITS[unit][1] * choice.ratio_of(dimension)
    except InvalidOperation as error:
        raise OperatorError(f"{where}: scale must be a decimal in quotes, such as '0.01'") from error
    register = Register(
        field=field,
        function_code=function_code,
        address=address,
        kind=kind,
        word_order=WordOrder(table.choice("word_order", tuple(WordOrder), head.word_order)),
        factor=factor * choice.sign_of(quantity, kind),
        invalid_integers=_invalid_integers(head, kind, where),
    )
    return register, unsure


def _invalid_integers(head: _Head, kind: str, where: str) -> frozenset[int]:
    unknown = set(head.invalid_integers) - set(INVALID_INTEGERS)
    if unknown:
        raise OperatorError(
            f"{where}: invalid_integers: unknown {min(unknown)!r}; known: {', '.join(INVALID_INTEGERS)}"
        )
    return frozenset(
        pattern
        for name in head.invalid_integers
        if (pattern := INVALID_INTEGERS[name](TYPES[kind])) is not None
    )
