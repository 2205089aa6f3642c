"""Screening of what was read from the reference standard: faults, silence, stalls, jumps, ranges, the load.

Why anything is screened is told in `pulse_screening.py`. Here:

    A register that counts energy under load never stands still for much longer than its step takes, never goes back,
    and moves as its own power register says. Where it changed, the energy it gained is known to a step and the
    instant to a poll interval, so the difference between the energy register and the integral of the power register
    stays in a strip of known width around a straight line (the line's slope is the ratio of their gains, which is
    nobody's fault). A lasting step in it is a jump, a bend is a changed range.
    A fault that the driver reported inside the run (no reply in time, a bad reply) spoils the run, one is enough: what
    the registers did meanwhile nobody has seen. Beside that polls have a rhythm, and a hole in it is silence, where
    no driver has reported any.
    The load's mean over blocks of seconds may not leave the declared stability around its median. Block means and not
    single readings, because every source flickers; the median and not the mean, because a step in the middle of a run
    would hide half of itself in the mean.

Symbols: r step of the energy register (Wh), T refresh interval (s), D poll interval (s), P power (W), a_P step of the
power register (W).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from calibration.findings import each_reason_once
from calibration.quantities import (
    SECONDS_PER_HOUR,
    Finding,
    FloatArray,
    PolledRegister,
    ReferenceReadings,
    seconds_between,
)
from calibration.reasons import Reason
from calibration.reference_standard import ReferenceCard
from calibration.strip import narrowest_strip, strip_without_highest
from calibration.timebase import RunRegister, run_seconds

LOAD_STABILITY_PCT = 2.0
"""How far a block mean of the load may lie from its median where the plan declares nothing else."""

_SILENCE_S = 1.0
_SILENCE_POLLS = 5.0
_BLOCK_S = 10.0
_SHORT_BLOCK_S = 2.0
_ABRUPT_SHARE = 0.75
"""An abrupt step is judged at this share of the stability: what a source flickers within seconds is less."""
_EXCURSION = 0.2
"""A power register this far off its typical value shows no load but its instrument, if it comes back ..."""
_EXCURSION_S = 3.0
"""... within so many seconds."""
_FLICKER = 0.03
"""By how much of itself a load may change within one refresh."""
_STRIP_FACTOR = 1.2
_GAIN_STEADINESS = 2e-4
"""Share of the energy by which power and energy registers may part in a bow: temperature, non-linearity."""
_LIVELY_STEPS = 3.0
"""A power register whose changes are at least so many of its steps cannot repeat a value for long."""
_LIVELY_REFRESHES = 8.0


def screen_readings(
    readings: ReferenceReadings,
    card: ReferenceCard,
    first_ns: int,
    last_ns: int,
    load_stability_pct: float = LOAD_STABILITY_PCT,
) -> list[Finding]:
    """Everything that makes the readings from first_ns to last_ns useless; an empty list where all is well.

    load_stability_pct: declared half width (%) of the load's block means around their median.
    """
    findings = screen_answers(readings, first_ns, last_ns)
    energy = _covering(readings.energy_Wh, first_ns, last_ns)
    power = _covering(readings.power_W, first_ns, last_ns)
    if findings or len(energy) < 2 or len(power) < 2:
        return findings
    registers = _Registers.of(energy, power, card)
    # In the order in which one explains the next: what an earlier check finds also disturbs the later ones.
    return (
        _backward(registers)
        or _range_changed(registers)
        or _stalled(registers)
        or _load_unsteady(registers, load_stability_pct)
        or _energy_without_power(registers)
    )


def screen_answers(readings: ReferenceReadings, first_ns: int, last_ns: int) -> list[Finding]:
    """Whether the reference has answered from first_ns to last_ns, with values; nothing is asked of the values."""
    energy = _covering(readings.energy_Wh, first_ns, last_ns)
    power = _covering(readings.power_W, first_ns, last_ns)
    findings = [f.finding for f in readings.faults if first_ns <= f.at_ns <= last_ns]
    findings += _not_a_number(energy, power)
    findings += _silence(energy, first_ns, last_ns) or _silence(power, first_ns, last_ns)
    return _one_each(findings)


@dataclass(frozen=True, slots=True)
class _Registers:
    """Both registers in seconds since the first poll, and what is needed to judge them. latency_s: the longest."""

    energy_s: FloatArray
    energy_Wh: FloatArray
    power_s: FloatArray
    power_W: FloatArray
    latency_s: float
    step_Wh: float
    """r at the largest reading."""
    card: ReferenceCard

    @staticmethod
    def of(energy: PolledRegister, power: PolledRegister, card: ReferenceCard) -> _Registers:
        origin = int(min(energy.request_ns[0], power.request_ns[0]))
        return _Registers(
            RunRegister.of(energy, origin).at_s,
            energy.value,
            RunRegister.of(power, origin).at_s,
            power.value,
            float(np.max(seconds_between(energy.request_ns, energy.reply_ns))),
            card.energy_step_at_Wh(float(np.max(np.abs(energy.value)))),
            card,
        )

    @property
    def duration_s(self) -> float:
        return float(self.energy_s[-1] - self.energy_s[0])

    @property
    def poll_s(self) -> float:
        return float(np.median(np.diff(self.energy_s)))

    @property
    def typical_power_W(self) -> float:
        """Median of the readings under load, so that a trip half way does not make it zero."""
        power_W = np.abs(self.power_W)
        return float(np.median(power_W[power_W >= 0.5 * np.max(power_W)]))

    def integrated_Wh(self, at_s: FloatArray) -> FloatArray:
        """Energy by the power register alone, up to a constant."""
        running = np.concatenate(
            ([0.0], np.cumsum(self.power_W[1:] * np.diff(self.power_s)) / SECONDS_PER_HOUR)
        )
        return np.asarray(np.interp(at_s, self.power_s, running), np.float64)


def _covering(register: PolledRegister, first_ns: int, last_ns: int) -> PolledRegister:
    """The polls inside first_ns to last_ns and the one on either side."""
    low = max(int(np.searchsorted(register.reply_ns, first_ns)) - 1, 0)
    high = int(np.searchsorted(register.request_ns, last_ns, "right")) + 1
    return PolledRegister(
        register.request_ns[low:high], register.reply_ns[low:high], register.value[low:high]
    )


def _one_each(findings: list[Finding]) -> list[Finding]:
    """One finding a reason: the last, since a silence that lasts is reported longer with each poll."""
    # Silence goes last: where there is another reason, it is what the silence comes from.
    return sorted(each_reason_once(findings), key=lambda finding: finding.reason is Reason.REFERENCE_SILENT)


def _not_a_number(energy: PolledRegister, power: PolledRegister) -> list[Finding]:
    # A driver reports such a reply as a fault and gives no value; this is for drivers to come.
    if np.all(np.isfinite(energy.value)) and np.all(np.isfinite(power.value)):
        return []
    return [Finding(Reason.REFERENCE_NOT_A_NUMBER)]


def _silence(register: PolledRegister, first_ns: int, last_ns: int) -> list[Finding]:
    """A hole in the polls, at the ends of the window too."""
    seen = np.clip(register.reply_ns, first_ns, last_ns)
    gaps_s = np.diff(run_seconds(np.concatenate(([first_ns], seen, [last_ns])), first_ns))
    poll_s = (
        float(np.median(np.diff(run_seconds(register.request_ns, first_ns)))) if len(register) > 1 else 0.0
    )
    longest_s = float(np.max(gaps_s))
    if longest_s <= max(_SILENCE_S, _SILENCE_POLLS * poll_s):
        return []
    return [Finding(Reason.REFERENCE_SILENT, {"seconds": f"{longest_s:.1f}"})]


def _backward(registers: _Registers) -> list[Finding]:
    """Energy that went back: to about nothing (the instrument restarted), or somewhere else."""
    lost = np.flatnonzero(np.diff(registers.energy_Wh) < -0.5 * registers.step_Wh)
    if not len(lost):
        return []
    at = int(lost[0]) + 1
    since_s = registers.energy_s[at] - registers.energy_s[at - 1] + registers.card.refresh_s
    counted_since_Wh = 2.0 * registers.typical_power_W * since_s / SECONDS_PER_HOUR + registers.step_Wh
    now_Wh, before_Wh = float(registers.energy_Wh[at]), float(registers.energy_Wh[at - 1])
    is_reset = abs(now_Wh) <= counted_since_Wh
    values = {"before": f"{before_Wh:.3f}", "after": f"{now_Wh:.3f}"}
    return [Finding(Reason.REFERENCE_RESET if is_reset else Reason.REFERENCE_BACKWARD, values)]


def _longest_rest(registers: _Registers, at_s: FloatArray, value: FloatArray) -> tuple[float, float]:
    """What flowed (Wh) by the power register while a register stood still for longest, and how long that was (s).

    By energy and not by time, because after a trip nothing flows and nothing has to move.
    """
    moved = np.flatnonzero(np.diff(value) != 0.0) + 1
    marks_s = np.concatenate((at_s[:1], at_s[moved], at_s[-1:]))
    flowed_Wh = np.diff(registers.integrated_Wh(marks_s))
    worst = int(np.argmax(flowed_Wh))
    return float(flowed_Wh[worst]), float(marks_s[worst + 1] - marks_s[worst])


def _stalled(registers: _Registers) -> list[Finding]:
    """Registers that stand still under load for longer than step, refresh and polls explain."""
    power_W, card = registers.typical_power_W, registers.card
    if power_W <= 0.0:
        return []
    waiting_Wh = power_W * 2.0 * (card.refresh_s + registers.poll_s) / SECONDS_PER_HOUR
    flowed_Wh, rest_s = _longest_rest(registers, registers.energy_s, registers.energy_Wh)
    # A weak load is read half a step of the power register too high: 0.26 W as 0.3 W.
    unread_Wh = 0.5 * card.power_step_W * rest_s / SECONDS_PER_HOUR
    if flowed_Wh > 1.15 * registers.step_Wh + waiting_Wh + unread_Wh:
        return [_rested(rest_s)]
    # Where the energy's step is too long to tell, a power register that used to move with each refresh tells.
    changes_W = np.abs(np.diff(registers.power_W))
    changes_W = changes_W[changes_W > 0.0]
    if len(changes_W) < 2 * _LIVELY_REFRESHES:
        return []
    is_lively = np.median(changes_W) >= _LIVELY_STEPS * max(card.power_step_W, 1e-6 * power_W)
    flowed_Wh, rest_s = _longest_rest(registers, registers.power_s, registers.power_W)
    if is_lively and flowed_Wh > power_W * _LIVELY_REFRESHES * card.refresh_s / SECONDS_PER_HOUR + waiting_Wh:
        return [_rested(rest_s)]
    return []


def _rested(seconds: float) -> Finding:
    return Finding(Reason.REFERENCE_STALLED, {"seconds": f"{seconds:.1f}"})


def _range_changed(registers: _Registers) -> list[Finding]:
    """A power register that leaves for an instant and comes back: the reference was switching its range."""
    typical_W = registers.typical_power_W
    # At a starting current one step of the register may be more than the excursion.
    far_W = max(_EXCURSION * typical_W, 1.5 * registers.card.power_step_W)
    is_away = np.abs(np.abs(registers.power_W) - typical_W) > far_W
    turns = np.flatnonzero(np.diff(is_away.astype(np.int8)))
    longest_s = _EXCURSION_S + 2.0 * registers.card.refresh_s
    # Away for good is a load that moved; away and back within seconds is the reference itself.
    for leaves, comes_back in pairwise(turns):
        away_s = float(registers.power_s[comes_back] - registers.power_s[leaves])
        if is_away[comes_back] and away_s <= longest_s:
            return [Finding(Reason.REFERENCE_RANGE_CHANGED, {"seconds": f"{away_s:.1f}"})]
    return []


def _energy_without_power(registers: _Registers) -> list[Finding]:
    """A step or a bend between the energy register and the integral of the power register."""
    ticks = np.flatnonzero(np.diff(registers.energy_Wh) > 0.0) + 1
    if not len(ticks):
        return []
    card, power_W = registers.card, float(np.max(np.abs(registers.power_W)))
    bracket_s = registers.energy_s[ticks] - registers.energy_s[ticks - 1]
    tick_s = registers.energy_s[ticks] - 0.5 * bracket_s
    integrated_Wh = registers.integrated_Wh(tick_s)
    apart_Wh = registers.energy_Wh[ticks] - integrated_Wh
    # A change is late by a refresh at most, but rounding to a float32 comes on top of that.
    quantum_Wh = min(card.energy_step_Wh, power_W * card.refresh_s / SECONDS_PER_HOUR)
    quantum_Wh += registers.step_Wh - card.energy_step_Wh
    within_s = float(np.max(bracket_s)) + registers.latency_s + _FLICKER * card.refresh_s
    bound_Wh = quantum_Wh + power_W * within_s / SECONDS_PER_HOUR
    # Rounding errors of half a_P that change their sign half way bend the line by a_P/4 times the duration.
    bow_Wh = 0.25 * card.power_step_W * registers.duration_s / SECONDS_PER_HOUR
    bow_Wh += _GAIN_STEADINESS * float(integrated_Wh[-1] - integrated_Wh[0])
    allowed_Wh = _STRIP_FACTOR * bound_Wh + bow_Wh
    width_Wh = float(narrowest_strip(integrated_Wh[None, :], apart_Wh[None, :], steepest=1.0)[0])
    if width_Wh <= allowed_Wh:
        return []
    # One change that comes late and no other: the registers stood still until then.
    if len(ticks) > 3 and strip_without_highest(integrated_Wh, -apart_Wh)[0] <= allowed_Wh:
        return [_rested(SECONDS_PER_HOUR * width_Wh / registers.typical_power_W)]
    return [
        Finding(Reason.REFERENCE_JUMP, {"energy_Wh": f"{width_Wh:.3f}", "allowed_Wh": f"{allowed_Wh:.3f}"})
    ]


def _load_unsteady(registers: _Registers, stability_pct: float) -> list[Finding]:
    """Block means of the power that leave the declared stability around their median, or an abrupt step."""
    blocks_W = _means(registers, max(_BLOCK_S, 4.0 * registers.card.refresh_s), at_least=3)
    median_W = float(np.median(blocks_W))
    if abs(median_W) < 0.5 * registers.typical_power_W:
        median_W = registers.typical_power_W
    if median_W == 0.0:
        return []
    moved_pct = 100.0 * float(np.max(np.abs(blocks_W / median_W - 1.0)))
    allowed_pct = _ABRUPT_SHARE * stability_pct
    # A step that fills half of the run hides in the median, but not in what lies seconds apart. The block
    # between the two that are compared may hold the step itself.
    short_s = max(_SHORT_BLOCK_S, 2.0 * registers.card.refresh_s)
    short_W = _means(registers, short_s, at_least=1)
    step_pct = 0.0
    if short_s <= _BLOCK_S / 2.0 and len(short_W) >= 3:
        step_pct = 100.0 * float(np.max(np.abs(short_W[2:] - short_W[:-2]))) / abs(median_W)
    if moved_pct <= stability_pct and step_pct <= allowed_pct:
        return []
    limit_pct = stability_pct if moved_pct > stability_pct else allowed_pct
    values = {"change": f"{max(moved_pct, step_pct):.1f}", "allowed": f"{limit_pct:.1f}"}
    return [Finding(Reason.LOAD_UNSTEADY, values)]


def _means(registers: _Registers, block_s: float, at_least: int) -> FloatArray:
    """Means of the power (W) over blocks of about block_s (s)."""
    first_s, last_s = registers.power_s[0], registers.power_s[-1]
    blocks = max(at_least, int((last_s - first_s) / block_s))
    inner = np.linspace(first_s, last_s, blocks + 1)[1:-1]
    starts = np.unique(np.concatenate([[0], np.searchsorted(registers.power_s, inner)]))
    starts = starts[starts < len(registers.power_W)]
    counts = np.diff(np.append(starts, len(registers.power_W)))
    return np.asarray(np.add.reduceat(registers.power_W, starts) / counts, dtype=np.float64)
