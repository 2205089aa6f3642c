"""Unbalance: the error with one phase loaded against that with balanced load, at I_b (I_n) and power factor 1.

The rule set limits each of the two errors, and their difference as well. Which test points are meant is told by their
load and not by their name: `In 1.0` of a direct meter or `1.0Ib 1.0` is the same load as `Ib 1.0`. The test point that
is concluded later carries the judgement, whichever of the two it is; what an earlier run gave counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import isclose

from bench.items import Item
from bench.methods.briefing import Briefing
from bench.methods.conclusions import Concluded
from bench.plans.points import PlannedPoint
from calibration.quantities import Finding, Outcome
from calibration.reasons import Reason
from calibration.unbalance import most_unbalanced

_JUDGED = (Outcome.PASS, Outcome.FAIL)
_BALANCED = ""


class Unbalance:
    """The errors at the rated load that are known so far, by position and loaded phase."""

    def __init__(self, b: Briefing) -> None:
        self._b = b
        self._errors_pct: dict[str, dict[str, float]] = {position: {} for position in b.checked.meters}
        for (index, position), taken in b.taken_over.items():
            point = b.checked.points[index]
            if taken.outcome in _JUDGED and taken.mean_pct is not None and self._is_meant(point, position):
                self._keep(point, position, taken.mean_pct)

    def judge(self, point: PlannedPoint, position: str, concluded: Concluded) -> Concluded:
        """The same conclusion with the difference in its figures, and FAIL where that is too large."""
        mean = concluded.mean
        if concluded.verdict.outcome not in _JUDGED or mean is None or not self._is_meant(point, position):
            return concluded
        phase = self._keep(point, position, mean.mean_pct)
        errors_pct = self._errors_pct[position]
        alone_pct = {p: e for p, e in errors_pct.items() if p != _BALANCED and phase in (_BALANCED, p)}
        if _BALANCED not in errors_pct or not alone_pct:
            return concluded
        return self._judged(position, concluded, errors_pct[_BALANCED], alone_pct)

    def _is_meant(self, point: PlannedPoint, position: str) -> bool:
        load, meter = point.load_point, self._b.checked.meters[position]
        return (
            point.item is Item.BASIC_ERROR
            and load is not None
            and load.power_factor == 1.0
            and isclose(load.current_A, meter.basic_current_A, rel_tol=1e-9)
        )

    def _keep(self, point: PlannedPoint, position: str, error_pct: float) -> str:
        assert point.load_point is not None
        phase = point.load_point.loaded_phase or _BALANCED
        self._errors_pct[position][phase] = error_pct
        return phase

    def _judged(
        self, position: str, concluded: Concluded, balanced_pct: float, alone_pct: Mapping[str, float]
    ) -> Concluded:
        """alone_pct: by loaded phase; that which differs most is judged."""
        accuracy_class = self._b.checked.meters[position].accuracy_class
        found = most_unbalanced(balanced_pct, alone_pct, self._b.checked.rules, accuracy_class)
        if found is None:
            return concluded
        difference, limit = f"{found.difference_pct:+.4f}", f"{found.limit_pct:g}"
        told = {"unbalance_phase": found.phase, "unbalance_pct": difference, "unbalance_limit_pct": limit}
        figures = {**concluded.figures, **told}
        if found.is_within:
            return replace(concluded, figures=figures)
        # Whatever the error alone would be: it is not that which decides.
        why = Finding(Reason.UNBALANCE, {"phase": found.phase, "difference": difference, "limit": limit})
        verdict = replace(
            concluded.verdict,
            outcome=Outcome.FAIL,
            conditional=False,
            findings=(why, *concluded.verdict.findings),
            probability_of_conformity=None,
        )
        return replace(concluded, verdict=verdict, figures=figures)
