"""The meter under test: when it emits, and the edges a pulse line sees.

A meter with true error err counts E (1 + err/100) and emits its k-th pulse when that reaches
(k + phase) / C. It may carry the power of lag_s ago, and it may be able to emit at multiples of a lattice
only (it computes in frames); then at most one pulse leaves in each frame and the rest follows.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from bench.sim.energy_curve import S_PER_H, EnergyCurve, Pulsation
from calibration.quantities import FALLING, NS_PER_S, RISING, WH_PER_KWH, EdgeTrain, FloatArray, IntArray

_LAMP_SHARE = 0.4
"""The lamp is lit for at most this share of a pulse interval."""


@dataclass(frozen=True, slots=True)
class RegisterModel:
    """What a meter tells through its port: energy registers (kWh) and its constant, and what is wrong with them.

    decimals: that it displays. error_pct: of the registers against the meter's own pulses. tariff_defect_kWh: by which
    its tariffs do not sum up. address: that it tells; empty: none. declared_constant_imp_per_kWh: the constant that it
    tells; None: the true one.
    """

    start_kWh: float = 1234.5678
    decimals: int = 4
    error_pct: float = 0.0
    tariff_defect_kWh: float = 0.0
    address: str = ""
    declared_constant_imp_per_kWh: float | None = None


@dataclass(frozen=True, slots=True)
class MeterModel:
    """A meter with a known error.

    error_pct: its true error; error_curve: pairs (power_W, error_pct) added to it, linear in log(power) and
    constant beyond the ends. emission_lattice_s: it emits at multiples of this only (None: at once);
    lag_s: it carries the power of that long ago. lamp_width_s: how long the lamp is lit.
    edge_jitter_s: rms of the stamps' noise. starts_at_W: a lower power is not counted. creep_W: what it counts with
    voltage and no current. phase_error_pct: pairs (phase, error_pct) added where that phase alone is loaded.
    """

    meter_constant_imp_per_kWh: float = 1200.0
    error_pct: float = 0.0
    error_curve: tuple[tuple[float, float], ...] = ()
    emission_lattice_s: float | None = None
    lag_s: float = 0.0
    lamp_width_s: float = 0.08
    edge_jitter_s: float = 10e-6
    starts_at_W: float = 0.0
    creep_W: float = 0.0
    phase_error_pct: tuple[tuple[str, float], ...] = ()
    register: RegisterModel = field(default_factory=RegisterModel)

    def true_error_pct(self, power_W: float, loaded_phase: str = "") -> float:
        """The error at a load (W), all phases loaded or one."""
        error_pct = self.error_pct + dict(self.phase_error_pct).get(loaded_phase, 0.0)
        if not self.error_curve or power_W <= 0.0:
            return error_pct
        powers, errors = zip(*sorted(self.error_curve), strict=True)
        return error_pct + float(np.interp(np.log(power_W), np.log(powers), errors))

    @property
    def pulse_energy_Wh(self) -> float:
        """Energy the meter attributes to one pulse interval."""
        return WH_PER_KWH / self.meter_constant_imp_per_kWh


@dataclass(frozen=True, slots=True)
class Emissions:
    """Pulses of one meter in time order; equal shapes (n,). crossing_s: when the plant's energy reached the
    level; lit_s, dark_s: when the lamp goes on and off; frame: index of the lattice frame, empty without one.
    """

    crossing_s: FloatArray
    lit_s: FloatArray
    dark_s: FloatArray
    frame: IntArray


def emissions(
    model: MeterModel,
    curve: EnergyCurve,
    pulsation: Pulsation | None,
    level_Wh: FloatArray,
    lattice_phase_s: float,
    frame_before: int | None = None,
) -> Emissions:
    """Pulses whose levels (Wh of the plant, increasing) lie on the curve.

    frame_before: lattice frame of the pulse before the first, if there was one.
    """
    crossing = curve.instant_of_total_s(level_Wh, pulsation)
    lit, frame = crossing + model.lag_s, np.empty(0, np.int64)
    if model.emission_lattice_s is not None:
        frame = np.ceil((lit - lattice_phase_s) / model.emission_lattice_s).astype(np.int64)
        order = np.arange(len(frame))
        if frame_before is not None and len(frame):
            frame[0] = max(frame[0], frame_before + 1)
        # One pulse a frame: the k-th is at least k - i frames after the i-th.
        frame = np.maximum.accumulate(frame - order) + order
        lit = np.asarray(lattice_phase_s + frame * model.emission_lattice_s, np.float64)
    interval_s = model.pulse_energy_Wh * S_PER_H / np.maximum(curve.mean_power_W(crossing), 1e-9)
    dark = lit + np.minimum(model.lamp_width_s, _LAMP_SHARE * interval_s)
    dark[:-1] = np.minimum(dark[:-1], 0.5 * (lit[:-1] + lit[1:]))
    return Emissions(crossing, lit, dark, frame)


def edge_train(
    lit_s: FloatArray, dark_s: FloatArray, origin_ns: int, jitter_s: float, rng: np.random.Generator
) -> EdgeTrain:
    """Rising and falling edges of the pulses, stamped with noise, numbered from 1 as the kernel does."""
    instants = np.empty(2 * len(lit_s))
    instants[0::2], instants[1::2] = lit_s, dark_s
    if jitter_s > 0.0:
        instants += rng.standard_normal(len(instants)) * jitter_s
    stamps = origin_ns + np.rint(np.maximum.accumulate(instants) * NS_PER_S).astype(np.int64)
    kinds = np.tile(np.array([RISING, FALLING], np.int64), len(lit_s))
    return EdgeTrain(stamps, kinds, np.arange(1, len(stamps) + 1, dtype=np.int64))
