"""The configuration of a bench: what is wired where. Station facts only; what a run does is in its plan.

Read strictly (`toml_reader`): an unknown key is an error. Every setting is described by its own `doc`, from
which docs/configuration.md is written (`python -m bench.commands.config_page`).
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from bench.configuration.config_checks import check, check_source
from bench.configuration.toml_reader import load_toml, parse_toml, read_table, setting
from bench.errors import OperatorError
from bench.line_names import PPS_LINE, REFERENCE_LINE, clock_line
from calibration.nameplate import Direction
from calibration.quantities import FALLING, RISING
from calibration.reference_standard import CardCorrection, ReferenceCard
from calibration.runs import PooledRepeatability


@dataclass(frozen=True)
class BenchSection:
    id: str = setting("name of this bench, shown on the page and kept in every record", "bench-1")
    state_dir: str = setting("folder of the journal, the raw files and the socket", "var")
    socket: str = setting("path of the control socket; empty: bench.sock in state_dir", "")
    edge_period_s: float = setting("how often the pulse lines are drained", 0.02, low=0.001, high=1.0)
    publish_period_s: float = setting("how often the live state is published", 0.5, low=0.05, high=60.0)
    evaluation_period_s: float = setting("how often the running error is computed", 1.0, low=0.1, high=60.0)
    equipment: tuple[str, ...] = setting(
        "ids of the other equipment cards that results rest on: source, thermometer, clock, the bench", ()
    )
    equipment_due_soon_days: int = setting(
        "so many days before its certificate ends, equipment is shown as due", 30, low=0, high=3650
    )
    daily_check_needed: bool | None = setting(
        "whether results are official only after today's check with a check meter; left out: as soon as a check meter "
        "is registered",
        None,
    )
    minimum_free_MB: float = setting(
        "a run is refused with less free disk than this", 200.0, low=1.0, high=1e6
    )


_SIMULATED_FREQUENCY_U_PPM = 0.01
_CONTACT_DEBOUNCE_US = 3000
"""Reed contacts bounce for a millisecond or less, relays for some (unsure)."""


@dataclass(frozen=True, kw_only=True)
class PulseLineSection:
    """One pulse line: how it is wired."""

    driver: str = setting(
        "what the line is wired to; results from gpiozero and file are informative",
        choices=("gpiod", "gpiozero", "file", "sim"),
    )
    chip: str = setting("gpiod: label of the GPIO chip, such as pinctrl-rp1; empty: any Pi header", "")
    line: str = setting("gpiod and gpiozero: GPIO number or name, such as GPIO17", "")
    bias: str = setting(
        "gpiod and gpiozero: bias", "pull_up", choices=("pull_up", "pull_down", "disabled", "as_is")
    )
    output_type: str = setting(
        "what gives the pulses: opto (opto-coupled transistor, such as S0), led (optical head) or contact (reed, "
        "relay); only a contact is debounced",
        "opto",
        choices=("opto", "led", "contact"),
    )
    debounce_us: int | None = setting(
        "gpiod, contact: how long the kernel waits until a change counts (0 is off); without it 3000 (unsure); it is "
        "recorded",
        None,
        low=0,
        high=100_000,
    )
    path: str = setting(
        "file: a recording (bench record, or a raw file of a run), which is played again from its start, or a FIFO of "
        "kernel edge records",
        "",
    )


@dataclass(frozen=True, kw_only=True)
class PpsSection(PulseLineSection):
    """A line with one pulse a second."""

    edge: str = setting("which edge is the second", "rising", choices=("rising", "falling"))
    U_ppm: float = setting(
        "expanded uncertainty (k = 2) of its own rate; 0.001 is a satellite receiver that has a fix (unsure)",
        0.001,
        above=0,
        high=10,
    )

    @property
    def edge_kind(self) -> int:
        return RISING if self.edge == "rising" else FALLING


@dataclass(frozen=True)
class ClockSection:
    driver: str = setting("system, or simulated (virtual time)", "system", choices=("system", "simulated"))
    frequency_U_ppm: float | None = setting(
        "expanded uncertainty (k = 2) of the clock's rate as it is disciplined; without it clocks are not tested "
        "(0.01 for the simulated clock)",
        None,
        above=0,
        high=1000,
    )
    pps: PpsSection | None = field(
        default=None,
        metadata={"doc": "a pulse each true second, which the rate of the bench clock is measured by"},
    )
    simulated_rate_ppm: float = setting(
        "simulated: by how much the bench clock is fast", 0.0, low=-500, high=500
    )


Line = TypeVar("Line", bound=PulseLineSection)


@dataclass(frozen=True)
class MeterSerialSection:
    """The serial line to a meter's communication port; meters on one RS-485 line name the same port."""

    port: str = setting("serial port, best its name under /dev/serial/by-id")
    address: str = setting(
        "dlt645: the meter's 12 digits; iec62056-21: its device address; empty: alone on the line", ""
    )
    baud: int = setting("dlt645: baud rate (iec62056-21 begins at 300)", 2400, low=300, high=115_200)
    parity: str = setting(
        "parity; N with iec62056-21 means 8 data bits, else 7", "E", choices=("N", "E", "O")
    )


