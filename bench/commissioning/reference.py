"""Commissioning: measure the actual reference standard, and compare it with its card in the configuration.

The load is stepped between two currents, because the lag of the power register shows itself at steps only.
Each load is waited for, as in a run, by what the reference reads. The load is removed on every way out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bench.commissioning.comparison import Comparison, compare
from bench.commissioning.words import word
from bench.errors import InstrumentError
from bench.process import MeasuringProcess
from bench.terminal.answering import energising
from calibration.commissioning import ReferenceBehaviour, reference_behaviour
from calibration.findings import each_reason_once
from calibration.load_points import LoadPoint
from calibration.quantities import NS_PER_S, Finding
from calibration.reasons import Reason, sentence

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
class ReferenceCheck:
    """What the polls say of the reference standard; faults: of them, one of each reason."""

    behaviour: ReferenceBehaviour
    faults: tuple[Finding, ...]
    comparisons: tuple[Comparison, ...]

    @property
    def advice(self) -> tuple[str, ...]:
        """The lines to write into the configuration."""
        return tuple(c.advice for c in self.comparisons if c.advice)

    @property
    def agrees(self) -> bool:
        """Without faults, and every figure as configured."""
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
