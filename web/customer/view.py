"""From the state of the bench to what one position's page says, in one language. Pure.

The page and the live stream both render this view with the same templates, so what a tablet shows after an
hour of changes is what a fresh page, a page without scripts or a printed sheet shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from calibration.reasons import UNAPPROVED
from web import numbers
from web.customer.faults import FaultNote, fault_notes
from web.customer.figures import ErrorFigures, error_figures
from web.customer.judging import rule_sentence
from web.customer.points import PointGroup, PointRow, groups_of, point_rows, worst
from web.customer.scene import Scene, Stage, State, scene_of, stage_of
from web.customer.sentences import Sentence, flashes_seen, sentence_of
from web.customer.watching import Watch, next_in_watch, watch_of
from web.customer.ways import WaysTable, ways_table
from web.customer.wording import date_text, in_time
from web.plots import FunnelPlot, funnel_plot
from web.texts import plain_reason, text

_WITHOUT_A_FIGURE = frozenset({
    Scene.WATCHING, Scene.ASKING, Scene.OTHERS, Scene.SPOILT, Scene.SKIPPED, Scene.WAITING_FOR_OTHERS,
})  # fmt: skip
"""Scenes that compare nothing of this meter: no error, no funnel."""
_SPOKEN = frozenset({Scene.REPEATING, Scene.SPOILT, Scene.SKIPPED, Scene.WAITING_FOR_OTHERS})
"""Scenes in the middle of a step that are spoken by themselves: the step has been."""


@dataclass(frozen=True, slots=True)
class Next:
    what: str
    when: str
    in_s: str


@dataclass(frozen=True, slots=True)
class Reference:
    state: str
    figures: tuple[tuple[str, str], ...]
    """Names and written readings."""


@dataclass(frozen=True, slots=True)
class View:
    """All a customer's page shows. Strings are final; None is a part that is not shown."""

    scene: Scene
    stage: Stage
    sentence: Sentence
    step: str
    question: str
    load: str
    pulses: int
    has_lamp: bool
    """Whether flashes are counted just now."""
    constant: str
    watch: Watch | None
    figures: ErrorFigures | None
    figure_title: str
    has_plot: bool
    funnel: FunnelPlot | None
    funnel_time: str
    reference: Reference | None
    next: Next | None
    rows: list[PointRow]
    groups: list[PointGroup]
    faults: list[FaultNote]
    ways: WaysTable | None
    worth: list[str]
    """What keeps the run from being an official verification."""
    about: list[tuple[str, str]]
    announcement: str


def build_view(state: State | None, position: str | None, language: str) -> View:
    """The view of a position; position None is a bench that has none or is not connected."""
    scene = scene_of(state, position)
    if state is None or position is None:
        return _empty_view(scene, state, language)
    meter = state["positions"][position]
    rows = [] if stage_of(scene) is Stage.NOTHING else point_rows(state, position, language)
    largest = worst(rows, meter.get("results", {}))
    running = meter.get("running") if scene is Scene.MEASURING else None
    is_finished = stage_of(scene) is Stage.FINISHED
    step, question, load = _step(state, scene, rows, language)
    sentence = sentence_of(state, position, scene, rows, largest, language)
    watching = meter.get("watching") if scene is Scene.WATCHING else None
    return View(
        scene=scene,
        stage=stage_of(scene),
        sentence=sentence,
        step=step,
        question=question,
        load=load,
        pulses=flashes_seen(meter),
        has_lamp=_has_lamp(scene, watching),
        constant=_constant(meter, language),
        watch=watch_of(watching, language),
        figures=_figures(scene, running, largest),
        figure_title=text("error.title_finished" if is_finished else "error.title", language),
        has_plot=scene not in _WITHOUT_A_FIGURE,
        funnel=_funnel(state, meter) if running else None,
        funnel_time=numbers.fixed(running["t_s"], 0) if running else "",
        reference=_reference(state.get("reference"), language),
        next=_next(state, scene, watching, rows, language),
        rows=rows,
        groups=groups_of(rows, language),
        faults=fault_notes(state, position, scene, rows, language),
        ways=ways_table(rows, language),
        worth=_worth(state, language),
        about=_about(state, meter, language),
        announcement=_announcement(sentence, scene, step, question, language),
    )


