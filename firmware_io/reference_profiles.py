"""Profiles of reference standards: one TOML file a model, read into frozen values.

A profile says where a model keeps each quantity (wire address from 0, type, word order, unit, scale), what
its invalid values look like, and where each figure was found. Nothing about a model is in code.
docs/reference-profiles.md describes the keys; `demo-reference.toml` is the shortest complete example.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from bench.errors import OperatorError
from bench.toml_reader import setting
from firmware_io.profile_files import parse_profile_file, profile_names, profile_text
from firmware_io.reference_choice import COMPARED, ReferenceChoice
from firmware_io.register_map import RegisterMap
from firmware_io.register_tables import LAST_ADDRESS, ReadFunction, RegisterTable, register
from firmware_io.registers import INVALID_INTEGERS, TYPES, Register, WordOrder

MOST_REGISTERS = 125
"""Of one request (MODBUS Application Protocol V1.1b3, 6.3 and 6.4)."""
_FOLDER = "profiles"
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
_USUAL = ReferenceChoice()


@dataclass(frozen=True, slots=True)
class ReferenceProfile:
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


class _Assigned(StrEnum):
    USER = "user"
    """The user of the instrument assigns the address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _RegisterTable(RegisterTable):
    """[registers.*]"""

    address: _Assigned | int = setting('wire address from 0, or "user"', low=0, high=LAST_ADDRESS)
    function_code: ReadFunction | None = setting("where it differs from that of [profile]", None)


@dataclass(frozen=True, slots=True)
class _Head:
    """[profile]"""

    maker: str = setting("who makes it")
    model: str = setting("which models")
    source: str = setting("where these figures were found")
    function_code: ReadFunction = ReadFunction.HOLDING
    word_order: WordOrder = WordOrder.BIG
    refresh_s: float | None = None
    accuracy_class_pct: float | None = None
    silence_s: float = setting("pause the device wants between two requests", 0.0, low=0.0, unit="s")
    max_registers: int = setting("longest request it answers", MOST_REGISTERS, low=1)
    max_gap_registers: int = setting("unused registers that may be read along", 0, low=0)
    may_read_one_more: bool = False
    invalid_integers: tuple[str, ...] = setting("patterns", (), choices=tuple(INVALID_INTEGERS))
    unsure: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _File:
    profile: _Head = setting("the table of the model")
    registers: dict[str, _RegisterTable] = setting("by quantity", choices=tuple(_QUANTITIES))


def known_profiles() -> tuple[str, ...]:
    """Names of the profiles that come with the program."""
    return profile_names(_FOLDER)


def load_profile(name_or_path: str | Path, choice: ReferenceChoice = _USUAL) -> ReferenceProfile:
    """A profile by the name of its model, or from a TOML file of the laboratory.

    Errors: OperatorError that names the known models, the nearest key, or the wrong value.
    """
    return parse_profile(reference_profile_text(name_or_path), Path(name_or_path).stem, choice)


def reference_profile_text(name_or_path: str | Path) -> str:
    """The TOML of a profile, by the name of its model or from a file: what a record keeps of it.

    Errors: OperatorError that names the known models.
    """
    return profile_text(_FOLDER, "reference", name_or_path)


def parse_profile(text: str, name: str, choice: ReferenceChoice = _USUAL) -> ReferenceProfile:
    """The profile written in `text`; `name` is for its error messages. Errors: OperatorError."""
    file = parse_profile_file(_File, text, name)
    head = file.profile
    registers = {}
    for quantity, table in file.registers.items():
        address = _address(quantity, table, choice)
        if address is not None:
            where = f"profile {name}: {quantity}"
            registers[quantity] = _register(quantity, table, address, head, choice, where)
    power = choice.power_quantity
    if power not in registers:
        raise OperatorError(f"profile {name}: no register {power}; it is needed for every estimator")
    left_out = COMPARED - {choice.energy, power}
    polled = tuple(register for quantity, register in registers.items() if quantity not in left_out)
    return ReferenceProfile(
        name=name,
        maker=head.maker,
        model=head.model,
        registers=RegisterMap(polled, min(head.max_registers, MOST_REGISTERS), head.max_gap_registers),
        refresh_s=head.refresh_s,
        accuracy_class_pct=head.accuracy_class_pct,
        silence_s=head.silence_s,
        may_read_one_more=head.may_read_one_more,
        source=head.source,
        unsure=(*head.unsure, *(quantity for quantity, table in file.registers.items() if table.unsure)),
    )


def _address(quantity: str, table: _RegisterTable, choice: ReferenceChoice) -> int | None:
    """None where the user has assigned none yet."""
    if quantity == choice.energy and choice.energy_address is not None:
        return choice.energy_address
    return None if isinstance(table.address, _Assigned) else table.address


def _register(
    quantity: str, table: _RegisterTable, address: int, head: _Head, choice: ReferenceChoice, where: str
) -> Register:
    of, dimension = _QUANTITIES[quantity]
    function = table.function_code or head.function_code
    as_shown = register(of, dimension, table, address, function, head.word_order, where)
    kind = TYPES[table.type]
    patterns = {INVALID_INTEGERS[name](kind) for name in head.invalid_integers} - {None}
    return replace(
        as_shown,
        factor=as_shown.factor * choice.ratio_of(dimension) * choice.sign_of(quantity, table.type),
        invalid_integers=frozenset(pattern for pattern in patterns if pattern is not None),
    )
