"""The daily check: a check meter's results at its reference load points, on a control chart for each.

A check meter is a card of that kind. Whenever a meter with its serial number is under test, in a run like any other,
its results at the load points of the card go on the chart; nobody enters anything. A checker names the base period once
(again after repair, or with another reference standard). What is out of control afterwards locks official results until
a person releases it and says why; then counting begins anew behind the last result that was released.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bench.configuration.config import Config
from bench.dates import require_day
from bench.errors import OperatorError
from bench.registry import trail
from bench.registry.cards import Card, CardKind, CardState
from bench.registry.check_meter_results import CheckResult, check_results
from bench.registry.equipment import all_cards, card_named
from bench.registry.persons import Act, require
from bench.registry.store import Registry, writing
from bench.registry.texts import require_text
from calibration.control_chart import Base, Drift, Signal, base_of, drift_of, signals
from calibration.quantities import Finding
from calibration.reasons import Reason

_SECONDS_PER_DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class NamedBase:
    """A base and who named it. through: record number of its last result."""

    base: Base
    first_day: str
    last_day: str
    through: int
    by: str


@dataclass(frozen=True, slots=True)
class Release:
    """through: record number of the last result that it covers."""

    through: int
    why: str
    by: str
    wall_time: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Of one check meter at one load point. results: all there are, those of the base first.

    signals: by record number, what is out of control after the base; those that were released are not among them.
    """

    card: str
    load_point: str
    named: NamedBase | None
    results: tuple[CheckResult, ...]
    signals: dict[int, frozenset[Signal]]
    releases: tuple[Release, ...]

    @property
    def is_out(self) -> bool:
        return bool(self.signals)

    @property
    def drift(self) -> Drift | None:
        """Of all results since the base began; None without a base, or with too few."""
        if self.named is None:
            return None
        since = [r for r in self.results if r.day >= self.named.first_day]
        days = [datetime.fromisoformat(r.wall_time).timestamp() / _SECONDS_PER_DAY for r in since]
        return drift_of(days, [r.error_pct for r in since])


def charts(database: Registry, config: Config, card: Card) -> tuple[Chart, ...]:
    """All charts of a check meter against the present reference standard, one for each of its load points."""
    return _charts(database, config, card, 0)


def _charts(database: Registry, config: Config, card: Card, since: int) -> tuple[Chart, ...]:
    """since: number of the journal's record from which on results are wanted."""
    serial = config.reference.card.serial
    found = check_results(
        config.state_dir, card.serial, serial, is_simulated="sim" in config.drivers, since=since
    )
    return tuple(
        _chart(database, card, point, serial, tuple(r for r in found if r.load_point == point))
        for point in card.load_points
    )


def _chart(
    database: Registry, card: Card, load_point: str, serial: str, results: tuple[CheckResult, ...]
) -> Chart:
    named = _base(database, card.id, load_point, serial)
    releases = _releases(database, card.id, load_point)
    if named is None:
        return Chart(card.id, load_point, None, results, {}, releases)
    since = max([named.through, *(release.through for release in releases)])
    later = [r for r in results if r.record > since]
    found = signals(named.base, [r.error_pct for r in later])
    out = {r.record: here for r, here in zip(later, found, strict=True) if here}
    return Chart(card.id, load_point, named, results, out, releases)


def check_meters(database: Registry, *, with_set_aside: bool = False) -> tuple[Card, ...]:
    return tuple(
        card
        for card in all_cards(database).values()
        if card.kind is CardKind.CHECK_METER and (with_set_aside or card.set_aside is CardState.IN_USE)
    )


def check_meter(database: Registry, card_id: str) -> Card:
    """Errors: OperatorError where the card is none."""
    card = card_named(database, card_id)
    if card.kind is not CardKind.CHECK_METER:
        raise OperatorError(f"{card.id} is a {card.kind} and no check meter")
    return card


def why_not_in_control(database: Registry, config: Config, today: str) -> Iterator[Finding]:
    """What of the daily check keeps a run from being official. config: with the figures of the reference's card.

    A chart that is out of control stays so when its check meter is set aside: which of both is to blame, says who
    releases it.
    """
    in_use = check_meters(database)
    is_needed = bool(in_use) if config.bench.daily_check_needed is None else config.bench.daily_check_needed
    if is_needed and not in_use:
        yield Finding(Reason.DAILY_CHECK_MISSING, {"card": "—"})
    for card in check_meters(database, with_set_aside=True):
        # From the last result of a base on: it may be today's, and all after it are judged.
        bases = [_base(database, card.id, point, config.reference.card.serial) for point in card.load_points]
        since = min((0 if named is None else named.through for named in bases), default=0)
        found = _charts(database, config, card, since)
        is_needed_here = is_needed and card in in_use
        for chart in found:
            yield from _of_chart(chart, is_needed_here)
        if is_needed_here and not all(any(r.day == today for r in chart.results) for chart in found):
            yield Finding(Reason.DAILY_CHECK_MISSING, {"card": card.id})


