"""The guard in front of every load source: the one door through which a load is applied, and a trip that latches.

Two threads meet here. The runner applies and removes; the panel's loop removes when a contact opens, at any instant,
also in the middle of an `apply` that a slow source has not answered yet. What must never happen is a load that is on
after the panel has removed it. So a trip is marked before anything is waited for; the source hears the removal at once
past an apply that is under way; an apply that finds the mark, before its command or after it, takes the load off too;
and the mark stays until the run has ended and somebody arms anew.

The order of the marks is the point, and none of them needs a lock to be read; they are set under one that nobody ever
waits behind:

    is_energised   True before the first command of a load goes out, False only after its removal came back
    tripped        set first of all, before the lock is asked for: whoever holds the lock sees it when it is done
    is_fed         what the timer of the contactor is fed by: a load that was announced, armed and not tripped
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from bench.errors import InstrumentError
from bench.ports import LoadSource
from calibration.load_points import LoadPoint
from calibration.quantities import Finding
from calibration.reasons import Reason, sentence

_NOT_STARTED = Finding(Reason.NOT_STARTED)
_HEARD_AGAIN_S = 0.005


class LoadRefusedError(InstrumentError):
    """The load is not applied, or was taken away; `finding` says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(sentence(finding.reason, finding.values, "en"))
        self.finding = finding


class GuardedSource:
    """A `LoadSource`. Any thread may call any method; `remove` twice is once more.

    announce: called when a load is about to be commanded, and not before `is_energised` says so.
    """

    def __init__(self, source: LoadSource, announce: Callable[[], None]) -> None:
        self._source = source
        self._announce = announce
        # A source that waits on the clock of virtual time turns the panel's loop in its own thread.
        self._lock = threading.RLock()
        self._marks = threading.Lock()
        self._is_armed = False
        self._why_not_armed = _NOT_STARTED
        self._is_energised = False
        self._is_announced = False
        self._is_applying = False
        self._applies = 0
        self._tripped: Finding | None = None

    @property
    def is_armed(self) -> bool:
        """Whether a load may be applied."""
        return self._is_armed

    @property
    def is_energised(self) -> bool:
        """Whether a load is, or may be, on."""
        return self._is_energised

    @property
    def tripped(self) -> Finding | None:
        return self._tripped

    @property
    def is_fed(self) -> bool:
        """Whether the contactor may be held."""
        return self._is_announced and self._is_armed and self._tripped is None

    def arm(self) -> None:
        """Somebody at the bench wants it energised."""
        with self._lock, self._marks:
            self._is_armed = True

    def disarm(self) -> None:
        """The run is over: nothing is applied until the next `arm`, and a trip has been heard."""
        with self._lock, self._marks:
            self._is_armed = False
            self._why_not_armed = _NOT_STARTED
            self._tripped = None

    def trip(self, finding: Finding) -> None:
        """Take the load off now, and let nothing be applied until somebody arms. Without arming nothing is on.

        Errors: InstrumentError where the source does not take it; the contactor's timer is fed no more all the same.
        """
        with self._marks:
            if not self._is_armed and not self._is_energised:
                return
            if self._tripped is None:
                self._tripped = finding
            elif not self._is_energised:
                return
            is_applying, applies = self._is_applying, self._applies
        self._source.remove()  # not behind the lock: an apply that is under way must hear it now
        if is_applying:
            self._remove_past_an_apply()
        with self._marks:
            if self._applies == applies:  # a load of the next run is none of this trip's
                self._is_energised = self._is_announced = False

    def _remove_past_an_apply(self) -> None:
        """An apply that looked for the mark just before it was set may reach the source only after the removal has been
        there: it hears another, until it is over."""
        while not self._lock.acquire(timeout=_HEARD_AGAIN_S):
            self._source.remove()
        try:
            self.remove()
        finally:
            self._lock.release()

    def interrupt(self, finding: Finding) -> None:
        """A trip where a load is on; without one the permission goes, so that it has to be armed anew.

        Errors: as of `trip`.
        """
        with self._marks:
            if not self._is_energised:
                self._is_armed, self._why_not_armed = False, finding
        # An apply that was asked for meanwhile has marked itself before it looked at the permission.
        if self._is_energised:
            self.trip(finding)

    def apply(self, load_point: LoadPoint) -> None:
        """Errors: LoadRefusedError (it is not armed, has tripped, or trips meanwhile); what the source raises."""
        with self._lock:
            self._require_permission()
            was_energised = self._is_energised
            # Before the command: one that fails half-way is a load, too.
            with self._marks:
                self._is_applying = self._is_energised = True
                self._applies += 1
            try:
                self._command(load_point, was_energised)
            finally:
                self._is_applying = False

    def _command(self, load_point: LoadPoint, was_energised: bool) -> None:
        """What was tripped or disarmed since the first look is found by the second: it came after the marks."""
        self._announce()
        try:
            self._require_permission()
        except LoadRefusedError:
            # The load of before, which this one was to follow, may be on yet.
            self._is_energised = was_energised and self._is_energised
            raise
        self._is_announced = True
        try:
            self._source.apply(load_point)
        except InstrumentError as error:
            # A source that hears a removal gives up what it was doing with an error of its own.
            if self._tripped is None:
                raise
            self.remove()
            raise LoadRefusedError(self._tripped) from error
        if self._tripped is not None:
            self.remove()
            raise LoadRefusedError(self._tripped)

    def _require_permission(self) -> None:
        if self._tripped is not None:
            raise LoadRefusedError(self._tripped)
        if not self._is_armed:
            raise LoadRefusedError(self._why_not_armed)

    def remove(self) -> None:
        with self._lock:
            self._source.remove()
            self._is_energised = self._is_announced = False

    def close(self) -> None:
        self._source.close()
