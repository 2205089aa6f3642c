"""Simulated benches that come with the program: what is really there, and what the bench believes of it."""

from __future__ import annotations

from dataclasses import dataclass

from bench.sim.faults import FaultEvent
from bench.sim.meter import MeterModel
from bench.sim.plant import PlantSetup
from bench.sim.polling import PollModel
from bench.sim.reference import ReferenceModel
from bench.sim.source import SourceModel
from calibration.quantities import Connection, MeterUnderTest, ReferenceCard, Wiring


@dataclass(frozen=True, slots=True)
class SimulatedBench:
    """plant and polling: the truth. card, meters (one a position) and profile: the bench's configuration."""

    plant: PlantSetup
    polling: PollModel
    profile: str
    card: ReferenceCard
    meters: tuple[MeterUnderTest, ...]


def demo_bench(
    meter_errors_pct: tuple[float, ...] = (0.35,), faults: tuple[FaultEvent, ...] = ()
) -> SimulatedBench:
    """A bench for single-phase class 1 meters, 220 V 5(60) A, 1200 imp/kWh, with a class 0.05 reference.

    One position a given error. The reference's true error of indication differs from its certificate by less
    than the certificate's uncertainty, and its refresh interval and power register are a little off, as on
    any instrument.
    """
    reference = ReferenceModel(
        energy_step_Wh=0.01,
        refresh_s=0.2,
        refresh_deviation_ppm=80.0,
        power_step_W=0.1,
        power_gain_pct=0.02,
        indication_error_pct=0.015,
        start_Wh=48_215.37,
    )
    models = tuple(
        MeterModel(meter_constant_imp_per_kWh=1200.0, error_pct=error_pct, lamp_width_s=0.08)
        for error_pct in meter_errors_pct
    )
    return SimulatedBench(
        plant=PlantSetup(models, reference, SourceModel(steadiness_pct=0.05, correlation_s=20.0), faults),
        polling=PollModel(interval_s=0.045),
        profile="demo-reference",
        card=demo_card(),
        meters=tuple(_demo_meter(k + 1) for k in range(len(models))),
    )


def demo_card() -> ReferenceCard:
    """What the certificate and the commissioning say of the demo bench's reference."""
    return ReferenceCard(
        model="demo-reference",
        serial="SIM-0001",
        accuracy_class_pct=0.05,
        energy_step_Wh=0.01,
        refresh_s=0.2,
        power_step_W=0.1,
        indication_error_pct=0.010,
        calibration_U_pct=0.02,
        coverage_factor=2.0,
        drift_pct=0.01,
        stability_pct=0.01,
        certificate="simulated",
    )


def _demo_meter(number: int) -> MeterUnderTest:
    return MeterUnderTest(
        serial=f"SIM-M{number:03d}",
        accuracy_class="1",
        meter_constant_imp_per_kWh=1200.0,
        connection=Connection.DIRECT,
        wiring=Wiring.SINGLE_PHASE,
        nominal_voltage_V=220.0,
        basic_current_A=5.0,
        maximum_current_A=60.0,
        meter_type="DDS-SIM",
    )
