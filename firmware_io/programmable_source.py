"""A programmable load source, over whatever wire: the order of its commands, and what proves each of them.

A load is applied in one order: output off and seen to be off, each value written and read back, output on and seen to
be on. Nothing is believed: a value that reads back otherwise, an output that does not follow, a reply that does not
come is an InstrumentError, and the run that hears it removes the load. Whether the load point is then *reached* the
reference standard decides, not the source.

Removing is one command, off, tried a few times over a connection that is opened anew each time, and it counts only
where the source then says that its output is off. It may be called from another thread than `apply`: an `apply` that is
under way is waited for, and switches nothing on.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol

from bench.errors import InstrumentError
from bench.ports import Clock
from calibration.load_points import LoadPoint
from calibration.quantities import NS_PER_S, Finding
from calibration.reasons import Reason
from firmware_io.source_values import SourceRange, values_of
from firmware_io.switching_off import switch_off

_LOOK_EVERY_S = 0.05


class Output(StrEnum):
    """What a source says of its output."""

    ON = "on"
    OFF = "off"
    TRIPPED = "tripped"
    UNKNOWN = "unknown"
    """It says something that its profile does not explain."""


class SourceDevice(Protocol):
    """The wire to one source. Errors of every method: InstrumentError, one line, where it is not confirmed."""

    @property
    def name(self) -> str:
        """Which source and where, for messages."""

    @property
    def range(self) -> SourceRange: ...

    @property
    def follows_within_s(self) -> float:
        """How long its output may take to follow a command."""

    @property
    def sets_within_s(self) -> float:
        """How long `set` takes at most, where every exchange just meets its time-out."""

    def identity(self) -> str:
        """What it says of itself; empty where its profile does not know how to ask."""

    def set(self, values: Mapping[str, float]) -> None:
        """Write what the profile writes of these, in its order, each read back."""

    def switch(self, *, on: bool) -> None:
        """Command the output."""

    def output(self) -> Output: ...

    def reopen(self) -> None:
        """Forget the connection; the next command opens it anew. Never fails."""


class ProgrammableSource:
    """A `LoadSource`. The constructor switches it off and reads who it is.

    Errors of the constructor: InstrumentError where it does not answer or its output does not go off.
    """

    def __init__(self, device: SourceDevice, clock: Clock) -> None:
        self._device = device
        self._clock = clock
        self._lock = threading.RLock()
        self._removals = 0
        self._is_off = False
        try:
            self.remove()  # before anything else: nobody knows what was left on
            self.identity = device.identity()
        except InstrumentError:
            device.reopen()
            raise

    def require(self, load_point: LoadPoint) -> None:
        """Errors: OperatorError where this model cannot make the load point."""
        self._device.range.require(load_point)

    def apply(self, load_point: LoadPoint) -> None:
        """Errors: OperatorError (not a load of this source), InstrumentError (not confirmed; the load may be on)."""
        self.require(load_point)
        removals = self._removals
        with self._lock:
            self._is_off = False
            self._command(on=False)
            self._device.set(values_of(load_point))
            self._command(on=True, removals=removals)

    @property
    def busy_s(self) -> float:
        """How long `apply` takes at most where it does not fail."""
        return self._device.sets_within_s + 2 * self._device.follows_within_s

    def remove(self) -> None:
        """Errors: InstrumentError that says to switch it off by hand."""
        self._removals += 1
        with self._lock:
            switch_off(lambda: self._command(on=False), "source", after_failure=self._device.reopen)
            self._is_off = True

    def fault(self) -> Finding | None:
        """What the source itself says against a load that it should be giving; asks it, for one time-out at most."""
        with self._lock:
            if self._is_off:
                return None
            try:
                said = self._device.output()
            except InstrumentError as error:
                return Finding(Reason.SOURCE_FAULT, {"detail": str(error)})
        if said is Output.ON:
            return None
        return Finding(Reason.SOURCE_FAULT, {"detail": f"{self._device.name}: its output is {said.value}"})

    def close(self) -> None:
        try:
            if not self._is_off:
                self.remove()
        finally:
            self._device.reopen()

    def _command(self, *, on: bool, removals: int | None = None) -> None:
        """Switch the output and wait until the source says that it has followed.

        removals: how many there had been; one that comes meanwhile is not kept waiting.
        """
        self._require_wanted(removals)
        wanted = Output.ON if on else Output.OFF
        self._device.switch(on=on)
        until_ns = self._clock.now_ns() + round(self._device.follows_within_s * NS_PER_S)
        while (said := self._device.output()) is not wanted:
            self._require_wanted(removals)
            now_ns = self._clock.now_ns()
            # A tripped source is off as far as its load goes, but it must not be taken for one that obeys.
            if now_ns >= until_ns or (on and said is Output.TRIPPED):
                raise InstrumentError(
                    f"{self._device.name}: its output was commanded {wanted.value} and is {said.value}; look at it"
                )
            self._clock.wait_until(min(now_ns + round(_LOOK_EVERY_S * NS_PER_S), until_ns))

    def _require_wanted(self, removals: int | None) -> None:
        if removals is not None and self._removals != removals:
            raise InstrumentError(f"{self._device.name}: the load was taken away while it was being set")
