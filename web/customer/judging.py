"""How a result was judged, in words: its runs, its rounding, its rule and how likely it is inside. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from web import numbers
from web.texts import text

_MOST, _LEAST = Decimal("0.9999"), Decimal("0.0001")
"""The bench gives four decimals: beyond them a probability is said as more or less than."""


def verdict_key(result: Mapping[str, Any]) -> str | None:
    """The text that says the verdict: `PASS`, ..., or `conditional_PASS` where the uncertainty crosses the limit."""
    verdict = result.get("verdict")
    if verdict is None:
        return None
    return f"conditional_{verdict}" if result.get("conditional") else str(verdict)


def judging_notes(result: Mapping[str, Any], rule_of_run: str, language: str) -> list[str]:
    """Short remarks on one result, none of them longer than a line of a tablet where that can be."""
    notes = [_runs(result, language), _rounding(result, language), _probability(result, language)]
    if result.get("conditional"):
        notes.append(text(f"judged.conditional_{result['verdict']}", language))
    rule = result.get("decision_rule")
    if rule and rule != rule_of_run:
        notes.append(rule_sentence(rule, language))
    if result.get("taken_over"):
        notes.append(text("judged.taken_over", language))
    return [note for note in notes if note]


def rule_sentence(rule: str, language: str) -> str:
    """A decision rule in one sentence; one that this web does not know by its name."""
    key = f"rule.{rule}"
    return text(key, language) if key in text else rule


def _runs(result: Mapping[str, Any], language: str) -> str:
    runs, U = result.get("runs_pct") or [], result.get("expanded_uncertainty_pct")
    if len(runs) < 2 or U is None:
        return ""
    decimals = numbers.decimals_for(U)
    written = [numbers.percent(numbers.signed(run, decimals)) for run in runs]
    said = text("list.and", language).join(written)
    return text("judged.runs", language, runs=said)


def _rounding(result: Mapping[str, Any], language: str) -> str:
    rounded = result.get("rounded_pct")
    if rounded is None:
        return ""
    shown = numbers.percent(_with_sign(str(rounded)))
    key = "judged.rounded" if result.get("decision_rule") == "regulation" else "judged.rounded_only"
    unrounded = result.get("unrounded_pct")
    if unrounded is None:  # of a register, which has the energies beside it
        return text(f"{key}_register", language, rounded=shown)
    # With the digits that tell it from a half: +0.8500 and +0.8505, both read as +0.85, are rounded apart.
    return text(key, language, rounded=shown, error=numbers.percent(_with_sign(unrounded)))


def _with_sign(value: str) -> str:
    return numbers.with_minus(value) if value[:1] in "+-" else f"+{value}"


def _probability(result: Mapping[str, Any], language: str) -> str:
    value = result.get("probability_of_conformity")
    if value is None:
        return ""
    probability = Decimal(value)
    if probability > _MOST:
        return text("judged.almost_surely", language, percent=_percent_of(_MOST))
    if probability < _LEAST:
        return text("judged.hardly", language, percent=_percent_of(_LEAST))
    return text("judged.probability", language, percent=_percent_of(probability))


def _percent_of(probability: Decimal) -> str:
    """ "0.9981" as "99.8 %"; near both ends with the digits that the bench gave."""
    is_near_an_end = not Decimal("0.001") < probability < Decimal("0.999")
    return numbers.percent(numbers.fixed(str(probability.scaleb(2)), 2 if is_near_an_end else 1))