def _has_lamp(scene: Scene, watching: dict[str, Any] | None) -> bool:
    if scene is Scene.WATCHING:
        return watching is not None and watching.get("pulses") is not None
    return scene not in _WITHOUT_A_FIGURE


def _constant(meter: dict[str, Any], language: str) -> str:
    constant = numbers.plain(str(meter["meter_constant_imp_per_kWh"]))
    key = f"lamp.{meter.get('quantity') or 'active'}"
    return text(f"{key}_one" if constant == "1" else key, language, constant=constant)


def _figures(scene: Scene, running: dict[str, Any] | None, largest: PointRow | None) -> ErrorFigures | None:
    """The large figure: the running error, or the largest of a test that has a verdict about the meter."""
    if scene in (Scene.PASS, Scene.FAIL):
        return largest.figures if largest else None
    return error_figures(running) if running else None


def _empty_view(scene: Scene, state: State | None, language: str) -> View:
    sentence = sentence_of(state, None, scene, [], None, language)
    return View(
        scene, stage_of(scene), sentence, step="", question="", load="", pulses=0, has_lamp=False, constant="",
        watch=None, figures=None, figure_title="", has_plot=False, funnel=None, funnel_time="", reference=None,
        next=None, rows=[], groups=[], faults=[], ways=None, worth=[], about=[], announcement=sentence.now,
    )  # fmt: skip


def _step(state: State, scene: Scene, rows: list[PointRow], language: str) -> tuple[str, str, str]:
    """ "Step 2 of 3", its question and its load."""
    if stage_of(scene) is Stage.NOTHING or scene is Scene.SKIPPED:
        return "", "", ""
    if stage_of(scene) is Stage.FINISHED:
        finished = scene is not Scene.INTERRUPTED
        return (text.counted("step.finished", language, len(rows)) if finished else ""), "", ""
    row = next((row for row in rows if row.key == state.get("point")), None)
    if scene is Scene.STARTING or row is None:
        return "", "", ""
    step = text("step.of", language, number=row.number, count=len(rows))
    key = f"step.{row.item}" if f"step.{row.item}" in text else "step.other"
    return step, text(key, language, phrase=row.phrase), row.details


def _funnel(state: State, meter: dict[str, Any]) -> FunnelPlot | None:
    mpe_pct = meter["running"].get("mpe_pct")
    if mpe_pct is None:
        return None
    point = state["points"][state["point"]]
    window_s = float(point.get("planned_s") or 0) / int(point.get("runs") or 1)
    return funnel_plot(meter.get("funnel", []), float(mpe_pct), window_s)


_READINGS = (("power_W", "power", "W"), ("voltage_V", "voltage", "V"), ("current_A", "current", "A"))


def _reference(reference: dict[str, Any] | None, language: str) -> Reference | None:
    """The reference's readings in its own digits: how much is written is its profile's matter."""
    if not reference:
        return None
    figures = [
        (text(f"reference.{word}", language), numbers.with_unit(_reading(reference[name]), unit))
        for name, word, unit in _READINGS
        if reference.get(name) is not None
    ]
    if reference.get("power_factor") is not None:
        figures.append((text("reference.power_factor", language), _reading(reference["power_factor"])))
    return Reference(str(reference["state"]), tuple(figures))


_READING_DIGITS = 5


def _reading(value: str) -> str:
    before_point = max(0, Decimal(value).adjusted()) + 1
    return numbers.fixed(value, max(0, min(3, _READING_DIGITS - before_point)))


def _next(
    state: State, scene: Scene, watching: dict[str, Any] | None, rows: list[PointRow], language: str
) -> Next | None:
    coming = state.get("next")
    if coming is None or scene in (Scene.SPOILT, Scene.SKIPPED):
        # A disturbed part may be made again first, which nobody knows before the others have ended theirs; of one that
        # is out nothing comes.
        return None
    in_s = str(coming.get("in_s") or "0")
    is_unknown = coming.get("in_s") is None and scene in _WITHOUT_A_FIGURE
    when = "" if is_unknown else in_time(in_s, language)
    if scene in (Scene.WAITING_FOR_START, Scene.WAITING_FOR_LOAD):
        # How long a person takes nobody can forecast.
        in_s, when = "0", text(f"next.after_{scene}", language)
    if scene is Scene.WATCHING and (
        inside := next_in_watch(state["points"][state["point"]], watching, language)
    ):
        return Next(inside, when, in_s)
    row = next((row for row in rows if row.key == coming.get("point")), None)
    if row is None:
        # The end, or a step that is for other positions.
        return Next(text("next.finish", language), when, in_s) if coming["what"] == "finish" else None
    key = f"next.{coming['what']}" if row.is_error else "next.other"
    return Next(text(key, language, phrase=row.phrase), when, in_s)


