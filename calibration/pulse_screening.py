"""Screening of a meter's pulse line: lost edges, intervals the energy does not explain, silence.

A wrong number is worse than none. So a window is screened before anything is computed from it, and what cannot be
explained makes it INVALID with a reason. Each check uses something the data must obey whatever the meter's error is.

    The kernel numbers the edges of a line, so a gap in the numbers is an exact count of lost edges. Both edges are
    asked for, so they must alternate; interrupts that were lost unseen break the alternation.
    Each pulse interval carries the same energy. The power curve says how much energy flowed in an interval, and the
    typical interval says how much there should be, so neither the meter's error nor an unsteady load disturbs the
    comparison. An interval of about two energies lacks a pulse, a pair that only together makes one has a pulse too
    many, a short one followed by a long one holds a pulse that came early.
    A meter that emits on a lattice of period Delta may shift each pulse by up to Delta, so its intervals may
    legitimately be 1 : 2, and a single one proves nothing within 2 Delta. But such a meter's count stays within one
    lattice period of the energy for ever, whereas a lost or an extra pulse moves it by a whole pulse *from then on*.
    So the count is held against the energy curve over stretches of 64 pulses: the narrowest straight strip that
    contains it may not be wider than the lattice explains.
    A line that gives no pulse for much longer than the load asks is silent.

Limits are set so that a clean run is refused less than once in a hundred times; the tests hold them to that over
simulated runs with a source of 0.5 % rms, pulsation, lattices and lag. What lies below these limits is small against
the uncertainty of the window or is left to the estimators' own gates and to their mutual comparison.
"""

from __future__ import annotations

import numpy as np

from calibration.meter_edges import LONGEST_FRAME_S
from calibration.quantities import (
    SEQNO_MODULUS,
    WH_PER_KWH,
    WS_PER_KWH,
    EdgeTrain,
    Finding,
    FloatArray,
    seconds_between,
)
from calibration.reasons import Reason
from calibration.strip import narrowest_strip, strip_without_highest

_LEAST_TOLERANCE = 0.1
"""Share of an interval's energy that is always allowed: pulsation, stamps and curve together stay below."""
_MOST_SCATTER = 0.5
_SCATTER_FACTOR = 10.0
"""Intervals may deviate by so many times the median deviation of all of them."""
_LATTICE_PERIODS = 2.0
_COARSE_LATTICE = 0.25
"""Above this share of an interval a lattice makes the median interval useless as the typical one."""
_COARSE_SWING = 0.1
"""Above this share of an interval it is the load's pulsation that scatters the intervals, by its swing at most; only
what they scatter beyond it is the meter's."""
_FEW_INTERVALS = 5
_MOST_UNEVEN = 0.2
_ABOUT_ONE, _ABOUT_TWO = 1.3, 1.7
"""Of the reference's own pulses, in mean intervals: two that make one together, and one of two."""
_STRETCH = 64
_STRIP_MARGIN = 0.15
"""In pulses. A step of a whole pulse makes a strip about one pulse wide: no slope can follow a step."""
_OVERDUE_INTERVALS = 2.5


