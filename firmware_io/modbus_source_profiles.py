"""Profiles of programmable load sources over Modbus: one TOML file a model, read into frozen values.

A profile says which register sets what, in which order they are written, how the output is switched and how the source
says that it is on, off or tripped. Nothing about a model is in code. docs/load-sources.md describes the keys;
`demo-source.toml` is a complete example.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from bench.errors import OperatorError
from firmware_io.modbus_writes import MULTIPLE, SINGLE
from firmware_io.programmable_source import Output
from firmware_io.registers import TYPES, Register, WordOrder
from firmware_io.source_profiles import pause, read_range
from firmware_io.source_values import DIMENSIONS, WITHIN_PCT, SourceRange
from firmware_io.toml_table import Table, parse_document

_UNITS: dict[str, tuple[str, Decimal]] = {
    "V": ("V", Decimal(1)),
    "A": ("A", Decimal(1)),
    "mA": ("A", Decimal("0.001")),
    "deg": ("deg", Decimal(1)),
    "Hz": ("Hz", Decimal(1)),
    "1": ("1", Decimal(1)),
}
_LONGEST_IDENTITY = 32


@dataclass(frozen=True, slots=True)
class Setting:
    """One quantity: the register that sets it, the one that shows what is set, how near that must be (in its unit)."""

    register: Register
    read_back: Register
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

    function_code: int
    address: int
    count: int


@dataclass(frozen=True, slots=True)
class ModbusSourceProfile:
    """A model of source. settings: in the order in which they are written.

    silence_s: pause the device wants between two requests; follows_within_s: how long its output may take to follow.
    unsure: the figures of the file that no source confirms, by name.
    """

    range: SourceRange
    source: str
    write_function: int
    silence_s: float
    follows_within_s: float
    settings: tuple[Setting, ...]
    switch: OutputSwitch
    state: OutputState
    identity: Identity | None
    unsure: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.range.name


@dataclass(frozen=True, slots=True)
class _Head:
    """Keys of [profile]."""

    maker: str
    model: str
    source: str
    write_function: int
    read_function: int
    word_order: str
    silence_s: float
    follows_within_s: float
    unsure: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _SetKeys:
    """Keys of [[set]]."""

    quantity: str
    address: int
    type: str
    unit: str
    scale: str
    word_order: str
    read_back_address: int
    read_back_function: int
    within: float
    source: str
    unsure: bool


@dataclass(frozen=True, slots=True)
class _OutputKeys:
    """Keys of [output]."""

    address: int
    on: int
    off: int
    source: str
    unsure: bool


@dataclass(frozen=True, slots=True)
class _StateKeys:
    """Keys of [state]."""

    address: int
    function_code: int
    mask: int
    on: tuple[int, ...]
    off: tuple[int, ...]
    tripped: tuple[int, ...]
    source: str
    unsure: bool


@dataclass(frozen=True, slots=True)
class _IdentityKeys:
    """Keys of [identity]."""

    address: int
    function_code: int
    count: int
    source: str
    unsure: bool


def parse_modbus_source(text: str, name: str, within_pct: float = WITHIN_PCT) -> ModbusSourceProfile:
    """The profile written in `text`; `name` is for its error messages; within_pct: as of `SourceRange`.

    Errors: OperatorError.
    """
    where = f"profile {name}"
    document = parse_document(text, name, ("profile", "limits", "set", "output", "state", "identity"))
    head = Table(document.get("profile", {}), _Head, f"{where}: [profile]")
    for key in ("maker", "model"):
        head.text(key)
    read_function = _one_of(head, "read_function", 3, (3, 4), f"{where}: [profile]")
    write_function = _one_of(head, "write_function", MULTIPLE, (SINGLE, MULTIPLE), f"{where}: [profile]")
    order = head.choice("word_order", tuple(WordOrder), "big")
    rows = document.get("set", [])
    if not isinstance(rows, list):
        raise OperatorError(f"{where}: set must be a list of tables, [[set]]")
    unsure = list(head.texts("unsure"))
    settings = []
    for number, raw in enumerate(rows, 1):
        table = Table(raw, _SetKeys, f"{where}: [[set]] no. {number}")
        settings.append(
            _setting(table, order, read_function, write_function, f"{where}: [[set]] no. {number}")
        )
        unsure += [table.text("quantity")] if table.flag("unsure") else []
    fields = [setting.register.field for setting in settings]
    if len(set(fields)) != len(fields):
        raise OperatorError(f"{where}: a quantity is set twice; name each once")
    steps = {setting.register.field: setting.register.resolution or 0.0 for setting in settings}
    sections: dict[str, type] = {"output": _OutputKeys, "state": _StateKeys, "identity": _IdentityKeys}
    for section, keys in sections.items():
        if section in document and Table(document[section], keys, f"{where}: [{section}]").flag("unsure"):
            unsure.append(section)
    return ModbusSourceProfile(
        range=read_range(document.get("limits", {}), name, steps, within_pct),
        source=head.text("source"),
        write_function=write_function,
        silence_s=pause(head, "silence_s", 0.0, f"{where}: [profile]"),
        follows_within_s=pause(head, "follows_within_s", 2.0, f"{where}: [profile]"),
        settings=tuple(settings),
        switch=_switch(document.get("output", {}), f"{where}: [output]"),
        state=_state(document.get("state", {}), read_function, f"{where}: [state]"),
        identity=_identity(document.get("identity"), read_function, f"{where}: [identity]"),
        unsure=tuple(unsure),
    )


def _setting(table: Table, order: str, read_function: int, write_function: int, where: str) -> Setting:
    field, dimension = DIMENSIONS[table.choice("quantity", tuple(DIMENSIONS))]
    kind, unit = table.choice("type", tuple(TYPES)), table.choice("unit", tuple(_UNITS))
    if _UNITS[unit][0] != dimension:
        raise OperatorError(f"{where}: unit {unit!r} is no unit of {table.text('quantity')}")
    if write_function == SINGLE and TYPES[kind].words > 1:
        raise OperatorError(f"{where}: write_function 6 writes one register; {kind} has {TYPES[kind].words}")
    try:
        factor = Decimal(table.text("scale", "1")) * _UNITS[unit][1]
    except InvalidOperation as error:
        raise OperatorError(f"{where}: scale must be a decimal in quotes, such as '0.01'") from error
    if not factor.is_finite() or factor == 0:
        raise OperatorError(f"{where}: scale must be a decimal in quotes, such as '0.01', and not 0")
    word_order = WordOrder(table.choice("word_order", tuple(WordOrder), order))
    address = _address(table, "address", None, TYPES[kind].words, where)
    back = _address(table, "read_back_address", address, TYPES[kind].words, where)
    back_function = _one_of(table, "read_back_function", read_function, (3, 4), where)
    within = table.number("within") or 0.0
    if within < 0.0:
        raise OperatorError(f"{where}: within must not be below 0")
    register = Register(field, 3, address, kind, word_order, factor)
    return Setting(register, Register(field, back_function, back, kind, word_order, factor), within)


def _switch(raw: Any, where: str) -> OutputSwitch:
    table = Table(raw, _OutputKeys, where)
    on, off = (_word(table.integer(key), where) for key in ("on", "off"))
    if on == off:
        raise OperatorError(f"{where}: on and off must differ")
    address = _address(table, "address", None, 1, where)
    return OutputSwitch(Register("output", 3, address, "u16", WordOrder.BIG, Decimal(1)), on, off)


def _state(raw: Any, read_function: int, where: str) -> OutputState:
    table = Table(raw, _StateKeys, where)
    mask = _word(table.integer("mask", 0xFFFF), where)
    meanings = tuple((output, frozenset(table.integers(output.value))) for output in _TOLD)
    told = [value for _, values in meanings for value in values]
    if not meanings[0][1] or not meanings[1][1]:
        raise OperatorError(f"{where}: on and off must each name a value; a source is not believed without")
    if len(set(told)) != len(told) or any(_word(value, where) & mask != value for value in told):
        raise OperatorError(f"{where}: each value must mean one thing, and lie inside the mask")
    function_code = _one_of(table, "function_code", read_function, (3, 4), where)
    register = Register("state", function_code, _address(table, "address", None, 1, where), "u16",
                        WordOrder.BIG, Decimal(1))  # fmt: skip
    return OutputState(register, mask, meanings)


_TOLD = (Output.ON, Output.OFF, Output.TRIPPED)


def _identity(raw: Any, read_function: int, where: str) -> Identity | None:
    if raw is None:
        return None
    table = Table(raw, _IdentityKeys, where)
    count = table.integer("count")
    if not 1 <= count <= _LONGEST_IDENTITY:
        raise OperatorError(f"{where}: count must be 1 to {_LONGEST_IDENTITY} registers, not {count}")
    function_code = _one_of(table, "function_code", read_function, (3, 4), where)
    return Identity(function_code, _address(table, "address", None, count, where), count)


def _one_of(table: Table, key: str, default: int, known: tuple[int, ...], where: str) -> int:
    value = table.integer(key, default)
    if value not in known:
        raise OperatorError(f"{where}: {key} must be {' or '.join(map(str, known))}, not {value}")
    return value


def _address(table: Table, key: str, default: int | None, words: int, where: str) -> int:
    address = table.integer(key, default)
    if not 0 <= address <= 0x10000 - words:
        raise OperatorError(f"{where}: {key} {address} is outside 0 to 65535")
    return address


def _word(value: int, where: str) -> int:
    if not 0 <= value <= 0xFFFF:
        raise OperatorError(f"{where}: {value} does not fit one register")
    return value
