"""The verdicts of a recorded run, found anew from its plan text, the shipped rule set and recomputed results.

`Rejudge` is shown the records of a run in their order. It takes nothing from a verdict's record but its name:
the limit comes from the rule set, the decision from the same function as in the run.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bench.canonical import JsonObject
from bench.differences import Difference, compare
from bench.frozen import completed, from_json, to_json
from bench.methods.judgement import is_repeatable, judge
from bench.plan import parse_plan
from bench.records import frozen_inputs, overall, verdict_figures
from calibration.equipment import ReferenceCard
from calibration.load_points import LoadPoint
from calibration.nameplate import MeterUnderTest
from calibration.quantities import ErrorResult, Finding, Outcome, Verdict
from calibration.reasons import Reason

_FROM_THE_PLAN = ("decision_rule", "rule_set", "meters", "load_points")


def read_finding(fields: Mapping[str, Any]) -> Finding:
    return Finding(Reason(fields["reason"]), dict(fields["values"]))


class Rejudge:
    """One run. Errors: OperatorError where its plan cannot be read; DAMAGED where a record is not as written."""

    def __init__(self, started: JsonObject) -> None:
        self._checked = parse_plan(started["plan"], list(started["meters"]), "the recorded plan")
        self._planned = started.get("planned", {})
        self._not_reached: tuple[int, tuple[Finding, ...]] | None = None
        self._windows: dict[tuple[int, int], Mapping[str, ErrorResult] | None] = {}
        self._final: dict[str, dict[int, Outcome]] = {p: {} for p in self._checked.meters}
        recorded = started["rule_set"]["sha256"]
        self.has_same_rules: bool = recorded == self._checked.rules.sha256

    def frozen(self, number: int, started: JsonObject) -> list[Difference]:
        """The frozen inputs against the plan and the configuration that they came from."""
        if not self.has_same_rules:
            known = f"{self._checked.rules.sha256} (another edition is shipped: no verdict can be recomputed)"
            return [Difference(f"record {number}: rule_set", started["rule_set"]["sha256"], known)]
        card = from_json(ReferenceCard, started["reference_card"])
        anew = frozen_inputs(self._checked, card, {}, {})
        recorded = {key: started[key] for key in _FROM_THE_PLAN}
        recorded["meters"] = {p: completed(MeterUnderTest, m) for p, m in recorded["meters"].items()}
        recorded["load_points"] = [
            {**each, "load_point": completed(LoadPoint, each["load_point"])}
            for each in recorded["load_points"]
        ]
        differences = [
            d for key in _FROM_THE_PLAN for d in compare(f"record {number}: {key}", recorded[key], anew[key])
        ]
        configured = completed(ReferenceCard, started["station"]["configuration"]["reference"]["card"])
        return differences + compare(
            f"record {number}: reference_card",
            completed(ReferenceCard, started["reference_card"]),
            configured,
        )

    def load_applied(self) -> None:
        self._not_reached = None

    def load_not_reached(self, fields: JsonObject) -> None:
        self._not_reached = (fields["point"], tuple(map(read_finding, fields["findings"])))

    def window(
        self, number: int, fields: JsonObject, results: Mapping[str, ErrorResult] | None
    ) -> list[Difference]:
        """`results`: None where they cannot be recomputed, since a raw file is damaged."""
        self._windows[fields["point"], fields["attempt"]] = results
        load_point = to_json(self._checked.points[fields["point"]].load_point)
        where = f"record {number}"
        return [
            *compare(f"{where}: load_point", completed(LoadPoint, fields["load_point"]), load_point),
            *compare(
                f"{where}: stability_pct", fields["stability_pct"], to_json(self._checked.plan.stability_pct)
            ),
        ]

    def verdict(self, number: int, fields: JsonObject) -> list[Difference]:
        """A verdict's record against the verdict that must come out."""
        position, point, attempt = fields["position"], fields["point"], fields["attempt"]
        where = f"record {number}, verdict of position {position}"
        if (point, attempt) in self._windows and self._windows[point, attempt] is None:
            # Its raw file is named already; for the whole run the verdict is taken as it stands.
            self._conclude(position, point, Outcome(fields["verdict"]), fields["is_repeated"])
            return []
        found = self._judge(position, point, attempt)
        if found is None:
            return [Difference(where, fields["verdict"], "nothing: its window is missing")]
        verdict, is_repeated = found
        self._conclude(position, point, verdict.outcome, is_repeated)
        anew = verdict_figures(verdict) | {"is_repeated": is_repeated}
        return compare(where, {key: fields.get(key) for key in anew}, anew)

    def ended(self, number: int, fields: JsonObject) -> list[Difference]:
        """The verdict of the whole run; a run that nothing ended early has one for every load point."""
        wanted = [p.index for p in self._checked.points]
        positions = {
            p: overall([done.get(i, Outcome.INVALID) for i in wanted]) for p, done in self._final.items()
        }
        anew = {
            "verdict": overall(list(positions.values())).value,
            "positions": {p: outcome.value for p, outcome in positions.items()},
        }
        where = f"record {number}, verdict of the run"
        differences = compare(where, {key: fields[key] for key in anew}, anew)
        if fields["findings"]:
            return differences
        return differences + [
            Difference(f"position {p}, {self._checked.points[i].load_point.name}", "finished", "no verdict")
            for p, done in self._final.items()
            for i in wanted
            if i not in done
        ]

    def _judge(self, position: str, point: int, attempt: int) -> tuple[Verdict, bool] | None:
        planned_point, plan = self._checked.points[point], self._checked.plan
        results = self._windows.get((point, attempt))
        if results is not None and position in results:
            verdict = judge(self._checked, planned_point, position, results[position], ())
        elif refusal := self._planned.get(str(point), {}).get(position, {}).get("refusal"):
            return judge(self._checked, planned_point, position, None, (read_finding(refusal),)), False
        elif self._not_reached is not None and self._not_reached[0] == point:
            verdict = judge(self._checked, planned_point, position, None, self._not_reached[1])
        else:
            return None
        return verdict, is_repeatable(verdict) and attempt < plan.repeats_of_invalid

    def _conclude(self, position: str, point: int, outcome: Outcome, is_repeated: bool) -> None:
        if not is_repeated:
            self._final[position][point] = outcome