@dataclass(frozen=True, kw_only=True)
class PositionSection(PulseLineSection):
    """One position: the test output of the meter that hangs there."""

    name: str = setting("name of the position; plans refer to it")
    meter_port: str = setting(
        "how the meter's registers are read: none, ask (the technician types them in), dlt645 (DL/T 645-2007), "
        "iec62056-21 (mode C) or sim",
        "none",
        choices=("none", "ask", "dlt645", "iec62056-21", "sim"),
    )
    meter_serial: MeterSerialSection | None = field(
        default=None, metadata={"doc": "the serial line to its communication port"}
    )
    meter_identity: str = setting(
        "what the meter tells over its port is compared with the plan before a current flows, and another meter is "
        "refused: serial (its constant, and its address with [[meter]] address or serial), serial_end (the shorter of "
        "the two is the end of the longer), constant (where the address is no number of the plan), none; empty: serial "
        "with dlt645 and iec62056-21, none with sim",
        "",
        choices=("serial", "serial_end", "constant", "none"),
    )
    clock_output: PulseLineSection | None = field(
        default=None, metadata={"doc": "the meter's 1 Hz clock output, if it is wired"}
    )
    simulated_error_pct: float = setting("sim: true error of the simulated meter", 0.35, low=-90, high=100)
    simulated_constant_imp_per_kWh: float = setting("sim: constant of the simulated meter", 1200.0, above=0)
    simulated_phase_error_pct: tuple[float, ...] = setting(
        "sim: what is added to its error where phase A, B or C alone is loaded", (), low=-90, high=100
    )
    simulated_starts_at_W: float = setting("sim: a lower power is not counted", 0.0, low=0)
    simulated_creep_W: float = setting("sim: what it counts with voltage and no current", 0.0, low=0)
    simulated_register_decimals: int = setting("sim: decimals of its energy register", 4, low=0, high=6)
    simulated_register_error_pct: float = setting(
        "sim: error of its register against its pulses", 0.0, low=-90, high=100
    )
    simulated_declared_constant_imp_per_kWh: float | None = setting(
        "sim: the constant that the meter tells, if it is not the true one", None, above=0
    )
    simulated_address: str = setting("sim: the address that the meter tells; empty: none", "")
    simulated_tariff_defect_kWh: float = setting(
        "sim: by how much its tariffs do not sum up", 0.0, low=-1000, high=1000
    )
    simulated_clock_error_s_per_day: float = setting(
        "sim: daily error of its clock output", 0.1, low=-1000, high=1000
    )


@dataclass(frozen=True)
class CorrectionSection:
    """One row of the certificate's table."""

    current_A: float = setting("current of this point of the certificate", above=0)
    power_factor: float = setting("its power factor", above=0, high=1)
    indication_error_pct: float = setting(
        "error of indication there; a certificate that states corrections states the opposite", low=-5, high=5
    )
    U_pct: float = setting("expanded uncertainty there, with coverage_factor of the card", above=0)
    phase_side: str = setting(
        "L inductive, C capacitive; leave out at power factor 1", "", choices=("L", "C")
    )
    voltage_V: float = setting("voltage of this point; 0: any", 0.0, low=0)


