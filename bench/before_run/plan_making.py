"""A plan for given meters: the items and load points of a rule set, as a text that people read, edit and check.

What the rule set asks and this bench can do at no position is left out, and the plan says so. The times are computed:
no load point is refused for want of time alone.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil

from bench.before_run.plan_check import why_undecidable
from bench.configuration.config import Config
from bench.configuration.toml_text import toml_text
from bench.errors import OperatorError
from bench.items import Item
from bench.plans.forecast import forecast
from bench.plans.plan import CheckedPlan, MeterSection, Plan, check_plan, checked_meter, parse_plan
from bench.words import unchecked_conditions, word
from calibration.conformity import DecisionRule
from calibration.evaluation import LEAST_INTERVALS
from calibration.nameplate import MeterUnderTest
from calibration.percentage_error import nominal_time_s
from calibration.quantities import Finding
from calibration.reasons import sentence
from calibration.rule_files import load_rule_set
from calibration.rules import RuleSet

_WANTED_UNCERTAINTY = 0.2
_LONGEST_S = 86_400.0
_FEWEST_PULSES = (10, 5, LEAST_INTERVALS)
_PULSES_WITHIN_S = 1200.0
"""The fewest pulses of a window are fewer where a slow meter would need longer than this for them."""
_PATIENCE = 1.5
"""The longest time of a window in planned ones: a load source and a meter are never quite as planned."""
_SHORTEST_LIMIT_S = 300.0


@dataclass(frozen=True)
class LeftOut:
    """An item of the rule set that this bench can decide at no position; the first position, and why."""

    item: Item
    position: str
    finding: Finding

    def why(self, language: str) -> str:
        where = word("at_position", language, position=self.position)
        return f"{where}: {sentence(self.finding.reason, self.finding.values, language)}"


@dataclass(frozen=True)
class MadePlan:
    """text: the plan's TOML; checked: the same as it was read back."""

    text: str
    checked: CheckedPlan
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True)
class Chosen:
    """What is wanted otherwise than the rule set has it: names of items, names of load points, runs at each of them."""

    tests: tuple[str, ...] | None = None
    load_points: tuple[str, ...] | None = None
    repeats: int | None = None


def make_plan(
    meters: Sequence[MeterSection], rule_set: str, config: Config, chosen: Chosen = Chosen()
) -> MadePlan:
    """Errors: OperatorError, one line, where these meters cannot be tested together by this rule set, or what is chosen
    cannot be done.
    """
    where = f"plan by {rule_set}"
    positions = [p.name for p in config.position]
    try:
        rules = load_rule_set(rule_set)
    except ValueError as error:
        raise OperatorError(f"{where}: {error}") from error
    by_position = {m.position: checked_meter(m, where) for m in meters if m.position in positions}
    names = {
        m.position: _load_points(m, by_position[m.position], rules, where)
        for m in meters
        if m.position in positions
    }
    left_out = tuple(_left_out(by_position, rules, config))
    without = {found.item for found in left_out}
    items = tuple(i for i in map(Item, rules.items) if i not in without)
    if not items:
        raise OperatorError(f"{where}: nothing that it asks can be done here; {left_out[0].why('en')}")
    tests = _tests(items, chosen, left_out, where)
    plan = Plan(
        meter=tuple(meters),
        tests=tests,
        load_points=(chosen.load_points or _common(tuple(names.values())))
        if Item.BASIC_ERROR in tests
        else (),
        title=f"{rules.standard}: {_kinds(meters)}",
        rule_set=rule_set,
        decision_rule=_decision_rule(rules, by_position).value,
        repeats=chosen.repeats or rules.repeats,
    )
    plan = _with_times(_with_pulses(plan, positions, where), positions, where, config, rules)
    text = "\n".join((*_lines(plan, rules, left_out), ""))
    return MadePlan(text, parse_plan(text, positions, where), left_out)


