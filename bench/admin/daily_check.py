"""`bench admin daily-check`: the control charts of the check meters."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from bench.admin.acting import Change, changing, now
from bench.admin.words import word
from bench.canonical import JsonObject, decimal_text
from bench.configuration.config import load_config
from bench.registry.daily_check import Chart, NamedBase, charts, check_meter, check_meters, name_base, release
from bench.registry.standing import registered
from bench.registry.store import reading
from bench.terminal.cli_options import config_option, json_option, lang_option, tell, tell_json
from calibration.control_chart import LIMIT_SIGMAS, WARNING_SIGMAS, Base, is_warned

_COLUMNS_A_SIGMA = 6
_SIGMAS_SHOWN = 4
_SLOPE_DECIMALS = 8


@click.group("daily-check")
def daily_check() -> None:
    """Control charts of check meters: whether the bench is still what it was."""


@daily_check.command()
@click.argument("card_id", metavar="[CARD]", required=False)
@config_option
@lang_option
@json_option
def show(card_id: str | None, config_path: Path, lang: str, wants_json: bool) -> None:
    """The charts of one check meter, or of all that are in use."""
    config = registered(load_config(config_path))
    with reading(config.state_dir) as database:
        cards = check_meters(database) if card_id is None else (check_meter(database, card_id),)
        found = [chart for card in cards for chart in charts(database, config, card)]
    if wants_json:
        tell_json([_as_json(chart) for chart in found])
        return
    if not found:
        tell(word("no_check_meter", lang))
    for chart in found:
        for line in _drawn(chart, lang):
            click.echo(line)


@daily_check.command()
@click.argument("card_id", metavar="CARD")
@click.option("--from", "first_day", required=True, help="First day of the base period, YYYY-MM-DD.")
@click.option("--to", "last_day", required=True, help="Its last day.")
@changing
def base(
    card_id: str,
    first_day: str,
    last_day: str,
    change: Change,
) -> None:
    """Name the period from which mean and limits follow: at least ten results at each load point."""
    config = registered(change.config)
    by = change.by()
    for named in name_base(config, by, card_id, first_day, last_day, now()):
        tell(_base_line(named, change.lang))


@daily_check.command("release")
@click.argument("card_id", metavar="CARD")
@click.argument("load_point")
@click.argument("why", nargs=-1, required=True)
@changing
def release_chart(
    card_id: str,
    load_point: str,
    why: tuple[str, ...],
    change: Change,
) -> None:
    """Let results be official again after a chart was out of control; WHY says what was found and done."""
    config = registered(change.config)
    by = change.by()
    given = release(config, by, card_id, load_point, " ".join(why), now())
    tell(word("chart_released", change.lang, card=card_id, load_point=load_point, by=given.by))


def _drawn(chart: Chart, lang: str) -> Iterator[str]:
    """A line a result; where there is a base, drawn between its limits."""
    state = word("chart_is_out" if chart.is_out else "chart_is_in", lang)
    yield f"{chart.card}  {chart.load_point}  {state if chart.named else word('chart_has_no_base', lang)}"
    if chart.named is not None:
        yield f"  {_base_line(chart.named, lang)}"
    for result in chart.results:
        line = f"  {result.day}  {result.run_id}  {result.error_pct:+.4f}"
        if chart.named is not None:
            mark = "!" if result.record in chart.signals else " "
            line += f"  {_strip(chart.named.base, result.error_pct)} {mark}"
        yield line.rstrip()
    for given in chart.releases:
        yield "  " + word("chart_release", lang, when=given.wall_time, by=given.by, why=given.why)
    if (drift := chart.drift) is not None:
        yield "  " + word(
            "chart_drift" if drift.is_seen else "chart_no_drift",
            lang,
            slope=f"{drift.slope_pct_per_day:+.2g}",
            U=f"{drift.expanded_uncertainty_pct_per_day:.2g}",
        )


def _base_line(named: NamedBase, lang: str) -> str:
    low, high = named.base.limits_pct(LIMIT_SIGMAS)
    return word(
        "chart_base",
        lang,
        first=named.first_day,
        last=named.last_day,
        results=named.base.results,
        mean=f"{named.base.mean_pct:+.4f}",
        low=f"{low:+.4f}",
        high=f"{high:+.4f}",
        by=named.by,
    )


def _strip(base: Base, error_pct: float) -> str:
    """Mean and limits as rules, the result as an o; what lies beyond the strip is at its end."""
    half = _SIGMAS_SHOWN * _COLUMNS_A_SIGMA
    cells = [" "] * (2 * half + 1)
    for sigmas, rule in ((0.0, "|"), (WARNING_SIGMAS, ":"), (LIMIT_SIGMAS, "|")):
        for sign in (-1, 1):
            cells[half + sign * round(sigmas * _COLUMNS_A_SIGMA)] = rule
    place = half + round(base.sigmas_off(error_pct) * _COLUMNS_A_SIGMA)
    cells[min(max(place, 0), 2 * half)] = "o"
    return "".join(cells)


def _as_json(chart: Chart) -> JsonObject:
    """Measured figures as text, as everywhere."""
    named, drift = chart.named, chart.drift
    base = None if named is None else named.base
    return {
        "card": chart.card,
        "load_point": chart.load_point,
        "is_out": chart.is_out,
        "base": None if named is None else _base_as_json(named),
        "results": [
            {
                "run": r.run_id,
                "wall_time": r.wall_time,
                "position": r.position,
                "error_pct": decimal_text(r.error_pct),
                "U_pct": decimal_text(r.U_pct),
                "is_warned": base is not None and is_warned(base, r.error_pct),
                "signals": sorted(chart.signals.get(r.record, ())),
            }
            for r in chart.results
        ],
        "releases": [{"wall_time": r.wall_time, "by": r.by, "why": r.why} for r in chart.releases],
        "drift": None if drift is None else {
            "slope_pct_per_day": decimal_text(drift.slope_pct_per_day, _SLOPE_DECIMALS),
            "U_pct_per_day": decimal_text(drift.expanded_uncertainty_pct_per_day, _SLOPE_DECIMALS),
            "is_seen": drift.is_seen,
        },
    }  # fmt: skip


def _base_as_json(named: NamedBase) -> JsonObject:
    limits = named.base.limits_pct(LIMIT_SIGMAS), named.base.limits_pct(WARNING_SIGMAS)
    return {
        "from": named.first_day,
        "to": named.last_day,
        "by": named.by,
        "results": named.base.results,
        "mean_pct": decimal_text(named.base.mean_pct),
        "sigma_pct": decimal_text(named.base.sigma_pct),
        "limits_pct": [decimal_text(x) for x in limits[0]],
        "warning_limits_pct": [decimal_text(x) for x in limits[1]],
    }