@dataclass(frozen=True, kw_only=True)
class CardSection:
    """The reference standard's card: from its certificate and from `bench check`."""

    model: str = setting("model of the reference standard; needed without reference.card_id", "")
    serial: str = setting("its serial number; needed without reference.card_id", "")
    accuracy_class_pct: float | None = setting(
        "its accuracy class in per cent; needed without reference.card_id", None, low=0.001, high=10
    )
    energy_step_Wh: float = setting(
        "step r of its energy register, as measured by bench check (before that a guess, such as 1.0)",
        low=1e-6,
        high=1e5,
    )
    refresh_s: float = setting(
        "refresh interval T, as measured by bench check (before that a guess, such as 1.0)", low=0.01, high=60
    )
    power_step_W: float = setting(
        "step of its power register, as measured by bench check (before that a guess, such as 1.0)", low=0
    )
    power_lag_s: float = setting("delay of the power register behind the energy register", 0.0, low=0)
    power_lag_u_s: float = setting("standard uncertainty of that lag", 0.0, low=0)
    lag_known: bool = setting("whether the lag was measured; if not, results are informative", True)
    indication_error_pct: float = setting("error of indication, from its certificate", 0.0, low=-5, high=5)
    calibration_U_pct: float = setting(
        "expanded uncertainty of its calibration; without one (0) the accuracy class stands in", 0.0, low=0
    )
    coverage_factor: float = setting("coverage factor k of that uncertainty", 2.0, low=1, high=5)
    drift_pct: float = setting("drift since calibration, half width", 0.0, low=0)
    stability_pct: float = setting("stability, half width", 0.0, low=0)
    power_gain_limit_pct: float = setting(
        "largest gain of power against energy, by their specs", 0.2, above=0
    )
    energy_is_float32: bool = setting("whether the energy register is a 32 bit float", False)
    energy_register_unit_Wh: float = setting("watt-hours in one unit of the energy register", 1.0, above=0)
    reference_pulse_constant_imp_per_Wh: float | None = setting(
        "pulses per watt-hour of its own output, before any divider; leave out if not wired", None, above=0
    )
    reference_pulse_divider: int = setting(
        "how many of its pulses make one pulse on the line (a 74HC4040 divides by 256); 1: no divider",
        1,
        low=1,
        high=65_536,
    )
    certificate_temperature_C: float = setting(
        "temperature at which the certificate's errors hold", 23.0, low=-40, high=80
    )
    temperature_coefficient_pct_per_K: float = setting(
        "how far its error may move a kelvin; the plan then needs ambient_temperature_C. 0: no row",
        0.0,
        low=0,
        high=1,
    )
    certificate_voltage_V: float = setting(
        "voltage at which the certificate's errors hold, as a load point states it (3p3w: line voltage); 0: any; that "
        "of a correction goes before it",
        0.0,
        low=0,
    )
    voltage_coefficient_pct_per_V: float = setting(
        "how far its error may move a volt away from there. 0: no row", 0.0, low=0, high=1
    )
    certificate: str = setting("number of its certificate", "")
    valid_until: str = setting("last day of its certificate, YYYY-MM-DD", "")
    corrections: tuple[CorrectionSection, ...] = setting(
        "the certificate's table, where it has one; indication_error_pct and calibration_U_pct are not used then",
        (),
    )

    def as_card(self) -> ReferenceCard:
        """Errors: OperatorError for a card that contradicts itself, or has no class yet."""
        if self.accuracy_class_pct is None:
            raise OperatorError(
                "[reference.card]: accuracy_class_pct is missing; give it, or card_id in [reference]"
            )
        corrections = tuple(CardCorrection(**dataclasses.asdict(c)) for c in self.corrections)
        try:
            return ReferenceCard(**dataclasses.asdict(self) | {"corrections": corrections})
        except ValueError as error:
            raise OperatorError(f"[reference.card]: {error}") from error


