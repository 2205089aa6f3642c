"""What `bench check` found, as a table with what to write into the configuration."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.table import Table

from bench.commissioning.reference import Check, Comparison, Suitability
from bench.words import word
from calibration.reasons import sentence


def print_check(check: Check, console: Console, language: str) -> None:
    """language: zh or en; the names of settings are the same in both."""
    seen = check.behaviour
    console.print(
        word(
            "polls",
            language,
            polls=seen.polls,
            interval=f"{seen.poll_interval_s * 1e3:.1f}",
            latency=f"{seen.latency_median_s * 1e3:.1f}",
            jitter=f"{seen.latency_jitter_s * 1e3:.1f}",
        )
    )
    table = Table(box=box.SIMPLE)
    for column in ("setting", "configured", "measured", "at_most", "write"):
        table.add_column(word(column, language), no_wrap=column != "write")
    for row in check.comparisons:
        style = "none" if row.agrees else "bold yellow"
        table.add_row(*_figures(row), _advice(row, language), style=style)
    console.print(table)
    for suited in check.classes:
        console.print(_suitability(suited, language))
    for fault in check.faults:
        console.print(f"! {sentence(fault.reason, fault.values, language)}", style="bold yellow")


def _figures(row: Comparison) -> tuple[str, str, str, str]:
    measured = "—" if row.measured is None else f"{row.measured:.6g}"
    return row.setting, f"{row.configured:g}", measured, "" if row.limit is None else f"{row.limit:.6g}"


def _advice(row: Comparison, language: str) -> str:
    remark = word(row.remark, language) if row.remark else ""
    said = f"{row.advice} ({remark})" if row.advice and remark else row.advice or remark
    return said or word("agrees", language)


def _suitability(suited: Suitability, language: str) -> str:
    return word(
        "suitable" if suited.is_suitable else "not_suitable",
        language,
        accuracy_class=suited.accuracy_class,
        allowed=f"{suited.allowed_pct:.2g}",
        limit=f"{suited.mpe_pct:g}",
        own=f"{suited.reference_U_pct:.2g}",
    )
