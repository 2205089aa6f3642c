"""What commissioning asks of the machine itself, beside the devices that the configuration names.

`bench/app_machine.py` puts it together from the drivers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bench.ports import Clock, GpioChip, PulseInput, PulseOutput, ReferenceAnswer, ReferenceSample, SerialPort


@dataclass(frozen=True)
class Machine:
    """clock: real time, also beside a simulated bench. chips, serial_ports: all there are. word_order: of the profile,
    big or little; turned: a poll decoded in the other one.

    search: over which settings a reference standard answers on its configured wire, or, for a path, on that serial
    port; it only reads and is bounded. loopback: a driven line and the pulse input that is wired to it, by the names of
    their lines.
    """

    clock: Clock
    chips: Callable[[], tuple[GpioChip, ...]]
    serial_ports: Callable[[], tuple[SerialPort, ...]]
    word_order: str
    turned: Callable[[ReferenceSample], ReferenceSample]
    search: Callable[[Clock, str], Iterator[ReferenceAnswer]]
    loopback: Callable[[str, str], tuple[PulseOutput, PulseInput]]
