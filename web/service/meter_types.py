"""Verdicts and errors of a month by the type of meter, so that no meter and no customer can be told from it.

A case counts in the month in which its last test ended. A type of which fewer than `figures.LEAST` meters were tested
is merged with the other small ones; of fewer than that no errors are said, since each would be one meter's. A meter
gives one error: the one that came nearest to its limit (%), of the load points of the basic error.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from statistics import quantiles

from web.service.facts import CaseFacts, Facts
from web.service.figures import LEAST
from web.service.months import Span, within

OTHER = ""
OUTCOMES = ("PASS", "FAIL", "INVALID", "UNJUDGED")


@dataclass(frozen=True, slots=True)
class Errors:
    """Of one error a meter (%): n, least, lower quartile, median, upper quartile, most."""

    n: int
    least: Decimal
    quarter: Decimal
    middle: Decimal
    three_quarters: Decimal
    most: Decimal


@dataclass(frozen=True, slots=True)
class OfType:
    """name: `OTHER` for those that are merged. verdicts: by outcome. errors: None where they are too few."""

    name: str
    n: int
    verdicts: dict[str, int]
    errors: Errors | None


def verdicts(facts: Facts, span: Span) -> dict[str, int]:
    """How many cases had each outcome."""
    tested = _tested(facts, span)
    return {outcome: sum(case.outcome == outcome for case in tested) for outcome in OUTCOMES}


def by_type(facts: Facts, span: Span) -> list[OfType]:
    """The most tested first, the merged ones last."""
    groups: dict[str, list[CaseFacts]] = defaultdict(list)
    for case in _tested(facts, span):
        groups[case.meter_type.strip()].append(case)
    large = {name: cases for name, cases in groups.items() if name and len(cases) >= LEAST}
    small = [case for name, cases in groups.items() if name not in large for case in cases]
    found = [_of_type(name, cases) for name, cases in sorted(large.items(), key=lambda g: (-len(g[1]), g[0]))]
    return found + ([_of_type(OTHER, small)] if small else [])


def _tested(facts: Facts, span: Span) -> list[CaseFacts]:
    is_in = within(span)
    return [case for case in facts.cases if case.outcome and is_in(case.last.get("end_test"))]


def _of_type(name: str, cases: list[CaseFacts]) -> OfType:
    counts = {outcome: sum(case.outcome == outcome for case in cases) for outcome in OUTCOMES}
    return OfType(
        name, len(cases), counts, errors_of([c.worst_pct for c in cases if c.worst_pct is not None])
    )


def errors_of(found: list[Decimal]) -> Errors | None:
    """None where they are too few."""
    if len(found) < LEAST:
        return None
    quarter, middle, three_quarters = quantiles(found, n=4, method="inclusive")
    return Errors(len(found), min(found), quarter, middle, three_quarters, max(found))
