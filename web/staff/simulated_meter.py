"""The picture of a simulated meter, for whoever has to look at it: what its display shows, or that it is dark. Pure.

A real meter hangs beside the bench and is read there; no page shows its register before somebody has typed it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from web.texts import text

_SIMULATED = "simulated"


@dataclass(frozen=True, slots=True)
class DisplayLine:
    """A register by its name in words, with all digits of the display."""

    name: str
    digits: str


@dataclass(frozen=True, slots=True)
class SimulatedMeter:
    """lines: of the display, none where it is dark. spoken: the picture in words."""

    lines: tuple[DisplayLine, ...]
    caption: str
    spoken: str


def simulated_meter(state: Mapping[str, Any] | None, position: str, language: str) -> SimulatedMeter | None:
    """The meter that the standing question of STATE asks to look at; None where it is real, or nothing is asked."""
    question = (state or {}).get("question")
    if state is None or question is None or position not in question["positions"]:
        return None
    if state["bench"]["kind"] != _SIMULATED:
        return None
    shown = question.get("displays", {}).get(position, {})
    asked = [name for name in shown if name in question["fields"]]
    lines = tuple(DisplayLine(text(f"bench_field.{name}", language), shown[name]) for name in asked)
    if not lines:
        return SimulatedMeter((), text("sim_meter.whole", language), text("sim_meter.dark", language))
    registers = text("list.and", language).join(f"{line.name} {line.digits}" for line in lines)
    spoken = text("sim_meter.shows", language, registers=registers)
    return SimulatedMeter(lines, text("sim_meter.read", language), spoken)