def _tests(
    items: tuple[Item, ...], chosen: Chosen, left_out: tuple[LeftOut, ...], where: str
) -> tuple[str, ...]:
    """Those that are wanted, in the order of the rule set. Errors: OperatorError for one that is none of them."""
    known = [item.value for item in items]
    for test in chosen.tests or ():
        if test not in known:
            why = next((f"; {found.why('en')}" for found in left_out if found.item.value == test), "")
            raise OperatorError(f"{where}: {test[:40]!r} is none of {', '.join(known)}{why}")
    return tuple(test for test in known if chosen.tests is None or test in chosen.tests)


def _kinds(meters: Sequence[MeterSection]) -> str:
    """`2 × Sunrise DDS1, 1 × Sunrise DTZ2`."""
    counted = Counter(meter.meter_type or meter.accuracy_class for meter in meters)
    return ", ".join(f"{count} × {kind}" for kind, count in counted.items())


def _load_points(section: MeterSection, meter: MeterUnderTest, rules: RuleSet, where: str) -> tuple[str, ...]:
    """Errors: OperatorError that names the meter and its type where the rule set is not for it."""
    try:
        rules.require_class(meter.accuracy_class)
        return rules.load_points_for(meter)
    except ValueError as error:
        type_named = f", type {section.meter_type!r}" if section.meter_type else ""
        raise OperatorError(
            f"{where}: position {section.position}, meter {section.serial}{type_named}: {error}; correct the type in "
            "the library of meter types, or name the rule set that is for it (--rules)"
        ) from error


def _left_out(meters: Mapping[str, MeterUnderTest], rules: RuleSet, config: Config) -> Iterator[LeftOut]:
    """An item that one position can do stays in the plan: at the others it is INVALID, as the check says."""
    sections = {p.name: p for p in config.position}
    for item in map(Item, rules.items):
        found = {p: why_undecidable(item, sections[p], meter, rules, config) for p, meter in meters.items()}
        why = next(iter(found.values()), None)
        if why is not None and None not in found.values():
            yield LeftOut(item, next(iter(found)), why)


