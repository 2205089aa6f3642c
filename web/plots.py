"""Geometry of the drawings: the funnel of a running point, the scale of finished points, a household's use. Pure.

Everything is given in per cent of the drawing's width or height (0 is left or top) or, for the two paths, in
a box of 1000 by 1000 that the page stretches: so the same drawing fits a phone, a tablet and paper, and text
keeps its size. Floats are good enough here: a drawing is read to a pixel, the figures beside it are exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from web import numbers

BOX = 1000.0
AXIS_IN_LIMITS = 1.5
"""The error axis ends at this many times the limit, until something lies outside."""
ROOM_BEYOND = 1.1
"""How far the axis reaches beyond what lies outside."""
MOST_POINTS = 160
"""More points than this would be finer than a pixel of a tablet."""
MOST_BARS = 120
"""Of a household's use, before neighbours become one."""
SHORTEST_AXIS_S = 10.0
NAME_WIDTH, NAME_HEIGHT = 38.0, 15.0
"""Room of the name of the forbidden zone, in per cent of the drawing, on the narrowest phone."""


@dataclass(frozen=True, slots=True)
class Tick:
    at: str
    label: str


@dataclass(frozen=True, slots=True)
class Corner:
    is_left: bool
    is_low: bool


@dataclass(frozen=True, slots=True)
class FunnelPlot:
    """A funnel plot: line and band are path data, the rest are per cents of the drawing."""

    line: str
    band: str
    upper_limit: str
    lower_limit: str
    last_x: str
    last_y: str
    zone_name: Corner
    time_ticks: tuple[Tick, ...]
    error_ticks: tuple[Tick, ...]


@dataclass(frozen=True, slots=True)
class ScaleMark:
    """A finished point on the common error scale: per cents of its width."""

    lower_limit: str
    upper_limit: str
    lower_end: str
    upper_end: str
    mark: str

    @property
    def whisker_width(self) -> str:
        return _text(float(self.upper_end) - float(self.lower_end))

    @property
    def zone_width(self) -> str:
        """Width of the forbidden zone on each side."""
        return _text(100.0 - float(self.upper_limit))


@dataclass(frozen=True, slots=True)
class UsePlot:
    """What a household has used: area and usual are path data, the rest per cents. marked: where a time begins and how
    wide it is, None where none is marked."""

    area: str
    usual: str
    marked: tuple[str, str] | None
    use_ticks: tuple[Tick, ...]
    day_ticks: tuple[Tick, ...]


def half_range_pct(limits_pct: Sequence[float], errors_pct: Sequence[float]) -> float:
    """Half the error axis: 1.5 times the widest limit, or as much as the farthest error needs.

    Without any limit the errors alone give the range.
    """
    inside = AXIS_IN_LIMITS * max(limits_pct, default=0.0)
    farthest = max((abs(error) for error in errors_pct), default=0.0)
    if inside > 0 and farthest <= inside:
        return inside
    return max(inside, farthest * ROOM_BEYOND) or 1.0


def funnel_plot(points: Sequence[Sequence[str]], limit_pct: float, window_s: float) -> FunnelPlot | None:
    """The funnel of [t_s, error_pct, U_pct] rows, oldest first; None while there is no row.

    limit_pct is the maximum permissible error; window_s the planned time of the window (0 where unknown).
    """
    # Looks at one and the same window have the same time: the newest of them knows most.
    latest = {float(t): (float(t), float(error), float(U)) for t, error, U in points}
    rows = _thinned(list(latest.values()))
    if not rows:
        return None
    half = half_range_pct([limit_pct], [error for _, error, _ in rows])
    end_s = max(window_s, rows[-1][0], SHORTEST_AXIS_S)

    def x(t_s: float) -> float:
        return 100.0 * t_s / end_s

    def y(error_pct: float) -> float:
        return 50.0 * (1.0 - max(-3 * half, min(3 * half, error_pct)) / half)

    upper = [(x(t), y(error + U)) for t, error, U in rows]
    lower = [(x(t), y(error - U)) for t, error, U in rows]
    last_t, last_error, _ = rows[-1]
    return FunnelPlot(
        line=_path([(x(t), y(error)) for t, error, _ in rows]),
        band=_path(upper + lower[::-1]) + "Z",
        upper_limit=_text(y(limit_pct)),
        lower_limit=_text(y(-limit_pct)),
        last_x=_text(x(last_t)),
        last_y=_text(y(last_error)),
        zone_name=_free_corner(upper, lower),
        time_ticks=tuple(Tick(_text(x(t)), f"{t:g}") for t in round_steps(end_s)),
        error_ticks=tuple(Tick(_text(y(e)), _signed_label(e)) for e in (limit_pct, 0.0, -limit_pct)),
    )


