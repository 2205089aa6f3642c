"""Catch the bench out: what a customer hid and what the bench found, written. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from web import numbers
from web.customer.figures import ErrorFigures, error_figures
from web.customer.wording import named_load
from web.plots import FunnelPlot, ScaleMark, funnel_plot, half_range_pct, scale_mark
from web.texts import text

HIDDEN_DECIMALS = 2


@dataclass(frozen=True, slots=True)
class TrialPoint:
    """phrase: "full load"; name: as the rule set writes it."""

    phrase: str
    name: str
    figures: ErrorFigures
    verdict: str
    mark: ScaleMark | None


@dataclass(frozen=True, slots=True)
class TrialWords:
    """The reveal. funnel, figures and funnel_time are what `customer/_plot.html` draws of the first load point.

    holds: the interval of the first load point holds what was hidden; None where the bench gave no figure.
    """

    hidden: str
    reveal: str
    holds: bool | None
    verdict: str
    points: tuple[TrialPoint, ...]
    funnel: FunnelPlot | None
    figures: ErrorFigures | None
    funnel_time: str
    has_plot: bool


def trial_words(outcome: dict[str, Any], language: str) -> TrialWords:
    """What the bench's answer to `trial` says, in a language."""
    hidden = hidden_text(str(outcome["error_pct"]))
    found = [point for point in outcome.get("points") or [] if error_figures(point) is not None]
    first = found[0] if found else None
    figures = None if first is None else error_figures(first)
    rows = outcome.get("funnel") or []
    reveal = text("trial.no_figure", language, hidden=hidden)
    if figures is not None:
        reveal = text(
            "trial.reveal", language, hidden=hidden, found=figures.error, uncertainty=figures.uncertainty
        )
    return TrialWords(
        hidden=hidden,
        reveal=reveal,
        holds=None if first is None else _holds(first, str(outcome["error_pct"])),
        verdict=str(outcome.get("verdict") or "INVALID"),
        points=_points(found, language),
        funnel=_funnel(first, rows),
        figures=figures,
        funnel_time=numbers.fixed(str(rows[-1][0]), 0) if rows else "",
        has_plot=bool(rows),
    )


def hidden_text(error_pct: str) -> str:
    """ "+1.30 %"."""
    value = Decimal(error_pct).quantize(Decimal(1).scaleb(-HIDDEN_DECIMALS))
    return numbers.percent(numbers.signed(str(value), HIDDEN_DECIMALS))


def _holds(point: dict[str, Any], hidden_pct: str) -> bool:
    error, U = Decimal(point["percentage_error_pct"]), Decimal(point["expanded_uncertainty_pct"])
    return error - U <= Decimal(hidden_pct) <= error + U


def _points(found: list[dict[str, Any]], language: str) -> tuple[TrialPoint, ...]:
    limits = [float(point["mpe_pct"]) for point in found if point.get("mpe_pct") is not None]
    half_pct = half_range_pct(limits, [float(point["percentage_error_pct"]) for point in found])
    return tuple(_point(point, half_pct, language) for point in found)


def _point(point: dict[str, Any], half_pct: float, language: str) -> TrialPoint:
    figures = error_figures(point)
    assert figures is not None
    mark = None
    if point.get("mpe_pct") is not None:
        error, U, mpe = (
            float(point[name]) for name in ("percentage_error_pct", "expanded_uncertainty_pct", "mpe_pct")
        )
        mark = scale_mark(error, U, mpe, half_pct)
    name = str(point["name"])
    return TrialPoint(named_load(name, language), name, figures, str(point["verdict"]), mark)


def _funnel(first: dict[str, Any] | None, rows: list[list[str]]) -> FunnelPlot | None:
    if first is None or first.get("mpe_pct") is None:
        return None
    return funnel_plot(rows, float(first["mpe_pct"]), 0.0)
