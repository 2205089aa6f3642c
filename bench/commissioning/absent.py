"""What stands in for a device, or in front of one, while commissioning looks at all of them."""

from __future__ import annotations

import threading
from collections import deque

from bench.errors import BenchError
from bench.ports import Clock, ReferenceSample, ReferenceStandard
from calibration.load_points import LoadPoint
from calibration.quantities import NS_PER_S, Finding, InstrumentFault
from calibration.reasons import Reason

_REMEMBERED = 12


class AbsentReference:
    """A reference standard that never answers."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since_ns = clock.now_ns()

    def poll(self) -> ReferenceSample:
        now_ns = self._clock.now_ns()
        values = {"seconds": f"{(now_ns - self._since_ns) / NS_PER_S:.1f}"}
        return ReferenceSample((), fault=InstrumentFault(now_ns, Finding(Reason.REFERENCE_SILENT, values)))

    def close(self) -> None:
        """Nothing is open."""


class RememberingReference:
    """A reference standard whose last polls are kept as they came. One thread polls it, another may ask for them."""

    def __init__(self, reference: ReferenceStandard) -> None:
        self._reference = reference
        self._lock = threading.Lock()
        self._samples: deque[ReferenceSample] = deque(maxlen=_REMEMBERED)

    def poll(self) -> ReferenceSample:
        sample = self._reference.poll()
        if sample.replies:
            with self._lock:
                self._samples.append(sample)
        return sample

    def latest(self) -> tuple[ReferenceSample, ...]:
        """The last polls that were answered, enough of them for quantities that take turns to have come."""
        with self._lock:
            return tuple(self._samples)

    def close(self) -> None:
        self._reference.close()


class AbsentSource:
    """A load source that cannot be used, and says why."""

    def __init__(self, error: BenchError) -> None:
        self._error = error

    def apply(self, load_point: LoadPoint) -> None:
        """Errors: that which it could not be opened for."""
        raise self._error

    def remove(self) -> None:
        """It has applied nothing."""

    def close(self) -> None:
        """Nothing is open."""
