"""Which one change explains a household's figures best: a few explicit models, each with its best day, compared by BIC.

    AS_USUAL       the year repeats itself
    STANDBY        from a day on the same energy more (or less) every day
    PROPORTIONAL   from a day on the same share more (or less) every day
    COLD, WARM     from a day on more (or less) in the cold, or warm, season
    VACANCY        a time with less than 70 % of the usual use, and as usual before and after

Score of a model with k parameters (a day that was searched counts as one),

    BIC = -2 ln L / g + k ln(n / g)

(Schwarz, Ann. Stat. 6 (1978) 461), where g >= 1 is how much less n rows say than n independent ones, since a cold week
makes seven high days: from means over blocks of two weeks for daily rows (Flyvbjerg and Petersen, J. Chem. Phys. 91
(1989) 461), from the correlation of neighbours for longer ones. It is taken from the residuals of the best model, so
that a change is not taken for scatter.

One change at a time: of two that fall together it finds the larger, or one between them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from calibration.household.fits import Fit, Fitter, Shape
from calibration.household.season import Floats, cold, warm
from calibration.household.series import Series

LEAST_ROWS = 10
"""Of a series in which a change can be looked for."""
_TRIED = 3
"""Candidates of each model that are fitted; the rest is left out by a linear look."""
_APART_DAYS = 20
_BLOCK_ROWS = 14
_LOOKED_BACK_DAYS = 430
"""What has changed before is how the household lives: nobody asks about it, and each more day that is tried is one more
chance to see a change in mere scatter."""
_LEAST_AFTER_DAYS, _LEAST_BEFORE_DAYS = 21, 45
_LEAST_SEASON_OF_DAYS, _LEAST_SEASON = 15.0, 10.0
"""Sum of a season's shape after the change: so many full days of it there must have been."""
_VACANT_DAYS = (14, 21, 28, 42, 60, 90, 130)
_LEAST_VACANCY = 0.3


class Change(StrEnum):
    AS_USUAL = "as_usual"
    STANDBY = "standby"
    PROPORTIONAL = "proportional"
    COLD = "cold"
    WARM = "warm"
    VACANCY = "vacancy"


_PARAMETERS = {Change.AS_USUAL: 0, Change.VACANCY: 3}
_PARAMETERS_OF_A_STEP = 2


@dataclass(frozen=True, slots=True)
class Model:
    """One change with its best time. first: its first day; end: the day after its last one, of a vacancy, else that of
    the series. size: kWh a day (STANDBY; COLD and WARM: in the middle of the season), or a share. bic: lower is better.
    """

    change: Change
    first: int
    end: int
    size: float
    bic: float
    fit: Fit

    @property
    def effect_kWh(self) -> Floats:
        """What the change makes in each row, kWh a day."""
        effect: Floats = self.fit.mu - self.fit.usual
        return effect


@dataclass(frozen=True, slots=True)
class _Candidate:
    change: Change
    first: int
    end: int
    shape: Shape


def models(series: Series, use: Floats | None = None) -> list[Model]:
    """The best model of each kind, AS_USUAL first, the others by rising BIC. use: kWh a day of each row, where it is
    not the series' own. Errors: ValueError below LEAST_ROWS."""
    if len(series.rows) < LEAST_ROWS:
        raise ValueError(f"a change is looked for in {LEAST_ROWS} rows or more")
    fitter = Fitter(series, use)
    usual = fitter.fit()
    if not series.is_daily:
        fitter.allow_weather(usual)
        usual = fitter.fit()
    candidates = list(_candidates(series, fitter.means.days))
    gains = fitter.gains(usual, [one.shape for one in candidates]) if candidates else np.zeros(0)
    best: dict[Change, tuple[_Candidate, Fit]] = {}
    for change in Change:
        for candidate in _promising(change, candidates, gains):
            fit = fitter.fit(candidate.shape, usual)
            if _is_possible(change, fit) and (
                change not in best or fit.minus_2_log < best[change][1].minus_2_log
            ):
                best[change] = (candidate, fit)
    fits = [usual, *(fit for _, fit in best.values())]
    inflation = _inflation(min(fits, key=lambda fit: fit.minus_2_log), series)

    def bic(change: Change, fit: Fit) -> float:
        count = fitter.parameters + _PARAMETERS.get(change, _PARAMETERS_OF_A_STEP)
        return fit.minus_2_log / inflation + count * float(np.log(max(2.0, len(series.rows) / inflation)))

    found = [
        Model(change, one.first, one.end, fit.size, bic(change, fit), fit)
        for change, (one, fit) in best.items()
    ]
    as_usual = Model(Change.AS_USUAL, series.first, series.end, 0.0, bic(Change.AS_USUAL, usual), usual)
    return [as_usual, *sorted(found, key=lambda model: model.bic)]


