"""What the review of a month says, on the page and on the sheet: tables of texts in the viewer's language. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from web.casework.self_checks import KEPT_DAYS
from web.dates import day_text
from web.numbers import with_minus
from web.review.showing import figure_said, indicator_said, met_said, target_said, value_said
from web.service import expectations, indicators, meter_types
from web.service.expectations import Change
from web.service.facts import Facts
from web.service.figures import LEAST, Figure, share
from web.service.measures import Measure
from web.service.meter_types import OUTCOMES, OfType
from web.service.months import Month, Span, span_of
from web.service.promises_kept import Issued, promises_kept
from web.service.targets import EVERYBODY, Target, result
from web.texts import text

Rows = list[list[str]]


@dataclass(frozen=True, slots=True)
class Table:
    """name: of its texts `review.`. head: the columns' names; the first one is what a row is about. notes: below it."""

    name: str
    title: str
    head: list[str]
    rows: Rows
    notes: list[str]


@dataclass(frozen=True, slots=True)
class MonthView:
    title: str
    as_of: str
    lead: list[str]
    tables: list[Table]
    tried: Rows
    """Measures of the month: what, whose, which indicator and its figures, what was said of it."""
    planned: Rows
    """Measures of the next one: what, whose, which indicator, until when."""

    def printed(self, language: str) -> dict[str, Any]:
        """For typst/month.typ."""
        return {
            "language": language,
            "title": self.title,
            "as_of": self.as_of,
            "lead": self.lead,
            "tables": [
                {"title": one.title, "head": one.head, "rows": one.rows, "notes": one.notes, "name": one.name}
                for one in self.tables
            ],
            "tried": {
                "title": text("review.tried", language),
                "rows": self.tried,
                "none": text("review.none_tried", language),
            },
            "planned": {
                "title": text("review.planned", language),
                "rows": self.planned,
                "none": text("review.none_planned", language),
            },
        }


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads. person, area: how one is called. only: the one person whose own row is shown, None for all of them."""

    language: str
    person: Callable[[str], str]
    area: Callable[[str], str]
    only: str | None


def month_view(
    facts: Facts,
    month: Month,
    targets: list[Target],
    measured: tuple[list[Measure], list[Measure]],
    overdue: tuple[int, int],
    issued: Issued,
    reader: Reader,
) -> MonthView:
    """targets: all that hold. measured: the measures of the month and of the next one. overdue: requests and cases,
    and questions for the handbook, today."""
    language, span = reader.language, span_of(month)
    return MonthView(
        title=text("review.title", language, month=month_said(month, language)),
        as_of=text("review.as_of", language, day=day_text(facts.now, language)),
        lead=_lead(facts, span, overdue, language),
        tables=[
            _indicators(facts, month, targets, language),
            _promises(facts, span, issued, language),
            _phases(facts, span, language),
            _knowledge(facts, span, language),
            _verdicts(facts, span, language),
            _expectations(facts, span, reader),
        ],
        tried=[_tried(facts, month, one, reader) for one in measured[0]],
        planned=[_planned(one, reader) for one in measured[1]],
    )


def month_said(month: Month, language: str) -> str:
    return f"{month.first.year}年{month.first.month}月" if language == "zh" else f"{month.first:%B %Y}"


def before_and_in(facts: Facts, month: Month, measure: Measure, language: str) -> tuple[str, str]:
    """The indicator of a measure in the month before, and in its own."""
    before, during = (
        indicator_said(indicators.figure(facts, measure.indicator, span_of(one)), measure.indicator, language)
        for one in (month.before, month)
    )
    return before, during


def _lead(facts: Facts, span: Span, overdue: tuple[int, int], language: str) -> list[str]:
    """The three aims in one line each, and what is late now."""
    settled = indicators.settled_without(facts, span)
    quiet = indicators.quiet_self_checks(facts, span)
    return [
        text(
            "review.lead_settled",
            language,
            count=settled.n,
            requests=indicators.settled_requests(facts, span),
            readers=indicators.readers_said(facts, span)[0],
            quiet=text("review.quiet_unknown", language, days=KEPT_DAYS)
            if quiet.n is None
            else value_said(quiet, language),
        ),
        text(
            "review.lead_asked",
            language,
            **{
                name: indicators.figure(facts, indicators.Indicator(name), span).n
                for name in ("applications", "complaints", "appeals")
            },
        ),
        text("review.lead_overdue", language, count=overdue[0], questions=overdue[1]),
    ]


def _indicators(facts: Facts, month: Month, targets: list[Target], language: str) -> Table:
    aimed = {one.indicator: one for one in targets if one.holder == EVERYBODY}
    rows = []
    for indicator in indicators.Indicator:
        now, before = (indicators.figure(facts, indicator, span_of(one)) for one in (month, month.before))
        target = aimed.get(indicator)
        aim = "–"
        if target is not None:
            reached = result(facts, target, span_of(month))
            aim = (
                f"{target_said(target, reached.found.unit, language)} · {met_said(reached.is_met, language)}"
            )
        rows.append(
            [
                text(f"indicator.{indicator}", language),
                indicator_said(now, indicator, language),
                indicator_said(before, indicator, language),
                aim,
            ]
        )
    head = ["indicator", "this_month", "month_before", "aim"]
    return _table("indicators", head, rows, [text("review.few", language, least=LEAST)], language)


def _promises(facts: Facts, span: Span, issued: Issued, language: str) -> Table:
    rows = [
        [
            text(f"kept_promise.{one.name}", language),
            text(f"figure.{'minutes' if one.name == 'visit' else 'days'}", language, value=one.promised),
            figure_said(one.kept, language),
            figure_said(one.typical, language),
        ]
        for one in promises_kept(facts, span, issued)
    ]
    return _table("promises", ["promise", "promised", "kept", "typical"], rows, [], language)


def _phases(facts: Facts, span: Span, language: str) -> Table:
    rows = [
        [text(f"phase.{one.name}", language), figure_said(one.took, language)]
        for one in indicators.phases(facts, span)
    ]
    return _table("phases", ["phase", "typical"], rows, [], language)


def _knowledge(facts: Facts, span: Span, language: str) -> Table:
    yes, no = indicators.readers_said(facts, span)
    rows = [
        ("asked_in_cases", indicators.figure(facts, indicators.Indicator.QUESTIONS, span)),
        ("asked_for_handbook", indicators.asked_for_handbook(facts, span)),
        ("readers_settled", share([True] * yes + [False] * no)),
    ]
    shown = [[text(f"review.{name}", language), figure_said(figure, language)] for name, figure in rows]
    return _table("knowledge", ["of", "count"], shown, [], language)


def _verdicts(facts: Facts, span: Span, language: str) -> Table:
    counted = meter_types.verdicts(facts, span)
    said = [text(f"case_value.{outcome}", language) + f" {counted[outcome]}" for outcome in OUTCOMES]
    rows = [_of_type(one, language) for one in meter_types.by_type(facts, span)]
    return Table(
        "verdicts",
        text("review.verdicts", language),
        [text(f"review.{name}", language) for name in ("meter_type", "meters", "outcomes", "errors")],
        rows,
        [" · ".join(said), text("review.errors_are", language)],
    )


def _of_type(one: OfType, language: str) -> list[str]:
    name = one.name if one.name else text("review.other_types", language)
    outcomes = "/".join(str(one.verdicts[outcome]) for outcome in OUTCOMES)
    errors = text("figure.too_few", language, least=LEAST)
    if one.errors is not None:
        e = one.errors
        shown = [with_minus(f"{value:+.2f}") for value in (e.middle, e.quarter, e.three_quarters)]
        ends = [with_minus(f"{value:+.2f}") for value in (e.least, e.most)]
        errors = text(
            "review.errors_of",
            language,
            middle=shown[0],
            quarter=shown[1],
            three_quarters=shown[2],
            least=ends[0],
            most=ends[1],
            n=e.n,
        )
    return [name, str(one.n), outcomes, errors]


def _expectations(facts: Facts, span: Span, reader: Reader) -> Table:
    language = reader.language
    rows = [_change(text("review.all", language), expectations.change(facts, span), language)]
    for one in expectations.by_area(facts, span):
        name = reader.area(one.name) or text("review.no_area", language)
        rows.append(_change(text("review.area_is", language, name=name), one, language))
    for one in expectations.by_verifier(facts, span):
        if reader.only in (None, one.name):
            rows.append(
                _change(text("review.verifier_is", language, name=reader.person(one.name)), one, language)
            )
    head = ["of", "answers", "wrong", "trust", "trust_gained"]
    return _table("expectations", head, rows, [text("review.expectations_are", language)], language)


def _change(name: str, one: Change, language: str) -> list[str]:
    if one.trust_change.value is None:
        few = value_said(one.trust_change, language)
        return [name, str(one.n), few, few, few]

    def turned(before: Figure, after: Figure) -> str:
        return f"{value_said(before, language)} → {value_said(after, language)}"

    return [
        name,
        str(one.n),
        turned(one.wrong_before, one.wrong_after),
        turned(one.trust_before, one.trust_after),
        value_said(one.trust_change, language, signed=True),
    ]


def _tried(facts: Facts, month: Month, one: Measure, reader: Reader) -> list[str]:
    language = reader.language
    before, during = before_and_in(facts, month, one, language)
    verdict = text(f"measure.{one.verdict}" if one.verdict else "measure.open", language)
    indicator = text(f"indicator.{one.indicator}", language)
    moved = text("measure.moved", language, indicator=indicator, before=before, during=during)
    return [
        one.what,
        reader.person(one.owner),
        moved,
        " · ".join(said for said in (verdict, one.said) if said),
    ]


def _planned(one: Measure, reader: Reader) -> list[str]:
    language = reader.language
    indicator = text(f"indicator.{one.indicator}", language)
    due = text("measure.due", language, day=day_text(one.due_on, language))
    return [one.what, reader.person(one.owner), indicator, due]


def _table(name: str, head: list[str], rows: Rows, notes: list[str], language: str) -> Table:
    return Table(
        name,
        text(f"review.{name}", language),
        [text(f"review.{column}", language) for column in head],
        rows,
        notes,
    )
