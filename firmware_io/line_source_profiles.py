"""Profiles of programmable load sources with a command language of lines: one TOML file a model.

docs/load-sources.md describes the keys; `source_profiles/demo-line-source.toml` is a complete example.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TypeVar

from bench.errors import OperatorError
from bench.toml_reader import setting
from firmware_io.line_source_templates import Answer, Command, parse_answer, parse_command
from firmware_io.profile_files import parse_profile_file
from firmware_io.programmable_source import Output
from firmware_io.source_profiles import SourceHead, SourceProfile, source_range
from firmware_io.source_values import FIELDS, WITHIN_PCT, SourceLimits

T = TypeVar("T")
_TERMINATORS = ("\n", "\r", "\r\n")


@dataclass(frozen=True, slots=True)
class LineSetting:
    """One command that sets, and the question and answer that read it back. within: how far each number may be off."""

    send: Command
    ask: Command
    reply: Answer
    within: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSourceProfile(SourceProfile):
    """settings: in the order in which they are sent.

    acknowledge: what a command is answered with; None where it is not answered. meanings: answers to `state`. error:
    the question for the oldest error, and no_error the answers that mean none.
    """

    terminator: bytes
    reply_terminator: bytes
    acknowledge: Answer | None
    settings: tuple[LineSetting, ...]
    on: Command
    off: Command
    state: Command
    meanings: tuple[tuple[Output, Answer], ...]
    error: Command | None
    no_error: tuple[Answer, ...]
    identity: Command | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head(SourceHead):
    terminator: str = setting("ends what is sent", "\n", choices=_TERMINATORS)
    reply_terminator: str = setting("ends what is answered", "\n", choices=_TERMINATORS)
    acknowledge: str | None = setting("what every command is answered with", None)


@dataclass(frozen=True, slots=True)
class _SetTable:
    """[[set]]"""

    send: str = setting("the command")
    ask: str = setting("the question that reads it back")
    reply: str = setting("its answer")
    within: float = setting("how far each number may be off", 0.0, low=0.0)
    source: str = ""
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class _OutputTable:
    """[output]"""

    on: str = setting("the command")
    off: str = setting("the command")
    source: str = ""


@dataclass(frozen=True, slots=True)
class _StateTable:
    """[state]"""

    ask: str = setting("the question")
    on: tuple[str, ...] = setting("answers")
    off: tuple[str, ...] = setting("answers")
    tripped: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class _ErrorTable:
    """[error]"""

    ask: str = setting("the question for the oldest error")
    none: tuple[str, ...] = setting("answers that mean there is none")
    source: str = ""


@dataclass(frozen=True, slots=True)
class _IdentityTable:
    """[identity]"""

    ask: str = setting("the question")
    source: str = ""


@dataclass(frozen=True, slots=True)
class _File:
    profile: _Head = setting("the table of the model")
    limits: SourceLimits = setting("what it can make")
    set: tuple[_SetTable, ...] = setting("what is set, in order")
    output: _OutputTable = setting("what switches it")
    state: _StateTable = setting("what says that it is off")
    error: _ErrorTable | None = None
    identity: _IdentityTable | None = None


def parse_line_source(text: str, name: str, within_pct: float = WITHIN_PCT) -> LineSourceProfile:
    """The profile written in `text`; `name` is for its error messages; within_pct: as of `SourceRange`.

    Errors: OperatorError.
    """
    file, where = parse_profile_file(_File, text, name), f"profile {name}"
    head, error, identity = file.profile, file.error, file.identity
    settings = tuple(
        _setting(table, f"{where}: set no. {number}") for number, table in enumerate(file.set, 1)
    )
    told = (step for each in settings for step in each.send.steps.items())
    unsure_rows = (number for number, table in enumerate(file.set, 1) if table.unsure)
    return LineSourceProfile(
        range=source_range(file.limits, name, told, within_pct),
        source=head.source,
        silence_s=head.silence_s,
        follows_within_s=head.follows_within_s,
        unsure=(*head.unsure, *(f"set no. {number}" for number in unsure_rows)),
        terminator=head.terminator.encode("ascii"),
        reply_terminator=head.reply_terminator.encode("ascii"),
        acknowledge=None if head.acknowledge is None else _answer(head.acknowledge, f"{where}: profile"),
        settings=settings,
        on=_plain(file.output.on, f"{where}: output"),
        off=_plain(file.output.off, f"{where}: output"),
        state=_plain(file.state.ask, f"{where}: state"),
        meanings=_meanings(file.state, f"{where}: state"),
        error=None if error is None else _plain(error.ask, f"{where}: error"),
        no_error=() if error is None else _no_error(error, f"{where}: error"),
        identity=None if identity is None else _plain(identity.ask, f"{where}: identity"),
    )


def _setting(table: _SetTable, where: str) -> LineSetting:
    send = _parsed(parse_command, table.send, FIELDS, where)
    reply = _parsed(parse_answer, table.reply, FIELDS, where)
    if not send.fields:
        raise OperatorError(f"{where}: send tells no quantity; write one in it, such as {{voltage_V:.3f}}")
    if set(reply.fields) != set(send.fields):
        raise OperatorError(f"{where}: reply must have the quantities of send: {', '.join(send.fields)}")
    return LineSetting(send, _plain(table.ask, where), reply, table.within)


def _meanings(table: _StateTable, where: str) -> tuple[tuple[Output, Answer], ...]:
    """A trip is looked for first, then off: an answer that could be both must not count as a load that is on."""
    if not table.on or not table.off:
        raise OperatorError(f"{where}: on and off must each name an answer; a source is not believed without")
    return tuple(
        (output, _answer(text, where))
        for output in (Output.TRIPPED, Output.OFF, Output.ON)
        for text in getattr(table, output)
    )


def _no_error(table: _ErrorTable, where: str) -> tuple[Answer, ...]:
    if not table.none:
        raise OperatorError(f"{where}: none must name an answer")
    return tuple(_answer(text, where) for text in table.none)


def _answer(text: str, where: str) -> Answer:
    """An answer without a number in it."""
    return _parsed(parse_answer, text, (), where)


def _plain(text: str, where: str) -> Command:
    """A command without a number in it."""
    return _parsed(parse_command, text, (), where)


def _parsed(parse: Callable[[str, Collection[str]], T], text: str, known: Collection[str], where: str) -> T:
    try:
        return parse(text, known)
    except ValueError as error:
        raise OperatorError(f"{where}: {error}") from error
