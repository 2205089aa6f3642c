"""The simulated station that a configuration describes: its clock, its plant and what stands in front of it.

`bench/app.py` asks for it where a driver is "sim"; nothing else of the bench knows that there is one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace

from bench.configuration.config import Config
from bench.configuration.positions import PositionSection
from bench.errors import OperatorError
from bench.ports import Clock, MeterPort, PulseInput
from bench.run.equipment import TrueError, no_true_error
from bench.sim.clock import ORIGIN_NS, VirtualClock
from bench.sim.edge_writer import EdgePipes
from bench.sim.faults import CLOCK_FAULTS, LINE_FAULTS, Fault, FaultEvent
from bench.sim.in_process import SimMeterPort
from bench.sim.meter import MeterModel, RegisterModel
from bench.sim.plant import Plant, PlantSetup
from bench.sim.reference import ReferenceModel
from bench.sim.source import SourceModel
from calibration.clock_error import S_PER_DAY
from calibration.load_points import LoadPoint
from calibration.quantities import WH_PER_KWH
from firmware_io.descriptor_edges import DescriptorPulseInput

Tell = Callable[[str], None]
_FAULT = re.compile(
    r"(?P<name>\w+)@(?P<at>[\d.]+)(\+(?P<duration>[\d.]+))?(#(?P<load>\d+))?(:(?P<line>[\w.-]+))?"
)


def simulation(config: Config, real: Clock) -> tuple[Clock, Plant]:
    """The plant and the clock it moves by: virtual, or the real one where real servers stand in front of it."""
    card, simulation = config.reference.card, config.simulation
    faults = _faults(simulation.faults, line_indices(config))
    # Off its certificate, as any instrument is, by less than the certificate's uncertainty.
    own_error_pct = card.indication_error_pct + card.calibration_U_pct / 4
    meters = [_meter(p) for p in config.position if p.driver == "sim"]
    pulses, per_Wh = config.reference.pulses, card.as_card().reference_pulses_per_Wh
    if pulses is not None and pulses.driver == "sim" and per_Wh is not None:
        # Its own output counts what it measures.
        meters.append(MeterModel(WH_PER_KWH * per_Wh, error_pct=own_error_pct))
    setup = PlantSetup(
        meters=tuple(meters),
        reference=ReferenceModel(
            energy_step_Wh=card.energy_step_Wh,
            refresh_s=card.refresh_s,
            refresh_deviation_ppm=80.0,
            power_step_W=card.power_step_W,
            power_gain_pct=card.power_gain_limit_pct / 10,
            power_lag_s=card.power_lag_s,
            energy_is_float32=card.energy_is_float32,
            energy_register_unit_Wh=card.energy_register_unit_Wh,
            indication_error_pct=own_error_pct,
            start_Wh=48_215.37,
        ),
        source=SourceModel(steadiness_pct=simulation.steadiness_pct),
        faults=tuple(f for f in faults if f.fault not in CLOCK_FAULTS),
        clock_errors_s_per_day=tuple(
            _on_bench_clock_s_per_day(p.simulated_clock_error_s_per_day, config.clock.simulated_rate_ppm)
            for p in config.position
            if p.clock_output is not None and p.clock_output.driver == "sim"
        ),
    )
    if (pps := config.clock.pps) is not None and pps.driver == "sim":
        pps_s_per_day = _on_bench_clock_s_per_day(0.0, config.clock.simulated_rate_ppm)
        setup = replace(setup, pps_error_s_per_day=pps_s_per_day)
    if simulation.servers:
        return real, Plant(setup, simulation.seed, real.now_ns())
    pace = real if simulation.speed > 0 else None
    clock = VirtualClock(pace=pace, speed=simulation.speed or 1.0, faults=faults)
    return clock, Plant(setup, simulation.seed, ORIGIN_NS)


def _on_bench_clock_s_per_day(error_s_per_day: float, bench_rate_ppm: float) -> float:
    """The daily error of a clock as it looks to a bench clock that is fast by bench_rate_ppm."""
    return (S_PER_DAY + error_s_per_day) / (1.0 + bench_rate_ppm * 1e-6) - S_PER_DAY


def _meter(position: PositionSection) -> MeterModel:
    p = position
    return MeterModel(
        p.simulated_constant_imp_per_kWh,
        error_pct=p.simulated_error_pct,
        starts_at_W=p.simulated_starts_at_W,
        creep_W=p.simulated_creep_W,
        phase_error_pct=tuple(zip("ABC", p.simulated_phase_error_pct, strict=False)),
        register=RegisterModel(
            decimals=p.simulated_register_decimals,
            error_pct=p.simulated_register_error_pct,
            tariff_defect_kWh=p.simulated_tariff_defect_kWh,
            address=p.simulated_address,
            declared_constant_imp_per_kWh=p.simulated_declared_constant_imp_per_kWh,
        ),
    )


def _faults(written: tuple[str, ...], lines: Mapping[str, int]) -> list[FaultEvent]:
    """`NAME@SECONDS`, with `+DURATION`, `#LOAD` and `:LINE` if wanted; lines: their numbers on the plant.

    Errors: OperatorError that names the known faults, or the known lines.
    """
    events = []
    for text in written:
        found = _FAULT.fullmatch(text)
        try:
            if found is None:
                raise ValueError(text)
            fault = Fault(found["name"])
        except ValueError as error:
            known = ", ".join(each.value for each in Fault)
            raise OperatorError(
                f"simulation.faults: {text!r} is no NAME@SECONDS[+DURATION][#LOAD][:LINE]; names: {known}"
            ) from error
        if found["line"] is not None and (fault not in LINE_FAULTS or found["line"] not in lines):
            raise OperatorError(
                f"simulation.faults: {text!r}: only a fault of a pulse line has a line; lines: {', '.join(lines)}"
            )
        # Faults of the clock know no load: their time is that of the simulated bench.
        number = 0 if fault in CLOCK_FAULTS else int(found["load"] or 1)
        load = number - 1 if number else None
        duration_s = float(found["duration"] or 0)
        line = 0 if found["line"] is None else lines[found["line"]]
        events.append(FaultEvent(fault, float(found["at"]), duration_s, line=line, load_application=load))
    return events


def tell_faults_to_come(plant: Plant, tell: Tell) -> None:
    """A fault that was asked for and did not happen tested nothing."""
    for event in plant.faults_to_come():
        load = "" if event.load_application is None else f" of load {event.load_application + 1}"
        tell(f"simulated fault {event.fault.value} at {event.at_s:g} s{load} never occurred")


def simulated_lines(config: Config, clock: Clock, plant: Plant, opened: ExitStack) -> dict[str, PulseInput]:
    """The simulated lines in kernel format through pipes, as a GPIO request's file descriptor gives them."""
    indices = line_indices(config)
    pipes = EdgePipes(plant, clock, len(indices))
    opened.callback(pipes.close)
    return {
        name: DescriptorPulseInput(fd, f"simulated line {name}", is_metrological=True)
        for (name, _), fd in zip(indices.items(), pipes.read_descriptors, strict=True)
    }