CERTIFICATE_SETTINGS = (
    "model", "serial", "accuracy_class_pct", "indication_error_pct", "calibration_U_pct", "coverage_factor",
    "drift_pct", "stability_pct", "certificate_temperature_C", "temperature_coefficient_pct_per_K",
    "certificate_voltage_V", "voltage_coefficient_pct_per_V", "certificate", "valid_until", "corrections",
)  # fmt: skip
"""Of [reference.card], what the equipment card has instead where the configuration names one."""


@dataclass(frozen=True)
class RepeatabilitySection:
    """How far runs of this bench scatter, from many earlier ones."""

    sd_pct: float = setting("pooled standard deviation of one run; 0: not known", 0.0, low=0, high=10)
    degrees_of_freedom: float = setting("its degrees of freedom", 0.0, low=0)

    def as_pooled(self) -> PooledRepeatability | None:
        """None where it is not known. Errors: OperatorError for one figure without the other."""
        if not self.sd_pct and not self.degrees_of_freedom:
            return None
        try:
            return PooledRepeatability(self.sd_pct, self.degrees_of_freedom)
        except ValueError as error:
            raise OperatorError(f"[repeatability]: {error}") from error


@dataclass(frozen=True, kw_only=True)
class ReferenceSection:
    card: CardSection = field(metadata={"doc": "the card of the reference standard"})
    card_id: str = setting(
        "id of its equipment card (bench admin equipment), which then has all that is on its certificate; "
        "[reference.card] keeps what bench check measures. Without one results are informative",
        "",
    )
    driver: str = setting("how it is read", choices=("modbus", "sim"))
    profile: str = setting("register profile: a known model or the path of a TOML file")
    energy_address: int | None = setting(
        "wire address of the energy register, for models where the user assigns it", None, low=0, high=65_535
    )
    energy: str = setting("which energy is compared", "import", choices=("import", "export", "reactive"))
    power: str = setting(
        "which power is compared: of all phases, or of phase 1 alone", "total", choices=("total", "phase_1")
    )
    ct_ratio: float = setting(
        "ratio of current transformers between the load and the reference; what it reads is multiplied by it",
        1.0,
        low=0.001,
        high=1e6,
    )
    vt_ratio: float = setting("the same of voltage transformers", 1.0, low=0.001, high=1e6)
    host: str = setting("modbus over TCP: address; leave empty for a serial port", "")
    port: int = setting("modbus over TCP: port", 502, low=1, high=65535)
    serial_port: str = setting("modbus RTU: device, best by /dev/serial/by-id", "")
    baud: int = setting("modbus RTU: bits per second", 9600, low=300, high=1_000_000)
    parity: str = setting("modbus RTU: parity", "N", choices=("N", "E", "O"))
    stop_bits: int = setting("modbus RTU: stop bits", 1, low=1, high=2)
    device_id: int = setting("modbus unit address", 1, low=1, high=247)
    pulses: PulseLineSection | None = field(
        default=None, metadata={"doc": "the reference standard's own pulse output, if it is wired"}
    )
    poll_interval_s: float = setting(
        "poll interval D, at most a quarter of the refresh", 0.045, low=0.01, high=60
    )
    timeout_s: float = setting("how long a reply may take", 0.5, low=0.02, high=30)

    @property
    def direction(self) -> Direction:
        """The direction of the energy that is compared."""
        return Direction.EXPORT if self.energy == "export" else Direction.IMPORT


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


_CONTACT = "line of the {}; empty: not wired"
_LAMP = "line of the tower lamp for {}; empty: not wired"


