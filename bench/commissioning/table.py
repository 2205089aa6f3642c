"""What `bench check` found, part by part, with what to write into the configuration, and what can be verified."""

from __future__ import annotations

from collections.abc import Iterable

from rich import box
from rich.console import Console
from rich.table import Table

from bench.canonical import JsonObject
from bench.commissioning.check import BenchCheck
from bench.commissioning.comparison import Comparison
from bench.commissioning.parts import Part, State
from bench.commissioning.reference import ReferenceCheck
from bench.commissioning.suitability import Able, ClassSuitability
from bench.commissioning.words import word
from calibration.commissioning import ReferenceBehaviour
from calibration.reasons import sentence

_MARKS = {State.OK: "✓", State.NOTE: "·", State.BAD: "✗"}
_CLASS_WORDS = {Able.YES: "class_yes", Able.SOME: "class_part", Able.NO: "class_no"}
_STYLES = {State.OK: "none", State.NOTE: "none", State.BAD: "bold yellow"}


def print_check(check: BenchCheck, console: Console, language: str) -> None:
    """language: zh or en; the names of settings are the same in both."""
    print_parts(check.parts, console, language)
    measured = check.reference or check.latency
    if measured is not None:
        _say(console, _latency(measured.behaviour, language))
    if check.reference is None:
        _say(console, word("without_load", language))
    else:
        _print_reference(check.reference, console, language)
    _print_classes(check, console, language)
    troubles = word("not_well", language, count=check.troubles)
    console.print(word("all_well", language) if check.agrees else troubles, style="bold", highlight=False)


def kept_line(wall_time: str, record: JsonObject, language: str) -> str:
    """What a kept check (`as_record`) came to: the day, whether all was well, and the classes."""
    well = word("all_well" if record["all_well"] else "was_not_well", language)
    classes = (
        word(_CLASS_WORDS[Able(row["able"])], language, accuracy_class=row["accuracy_class"])
        for row in record["classes"]
    )
    return "; ".join((f"{wall_time[:10]}: {well}", *classes))


def print_parts(parts: Iterable[Part], console: Console, language: str) -> None:
    """A line each, with the mark of its state."""
    for part in parts:
        title = part.title(language)
        line = f"{_MARKS[part.state]} {title}: {part.sentence(language)}"
        console.print(line, style=_STYLES[part.state], highlight=False, soft_wrap=True, markup=False)


def print_advice(check: ReferenceCheck | None, console: Console, language: str) -> None:
    """The lines for [reference.card], as TOML."""
    advice = () if check is None else check.advice
    if advice:
        _say(console, word("write_this", language))
        for line in advice:
            _say(console, "\n".join(f"    {each}" for each in line.split(", ")))


def _latency(seen: ReferenceBehaviour, language: str) -> str:
    return word(
        "polls",
        language,
        polls=seen.polls,
        interval=f"{seen.poll_interval_s * 1e3:.1f}",
        latency=f"{seen.latency_median_s * 1e3:.1f}",
        jitter=f"{seen.latency_jitter_s * 1e3:.1f}",
    )


def _print_reference(check: ReferenceCheck, console: Console, language: str) -> None:
    table = Table(box=box.SIMPLE)
    for column in ("setting", "configured", "measured", "at_most", "write"):
        table.add_column(word(column, language), no_wrap=column != "write")
    for row in check.comparisons:
        style = "none" if row.agrees else "bold yellow"
        table.add_row(*_figures(row), _advice(row, language), style=style)
    console.print(table)
    for line in _manners(check.behaviour, language):
        _say(console, line)
    for fault in check.faults:
        console.print(f"✗ {sentence(fault.reason, fault.values, language)}", style="bold yellow")


def _manners(seen: ReferenceBehaviour, language: str) -> Iterable[str]:
    """Jitter of the refreshes, and over how long the power register averages."""
    if (jitter := seen.refresh_jitter) is not None:
        values = {
            "jitter": f"{jitter.jitter_s * 1e3:.2g}",
            "u": f"{jitter.standard_uncertainty_s * 1e3:.1g}",
            "most": f"{jitter.at_most_s * 1e3:.2g}",
        }
        yield word("jitter_seen" if jitter.is_seen else "jitter_below", language, **values)
    if (averages := seen.averaging) is None or seen.refresh_s is None:
        yield word("averages_not_seen", language)
        return
    length_s = averages.averages_s if averages.is_known else averages.at_most_s
    values = {
        "length": f"{length_s:.3g}",
        "most": f"{length_s:.3g}",
        "u": f"{averages.standard_uncertainty_s:.1g}",
        "refreshes": f"{length_s / seen.refresh_s:.1f}",
    }
    yield word("averages" if averages.is_known else "averages_at_most", language, **values)


def _figures(row: Comparison) -> tuple[str, str, str, str]:
    measured = "—" if row.measured is None else f"{row.measured:.6g}"
    return row.setting, f"{row.configured:g}", measured, "" if row.limit is None else f"{row.limit:.6g}"


def _advice(row: Comparison, language: str) -> str:
    remark = word(row.remark, language) if row.remark else ""
    said = f"{row.advice} ({remark})" if row.advice and remark else row.advice or remark
    return said or word("agrees", language)


def _print_classes(check: BenchCheck, console: Console, language: str) -> None:
    meter = check.meter
    named = {
        "voltage": meter.voltage_V,
        "basic": meter.basic_current_A,
        "maximum": meter.maximum_current_A,
        "constant": meter.meter_constant_imp_per_kWh,
    }
    typical = word("typical_meter", language, **named)
    _say(console, word("table_of", language, rules=check.rule_set, meter=typical))
    for row in check.classes:
        _print_class(row, console, language)


def _print_class(row: ClassSuitability, console: Console, language: str) -> None:
    head = word(_CLASS_WORDS[row.able], language, accuracy_class=row.accuracy_class)
    if row.why is not None:
        console.print(
            f"{head}: {row.why.sentence(language)}", style="bold yellow", highlight=False, soft_wrap=True
        )
        return
    console.print(head, style="bold", highlight=False)
    _say(
        console,
        "    " + ", ".join(f"{p.load_point} {p.duration_s:.0f} s" for p in row.points if p.duration_s),
    )
    # Load points that fail for one reason are told together.
    whys = dict.fromkeys(p.why.sentence(language) for p in row.points if p.why is not None)
    for why in whys:
        names = ", ".join(
            p.load_point for p in row.points if p.why is not None and p.why.sentence(language) == why
        )
        console.print(f"    {names}: {why}", style="yellow", highlight=False, soft_wrap=True)


def _say(console: Console, line: str) -> None:
    console.print(line, highlight=False, soft_wrap=True, markup=False)
