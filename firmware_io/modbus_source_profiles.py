"""Profiles of programmable load sources over Modbus: one TOML file a model, read into frozen values.

A profile says which register sets what, in which order they are written, how the output is switched and how the source
says that it is on, off or tripped. Nothing about a model is in code. docs/load-sources.md describes the keys;
`demo-source.toml` is a complete example.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from bench.errors import OperatorError
from bench.toml_reader import setting
from firmware_io.modbus_writes import WriteFunction
from firmware_io.profile_files import parse_profile_file
from firmware_io.programmable_source import Output
from firmware_io.register_blocks import Block
from firmware_io.register_tables import LAST_ADDRESS, ReadFunction, RegisterTable, register, require_address
from firmware_io.registers import TYPES, Register, WordOrder
from firmware_io.source_profiles import SourceHead, SourceProfile, source_range
from firmware_io.source_values import QUANTITIES, WITHIN_PCT, SourceLimits

_WORD = 0xFFFF
"""Largest number in one register."""
_LONGEST_IDENTITY = 32
_TOLD = (Output.ON, Output.OFF, Output.TRIPPED)


@dataclass(frozen=True, slots=True)
class Setting:
    """One quantity: what sets it, what shows what is set, each one register; how near that must be (in its unit)."""

    field: str
    written: Block
    read_back: Block
    within: float


@dataclass(frozen=True, slots=True)
class OutputSwitch:
    """The register that switches the output, and its two values."""

    register: Register
    on: int
    off: int


@dataclass(frozen=True, slots=True)
class OutputState:
    """The register that says what the output does, masked: which values mean what."""

    register: Register
    mask: int
    meanings: tuple[tuple[Output, frozenset[int]], ...]

    def of(self, number: int) -> Output:
        masked = number & self.mask
        return next((output for output, values in self.meanings if masked in values), Output.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Identity:
    """Registers that hold its name in ASCII, two characters each."""

    function_code: ReadFunction
    address: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ModbusSourceProfile(SourceProfile):
    """settings: in the order in which they are written."""

    write_function: WriteFunction
    settings: tuple[Setting, ...]
    switch: OutputSwitch
    state: OutputState
    identity: Identity | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head(SourceHead):
    write_function: WriteFunction = WriteFunction.MULTIPLE
    read_function: ReadFunction = ReadFunction.HOLDING
    word_order: WordOrder = WordOrder.BIG


@dataclass(frozen=True, slots=True, kw_only=True)
class _SetTable(RegisterTable):
    """[[set]]"""

    quantity: str = setting("what it sets", choices=tuple(QUANTITIES))
    address: int = setting("wire address from 0", low=0, high=LAST_ADDRESS)
    read_back_address: int | None = setting("where it is read back", None, low=0, high=LAST_ADDRESS)
    read_back_function: ReadFunction | None = setting("where it differs from read_function", None)
    within: float = setting("how far the read-back may be off", 0.0, low=0.0)


@dataclass(frozen=True, slots=True)
class _OutputTable:
    """[output]"""

    address: int = setting("register that switches the output", low=0, high=LAST_ADDRESS)
    on: int = setting("its value", low=0, high=_WORD)
    off: int = setting("its value", low=0, high=_WORD)
    source: str = ""
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class _StateTable:
    """[state]"""

    address: int = setting("register that says what the output does", low=0, high=LAST_ADDRESS)
    on: tuple[int, ...] = setting("its values", low=0, high=_WORD)
    off: tuple[int, ...] = setting("its values", low=0, high=_WORD)
    tripped: tuple[int, ...] = setting("its values", (), low=0, high=_WORD)
    mask: int = setting("the bits of it that count", _WORD, low=0, high=_WORD)
    function_code: ReadFunction | None = setting("where it differs from read_function", None)
    source: str = ""
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class _IdentityTable:
    """[identity]"""

    address: int = setting("of the first", low=0, high=LAST_ADDRESS)
    count: int = setting("how many", low=1, high=_LONGEST_IDENTITY, unit="registers")
    function_code: ReadFunction | None = setting("where it differs from read_function", None)
    source: str = ""
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class _File:
    profile: _Head = setting("the table of the model")
    limits: SourceLimits = setting("what it can make")
    set: tuple[_SetTable, ...] = setting("what is set, in order")
    output: _OutputTable = setting("what switches it")
    state: _StateTable = setting("what says that it is off")
    identity: _IdentityTable | None = None


def parse_modbus_source(text: str, name: str, within_pct: float = WITHIN_PCT) -> ModbusSourceProfile:
    """The profile written in `text`; `name` is for its error messages; within_pct: as of `SourceRange`.

    Errors: OperatorError.
    """
    file, where = parse_profile_file(_File, text, name), f"profile {name}"
    head = file.profile
    settings = tuple(
        _setting(table, head, f"{where}: set no. {number}") for number, table in enumerate(file.set, 1)
    )
    told = ((s.field, s.written.registers[0].resolution or 0.0) for s in settings)
    parts = {
        "output": file.output.unsure,
        "state": file.state.unsure,
        "identity": file.identity is not None and file.identity.unsure,
    }
    return ModbusSourceProfile(
        range=source_range(file.limits, name, told, within_pct),
        source=head.source,
        silence_s=head.silence_s,
        follows_within_s=head.follows_within_s,
        unsure=(
            *head.unsure,
            *(table.quantity for table in file.set if table.unsure),
            *(part for part, is_unsure in parts.items() if is_unsure),
        ),
        write_function=head.write_function,
        settings=settings,
        switch=_switch(file.output, f"{where}: output"),
        state=_state(file.state, head.read_function, f"{where}: state"),
        identity=_identity(file.identity, head.read_function, f"{where}: identity"),
    )


def _setting(table: _SetTable, head: _Head, where: str) -> Setting:
    field, dimension = QUANTITIES[table.quantity]
    words = TYPES[table.type].words
    if head.write_function is WriteFunction.SINGLE and words > 1:
        raise OperatorError(f"{where}: write_function 6 writes one register; {table.type} has {words}")
    written = register(field, dimension, table, table.address, ReadFunction.HOLDING, head.word_order, where)
    back = table.address if table.read_back_address is None else table.read_back_address
    require_address(back, words, where)
    function = table.read_back_function or head.read_function
    read_back = replace(written, address=back, function_code=function)
    return Setting(field, Block([written]), Block([read_back]), table.within)


def _switch(table: _OutputTable, where: str) -> OutputSwitch:
    if table.on == table.off:
        raise OperatorError(f"{where}: on and off must differ")
    return OutputSwitch(_one_word("output", ReadFunction.HOLDING, table.address), table.on, table.off)


def _state(table: _StateTable, read_function: ReadFunction, where: str) -> OutputState:
    meanings = tuple((output, frozenset(getattr(table, output))) for output in _TOLD)
    told = [value for _, values in meanings for value in values]
    if not table.on or not table.off:
        raise OperatorError(f"{where}: on and off must each name a value; a source is not believed without")
    if len(set(told)) != len(told) or any(value & table.mask != value for value in told):
        raise OperatorError(f"{where}: each value must mean one thing, and lie inside the mask")
    function = table.function_code or read_function
    return OutputState(_one_word("state", function, table.address), table.mask, meanings)


def _identity(table: _IdentityTable | None, read_function: ReadFunction, where: str) -> Identity | None:
    if table is None:
        return None
    require_address(table.address, table.count, where)
    return Identity(table.function_code or read_function, table.address, table.count)


def _one_word(field: str, function: ReadFunction, address: int) -> Register:
    return Register(field, function, address, "u16", WordOrder.BIG, Decimal(1))
