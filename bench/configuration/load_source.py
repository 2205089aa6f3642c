"""`[load_source]` of bench.toml: what energises the meters, and what its load must never exceed."""

from __future__ import annotations

from dataclasses import dataclass, field

from bench.configuration.wire import check_host, check_wire
from bench.errors import OperatorError
from bench.toml_reader import setting

_MOST_RELAYS = 12


@dataclass(frozen=True)
class LimitsSection:
    """What the load of this bench must never exceed; a plan that would is refused."""

    highest_voltage_V: float | None = setting("highest voltage of a load", None, above=0)
    highest_current_A: float | None = setting("highest current of a load", None, above=0)
    highest_power_VA: float | None = setting("highest apparent power of a load, all phases", None, above=0)
    high_current_A: float | None = setting(
        "from this current on the time of a load is limited; the next two belong to it", None, above=0
    )
    longest_at_high_current_s: float | None = setting(
        "how long such a load may last; a plan that needs longer is refused, and a load that lasts longer is removed",
        None,
        above=0,
        high=86_400,
    )
    rest_after_high_current_s: float | None = setting(
        "how long no such load may follow one, nor the start of the process; it is waited for",
        None,
        above=0,
        high=86_400,
    )


@dataclass(frozen=True)
class ContactorSection:
    """The contactor in front of a bank of relays."""

    line: str = setting("GPIO number or name of the line that holds it closed, such as GPIO10")
    voltage_V: float = setting("the voltage that it switches to the meters", above=0)
    active_high: bool = setting("whether a high level closes it", True)


@dataclass(frozen=True)
class RelaySection:
    """One relay of the bank and the load that it adds."""

    line: str = setting("GPIO number or name of the line that holds it closed, such as GPIO25")
    current_A: float = setting("current that its load draws at the contactor's voltage", above=0)
    power_factor: float = setting("its power factor", 1.0, above=0, high=1)
    phase_side: str = setting(
        "L inductive, C capacitive; leave out at power factor 1", "", choices=("L", "C")
    )
    active_high: bool = setting("whether a high level closes it", True)


@dataclass(frozen=True)
class LoadSourceSection:
    """What energises the meters, and how long it may take."""

    driver: str = setting(
        "manual (the bench says what to set), modbus or serial (a programmable source by its profile), relays (fixed "
        "loads) or sim",
        choices=("manual", "modbus", "serial", "relays", "sim"),
    )
    profile: str = setting(
        "modbus and serial: the source's profile, a known one or the path of a TOML file", ""
    )
    host: str = setting("modbus and serial over TCP: address; leave empty for a serial port", "")
    port: int = setting("modbus and serial over TCP: port", 502, low=1, high=65535)
    serial_port: str = setting("modbus RTU and serial: device, best by /dev/serial/by-id", "")
    baud: int = setting("serial port: bits per second", 9600, low=300, high=1_000_000)
    parity: str = setting("serial port: parity", "N", choices=("N", "E", "O"))
    stop_bits: int = setting("serial port: stop bits", 1, low=1, high=2)
    device_id: int = setting("modbus unit address", 1, low=1, high=247)
    timeout_s: float = setting("modbus and serial: how long a reply may take", 0.5, low=0.02, high=10)
    reached_within_pct: float = setting(
        "how near the read-back must be to the load point", 5.0, above=0, high=50
    )
    steady_for_s: float = setting("how long the read-back must have been steady", 2.0, low=0.1, high=600)
    settle_timeout_s: float = setting("after this the load counts as not reached", 60.0, low=1, high=3600)
    chip: str = setting("relays: label of the GPIO chip, such as pinctrl-rp1; empty: any Pi header", "")
    switching_s: float = setting(
        "relays: how long a relay or the contactor takes to open or close", 0.1, low=0.01, high=5
    )
    contactor: ContactorSection | None = field(
        default=None, metadata={"doc": "relays: the contactor that switches the voltage"}
    )
    relay: tuple[RelaySection, ...] = setting("relays: the fixed loads, one [[load_source.relay]] each", ())
    confirm_within_s: float = setting(
        "manual: how long it is waited until somebody confirms that the load is set",
        1800.0,
        low=1,
        high=86_400,
    )
    limits: LimitsSection = field(
        default_factory=LimitsSection,
        metadata={"doc": "what no plan can exceed, whatever the source could do"},
    )

    @property
    def is_simulated(self) -> bool:
        """Whether the source is in the measuring process itself, whatever stands in front of it."""
        has_wire = bool(self.host or self.serial_port)
        return self.driver == "sim" or (self.driver in ("modbus", "serial") and not has_wire)


def check_source(source: LoadSourceSection, where: str, *, may_be_simulated: bool) -> None:
    """What the driver of the load source needs. Errors: OperatorError."""
    where = f"{where}: [load_source]"
    if source.driver in ("modbus", "serial"):
        if not source.profile:
            raise OperatorError(f"{where} needs profile, such as profile = 'demo-source'")
        check_wire(source.host, source.serial_port, where, may_be_absent=may_be_simulated)
    if source.driver == "relays":
        _check_relays(source, where)
    check_host(source.host, where)
    times = (
        source.limits.high_current_A,
        source.limits.longest_at_high_current_s,
        source.limits.rest_after_high_current_s,
    )
    if any(time is None for time in times) and any(time is not None for time in times):
        raise OperatorError(
            f"{where}: in [load_source.limits] high_current_A, longest_at_high_current_s and "
            "rest_after_high_current_s belong together; give all three"
        )


def _check_relays(source: LoadSourceSection, where: str) -> None:
    if source.contactor is None:
        raise OperatorError(
            f"{where} needs [load_source.contactor], which takes the voltage off the meters whatever a relay does"
        )
    highest_V = source.limits.highest_voltage_V
    if highest_V is not None and source.contactor.voltage_V > highest_V:
        raise OperatorError(
            f"{where}: the contactor switches {source.contactor.voltage_V:g} V, beyond [load_source.limits] "
            f"highest_voltage_V = {highest_V:g}"
        )
    if not 1 <= len(source.relay) <= _MOST_RELAYS:
        raise OperatorError(f"{where} needs 1 to {_MOST_RELAYS} tables [[load_source.relay]]")
    lines = [source.contactor.line, *(relay.line for relay in source.relay)]
    if any(not line for line in lines) or len(set(lines)) != len(lines):
        raise OperatorError(f"{where}: the contactor and each relay need a line of their own")
    for relay in source.relay:
        if (relay.power_factor == 1.0) != (relay.phase_side == ""):
            raise OperatorError(
                f"{where}: relay on {relay.line}: phase_side belongs to a power factor below 1, and only there"
            )