def scale_mark(error_pct: float, U_pct: float, limit_pct: float, half_pct: float) -> ScaleMark:
    """Where an error with its band lies between the limits, on an axis from -half_pct to +half_pct."""

    def x(value_pct: float) -> float:
        return max(0.0, min(100.0, 50.0 * (1.0 + value_pct / half_pct)))

    return ScaleMark(
        lower_limit=_text(x(-limit_pct)),
        upper_limit=_text(x(limit_pct)),
        lower_end=_text(x(error_pct - U_pct)),
        upper_end=_text(x(error_pct + U_pct)),
        mark=_text(x(error_pct)),
    )


def use_plot(
    rows: Sequence[tuple[int, int, float]],
    usual: Sequence[float],
    marked: tuple[int, int] | None,
    labels: Sequence[tuple[int, str]],
) -> UsePlot:
    """Rows are (first day, days, use a day) by rising day; usual: the same of a usual year, or empty.

    marked: first day and the day after the last, of what is to be seen. labels: (day, text) of the time axis.
    """
    start, end = rows[0][0], rows[-1][0] + rows[-1][1]
    highest = max([use for _, _, use in rows] + list(usual)) or 1.0
    top = highest * ROOM_BEYOND

    def x(day: float) -> float:
        return 100.0 * (day - start) / (end - start)

    def y(use: float) -> float:
        return 100.0 * (1.0 - use / top)

    bars = _joined(rows, MOST_BARS)
    outline = [(x(day), y(use)) for first, days, use in bars for day in (first, first + days)]
    expected = [(first, days, use) for (first, days, _), use in zip(rows, usual, strict=False)]
    return UsePlot(
        area=_path([(outline[0][0], 100.0), *outline, (outline[-1][0], 100.0)]) + "Z",
        usual=_path([(x(first + days / 2), y(use)) for first, days, use in _joined(expected, MOST_BARS)])
        if expected
        else "",
        marked=None if marked is None else (_text(x(marked[0])), _text(x(marked[1]) - x(marked[0]))),
        use_ticks=tuple(Tick(_text(y(use)), f"{use:g}") for use in round_steps(highest)),
        day_ticks=tuple(Tick(_text(x(day)), label) for day, label in labels),
    )


def _joined(rows: Sequence[tuple[int, int, float]], most: int) -> list[tuple[int, int, float]]:
    """Neighbours as one, with their mean, so that there are not more than `most`."""
    stride = max(1, ceil(len(rows) / most))
    joined = []
    for at in range(0, len(rows), stride):
        group = rows[at : at + stride]
        days = sum(days for _, days, _ in group)
        mean = sum(days * use for _, days, use in group) / days
        joined.append((group[0][0], group[-1][0] + group[-1][1] - group[0][0], mean))
    return joined


def round_steps(end: float) -> list[float]:
    """Multiples of 1, 2 or 5 times a power of ten from 0 to `end`, four to eight of them."""
    rough = end / 6
    power = 10.0 ** floor(log10(rough))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= rough)
    return [n * step for n in range(floor(end / step + 1e-9) + 1)]


def _free_corner(upper: Sequence[tuple[float, float]], lower: Sequence[tuple[float, float]]) -> Corner:
    """Where the name of the zone covers the least of the band; the side that is still empty comes first."""

    def covered(corner: Corner) -> int:
        beside = [
            (top, bottom)
            for (x, top), (_, bottom) in zip(upper, lower, strict=True)
            if (x <= NAME_WIDTH if corner.is_left else x >= 100.0 - NAME_WIDTH)
        ]
        if corner.is_low:
            return sum(bottom >= 100.0 - NAME_HEIGHT for _, bottom in beside)
        return sum(top <= NAME_HEIGHT for top, _ in beside)

    corners = [Corner(is_left, is_low) for is_left in (False, True) for is_low in (False, True)]
    return min(corners, key=covered)


def _thinned(rows: list[tuple[float, float, float]]) -> list[tuple[float, float, float]]:
    """At most MOST_POINTS rows, evenly taken, always with the last."""
    stride = max(1, ceil(len(rows) / MOST_POINTS))
    kept = rows[::stride]
    if rows and kept[-1] is not rows[-1]:
        kept.append(rows[-1])
    return kept


def _path(points_pct: Sequence[tuple[float, float]]) -> str:
    scale = BOX / 100.0
    return "M" + "L".join(f"{_text(x * scale)} {_text(y * scale)}" for x, y in points_pct)


def _text(value: float) -> str:
    return f"{value:.1f}"


def _signed_label(value: float) -> str:
    return "0" if value == 0 else numbers.with_minus(f"{value:+g}")
