"""What this bench can verify: each class of a rule set, each of its load points, and why not.

A class is refused where the reference standard is weaker than the rule set wants it (`RuleSet.reference_bound`, the one
place that says so, for plans and results too). A load point is refused where the load may not be that large, where no
allowed time makes U small enough (`calibration/planning.py`, with the figures that were measured), where a high current
would last longer than this bench allows, or where the meter or the reference would pulse faster than this bench was
seen to count. A load point that the certificate does not cover is measured, and informative.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from bench.before_run.countable import USABLE_SHARE, hertz, pulse_rate_Hz
from bench.before_run.limits import require_within
from bench.before_run.load_times import is_high
from bench.commissioning.words import kept_word
from bench.configuration.config import Config
from bench.errors import OperatorError
from bench.ports import makes_any_load
from calibration.commissioning import ReferenceBehaviour
from calibration.load_points import LoadPoint, parse_load_point
from calibration.nameplate import Connection, MeterUnderTest, Wiring
from calibration.planning import WindowConditions, planned_window
from calibration.quantities import WH_PER_KWH, Finding
from calibration.reasons import sentence
from calibration.reference_standard import ReferenceCard
from calibration.rules import ReferenceBound, RuleSet

LONGEST_S = 3600.0
"""Of one measurement that a technician will wait for."""
_SHORTEST_S = 30.0
_FEWEST_PULSES = 10


@dataclass(frozen=True, slots=True)
class Why:
    """Why not, or what limits it: a key of `words.py` with its values, or a finding's own sentence."""

    says: str
    values: Mapping[str, str] = field(default_factory=dict)
    finding: Finding | None = None

    def sentence(self, language: str) -> str:
        if self.finding is not None:
            return sentence(self.finding.reason, self.finding.values, language)
        return kept_word(self.says, language, self.values)


class Able(StrEnum):
    """Whether this bench can verify a class, or at a load point."""

    YES = "yes"
    INFORMATIVE = "informative"
    SOME = "some"
    """Of a class: some of its load points, or some of them informative only."""
    NO = "no"


@dataclass(frozen=True, slots=True)
class PointSuitability:
    """duration_s: of one measurement; None where there is none. why: what is against it."""

    load_point: str
    able: Able
    duration_s: float | None
    why: Why | None = None


@dataclass(frozen=True, slots=True)
class ClassSuitability:
    """why: what is against the class as a whole; points are there all the same, for an informative result."""

    accuracy_class: str
    why: Why | None
    points: tuple[PointSuitability, ...]

    @property
    def able(self) -> Able:
        if self.why is not None or all(p.able is Able.NO for p in self.points):
            return Able.NO
        return Able.YES if all(p.able is Able.YES for p in self.points) else Able.SOME


@dataclass(frozen=True, slots=True)
class TypicalMeter:
    """The meter that the table is about, where no plan names one; its class is the row's."""

    voltage_V: float = 220.0
    basic_current_A: float = 5.0
    maximum_current_A: float = 60.0
    meter_constant_imp_per_kWh: float = 1200.0

    def of_class(self, accuracy_class: str, rules: RuleSet) -> MeterUnderTest | None:
        """Directly connected where the rule set has load points for such; else behind transformers, 1.5(6) A, with a
        constant that gives as many pulses at Imax. None where it has none either."""
        for connection in Connection:
            if not rules.load_points(accuracy_class, connection):
                continue
            shrunk = 1.0 if connection is Connection.DIRECT else 10.0
            basic_A = self.basic_current_A if connection is Connection.DIRECT else 1.5
            return MeterUnderTest(
                "typical",
                accuracy_class,
                self.meter_constant_imp_per_kWh * shrunk,
                connection,
                Wiring.SINGLE_PHASE,
                self.voltage_V,
                basic_A,
                self.maximum_current_A / shrunk,
            )
        return None


def as_measured(card: ReferenceCard, behaviour: ReferenceBehaviour | None) -> ReferenceCard:
    """The card with what was measured in the place of what was configured."""
    if behaviour is None:
        return card
    return replace(
        card,
        energy_step_Wh=behaviour.energy_step_Wh or card.energy_step_Wh,
        power_step_W=behaviour.power_step_W or card.power_step_W,
        refresh_s=behaviour.refresh_s or card.refresh_s,
    )


