"""Satisfaction is experience minus expectation: what was said before and after, on the same scales of 0 to 10.

A case counts in the time in which its experience was said (after the test, before leaving), where its expectation was
said, too. Nothing is said about fewer than `figures.LEAST` of them, whatever they are narrowed to, so that nobody's
answer is told from the others'. Medians of each case's own difference, not differences of medians.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from web.service.facts import CaseFacts, Facts
from web.service.figures import Figure, Unit, middle
from web.service.months import Span, within


@dataclass(frozen=True, slots=True)
class Change:
    """name: an area or a person; "" for all, or where none is named. wrong: how sure that the meter is wrong."""

    name: str
    n: int
    wrong_before: Figure
    wrong_after: Figure
    wrong_change: Figure
    trust_before: Figure
    trust_after: Figure
    trust_change: Figure


def change(facts: Facts, span: Span) -> Change:
    return _change("", _said(facts, span))


def by_area(facts: Facts, span: Span) -> list[Change]:
    return _by(facts, span, lambda case: case.area)


def by_verifier(facts: Facts, span: Span) -> list[Change]:
    return _by(facts, span, lambda case: case.verifier or "")


def _by(facts: Facts, span: Span, name_of: Callable[[CaseFacts], str]) -> list[Change]:
    """The most answers first."""
    groups: dict[str, list[CaseFacts]] = defaultdict(list)
    for case in _said(facts, span):
        groups[name_of(case)].append(case)
    return sorted((_change(*group) for group in groups.items()), key=lambda one: (-one.n, one.name))


def _said(facts: Facts, span: Span) -> list[CaseFacts]:
    is_in = within(span)
    return [c for c in facts.cases if c.before is not None and c.after is not None and is_in(c.after.at)]


def _change(name: str, cases: Iterable[CaseFacts]) -> Change:
    pairs = [(one.before, one.after) for one in cases if one.before is not None and one.after is not None]

    def of(values: Iterable[int]) -> Figure:
        return middle(values, Unit.SCORE)

    return Change(
        name=name,
        n=len(pairs),
        wrong_before=of(before.meter_is_wrong for before, _ in pairs),
        wrong_after=of(after.meter_is_wrong for _, after in pairs),
        wrong_change=of(after.meter_is_wrong - before.meter_is_wrong for before, after in pairs),
        trust_before=of(before.trust for before, _ in pairs),
        trust_after=of(after.trust for _, after in pairs),
        trust_change=of(after.trust - before.trust for before, after in pairs),
    )
