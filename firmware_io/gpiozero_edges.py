"""The portable pulse input, for a quick look: edges through gpiozero's callbacks (lgpio factory).

Not for metrology, and it says so (`is_metrological` is False): the kernel's queue behind it holds 16 edges a
line and drops more of them without a word, because its events carry no sequence number. On the same kernel
it lost 5 of 3,000 pulses in silence where `gpio_edges.GpioLine` lost none. Its records number the edges
themselves, so a gap in them can never be seen; only the check that the kinds alternate is left.

Stamps are the kernel's CLOCK_MONOTONIC, handed over by gpiozero as seconds in a float: some 0.1 µs are lost.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

import numpy as np

from bench.errors import InstrumentError, OperatorError
from bench.ports import EdgeBatch
from calibration.quantities import FALLING, NS_PER_S, RISING, EdgeTrain
from firmware_io.edge_records import encode_records
from firmware_io.gpio_chips import CHIP_LABELS
from firmware_io.gpiozero_pins import GpiozeroPins

_PULLS: dict[str, dict[str, bool | None]] = {
    "as_is": {"pull_up": None, "active_state": True},
    "disabled": {"pull_up": None, "active_state": True},
    "pull_up": {"pull_up": True},
    "pull_down": {"pull_up": False},
}


class GpiozeroLine:
    """A `PulseInput` over one gpiozero pin; both edges.

    line: GPIO number or a name such as "GPIO17"; bias as of `gpio_edges.BIASES`; factory: as of `GpiozeroPins`.
    Errors: InstrumentError (no chip, no such pin, pin in use), OperatorError (unknown bias).
    """

    is_metrological = False

    def __init__(
        self,
        line: int | str,
        *,
        chip_labels: Sequence[str] = CHIP_LABELS,
        bias: str = "as_is",
        factory: Any = None,
    ) -> None:
        if bias not in _PULLS:
            raise OperatorError(f"pulse line {line}: unknown bias {bias!r}; known: {', '.join(_PULLS)}")
        self._pins = GpiozeroPins(chip_labels, factory)
        self._waiting: deque[tuple[float, int]] = deque()
        self._next_seqno = 1
        self._device: Any = None
        try:
            self._pins.open(f"pulse line {line}", lambda: self._open(line, bias))
        except InstrumentError:
            self.close()
            raise

    def _open(self, line: int | str, bias: str) -> None:
        import gpiozero

        self._device = gpiozero.InputDevice(line, pin_factory=self._pins.factory, **_PULLS[bias])
        self._device.pin.bounce = None
        self._device.pin.edges = "both"
        # gpiozero keeps handlers by weak reference: this must be a method of an object that somebody keeps.
        # The handler of the pin is told the instant and the level; that of the device is not.
        self._device.pin.when_changed = self._changed

    def _changed(self, ticks: float, state: int) -> None:
        """Called in gpiozero's thread; appending to a deque needs no lock."""
        self._waiting.append((ticks, RISING if state else FALLING))

    def read(self) -> EdgeBatch:
        """All edges that wait, as records in the kernel's format with our own sequence numbers."""
        count = len(self._waiting)
        if not count:
            return EdgeBatch(b"", EdgeTrain.empty())
        waiting = [self._waiting.popleft() for _ in range(count)]
        edges = EdgeTrain(
            np.array([round(ticks * NS_PER_S) for ticks, _ in waiting], np.int64),
            np.array([kind for _, kind in waiting], np.int64),
            np.arange(self._next_seqno, self._next_seqno + count, dtype=np.int64),
        )
        self._next_seqno += count
        return EdgeBatch(encode_records(edges), edges)

    def close(self) -> None:
        """Release the pin. Twice is once."""
        if self._device is not None:
            self._device.pin.when_changed = None
            self._device.close()
            self._device = None
        self._pins.close()
