"""How people answer what the bench asks: `bench answer`, and lines typed at the terminal of `bench run`.

POSITION FIELD=VALUE ...    some fields of one position
all FIELD=VALUE ...         of every position that is asked
ok                          in the place of a field, or alone: every field that is still open is "ok"
skip POSITION WHY ...       only at the terminal of `bench run`: take a position out of the run
Enter                       only there: confirm what the bench waits for, such as a load that was set by hand
"""

from __future__ import annotations

import os
import re
import select
import shlex
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, NamedTuple, TextIO

from bench.errors import OperatorError
from bench.ports import LoadSource
from bench.refusals import RefusedError
from bench.run.desk import Desk, OpenDesk
from bench.run.said import held_lines, says_ok
from bench.safety.presses import By, Presses
from bench.terminal.questions import waiting_teller

if TYPE_CHECKING:
    from bench.process import MeasuringProcess

EVERYWHERE = "all"
SKIP = "skip"
_LOOK_EVERY_S = 0.2


class Said(NamedTuple):
    """For one position. rest_ok: what is open after these fields is ok."""

    fields: dict[str, str]
    rest_ok: bool = False


def answers_of(words: Sequence[str], positions: Sequence[str], fields: Sequence[str]) -> dict[str, Said]:
    """Position -> what is said of it. positions, fields: of the question. Errors: OperatorError, one line."""
    if len(words) == 1 and says_ok(words[0]):
        words = (EVERYWHERE, *words)
    if len(words) < 2:
        raise RefusedError("answer_with")
    position, *said = words
    where = list(positions) if position == EVERYWHERE and position not in positions else [position]
    answers: dict[str, str] = {}
    for word in said:
        if says_ok(word):
            continue
        name, *value = re.split("[=＝]", word, maxsplit=1)  # a Chinese keyboard types the wide one
        if not value or not name.strip() or not value[0].strip():
            raise RefusedError("no_answer", said=repr(word), fields=", ".join(fields))
        if (field := name.strip()) in answers:
            raise RefusedError("field_twice", field=field)
        answers[field] = value[0].strip()
    return {p: Said(dict(answers), any(map(says_ok, said))) for p in where}


class TerminalDesk:
    """Reads lines from the terminal of a run while it is entered as a context manager.

    skip: takes a position out of the run. presses: what an empty line confirms. tell: shows what is held after an
    answer, or why it was refused.
    """

    def __init__(
        self,
        desk: Desk,
        skip: Callable[[str, str], None],
        presses: Presses,
        terminal: TextIO,
        tell: Callable[[str], None],
        language: str,
    ) -> None:
        self._desk = desk
        self._skip = skip
        self._presses = presses
        self._descriptor = terminal.fileno()
        self._tell = tell
        self._language = language
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
                    # What is no UTF-8 comes to the desk as halves of surrogate pairs, and is refused there.
                    self._carry_out(_words(line.decode(errors="surrogateescape")))
                except RefusedError as refused:
                    self._tell(refused.in_language(self._language))
                except OperatorError as error:
                    self._tell(str(error))

    def _carry_out(self, words: Sequence[str]) -> None:
        if not words:
            if self._presses.is_asked:
                self._presses.confirm(By.TERMINAL)
            return
        if words[0] == SKIP:
            if len(words) < 3:
                raise RefusedError("how_to_skip")
            self._skip(words[1], " ".join(words[2:]))
            return
        if not isinstance(self._desk, OpenDesk) or (question := self._desk.question()) is None:
            raise RefusedError("asks_nothing")
        said = answers_of(words, question.positions, question.fields)
        held = {p: self._desk.answer(p, of_it.fields, rest_ok=of_it.rest_ok) for p, of_it in said.items()}
        for line in held_lines(held, self._language):
            self._tell(line)


@contextmanager
def energising(process: MeasuringProcess, tell: Callable[[str], None], language: str) -> Iterator[LoadSource]:
    """A source that may be used without a run; Enter on this terminal is the press where no button is wired.

    Errors: as of `MeasuringProcess.energising`.
    """
    terminal: AbstractContextManager[object] = nullcontext()
    if sys.stdin.isatty():
        desk = process.equipment.desk
        terminal = TerminalDesk(desk, process.skip, process.presses, sys.stdin, tell, language)
    with terminal, process.energising(waiting_teller(tell, language)) as source:
        yield source


def _words(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError as error:
        raise RefusedError("no_closing_quote", line=repr(line.strip()), why=error) from error
