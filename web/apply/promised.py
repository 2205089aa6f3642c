"""The published promises as sentences. Pure."""

from __future__ import annotations

from web import numbers
from web.casework.promises import Promises
from web.texts import text

_OUTCOMES = ("pass", "fail", "invalid", "unjudged", "retest")


def promised(promises: Promises, language: str) -> list[str]:
    """Each promise with its figure, then what it costs and who bears it when."""
    said = [
        text(f"promise.{name}", language, days=getattr(promises, f"{name}_days"))
        for name in ("plan", "appointment", "answer", "explain", "certificate", "appeal")
    ]
    said.insert(2, text("promise.visit", language, minutes=promises.visit_min))
    cost = promises.cost
    said.append(text("promise.fee", language, fee=numbers.money(cost.fee, cost.currency, language)))
    for outcome in _OUTCOMES:
        payer = text(f"promise.{getattr(cost, f'when_{outcome}')}", language)
        said.append(text(f"promise.bears_{outcome}", language, payer=payer))
    if not promises.is_set_by_the_laboratory:
        said.append(text("promise.ours", language))
    return said
