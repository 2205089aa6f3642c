"""What the bench asks of the world: protocols of a handful of methods, and the values they return.

A driver in `firmware_io/` or a simulated device in `bench/sim/` implements one of these; `bench/app.py`
chooses it by the name in the configuration. A driver stamps time itself, as close to the wire as it can.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Protocol, runtime_checkable

from calibration.load_points import LoadPoint
from calibration.quantities import EdgeTrain, Finding, InstrumentFault


@dataclass(frozen=True, slots=True)
class ClockState:
    """What the record keeps of the bench clock. wall_time is ISO 8601 UTC, for people only."""

    boot_id: str
    monotonic_ns: int
    wall_time: str
    is_disciplined: bool
    frequency_ppm: float
    """Rate correction the kernel applies to CLOCK_MONOTONIC just now."""
    source: str
    """`kernel`, `simulated`, ..."""
    utc_offset_s: int = 0
    """Of the local time of this machine, which a meter's clock is compared with."""


class Clock(Protocol):
    """CLOCK_MONOTONIC, or its stand-in in virtual time. Everything that waits waits here."""

    def now_ns(self) -> int: ...

    def wait_until(self, at_ns: int) -> None:
        """Return at or after at_ns. In virtual time this is what makes the plant move."""

    def state(self) -> ClockState: ...


@dataclass(frozen=True, slots=True)
class EdgeBatch:
    """What one read of a pulse line gave: the kernel's 48-byte records and what they say."""

    raw: bytes
    edges: EdgeTrain


@dataclass(frozen=True, slots=True)
class GpioChip:
    """A GPIO chip of this machine. used: lines that somebody holds, and who; trouble: why it cannot be asked."""

    path: str
    label: str
    lines: int
    used: tuple[tuple[str, str], ...] = ()
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class SerialPort:
    """A serial port of this machine. stable_path: its name under /dev/serial/by-id, where it has one."""

    path: str
    stable_path: str
    what: str


class PulseOutput(Protocol):
    """A line that is driven: the far end of a loopback."""

    def set(self, *, is_active: bool) -> None: ...

    def close(self) -> None:
        """Release the line, driven to its inactive level before."""


@runtime_checkable
class HasLevel(Protocol):
    """A pulse input that can read its line beside counting its edges."""

    def is_high(self) -> bool:
        """Errors: InstrumentError where the device has gone."""


class PulseInput(Protocol):
    """One pulse line. `is_metrological` is False where a driver can lose pulses unseen."""

    is_metrological: bool

    def read(self) -> EdgeBatch:
        """All edges that wait, at once; an empty batch where there are none. Never blocks."""

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class BlockReply:
    """One Modbus exchange as it was on the wire: both stamps, and the registers' bytes from `address` on."""

    request_ns: int
    reply_ns: int
    function_code: int
    address: int
    data: bytes

    @property
    def count(self) -> int:
        """Registers in it, of 16 bit each."""
        return len(self.data) // 2


@dataclass(frozen=True, slots=True)
class StampedValue:
    value: float
    request_ns: int
    reply_ns: int


_AUXILIARY = ("voltage_V", "current_A", "power_factor", "frequency_Hz")


@dataclass(frozen=True, slots=True)
class ReferenceSample:
    """One poll of the reference standard, decoded. With a fault there are no values.

    replies is the raw truth and goes to the record; the rest can be decoded from it again.
    """

    replies: tuple[BlockReply, ...]
    energy_Wh: StampedValue | None = None
    power_W: StampedValue | None = None
    voltage_V: float | None = None
    current_A: float | None = None
    power_factor: float | None = None
    frequency_Hz: float | None = None
    fault: InstrumentFault | None = None

    @property
    def auxiliary(self) -> dict[str, float]:
        """Of the four without stamps those that came, by name: a poll need not bring all of them."""
        read = (self.voltage_V, self.current_A, self.power_factor, self.frequency_Hz)
        return {name: value for name, value in zip(_AUXILIARY, read, strict=True) if value is not None}


class ReferenceStandard(Protocol):
    def poll(self) -> ReferenceSample:
        """Read all registers once. An instrument that misbehaves is a sample with a fault, no exception."""

    def close(self) -> None: ...


def makes_any_load(load_point: LoadPoint) -> None:
    """Asked of a source that can make whatever it is told."""


