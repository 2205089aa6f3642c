"""The simulated station that a configuration describes: its clock, its plant and what stands in front of it.

`bench/app.py` asks for it where a driver is "sim"; nothing else of the bench knows that there is one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import ExitStack

from bench.config import Config
from bench.errors import OperatorError
from bench.ports import Clock, PulseInput
from bench.process import TrueError, no_true_error
from bench.sim.clock import ORIGIN_NS, VirtualClock
from bench.sim.edge_writer import EdgePipes
from bench.sim.faults import CLOCK_FAULTS, Fault, FaultEvent
from bench.sim.meter import MeterModel
from bench.sim.plant import Plant, PlantSetup
from bench.sim.reference import ReferenceModel
from bench.sim.source import SourceModel
from calibration.load_points import LoadPoint
from firmware_io.gpio_edges import DescriptorPulseInput

Tell = Callable[[str], None]
_FAULT = re.compile(r"(?P<name>\w+)@(?P<at>[\d.]+)(\+(?P<duration>[\d.]+))?(#(?P<load>[1-9]\d*))?")


def simulation(config: Config, real: Clock) -> tuple[Clock, Plant]:
    """The plant and the clock it moves by: virtual, or the real one where real servers stand in front of it."""
    card, simulation = config.reference.card, config.simulation
    faults = _faults(simulation.faults)
    # Off its certificate, as any instrument is, by less than the certificate's uncertainty.
    own_error_pct = card.indication_error_pct + card.calibration_U_pct / 4
    meters = [
        MeterModel(p.simulated_constant_imp_per_kWh, error_pct=p.simulated_error_pct)
        for p in config.position
        if p.driver == "sim"
    ]
    pulses, per_Wh = config.reference.pulses, card.reference_pulse_constant_imp_per_Wh
    if pulses is not None and pulses.driver == "sim" and per_Wh is not None:
        # Its own output counts what it measures; on the plant it is one more line, after the positions.
        meters.append(MeterModel(1000.0 * per_Wh, error_pct=own_error_pct))
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
    )
    if simulation.servers:
        return real, Plant(setup, simulation.seed, real.now_ns())
    pace = real if simulation.speed > 0 else None
    clock = VirtualClock(pace=pace, speed=simulation.speed or 1.0, faults=faults)
    return clock, Plant(setup, simulation.seed, ORIGIN_NS)


def _faults(written: tuple[str, ...]) -> list[FaultEvent]:
    """`NAME@SECONDS`, with `+DURATION` and `#LOAD` if wanted. Errors: OperatorError naming the known faults."""
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
                f"simulation.faults: {text!r} is no NAME@SECONDS[+DURATION][#LOAD]; names: {known}"
            ) from error
        # Faults of the clock know no load: their time is that of the simulated bench.
        load = None if fault in CLOCK_FAULTS else int(found["load"] or 1) - 1
        duration_s = float(found["duration"] or 0)
        events.append(FaultEvent(fault, float(found["at"]), duration_s, load_application=load))
    return events


def tell_faults_to_come(plant: Plant, tell: Tell) -> None:
    """A fault that was asked for and did not happen tested nothing."""
    for event in plant.faults_to_come():
        load = "" if event.load_application is None else f" of load {event.load_application + 1}"
        tell(f"simulated fault {event.fault.value} at {event.at_s:g} s{load} never occurred")


def simulated_lines(config: Config, clock: Clock, plant: Plant, opened: ExitStack) -> dict[str, PulseInput]:
    """The simulated lines in kernel format through pipes, as a GPIO request's file descriptor gives them."""
    names = [name for name, line in config.lines.items() if line.driver == "sim"]
    pipes = EdgePipes(plant, clock, len(names))
    opened.callback(pipes.close)
    return {
        name: DescriptorPulseInput(fd, f"simulated line {name}", is_metrological=True)
        for name, fd in zip(names, pipes.read_descriptors, strict=True)
    }


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
