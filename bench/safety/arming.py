"""Before a load is applied: nothing in the way, and somebody at the bench who wants it.

After a start of the process nothing is armed. The first load of a run needs a press: of the start button where one is
wired, else the `bench start` or `bench run` on the console beside the bench is it (not the start of a witnessed case,
which may come from anywhere). A bench that was disarmed since, because the cover was opened between two loads, needs a
press of its own in either case, and so does one whose cover was open when the load was asked for: a cover that is
closed again must not switch a load on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from bench.ports import Clock
from bench.safety.guarded_source import GuardedSource, LoadRefusedError
from bench.safety.presses import By, Press, Presses, What
from calibration.quantities import NS_PER_S, Finding
from calibration.reasons import Reason

_LOOK_EVERY_S = 0.2


@dataclass(frozen=True, slots=True)
class Waiting:
    """What the bench waits for, for page and terminal.

    by: what can confirm it; why_not: what is in the way of it; until_ns: when it gives up.
    """

    what: What
    by: tuple[By, ...]
    why_not: Finding | None
    until_ns: int


class Contacts(Protocol):
    """What the panel's loop knows."""

    @property
    def why_not(self) -> Finding | None:
        """What is in the way of a load."""


class NoContacts:
    """Of a bench without a panel."""

    why_not = None


Wait = Callable[[float], None]
"""Waits so many seconds on the bench's clock; ends early where the run is stopped."""
Show = Callable[[Waiting | None], None]


class Arming:
    """start_within_s: how long a press is waited for before a load; load_within_s: how long for a load set by hand."""

    def __init__(
        self,
        guard: GuardedSource,
        presses: Presses,
        contacts: Contacts,
        clock: Clock,
        start_within_s: float,
        load_within_s: float,
    ) -> None:
        self._guard = guard
        self._presses = presses
        self._contacts = contacts
        self._clock = clock
        self._within_s = {What.START: start_within_s, What.LOAD: load_within_s}

    def arm(self, wait_s: Wait, show: Show, *, is_first: bool) -> Press | None:
        """Arm the bench; None where it is armed already. is_first: what asked for the run is a press, too.

        Errors: LoadRefusedError where nobody came in time; what `wait_s` raises.
        """
        if self._guard.is_armed:
            return None
        needs_press = self._presses.has_start_button or not is_first
        while True:
            press = self._wait_for(What.START, wait_s, show, needs_press=needs_press)
            self._guard.arm()
            if self._contacts.why_not is None:
                return press
            self._guard.disarm()  # one opened between the look at it and the arming
            needs_press = True

    def confirm_load(self, wait_s: Wait, show: Show) -> Press:
        """Wait until somebody says that the load is set. Errors: as of `arm`."""
        return self._wait_for(What.LOAD, wait_s, show, needs_press=True)

    def _wait_for(self, what: What, wait_s: Wait, show: Show, *, needs_press: bool) -> Press:
        presses, clock = self._presses, self._clock
        until_ns = clock.now_ns() + round(self._within_s[what] * NS_PER_S)
        presses.ask(what)
        try:
            while True:
                why_not = self._contacts.why_not
                needs_press = needs_press or why_not is not None
                by = presses.pressed() if needs_press else By.CONSOLE
                if by is not None and why_not is None:
                    return Press(by, clock.now_ns())
                if why_not is not None:
                    presses.forget()
                if clock.now_ns() >= until_ns:
                    reason = Reason.NOT_STARTED if what is What.START else Reason.LOAD_NOT_CONFIRMED
                    raise LoadRefusedError(why_not or Finding(reason))
                show(Waiting(what, presses.ways, why_not, until_ns))
                wait_s(_LOOK_EVERY_S)
        finally:
            presses.withdraw()
            show(None)