def _common(names: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
    """The load points where all meters have the same ones; else none: the rule set then says which are whose."""
    return names[0] if names and all(n == names[0] for n in names) else ()


def _decision_rule(rules: RuleSet, meters: Mapping[str, MeterUnderTest]) -> DecisionRule:
    steps = [rules.rounding_step_pct(meter.accuracy_class) for meter in meters.values()]
    is_rounded = rules.judges_rounded and None not in steps
    return DecisionRule.REGULATION if is_rounded else DecisionRule.SIMPLE


def _with_pulses(plan: Plan, positions: Sequence[str], where: str) -> Plan:
    """The plan with as many pulses a window as the slowest meter gives at the smallest load in bearable time."""
    checked = check_plan(plan, "", positions, where)
    slowest_s = max(
        (
            nominal_time_s(1, meter.constant_at_terminals_imp_per_kWh, point.load_point.compared_power)
            for meter in checked.meters.values()
            for point in checked.points
            if point.item is Item.BASIC_ERROR and point.load_point is not None
        ),
        default=0.0,
    )
    bearable = (n for n in _FEWEST_PULSES if n * slowest_s <= _PULSES_WITHIN_S)
    return dataclasses.replace(plan, minimum_pulses=next(bearable, _FEWEST_PULSES[-1]))


def _with_times(plan: Plan, positions: Sequence[str], where: str, config: Config, rules: RuleSet) -> Plan:
    """The plan with the wanted uncertainty that this reference reaches, and with time for it."""
    wanted = [_WANTED_UNCERTAINTY]
    bounds = (rules.reference_bound(meter.accuracy_class) for meter in plan.meter)
    wanted += sorted({bound.wanted_uncertainty for bound in bounds if bound is not None})[:1]
    for part in wanted:
        patient = dataclasses.replace(plan, wanted_uncertainty=part, longest_time_s=_LONGEST_S)
        needed_s = _longest_window_s(check_plan(patient, "", positions, where), config)
        if needed_s is not None:
            longest_s = max(60.0 * ceil(_PATIENCE * needed_s / 60.0), _SHORTEST_LIMIT_S)
            return dataclasses.replace(patient, longest_time_s=min(longest_s, _LONGEST_S))
    return dataclasses.replace(plan, wanted_uncertainty=wanted[-1], longest_time_s=3600.0)


def _longest_window_s(checked: CheckedPlan, config: Config) -> float | None:
    """None where a load point cannot be measured well enough in any time."""
    card = config.reference.card.as_card()
    found = forecast(checked, card, config.reference.poll_interval_s).values()
    windows = [window for at_point in found for window in at_point.values()]
    if any(window.refusal is not None for window in windows):
        return None
    return max((window.duration_s for window in windows), default=0.0)


def _lines(plan: Plan, rules: RuleSet, left_out: tuple[LeftOut, ...]) -> Iterator[str]:
    yield "# A plan to be edited; afterwards: bench plan check THIS.toml, then bench run THIS.toml"
    yield "# 检定方案, 可以修改; 修改后先运行 bench plan check, 再运行 bench run"
    yield f"title = {toml_text(plan.title)}"
    yield f"rule_set = {toml_text(plan.rule_set)}"
    yield "# simple, guarded, four-way, regulation: chosen before the run / 判定规则, 测量前选定"
    yield f"decision_rule = {toml_text(plan.decision_rule)}"
    yield ""
    yield f"# {rules.standard}: items in their order; take out what is not wanted / 检定项目, 按顺序; 不做的可删去"
    yield f"tests = {toml_text(plan.tests)}"
    for found in left_out:
        yield f"# not here / 未列入 {found.item.value}: {_comment(found.why('en'))}"
        yield f"#   {_comment(found.why('zh'))}"
    if Item.BASIC_ERROR.value in plan.tests:
        yield from _load_point_lines(plan)
    yield from _condition_lines(rules)
    for meter in plan.meter:
        yield ""
        yield "[[meter]]"
        yield from _meter_lines(meter)


def _load_point_lines(plan: Plan) -> Iterator[str]:
    yield "# load points of basic_error: current, power factor, the only loaded phase / 基本误差的负载点"
    if plan.load_points:
        yield "load_points = ["
        for _, names in groupby(plan.load_points, key=lambda name: (name.split()[0], name.split()[2:])):
            yield f"    {', '.join(map(toml_text, names))},"
        yield "]"
    else:
        yield "# these meters have different ones: as the rule set says / 各表不同, 按规程"
    yield "# runs at each load point; their mean is judged / 每个负载点的测量次数, 取平均值判定"
    yield f"repeats = {plan.repeats}"
    yield "# wanted U of a run as a part of the limit / 一次测量的 U 与限值之比"
    yield f"wanted_uncertainty = {toml_text(plan.wanted_uncertainty)}"
    yield "# a run: shortest, fewest pulses, longest / 一次测量: 最短时间, 最少脉冲, 最长时间"
    yield f"minimum_time_s = {toml_text(plan.minimum_time_s)}"
    yield f"minimum_pulses = {plan.minimum_pulses}"
    yield f"longest_time_s = {toml_text(plan.longest_time_s)}"


def _condition_lines(rules: RuleSet) -> Iterator[str]:
    if rules.conditions is not None:
        low_C, high_C = rules.conditions.temperature_C
        yield f"# read it before the start, {low_C:g} to {high_C:g} °C / 开始前读取并填写环境温度, 湿度"
    else:
        yield "# read them before the start / 开始前读取并填写环境温度, 湿度"
    for language in ("en", "zh"):
        if unchecked := unchecked_conditions(rules.conditions, language):
            yield f"# {unchecked}"
    yield "# ambient_temperature_C = 23.0"
    yield "# relative_humidity_pct = 50.0"


def _meter_lines(meter: MeterSection) -> Iterator[str]:
    for field in dataclasses.fields(meter):
        value = getattr(meter, field.name)
        if value is not None:
            yield f"{field.name} = {toml_text(value)}"


def _comment(text: str) -> str:
    """On one line, whatever a name in it holds."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
