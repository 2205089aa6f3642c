"""Whether a load stood still from one instant to another, where nothing is compared with the reference meanwhile.

While a meter is only watched (no load, starting, a warm-up), its silence speaks about it only as long as it had what
the test applies to it. So the reference standard must have read that for the whole time.
"""

from __future__ import annotations

import numpy as np

from calibration.load_points import LoadPoint
from calibration.quantities import Finding, FloatArray, ReferenceReadings, seconds_between
from calibration.reasons import Reason
from calibration.reference_screening import screen_answers, screen_readings
from calibration.reference_standard import ReferenceCard

NO_LOAD_W = 1.0
"""What a reference may show beside a current of zero: its own offset and leakage."""
_VOLTAGE_WITHIN_PCT = 5.0
"""Each reading of a voltage that stands alone: nearer than any dip at which a meter stops, wider than mains sag."""
_BLOCK_S = 10.0
_STEPS = 2.0
"""A weak load may be read so many steps of the power register apart without having moved."""


def screen_held_load(
    readings: ReferenceReadings,
    card: ReferenceCard,
    load_point: LoadPoint,
    span_ns: tuple[int, int],
    stability_pct: float,
) -> tuple[Finding, ...]:
    """Why a load cannot be called steady over the span; nothing where it was. stability_pct: as declared for a run."""
    power_W = abs(load_point.compared_power)
    if power_W == 0.0:
        return tuple(_voltage_alone(readings, card, load_point, span_ns))
    register_pct = 100.0 * _STEPS * card.power_step_W / power_W
    inside = readings.between(*span_ns)
    return tuple(screen_readings(inside, card, *span_ns, max(stability_pct, register_pct)))


def _voltage_alone(
    readings: ReferenceReadings, card: ReferenceCard, load_point: LoadPoint, span_ns: tuple[int, int]
) -> list[Finding]:
    """The reference must read the voltage each time, and next to no power."""
    inside = readings.between(*span_ns)
    if findings := screen_answers(inside, *span_ns):
        return findings
    wanted_V, read_V = load_point.voltage_V, inside.voltage_V.value
    off_V = np.abs(read_V - wanted_V)
    if not len(read_V) or float(np.max(off_V)) > _VOLTAGE_WITHIN_PCT / 100.0 * wanted_V:
        worst = f"{read_V[np.argmax(off_V)]:.1f}" if len(read_V) else "—"
        return [Finding(Reason.VOLTAGE_NOT_HELD, {"wanted": f"{wanted_V:g}", "read": worst})]
    power_W = _block_means(inside.power_W.value, seconds_between(*span_ns))
    worst_W = float(power_W[np.argmax(np.abs(power_W))])
    if abs(worst_W) > max(NO_LOAD_W, card.power_step_W):
        return [Finding(Reason.LOAD_NOT_REACHED, {"wanted": "0.0", "read": f"{worst_W:.1f}"})]
    return []


def _block_means(power_W: FloatArray, duration_s: float) -> FloatArray:
    """Means and not single readings: near nothing a reference flickers by parts of its range."""
    blocks = min(max(int(duration_s / _BLOCK_S), 1), len(power_W))
    return np.array([float(np.mean(block)) for block in np.array_split(power_W, blocks)])
