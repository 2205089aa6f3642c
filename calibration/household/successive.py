"""One change in a household's figures, or two after another.

The best model of one change is found first (`changes.py`, `causes.unusual`). What it explains is taken out of the rows,
each of which keeps its residual,

    ln(y' + d) = ln(usual + d) + ln(y + d) - ln(mu + d)

and a change is looked for in what is left. It counts as a second one where the evidence for it is strong
(CLEAR of BIC) and its time is another one: a wrong shape of the first leaves something behind, too, at the same time.
Then each is looked for once more with the other one taken out, since a vacancy before a new heater makes the heater
look larger.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calibration.household.causes import unusual
from calibration.household.changes import Change, Model, models
from calibration.household.fits import offset_of, uses
from calibration.household.season import Floats
from calibration.household.series import Series

CLEAR = 14.0
_APART_DAYS = 30


@dataclass(frozen=True, slots=True)
class Search:
    """Models of a change in rows of so much use (kWh a day each): the series' own, or without another change."""

    use: Floats
    models: list[Model]


def searched(series: Series) -> tuple[Search, Search | None]:
    """The change that explains most, and a second one where there clearly is one. Errors: as of `changes.models`."""
    use = uses(series)
    first = Search(use, models(series, use))
    leading = _leading(first)
    if leading is None:
        return first, None
    other = _leading(_beside(series, use, leading), CLEAR)
    if other is None or not _is_another(leading, other):
        return first, None
    again = _beside(series, use, other)
    leading = _leading(again)
    if leading is None or not _is_another(leading, other):
        return first, None
    second = _beside(series, use, leading)
    other = _leading(second, CLEAR)
    return (again, second) if other is not None and _is_another(leading, other) else (first, None)


def _beside(series: Series, use: Floats, model: Model) -> Search:
    offset = offset_of(use)
    left = (model.fit.usual + offset) * (use + offset) / (model.fit.mu + offset) - offset
    left = np.maximum(left, 0.0)
    return Search(left, models(series, left))


def _leading(search: Search, evidence: float = 0.0) -> Model | None:
    usual = search.models[0]
    found = [model for model, _ in unusual(search.models)]
    return found[0] if found and usual.bic - found[0].bic > evidence else None


def _is_another(one: Model, other: Model) -> bool:
    """They begin at other times, and none is a part of a vacancy that is the other."""
    if one.change is Change.VACANCY and other.change is Change.VACANCY:
        return one.end + _APART_DAYS <= other.first or other.end + _APART_DAYS <= one.first
    return abs(one.first - other.first) >= _APART_DAYS
