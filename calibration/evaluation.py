"""From edges and readings to a percentage error with its uncertainty, or to the reason why there is none.

    align       readings onto the reference's refresh clock (`alignment.py`)
    screen      anything the input side did wrong ends it here: no number (`pulse_screening.py` and its sister)
    estimate    every estimator on the same window (`estimators/`)
    choose      the smallest standard uncertainty; contradicted by another: INVALID
    combine     the rows of the chosen estimator and those of the reference standard (`uncertainty.py`)

The running estimate on the page and the final result are made by this one function.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from types import MappingProxyType

import numpy as np

from calibration.alignment import AlignedRun, RefreshGrid, align
from calibration.estimators import VERSIONS, estimates
from calibration.line import least_squares
from calibration.load_points import LoadPoint
from calibration.meter_edges import MeterPulses, meter_pulses, pulsation_amplitude_s
from calibration.nameplate import MeterUnderTest
from calibration.percentage_error import corrected_reference_energy_Wh, meter_energy_Wh, percentage_error_pct
from calibration.pulse_screening import (
    screen_edges,
    screen_intervals,
    screen_line_silence,
    screen_reference_pulses,
)
from calibration.quantities import (
    RISING,
    BudgetRow,
    EdgeTrain,
    ErrorResult,
    Estimate,
    Finding,
    FloatArray,
    IntArray,
    ReferenceReadings,
)
from calibration.reasons import Reason
from calibration.reference_screening import screen_readings
from calibration.reference_standard import ReferenceCard
from calibration.uncertainty import clock_rate_row, combine, standing_rows

VERSION = 1
"""Goes up when the same data would give other digits; golden runs name it. Older ones stay in `EVALUATIONS`."""

AGREEMENT_LIMIT = 3.0
"""Standard uncertainties of the difference beyond which two estimators contradict each other."""
LEAST_INTERVALS = 3
"""Fewer pulses cannot show whether a meter emits at frame boundaries only, which may move each by a second."""
_FRAME_PART = 0.25
"""Pulses of a meter with frames lie anywhere in them, so some are further than this from where their energy is full."""
SLEW_LIMIT_PPM = 100.0
"""A clock that is slewed faster than this during a window makes it INVALID; below, it is a row."""
_NO_FINDINGS: Mapping[str, tuple[Finding, ...]] = MappingProxyType({})


def evaluate(
    edges: Mapping[str, EdgeTrain],
    readings: ReferenceReadings,
    *,
    reference_edges: EdgeTrain | None,
    meters: Mapping[str, MeterUnderTest],
    card: ReferenceCard,
    load_point: LoadPoint,
    stability_pct: float,
    run_ns: tuple[int, int],
    clock_slew_ppm: float,
    line_findings: Mapping[str, tuple[Finding, ...]] = _NO_FINDINGS,
    versions: Mapping[str, int] = VERSIONS,
) -> dict[str, ErrorResult]:
    """The error of each position's meter over one run at one load point; the reference is aligned once for all.

    edges: of each position's line; readings, reference_edges: of the reference standard. Only what lies from the first
    to the last instant of run_ns (bench time) counts. stability_pct: declared steadiness of the load.
    clock_slew_ppm: how much the bench clock's rate was being changed. line_findings: why a position's line failed
    during the run; it takes that position's number away, and nobody else's. versions: of the estimators.
    """
    run = align_run(readings, reference_edges, card, run_ns)
    of_reference = screen_readings(run.readings, card, *run_ns, stability_pct)
    results = {}
    for position, train in edges.items():
        inside, meter = train.between(*run_ns), meters[position]
        result = _of_position(
            run, inside, meter, load_point, of_reference, run_ns[1], clock_slew_ppm, versions
        )
        if found := line_findings.get(position):
            findings = (*found, *result.findings)
            result = ErrorResult.refused(result.load_point, result.window, findings, result.estimates)
        results[position] = result
    return results


def align_run(
    readings: ReferenceReadings,
    reference_edges: EdgeTrain | None,
    card: ReferenceCard,
    run_ns: tuple[int, int],
) -> AlignedRun:
    """What all positions of a run share: readings laid onto the refresh clock, and the reference's own pulses."""
    inside = readings.between(*run_ns)
    if reference_edges is None:
        return align(inside, card, run_ns[0])
    edges = reference_edges.between(*run_ns)
    run = align(inside, card, run_ns[0], edges.of_kind(RISING))
    assert run.reference_pulse_s is not None
    found = (*screen_edges(edges, card.serial), *screen_reference_pulses(run.reference_pulse_s))
    return replace(run, reference_pulse_findings=found)


