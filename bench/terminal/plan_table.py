"""What `bench plan check` found, as a table with everything that is to be said of it, and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rich import box
from rich.console import Console
from rich.table import Table

from bench.before_run.plan_check import PlanReview, PointReview
from bench.canonical import JsonObject
from bench.items import Item
from bench.plans.plan import CheckedPlan
from bench.terminal.whole_words import keep_words_whole
from bench.terminal.words import load_word, word
from bench.words import item_word, unchecked_conditions
from calibration.quantities import Finding
from calibration.reasons import sentence
from calibration.starting import starting_test


def print_review(
    review: PlanReview, checked: CheckedPlan, asking: tuple[Item, ...], console: Console, language: str
) -> None:
    """language: zh or en."""
    table = Table(box=box.SIMPLE)
    for column in ("item", "load_point", "limit", "planned", "predicted", "decidable"):
        table.add_column(word(column, language), no_wrap=column not in ("item", "decidable"))
    for point in review.points:
        table.add_row(*_row(point, checked, language), style="bold yellow" if point.cannot else "none")
    keep_words_whole(table, console)
    console.print(table)
    for point in review.points:
        name = " ".join(filter(None, (_item(point, checked, language), _load(point, language))))
        for line in _remarks(point, len(checked.meters), language):
            console.print(f"! {name}: {line}", style="bold yellow", highlight=False)
        if point.point.item is Item.STARTING and len(point.cannot) < len(point.point.positions):
            console.print(f"  {name}: {_starting_time(point, checked, language)}", highlight=False)
    console.print(word("takes", language, time=clock_text(review.duration_s)), highlight=False)
    if asking:
        items = ", ".join(item_word(item.value, language) for item in asking)
        console.print(word("will_ask", language, items=items), highlight=False)
    if years := _validity_years(checked):
        each = (word("years_of_class", language, accuracy_class=c, years=n) for c, n in years.items())
        console.print(word("valid_for", language, years=", ".join(each)), highlight=False)
    if unchecked := unchecked_conditions(checked.rules.conditions, language):
        console.print(unchecked, highlight=False)
    kind = word(review.kind.value, language)
    console.print(word("worth", language, kind=kind), highlight=False)
    for finding in review.not_official:
        console.print(f"  - {sentence(finding.reason, finding.values, language)}", highlight=False)
    console.print(word("decides_all" if review.decides_all else "decides_not_all", language), style="bold")


def _validity_years(checked: CheckedPlan) -> dict[str, int]:
    """How long a pass holds, by class; empty where the rule set does not say."""
    years = checked.rules.validity_years
    return {
        m.accuracy_class: years[m.accuracy_class]
        for m in checked.meters.values()
        if m.accuracy_class in years
    }


def _starting_time(point: PointReview, checked: CheckedPlan, language: str) -> str:
    """Where the planned time of a starting test comes from, at the slowest meter."""
    tests = [starting_test(checked.rules, checked.meters[p]) for p in point.point.positions]
    slowest = max(tests, key=lambda test: test.pulse_period_s)
    return word(
        "starting_time",
        language,
        current=f"{slowest.starting_current_A:g}",
        period=f"{slowest.pulse_period_s:.0f}",
        pulses=slowest.pulses,
        limit=f"{slowest.limit_s:.0f}",
    )


def _row(point: PointReview, checked: CheckedPlan, language: str) -> tuple[str, ...]:
    limits = sorted(set(point.point.mpe_pct.values()))
    if not point.cannot:
        decidable = word("yes", language)
    elif len(point.cannot) == len(point.point.positions):
        decidable = word("no", language)
    else:
        able = [p for p in point.point.positions if p not in point.cannot]
        decidable = word("at_position", language, position=", ".join(able))
    return (
        _item(point, checked, language),
        _load(point, language) or "—",
        ", ".join(f"±{limit:g}" for limit in limits) or "—",
        "—" if point.duration_s is None else clock_text(point.duration_s),
        f"{max(point.U_pct.values()):.2g}" if point.U_pct else "—",
        decidable,
    )


def _remarks(point: PointReview, positions: int, language: str) -> Iterable[str]:
    """Why positions cannot be decided, those that have the same reason together; then what is to be known."""
    alike: dict[str, list[str]] = {}
    for position, finding in point.cannot.items():
        alike.setdefault(sentence(finding.reason, finding.values, language), []).append(position)
    for said, where in alike.items():
        is_everywhere = len(where) == positions > 1
        at = (
            word("all_positions", language)
            if is_everywhere
            else word("at_position", language, position=", ".join(where))
        )
        yield f"{at}: {said}" if positions > 1 else said
    for warning in point.warnings:
        yield sentence(warning.reason, warning.values, language)


def _item(point: PointReview, checked: CheckedPlan, language: str) -> str:
    """The item, with its positions where it does not concern all: classes may start at other currents."""
    name, positions = item_word(point.point.item.value, language), point.point.positions
    if len(positions) == len(checked.meters):
        return name
    return f"{name} ({word('at_position', language, position=', '.join(positions))})"


def _load(point: PointReview, language: str) -> str:
    load = point.point.load_point
    return load_word(load.name, load.direction, language) if load else ""


def clock_text(duration_s: float) -> str:
    """1:02:03 (hours, minutes, seconds)."""
    minutes, seconds = divmod(round(duration_s), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"


def review_as_json(review: PlanReview, checked: CheckedPlan, asking: tuple[Item, ...]) -> JsonObject:
    """One object; figures as text, a duration that nobody can say is null."""
    return {
        "title": checked.plan.title,
        "rule_set": checked.plan.rule_set,
        "decision_rule": checked.plan.decision_rule,
        "decides_all": review.decides_all,
        "kind": review.kind.value,
        "planned_s": f"{review.duration_s:.0f}",
        "validity_years": {c: str(years) for c, years in _validity_years(checked).items()},
        "asks": [item.value for item in asking],
        "points": [_point(point) for point in review.points],
        "not_official_because": [_finding(finding) for finding in review.not_official],
    }


def _point(point: PointReview) -> JsonObject:
    load, planned = point.point.load_point, point.point
    return {
        "item": planned.item.value,
        "load_point": load.name if load else None,
        "voltage_V": f"{load.voltage_V:g}" if load else None,
        "current_A": f"{load.current_A:g}" if load else None,
        "power_factor": f"{load.power_factor:g}{load.phase_side}" if load else None,
        "direction": load.direction.value if load else None,
        "positions": list(planned.positions),
        "mpe_pct": _figures(planned.mpe_pct),
        "planned_s": None if point.duration_s is None else f"{point.duration_s:.0f}",
        "predicted_U_pct": {p: f"{U_pct:.3g}" for p, U_pct in point.U_pct.items()},
        "cannot_decide": {p: _finding(finding) for p, finding in point.cannot.items()},
        "warnings": [_finding(finding) for finding in point.warnings],
    }


def _figures(values: Mapping[str, float]) -> dict[str, str]:
    return {position: f"{value:g}" for position, value in values.items()}


def _finding(finding: Finding) -> JsonObject:
    said = {language: sentence(finding.reason, finding.values, language) for language in ("zh", "en")}
    return {"reason": finding.reason.value, "values": dict(finding.values), **said}
