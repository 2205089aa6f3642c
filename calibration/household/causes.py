"""What may be behind a household's figures: causes in the order of how well they explain them, each with its numbers.

Causes of the energy are the models of `changes.py` that explain the rows better than "the year repeats itself" by
LEAST_EVIDENCE of BIC and make LEAST_EFFECT of the usual use somewhere. Their order is by BIC, with one prior: a
device that heats or cools and an absence are taken to be eight times as common as a constant new load or a
proportional change (unsure; 2 ln 8 in BIC). The weight of a cause is its share of exp(-BIC/2) among them.

Causes of the bill or of the list stand beside them, with the share that they explain: tiers (of the rise in money of
the last days, what is price and not energy), periods of different length, readings that were estimated, single days. A
weight of the energy then counts for what is left.

A meter that runs fast by a share and a use that has grown by this share are one and the same in every list of energies:
so the cause is called PROPORTIONAL, and never said to be the meter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from calibration.household.argued import Argument, Cause, CauseKey
from calibration.household.changes import Change, Model
from calibration.household.nights import Night, power_between
from calibration.household.season import Floats, RowMeans, cold, warm
from calibration.household.series import Series

LEAST_EVIDENCE = 3.0
LEAST_EFFECT = 0.08
CLOSE = 6.0
"""Two causes whose BIC is nearer than this cannot be told apart (odds below 20)."""
_PRIOR = 4.2
_COMMON = {Change.COLD, Change.WARM, Change.VACANCY}
_IN_SEASON = 0.3
_NIGHTS_BEFORE = 60
_FEW = 3


OF_CHANGE = {
    Change.COLD: CauseKey.HEATING,
    Change.WARM: CauseKey.COOLING,
    Change.VACANCY: CauseKey.VACANCY,
    Change.STANDBY: CauseKey.STANDBY,
    Change.PROPORTIONAL: CauseKey.PROPORTIONAL,
}


def unusual(found: Sequence[Model]) -> list[tuple[Model, float]]:
    """Those of the models of a series (`changes.models`) that are causes, the likeliest first, each with its BIC less
    its prior."""
    usual, *changed = found
    causes = [
        (model, model.bic - (_PRIOR if model.change in _COMMON else 0.0))
        for model in changed
        if usual.bic - model.bic > LEAST_EVIDENCE
        and float(np.max(np.abs(model.effect_kWh))) > LEAST_EFFECT * float(np.mean(model.fit.usual))
    ]
    return sorted(causes, key=lambda cause: cause[1])


def of_energy(
    series: Series, use: Floats, found: Sequence[Model], nights: Sequence[Night] = ()
) -> list[Cause]:
    """The causes among the models of a series with so much use (kWh a day of each row), the likeliest first; empty
    where nothing is unusual."""
    usual = found[0]
    causes = unusual(found)
    if not causes:
        return []
    judged = {model.change: bic for model, bic in causes}
    odds = {change: float(np.exp(-(bic - causes[0][1]) / 2)) for change, bic in judged.items()}
    whole = sum(odds.values())
    return _with_same(
        [
            Cause(
                key=OF_CHANGE[model.change],
                weight=odds[model.change] / whole,
                is_more=model.size > 0,
                speaks_for=(*_for(series, use, model, usual), *_nights(model, nights, agree=True)),
                speaks_against=(
                    *_nights(model, nights, agree=False),
                    *_against(series, model, [one for one, _ in causes], judged),
                ),
                first=model.first,
                end=model.end,
                size=model.size,
                like=tuple(
                    OF_CHANGE[other.change]
                    for other, bic in causes
                    if other is not model and abs(bic - judged[model.change]) < CLOSE
                ),
            )
            for model, _ in causes
        ],
        judged,
    )


def _with_same(causes: list[Cause], judged: Mapping[Change, float]) -> list[Cause]:
    """A constant load and a share of everything are both a change on every day; where the figures do not tell which,
    they are one cause in two words, with the weight of both."""
    both = [cause for cause in causes if cause.key in (CauseKey.STANDBY, CauseKey.PROPORTIONAL)]
    if len(both) < 2 or abs(judged[Change.STANDBY] - judged[Change.PROPORTIONAL]) >= LEAST_EVIDENCE:
        return causes
    one, other = both
    if one.is_more is not other.is_more:
        return causes
    keys = {one.key, other.key}
    joined = replace(
        one,
        weight=one.weight + other.weight,
        same=replace(other, like=()),
        like=tuple(key for key in one.like if key not in keys),
    )
    rest = [cause for cause in causes if cause.key not in keys]
    return sorted([joined, *rest], key=lambda cause: -cause.weight)


def _rows_since(series: Series, model: Model) -> Floats:
    middles = np.array([row.first + row.days / 2 for row in series.rows])
    within: Floats = (middles >= model.first) & (middles < model.end)
    return within


def _for(series: Series, use: Floats, model: Model, usual: Model) -> list[Argument]:
    since = _rows_since(series, model)
    if not np.any(since):
        since = np.arange(len(series.rows)) == len(series.rows) - 1
    was, is_now = float(np.mean(model.fit.usual[since])), float(np.mean(use[since]))
    said = [
        Argument(
            "level",
            {"usual_kWh": was, "now_kWh": is_now, "change_pct": 100 * (is_now / was - 1) if was > 0 else 0.0},
        )
    ]
    said += _halves(series, use, model, since)
    said.append(
        Argument("fits", {"without_pct": 100 * usual.fit.scale, "with_pct": 100 * model.fit.scale,
                          "evidence": usual.bic - model.bic})
    )  # fmt: skip
    return said


def _halves(series: Series, use: Floats, model: Model, since: Floats) -> list[Argument]:
    """What the change is on days with little and with much usual use, or in and out of its season."""
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


def _nights(model: Model, nights: Sequence[Night], agree: bool) -> list[Argument]:
    """The power of the nights before and since, where it agrees with the change (or where it does not): a constant load
    is there in each night, and a share of everything is one of the nights as well."""
    since = power_between(nights, model.first, model.end)
    before = power_between(nights, model.first - _NIGHTS_BEFORE, model.first)
    if since is None or before is None or model.change not in (Change.STANDBY, Change.PROPORTIONAL):
        return []
    expected = model.size * 1000 / 24 if model.change is Change.STANDBY else model.size * before
    if (abs(since - before - expected) < abs(expected) / 2) is not agree:
        return []
    return [Argument("nights", {"before_W": before, "now_W": since, "expected_W": before + expected})]


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
    """All causes in their order: what stands beside the energy explains its share, the energy what is left. Single days
    come after the reasons of a change: it leaves them over."""
    left = 1.0
    for cause in beside:
        left = min(left, 1.0 - min(1.0, cause.weight))
    # A share of the money and a weight among models are both at most one; of the energy's the order stays.
    energy = [replace(cause, weight=cause.weight * max(left, 0.05)) for cause in of_the_energy]

    def place(cause: Cause) -> tuple[bool, float]:
        return bool(energy) and cause.key is CauseKey.SINGLE_DAYS, -cause.weight

    return tuple(sorted([*energy, *beside], key=place))
