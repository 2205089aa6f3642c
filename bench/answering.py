"""How people answer what the bench asks: `bench answer`, and lines typed at the terminal of `bench run`.

POSITION FIELD=VALUE ...    some fields of one position
all FIELD=VALUE ...         of every position that is asked
POSITION ok, all ok, ok     every asked field is "ok"
skip POSITION WHY ...       only at the terminal of `bench run`: take a position out of the run
"""

from __future__ import annotations

import os
import select
import shlex
import threading
from collections.abc import Callable, Sequence
from typing import TextIO

from bench.desk import Desk, OpenDesk
from bench.errors import OperatorError
from bench.methods.visual import OK

EVERYWHERE = "all"
SKIP = "skip"
_LOOK_EVERY_S = 0.2


def answers_of(
    words: Sequence[str], positions: Sequence[str], fields: Sequence[str]
) -> dict[str, dict[str, str]]:
    """Position -> field -> answer. positions, fields: of the question. Errors: OperatorError, one line."""
    if list(words) == [OK]:
        words = (EVERYWHERE, OK)
    if len(words) < 2:
        raise OperatorError("answer with a position (or all) and FIELD=VALUE for each field, or ok")
    position, *said = words
    where = list(positions) if position == EVERYWHERE and position not in positions else [position]
    if said == [OK]:
        return {p: dict.fromkeys(fields, OK) for p in where}
    answers = {}
    for word in said:
        name, equals, value = word.partition("=")
        if not equals or not name or not value.strip():
            raise OperatorError(f"{word!r} is no answer; write FIELD=VALUE, fields are {', '.join(fields)}")
        answers[name] = value.strip()
    return {p: dict(answers) for p in where}


class TerminalDesk:
    """Reads lines from the terminal of a run while it is entered as a context manager.

    skip: takes a position out of the run. tell: shows a line that was refused, and why.
    """

    def __init__(
        self, desk: Desk, skip: Callable[[str, str], None], terminal: TextIO, tell: Callable[[str], None]
    ) -> None:
        self._desk = desk
        self._skip = skip
        self._descriptor = terminal.fileno()
        self._tell = tell
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._read, name="answers", daemon=True)

    def __enter__(self) -> TerminalDesk:
        self._thread.start()
        return self

    def __exit__(self, *unused: object) -> None:
        self._end.set()
        self._thread.join()

    def _read(self) -> None:
        typed = b""
        while not self._end.is_set():
            ready, _, _ = select.select([self._descriptor], [], [], _LOOK_EVERY_S)
            if not ready:
                continue
            # Not through the text stream: lines in its buffer would not wake the next select.
            if not (data := os.read(self._descriptor, 4096)):
                return
            *lines, typed = (typed + data).split(b"\n")
            for line in lines:
                try:
                    self._carry_out(_words(line.decode(errors="replace")))
                except OperatorError as error:
                    self._tell(str(error))

    def _carry_out(self, words: Sequence[str]) -> None:
        if not words:
            return
        if words[0] == SKIP:
            if len(words) < 3:
                raise OperatorError("write skip, the position and why it is taken out of the run")
            self._skip(words[1], " ".join(words[2:]))
            return
        if not isinstance(self._desk, OpenDesk) or (question := self._desk.question()) is None:
            raise OperatorError("the bench asks nothing just now")
        for position, fields in answers_of(words, question.positions, question.fields).items():
            self._desk.answer(position, fields)


def _words(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError as error:
        raise OperatorError(f"{line.strip()!r} cannot be read ({error}); close the quotation mark") from error
