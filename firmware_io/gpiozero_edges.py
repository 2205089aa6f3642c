"""The portable pulse input, for a quick look: edges through gpiozero's callbacks.

Not for metrology, and it says so (`is_metrological` is False): the queue behind it holds 16 edges a line and
drops more of them without a word, because its events have no sequence number. Measured on the same kernel,
it lost 5 of 3,000 pulses in silence where `gpio_edges.GpioLine` lost none. Its records therefore number the
edges themselves, and a gap in them can never be seen; only the alternation check is left.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import numpy as np

from bench.errors import InstrumentError
from bench.ports import EdgeBatch
from calibration.quantities import FALLING, RISING, EdgeTrain
from firmware_io.gpio_edges import encode_records, parse_records

if TYPE_CHECKING:
    from gpiozero import Factory

_TICK_NS = 1_000_000_000
