"""Progress of a run on the terminal: the same live state as the page, in a few lines of rich."""

from __future__ import annotations

from rich.console import Console
from rich.live import Live
from rich.text import Text

from bench.canonical import JsonObject
from bench.control.live import LiveState
from bench.terminal.questions import question_lines, waiting_line
from bench.terminal.result_text import result_cells
from bench.terminal.state_view import StateView
from bench.terminal.words import point_word, word


class RunProgress:
    """Shows the live state while it is entered as a context manager. language: zh or en.

    While the bench asks something the display stands still, so that an answer can be typed under it.
    can_type: whether the answer is typed at this very terminal. Where the output goes to a file, a line tells each test
    point as it is finished, and what a person at the bench is waited for.
    """

    def __init__(self, live: LiveState, console: Console, language: str, *, can_type: bool = False) -> None:
        self._state = live
        self._language = language
        self._console = console
        self._can_type = can_type
        self._question: JsonObject | None = None
        self._done: set[str] = set()
        self._waiting: str | None = None
        self._view = StateView(console, language, None if can_type else "")
        self._display = self._new_display(live.snapshot()[1])

    def __enter__(self) -> RunProgress:
        self._display.start()
        self._state.listen(self._on_change)
        return self

    def __exit__(self, *unused: object) -> None:
        self._state.stop_listening(self._on_change)
        self._display.update(self._view.render(self._state.snapshot()[1]), refresh=True)
        self._display.stop()
        if not self._console.is_terminal:
            self._console.line()

    def _new_display(self, state: JsonObject) -> Live:
        return Live(self._view.render(state), console=self._console, auto_refresh=False, transient=False)

    def _on_change(self, sequence: int, patch: JsonObject, state: JsonObject) -> None:
        question = state.get("question")
        if question is not None:
            if question != self._question:
                self._ask(question)
            return
        if self._question is not None:
            self._question = None
            self._display = self._new_display(state)
            self._display.start()
        if patch.keys() - {"clock"}:
            self._display.update(self._view.render(state), refresh=True)
        if not self._console.is_terminal:
            self._tell_waiting(state)
            self._tell_done(state)

    def _tell_waiting(self, state: JsonObject) -> None:
        waits_for = state.get("waits_for")
        line = None if waits_for is None else waiting_line(waits_for, self._language, "")
        if line is not None and line != self._waiting:
            self._console.print(Text(line), soft_wrap=True)
        self._waiting = line

    def _tell_done(self, state: JsonObject) -> None:
        """A line for each test point that all its positions have finished: a file shows no display that changes."""
        for key, point in state["points"].items():
            shown = {p: state["positions"][p]["results"].get(key) for p in point["positions"]}
            if key not in self._done and all(shown.values()):
                self._done.add(key)
                verdicts = ", ".join(
                    f"{p} {' '.join((result_cells(r)[0], word(r['verdict'], self._language)))}"
                    for p, r in shown.items()
                    if r is not None
                )
                line = f"{point_word(point, self._language)}: {verdicts}"
                self._console.print(Text(line), soft_wrap=True)

    def _ask(self, question: JsonObject) -> None:
        if self._question is None:
            self._display.stop()
        self._question = question
        for line in question_lines(question, self._language, None if self._can_type else ""):
            self._console.print(Text(line, style="bold"))