def _of_position(
    run: AlignedRun,
    edges: EdgeTrain,
    meter: MeterUnderTest,
    load_point: LoadPoint,
    of_reference: Sequence[Finding],
    run_last_ns: int,
    clock_slew_ppm: float,
    versions: Mapping[str, int],
) -> ErrorResult:
    """One position of an aligned run. of_reference: what is wrong with the run's readings, whichever the position."""
    pulse_ns = edges.of_kind(meter.test_output_edge)
    span = _covered(run)
    pulses = span if isinstance(span, Finding) else meter_pulses(pulse_ns, run.origin_ns, *span, load_point)
    findings = [
        *screen_edges(edges, meter.serial),
        *of_reference,
        *_screen_silence(run, pulse_ns, meter, load_point, run_last_ns),
        *_screen_clock(clock_slew_ppm),
        *_screen_pulses(run, pulses, meter),
    ]
    if findings:
        return _without_number(load_point, pulses, findings)
    if isinstance(pulses, Finding):
        return _without_number(load_point, pulses, [pulses])
    if pulses.intervals < LEAST_INTERVALS:
        values = {"pulses": str(len(pulse_ns)), "needed": str(LEAST_INTERVALS + 1)}
        return ErrorResult.refused(load_point.name, None, [Finding(Reason.TOO_FEW_PULSES, values)])
    made = estimates(run, pulses, versions)
    valid = sorted((e for e in made if e.is_valid), key=lambda e: e.standard_uncertainty_pct)
    if not valid:
        reasons = [f for e in made for f in e.findings if f.reason is not Reason.NO_REFERENCE_PULSES]
        return _without_number(load_point, pulses, [Finding(Reason.NO_VALID_ESTIMATOR), *reasons], made)
    if contradiction := find_contradiction(valid):
        return _without_number(load_point, pulses, [contradiction], made)
    return _with_number(run, valid[0], made, meter, load_point, clock_slew_ppm)


def _covered(run: AlignedRun) -> tuple[float, float] | Finding:
    """Run times (s) between which the reference is known, by its registers or by its pulses; or why it is not."""
    if isinstance(run.grid, RefreshGrid):
        return float(run.grid.curve.at_s[0]), float(run.grid.curve.at_s[-1])
    if run.reference_pulse_s is not None and len(run.reference_pulse_s) > 1:
        return float(run.reference_pulse_s[0]), float(run.reference_pulse_s[-1])
    return run.grid


def _screen_clock(slew_ppm: float) -> list[Finding]:
    if abs(slew_ppm) <= SLEW_LIMIT_PPM:
        return []
    return [Finding(Reason.CLOCK_SLEWING, {"ppm": f"{slew_ppm:.0f}"})]


def _screen_silence(
    run: AlignedRun, pulse_ns: IntArray, meter: MeterUnderTest, load_point: LoadPoint, now_ns: int
) -> list[Finding]:
    power_W = run.grid.mean_power_W if isinstance(run.grid, RefreshGrid) else load_point.compared_power
    last_ns = int(pulse_ns[-1]) if len(pulse_ns) else run.origin_ns
    return screen_line_silence(last_ns, now_ns, power_W, meter.constant_at_terminals_imp_per_kWh)


def _screen_pulses(run: AlignedRun, pulses: MeterPulses | Finding, meter: MeterUnderTest) -> list[Finding]:
    if isinstance(pulses, Finding) or isinstance(run.grid, Finding):
        return []
    energy_Wh = run.grid.curve.at(pulses.at_s)
    constant, pulsation_s = meter.constant_at_terminals_imp_per_kWh, pulsation_amplitude_s(pulses.load_point)
    found = screen_intervals(pulses.at_s, energy_Wh, constant, pulses.frame_s, pulsation_s)
    if found or pulses.lattice is None or not pulses.lattice.strays:
        return found
    if _comes_as_energy_fills(energy_Wh, pulses.frame_s / pulses.duration_s):
        return []
    return [Finding(Reason.PULSE_OFF_FRAME, {"frame": f"{pulses.frame_s:.3f}"})]