def screen_edges(train: EdgeTrain, serial: str) -> list[Finding]:
    """Edges of a line that are known to be lost, or of which two of one kind follow each other.

    serial: number of the instrument whose line it is.
    """
    findings = []
    step = train.seqno_steps
    gaps = step[step != 1]
    # A counter that stands or runs backwards was restarted: lost edges, but nobody knows how many.
    restarted = bool(np.any((gaps == 0) | (gaps > SEQNO_MODULUS // 2)))
    if len(gaps):
        values = {"serial": serial}
        if not restarted:
            values["lost"] = str(train.lost)
        findings.append(Finding(Reason.PULSES_LOST, values))
    repeated = (np.diff(train.kind) == 0) & (step == 1)
    if np.any(repeated):
        findings.append(
            Finding(
                Reason.EDGES_NOT_ALTERNATING,
                {"serial": serial, "count": str(int(np.count_nonzero(repeated)))},
            )
        )
    return findings


def screen_reference_pulses(pulse_s: FloatArray) -> list[Finding]:
    """Pulses of the reference standard's own line (run times) that are missing or doubled.

    Its load is steady, so intervals are much alike but for the load's pulsation, which moves one interval against the
    next and leaves an interval of two, or two that make one, to a missing or a doubled pulse. Where the median
    deviation from the mean interval is more than a fifth (a load that moves, pulses on a lattice) none can be judged.
    """
    if len(pulse_s) <= _FEW_INTERVALS:
        return []
    interval_s = np.diff(pulse_s)
    share = interval_s / float(np.mean(interval_s))
    if float(np.median(np.abs(share - 1.0))) > _MOST_UNEVEN:
        return []
    longest, pairs = int(np.argmax(share)), share[:-1] + share[1:]
    if share[longest] >= _ABOUT_TWO:
        return [_foreign(Reason.PULSE_MISSING, longest, float(share[longest]))]
    closest = int(np.argmin(pairs))
    if pairs[closest] <= _ABOUT_ONE:
        return [_foreign(Reason.PULSE_DOUBLED, closest, float(pairs[closest]))]
    return []


def _foreign(reason: Reason, interval: int, share: float) -> Finding:
    return Finding(reason, {"pulse": str(interval + 1), "share": f"{share:.2f}"})


def screen_intervals(
    pulse_s: FloatArray,
    energy_Wh: FloatArray,
    meter_constant_imp_per_kWh: float,
    frame_s: float = 0.0,
    pulsation_s: float = 0.0,
) -> list[Finding]:
    """Pulses that are missing, doubled or early, judged by the energy that flowed between them.

    pulse_s: run times of n + 1 pulses. energy_Wh: of the power curve at each of them, up to a constant and a gain,
    without the load's pulsation. frame_s: Delta of the meter's emission lattice, 0 where it has none. pulsation_s:
    how far the load's pulsation moves a pulse at most, so an interval by twice that. A few intervals cannot be
    compared with each other and are compared with the nameplate's constant.
    """
    if len(pulse_s) < 2:
        return []
    interval_s = np.diff(pulse_s)
    mean_s = float(np.mean(interval_s))
    frame_share = frame_s / mean_s if mean_s > 0.0 else 0.0
    swing_share = 2.0 * pulsation_s / mean_s if mean_s > 0.0 else 0.0
    is_even = frame_share <= _COARSE_LATTICE and swing_share <= _COARSE_SWING
    typical_Wh = _typical_interval_Wh(energy_Wh, is_even, meter_constant_imp_per_kWh)
    if not typical_Wh > 0.0:
        return [Finding(Reason.PULSE_DOUBLED, {"pulses": str(len(pulse_s))})]
    if np.min(interval_s) < 0.5 * frame_s:
        # At most one pulse leaves in each frame.
        return [Finding(Reason.PULSE_DOUBLED, {"pulse": str(int(np.argmin(interval_s)) + 1)})]
    share = np.diff(energy_Wh) / typical_Wh
    scatter = 0.0 if frame_s else _scatter(share, swing_share)
    explained = _LATTICE_PERIODS * frame_share + swing_share
    # However much the intervals scatter, one of nothing or of two is no scatter.
    tolerance = _LEAST_TOLERANCE + min(_SCATTER_FACTOR * scatter, _MOST_SCATTER) + explained
    findings = _silence(interval_s, share) or _judge_intervals(share, tolerance)
    if not findings:
        allowed = _STRIP_MARGIN + 0.5 * _SCATTER_FACTOR * scatter + 1.05 * frame_share + swing_share
        findings = _count_steps(energy_Wh / typical_Wh, allowed)
    return findings


def _scatter(share: FloatArray, swing_share: float) -> float:
    """Median deviation of the intervals' energies (over the typical one) that the load's pulsation does not explain."""
    if len(share) < _FEW_INTERVALS:
        return 0.0
    scatter = float(np.median(np.abs(share - 1.0)))
    return max(0.0, scatter - swing_share) if swing_share > _COARSE_SWING else scatter


def _typical_interval_Wh(energy_Wh: FloatArray, is_even: bool, constant_imp_per_kWh: float) -> float:
    """Energy of an interval that one missing or doubled pulse cannot move. is_even: intervals are much alike."""
    intervals = len(energy_Wh) - 1
    if intervals < _FEW_INTERVALS:
        # So few have no typical one; what the nameplate says is, if any of them agrees with it.
        nameplate_Wh = WH_PER_KWH / constant_imp_per_kWh
        share = np.diff(energy_Wh) / nameplate_Wh
        if intervals < 3 or np.any(np.abs(share - 1.0) < _LEAST_TOLERANCE):
            return nameplate_Wh
    if is_even:
        return float(np.median(np.diff(energy_Wh)))
    half = max(1, intervals // 2)
    return float(np.median(energy_Wh[half:] - energy_Wh[:-half])) / half


def _silence(interval_s: FloatArray, share: FloatArray) -> list[Finding]:
    """A hole of several intervals is a line that was off, rather than a meter that left out a pulse."""
    longest = int(np.argmax(share))
    overdue_s = float(interval_s[longest]) * (1.0 - _OVERDUE_INTERVALS / float(share[longest]))
    if overdue_s <= LONGEST_FRAME_S:
        return []
    return [Finding(Reason.LINE_SILENT, {"seconds": f"{float(interval_s[longest]):.0f}"})]


def _judge_intervals(share: FloatArray, tolerance: float) -> list[Finding]:
    """share: energy of each interval over the typical one. The interval that is furthest off says what happened.

    One foreign pulse can hide the lattice of a meter, and then many intervals are off; the foreign one is most so.
    """
    off = np.abs(share - 1.0)
    i = int(np.argmax(off))
    if off[i] <= tolerance:
        return []
    before = float(share[i - 1]) if i > 0 else None
    after = float(share[i + 1]) if i + 1 < len(share) else None
    reason = _what_happened(float(share[i]), before, after, tolerance)
    return [Finding(reason, {"pulse": str(i + 1), "share": f"{share[i]:.2f}"})]


def _what_happened(share: float, before: float | None, after: float | None, tolerance: float) -> Reason:
    def together(other: float | None, expected: float) -> bool:
        return other is not None and abs(share + other - expected) <= tolerance

    if share > 1.0:
        neighbours = [other for other in (before, after) if other is not None and together(other, 2.0)]
        is_shifted = any(other < 1.0 - 0.5 * tolerance for other in neighbours)
        return Reason.PULSE_EARLY if is_shifted else Reason.PULSE_MISSING
    # A pulse too many leaves two parts of one interval; one that came early makes the next interval longer.
    if (after is not None and share + after < 1.5) or together(before, 1.0):
        return Reason.PULSE_DOUBLED
    return Reason.PULSE_EARLY


def _count_steps(energy_in_pulses: FloatArray, allowed: float) -> list[Finding]:
    """A lasting step of the count against the energy, in stretches that overlap by half."""
    count = len(energy_in_pulses)
    length = min(_STRETCH, count)
    starts = np.unique(np.append(np.arange(0, count - length + 1, _STRETCH // 2), count - length))
    index = starts[:, None] + np.arange(length)[None, :]
    energy = energy_in_pulses[index]
    ahead = index - energy
    widths = narrowest_strip(energy, ahead, steepest=1.0)
    worst = int(np.argmax(widths))
    if widths[worst] <= allowed:
        return []
    # One pulse that is ahead of all others came early; but if it is the first, the others have fallen behind.
    is_early = False
    if length > 3:
        rest_width, highest = strip_without_highest(energy[worst], ahead[worst])
        is_early = rest_width <= allowed and highest > 0
    values = {"pulse": str(int(starts[worst])), "width": f"{widths[worst]:.2f}", "allowed": f"{allowed:.2f}"}
    return [Finding(Reason.PULSE_EARLY if is_early else Reason.COUNT_STEP, values)]


def screen_line_silence(
    last_pulse_ns: int, now_ns: int, power_W: float, meter_constant_imp_per_kWh: float
) -> list[Finding]:
    """A line that has given no pulse for much longer than the load (W) asks.

    last_pulse_ns: the last pulse, or the instant from which one was to be expected. A lattice of up to 1 s and
    the pulse that is under way are allowed for.
    """
    if power_W <= 0.0:
        return []
    interval_s = WS_PER_KWH / (power_W * meter_constant_imp_per_kWh)
    silent_s = seconds_between(last_pulse_ns, now_ns)
    if silent_s <= _OVERDUE_INTERVALS * interval_s + LONGEST_FRAME_S:
        return []
    return [Finding(Reason.LINE_SILENT, {"seconds": f"{silent_s:.0f}"})]