def _reports_nothing() -> Finding | None:
    return None


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """What the driver of a load source knows beside its commands; the defaults are those of one that is asked nothing.

    identity: what it says of itself. require: raises OperatorError, one line, where this source cannot make a load
    point; no device is asked. fault: what the source reports against the load that it is giving. busy_s: how long
    `apply` or `fault` may take and still be well.
    """

    identity: str = ""
    require: Callable[[LoadPoint], None] = makes_any_load
    fault: Callable[[], Finding | None] = _reports_nothing
    busy_s: float = 0.0


@dataclass(frozen=True, slots=True)
class ReferenceAnswer:
    """Settings under which a reference standard answered, as the configuration writes them, and what it said.

    polls: a few, so that every quantity has come; turned: the same replies in the other word order.
    """

    settings: tuple[tuple[str, str], ...]
    polls: tuple[ReferenceSample, ...]
    turned: tuple[ReferenceSample, ...]


class LoadSource(Protocol):
    def apply(self, load_point: LoadPoint) -> None:
        """Command the load point. Whether it is reached the reference decides, not the source.

        Errors: OperatorError (it cannot make it), InstrumentError (not confirmed; a load may be on).
        """

    def remove(self) -> None:
        """Take the load away. Must be safe at any time, also while `apply` runs in another thread, and twice.

        Errors: InstrumentError where it is not taken. The driver has tried again as often as it makes sense and says
        what a person has to do; nobody repeats it in a row. The panel's loop asks again each turn.
        """

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class MeterClock:
    """What a meter's own clock said. told: local time, ISO 8601 without a zone; it cuts its seconds off.

    age_s: how long before the end of the reading it said so, give or take half_width_s. ahead_s: by how much it is
    ahead of the bench's wall clock, within within_s; None where that clock is not disciplined.
    """

    told: str
    age_s: float
    half_width_s: float
    ahead_s: float | None = None
    within_s: float | None = None


@dataclass(frozen=True, slots=True)
class MeterReading:
    """What a meter's display or communication port told: energy registers in kWh (kvarh) with all their digits.

    decimals: of the registers. meter_constant_imp_per_kWh: where the meter tells it. raw: what it said, for the record.
    address: by which the meter itself goes; empty where it does not tell.
    """

    total_kWh: Decimal
    tariffs_kWh: tuple[Decimal, ...]
    decimals: int
    meter_constant_imp_per_kWh: Decimal | None
    at_ns: int
    raw: bytes = b""
    address: str = ""
    clock: MeterClock | None = None


class MeterPort(Protocol):
    """The communication port of one meter under test; it only ever reads."""

    def read(self) -> MeterReading:
        """Errors: InstrumentError where the meter does not answer."""

    def close(self) -> None: ...


class Lamp(StrEnum):
    """What the tower lamp of the bench says. While it measures, live voltage is lit, too."""

    IDLE = "idle"
    LIVE_VOLTAGE = "live_voltage"
    """A load is, or may be, on."""
    MEASURING = "measuring"
    """A load is on, and what the meters do under it counts."""
    PASS = "pass"
    FAIL = "fail"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class PanelInputs:
    """The contacts of a panel at the time of reading. What is not wired reads False."""

    emergency_stop_pressed: bool = False
    cover_open: bool = False
    start_pressed: bool = False
    stop_pressed: bool = False


class Panel(Protocol):
    """Contacts, tower lamp, and the line that feeds the contactor's timer. One thread calls it at a time.

    has_start_button: whether a press at the bench can be waited for. Errors of every method: InstrumentError.
    """

    has_start_button: bool

    def read(self) -> PanelInputs:
        """The levels now. A broken wire of a safety contact reads as pressed or open."""

    def feed(self) -> None:
        """One edge for the retriggerable timer that holds the contactor; without edges it drops."""

    def show(self, lamp: Lamp, sounds: bool) -> None:
        """Light the lamp; sounds: the buzzer."""

    def close(self) -> None:
        """Everything off. Twice is once."""


@dataclass(frozen=True, slots=True)
class MachineState:
    """How the computer is. None: this machine does not know. is_undervolted: its supply is too low just now."""

    temperature_C: float | None = None
    is_undervolted: bool | None = None


class MachineSensor(Protocol):
    """What the computer knows of itself."""

    def read(self) -> MachineState:
        """Now; never fails."""


class EnvironmentSensor(Protocol):
    """The thermometer of the bench."""

    def read(self) -> tuple[float, float | None]:
        """Temperature (degrees Celsius) and relative humidity (per cent; None: it has none), now.

        Errors: InstrumentError where it does not tell.
        """
