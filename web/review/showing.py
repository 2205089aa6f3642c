"""Figures in words: none without its number, too few said as too few, unknown as unknown. Pure."""

from __future__ import annotations

from decimal import Decimal

from web.numbers import MINUS
from web.service.figures import LEAST, Figure, Unit
from web.service.indicators import Indicator
from web.service.targets import Direction, Target
from web.texts import text

SIGNED = frozenset({Indicator.TRUST_CHANGE})
"""Differences, whose sign is always there."""


def value_said(figure: Figure, language: str, *, signed: bool = False) -> str:
    """The figure with its unit, without its number of answers."""
    if figure.n is None:
        return text("figure.unknown", language)
    if figure.value is None:
        return text("figure.too_few" if figure.n else "figure.none", language, least=LEAST)
    return text(f"figure.{figure.unit}", language, value=plain(figure.value, signed=signed))


def figure_said(figure: Figure, language: str, *, signed: bool = False) -> str:
    """With its number; a count is its own."""
    said = value_said(figure, language, signed=signed)
    if figure.n is None or figure.unit is Unit.COUNT or figure.n == 0:
        return said
    return text("figure.with_n", language, said=said, n=figure.n)


def indicator_said(figure: Figure, indicator: Indicator, language: str) -> str:
    return figure_said(figure, language, signed=indicator in SIGNED)


def plain(value: Decimal, *, signed: bool = False) -> str:
    """ "3.0" as "3"; a true minus sign."""
    shown = f"{abs(value):f}"
    shown = shown.rstrip("0").rstrip(".") if "." in shown else shown
    return (MINUS if value < 0 else "+" if signed and value > 0 else "") + shown


def target_said(target: Target, unit: Unit, language: str) -> str:
    """unit: of the indicator's figure."""
    key = "target.at_least_is" if target.direction is Direction.AT_LEAST else "target.at_most_is"
    return text(key, language, value=text(f"figure.{unit}", language, value=plain(target.value)))


def met_said(is_met: bool | None, language: str) -> str:
    key = "target.untold" if is_met is None else "target.met" if is_met else "target.missed"
    return text(key, language)
