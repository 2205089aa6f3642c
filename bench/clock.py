"""The real clock: the only module of the measuring process that reads time.

Instants are CLOCK_MONOTONIC in nanoseconds, the clock that the kernel stamps edges with. It does not step,
but it is slewed while the kernel disciplines time, so its state goes into every record.
"""

from __future__ import annotations

import ctypes
import datetime
import os
import sys
import time
from pathlib import Path

from bench.ports import ClockState
from calibration.quantities import NS_PER_S

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_ADJ_OFFSET_SS_READ = 0xA001
"""adjtimex mode that only reads what an adjtime() still has to slew; needs no privilege."""
_STA_UNSYNC = 0x0040
_SINGLESHOT_PPM = 500.0
"""Rate at which the kernel works off an adjtime()."""


class _Timex(ctypes.Structure):
    """struct timex of <sys/timex.h>; the kernel writes 44 reserved bytes behind `tai`."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),  # ppm with 16 fractional bits
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("constant", ctypes.c_long),
        ("precision", ctypes.c_long),
        ("tolerance", ctypes.c_long),
        ("time_sec", ctypes.c_long),
        ("time_usec", ctypes.c_long),
        ("tick", ctypes.c_long),  # microseconds a tick of 1/100 s
        ("ppsfreq", ctypes.c_long),
        ("jitter", ctypes.c_long),
        ("shift", ctypes.c_int),
        ("stabil", ctypes.c_long),
        ("jitcnt", ctypes.c_long),
        ("calcnt", ctypes.c_long),
        ("errcnt", ctypes.c_long),
        ("stbcnt", ctypes.c_long),
        ("tai", ctypes.c_int),
        ("reserved", ctypes.c_int * 11),
    )


class SystemClock:
    """CLOCK_MONOTONIC of this machine."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
        self._boot_id = _BOOT_ID.read_text().strip() if _BOOT_ID.exists() else "unknown"

    def now_ns(self) -> int:
        return time.monotonic_ns()

    def wait_until(self, at_ns: int) -> None:
        while (left_ns := at_ns - time.monotonic_ns()) > 0:
            time.sleep(left_ns / NS_PER_S)

    def wall_time(self) -> str:
        """ISO 8601, UTC: also where the unit of a command does not let it look at the kernel's clock."""
        return datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")

    def state(self) -> ClockState:
        """Boot, both clocks, and what the kernel does to the rate; not Linux: undisciplined, 0 ppm."""
        is_disciplined, frequency_ppm = self._discipline()
        return ClockState(
            boot_id=self._boot_id,
            monotonic_ns=time.monotonic_ns(),
            wall_time=self.wall_time(),
            is_disciplined=is_disciplined,
            frequency_ppm=frequency_ppm,
            source="kernel" if self._libc else "unknown",
            utc_offset_s=time.localtime().tm_gmtoff,
        )

    def _discipline(self) -> tuple[bool, float]:
        if self._libc is None:
            return False, 0.0
        timex = _Timex(modes=0)
        if self._libc.adjtimex(ctypes.byref(timex)) < 0:
            number = ctypes.get_errno()
            raise OSError(number, f"adjtimex: {os.strerror(number)}")
        frequency_ppm = timex.freq / 65536.0 + (timex.tick - 10_000) * 100.0
        singleshot = _Timex(modes=_ADJ_OFFSET_SS_READ)
        if self._libc.adjtimex(ctypes.byref(singleshot)) >= 0 and singleshot.offset:
            frequency_ppm += _SINGLESHOT_PPM if singleshot.offset > 0 else -_SINGLESHOT_PPM
        return not timex.status & _STA_UNSYNC, frequency_ppm
