"""Basic errors by type of meter and load point, so that no meter and no customer can be told from them.

The rule is that of the review (meter_types.py): of fewer than `figures.LEAST` meters nothing is said, neither of a type
nor of a load point, and what is said are quartiles. A meter counts once at a load point, with its last run. Only whole
months count, so that two tables of one month do not differ by one meter.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal, InvalidOperation

from web.casework.store import Casework
from web.service.facts import Facts, facts
from web.service.figures import LEAST
from web.service.meter_types import OUTCOMES, Errors, errors_of
from web.service.months import Span, month_at, within

MONTHS = 12


@dataclass(frozen=True, slots=True)
class AtPoint:
    """errors: None where they are of too few meters, and n is then None, too."""

    load_point: str
    n: int | None
    errors: Errors | None


@dataclass(frozen=True, slots=True)
class TypeErrors:
    """n and verdicts: None where the meters are too few. points: in the order in which tests have them."""

    meter_type: str
    n: int | None
    verdicts: dict[str, int] | None
    points: tuple[AtPoint, ...]


def whole_months(now: str) -> Span:
    """The last `MONTHS` months that are over; in a first month that has no other, none."""
    this = month_at(now)
    first = this
    for _ in range(MONTHS):
        first = first.before
    return first.first, this.first - timedelta(days=1)


def by_load_point(cw: Casework, types: Collection[str], span: Span) -> list[TypeErrors]:
    """Of these types, in their order."""
    read, measured = facts(cw), _measured(cw)
    return [_of_type(read, measured, meter_type, span) for meter_type in types]


def types_seen(cw: Casework) -> list[str]:
    """All types that a case has named."""
    return sorted({case.meter_type.strip() for case in facts(cw).cases} - {""})


def _of_type(
    read: Facts, measured: dict[str, list[tuple[str, Decimal]]], meter_type: str, span: Span
) -> TypeErrors:
    is_in = within(span)
    cases = [
        case
        for case in read.cases
        if case.meter_type.strip() == meter_type and case.outcome and is_in(case.last.get("end_test"))
    ]
    if len(cases) < LEAST:
        return TypeErrors(meter_type, None, None, ())
    found: dict[str, list[Decimal]] = defaultdict(list)
    for case in cases:
        for load_point, error_pct in measured.get(case.id, ()):
            found[load_point].append(error_pct)
    points = []
    for load_point, errors_pct in found.items():
        errors = errors_of(errors_pct)
        points.append(AtPoint(load_point, None if errors is None else errors.n, errors))
    verdicts = {outcome: sum(case.outcome == outcome for case in cases) for outcome in OUTCOMES}
    return TypeErrors(meter_type, len(cases), verdicts, tuple(points))


def _measured(cw: Casework) -> dict[str, list[tuple[str, Decimal]]]:
    """By case, the basic errors (%) of its last run, by load point."""
    with cw.reading() as database:
        rows = database.execute(
            "SELECT case_id, json_extract(state, '$.meter.results') AS results FROM outcome ORDER BY rowid"
        ).fetchall()
    return {row["case_id"]: list(_errors(json.loads(row["results"] or "{}").values())) for row in rows}


def _errors(results: Iterable[dict[str, object]]) -> Iterable[tuple[str, Decimal]]:
    for result in results:
        if result.get("item") == "basic_error" and (load_point := result.get("load_point")):
            try:
                yield str(load_point), Decimal(str(result.get("percentage_error_pct")))
            except InvalidOperation:
                continue  # not measured