def line_indices(config: Config) -> dict[str, int]:
    """The number on the plant of each simulated line, which is its place among them in the configuration."""
    simulated = (name for name, line in config.lines.items() if line.driver == "sim")
    return {name: index for index, name in enumerate(simulated)}


def meter_ports(config: Config, clock: Clock, plant: Plant) -> dict[str, MeterPort]:
    """The ports of simulated meters."""
    indices = line_indices(config)
    return {
        p.name: SimMeterPort(plant, indices[p.name], clock) for p in config.position if p.meter_port == "sim"
    }


def displays(config: Config, clock: Clock, plant: Plant) -> dict[str, MeterPort]:
    """What stands on the displays of the simulated meters."""
    indices = line_indices(config)
    return {p.name: SimMeterPort(plant, indices[p.name], clock) for p in config.position if p.driver == "sim"}


def true_error(config: Config, plant: Plant | None) -> TrueError:
    """Of the simulated meters; a real meter's true error is not known, beside a simulated one either."""
    simulated = [p.name for p in config.position if p.driver == "sim"]
    if plant is None or not simulated:
        return no_true_error

    def true_error_pct(position: str, load_point: LoadPoint) -> float | None:
        if position not in simulated:
            return None
        return plant.true_errors_pct(load_point)[simulated.index(position)]

    return true_error_pct
