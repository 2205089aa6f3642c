"""The bench itself in bench.toml: its name and periods, its clock, its surroundings, who answers, what is simulated."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field

from bench.configuration.lines import PpsSection, debounced
from bench.errors import OperatorError
from bench.toml_reader import setting
from calibration.runs import PooledRepeatability

_SIMULATED_FREQUENCY_U_PPM = 0.01


@dataclass(frozen=True)
class BenchSection:
    """The bench itself: its name, its folder, its periods."""

    id: str = setting("name of this bench, shown on the page and kept in every record", "bench-1")
    state_dir: str = setting("folder of the journal, the raw files and the socket", "var")
    socket: str = setting("path of the control socket; empty: bench.sock in state_dir", "")
    edge_period_s: float = setting("how often the pulse lines are drained", 0.02, low=0.001, high=1.0)
    publish_period_s: float = setting("how often the live state is published", 0.2, low=0.05, high=60.0)
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


@dataclass(frozen=True)
class ClockSection:
    """The bench clock, and how well its rate is known."""

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

    def completed(self) -> ClockSection:
        """With what follows from its settings: the debouncing of the pps line, the rate of the simulated clock."""
        is_exact = self.driver == "simulated" and self.frequency_U_ppm is None
        U_ppm = _SIMULATED_FREQUENCY_U_PPM if is_exact else self.frequency_U_ppm
        return dataclasses.replace(self, frequency_U_ppm=U_ppm, pps=self.pps and debounced(self.pps))


@dataclass(frozen=True)
class EnvironmentSection:
    """Who says how warm it is."""

    driver: str = setting(
        "typed (the plan's ambient_temperature_C counts, or what the verifier of a case types at its start), hwmon (a "
        "sensor with a driver in the kernel, read before, every minute of and after a run; its figures count in place "
        "of the plan's), or sim (a sensor of the simulated bench)",
        "typed",
        choices=("typed", "hwmon", "sim"),
    )
    chip: str = setting(
        "hwmon: name of the chip, as in /sys/class/hwmon/*/name or /sys/bus/iio/devices/*/name, such as sht3x",
        "",
    )


@dataclass(frozen=True)
class DeskSection:
    """Who answers what the bench asks."""

    driver: str = setting(
        "who answers what the bench asks (checklists, registers): open (people), or sim (at once, nothing wrong)",
        "open",
        choices=("open", "sim"),
    )
    answer_within_s: float = setting(
        "open: how long a question waits; what is not answered then is INVALID", 1800.0, low=10, high=86_400
    )


@dataclass(frozen=True)
class RepeatabilitySection:
    """How far runs of this bench scatter, from many earlier ones."""

    sd_pct: float = setting("pooled standard deviation of one run; 0: not known", 0.0, low=0, high=10)
    degrees_of_freedom: float = setting("its degrees of freedom, 1 at least", 0.0, low=0)

    def as_pooled(self) -> PooledRepeatability | None:
        """None where it is not known. Errors: OperatorError for one figure without the other."""
        if not self.sd_pct and not self.degrees_of_freedom:
            return None
        try:
            return PooledRepeatability(self.sd_pct, self.degrees_of_freedom)
        except ValueError as error:
            raise OperatorError(f"[repeatability]: {error}") from error


@dataclass(frozen=True)
class SimulationSection:
    """What the sim drivers show."""

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
