"""The one object that `--json` prints of a run, measured or recorded; measured figures are text."""

from __future__ import annotations

from bench.canonical import JsonObject
from bench.terminal.result_text import reasons_of, remarks_of

_FIGURES = (
    "item",
    "load_point",
    "percentage_error_pct",
    "rounded_pct",
    "expanded_uncertainty_pct",
    "mpe_pct",
    "estimator",
    "figures",
    "verdict",
)


def as_json(state: JsonObject) -> JsonObject:
    """state: STATE of a run that is over, or as far as it is recorded."""
    run = state["run"]
    return {
        "run": run["id"],
        "verdict": run["verdict"],
        "kind": state["bench"]["kind"],
        "not_official_because": run["not_official_because"],
        "points": [
            _point(position, shown["serial"], result)
            for position, shown in state["positions"].items()
            for _, result in sorted(shown["results"].items(), key=lambda item: int(item[0]))
        ],
    }


def _point(position: str, serial: str, result: JsonObject) -> JsonObject:
    reasons = reasons_of(result)
    optional: JsonObject = {key: result[key] for key in ("true_error_pct", "taken_from") if key in result}
    return {
        "position": position,
        "serial": serial,
        **{key: result[key] for key in _FIGURES},
        "reason": reasons[0]["reason"] if reasons else None,
        "reasons": reasons,
        "remarks": remarks_of(result),
        **optional,
    }
