"""How the computer itself is: its temperature, and whether its supply is too low just now.

The kernel tells both as files of hwmon (Documentation/hwmon/raspberrypi-hwmon.rst): `in0_lcrit_alarm` of the chip
`rpi_volt` is 1 while a Raspberry Pi's firmware sees less than 4.63 V, which the driver asks every two seconds;
`temp1_input` of the processor's chip is in thousandths of a degree Celsius. Without such a chip it is not known.
"""

from __future__ import annotations

from pathlib import Path

from bench.ports import MachineState
from firmware_io.sysfs import said_in

_VOLTAGE_CHIP = "rpi_volt"
_PROCESSOR_CHIP = "cpu_thermal"


class MachineSensors:
    """sysfs: for the tests."""

    def __init__(self, sysfs: Path = Path("/sys")) -> None:
        self._chips = sysfs / "class/hwmon"

    def read(self) -> MachineState:
        """What is not there, or cannot be read just now, is None."""
        folders = {said_in(folder / "name"): folder for folder in sorted(self._chips.glob("hwmon*"))}
        processor = folders.get(_PROCESSOR_CHIP)
        voltage = folders.get(_VOLTAGE_CHIP)
        temperature = None if processor is None else _number(processor / "temp1_input")
        alarm = None if voltage is None else _number(voltage / "in0_lcrit_alarm")
        return MachineState(
            temperature_C=None if temperature is None else temperature / 1000,
            is_undervolted=None if alarm is None else alarm != 0,
        )


def _number(path: Path) -> int | None:
    try:
        return int(said_in(path))
    except ValueError:
        return None
