"""A load source of relays that switch fixed loads, behind one contactor that switches the voltage.

Relays choose while they are dead, the contactor makes and breaks: a load is applied by opening everything, waiting
until it is open, closing the relays of a combination, waiting until they are closed, and closing the contactor; it is
removed by opening the contactor first and the relays after it. So two loads never overlap, relays do not break a
current, and voltage alone is the contactor without a relay.

A relay says nothing of itself. What is read back is the level of the line; whether the load is there the reference
standard says. And a line that this process lets go of stays as it is on a Raspberry Pi (raspberrypi/linux#6117): all
lines are switched off before they are released, and the contactor's hardware timer is there for a killed process.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

from bench.errors import InstrumentError, OperatorError
from bench.ports import Clock
from calibration.fixed_loads import FixedLoad, combinations, nearest, neighbours
from calibration.load_points import LoadPoint
from calibration.nameplate import Direction, Quantity, Wiring
from calibration.quantities import NS_PER_S
from firmware_io.gpio_chips import CHIP_LABELS
from firmware_io.gpiozero_pins import GpiozeroPins
from firmware_io.switching_off import switch_off


@dataclass(frozen=True, slots=True)
class Switch:
    """A line that holds a relay or a contactor closed. line: GPIO number or a name such as GPIO17."""

    line: int | str
    active_high: bool = True


@dataclass(frozen=True, slots=True)
class BankRange:
    """What a bank can make. within_pct: how near a combination must come to a load point's current; highest_current_A:
    what none may exceed, though the load point does not."""

    loads: tuple[FixedLoad, ...]
    voltage_V: float
    within_pct: float
    highest_current_A: float = inf

    def require(self, load_point: LoadPoint) -> None:
        """Errors: OperatorError, one line, where no combination makes the load point; names the nearest ones."""
        self.choose(load_point)

    def choose(self, load_point: LoadPoint) -> tuple[int, ...]:
        """The relays to close, by index. Errors: as of `require`."""
        if (why := self._why_never(load_point)) is not None:
            raise OperatorError(
                f"load point {load_point.name}: {why}; take it out of the plan, or use another source"
            )
        if load_point.current_A == 0.0:
            return ()
        all_made = combinations(self.loads, load_point.power_factor, load_point.phase_side)
        made = [c for c in all_made if c.current_A <= self.highest_current_A]
        best = nearest(made, load_point.current_A)
        if abs(best.current_A / load_point.current_A - 1.0) * 100.0 <= self.within_pct:
            return best.loads
        near = " and ".join(f"{c.current_A:g} A" for c in neighbours(made, load_point.current_A))
        said = f"the nearest are {near}" if near else "no relay has this power factor"
        raise OperatorError(
            f"load point {load_point.name}: no combination of relays makes {load_point.current_A:g} A at power factor "
            f"{load_point.power_factor:g}{load_point.phase_side} within {self.within_pct:g} % "
            f"([load_source] reached_within_pct); {said}"
        )

    def _why_never(self, load_point: LoadPoint) -> str | None:
        if load_point.wiring is not Wiring.SINGLE_PHASE:
            return f"a bank of relays makes single-phase loads and not {load_point.wiring.value}"
        if load_point.quantity is not Quantity.ACTIVE or load_point.direction is not Direction.IMPORT:
            return "a bank of relays makes loads of imported active energy only"
        if abs(load_point.voltage_V / self.voltage_V - 1.0) * 100.0 > self.within_pct:
            return f"the contactor switches {self.voltage_V:g} V and not {load_point.voltage_V:g} V"
        return None


class RelayBank:
    """A `LoadSource` on GPIO lines, all switched off from the start.

    relays: in the order of `bank.loads`; switching_s: how long a relay or contactor takes to open or to close; factory:
    as of `GpiozeroPins`.
    Errors of the constructor: InstrumentError (no chip, no such line, line in use).
    """

    def __init__(
        self,
        bank: BankRange,
        contactor: Switch,
        relays: Sequence[Switch],
        clock: Clock,
        *,
        switching_s: float = 0.1,
        chip_labels: Sequence[str] = CHIP_LABELS,
        factory: Any = None,
    ) -> None:
        self._bank = bank
        self._clock = clock
        self._switching_ns = round(switching_s * NS_PER_S)
        self._pins = GpiozeroPins(chip_labels, factory)
        self._lock = threading.RLock()
        self._removals = 0
        self._devices: list[Any] = []
        try:
            for switch in (contactor, *relays):
                self._devices.append(self._opened(switch))
            self.remove()
        except InstrumentError:
            self._release()
            raise

    def require(self, load_point: LoadPoint) -> None:
        """Errors: OperatorError where no combination makes the load point."""
        self._bank.require(load_point)

    def apply(self, load_point: LoadPoint) -> None:
        """Errors: OperatorError (not a load of this bank), InstrumentError (a line does not follow)."""
        chosen = self._bank.choose(load_point)
        removals = self._removals
        with self._lock:
            self._all_off()
            self._wait()
            for index in chosen:
                self._switch(self._devices[1 + index], on=True)
            if chosen:
                self._wait()
            if self._removals != removals:
                raise InstrumentError("load source: the load was taken away while it was being set")
            self._switch(self._devices[0], on=True)

    def remove(self) -> None:
        """Errors: InstrumentError that says to switch it off by hand."""
        self._removals += 1
        with self._lock:
            switch_off(self._all_off, "load", after_failure=lambda: None)

    def close(self) -> None:
        """Everything off, then the lines are released. Twice is once."""
        try:
            if self._devices:
                self.remove()
        finally:
            self._release()

    def _release(self) -> None:
        for device in self._devices:
            device.close()
        self._devices = []
        self._pins.close()

    def _opened(self, switch: Switch) -> Any:
        import gpiozero

        return self._pins.open(
            f"relay line {switch.line}",
            lambda: gpiozero.OutputDevice(
                switch.line,
                active_high=switch.active_high,
                initial_value=False,
                pin_factory=self._pins.factory,
            ),
        )

    def _all_off(self) -> None:
        """The contactor first; a line that fails keeps no other from being switched off."""
        failed: list[InstrumentError] = []

        def open_all(devices: Sequence[Any]) -> None:
            for device in devices:
                try:
                    self._switch(device, on=False)
                except InstrumentError as error:
                    failed.append(error)

        open_all(self._devices[:1])
        if any(self._may_be_closed(relay) for relay in self._devices[1:]):
            self._wait()  # a relay that broke the current instead of the contactor could weld
        open_all(self._devices[1:])
        if failed:
            raise failed[0]

    def _may_be_closed(self, device: Any) -> bool:
        try:
            return bool(device.value)
        except self._pins.errors:
            return True

    def _switch(self, device: Any, *, on: bool) -> None:
        try:
            device.on() if on else device.off()
            follows = bool(device.value) is on
        except self._pins.errors as error:
            raise InstrumentError(f"relay line {device.pin}: {error}; look at its wiring") from error
        if not follows:
            raise InstrumentError(
                f"relay line {device.pin}: switched {'on' if on else 'off'} and reads back otherwise; look at its "
                "wiring"
            )

    def _wait(self) -> None:
        self._clock.wait_until(self._clock.now_ns() + self._switching_ns)
