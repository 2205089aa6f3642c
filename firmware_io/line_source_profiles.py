"""Profiles of programmable load sources with a command language of lines: one TOML file a model.

docs/load-sources.md describes the keys; `source_profiles/demo-line-source.toml` is a complete example.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, TypeVar

from bench.errors import OperatorError
from firmware_io.line_source_templates import Answer, Command, parse_answer, parse_command
from firmware_io.programmable_source import Output
from firmware_io.source_profiles import pause, read_range
from firmware_io.source_values import FIELDS, WITHIN_PCT, SourceRange
from firmware_io.toml_table import Table, parse_document

T = TypeVar("T")
_TERMINATORS = ("\n", "\r", "\r\n")


@dataclass(frozen=True, slots=True)
class LineSetting:
    """One command that sets, and the question and answer that read it back. within: how far each number may be off."""

    send: Command
    ask: Command
    reply: Answer
    within: float


@dataclass(frozen=True, slots=True)
class LineSourceProfile:
    """A model of source. settings: in the order in which they are sent.

    acknowledge: what a command is answered with; None where it is not answered. meanings: answers to `state`. error:
    the question for the oldest error, and no_error the answers that mean none. silence_s, follows_within_s, unsure: as
    of `ModbusSourceProfile`.
    """

    range: SourceRange
    source: str
    terminator: bytes
    reply_terminator: bytes
    silence_s: float
    follows_within_s: float
    acknowledge: Answer | None
    settings: tuple[LineSetting, ...]
    on: Command
    off: Command
    state: Command
    meanings: tuple[tuple[Output, Answer], ...]
    error: Command | None
    no_error: tuple[Answer, ...]
    identity: Command | None
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
    terminator: str
    reply_terminator: str
    acknowledge: str
    silence_s: float
    follows_within_s: float
    unsure: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _SetKeys:
    """Keys of [[set]]."""

    send: str
    ask: str
    reply: str
    within: float
    source: str
    unsure: bool


@dataclass(frozen=True, slots=True)
class _OutputKeys:
    """Keys of [output]."""

    on: str
    off: str
    source: str


@dataclass(frozen=True, slots=True)
class _StateKeys:
    """Keys of [state]."""

    ask: str
    on: tuple[str, ...]
    off: tuple[str, ...]
    tripped: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class _ErrorKeys:
    """Keys of [error]."""

    ask: str
    none: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class _IdentityKeys:
    """Keys of [identity]."""

    ask: str
    source: str


def parse_line_source(text: str, name: str, within_pct: float = WITHIN_PCT) -> LineSourceProfile:
    """The profile written in `text`; `name` is for its error messages; within_pct: as of `SourceRange`.

    Errors: OperatorError.
    """
    where = f"profile {name}"
    document = parse_document(
        text, name, ("profile", "limits", "set", "output", "state", "error", "identity")
    )
    head = Table(document.get("profile", {}), _Head, f"{where}: [profile]")
    for key in ("maker", "model"):
        head.text(key)
    rows = document.get("set", [])
    if not isinstance(rows, list):
        raise OperatorError(f"{where}: set must be a list of tables, [[set]]")
    settings = tuple(_setting(raw, f"{where}: [[set]] no. {number}") for number, raw in enumerate(rows, 1))
    fields = [field for setting in settings for field in setting.send.fields]
    if len(set(fields)) != len(fields):
        raise OperatorError(f"{where}: a quantity is set twice; name each once")
    steps = {field: step for setting in settings for field, step in setting.send.steps.items()}
    output = Table(document.get("output", {}), _OutputKeys, f"{where}: [output]")
    state = Table(document.get("state", {}), _StateKeys, f"{where}: [state]")
    error = _optional(document, "error", _ErrorKeys, where)
    identity = _optional(document, "identity", _IdentityKeys, where)
    acknowledge = head.text("acknowledge", "")
    unsure_rows = (number for number, raw in enumerate(rows, 1) if raw.get("unsure"))
    return LineSourceProfile(
        range=read_range(document.get("limits", {}), name, steps, within_pct),
        source=head.text("source"),
        terminator=_terminator(head, "terminator", f"{where}: [profile]"),
        reply_terminator=_terminator(head, "reply_terminator", f"{where}: [profile]"),
        silence_s=pause(head, "silence_s", 0.0, f"{where}: [profile]"),
        follows_within_s=pause(head, "follows_within_s", 2.0, f"{where}: [profile]"),
        acknowledge=_answers((acknowledge,), f"{where}: [profile]")[0] if acknowledge else None,
        settings=settings,
        on=_plain(output, "on", f"{where}: [output]"),
        off=_plain(output, "off", f"{where}: [output]"),
        state=_plain(state, "ask", f"{where}: [state]"),
        meanings=_meanings(state, f"{where}: [state]"),
        error=None if error is None else _plain(error, "ask", f"{where}: [error]"),
        no_error=() if error is None else _told(error, "none", f"{where}: [error]"),
        identity=None if identity is None else _plain(identity, "ask", f"{where}: [identity]"),
        unsure=(*head.texts("unsure"), *(f"set no. {number}" for number in unsure_rows)),
    )


def _setting(raw: Any, where: str) -> LineSetting:
    table = Table(raw, _SetKeys, where)
    table.flag("unsure")
    send = _parsed(parse_command, table.text("send"), FIELDS, where)
    reply = _parsed(parse_answer, table.text("reply"), FIELDS, where)
    if not send.fields:
        raise OperatorError(f"{where}: send tells no quantity; write one in it, such as {{voltage_V:.3f}}")
    if set(reply.fields) != set(send.fields):
        raise OperatorError(f"{where}: reply must have the quantities of send: {', '.join(send.fields)}")
    within = table.number("within") or 0.0
    if within < 0.0:
        raise OperatorError(f"{where}: within must not be below 0")
    return LineSetting(send, _plain(table, "ask", where), reply, within)


def _meanings(state: Table, where: str) -> tuple[tuple[Output, Answer], ...]:
    """A trip is looked for first, then off: an answer that could be both must not count as a load that is on."""
    told = {
        output: _answers(state.texts(output.value), where)
        for output in (Output.TRIPPED, Output.OFF, Output.ON)
    }
    if not told[Output.ON] or not told[Output.OFF]:
        raise OperatorError(f"{where}: on and off must each name an answer; a source is not believed without")
    return tuple((output, answer) for output, answers in told.items() for answer in answers)


def _told(table: Table, key: str, where: str) -> tuple[Answer, ...]:
    answers = _answers(table.texts(key), where)
    if not answers:
        raise OperatorError(f"{where}: {key} must name an answer")
    return answers


def _answers(texts: tuple[str, ...], where: str) -> tuple[Answer, ...]:
    return tuple(_parsed(parse_answer, text, (), where) for text in texts)


def _plain(table: Table, key: str, where: str) -> Command:
    """A command without a number in it."""
    return _parsed(parse_command, table.text(key), (), where)


def _parsed(parse: Callable[[str, Collection[str]], T], text: str, known: Collection[str], where: str) -> T:
    try:
        return parse(text, known)
    except ValueError as error:
        raise OperatorError(f"{where}: {error}") from error


def _optional(document: dict[str, Any], section: str, keys: type, where: str) -> Table | None:
    return Table(document[section], keys, f"{where}: [{section}]") if section in document else None


def _terminator(head: Table, key: str, where: str) -> bytes:
    text = head.text(key, "\n")
    if text not in _TERMINATORS:
        raise OperatorError(
            f"{where}: {key} must be one of {', '.join(map(repr, _TERMINATORS))}, not {text!r}"
        )
    return text.encode("ascii")
