"""Temperature and humidity from a sensor that the kernel has a driver for: one file a quantity, read as text.

hwmon drivers (sht3x, sht4x, ...) give /sys/class/hwmon/hwmonN/temp1_input and humidity1_input; IIO drivers (bme280,
hdc100x, ...) /sys/bus/iio/devices/iio:deviceN/in_temp_input and in_humidityrelative_input; all in thousandths of a
degree Celsius and of a per cent (Documentation/hwmon/sysfs-interface, Documentation/ABI/testing/sysfs-bus-iio). N
changes with the order of starting, so a sensor is found by the name of its chip, anew at each reading: one that was
unplugged and put back is found again.
"""

from __future__ import annotations

from pathlib import Path

from bench.errors import InstrumentError
from firmware_io.sysfs import said_in

_FOLDERS = (
    ("class/hwmon", "hwmon*", "temp1_input", "humidity1_input"),
    ("bus/iio/devices", "iio:device*", "in_temp_input", "in_humidityrelative_input"),
)
_PLAUSIBLE_C, _PLAUSIBLE_PCT = (-40.0, 85.0), (0.0, 100.0)


class HwmonSensor:
    """chip: as its `name` file says. sysfs: for the tests."""

    def __init__(self, chip: str, sysfs: Path = Path("/sys")) -> None:
        self._chip = chip
        self._sysfs = sysfs

    def read(self) -> tuple[float, float | None]:
        """Temperature in degrees Celsius; relative humidity in per cent, None where the sensor has none.

        Errors: InstrumentError where it is not there, fails, or says what no room has.
        """
        folder, temperature, humidity = self._found()
        temperature_C = self._figure(folder / temperature, _PLAUSIBLE_C)
        has_humidity = (folder / humidity).exists()
        return temperature_C, self._figure(folder / humidity, _PLAUSIBLE_PCT) if has_humidity else None

    def _found(self) -> tuple[Path, str, str]:
        found, names = [], []
        for place, pattern, temperature, humidity in _FOLDERS:
            for folder in sorted((self._sysfs / place).glob(pattern)):
                name = said_in(folder / "name")
                names.append(name)
                if name == self._chip and (folder / temperature).exists():
                    found.append((folder, temperature, humidity))
        if len(found) == 1:
            return found[0]
        there = f"chips found: {', '.join(n for n in names if n) or 'none'}"
        if found:
            raise InstrumentError(
                f"environment sensor {self._chip}: {len(found)} chips have this name; leave one connected"
            )
        raise InstrumentError(
            f"environment sensor {self._chip}: there is no such chip with a temperature ({there}); check its wiring, "
            "the device tree overlay and environment.chip"
        )

    def _figure(self, path: Path, plausible: tuple[float, float]) -> float:
        text = said_in(path)
        try:
            figure = int(text) / 1000
        except ValueError:
            raise InstrumentError(
                f"environment sensor {self._chip}: {path.name} says {text!r}; check its wiring"
            ) from None
        if not plausible[0] <= figure <= plausible[1]:
            raise InstrumentError(
                f"environment sensor {self._chip}: {path.name} says {figure:g}; check the sensor"
            )
        return figure
