"""`[reference]` of bench.toml: how the reference standard is read, and its card."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field

from bench.configuration.lines import PulseLineSection, check_line, debounced
from bench.configuration.wire import check_host, check_wire
from bench.dates import require_day
from bench.errors import OperatorError
from bench.toml_reader import setting
from calibration.nameplate import Direction
from calibration.reference_standard import CardCorrection, ReferenceCard


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


@dataclass(frozen=True, kw_only=True)
class ReferenceSection:
    """The reference standard: how it is read, and which of its energies and powers are compared."""

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

    def completed(self) -> ReferenceSection:
        """With what follows from its settings (`lines.debounced`)."""
        return dataclasses.replace(self, pulses=self.pulses and debounced(self.pulses))


def check_reference(reference: ReferenceSection, where: str) -> None:
    """What its driver, its card and its pulses need. Errors: OperatorError."""
    if reference.driver == "modbus":
        check_wire(reference.host, reference.serial_port, f"{where}: [reference]")
    if reference.energy == "reactive" and reference.power == "phase_1":
        raise OperatorError(
            f"{where}: [reference] power = 'phase_1' is active power; with energy = 'reactive' leave it out"
        )
    check_host(reference.host, f"{where}: [reference]")
    if reference.card.valid_until:
        require_day(reference.card.valid_until, f"{where}: [reference.card] valid_until")
    if not reference.card_id:
        _check_card(reference.card, where)
    if reference.pulses is not None:
        check_line(reference.pulses, f"{where}: [reference.pulses]")
        if reference.card.reference_pulse_constant_imp_per_Wh is None:
            raise OperatorError(f"{where}: [reference.card] needs reference_pulse_constant_imp_per_Wh")


def _check_card(card: CardSection, where: str) -> None:
    """The whole card, where no equipment card has the rest."""
    for name in ("model", "serial"):
        if not getattr(card, name):
            raise OperatorError(
                f"{where}: [reference.card] {name} is missing; give it, or card_id in [reference]"
            )
    try:
        card.as_card()
    except OperatorError as error:
        raise OperatorError(f"{where}: {error}") from error