@dataclass(frozen=True)
class PanelSection:
    """Lines by GPIO number or name, such as GPIO17."""

    driver: str = setting(
        "none, gpiozero, or sim (a panel with a start button that is pressed now and then)",
        "none",
        choices=("none", "gpiozero", "sim"),
    )
    chip: str = setting("label of the GPIO chip, such as pinctrl-rp1; empty: any Pi header", "")
    emergency_stop: str = setting(
        _CONTACT.format("emergency stop's contact, closed while it is released"), ""
    )
    cover: str = setting(_CONTACT.format("cover's contact, closed while the cover is"), "")
    start_button: str = setting(
        _CONTACT.format(
            "start button, closed while it is pressed; where it is wired, only its press arms the bench"
        ),
        "",
    )
    stop_button: str = setting(_CONTACT.format("stop button, closed while it is pressed; ends the run"), "")
    closed_reads: str = setting(
        "level of a closed contact: low (to ground, with the chip's pull-up), or high (to 3.3 V, with its pull-down); "
        "either way a broken wire reads as an open contact",
        "low",
        choices=("low", "high"),
    )
    contactor_feed: str = setting(
        "line whose edges feed the retriggerable timer that holds the contactor; empty: not wired", ""
    )
    lamp_idle: str = setting(_LAMP.format("idle"), "")
    lamp_live_voltage: str = setting(_LAMP.format("live voltage, lit while measuring, too"), "")
    lamp_measuring: str = setting(_LAMP.format("measuring"), "")
    lamp_pass: str = setting(_LAMP.format("PASS"), "")
    lamp_fail: str = setting(_LAMP.format("FAIL"), "")
    lamp_invalid: str = setting(_LAMP.format("INVALID"), "")
    buzzer: str = setting("line of the buzzer; empty: not wired", "")
    lit_is: str = setting("level that lights a lamp and sounds the buzzer", "high", choices=("low", "high"))
    start_within_s: float = setting(
        "how long a press at the bench is waited for, and a contact that is open; then the run ends INVALID",
        600.0,
        low=1,
        high=86_400,
    )


@dataclass(frozen=True)
class EnvironmentSection:
    driver: str = setting(
        "typed (the plan's ambient_temperature_C counts), or hwmon (a sensor with a driver in the kernel, read before, "
        "every minute of and after a run; its figures count in place of the plan's)",
        "typed",
        choices=("typed", "hwmon"),
    )
    chip: str = setting(
        "hwmon: name of the chip, as in /sys/class/hwmon/*/name or /sys/bus/iio/devices/*/name, such as sht3x",
        "",
    )


@dataclass(frozen=True)
class DeskSection:
    driver: str = setting(
        "who answers what the bench asks (checklists, registers): open (people), or sim (at once, nothing wrong)",
        "open",
        choices=("open", "sim"),
    )


@dataclass(frozen=True)
class SimulationSection:
    seed: int = setting("seed of the simulated bench", 1, low=0)
    speed: float = setting("1: real time; N: N times faster; 0: as fast as it goes", 1.0, low=0, high=10_000)
    servers: bool = setting(
        "true: a real Modbus server and a pipe in front of the plant (speed 1 only)", False
    )
    steadiness_pct: float = setting("rms fluctuation of the simulated load", 0.05, low=0, high=20)
    faults: tuple[str, ...] = setting(
        "input faults to inject, NAME@SECONDS[+DURATION][#LOAD][:LINE]: seconds after load number LOAD (1) is "
        "applied, or after the start of the bench (0); LINE is a position (the first), its clock output (such as "
        "1.clock) or reference",
        (),
    )


