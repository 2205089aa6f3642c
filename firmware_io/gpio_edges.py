"""Edges of pulse lines as the Linux GPIO character device (v2) delivers them.

How it works. The kernel stamps an edge in its interrupt handler, in nanoseconds of CLOCK_MONOTONIC, and puts
a record into a queue of this line's request; a reader that comes late loses nothing of the stamp, only time
until the queue is full (then the *oldest* record is dropped). So the latency of this program is no part of
the measurement, and the only thing that matters here is to read everything and to notice what is missing:

- `line_seqno` counts the edges of the line since its request; a gap is a known loss, with its exact size.
- An interrupt that was never served leaves no gap. So both edges are asked for: the kinds must alternate,
  and two of the same kind in a row betray it (`calibration` judges that; here edges are only delivered).

A record is `struct gpio_v2_line_event` of <linux/gpio.h>, 48 bytes in the byte order of the machine (all
machines this runs on are little-endian, and so are the files): u64 timestamp_ns, u32 id (1 rising, 2
falling), u32 offset of the line on its chip, u32 seqno in its request, u32 line_seqno, 6 x u32 padding. Read
from the request's file descriptor in batches and viewed as a numpy array, a record costs a fraction of a
microsecond, where one object an edge costs several.

The same parser serves a GPIO line, a pipe from a simulated plant and a recorded file, so what is tested
without a GPIO chip is what runs with one.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import numpy as np

from bench.errors import InstrumentError, OperatorError
from bench.ports import EdgeBatch
from calibration.quantities import EdgeTrain

if TYPE_CHECKING:
    import gpiod

RECORD = np.dtype(
    [
        ("timestamp_ns", "<u8"),
        ("id", "<u4"),
        ("offset", "<u4"),
        ("seqno", "<u4"),
        ("line_seqno", "<u4"),
        ("padding", "<u4", (6,)),
    ]
)
RECORD_BYTES = RECORD.itemsize
QUEUE_RECORDS = 1024
"""The largest event queue the kernel grants a request; its default is 16 a line."""

_READ_BYTES = QUEUE_RECORDS * RECORD_BYTES
_READS_AT_ONCE = 64
"""Bound of one `read()`: a file or a fast writer must not keep the loop from its other lines."""


def parse_records(raw: bytes) -> EdgeTrain:
    """Kernel records to edges. `raw` is a whole number of records; anything else is a ValueError."""
    remainder = len(raw) % RECORD_BYTES
    if remainder:
        raise ValueError(f"{len(raw)} bytes are no whole number of {RECORD_BYTES}-byte edge records")
    if not raw:
        return EdgeTrain.empty()
    records = np.frombuffer(raw, RECORD)
    return EdgeTrain(
        records["timestamp_ns"].astype(np.int64),
        records["id"].astype(np.int64),
        records["line_seqno"].astype(np.int64),
    )


def encode_records(edges: EdgeTrain, offset: int = 0) -> bytes:
    """Edges to kernel records of the line at `offset`, one line a request (so seqno equals line_seqno)."""
    records = np.zeros(len(edges), RECORD)
    records["timestamp_ns"] = edges.timestamp_ns
    records["id"] = edges.kind
    records["offset"] = offset
    records["seqno"] = edges.line_seqno
    records["line_seqno"] = edges.line_seqno
    return records.tobytes()


class RecordReader:
    """Cuts a byte stream that may break anywhere (a pipe) into whole records; keeps the remainder."""

    def __init__(self) -> None:
        self._remainder = b""

    @property
    def pending_bytes(self) -> int:
        """Bytes of a record that has not come completely yet."""
        return len(self._remainder)

    def feed(self, chunk: bytes) -> EdgeBatch:
        """Add bytes; give every record that is now complete."""
        stream = self._remainder + chunk if self._remainder else chunk
        whole = len(stream) - len(stream) % RECORD_BYTES
        raw, self._remainder = stream[:whole], stream[whole:]
        return EdgeBatch(raw, parse_records(raw))


class DescriptorPulseInput:
    """A `PulseInput` over a file descriptor that yields kernel records: a GPIO request, a pipe, a file.

    The descriptor is made non-blocking and stays the property of the caller, unless owns_descriptor.
    """

    def __init__(self, fd: int, name: str, *, is_metrological: bool, owns_descriptor: bool = False) -> None:
        self._fd = fd
        self._name = name
        self._reader = RecordReader()
        self._owns_descriptor = owns_descriptor
        self._is_closed = False
        self.is_metrological = is_metrological
        os.set_blocking(fd, False)

    def read(self) -> EdgeBatch:
        """Every edge that waits. Errors: InstrumentError where the descriptor fails (device gone)."""
        if self._is_closed:
            raise InstrumentError(f"{self._name}: read after close")
        chunks = []
        for _ in range(_READS_AT_ONCE):
            try:
                chunk = os.read(self._fd, _READ_BYTES)
            except BlockingIOError:
                break
            except OSError as error:
                raise InstrumentError(
                    f"{self._name}: cannot read edges ({error.strerror}); is the device still there?"
                ) from error
            if not chunk:  # end of a file, or a pipe nobody writes to at the moment
                break
            chunks.append(chunk)
            if len(chunk) < _READ_BYTES:
                break
        return self._reader.feed(b"".join(chunks))

    def close(self) -> None:
        if self._owns_descriptor and not self._is_closed:
            os.close(self._fd)
        self._is_closed = True

    def __enter__(self) -> DescriptorPulseInput:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class FilePulseInput(DescriptorPulseInput):
    """Edges from a recorded file or a FIFO at `path`. A record that is not complete yet waits.

    is_metrological: whether the writer of the records answers for them. Nothing here can tell who wrote them,
    so a result from them is informative unless the caller knows.
    Errors: OperatorError where the file cannot be opened.
    """

    def __init__(self, path: str | Path, *, is_metrological: bool = False) -> None:
        try:
            # Non-blocking from the start: opening a FIFO that has no writer yet must not hang the bench.
            fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise OperatorError(
                f"pulse input {path}: {error.strerror}; give the path of a file or FIFO of edge records"
            ) from error
        super().__init__(fd, f"pulse input {path}", is_metrological=is_metrological, owns_descriptor=True)


CHIP_LABELS = (
    "pinctrl-rp1",  # Raspberry Pi 5
    "pinctrl-bcm2711",  # 4, 400, CM4
    "pinctrl-bcm2835",  # 3, Zero 2 W and older
)
"""Labels of the header's chip by model. Its number is no name: kernel 6.6.45 renumbered the Pi 5's."""

BIASES = ("as_is", "pull_up", "pull_down", "disabled")


def find_chip(labels: Sequence[str] = CHIP_LABELS, folder: str = "/dev") -> str:
    """Path of the first GPIO chip with one of the labels.

    Errors: InstrumentError that lists the labels there are.
    """
    import gpiod

    found: dict[str, str] = {}
    for path in sorted(str(entry) for entry in Path(folder).glob("gpiochip*")):
        if not gpiod.is_gpiochip_device(path):
            continue
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
