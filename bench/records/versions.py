"""Which version of the arithmetic made a record's figures, and whether it is the one that is installed.

A version goes up when the same data would give other digits. A replay with another version would report
differences that are no damage, so it is refused.
"""

from __future__ import annotations

from bench.canonical import JsonObject
from bench.errors import OperatorError
from calibration.estimators import VERSIONS
from calibration.evaluation import VERSION


def computation() -> JsonObject:
    """The versions that a run's record keeps."""
    return {"evaluation": VERSION, "estimators": dict(VERSIONS)}


def require_same_computation(started: JsonObject) -> None:
    """Errors: OperatorError where the run was computed with other versions than these."""
    recorded, installed = started.get("computation"), computation()
    if recorded != installed:
        raise OperatorError(
            f"{started['run']} was computed with {_named(recorded)}, installed is {_named(installed)}; "
            "replay it with the software that its record names"
        )


def _named(versions: JsonObject | None) -> str:
    if versions is None:
        return "a version that its record does not name"
    estimators = ", ".join(f"{name} {version}" for name, version in sorted(versions["estimators"].items()))
    return f"evaluation {versions['evaluation']} ({estimators})"
