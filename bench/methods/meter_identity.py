"""Whether the meter that answers at a position is the one that the plan has there: pure functions on what it told.

A meter tells an address and its constant. Labs differ in what the address is: the serial number itself, its last
digits (DL/T 645 has room for twelve), or a number of its own that only the plan can know. So the comparison is a
setting of the position, and the plan's [[meter]] may give the address where it is no serial number.
"""

from __future__ import annotations

import dataclasses
import re
from datetime import datetime, timedelta
from enum import StrEnum

from bench.configuration.positions import PositionSection
from bench.plans.plan import MeterSection
from bench.ports import ClockState, MeterClock, MeterReading
from calibration.nameplate import Quantity
from calibration.quantities import Finding
from calibration.reasons import Reason

_FEWEST_SHARED = 4
"""Characters that two numbers must share at their ends: fewer are shared by chance."""


class Compared(StrEnum):
    """What of a meter is compared with the plan before a current flows."""

    NONE = "none"
    """Nothing; it is not asked."""
    CONSTANT = "constant"
    """Its constant alone."""
    SERIAL = "serial"
    """Its constant, and its address with the plan's address or serial number."""
    SERIAL_END = "serial_end"
    """The same, where the shorter of the two is the end of the longer."""


def compared_at(position: PositionSection) -> Compared | None:
    """By the position's setting; without one, of a meter on a wire its serial number. None: nothing is."""
    written = position.meter_identity or (Compared.SERIAL if position.meter_serial else Compared.NONE)
    return None if written == Compared.NONE else Compared(written)


def why_another(reading: MeterReading, meter: MeterSection, compared: Compared) -> tuple[Finding, ...]:
    """What speaks against it. What a meter does not tell speaks against nothing."""
    found = []
    wanted = meter.address or meter.serial
    if reading.address and not _is_same(reading.address, wanted, compared):
        values = {"told": reading.address, "planned": wanted}
        found.append(Finding(Reason.METER_ADDRESS_DIFFERS, values))
    told = reading.meter_constant_imp_per_kWh
    is_comparable = compared is not Compared.NONE and meter.quantity is Quantity.ACTIVE
    if told is not None and is_comparable and float(told) != meter.meter_constant_imp_per_kWh:
        values = {"told": str(told), "planned": f"{meter.meter_constant_imp_per_kWh:g}"}
        found.append(Finding(Reason.DECLARED_CONSTANT_DIFFERS, values))
    return tuple(found)


def _is_same(told: str, wanted: str, compared: Compared) -> bool:
    have, want = _characters(told), _characters(wanted)
    match compared:
        case Compared.NONE | Compared.CONSTANT:
            return True
        case Compared.SERIAL:
            return have == want
        case Compared.SERIAL_END:
            shorter = min(len(have), len(want))
            return shorter >= _FEWEST_SHARED and have[-shorter:] == want[-shorter:]


def _characters(number: str) -> str:
    """Without what only fills or separates: leading zeros, blanks, hyphens."""
    return re.sub(r"[\W_]", "", number).upper().lstrip("0")


def compared_with_bench(clock: MeterClock, bench: ClockState) -> MeterClock:
    """A meter's clock held against the bench's wall clock, at the end of the reading; informative.

    Unchanged where that clock is not disciplined, or the meter's date is none.
    """
    if not bench.is_disciplined:
        return clock
    try:
        told = datetime.fromisoformat(clock.told)
    except ValueError:
        return clock
    local = datetime.fromisoformat(bench.wall_time).replace(tzinfo=None)
    local += timedelta(seconds=bench.utc_offset_s - clock.age_s)
    ahead_s = (told - local).total_seconds()
    return dataclasses.replace(clock, ahead_s=ahead_s, within_s=clock.half_width_s)
