"""What a recorded step gave, computed anew from the raw files, by the functions that computed it in the run.

A step that looks at lines and registers for a span of time is `Observations` on the raw files
(`bench/measurement/observing.py`); a window of a comparison is `evaluate` (`calibration/evaluation.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bench.canonical import JsonObject
from bench.line_names import REFERENCE_LINE
from bench.measurement.environment import Ambient
from bench.measurement.measuring import early_outcome
from bench.measurement.observing import Observations, Span, SpanResult
from bench.methods.steps import (
    Answered,
    ApplyLoad,
    Ask,
    AskSkipped,
    ClockWatch,
    Conclude,
    Counted,
    CountPulses,
    MetersRead,
    PulseWatch,
    ReadMeters,
    RemoveLoad,
    Settle,
    Settled,
    Skipped,
    SpanStep,
    Step,
    StepResult,
    WatchClock,
    WatchPulses,
)
from bench.records.differences import Difference, compare
from bench.records.frozen import completed, from_json, to_json
from bench.records.inputs import counted
from bench.records.kinds import (
    ANSWERED,
    LOAD_APPLIED,
    LOAD_NOT_REACHED,
    LOAD_REMOVED,
    LOAD_STEADY,
    POSITIONS_SKIPPED,
    VERDICT,
    WINDOW,
)
from bench.records.raw_reading import RawRun
from bench.records.results import read_findings, read_result, result_figures
from bench.records.span_records import SPANS, span_answer
from bench.records.versions import Computation
from calibration.evaluation import EVALUATIONS
from calibration.load_points import LoadPoint
from calibration.nameplate import MeterUnderTest
from calibration.quantities import NS_PER_S, RISING, ErrorResult
from calibration.reference_standard import ReferenceCard

_KINDS: dict[type[Step], tuple[str, ...]] = {
    ApplyLoad: (LOAD_APPLIED,),
    Settle: (LOAD_STEADY, LOAD_NOT_REACHED),
    RemoveLoad: (LOAD_REMOVED,),
    CountPulses: (WINDOW,),
    Ask: (ANSWERED,),
    AskSkipped: (POSITIONS_SKIPPED,),
    **{step: (kind,) for step, (kind, _) in SPANS.items()},
}
_LOOK_IN_HAND_NS = 5 * NS_PER_S
"""A look is taken when the inputs of its instant are all there; a run may end before."""
Found = tuple[StepResult, list[Difference]]
LOST: StepResult = {}
"""The course of the method and that of the records part here; nothing after it can be compared."""


class Recompute:
    """Of one run. `results`: how many windows, counts and readings were computed anew."""

    def __init__(
        self,
        meters: Mapping[str, MeterUnderTest],
        card: ReferenceCard,
        raw: RawRun,
        computed: Computation,
        stability_pct: float = 0.0,
        pps_edge: int = RISING,
        ambient: Ambient | None = None,
    ) -> None:
        """computed: with which versions. stability_pct: of the plan, for all but windows. pps_edge: kind of the
        edge that is the second.
        """
        self._meters = meters
        self._card = card
        self._stability_pct = stability_pct
        self._raw = raw
        self._computed = computed
        self._pps_edge = pps_edge
        self.ambient = Ambient(None, None) if ambient is None else ambient
        self.skipped: frozenset[str] = frozenset()
        """Positions that were taken out in the course of the run: a watch may have ended without them."""
        self.results = 0
        self.spoilt_points: set[int] = set()
        """Test points of which a raw file is not what was recorded."""

    def answer(self, step: Step, kind: str, number: int, fields: JsonObject) -> Found:
        """What the method gets for this step; LOST (with a difference) where the record is of another step."""
        if kind not in _KINDS.get(type(step), ()):
            wanted = " or ".join(_KINDS.get(type(step), (VERDICT,)))
            return LOST, [Difference(f"record {number} stands in the place of {wanted}", kind, wanted)]
        match step:
            case ApplyLoad() | RemoveLoad():
                return None, self._same_load(number, fields, step)
            case Settle():
                return Settled(read_findings(fields["findings"]) if kind == LOAD_NOT_REACHED else ()), []
            case CountPulses():
                return self._count(step, number, fields)
            case Ask():
                return Answered(fields["answers"]), []
            case AskSkipped():
                return Skipped(fields["why"]), []
            case Conclude():
                raise AssertionError("no record but a verdict stands in the place of one")
        spoilt = self._raw.changed_files(number, fields)
        recorded = fields[SPANS[type(step)][1]]
        asked = compare(f"record {number}: step", _completed(step, fields["step"]), to_json(step))
        if spoilt:
            self.spoilt_points.add(step.point)
            return _read_answer(step, recorded), spoilt + asked
        answer, lacking = self._measured(step, fields)
        self.results += 1
        if lacking is not None:
            lasted = f"over after {(fields['last_ns'] - fields['first_ns']) / NS_PER_S:g} s"
            asked.append(Difference(f"record {number}: last_ns", lasted, lacking))
        return answer, asked + compare(f"record {number}", _as_now(step, recorded), span_answer(answer))

    def _same_load(self, number: int, fields: JsonObject, step: ApplyLoad | RemoveLoad) -> list[Difference]:
        if isinstance(step, RemoveLoad):
            return []
        recorded = completed(LoadPoint, fields["load_point"])
        return compare(f"record {number}: load_point", recorded, to_json(step.load_point))

    # --- windows

    def _count(self, step: CountPulses, number: int, fields: JsonObject) -> Found:
        anew = counted(step)
        recorded = {key: fields.get(key) for key in anew}
        recorded["load_point"] = completed(LoadPoint, fields["load_point"])
        asked = compare(f"record {number}", recorded, anew)
        results, found = self.window(number, fields)
        if results is None:
            self.spoilt_points.add(step.point)
            results = {p: read_result(r) for p, r in fields["results"].items()}
        else:
            found += self._looks_before(step, number, fields)
        early = {p: early_outcome(step, p, results[p]) for p in fields.get("decided_at_ns", {})}
        return Counted(results, {p: o for p, o in early.items() if o is not None}), asked + found

    def _looks_before(self, step: CountPulses, number: int, fields: JsonObject) -> list[Difference]:
        """The first look that decides is the one that counts: of those before it none may have decided otherwise."""
        first_ns, last_ns = fields["run_first_ns"], fields["run_last_ns"] - _LOOK_IN_HAND_NS
        decided_at_ns = fields.get("decided_at_ns", {})
        found = []
        for look_s in step.looks_s:
            at_ns = first_ns + round(look_s * NS_PER_S)
            waiting = [p for p in fields["results"] if at_ns < decided_at_ns.get(p, last_ns)]
            results = self._evaluate(fields, waiting, at_ns) if waiting else {}
            for p, result in results.items():
                if (outcome := early_outcome(step, p, result)) is not None:
                    where = f"record {number}, position {p}: decided_at_ns"
                    found.append(Difference(where, str(decided_at_ns.get(p)), f"{outcome.value} at {at_ns}"))
        return found

    def window(
        self, number: int, fields: JsonObject
    ) -> tuple[dict[str, ErrorResult] | None, list[Difference]]:
        """The results of one window; None where they cannot be recomputed, since a raw file is damaged."""
        if changed := self._raw.changed_files(number, fields):
            return None, changed
        decided_at_ns = fields.get("decided_at_ns", {})
        results: dict[str, ErrorResult] = {}
        for last_ns in {*decided_at_ns.values(), fields["run_last_ns"]}:
            here = [p for p in fields["results"] if decided_at_ns.get(p, fields["run_last_ns"]) == last_ns]
            if here:
                results |= self._evaluate(fields, here, last_ns)
        self.results += len(results)
        differences = [
            d
            for p, result in results.items()
            for d in compare(f"record {number}, position {p}", fields["results"][p], result_figures(result))
        ]
        return {p: results[p] for p in fields["results"]}, differences

    def _evaluate(self, fields: JsonObject, positions: list[str], last_ns: int) -> dict[str, ErrorResult]:
        first_ns = fields["run_first_ns"]
        load_point = from_json(LoadPoint, fields["load_point"])
        faults = {p: [f for f in fields["line_faults"][p] if f["at_ns"] <= last_ns] for p in positions}
        evaluate = EVALUATIONS[self._computed.evaluation]
        return evaluate(
            {p: self._raw.edges_of(p) for p in positions},
            self._raw.readings_since(first_ns),
            reference_edges=self._raw.edges_of(REFERENCE_LINE)
            if self._raw.has_line(REFERENCE_LINE)
            else None,
            meters=self._meters,
            card=self._card.at(load_point, self.ambient.temperature_C(first_ns)),
            load_point=load_point,
            stability_pct=float(fields["stability_pct"]),
            run_ns=(first_ns, last_ns),
            clock_slew_ppm=float(fields["clock_slew_ppm"]),
            line_findings={p: read_findings(f["finding"] for f in faults[p]) for p in positions},
            versions=self._computed.estimators,
        )

    # --- the other measuring steps

    def _measured(self, step: SpanStep, fields: JsonObject) -> tuple[SpanResult, str | None]:
        """With what the span lacks to be whole. What lines and ports failed with, and what the ports said, is taken
        from the record."""
        observations = Observations(self._raw, self._meters, self._card, self._stability_pct, self._pps_edge)
        span = _recorded_span(step, fields)
        answer = observations.of(step, span)
        return answer, observations.why_not_over(step, span, answer, self.skipped)


def _recorded_span(step: SpanStep, fields: JsonObject) -> Span:
    lines = {line: read_findings(f) for line, f in fields["line_findings"].items()}
    if not isinstance(step, ReadMeters):
        return Span(fields["first_ns"], fields["last_ns"], lines)
    ports = {p: read_findings(f) for p, f in fields["port_findings"].items()}
    registers = from_json(MetersRead, fields["read"]).registers
    return Span(fields["first_ns"], fields["last_ns"], lines, registers, ports)


def _completed(step: SpanStep, recorded: JsonObject) -> JsonObject:
    """A recorded step, its load point with the defaults of fields that are newer than the record."""
    if not isinstance(getattr(step, "load_point", None), LoadPoint):
        return recorded
    return {**recorded, "load_point": completed(LoadPoint, recorded["load_point"])}


def _as_now(step: SpanStep, recorded: Any) -> Any:
    """A recorded answer with the defaults of fields that are newer than the record."""
    match step:
        case ReadMeters() | WatchClock():
            return span_answer(_read_answer(step, recorded))
    return recorded


def _read_answer(step: SpanStep, recorded: Any) -> SpanResult:
    match step:
        case WatchPulses():
            return {p: from_json(PulseWatch, watch) for p, watch in recorded.items()}
        case WatchClock():
            return {p: from_json(ClockWatch, watch) for p, watch in recorded.items()}
        case ReadMeters():
            return from_json(MetersRead, recorded)
    return Settled(read_findings(recorded))
