"""The GPIO chips of this machine: which are there, who holds which line, and the one that a driver means.

A chip is found by its label and a line by its number or name. Nothing here requests a line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bench.errors import InstrumentError
from bench.ports import GpioChip

if TYPE_CHECKING:
    import gpiod

CHIP_LABELS = (
    "pinctrl-rp1",  # Raspberry Pi 5
    "pinctrl-bcm2711",  # 4, 400, CM4
    "pinctrl-bcm2835",  # 3, Zero 2 W and older
)
"""Labels of the header's chip by model. Its number is no name: kernel 6.6.45 renumbered the Pi 5's."""


def _chip_paths(folder: str) -> Iterator[str]:
    import gpiod

    paths = sorted(str(entry) for entry in Path(folder).glob("gpiochip*"))
    return filter(gpiod.is_gpiochip_device, paths)


def gpio_chips(folder: str = "/dev") -> tuple[GpioChip, ...]:
    """All of them, by path. One that may not be opened is told with its trouble."""
    import gpiod

    found = []
    for path in _chip_paths(folder):
        try:
            with gpiod.Chip(path) as chip:
                about = chip.get_info()
                lines = [chip.get_line_info(offset) for offset in range(about.num_lines)]
        except OSError as error:
            found.append(GpioChip(path, "", 0, trouble=error.strerror or str(error)))
            continue
        used = tuple((line.name or str(line.offset), line.consumer or "?") for line in lines if line.used)
        found.append(GpioChip(path, about.label, about.num_lines, used))
    return tuple(found)


def find_chip(labels: Sequence[str] = CHIP_LABELS, folder: str = "/dev") -> str:
    """Path of the first GPIO chip with one of the labels.

    Errors: InstrumentError that lists the labels there are.
    """
    import gpiod

    found: dict[str, str] = {}
    for path in _chip_paths(folder):
        try:
            with gpiod.Chip(path) as chip:
                found.setdefault(chip.get_info().label, path)
        except PermissionError as error:
            raise InstrumentError(f"{path}: no permission; add this user to the group of {path}") from error
    for label in labels:
        if label in found:
            return found[label]
    there = f"chips found: {', '.join(found)}" if found else f"there is no GPIO chip in {folder}"
    raise InstrumentError(f"no GPIO chip labelled {' or '.join(labels)}; {there}")


def find_offset(chip: gpiod.Chip, line: int | str) -> int:
    """Offset of a line given by number or name. `GPIO17` is also line 17 of a chip that names no lines."""
    lines = chip.get_info().num_lines
    if isinstance(line, str):
        try:
            return int(chip.line_offset_from_id(line))
        except (OSError, ValueError):  # no such name, or a number beyond its lines
            number = line.upper().removeprefix("GPIO")
            if not number.isdecimal():
                raise InstrumentError(
                    f"no line {line!r} on {chip.path}; give a GPIO number or a name such as GPIO17"
                ) from None
            line = int(number)
    if not 0 <= line < lines:
        raise InstrumentError(f"no line {line} on {chip.path}; it has lines 0 to {lines - 1}")
    return line