def _of_chart(chart: Chart, is_needed: bool) -> Iterator[Finding]:
    if chart.is_out:
        first = next(r for r in chart.results if r.record in chart.signals)
        yield Finding(
            Reason.CONTROL_CHART_OUT,
            {"card": chart.card, "load_point": chart.load_point, "day": first.day, "run": first.run_id},
        )
    if is_needed and chart.named is None:
        yield Finding(Reason.CONTROL_CHART_WITHOUT_BASE, {"card": chart.card, "load_point": chart.load_point})


# --- changing


def name_base(
    config: Config, by: str, card_id: str, first_day: str, last_day: str, now: str
) -> tuple[NamedBase, ...]:
    """Name the base period of all charts of a check meter; days YYYY-MM-DD, both included.

    Errors: OperatorError where a chart has too few results in it.
    """
    require_day(first_day, "from")
    require_day(last_day, "to")
    if last_day < first_day:
        raise OperatorError(
            f"the base period ends on {last_day}, before it begins ({first_day}); exchange the days"
        )
    with writing(config.state_dir, now) as database:
        require(database, by, Act.DAILY_CHECK)
        card = check_meter(database, card_id)
        return tuple(
            _named(database, config, by, chart, (first_day, last_day), now)
            for chart in charts(database, config, card)
        )


def _named(
    database: Registry, config: Config, by: str, chart: Chart, days: tuple[str, str], now: str
) -> NamedBase:
    results = [r for r in chart.results if days[0] <= r.day <= days[1]]
    try:
        base = base_of([r.error_pct for r in results])
    except ValueError as error:
        raise OperatorError(
            f"{chart.card} at {chart.load_point}, {days[0]} to {days[1]}: {error}; "
            "bench admin daily-check show lists the results with their days"
        ) from error
    named = NamedBase(base, *days, results[-1].record, by)
    database.execute(
        "INSERT INTO chart_base (card, load_point, reference_serial, first_day, last_day, results, mean_pct, "
        "sigma_pct, through, by, wall_time) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            chart.card, chart.load_point, config.reference.card.serial, *days, base.results,
            repr(base.mean_pct), repr(base.sigma_pct), named.through, by, now,
        ),
    )  # fmt: skip
    told = {"load_point": chart.load_point, "from": days[0], "to": days[1], "results": base.results}
    trail.add(database, now, by, "chart_base", chart.card, None, told)
    return named


def release(config: Config, by: str, card_id: str, load_point: str, why: str, now: str) -> Release:
    """Let results be official again after a chart was out of control; why: what was found and done.

    Errors: OperatorError where nothing is out of control there.
    """
    why = require_text(why, "the reason")
    with writing(config.state_dir, now) as database:
        require(database, by, Act.DAILY_CHECK)
        found = charts(database, config, check_meter(database, card_id))
        chart = next((c for c in found if c.load_point == load_point and c.is_out), None)
        if chart is None:
            out = ", ".join(c.load_point for c in found if c.is_out) or "none"
            raise OperatorError(f"{card_id} is not out of control at {load_point[:40]!r}; out are: {out}")
        given = Release(chart.results[-1].record, why, by, now)
        database.execute(
            "INSERT INTO chart_release (card, load_point, through, why, by, wall_time) VALUES (?, ?, ?, ?, ?, ?)",
            (chart.card, load_point, given.through, why, by, now),
        )
        told = {"load_point": load_point, "through": given.through, "why": why}
        trail.add(database, now, by, "chart_released", chart.card, None, told)
    return given


def _base(database: Registry, card: str, load_point: str, serial: str) -> NamedBase | None:
    row = database.execute(
        "SELECT * FROM chart_base WHERE card = ? AND load_point = ? AND reference_serial = ? "
        "ORDER BY number DESC LIMIT 1",
        (card, load_point, serial),
    ).fetchone()
    if row is None:
        return None
    base = Base(row["results"], float(row["mean_pct"]), float(row["sigma_pct"]))
    return NamedBase(base, row["first_day"], row["last_day"], row["through"], row["by"])


def _releases(database: Registry, card: str, load_point: str) -> tuple[Release, ...]:
    rows = database.execute(
        "SELECT through, why, by, wall_time FROM chart_release WHERE card = ? AND load_point = ? ORDER BY number",
        (card, load_point),
    )
    return tuple(Release(**row) for row in rows)
