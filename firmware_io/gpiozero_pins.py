"""gpiozero's pins of the header's chip (lgpio factory): one way to open them, and to tell that one cannot be had.

gpiozero lets the errors of the library under it through, as for a line that another program holds, and lgpio has one of
its own.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

from bench.errors import InstrumentError
from firmware_io.gpio_chips import find_chip


class GpiozeroPins:
    """The pin factory of one driver. factory: one of the local machine, which stays the caller's, or None for lgpio on
    the chip with one of the labels.

    errors: what a device on these pins raises where a line fails.
    Errors: InstrumentError (no such chip, or it cannot be opened).
    """

    def __init__(self, chip_labels: Sequence[str], factory: Any = None) -> None:
        self._own = _lgpio_factory(chip_labels) if factory is None else None
        self.factory = self._own if factory is None else factory
        self.errors = _pin_errors()

    def open(self, name: str, make: Callable[[], Any]) -> Any:
        """The device that `make` makes. Errors: InstrumentError, which names it (no such pin, pin in use)."""
        try:
            return make()
        except self.errors as error:
            raise InstrumentError(
                f"{name} (gpiozero): {error}; choose another line or end what uses it"
            ) from error

    def close(self) -> None:
        """Twice is once."""
        if self._own is not None:
            self._own.close()
            self._own = None


def _lgpio_factory(chip_labels: Sequence[str]) -> Any:
    """For one driver alone."""
    path = find_chip(chip_labels)
    try:
        from gpiozero.pins.lgpio import LGPIOFactory
    except ImportError as error:
        raise InstrumentError("gpiozero needs the package lgpio; install it, or use driver gpiod") from error
    try:
        factory = LGPIOFactory(chip=int(path.removeprefix("/dev/gpiochip")))
    except _pin_errors() as error:
        raise InstrumentError(f"{path} (gpiozero): {error}; add this user to the group of {path}") from error
    # gpiozero keeps the pins of all its factories in one place, and closing one would let go of every driver's lines.
    factory.pins = {}
    return factory


def _pin_errors() -> tuple[type[Exception], ...]:
    import gpiozero

    # The import of lgpio starts a thread; a factory that drives lines through it has imported it.
    lgpio = sys.modules.get("lgpio")
    own = () if lgpio is None else (lgpio.error,)
    return (gpiozero.GPIOZeroError, OSError, *own)
