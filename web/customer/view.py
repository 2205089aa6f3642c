"""From the state of the bench to what one position's page says, in one language. Pure.

The page and the live stream both render this view with the same templates, so what a tablet shows after an
hour of changes is what a fresh page, a page without scripts or a printed sheet shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from web import numbers
from web.customer.faults import FaultNote, fault_notes
from web.customer.figures import ErrorFigures, error_figures
from web.customer.points import PointRow, in_order, point_rows, worst
from web.customer.scene import (
    Scene,
    Stage,
    State,
    scene_of,
    stage_of,
)
from web.customer.sentences import Sentence, flashes_seen, sentence_of
from web.customer.ways import WaysTable, ways_table
from web.customer.wording import date_text, in_time, load_details, load_phrase
from web.plots import FunnelPlot, funnel_plot
from web.texts import counted, text


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
    constant: str
    figures: ErrorFigures | None
    figure_title: str
    funnel: FunnelPlot | None
    funnel_time: str
    reference: Reference | None
    next: Next | None
    rows: list[PointRow]
    faults: list[FaultNote]
    ways: WaysTable | None
    about: list[tuple[str, str]]
    announcement: str


def build_view(state: State | None, position: str | None, language: str) -> View:
    """The view of a position; position None is a bench that has none or is not connected."""
    scene = scene_of(state, position)
    if state is None or position is None:
        return _empty_view(scene, state, language)
    meter = state["positions"][position]
    rows = [] if stage_of(scene) is Stage.NOTHING else point_rows(state, position, language)
    largest = worst(rows, state, position)
    running = meter.get("running") if scene is Scene.MEASURING else None
    is_finished = stage_of(scene) is Stage.FINISHED
    step, question, load = _step(state, scene, rows, language)
    sentence = sentence_of(state, position, scene, rows, largest, language)
    return View(
        scene=scene,
        stage=stage_of(scene),
        sentence=sentence,
        step=step,
        question=question,
        load=load,
        pulses=flashes_seen(meter),
        constant=numbers.plain(str(meter["meter_constant_imp_per_kWh"])),
        figures=_figures(scene, running, largest),
        figure_title=text("error.title_finished" if is_finished else "error.title", language),
        funnel=_funnel(state, meter) if running else None,
        funnel_time=numbers.fixed(running["t_s"], 0) if running else "",
        reference=_reference(state.get("reference"), language),
        next=_next(state, language),
        rows=rows,
        faults=fault_notes(state, position, scene, rows, language),
        ways=ways_table(rows, language),
        about=_about(state, meter, language),
        announcement=_announcement(sentence, scene, step, question),
    )


def _figures(scene: Scene, running: dict[str, Any] | None, largest: PointRow | None) -> ErrorFigures | None:
    """The large figure: the running error, or the largest of a test that has a verdict about the meter."""
    if scene in (Scene.PASS, Scene.FAIL):
        return largest.figures if largest else None
    return error_figures(running) if running else None


def _empty_view(scene: Scene, state: State | None, language: str) -> View:
    sentence = sentence_of(state, None, scene, [], None, language)
    return View(
        scene, stage_of(scene), sentence, step="", question="", load="", pulses=0, constant="", figures=None,
        figure_title="", funnel=None, funnel_time="", reference=None, next=None, rows=[], faults=[], ways=None,
        about=[], announcement=sentence.now,
    )  # fmt: skip


def _step(state: State, scene: Scene, rows: list[PointRow], language: str) -> tuple[str, str, str]:
    """ "Step 2 of 3", its question and its load."""
    if stage_of(scene) is Stage.NOTHING:
        return "", "", ""
    if stage_of(scene) is Stage.FINISHED:
        finished = scene is not Scene.INTERRUPTED
        return (counted("step.finished", len(rows), language) if finished else ""), "", ""
    number = next((row.number for row in rows if row.key == state.get("point")), 1)
    step = text("step.of", language, number=number, count=len(rows))
    if not rows or scene is Scene.STARTING:
        return "", "", ""
    point = dict(in_order(state))[rows[number - 1].key]
    question = text("step.question", language, phrase=load_phrase(point, language))
    return step, question, load_details(point, language)


def _funnel(state: State, meter: dict[str, Any]) -> FunnelPlot | None:
    mpe_pct = meter["running"].get("mpe_pct")
    if mpe_pct is None:
        return None
    planned_s = state["points"][state["point"]].get("planned_s") or 0
    return funnel_plot(meter.get("funnel", []), float(mpe_pct), float(planned_s))


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


def _next(state: State, language: str) -> Next | None:
    coming = state.get("next")
    if coming is None:
        return None
    point = state.get("points", {}).get(coming.get("point"))
    phrase = load_phrase(point, language) if point else ""
    in_s = str(coming.get("in_s") or "0")
    return Next(text(f"next.{coming['what']}", language, phrase=phrase), in_time(in_s, language), in_s)


def _about(state: State, meter: dict[str, Any], language: str) -> list[tuple[str, str]]:
    bench, run = state["bench"], state.get("run")
    about = [
        ("about.bench", str(bench["id"])),
        ("about.software", str(bench["software"])),
        ("about.kind", text(f"about.{bench['kind']}", language)),
        ("about.meter_type", str(meter.get("meter_type") or "—")),
        ("about.accuracy_class", str(meter.get("accuracy_class") or "—")),
    ]
    if run is not None:
        rule_set = str(run["rule_set"])
        if run.get("rule_set_is_provisional"):
            rule_set = text("about.provisional", language, rule_set=rule_set)
        rule = str(run["decision_rule"])
        about += [
            ("about.run", f"{run['id']} {run.get('title') or ''}".strip()),
            ("about.started", date_text(str(run["started"]), language)),
            ("about.rule_set", rule_set),
            ("about.decision_rule", text("about.simple", language) if rule == "simple" else rule),
        ]
    return [(text(key, language), value) for key, value in about]


def _announcement(sentence: Sentence, scene: Scene, step: str, question: str) -> str:
    """What a screen reader says aloud: changes only with the situation, never with a tick."""
    if stage_of(scene) is Stage.RUNNING and scene not in (Scene.REPEATING, Scene.STARTING):
        return f"{step}: {question}"
    return sentence.now