def _candidates(series: Series, days: Floats) -> Iterator[_Candidate]:
    is_daily = series.is_daily
    step = 4 if is_daily else 5
    seasons = {Change.COLD: cold(days), Change.WARM: warm(days)}
    oldest = series.end - _LOOKED_BACK_DAYS
    earliest = max(series.first + _LEAST_BEFORE_DAYS, oldest)
    for first in range(earliest, series.end - _LEAST_AFTER_DAYS + 1, step):
        since = (days >= first).astype(float)
        yield _Candidate(Change.STANDBY, first, series.end, Shape(since, is_share=False))
        yield _Candidate(Change.PROPORTIONAL, first, series.end, Shape(since, is_share=True))
        for change, season in seasons.items():
            if np.sum(season * since) >= (_LEAST_SEASON_OF_DAYS if is_daily else _LEAST_SEASON):
                yield _Candidate(
                    change,
                    first,
                    series.end,
                    Shape(season * since, is_share=False, scatter=0.5 if is_daily else 0.3),
                )
    for length in _VACANT_DAYS:
        for first in range(max(series.first, oldest), series.end - length + 1, max(step, length // 7)):
            within = ((days >= first) & (days < first + length)).astype(float)
            yield _Candidate(Change.VACANCY, first, first + length, Shape(within, is_share=True))


def _promising(change: Change, candidates: list[_Candidate], gains: Floats) -> Iterator[_Candidate]:
    """The best ones of a kind, not two of nearly the same time."""
    of_kind = [index for index, one in enumerate(candidates) if one.change is change]
    taken: list[_Candidate] = []
    for index in sorted(of_kind, key=lambda index: -gains[index]):
        one = candidates[index]
        near = _APART_DAYS if change is not Change.VACANCY else 5
        if all(abs(one.first - other.first) + abs(one.end - other.end) >= near for other in taken):
            taken.append(one)
            yield one
        if len(taken) == _TRIED:
            return


def _is_possible(change: Change, fit: Fit) -> bool:
    return change is not Change.VACANCY or -1.2 < fit.size <= -_LEAST_VACANCY


def _inflation(fit: Fit, series: Series) -> float:
    """How many rows say as much as one independent one."""
    residuals = np.clip(fit.residuals, -3 * fit.scale, 3 * fit.scale)
    variance = float(np.var(residuals))
    if variance == 0:
        return 1.0
    if series.is_daily and len(residuals) >= 4 * _BLOCK_ROWS:
        blocks = len(residuals) // _BLOCK_ROWS
        means = residuals[: blocks * _BLOCK_ROWS].reshape(blocks, _BLOCK_ROWS).mean(axis=1)
        return max(1.0, float(np.var(means, ddof=1)) * _BLOCK_ROWS / variance)
    centred = residuals - residuals.mean()
    neighbours = float(np.mean(centred[1:] * centred[:-1]) / variance)
    return max(1.0, (1 + min(0.6, neighbours)) / (1 - min(0.6, neighbours)))
