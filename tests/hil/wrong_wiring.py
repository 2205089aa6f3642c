"""Inside the virtual machine: what `GpioLine` says to wrong settings, as one JSON object."""

from __future__ import annotations

import json

from bench.errors import InstrumentError
from firmware_io.gpio_chips import CHIP_LABELS
from firmware_io.gpio_edges import GpioLine


def said(line: int | str, labels: tuple[str, ...] = CHIP_LABELS) -> str:
    """The message of the error, or that there was none."""
    try:
        GpioLine(line, chip_labels=labels).close()
    except InstrumentError as error:
        return str(error)
    return "no error"


def main() -> None:
    held = GpioLine(17)
    report = {
        "label": said(17, ("pinctrl-rp1",)),
        "number": said(99),
        "name": said("PIN17"),
        "in use": said("GPIO17"),
    }
    held.close()
    print(json.dumps(report))


if __name__ == "__main__":
    main()
