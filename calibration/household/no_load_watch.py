"""How long a household must watch a meter's lamp with nothing switched on, and what the flashes say.

The time is that of the no-load (creep) test of the meter's rule set (`calibration/no_load.py`): a meter that stands
still gives at most `max_pulses` flashes in it, one of which may come from what was left in the meter. Where the
nameplate states a starting current, the time of IEC 62052-11:2020, which is computed from that, counts if it is longer.

What N flashes in a time t say of the mean power P that the meter has counted
    A flash comes each 3.6 x 10^6/k Ws (k: imp/kWh), and where in that the watching begins nobody knows. So P t lies
    between N - 1 and N + 1 of them:

        (N - 1) p < P < (N + 1) p,    p = 3.6 x 10^6/(k t)    (W)

    p is the smallest power that shows a flash for certain, (max_pulses + 1) p the smallest that is noticed for certain.

A household has other conditions than a bench: its own voltage in the place of the test voltage, and wiring behind the
meter in which something may still be on. So more flashes than allowed say that something was counted, and not what.
The rule sets are provisional (`docs/rule-sets.md`); so is the time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from calibration.household.found import Found
from calibration.no_load import no_load_from
from calibration.rule_files import load_rule_set

_WS_OF_A_KWH = 3.6e6
_HOURS_OF_A_YEAR = 8760.0
RULE_SETS = {
    "1": "jjg596-2012",
    "2": "jjg596-2012",
    "A": "jjg596-2026",
    "B": "jjg596-2026",
    "C": "jjg596-2026",
}
"""Which rule set says the time, by the class on the nameplate. Of 1 and 2 it needs Imax, of A, B and C Imin."""
_BY_STARTING_CURRENT = "iec62052-11-2020"


@dataclass(frozen=True, slots=True)
class NoLoadWatch:
    """rule_set: which gave the time. max_pulses: in that time, of a meter that stands still."""

    duration_s: float
    max_pulses: int
    meter_constant_imp_per_kWh: float
    rule_set: str

    @property
    def flash_Wh(self) -> float:
        """The energy of one flash."""
        return 1000.0 / self.meter_constant_imp_per_kWh

    @property
    def shows_W(self) -> float:
        """The smallest mean power that gives a flash within the time for certain."""
        return self.power_of_a_flash_W(self.duration_s)

    @property
    def notices_W(self) -> float:
        """The smallest mean power that gives more flashes than are allowed, for certain."""
        return (self.max_pulses + 1) * self.shows_W

    def power_of_a_flash_W(self, watched_s: float) -> float:
        return _WS_OF_A_KWH / (self.meter_constant_imp_per_kWh * watched_s)


@dataclass(frozen=True, slots=True)
class NoLoadFound:
    """above_W, below_W: between them lay the mean power that was counted (W); above_W is 0 where none may have been."""

    outcome: Found
    above_W: float
    below_W: float


def no_load_watch(
    accuracy_class: str,
    meter_constant_imp_per_kWh: float,
    nominal_voltage_V: float,
    *,
    phases: int = 1,
    maximum_current_A: float | None = None,
    minimum_current_A: float | None = None,
    starting_current_A: float | None = None,
) -> NoLoadWatch:
    """phases: 1 or 3 (four wires). Errors: ValueError for an unknown class, a figure that is not above 0, and where the
    rule set needs a current that is not given (`needed_current`)."""
    if accuracy_class not in RULE_SETS:
        raise ValueError(f"the classes of household meters are {', '.join(RULE_SETS)}")
    name = RULE_SETS[accuracy_class]
    test = no_load_from(
        load_rule_set(name),
        accuracy_class,
        nominal_voltage_V,
        meter_constant_imp_per_kWh,
        float(phases),
        maximum_current_A=maximum_current_A,
        minimum_current_A=minimum_current_A,
    )
    watch = NoLoadWatch(test.duration_s, test.max_pulses, meter_constant_imp_per_kWh, name)
    if starting_current_A is None:
        return watch
    rules = load_rule_set(_BY_STARTING_CURRENT)
    test = no_load_from(
        rules,
        rules.accuracy_classes[0],  # the time does not depend on the class
        nominal_voltage_V,
        meter_constant_imp_per_kWh,
        float(phases),
        starting_A=starting_current_A,
    )
    if test.duration_s <= watch.duration_s:
        return watch
    return NoLoadWatch(test.duration_s, test.max_pulses, meter_constant_imp_per_kWh, _BY_STARTING_CURRENT)


def needed_current(accuracy_class: str) -> str:
    """Which current of the nameplate the time of a class needs: "maximum" or "minimum"."""
    rule = load_rule_set(RULE_SETS[accuracy_class]).no_load
    assert rule is not None
    return "maximum" if rule.formula == "maximum_current" else "minimum"


def no_load_found(watch: NoLoadWatch, flashes: int, watched_s: float) -> NoLoadFound:
    """What so many flashes in so many seconds say.

    Of a longer watch than asked for, `max_pulses` are allowed in each of the whole times that cover it: with more, one
    of them had more. Errors: ValueError for flashes below 0 or a time that is not above 0.
    """
    if flashes < 0 or not watched_s > 0.0:
        raise ValueError("flashes are counted from 0, in a time above 0 s")
    one_W = watch.power_of_a_flash_W(watched_s)
    covered_by = max(1, math.ceil(watched_s / watch.duration_s))
    if flashes > watch.max_pulses * covered_by:
        outcome = Found.INCONSISTENT
    elif watched_s >= watch.duration_s and flashes <= watch.max_pulses:
        outcome = Found.CONSISTENT
    else:
        outcome = Found.CANNOT_TELL
    return NoLoadFound(outcome, max(0, flashes - 1) * one_W, (flashes + 1) * one_W)


def kWh_a_year(power_W: float) -> float:
    """What a power comes to in a year."""
    return power_W * _HOURS_OF_A_YEAR / 1000.0
