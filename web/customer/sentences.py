"""The sentence that is true now, for each scene. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from web.customer.figures import error_figures
from web.customer.points import PointRow
from web.customer.scene import Scene, State, faults_of_running_point
from web.customer.wording import in_time, load_phrase
from web.texts import counted, reason_sentence, text

_USUAL_WAITS = frozenset({"too_few_pulses", "too_few_ticks"})


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is true now, and what it means or what comes of it."""

    now: str
    detail: str


def sentence_of(
    state: State | None,
    position: str | None,
    scene: Scene,
    rows: list[PointRow],
    largest: PointRow | None,
    language: str,
) -> Sentence:
    """The sentence of a scene. `rows` are the steps, `largest` the one with the largest error."""
    if state is not None and position is not None:
        if scene is Scene.MEASURING:
            return _measuring(state["positions"][position], language)
        if scene in (Scene.PASS, Scene.FAIL):
            return _verdict(scene, rows, largest, language)
        if scene is Scene.REPEATING:
            fault = faults_of_running_point(state, position)[-1]
            said = reason_sentence(fault["reason"], fault.get("values", {}), language)
            return Sentence(
                text("now.repeating", language, reason=said), text("now.repeating_detail", language)
            )
        if scene is Scene.COUNTING and (why := _waits_for(state["positions"][position])):
            said = reason_sentence(why["reason"], why.get("values", {}), language)
            return Sentence(_counting(state["positions"][position], language), said)
    values: dict[str, Any] = {}
    if state is not None and state.get("point") in state.get("points", {}):
        values["phrase"] = load_phrase(state["points"][state["point"]], language)
    elif scene is Scene.SETTLING:
        values["phrase"] = text("word_load.term", language)
    if state is not None and position is not None:
        values["flashes"] = counted("count.flashes", flashes_seen(state["positions"][position]), language)
    return Sentence(text(f"now.{scene}", language, **values), text(f"now.{scene}_detail", language, **values))


def _waits_for(shown: dict[str, Any]) -> dict[str, Any] | None:
    """Why there is no running figure, where it is more than that too little has come yet."""
    unusual = [w for w in shown.get("waiting") or [] if w["reason"] not in _USUAL_WAITS]
    return unusual[0] if unusual else None


def flashes_seen(meter: dict[str, Any]) -> int:
    """Flashes of the running window, as the lamp counts them."""
    return int(meter.get("pulses") or 0)


def _counting(meter: dict[str, Any], language: str) -> str:
    return text("now.counting", language, flashes=counted("count.flashes", flashes_seen(meter), language))


def _measuring(meter: dict[str, Any], language: str) -> Sentence:
    running = meter["running"]
    figures = error_figures(running)
    if figures is None:
        # The bench promises the figures of a running estimate together; without them it still counts.
        return Sentence(_counting(meter, language), text("now.counting_detail", language))
    # Energy counts from flash to flash: the lamp has shown one flash more at least, mostly some more by now.
    now = text(
        "now.measuring_no_limit" if figures.mpe is None else "now.measuring",
        language,
        flashes=counted("count.flashes", flashes_seen(meter), language),
        intervals=counted("count.intervals", int(running["pulses"]), language),
        meter_energy=figures.meter_energy,
        reference_energy=figures.reference_energy,
        error=figures.error,
        mpe=figures.mpe,
    )
    if running.get("waits_for_others"):
        return Sentence(now, text("now.decision_waits", language))
    wait_s = running.get("decision_in_s")
    if wait_s is None:
        return Sentence(now, text("now.decision_later", language))
    if round(float(wait_s)) <= 0:
        return Sentence(now, text("now.decision_now", language))
    return Sentence(now, text("now.decision_in", language, when=in_time(wait_s, language)))


def _verdict(scene: Scene, rows: list[PointRow], largest: PointRow | None, language: str) -> Sentence:
    failed = sum(row.verdict == "FAIL" for row in rows)
    name = f"now.{scene}_one" if len(rows) == 1 else f"now.{scene}"
    now = text(name, language, count=len(rows), failed=failed)
    if largest is None or largest.figures is None:
        return Sentence(now, "")
    figures = largest.figures
    detail = "pass_detail" if scene is Scene.PASS else f"fail_{'slow' if figures.is_negative else 'fast'}"
    said = text(
        f"now.{detail}",
        language,
        phrase=largest.phrase,
        error=figures.error,
        amount=figures.amount,
        mpe=figures.mpe,
    )
    return Sentence(now, said)
