"""A plan in plain words, for whom it is made: which tests, by which rules, how long. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from web.casework.model import Case
from web.casework.promises import Promises
from web.customer.judging import rule_sentence
from web.customer.wording import duration, item_name
from web.texts import text

_USUAL_RULE = "simple"
"""What a plan without `decision_rule` is judged by."""
_S_PER_MIN = 60


@dataclass(frozen=True, slots=True)
class Test:
    """One of the tests. why: what it is good for, in a sentence; "" where none is known."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class PlanWords:
    """measuring: how long the measurement takes; whole: the visit with checklist and explanation."""

    tests: tuple[Test, ...]
    loads: int
    rule_set: str
    decision_rule: str
    measuring: str
    whole: str


def plan_words(
    case: Case, promises: Promises, language: str, rule_title: Callable[[str, str], str]
) -> PlanWords | None:
    """None of a case that is not planned yet."""
    if case.plan_toml is None or case.planned_s is None:
        return None
    plan = _plan(case.plan_toml)
    tests = [str(item) for item in plan.get("tests", ())] or ["basic_error"]
    return PlanWords(
        tests=tuple(Test(item_name(item, language), _why(item, language)) for item in tests),
        loads=len(plan.get("load_points", ())),
        rule_set=rule_title(case.rule_set or str(plan.get("rule_set", "")), language),
        decision_rule=rule_sentence(case.decision_rule or _USUAL_RULE, language),
        measuring=duration(str(case.planned_s), language),
        whole=duration(str(case.planned_s + promises.visit_min * _S_PER_MIN), language),
    )


def _plan(written: str) -> dict[str, Any]:
    """What cannot be read is shown as a plan without details: the bench would not have taken it."""
    try:
        return tomllib.loads(written)
    except tomllib.TOMLDecodeError:
        return {}


def _why(item: str, language: str) -> str:
    # The page of a running step says of the basic error what is done there; here it is said what it is.
    for key in (f"plan_why.{item}", f"purpose.{item}"):
        if key in text:
            return text(key, language)
    return ""
