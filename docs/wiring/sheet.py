"""A sheet of a wiring diagram: the parts that the drawings of `draw.py` are put together from.

Coordinates are in units of schemdraw, y upwards. Values of parts are those of `values.py`, which computes them.
"""

from __future__ import annotations

from itertools import pairwise

import schemdraw
import schemdraw.elements as elm
from schemdraw import Drawing
from schemdraw.elements import Element
from values import value_of

BLUE, RED, GREY, GREEN = "#1f4e8c", "#a32020", "#707070", "#1d6b3a"
Point = tuple[float, float]

schemdraw.use("svg")
LINE_SPACING, BELOW, LEFT = 0.42, 0.22, 0.07
"""Of a text of size 11: from line to line, and how far schemdraw puts one beside where it should be."""


class Sheet:
    """A drawing with parts between two points."""

    def __init__(self, drawing: Drawing) -> None:
        self.drawing = drawing

    def add(self, element: Element) -> Element:
        return self.drawing.add(element)

    def put(self, element: Element, at: Point) -> None:
        """As it is, whichever way the part before was drawn."""
        self.add(element.at(at).theta(0))

    def wire(self, *points: Point, color: str | None = None) -> None:
        for a, b in pairwise(points):
            line = elm.Line().endpoints(a, b)
            self.add(line.color(color) if color else line)

    def part(self, kind: type[Element], a: Point, b: Point, label: str = "", side: str = "top") -> None:
        self.add(kind().endpoints(a, b).label(label, side, fontsize=11, ofst=0.12))

    def resistor(self, a: Point, b: Point, name: str, side: str = "top", value: str | None = None) -> None:
        self.part(elm.Resistor, a, b, f"{name}\n{value_of(name) if value is None else value}", side)

    def dot(self, *at: Point) -> None:
        for point in at:
            self.put(elm.Dot(), point)

    def end(self, at: Point, label: str, side: str = "right", color: str = BLUE) -> None:
        """Where something else is connected."""
        self.put(elm.Dot(open=True).fill("white").label(label, side, fontsize=11, color=color, ofst=0.12), at)

    def ground(self, at: Point, label: str = "") -> None:
        self.put(elm.Ground(), at)
        self.text((at[0] + 0.45, at[1] - 0.35), label, size=10)

    def plus(self, at: Point, label: str) -> None:
        self.put(elm.Vdd().label(label, fontsize=11, color=RED), at)

    def text(self, at: Point, words: str, size: float = 11, color: str = GREY, align: str = "left") -> None:
        lines = words.split("\n") if words else []
        for i, line in enumerate(lines):
            y = at[1] + size / 11 * (LINE_SPACING * ((len(lines) - 1) / 2 - i) - BELOW)
            label = elm.Label().label(
                line, "center", fontsize=size, color=color, halign=align, valign="center", ofst=0
            )
            self.put(label.zorder(9), (at[0] - (LEFT if align == "center" else 0.0), y))

    def box(
        self, low: Point, high: Point, words: str = "", *, dashed: bool = False, color: str = "#1c1c1c"
    ) -> None:
        rectangle = elm.Rect(corner1=(0, 0), corner2=(high[0] - low[0], high[1] - low[1])).color(color)
        self.put(rectangle.linestyle("--") if dashed else rectangle, low)
        if words:
            self.text(((low[0] + high[0]) / 2, (low[1] + high[1]) / 2), words, color=color, align="center")

    def opto(self, at: Point, name: str = "PC817") -> dict[str, Point]:
        """Its lamp's pins on the left at y and y - 1.5, its transistor's on the right."""
        x, y = at
        self.box((x, y - 1.85), (x + 2.6, y + 0.35))
        self.wire((x, y), (x + 0.7, y))
        self.part(elm.Diode, (x + 0.7, y), (x + 0.7, y - 1.5))
        self.wire((x + 0.7, y - 1.5), (x, y - 1.5))
        for above in (0.62, 0.92):
            self.add(
                elm.Arrow(headwidth=0.14, headlength=0.16).endpoints(
                    (x + 1.02, y - above), (x + 1.5, y - above)
                )
            )
        self.wire((x + 1.75, y - 0.35), (x + 1.75, y - 1.15))
        self.wire((x + 1.75, y - 0.55), (x + 2.15, y - 0.25), (x + 2.15, y), (x + 2.6, y))
        self.add(
            elm.Arrow(headwidth=0.16, headlength=0.18).endpoints((x + 1.75, y - 0.95), (x + 2.15, y - 1.25))
        )
        self.wire((x + 2.15, y - 1.25), (x + 2.15, y - 1.5), (x + 2.6, y - 1.5))
        self.text((x + 1.3, y + 0.62), name, align="center", color="#1c1c1c")
        return {
            "anode": (x, y),
            "cathode": (x, y - 1.5),
            "collector": (x + 2.6, y),
            "emitter": (x + 2.6, y - 1.5),
        }

    def to_pi(self, at: Point, pin: str, pull_up: str = "R2", line: str = "R3") -> None:
        """From an open collector to a line of the Pi: pull-up and series resistor."""
        x, y = at
        self.wire(at, (x + 0.9, y))
        self.dot((x + 0.9, y))
        self.resistor((x + 0.9, y), (x + 0.9, y + 2.2), pull_up, "bottom", value=value_of("R2, R5"))
        self.plus((x + 0.9, y + 2.2), "3.3 V")
        self.wire((x + 0.9, y), (x + 2.4, y))
        self.resistor((x + 2.4, y), (x + 4.6, y), line, value=value_of("R3"))
        self.end((x + 4.6, y), pin)
