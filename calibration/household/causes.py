"""What may be behind a household's figures: causes in the order of how well they explain them, each with its numbers.

Causes of the energy are the models of `changes.py` that explain the rows better than "the year repeats itself" by
LEAST_EVIDENCE of BIC and make LEAST_EFFECT of the usual use somewhere. Their order is by BIC, with one prior: a
device that heats or cools and an absence are taken to be four times as common as a constant new load or a
proportional change (unsure; 2 ln 4 in BIC). The weight of a cause is its share of exp(-BIC/2) among them.

Causes of the bill or of the list stand beside them, with the share that they explain: tiers (of the rise in money of
the last days, what is price and not energy), periods of different length, readings that were estimated, single days. A
weight of the energy then counts for what is left.

A meter that runs fast by a share and a use that has grown by this share are one and the same in every list of energies:
so the cause is called PROPORTIONAL, and never said to be the meter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from calibration.household.changes import Change, Model
from calibration.household.season import Floats, RowMeans, cold, warm
from calibration.household.series import Series

LEAST_EVIDENCE = 3.0
LEAST_EFFECT = 0.08
CLOSE = 6.0
"""Two causes whose BIC is nearer than this cannot be told apart (odds below 20)."""
_PRIOR = 2.8
_COMMON = {Change.COLD, Change.WARM, Change.VACANCY}
_IN_SEASON = 0.3
_FEW = 3


class CauseKey(StrEnum):
    HEATING = "heating"
    COOLING = "cooling"
    VACANCY = "vacancy"
    STANDBY = "standby"
    PROPORTIONAL = "proportional"
    TIER = "tier"
    LENGTH = "length"
    ESTIMATED = "estimated"
    SINGLE_DAYS = "single_days"


OF_CHANGE = {
    Change.COLD: CauseKey.HEATING,
    Change.WARM: CauseKey.COOLING,
    Change.VACANCY: CauseKey.VACANCY,
    Change.STANDBY: CauseKey.STANDBY,
    Change.PROPORTIONAL: CauseKey.PROPORTIONAL,
}


@dataclass(frozen=True, slots=True)
class Argument:
    """A key, and numbers whose units are in their names (kWh, pct, W, days) or that are ISO days."""

    key: str
    values: Mapping[str, float | int | str]


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause. weight: 0 to 1, for the order. is_more: it makes the use, or the bill, higher.

    first, end: day numbers of its time, where it has one. size: kWh a day, or a share, as of `changes.Model`.
    like: causes that explain these figures about as well, so that they cannot be told apart from it.
    """

    key: CauseKey
    weight: float
    is_more: bool
    speaks_for: tuple[Argument, ...]
    speaks_against: tuple[Argument, ...]
    first: int | None = None
    end: int | None = None
    size: float = 0.0
    like: tuple[CauseKey, ...] = ()


def of_energy(series: Series, found: Sequence[Model]) -> list[Cause]:
    """The causes among the models of a series (`changes.models`), the likeliest first; empty where nothing is
    unusual."""
    usual, *changed = found
    unusual = [
        model
        for model in changed
        if usual.bic - model.bic > LEAST_EVIDENCE
        and float(np.max(np.abs(model.effect_kWh))) > LEAST_EFFECT * float(np.mean(model.fit.usual))
    ]
    if not unusual:
        return []
    judged = {model.change: model.bic - (_PRIOR if model.change in _COMMON else 0.0) for model in unusual}
    unusual.sort(key=lambda model: judged[model.change])
    best = judged[unusual[0].change]
    odds = {change: float(np.exp(-(bic - best) / 2)) for change, bic in judged.items()}
    whole = sum(odds.values())
    return [
        Cause(
            key=OF_CHANGE[model.change],
            weight=odds[model.change] / whole,
            is_more=model.size > 0,
            speaks_for=tuple(_for(series, model, usual)),
            speaks_against=tuple(_against(series, model, unusual, judged)),
            first=model.first,
            end=model.end,
            size=model.size,
            like=tuple(
                OF_CHANGE[other.change]
                for other in unusual
                if other is not model and abs(judged[other.change] - judged[model.change]) < CLOSE
            ),
        )
        for model in unusual
    ]


