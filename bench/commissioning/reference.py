"""Commissioning: measure the actual reference standard, and compare it with its card in the configuration.

The load is stepped between two currents, because the lag of the power register shows itself at steps only.
Each load is waited for, as in a run, by what the reference reads. The load is removed on every way out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bench.commissioning.words import word
from bench.errors import InstrumentError
from bench.process import MeasuringProcess
from bench.terminal.answering import energising
from calibration.commissioning import ReferenceBehaviour, reference_behaviour
from calibration.findings import each_reason_once
from calibration.load_points import LoadPoint
from calibration.quantities import NS_PER_S, Finding
from calibration.reasons import Reason, sentence
from calibration.reference_standard import ReferenceCard

_SHARES = (1.0, 0.25, 1.0, 0.25)
"""Shares of the current that the load is stepped through."""
_LOOK_EVERY_S = 0.5
_FEWEST_POLLS = 10
_CHANGE_SHARE = 0.1
"""The load has changed where the power read spans more than this share of its largest value."""
_PHASE_OF_REFRESH = 0.382
"""Each load is held by so much of a refresh longer than the one before: steps that met the refreshes at one phase
would show the averaging of the power register at one phase only."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One figure of the configuration against what was measured.

    setting: its name in [reference.card] or [reference]; limit: what it may be at most, where there is one;
    advice: what to write into the configuration; remark: a key of `words.py` that says why.
    """

    setting: str
    configured: float | bool
    measured: float | None
    agrees: bool
    advice: str = ""
    remark: str = ""
    limit: float | None = None


@dataclass(frozen=True, slots=True)
class ReferenceCheck:
    behaviour: ReferenceBehaviour
    faults: tuple[Finding, ...]
    comparisons: tuple[Comparison, ...]

    @property
    def advice(self) -> tuple[str, ...]:
        """The lines to write into the configuration."""
        return tuple(c.advice for c in self.comparisons if c.advice)

    @property
    def agrees(self) -> bool:
        return not self.faults and all(c.agrees for c in self.comparisons)


def check_reference(
    process: MeasuringProcess,
    voltage_V: float,
    current_A: float,
    dwell_s: float,
    tell: Callable[[str], None],
    language: str = "en",
    at_load: Callable[[], None] = lambda: None,
) -> ReferenceCheck:
    """Step the load, record the polls, judge them. at_load: called while the first load is on.

    Errors: InstrumentError where the reference is silent.
    """
    clock = process.clock
    first_ns = clock.now_ns()
    with energising(process, tell, language) as source:
        for number, share in enumerate(_SHARES):
            load_point = LoadPoint(
                "check", voltage_V, share * current_A, 1.0, direction=process.config.reference.direction
            )
            source.apply(load_point)
            wait_until_set(process, load_point)
            tell(word("reached", language, power=f"{load_point.compared_power:.0f}", dwell=f"{dwell_s:g}"))
            hold_s = dwell_s + number * _PHASE_OF_REFRESH * process.card.refresh_s
            end_ns = clock.now_ns() + round(hold_s * NS_PER_S)
            if number == 0:
                at_load()
            while clock.now_ns() < end_ns:
                process.wait_idle(min(_LOOK_EVERY_S, (end_ns - clock.now_ns()) / NS_PER_S))
    return judged(process, first_ns)


def judged(process: MeasuringProcess, first_ns: int) -> ReferenceCheck:
    """What the polls since an instant say of the reference. Errors: InstrumentError where there are too few."""
    readings = process.acquisition.readings_since(first_ns)
    faults = each_reason_once(f.finding for f in readings.faults)
    if len(readings.energy_Wh) < _FEWEST_POLLS:
        what = "; ".join(map(_in_english, faults)) or "it gave no readings"
        raise InstrumentError(f"reference standard: {what}")
    behaviour = reference_behaviour(readings, process.card)
    power_W = readings.power_W.value
    has_stepped = len(power_W) > 0 and bool(np.ptp(power_W) > _CHANGE_SHARE * np.abs(power_W).max())
    compared = compare(behaviour, process.card, process.config.reference.poll_interval_s, has_stepped)
    return ReferenceCheck(behaviour, faults, compared)


def wait_until_set(process: MeasuringProcess, load_point: LoadPoint) -> None:
    """Until the reference reads the load, which a person may have to set first.

    Errors: InstrumentError where it does not in the settling time of the configuration.
    """
    clock, acquisition = process.clock, process.acquisition
    watch = process.load_watch.begin(load_point, clock.now_ns())
    while not watch.is_steady(acquisition, clock.now_ns()):
        if watch.is_over(clock.now_ns()):
            found = watch.why_not_reached(acquisition, clock.now_ns())
            what = "; ".join(map(_in_english, found))
            if found[0].reason is Reason.LOAD_NOT_REACHED:
                raise InstrumentError(
                    f"the load was not set: {what}; load_source.settle_timeout_s is the limit"
                )
            raise InstrumentError(f"reference standard: {what}")
        process.wait_idle(process.load_watch.look_every_s)


def _in_english(finding: Finding) -> str:
    return sentence(finding.reason, finding.values, "en")


def compare(
    behaviour: ReferenceBehaviour, card: ReferenceCard, poll_interval_s: float, has_stepped: bool
) -> tuple[Comparison, ...]:
    """Each figure that a recording can confirm, with what to write where it does not.

    poll_interval_s: as configured; has_stepped: whether the load changed during the recording.
    """
    found = [
        _step("energy_step_Wh", card.energy_step_Wh, behaviour.energy_step_Wh),
        _step("power_step_W", card.power_step_W, behaviour.power_step_W),
        _refresh(card.refresh_s, behaviour),
        _lag(card, behaviour, has_stepped),
    ]
    poll_s, refresh_s = behaviour.poll_interval_s, behaviour.refresh_s
    if refresh_s is not None:
        limit_s = refresh_s / 4
        advice = "" if poll_s <= limit_s else f"poll_interval_s = {refresh_s / 5:.3f}"
        found.append(
            Comparison("poll_interval_s", poll_interval_s, poll_s, not advice, advice, limit=limit_s)
        )
    return tuple(found)


def _step(setting: str, configured: float, measured: float | None) -> Comparison:
    """A register whose step cannot be told apart moves finer than its card says, or not at all."""
    if measured is None:
        return Comparison(setting, configured, None, True, remark="no_step_seen")
    agrees = abs(measured - configured) <= 0.02 * configured
    return Comparison(setting, configured, measured, agrees, "" if agrees else f"{setting} = {measured:.6g}")


def _refresh(configured_s: float, behaviour: ReferenceBehaviour) -> Comparison:
    measured_s = behaviour.refresh_s
    if measured_s is None:
        return Comparison("refresh_s", configured_s, None, False, remark="uneven_refresh")
    agrees = abs(measured_s - configured_s) <= 0.005 * configured_s
    advice = "" if agrees else f"refresh_s = {measured_s:.4f}"
    if not behaviour.is_even:
        return Comparison("refresh_s", configured_s, measured_s, False, advice, "uneven_refresh")
    return Comparison("refresh_s", configured_s, measured_s, agrees, advice)


def _lag(card: ReferenceCard, behaviour: ReferenceBehaviour, has_stepped: bool) -> Comparison:
    lag = behaviour.lag
    useful_s = 0.5 * card.refresh_s
    if lag is None or lag.standard_uncertainty_s > useful_s:
        advice = "lag_known = false" if card.lag_known else ""
        remark = "lag_not_seen" if has_stepped else "load_did_not_change"
        return Comparison("power_lag_s", card.power_lag_s, None, not advice, advice, remark)
    own_s = 2 * (lag.standard_uncertainty_s**2 + card.power_lag_u_s**2) ** 0.5
    agrees = card.lag_known and abs(lag.lag_s - card.power_lag_s) <= own_s + 0.01 * card.refresh_s
    advice = f"power_lag_s = {max(lag.lag_s, 0.0):.4f}, power_lag_u_s = {lag.standard_uncertainty_s:.4f}"
    return Comparison("power_lag_s", card.power_lag_s, lag.lag_s, agrees, "" if agrees else advice)
