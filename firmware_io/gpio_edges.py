"""A pulse line of a GPIO chip: both edges, each stamped by the kernel in its interrupt handler."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from bench.errors import InstrumentError, OperatorError
from firmware_io.descriptor_edges import DescriptorPulseInput
from firmware_io.edge_records import QUEUE_RECORDS
from firmware_io.gpio_chips import CHIP_LABELS, find_chip, find_offset

if TYPE_CHECKING:
    import gpiod

BIASES = ("as_is", "pull_up", "pull_down", "disabled")


class GpioLine(DescriptorPulseInput):
    """A pulse line of a GPIO chip: both edges, stamped by the kernel with CLOCK_MONOTONIC.

    line: GPIO number, or its name such as "GPIO17"; bias: one of BIASES; debounce_us: the kernel's own
    debounce in microseconds (0 is off, as a metrological line wants it), which belongs in the record.
    Errors: InstrumentError (no such chip or line, line in use), OperatorError (an impossible setting).
    """

    def __init__(
        self,
        line: int | str,
        *,
        chip_labels: Sequence[str] = CHIP_LABELS,
        bias: str = "as_is",
        debounce_us: int = 0,
    ) -> None:
        if bias not in BIASES:
            raise OperatorError(f"pulse line {line}: unknown bias {bias!r}; known: {', '.join(BIASES)}")
        if not 0 <= debounce_us <= 1_000_000:
            raise OperatorError(f"pulse line {line}: debounce_us {debounce_us} is not 0 to 1000000")
        self.chip_path = find_chip(chip_labels)
        self.debounce_us = debounce_us
        self._request = _request_line(self.chip_path, line, bias, debounce_us)
        self._line = line
        super().__init__(self._request.fd, f"pulse line {line} of {self.chip_path}", is_metrological=True)

    def is_high(self) -> bool:
        """Level of the line now. Errors: InstrumentError where the device has gone."""
        try:
            return bool(self._request.get_value(self._request.offsets[0]).value)
        except OSError as error:
            raise InstrumentError(
                f"pulse line {self._line} of {self.chip_path}: {error.strerror}; is the device still there?"
            ) from error

    def close(self) -> None:
        """Release the line. Twice is once."""
        super().close()
        if self._request:  # releasing what is released is an error of libgpiod
            self._request.release()


def _request_line(chip_path: str, line: int | str, bias: str, debounce_us: int) -> gpiod.LineRequest:
    import gpiod

    settings = gpiod.LineSettings(
        direction=gpiod.line.Direction.INPUT,
        edge_detection=gpiod.line.Edge.BOTH,
        bias=gpiod.line.Bias[bias.upper()],
        debounce_period=timedelta(microseconds=debounce_us),
        event_clock=gpiod.line.Clock.MONOTONIC,
    )
    with gpiod.Chip(chip_path) as chip:
        offset = find_offset(chip, line)
        try:
            return chip.request_lines(
                {offset: settings}, consumer="meter test bench", event_buffer_size=QUEUE_RECORDS
            )
        except OSError as error:
            if error.errno == errno.EBUSY:
                holder = chip.get_line_info(offset).consumer or "the kernel"
                raise InstrumentError(
                    f"pulse line {line} of {chip_path} is in use by {holder}; end it or choose another line"
                ) from error
            raise InstrumentError(
                f"pulse line {line} of {chip_path}: {error.strerror}; check bias and debounce"
            ) from error
