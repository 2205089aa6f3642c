"""A GPIO line that is driven: the far end of a loopback in commissioning."""

from __future__ import annotations

from collections.abc import Sequence

from bench.errors import InstrumentError
from firmware_io.gpio_chips import CHIP_LABELS, find_chip, find_offset


class GpioOutput:
    """A line that is driven, inactive at first. Errors of the constructor: InstrumentError."""

    def __init__(self, line: int | str, *, chip_labels: Sequence[str] = CHIP_LABELS) -> None:
        import gpiod

        self._value = gpiod.line.Value
        self._name = f"output line {line}"
        path = find_chip(chip_labels)
        with gpiod.Chip(path) as chip:
            self._offset = find_offset(chip, line)
            settings = gpiod.LineSettings(
                direction=gpiod.line.Direction.OUTPUT, output_value=self._value.INACTIVE
            )
            try:
                self._request = chip.request_lines({self._offset: settings}, consumer="meter test bench")
            except OSError as error:
                raise InstrumentError(
                    f"{self._name} of {path}: {error.strerror}; choose a line that nobody uses"
                ) from error

    def set(self, *, is_active: bool) -> None:
        """Errors: InstrumentError where the chip has gone."""
        try:
            self._request.set_value(self._offset, self._value(int(is_active)))
        except OSError as error:
            raise InstrumentError(f"{self._name}: {error.strerror}; is the device still there?") from error

    def close(self) -> None:
        """Inactive, then as an input again: a line that is released while it drives goes on driving on some kernels."""
        import gpiod

        if self._request:
            self.set(is_active=False)
            self._request.reconfigure_lines(
                {self._offset: gpiod.LineSettings(direction=gpiod.line.Direction.INPUT)}
            )
            self._request.release()
