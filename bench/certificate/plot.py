"""The plot of errors against load, as places on its axes; it is drawn in typst/plot.typ.

A column a load point, grouped by power factor and loaded phase, within a group from the largest current to the
smallest. Heights are parts of the axis, from 0 at its lower end to 1 at its upper; zero is in the middle.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_CEILING, Decimal

from bench.canonical import JsonObject
from bench.certificate.model import ErrorRow

_ROOM = Decimal("1.12")
"""So much higher is the axis than the largest that is drawn in it."""
_FEWEST_STEPS = 2
"""Of the axis on either side of zero."""
_STEPS = (Decimal(5), Decimal(2), Decimal(1))


def plot_of(rows: Sequence[ErrorRow], *, with_limits: bool) -> JsonObject:
    """columns, groups and ticks; rows: one at least."""
    ordered = _grouped(rows)
    largest = max(_largest(row, with_limits=with_limits) for group in ordered.values() for row in group)
    step = _step(largest * _ROOM)
    end = step * (largest * _ROOM / step).to_integral_value(ROUND_CEILING)
    columns: list[JsonObject] = []
    groups = []
    for name, group in ordered.items():
        groups.append({"label": f"PF {name}", "first": len(columns), "last": len(columns) + len(group) - 1})
        columns += [_column(row, end, with_limits=with_limits) for row in group]
    ticks = [step * n for n in range(int(-end / step), int(end / step) + 1)]
    return {
        "columns": columns,
        "groups": groups,
        "ticks": [{"at": _part(tick, end), "label": _tick_label(tick)} for tick in ticks],
    }


def _grouped(rows: Sequence[ErrorRow]) -> dict[str, list[ErrorRow]]:
    """In the order in which the groups come up first."""
    groups: dict[str, list[ErrorRow]] = {}
    for row in rows:
        phase = row.load_point.split(" ")[2:]
        groups.setdefault(" ".join([row.power_factor, *phase]), []).append(row)
    return {name: sorted(group, key=lambda row: -Decimal(row.current_A)) for name, group in groups.items()}


def _column(row: ErrorRow, end: Decimal, *, with_limits: bool) -> JsonObject:
    error, U = Decimal(row.error_pct), Decimal(row.expanded_uncertainty_pct)
    limit = None if row.mpe_pct is None or not with_limits else Decimal(row.mpe_pct)
    return {
        "label": row.load_point,
        "at": _part(error, end),
        "bar": [_part(error - U, end), _part(error + U, end)],
        "limits": None if limit is None else [_part(-limit, end), _part(limit, end)],
    }


def _largest(row: ErrorRow, *, with_limits: bool) -> Decimal:
    limit = Decimal(row.mpe_pct) if with_limits and row.mpe_pct is not None else Decimal(0)
    return max(abs(Decimal(row.error_pct)) + Decimal(row.expanded_uncertainty_pct), limit)


def _step(end: Decimal) -> Decimal:
    """1, 2 or 5 times a power of ten."""
    unit = Decimal(1).scaleb(end.adjusted())
    return next(
        step
        for scale in (unit, unit / 10)
        for factor in _STEPS
        if end // (step := factor * scale) >= _FEWEST_STEPS
    )


def _part(value: Decimal, end: Decimal) -> float:
    return round(float((value / end + 1) / 2), 5)


def _tick_label(tick: Decimal) -> str:
    return "0" if tick.is_zero() else f"{tick.normalize():+f}".replace("-", "−")
