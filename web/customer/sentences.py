"""The sentence that is true now, for each scene. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from calibration.reasons import Reason
from web.customer.figures import error_figures
from web.customer.points import PointRow
from web.customer.scene import Scene, State, faults_of_running_point
from web.customer.watching import asking_sentence, purpose, watch_sentence
from web.customer.wording import AT_A_LOAD, energy_unit, flashes, in_time, item_of
from web.texts import plain_reason, text

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
    if scene is Scene.CUT_OFF and state is not None:
        key = "cut_off_goes_on" if state["interrupted"]["goes_on"] else "cut_off_detail"
        return Sentence(text("now.cut_off", language), text(f"now.{key}", language))
    if state is None or position is None:
        return _plain(scene, language)
    meter = state["positions"][position]
    running = next((row for row in rows if row.key == state.get("point")), None)
    if scene is Scene.MEASURING:
        return _again(state, meter, running, _measuring(meter, language), language)
    if scene in (Scene.PASS, Scene.FAIL):
        return _verdict(scene, rows, largest, language)
    if scene is Scene.REPEATING:
        return _repeating(state, position, language)
    if scene is Scene.SPOILT:
        why = _waits_for(meter)
        return _plain(scene, language, reason=plain_reason(why, language) if why else "")
    if scene is Scene.COUNTING:
        why = _waits_for(meter)
        detail = plain_reason(why, language) if why else text("now.counting_detail", language)
        return _again(state, meter, running, Sentence(_counting(meter, language), detail), language)
    if scene is Scene.ASKING:
        return Sentence(*asking_sentence(state, position, language))
    if scene is Scene.WATCHING and running is not None:
        point = state["points"][running.key]
        return Sentence(*watch_sentence(point, meter.get("watching"), language))
    if scene in (Scene.WAITING_FOR_START, Scene.WAITING_FOR_LOAD) and running is not None:
        return _waiting(scene, state, running, language)
    if scene is Scene.SETTLING and running is not None:
        return _settling(running, item_of(state["points"][running.key]), language)
    if scene is Scene.INVALID and _was_taken_out(meter):
        return Sentence(
            text("now.invalid_taken_out", language), text("now.invalid_taken_out_detail", language)
        )
    return _plain(scene, language, phrase=text("word_load.term", language))


def _was_taken_out(meter: dict[str, Any]) -> bool:
    """Whether a step of it ended because somebody took it out of the run."""
    reasons = (found for result in meter.get("results", {}).values() for found in result.get("reasons", []))
    return any(found["reason"] == Reason.SKIPPED_BY_OPERATOR for found in reasons)


def _plain(scene: Scene, language: str, **values: object) -> Sentence:
    return Sentence(text(f"now.{scene}", language, **values), text(f"now.{scene}_detail", language, **values))


def _settling(running: PointRow, item: str, language: str) -> Sentence:
    key = "settling" if item in AT_A_LOAD else "preparing"
    return Sentence(text(f"now.{key}", language, phrase=running.phrase), purpose(item, language))


def _waiting(scene: Scene, state: State, running: PointRow, language: str) -> Sentence:
    """What a person has to do first, or what is in the way of it."""
    why_not = (state.get("waits_for") or {}).get("why_not")
    if why_not is not None:
        # The sentences of the reasons are about a run that has ended; where this one goes on, it has its own.
        key = f"now.waiting_{why_not['reason']}"
        said = text(key, language) if key in text else plain_reason(why_not, language)
        return Sentence(text("now.waiting_why_not", language), said)
    return _plain(scene, language, phrase=running.phrase)


def _repeating(state: State, position: str, language: str) -> Sentence:
    said = plain_reason(faults_of_running_point(state, position)[-1], language)
    return Sentence(text("now.repeating", language, reason=said), text("now.repeating_detail", language))


def _waits_for(shown: dict[str, Any]) -> dict[str, Any] | None:
    """Why there is no running figure, where it is more than that too little has come yet."""
    unusual = [w for w in shown.get("waiting") or [] if w["reason"] not in _USUAL_WAITS]
    return unusual[0] if unusual else None


def flashes_seen(meter: dict[str, Any]) -> int:
    """Flashes of the running window or watch, as the lamp counts them."""
    watched = meter.get("watching")
    return int((watched or meter).get("pulses") or 0)


def _again(
    state: State, meter: dict[str, Any], running: PointRow | None, said: Sentence, language: str
) -> Sentence:
    """Which measurement at this load it is, before the detail, where it is not the first."""
    window = int(meter.get("window") or 1)
    if window == 1 or running is None:
        return said
    key = "measured_again_to_compare" if running.item == "repeatability" else "measured_again"
    if window > int(state["points"][running.key].get("runs") or window):
        # Only who is near the limit is measured more often than planned.
        key = "measured_near_the_limit"
    again = text(f"now.{key}", language, count=window)
    return Sentence(said.now, _joined([again, said.detail], language))


def _joined(sentences: list[str], language: str) -> str:
    return ("" if language == "zh" else " ").join(sentences)


def _counting(meter: dict[str, Any], language: str) -> str:
    return text("now.counting", language, flashes=flashes(flashes_seen(meter), language))


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
        flashes=flashes(flashes_seen(meter), language),
        intervals=text.counted("count.intervals", language, int(running["pulses"])),
        meter_energy=figures.meter_energy,
        reference_energy=figures.reference_energy,
        unit=energy_unit(str(meter.get("quantity") or "active"), language),
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
    if scene is Scene.FAIL:
        return _fail(rows, largest, language)
    unjudged = sum(row.verdict == "UNJUDGED" for row in rows)
    judged = len(rows) - unjudged
    name = "now.pass_one" if len(rows) == 1 else "now.pass_some" if unjudged else "now.pass"
    now = text(name, language, count=len(rows), judged=judged, unjudged=unjudged)
    return Sentence(now, _at_largest("pass_detail", largest, language) if largest else "")


def _fail(rows: list[PointRow], largest: PointRow | None, language: str) -> Sentence:
    """Which steps failed: the largest error with its direction, and whatever is no error with its reason."""
    failed = [row for row in rows if row.verdict == "FAIL"]
    name = "now.fail_one" if len(rows) == 1 else "now.fail"
    now = text(name, language, count=len(rows), failed=len(failed))
    said = []
    if largest is not None and largest.figures is not None and largest.verdict == "FAIL":
        said.append(
            _at_largest(f"fail_{'slow' if largest.figures.is_negative else 'fast'}", largest, language)
        )
    said += [
        text("now.fail_item", language, phrase=row.phrase, reason=row.cause) for row in failed if row.cause
    ]
    said.append(text("now.fail_what_next", language))
    return Sentence(now, _joined(said, language))


def _at_largest(name: str, largest: PointRow, language: str) -> str:
    figures = largest.figures
    assert figures is not None
    values = {"error": figures.error, "amount": figures.amount, "mpe": figures.mpe}
    return text(f"now.{name}", language, phrase=largest.phrase, **values)