def _worth(state: State, language: str) -> list[str]:
    because = (state.get("run") or {}).get("not_official_because") or []
    said = [plain_reason(found, language) for found in because]
    return list(dict.fromkeys(said))


def _about(state: State, meter: dict[str, Any], language: str) -> list[tuple[str, str]]:
    bench, run = state["bench"], state.get("run")
    about = [
        ("about.bench", str(bench["id"])),
        ("about.software", str(bench["software"])),
        ("about.kind", text(f"about.{bench['kind']}", language)),
        ("about.meter_type", str(meter.get("meter_type") or "—")),
        ("about.accuracy_class", str(meter.get("accuracy_class") or "—")),
        *_told(meter.get("told") or {}, language),
        *_environment(state.get("environment") or {}, language),
        *_bench_clock((state.get("clock") or {}).get("pps") or {}, language),
    ]
    if run is not None:
        rule_set = str(run["rule_set"])
        if any(found["reason"] in UNAPPROVED for found in run.get("not_official_because") or ()):
            rule_set = text("about.provisional", language, rule_set=rule_set)
        about += [
            ("about.run", f"{run['id']} {run.get('title') or ''}".strip()),
            ("about.started", date_text(str(run["started"]), language)),
            ("about.rule_set", rule_set),
            ("about.decision_rule", rule_sentence(str(run["decision_rule"]), language)),
        ]
    return [(text(key, language), value) for key, value in about]


def _told(told: dict[str, Any], language: str) -> Iterator[tuple[str, str]]:
    """What the meter says of itself over its port."""
    if told.get("address"):
        yield "about.told_address", str(told["address"])
    if told.get("meter_constant_imp_per_kWh"):
        yield "about.told_constant", f"{told['meter_constant_imp_per_kWh']} imp/kWh"
    if told.get("clock"):
        clock = str(told["clock"]).replace("T", " ")
        if (ahead_s := told.get("clock_ahead_s")) is not None:
            ahead_s, within_s = numbers.fixed(ahead_s, 1), numbers.fixed(told["clock_within_s"], 1)
            clock = text("about.clock_ahead", language, clock=clock, ahead=ahead_s, within=within_s)
        yield "about.told_clock", clock


def _environment(environment: dict[str, Any], language: str) -> Iterator[tuple[str, str]]:
    """What the thermometer of the bench says now, or last said of a run that is over."""
    if environment:
        temperature_C = environment.get("temperature_C")
        yield (
            "about.temperature",
            "—" if temperature_C is None else numbers.with_unit(numbers.with_minus(temperature_C), "°C"),
        )
        if (humidity_pct := environment.get("humidity_pct")) is not None:
            yield "about.humidity", numbers.percent(humidity_pct)


def _bench_clock(pps: dict[str, Any], language: str) -> Iterator[tuple[str, str]]:
    """The rate of the bench clock, where a pulse each second is wired."""
    for found in pps.get("reasons") or ():
        yield "about.bench_clock", plain_reason(found, language)
    if pps.get("rate_ppm") is not None:
        rate, U = numbers.signed(pps["rate_ppm"], 3), numbers.unsigned(pps["expanded_uncertainty_ppm"], 3)
        yield "about.bench_clock", text("about.clock_rate", language, rate=rate, U=U, seconds=pps["seconds"])


def _announcement(sentence: Sentence, scene: Scene, step: str, question: str, language: str) -> str:
    """What a screen reader says aloud: changes only with the situation, never with a tick."""
    if step and stage_of(scene) is Stage.RUNNING and scene not in _SPOKEN:
        return f"{step}{text('list.colon', language)}{question}"
    return sentence.now