def _comes_as_energy_fills(energy_Wh: FloatArray, frame_share: float) -> bool:
    """Whether every pulse comes where its energy is full, to a small part of a frame (as a share of the window).

    Then a steady load explains the pulses better than frames, which its interval or a part of it resembles, and no
    pulse is foreign for being off them.
    """
    number = np.arange(len(energy_Wh), dtype=np.float64)
    off_Wh = float(np.max(np.abs(energy_Wh - least_squares(number, energy_Wh).at(number))))
    return off_Wh <= _FRAME_PART * frame_share * float(energy_Wh[-1] - energy_Wh[0])


def find_contradiction(valid: Sequence[Estimate]) -> Finding | None:
    """Two estimates of one window that differ by more than three standard uncertainties of their difference.

    Rows common to both do not count: what shifts both cannot explain a difference.
    """
    for one, other in combinations(valid, 2):
        assert one.reference_energy_Wh is not None
        assert other.reference_energy_Wh is not None
        difference_pct = 100.0 * (one.reference_energy_Wh / other.reference_energy_Wh - 1.0)
        own = [r.standard_uncertainty_pct for e in (one, other) for r in e.rows if not r.shared]
        if abs(difference_pct) > AGREEMENT_LIMIT * float(np.linalg.norm(own)):
            values = {
                "first": one.estimator,
                "second": other.estimator,
                "difference": f"{difference_pct:+.3f}",
            }
            return Finding(Reason.ESTIMATORS_DISAGREE, values)
    return None


def _with_number(
    run: AlignedRun,
    chosen: Estimate,
    made: tuple[Estimate, ...],
    meter: MeterUnderTest,
    load_point: LoadPoint,
    clock_slew_ppm: float,
) -> ErrorResult:
    assert chosen.reference_energy_Wh is not None
    meter_Wh = meter_energy_Wh(chosen.window.intervals, meter.constant_at_terminals_imp_per_kWh)
    reference_Wh = corrected_reference_energy_Wh(chosen.reference_energy_Wh, run.card.indication_error_pct)
    rows: tuple[BudgetRow, ...] = (*chosen.rows, *standing_rows(run.card))
    if clock_slew_ppm:
        rows = (*rows, clock_rate_row("clock_slewing", abs(clock_slew_ppm)))
    # e = 100 (E_meter/E_ref - 1), so a relative uncertainty of E_ref counts E_meter/E_ref times in e.
    rows = tuple(replace(row, sensitivity=row.sensitivity * meter_Wh / reference_Wh) for row in rows)
    combined = combine(rows)
    return ErrorResult(
        load_point=load_point.name,
        window=chosen.window,
        estimator=chosen.estimator,
        estimator_version=chosen.version,
        meter_energy_Wh=meter_Wh,
        reference_energy_read_Wh=chosen.reference_energy_Wh,
        reference_energy_Wh=reference_Wh,
        percentage_error_pct=percentage_error_pct(meter_Wh, reference_Wh),
        standard_uncertainty_pct=combined.standard_uncertainty,
        degrees_of_freedom=combined.degrees_of_freedom,
        coverage_factor=combined.coverage_factor,
        expanded_uncertainty_pct=combined.expanded_uncertainty,
        rows=rows,
        estimates=made,
    )


def _without_number(
    load_point: LoadPoint,
    pulses: MeterPulses | Finding,
    findings: Sequence[Finding],
    made: tuple[Estimate, ...] = (),
) -> ErrorResult:
    window = pulses.window if isinstance(pulses, MeterPulses) and pulses.intervals > 0 else None
    return ErrorResult.refused(load_point.name, window, findings, made)


EVALUATIONS = {1: evaluate}
"""Every version of the evaluation."""