@dataclass(frozen=True)
class Config:
    reference: ReferenceSection = field(metadata={"doc": "the reference standard"})
    load_source: LoadSourceSection = field(metadata={"doc": "what energises the meters"})
    position: tuple[PositionSection, ...] = setting("the positions, one [[position]] table each")
    bench: BenchSection = field(default_factory=BenchSection, metadata={"doc": "the bench itself"})
    clock: ClockSection = field(default_factory=ClockSection, metadata={"doc": "the bench clock"})
    panel: PanelSection = field(
        default_factory=PanelSection,
        metadata={
            "doc": "contacts, lamps and the contactor's feed at the bench; docs/safety.md says what they are for"
        },
    )
    environment: EnvironmentSection = field(
        default_factory=EnvironmentSection, metadata={"doc": "temperature and humidity at the bench"}
    )
    desk: DeskSection = field(default_factory=DeskSection, metadata={"doc": "the technician's answers"})
    repeatability: RepeatabilitySection = field(
        default_factory=RepeatabilitySection,
        metadata={
            "doc": "how far runs of this bench scatter: stands in where fewer than six runs are made; "
            "`bench admin pool-repeatability` finds it"
        },
    )
    simulation: SimulationSection = field(
        default_factory=SimulationSection, metadata={"doc": "the simulated bench, for the sim drivers"}
    )

    @property
    def state_dir(self) -> Path:
        return Path(self.bench.state_dir)

    @property
    def socket_path(self) -> Path:
        return Path(self.bench.socket) if self.bench.socket else self.state_dir / "bench.sock"

    @property
    def lines(self) -> dict[str, PulseLineSection]:
        """All pulse lines by name: the positions, the reference standard's own, clock outputs, a pulse each second."""
        lines: dict[str, PulseLineSection] = {p.name: p for p in self.position}
        if self.reference.pulses is not None:
            lines[REFERENCE_LINE] = self.reference.pulses
        for position in self.position:
            if position.clock_output is not None:
                lines[clock_line(position.name)] = position.clock_output
        if self.clock.pps is not None:
            lines[PPS_LINE] = self.clock.pps
        return lines

    @property
    def drivers(self) -> tuple[str, ...]:
        inputs = tuple(line.driver for line in self.lines.values())
        panel = () if self.panel.driver == "none" else (self.panel.driver,)
        return (*inputs, self.reference.driver, self.load_source.driver, *panel)


def load_config(path: Path) -> Config:
    """Read and check bench.toml; a relative state_dir is relative to the file's folder."""
    if not path.exists():
        raise OperatorError(
            f"{path}: there is no such file; give --config PATH, the configuration of the bench"
        )
    config = _read(load_toml(path), str(path))
    if config.state_dir.is_absolute():
        return config
    bench = dataclasses.replace(config.bench, state_dir=str(path.resolve().parent / config.bench.state_dir))
    return dataclasses.replace(config, bench=bench)


def read_load_source(path: Path) -> LoadSourceSection:
    """Only what is said of the load source, whatever is wrong elsewhere in the file. Errors: OperatorError."""
    table = load_toml(path).get("load_source", {})
    if not isinstance(table, dict):
        raise OperatorError(f"{path}: load_source must be a table")
    section = read_table(LoadSourceSection, table, f"{path}: [load_source]")
    check_source(section, str(path), may_be_simulated=True)
    return section


def parse_config(text: str, where: str) -> Config:
    """The same for a text that is no file; a relative state_dir stays relative to the working folder."""
    return _read(parse_toml(text, where), where)


def _read(table: dict[str, Any], where: str) -> Config:
    config = read_table(Config, table, where)
    check(config, where)
    if config.reference.card_id:
        twice = [name for name in CERTIFICATE_SETTINGS if name in table["reference"]["card"]]
        if twice:
            raise OperatorError(
                f"{where}: [reference.card] has {', '.join(twice)}, which the equipment card "
                f"{config.reference.card_id} has; take it out here"
            )
    return _completed(config)


def _completed(config: Config) -> Config:
    """With what follows from the rest, so that it is in the record: debouncing by type, the simulated clock's rate."""
    config = _debounced(config)
    if config.clock.driver == "simulated" and config.clock.frequency_U_ppm is None:
        exact = dataclasses.replace(config.clock, frequency_U_ppm=_SIMULATED_FREQUENCY_U_PPM)
        return dataclasses.replace(config, clock=exact)
    return config


def _debounced(config: Config) -> Config:
    """With the time that each line is debounced for, which so is in the record."""

    def line(section: Line) -> Line:
        asks = section.driver == "gpiod" and section.output_type == "contact"
        by_type_us = _CONTACT_DEBOUNCE_US if asks else 0
        return dataclasses.replace(
            section, debounce_us=by_type_us if section.debounce_us is None else section.debounce_us
        )

    positions = tuple(
        dataclasses.replace(line(p), clock_output=p.clock_output and line(p.clock_output))
        for p in config.position
    )
    reference = config.reference
    reference = dataclasses.replace(reference, pulses=reference.pulses and line(reference.pulses))
    clock = dataclasses.replace(config.clock, pps=config.clock.pps and line(config.clock.pps))
    return dataclasses.replace(config, position=positions, reference=reference, clock=clock)
