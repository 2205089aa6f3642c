"""The loop of the panel: the contacts, the feed of the contactor's timer, the tower lamp and the buzzer.

One turn, in this order: read the contacts; if one of them, a panel that cannot be read, a load that has lasted too
long, or a loop that hangs says so, take the load off; feed the timer if a load may still be on; then buttons and lamps.
Nothing stands between a contact that has opened and the removal, and a turn that removes a load feeds nothing.

A safety contact acts on its first reading: a contact that bounces open has been open. Only the buttons are debounced. A
panel that fails is never taken for one whose contacts are closed.

The lamp follows what was published. It is lit in the thread that publishes, because `live voltage` must be lit before
the load is applied and not a turn later.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable

from bench.canonical import JsonObject
from bench.errors import InstrumentError
from bench.ports import Lamp, Panel, PanelInputs
from bench.safety.guarded_source import GuardedSource
from bench.safety.lamp import events_of
from bench.safety.liveness import Liveness
from bench.safety.presses import Presses
from calibration.quantities import NS_PER_S, Finding
from calibration.reasons import Reason

PERIOD_S = 0.02
_SOUNDS_S = 0.4


class PanelLoop:
    """A `Loop` (bench/measurement/loops.py).

    overdue: why a load has lasted too long at an instant. on_stop: ends the run, as `bench stop` does; called in this
    loop's thread.
    """

    name = "panel"

    def __init__(
        self,
        panel: Panel,
        guard: GuardedSource,
        presses: Presses,
        liveness: Liveness,
        overdue: Callable[[int], Finding | None],
        on_stop: Callable[[], object],
    ) -> None:
        self.period_ns = round(PERIOD_S * NS_PER_S)
        self._panel = panel
        self._guard = guard
        self._presses = presses
        self._liveness = liveness
        self._overdue = overdue
        self._on_stop = on_stop
        self._lock = threading.Lock()
        self._start, self._stop = _Button(), _Button()
        self._shown: tuple[Lamp, bool] | None = None
        self._lamp = Lamp.IDLE
        self._failure = ""
        """What feeding or lighting met with; the next reading fails with it."""
        self._events = 0
        self._sounds_until_ns = 0
        try:
            self._why_not = _open_contact(self._read())
        except InstrumentError as error:
            self._why_not = _unread(error)

    def interval_ns(self) -> int:
        return self.period_ns

    @property
    def why_not(self) -> Finding | None:
        """What the last reading has against applying a load."""
        return self._why_not

    def turn(self, now_ns: int) -> None:
        try:
            self._turn(now_ns)
        except BaseException:
            # A defect ends this loop; the runner may be busy and find it late, so nothing is left on.
            with contextlib.suppress(Exception):
                self._guard.trip(Finding(Reason.LOOP_STALLED, {"loop": self.name}))
            raise

    def _turn(self, now_ns: int) -> None:
        try:
            inputs = self._read()
        except InstrumentError as error:
            self._why_not = _unread(error)
            self._take_off(self._guard.trip, self._why_not)
            self._presses.forget()
            return
        self._why_not = _open_contact(inputs)
        self._act(self._why_not, now_ns)
        if self._guard.is_fed:
            self._feed()
        if self._start.is_pressed_anew(inputs.start_pressed):
            self._presses.press_button()
        if self._why_not is not None:
            self._presses.forget()  # pressed with a contact open: closing it must not switch anything on
        if self._stop.is_pressed_anew(inputs.stop_pressed):
            self._on_stop()
        self._light(now_ns)

    def _read(self) -> PanelInputs:
        with self._lock:
            if self._failure:
                failure, self._failure = self._failure, ""
                raise InstrumentError(failure)
            return self._panel.read()

    def _act(self, contact: Finding | None, now_ns: int) -> None:
        guard = self._guard
        if contact is not None and contact.reason is Reason.COVER_OPENED:
            self._take_off(guard.interrupt, contact)
        elif contact is not None:
            self._take_off(guard.trip, contact)
        elif guard.is_energised and guard.tripped is not None:  # the source has not taken it yet
            self._take_off(guard.trip, guard.tripped)
        elif guard.is_energised and (overdue := self._overdue(now_ns)) is not None:
            self._take_off(guard.trip, overdue)
        elif guard.is_energised and (silent := self._liveness.silent(now_ns)):
            self._take_off(guard.trip, Finding(Reason.LOOP_STALLED, {"loop": silent[0]}))

    def _take_off(self, how: Callable[[Finding], None], finding: Finding) -> None:
        """A source that does not take it is told again in the next turn, and by the runner, who reports it. The
        contactor's timer gets no edge meanwhile."""
        with contextlib.suppress(InstrumentError):
            how(finding)

    def _feed(self) -> None:
        with self._lock:
            try:
                self._panel.feed()
            except InstrumentError as error:
                self._failure = str(error)

    # --- the tower

    def follow(self, sequence: int, patch: JsonObject, state: JsonObject) -> None:
        """A listener of the live state; lights what was published before it returns."""
        if self._events < (events := events_of(state)):
            self._sounds_until_ns = state["clock"]["monotonic_ns"] + round(_SOUNDS_S * NS_PER_S)
        self._events = events
        self._lamp = Lamp(state["lamp"])
        self._light(state["clock"]["monotonic_ns"])
        if self._failure:  # no load comes on behind a tower that does not say so
            self._take_off(self._guard.trip, _unread(InstrumentError(self._failure)))

    def _light(self, now_ns: int) -> None:
        with self._lock:
            wanted = (self._lamp, now_ns < self._sounds_until_ns)
            if wanted == self._shown:
                return
            try:
                self._panel.show(*wanted)
                self._shown = wanted
            except InstrumentError as error:
                self._failure = str(error)


def _unread(error: InstrumentError) -> Finding:
    return Finding(Reason.PANEL_FAILED, {"detail": str(error)})


def _open_contact(inputs: PanelInputs) -> Finding | None:
    if inputs.emergency_stop_pressed:
        return Finding(Reason.EMERGENCY_STOP_PRESSED)
    if inputs.cover_open:
        return Finding(Reason.COVER_OPENED)
    return None


class _Button:
    """A button that bounces: pressed or released when two readings in a row say so."""

    def __init__(self) -> None:
        # As if it had been pressed: one that is held down from the start has not been pressed anew.
        self._is_pressed = True
        self._last = True

    def is_pressed_anew(self, level: bool) -> bool:
        was_pressed = self._is_pressed
        if level == self._last:
            self._is_pressed = level
        self._last = level
        return self._is_pressed and not was_pressed
