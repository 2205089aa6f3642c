"""What a window will be worth, before a load is applied.

The uncertainty of a window can be said in advance from the load, the meter's constant and what commissioning found
out about the reference. So a window is planned to be as long as it must be and no longer, and a point that cannot be
measured well enough in the time allowed is refused before it starts, with the time that it would take.

The formulas are those of the estimators' rows with expectations in the place of data (all relative to the energy
E = P tau/3600 of the window; the run is taken to be the window):

    scale    q/(E sqrt(K)): K changes of the energy register, each known to q = min(r, P T/3600)
    ends     sqrt(2) c sd(dP) T/(3600 E): the load within a refresh at both ends, dP its change in one refresh
    round    a_P/(P sqrt(12)) sqrt(T/tau): rounding of the power register
    lag      u(L) sqrt(2) sd(P)/(3600 E): reference and meter see an unsteady load a little apart
    edges    sqrt(2) sigma_e/tau: emission lattice and pulsation at both ends

K does not help where the changes fall into one beat: each refresh adds P T/3600, and where m r/(P T/3600) is nearly
a whole number for m = 1, 2 or 3, every m-th change finds the register in the same phase. At T = 1 s and r = 1 Wh
these loads are 1,200, 1,800, 2,400, 3,600 W ... Such a load is foreseen, and shifted by 1 to 3 % or run for longer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import ceil, exp, hypot, inf, sqrt

from calibration.alignment import polls_bracket_refreshes
from calibration.estimators.curve_rows import end_variance
from calibration.estimators.fused import MIN_TICKS
from calibration.load_points import LoadPoint
from calibration.meter_edges import METER_LAG_U_S, STAMP_JITTER_S, pulsation_amplitude_s
from calibration.quantities import SECONDS_PER_HOUR, WS_PER_KWH, Finding
from calibration.reasons import Reason
from calibration.reference_standard import ReferenceCard
from calibration.uncertainty import BENCH_CLOCK_LIMIT_PPM, combine, normal_row, standing_rows

SOURCE_RMS_PCT = 0.5
SOURCE_CORRELATION_S = 20.0
"""An unsteady source as it is assumed where nothing is known: docs/metrology.md, "Planning"."""

_LONGEST_S = 1e6
_SQRT12 = sqrt(12.0)
_END_WEIGHT = sqrt(end_variance(0.0))
"""c of the row `ends` for power changes that are not correlated from one refresh to the next."""
_HARMONICS = (1, 2, 3)
_HARM = 1.2
"""A resonance is worth a warning where it makes the uncertainty so many times larger."""
_SHIFTS_PCT = (1.0, -1.0, 2.0, -2.0, 3.0, -3.0)


@dataclass(frozen=True, slots=True)
class WindowConditions:
    """What a planned window depends on.

    source_rms_pct: expected rms fluctuation of the load. emission_lattice_s: of the meter's type where that is
    known, else 0 (the run itself then shows a lattice). poll_s: poll interval; a reference polled slower than T/4
    has no usable ticks.
    """

    load_point: LoadPoint
    meter_constant_imp_per_kWh: float
    card: ReferenceCard
    poll_s: float
    source_rms_pct: float = SOURCE_RMS_PCT
    emission_lattice_s: float = 0.0

    @property
    def power_W(self) -> float:
        return self.load_point.compared_power

    @property
    def interval_s(self) -> float:
        """Time between two pulses of a meter without error."""
        return WS_PER_KWH / (self.meter_constant_imp_per_kWh * self.power_W)

    def energy_Wh(self, duration_s: float) -> float:
        return self.power_W * duration_s / SECONDS_PER_HOUR


@dataclass(frozen=True, slots=True)
class PlannedWindow:
    """A window that has not been measured yet.

    warning: the load resonates with the reference's refresh. refusal: why the window will not be measured, and
    how long it would have to be.
    """

    duration_s: float
    intervals: int
    estimator: str
    expanded_uncertainty_pct: float
    warning: Finding | None = None
    refusal: Finding | None = None


def resonance(conditions: WindowConditions, duration_s: float) -> Finding | None:
    """The resonance of a load over a run of duration_s (s), with a load 1 to 3 % away that has none.

    None as well where the resonance does no harm, because other rows are larger.
    """
    harmonic = _resonant_harmonic(conditions, duration_s)
    if harmonic is None:
        return None
    harmless, _ = min(_prospects(conditions, duration_s, None))
    suffered, _ = min(_prospects(conditions, duration_s, harmonic))
    if suffered < _HARM * harmless:
        return None
    for shift_pct in _SHIFTS_PCT:
        shifted = _at_power(conditions, conditions.power_W * (1.0 + shift_pct / 100.0))
        if _resonant_harmonic(shifted, duration_s) is None:
            return _resonates(harmonic, {"better_power_W": f"{shifted.power_W:.0f}"})
    return _resonates(harmonic, {})


def _resonates(harmonic: int, values: dict[str, str]) -> Finding:
    return Finding(Reason.LOAD_RESONATES, {"harmonic": str(harmonic)} | values)


def _at_power(conditions: WindowConditions, power_W: float) -> WindowConditions:
    point = conditions.load_point
    current_A = point.current_A * power_W / point.compared_power
    return replace(conditions, load_point=replace(point, current_A=current_A))


def _resonant_harmonic(conditions: WindowConditions, duration_s: float) -> int | None:
    """m, where m r/(P T/3600) is so nearly whole that the run does not pass through all phases."""
    card = conditions.card
    refreshes_a_change = card.energy_step_Wh / (conditions.power_W * card.refresh_s / SECONDS_PER_HOUR)
    changes = _changes(conditions, duration_s)
    for m in _HARMONICS:
        refreshes = m * refreshes_a_change
        nearest = round(refreshes)
        # A register finer than a refresh has its phase spread over q = r at once; its beat does no harm.
        if nearest >= 1 and refreshes >= 1.0 and abs(refreshes - nearest) * changes / m < 1.0:
            return m
    return None


def _changes(conditions: WindowConditions, duration_s: float) -> float:
    """Expected changes of the energy register in a window (s): at most one a refresh."""
    card = conditions.card
    return min(conditions.energy_Wh(duration_s) / card.energy_step_Wh, duration_s / card.refresh_s)


def _scale(conditions: WindowConditions, duration_s: float, harmonic: int | None) -> float:
    """Relative standard uncertainty of the scale; infinite where there are too few changes to have one."""
    card = conditions.card
    changes = _changes(conditions, duration_s)
    if changes < MIN_TICKS + 1 or not polls_bracket_refreshes(conditions.poll_s, card.refresh_s):
        return inf
    energy_Wh = conditions.energy_Wh(duration_s)
    quantum_Wh = min(card.energy_step_Wh, conditions.power_W * card.refresh_s / SECONDS_PER_HOUR)
    averaged = quantum_Wh / (energy_Wh * sqrt(changes))
    # In resonance only m phases occur: two ends, each known to q/m as a rectangle.
    return averaged if harmonic is None else max(averaged, quantum_Wh / (harmonic * sqrt(6.0) * energy_Wh))


def _curve(conditions: WindowConditions, duration_s: float) -> float:
    """Rows `ends`, `round` and `lag` together, relative."""
    card, power_W = conditions.card, conditions.power_W
    energy_Wh = conditions.energy_Wh(duration_s)
    load_sd_W = conditions.source_rms_pct / 100.0 * power_W
    change_sd_W = load_sd_W * sqrt(2.0 * (1.0 - exp(-card.refresh_s / SOURCE_CORRELATION_S)))
    ends = sqrt(2.0) * _END_WEIGHT * change_sd_W * card.refresh_s / (SECONDS_PER_HOUR * energy_Wh)
    rounding = card.power_step_W / (power_W * _SQRT12) * sqrt(card.refresh_s / duration_s)
    lag = hypot(card.power_lag_u_s, METER_LAG_U_S) * sqrt(2.0) * load_sd_W / (SECONDS_PER_HOUR * energy_Wh)
    return hypot(ends, rounding, lag)


def _edges(conditions: WindowConditions, duration_s: float) -> float:
    """Row `edges`, relative: emission lattice, pulsation of a single-phase load, jitter of the stamps."""
    pulsation_s = pulsation_amplitude_s(conditions.load_point) / sqrt(2.0)
    return (
        sqrt(2.0) * hypot(conditions.emission_lattice_s / _SQRT12, pulsation_s, STAMP_JITTER_S) / duration_s
    )


def _prospects(
    conditions: WindowConditions, duration_s: float, harmonic: int | None
) -> Iterator[tuple[float, str]]:
    """Relative standard uncertainty of a window by each estimator that could be chosen, standing rows left out.

    harmonic: that of the load's resonance.
    """
    card = conditions.card
    edges, curve = _edges(conditions, duration_s), _curve(conditions, duration_s)
    yield hypot(_scale(conditions, duration_s, harmonic), curve, edges), "fused"
    gain = hypot(card.power_gain_limit_pct / sqrt(3.0), 1e-4 * BENCH_CLOCK_LIMIT_PPM / sqrt(3.0)) / 100.0
    yield hypot(gain, curve, edges), "power_integral"
    if card.reference_pulse_constant_imp_per_Wh is not None:
        yield hypot(edges, sqrt(2.0) * STAMP_JITTER_S / duration_s), "reference_pulses"


def predict(conditions: WindowConditions, duration_s: float) -> PlannedWindow:
    """The window of a duration (s), the expanded uncertainty (%) that it will reach, and what is to be said of it."""
    expanded_pct, estimator = _expected(conditions, duration_s)
    return PlannedWindow(
        duration_s,
        int(duration_s / conditions.interval_s + 1e-9),
        estimator,
        expanded_pct,
        resonance(conditions, duration_s),
    )


def _expected(conditions: WindowConditions, duration_s: float) -> tuple[float, str]:
    """Expanded uncertainty (%) of a window of a duration (s), and the estimator that reaches it."""
    harmonic = _resonant_harmonic(conditions, duration_s)
    relative, estimator = min(_prospects(conditions, duration_s, harmonic))
    rows = (*standing_rows(conditions.card), normal_row("alignment", 100.0 * relative))
    return combine(rows).expanded_uncertainty, estimator


def planned_window(
    conditions: WindowConditions,
    wanted_U_pct: float,
    minimum_time_s: float,
    minimum_pulses: int,
    longest_time_s: float,
) -> PlannedWindow:
    """The shortest window that reaches the wanted expanded uncertainty (%), the minimum time and the pulses.

    Where it takes longer than longest_time_s the window is the one that it takes, with a refusal; where no time
    is enough it is the longest allowed one, and its refusal names no time.
    """
    shortest_s = max(minimum_time_s, minimum_pulses * conditions.interval_s)
    needed_s = _needed_s(conditions, wanted_U_pct, shortest_s)
    if needed_s is None:
        window = predict(conditions, max(longest_time_s, conditions.interval_s))
        return replace(window, refusal=_refusal(window, wanted_U_pct, None))
    whole_s = ceil(needed_s / conditions.interval_s - 1e-9) * conditions.interval_s
    window = predict(conditions, whole_s)
    if whole_s <= longest_time_s:
        return window
    if shortest_s > longest_time_s:
        values = {
            "pulses": str(minimum_pulses),
            "seconds": f"{whole_s:.0f}",
            "longest": f"{longest_time_s:.0f}",
        }
        return replace(window, refusal=Finding(Reason.TIME_TOO_SHORT, values))
    allowed = predict(conditions, longest_time_s)
    return replace(window, refusal=_refusal(allowed, wanted_U_pct, whole_s))


def _needed_s(conditions: WindowConditions, wanted_U_pct: float, shortest_s: float) -> float | None:
    """The least duration (s) not below shortest_s with the wanted uncertainty; None where there is none."""

    def is_enough(duration_s: float) -> bool:
        return _expected(conditions, duration_s)[0] <= wanted_U_pct

    if is_enough(shortest_s):
        return shortest_s
    low_s, high_s = shortest_s, 2.0 * shortest_s
    while not is_enough(high_s):
        low_s, high_s = high_s, 2.0 * high_s
        if high_s > _LONGEST_S:
            return None
    while high_s - low_s > 0.1:
        middle_s = 0.5 * (low_s + high_s)
        low_s, high_s = (low_s, middle_s) if is_enough(middle_s) else (middle_s, high_s)
    return high_s


def _refusal(within: PlannedWindow, wanted_U_pct: float, seconds: float | None) -> Finding:
    values = {"U": f"{within.expanded_uncertainty_pct:.2g}", "wanted": f"{wanted_U_pct:.2g}"}
    if seconds is not None:
        values["seconds"] = f"{seconds:.0f}"
    return Finding(Reason.UNCERTAINTY_TOO_LARGE, values)
