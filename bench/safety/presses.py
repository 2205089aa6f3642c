"""What the bench waits for a person to confirm: one mechanism for the press that arms and for a load set by hand.

Whoever stands at the bench confirms with the start button, with Enter on the terminal of `bench run`, or with
`bench confirm` on a console beside it. Arming takes the button alone where one is wired. A press counts only while it
is waited for, so one that came before, or that somebody leans on, arms nothing.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from enum import StrEnum

from bench.refusals import RefusedError


class What(StrEnum):
    START = "start"
    """Arm the bench: a load may be applied from now on."""
    LOAD = "load"
    """The load that was asked for has been set by hand."""
    REST = "rest"
    """Nobody: the bench rests after a high current, until time has passed."""


class By(StrEnum):
    """Who or what confirmed."""

    START_BUTTON = "start_button"
    TERMINAL = "terminal"
    """Of `bench run`."""
    CONSOLE = "console"
    """`bench confirm`, or, where no button is wired, the `bench start` or `bench run` that asked for the load."""


@dataclass(frozen=True, slots=True)
class Press:
    """at_ns: on the bench clock."""

    by: By
    at_ns: int


class Presses:
    """Asked by one thread, pressed by any."""

    def __init__(self, *, has_start_button: bool) -> None:
        self.has_start_button = has_start_button
        self._lock = threading.Lock()
        self._asked: What | None = None
        self._by: By | None = None

    def ask(self, what: What) -> None:
        """From now on a press counts."""
        with self._lock:
            self._asked, self._by = what, None

    @property
    def is_asked(self) -> bool:
        return self._asked is not None

    @property
    def ways(self) -> tuple[By, ...]:
        """What can confirm what is asked."""
        if not self.has_start_button:
            return (By.TERMINAL, By.CONSOLE)
        if self._asked is What.START:
            return (By.START_BUTTON,)
        return tuple(By)

    def pressed(self) -> By | None:
        """Who has confirmed what was asked last."""
        return self._by

    def forget(self) -> None:
        """What was pressed does not count: something was in the way of it. It is still asked for."""
        with self._lock:
            self._by = None

    def withdraw(self) -> None:
        with self._lock:
            self._asked = self._by = None

    def confirm(self, by: By) -> None:
        """Errors: RefusedError where nothing is waited for, or the button is."""
        with self._lock:
            if self._asked is None:
                raise RefusedError("waits_for_nothing")
            if by not in self.ways:
                raise RefusedError("press_the_button")
            self._by = self._by or by

    def press_button(self) -> None:
        """The start button; a press that nobody waits for says nothing."""
        with self._lock:
            if self._asked is not None:
                self._by = self._by or By.START_BUTTON