def suitability(
    config: Config,
    card: ReferenceCard,
    rules: RuleSet,
    meter: TypicalMeter,
    lossless_Hz: float | None,
    makes: Callable[[LoadPoint], None] = makes_any_load,
) -> tuple[ClassSuitability, ...]:
    """All classes of a rule set that have limits. lossless_Hz: as measured by loopback; None: unknown.

    makes: raises OperatorError for a load that the source cannot make.
    """
    bench, found = _Bench(config, card, rules, lossless_Hz, makes), []
    for accuracy_class in rules.accuracy_classes:
        bound, typical = rules.reference_bound(accuracy_class), meter.of_class(accuracy_class, rules)
        if bound is None or typical is None:
            continue
        points = tuple(bench.points(typical, bound))
        found.append(ClassSuitability(accuracy_class, _why_weak(card, bound), points))
    return tuple(found)


def _why_weak(card: ReferenceCard, bound: ReferenceBound) -> Why | None:
    if card.accuracy_class_pct <= bound.class_pct:
        return None
    ours = "@by_ours" if bound.is_ours else ""
    return Why(
        "why_weak", {"have": f"{card.accuracy_class_pct:g}", "needed": f"{bound.class_pct:g}", "ours": ours}
    )


@dataclass(frozen=True)
class _Bench:
    config: Config
    card: ReferenceCard
    rules: RuleSet
    lossless_Hz: float | None
    makes: Callable[[LoadPoint], None]

    def points(self, meter: MeterUnderTest, bound: ReferenceBound) -> Iterator[PointSuitability]:
        for name in self.rules.load_points_for(meter):
            load_point = parse_load_point(name, meter)
            limit = self.rules.limit_at(load_point, meter)
            if limit is not None:
                yield self._point(load_point, meter, bound.wanted_uncertainty * limit.mpe_pct)

    def _point(self, load_point: LoadPoint, meter: MeterUnderTest, wanted_pct: float) -> PointSuitability:
        against = self._against(load_point, meter)
        if against is not None:
            return PointSuitability(load_point.name, Able.NO, None, against)
        conditions = WindowConditions(
            load_point,
            meter.constant_at_terminals_imp_per_kWh,
            self.card.at(load_point),
            self.config.reference.poll_interval_s,
        )
        window = planned_window(conditions, wanted_pct, _SHORTEST_S, _FEWEST_PULSES, LONGEST_S)
        if window.refusal is not None:
            return PointSuitability(load_point.name, Able.NO, None, Why("", finding=window.refusal))
        if (too_long := self._why_too_long(load_point, window.duration_s)) is not None:
            return PointSuitability(load_point.name, Able.NO, None, too_long)
        if not self.card.covers(load_point):
            return PointSuitability(
                load_point.name, Able.INFORMATIVE, window.duration_s, Why("why_certificate")
            )
        return PointSuitability(load_point.name, Able.YES, window.duration_s)

    def _against(self, load_point: LoadPoint, meter: MeterUnderTest) -> Why | None:
        try:
            require_within(self.config.load_source.limits, load_point)
            self.makes(load_point)
        except OperatorError:
            return Why("why_limit")
        rate_Hz = pulse_rate_Hz(meter.constant_at_terminals_imp_per_kWh, load_point)
        if self.lossless_Hz is not None and rate_Hz > USABLE_SHARE * self.lossless_Hz:
            return Why("why_rate", _rates(rate_Hz, self.lossless_Hz))
        return self._against_reference(load_point)

    def _against_reference(self, load_point: LoadPoint) -> Why | None:
        """Its own pulses, where a line counts them."""
        per_Wh = self.card.reference_pulses_per_Wh
        if self.lossless_Hz is None or per_Wh is None or self.config.reference.pulses is None:
            return None
        rate_Hz = pulse_rate_Hz(per_Wh * WH_PER_KWH, load_point)
        if rate_Hz <= USABLE_SHARE * self.lossless_Hz:
            return None
        return Why("why_reference_rate", _rates(rate_Hz, self.lossless_Hz))

    def _why_too_long(self, load_point: LoadPoint, window_s: float) -> Why | None:
        """A high current that the bench does not allow for as long as a test point needs it."""
        limits = self.config.load_source.limits
        longest_s = limits.longest_at_high_current_s
        needed_s = self.rules.repeats * window_s
        if longest_s is None or not is_high(limits, load_point) or needed_s <= longest_s:
            return None
        return Why("why_high_current", {"needed": f"{needed_s:.0f}", "allowed": f"{longest_s:g}"})


def _rates(rate_Hz: float, lossless_Hz: float) -> dict[str, str]:
    return {"rate": hertz(rate_Hz), "allowed": hertz(USABLE_SHARE * lossless_Hz)}