def _rows_since(series: Series, model: Model) -> Floats:
    middles = np.array([row.first + row.days / 2 for row in series.rows])
    within: Floats = (middles >= model.first) & (middles < model.end)
    return within


def _for(series: Series, model: Model, usual: Model) -> list[Argument]:
    since = _rows_since(series, model)
    if not np.any(since):
        since = np.arange(len(series.rows)) == len(series.rows) - 1
    use = np.array([row.kWh_a_day for row in series.rows])
    was, is_now = float(np.mean(model.fit.usual[since])), float(np.mean(use[since]))
    said = [
        Argument(
            "level",
            {"usual_kWh": was, "now_kWh": is_now, "change_pct": 100 * (is_now / was - 1) if was > 0 else 0.0},
        )
    ]
    said += _halves(series, model, since)
    said.append(
        Argument("fits", {"without_pct": 100 * usual.fit.scale, "with_pct": 100 * model.fit.scale,
                          "evidence": usual.bic - model.bic})
    )  # fmt: skip
    return said


def _halves(series: Series, model: Model, since: Floats) -> list[Argument]:
    """What the change is on days with little and with much usual use, or in and out of its season."""
    use = np.array([row.kWh_a_day for row in series.rows])
    more = use - model.fit.usual
    if model.change in (Change.COLD, Change.WARM):
        means = RowMeans(series)
        season = means((cold if model.change is Change.COLD else warm)(means.days.astype(float)))
        inside, outside = since & (season > _IN_SEASON), since & (season <= 0.05)
        if np.sum(inside) == 0:
            return []
        if np.sum(outside) == 0:
            return [Argument("season_only", {"inside_kWh": float(np.mean(more[inside]))})]
        return [
            Argument(
                "season",
                {"inside_kWh": float(np.mean(more[inside])), "outside_kWh": float(np.mean(more[outside]))},
            )
        ]
    if model.change is Change.VACANCY or np.sum(since) < 2 * _FEW:
        return []
    level = model.fit.usual
    middle = float(np.median(level[since]))
    low, high = since & (level <= middle), since & (level > middle)
    if not (np.any(low) and np.any(high)):
        return []
    return [
        Argument(
            "halves",
            {
                "low_kWh": float(np.median(more[low])),
                "high_kWh": float(np.median(more[high])),
                "low_pct": 100 * float(np.median(more[low] / level[low])),
                "high_pct": 100 * float(np.median(more[high] / level[high])),
            },
        )
    ]


def _against(
    series: Series, model: Model, unusual: Sequence[Model], judged: Mapping[Change, float]
) -> list[Argument]:
    said = []
    since = int(np.sum(_rows_since(series, model)))
    if since < 2 * _FEW:
        said.append(Argument("few_rows", {"rows": since}))
    better = [other for other in unusual if judged[other.change] < judged[model.change]]
    if better:
        said.append(
            Argument(
                "other_better",
                {"cause": OF_CHANGE[better[0].change], "by": judged[model.change] - judged[better[0].change]},
            )
        )
    said.append(Argument("scatter_left", {"left_pct": 100 * model.fit.scale}))
    return said


def ranked(of_the_energy: Sequence[Cause], beside: Sequence[Cause]) -> tuple[Cause, ...]:
    """All causes in their order: what stands beside the energy explains its share, the energy what is left."""
    left = 1.0
    for cause in beside:
        left = min(left, 1.0 - min(1.0, cause.weight))
    # A share of the money and a weight among models are both at most one; of the energy's the order stays.
    energy = [replace(cause, weight=cause.weight * max(left, 0.05)) for cause in of_the_energy]
    return tuple(sorted([*energy, *beside], key=lambda cause: -cause.weight))
