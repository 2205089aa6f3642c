"""Which versions of the arithmetic made a record's figures, and whether they are known here.

A version goes up when the same data would give other digits; older ones stay in the code. A run is replayed with the
versions that its record names, for ever; only what a newer program has recorded is refused.
"""

from __future__ import annotations

from dataclasses import dataclass

from bench.canonical import JsonObject
from bench.errors import OperatorError
from calibration.estimators import KNOWN, VERSIONS
from calibration.evaluation import EVALUATIONS, VERSION


@dataclass(frozen=True, slots=True)
class Computation:
    """evaluation: its version; estimators: the version of each, by its name."""

    evaluation: int
    estimators: dict[str, int]


def computation() -> JsonObject:
    """The versions that a run is measured with now, for its record."""
    return {"evaluation": VERSION, "estimators": dict(VERSIONS)}


def is_known(recorded: JsonObject | None) -> bool:
    """Whether what a record says of its versions can be computed here."""
    if recorded is None or recorded.get("evaluation") not in EVALUATIONS:
        return False
    named = recorded["estimators"]
    return named.keys() == KNOWN.keys() and all(version in KNOWN[name] for name, version in named.items())


def computation_of(started: JsonObject) -> Computation:
    """The versions that a run was computed with. Errors: OperatorError where one of them is not known here."""
    recorded = started.get("computation")
    if recorded is None or not is_known(recorded):
        raise OperatorError(
            f"{started['run']} was computed with {_named(recorded)}, the newest here is {_named(computation())}; "
            "replay it with the software that its record names"
        )
    return Computation(recorded["evaluation"], recorded["estimators"])


def _named(versions: JsonObject | None) -> str:
    if versions is None:
        return "a version that its record does not name"
    estimators = ", ".join(f"{name} {version}" for name, version in sorted(versions["estimators"].items()))
    return f"evaluation {versions['evaluation']} ({estimators})"
