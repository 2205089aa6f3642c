"""One meter in the list of all: who it is, what happens to it, how much of it is done. Pure.

A bench has up to 48 meters and the list changes twice a second, so a card looks at its results and builds no table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from web.customer.figures import ErrorFigures, error_figures
from web.customer.points import part_of_limit
from web.customer.scene import Scene, Stage, State, points_of, scene_of, stage_of
from web.customer.wording import item_of
from web.texts import text

COMPACT_FROM = 5
"""So many meters are a list; fewer are cards that can be read from two metres."""


@dataclass(frozen=True, slots=True)
class Card:
    position: str
    serial: str
    state: str
    verdict: str | None
    """Its verdict, or FAIL as soon as one step has failed."""
    figures: ErrorFigures | None
    done: str


def card_of(state: State, position: str, language: str) -> Card:
    meter = state["positions"][position]
    scene, results = scene_of(state, position), meter.get("results") or {}
    is_finished = stage_of(scene) is Stage.FINISHED and scene is not Scene.INTERRUPTED
    points = [] if stage_of(scene) is Stage.NOTHING else points_of(state, position)
    source: Mapping[str, Any] | None = meter.get("running") if scene is Scene.MEASURING else None
    if scene in (Scene.PASS, Scene.FAIL):
        source = _largest(points, results)
    return Card(
        position=position,
        serial=str(meter["serial"]),
        state="" if is_finished else text(f"card.{scene}", language),
        verdict=scene.value.upper() if is_finished else _already(results),
        figures=error_figures(source) if source else None,
        # What was not finished when it was taken out has a result of its own, and is not done.
        done=""
        if not points or scene is Scene.SKIPPED
        else text("step.done", language, done=len(results), count=len(points)),
    )


def _already(results: Mapping[str, Mapping[str, Any]]) -> str | None:
    """A step that failed stays failed, whatever is still to come."""
    return "FAIL" if any(result.get("verdict") == "FAIL" for result in results.values()) else None


def _largest(
    points: list[tuple[str, dict[str, Any]]], results: Mapping[str, Mapping[str, Any]]
) -> Mapping[str, Any] | None:
    errors = [
        results[key]
        for key, point in points
        if item_of(point) == "basic_error" and key in results and _has_both(results[key])
    ]
    return max(errors, key=part_of_limit, default=None)


def _has_both(result: Mapping[str, Any]) -> bool:
    return result.get("percentage_error_pct") is not None and result.get("mpe_pct") is not None
