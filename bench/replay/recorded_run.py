"""A recorded run as STATE: the table of its end once more, without a device, also while a bench has the journal open.

The records are carried out on the same `Progress` that the runner kept, so nothing is shown differently. What a run
took over is followed to the record of the run that has measured it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bench.canonical import JsonObject
from bench.errors import OperatorError
from bench.measurement.acquisition import Acquisition
from bench.measurement.environment import Ambient, EnvironmentReading
from bench.measurement.machine import MachineReading, MachineWatch
from bench.methods.steps import IDENTITY, MetersRead
from bench.plans.plan import parse_plan
from bench.ports import ClockState
from bench.records.differences import DAMAGED, damage
from bench.records.frozen import from_json
from bench.records.journal_reading import JournalReader, StoredRecord
from bench.records.kinds import (
    ENVIRONMENT_READ,
    INTERRUPTED,
    MACHINE_READ,
    METERS_READ,
    RUN_ENDED,
    VERDICT,
    WINDOW,
)
from bench.records.results import read_conclusion, read_findings, read_result
from bench.registry.kept_texts import KeptTexts, all_texts
from bench.replay.rerun import reading_before, taken_over_by
from bench.run.progress import Progress
from bench.run.verdicts import RunVerdicts
from calibration.quantities import ErrorResult, InstrumentFault, Outcome
from calibration.reasons import Reason

Results = dict[tuple[int, str], JsonObject]
"""Of STATE, by test point and position."""


def recorded_state(journal: JournalReader, records: Sequence[StoredRecord]) -> JsonObject:
    """records: of a run that is in the journal. Errors: OperatorError where they are damaged or of format 1."""
    run_id, number = records[0].run_id, records[0].number
    try:
        shown = _Shown(journal, records[0])
        for record in records[1:]:
            number = record.number
            shown.carry_out(record)
        return shown.state()
    except DAMAGED as error:
        raise OperatorError(
            f"{run_id}: record {number} is damaged ({damage(error)}); see bench replay {run_id}"
        ) from error


def recorded_results(journal: JournalReader, records: Sequence[StoredRecord]) -> Results:
    """The results of a run as they are taken over: each says which run has measured it."""
    return {
        (int(point), position): {"taken_over": True, "taken_from": records[0].run_id, **result}
        for position, shown in recorded_state(journal, records)["positions"].items()
        for point, result in shown["results"].items()
    }


class _Shown:
    """A progress with the records of a run carried out on it."""

    def __init__(self, journal: JournalReader, first: StoredRecord) -> None:
        started = first.fields()
        if "format" not in started:
            raise OperatorError(f"{first.run_id} is of record format 1; bench replay recomputes its results")
        text = started["rule_set"]["text"]
        station, taken = started["station"], taken_over_by(started)
        self._checked = parse_plan(started["plan"], list(started["meters"]), "the recorded plan", text)
        header = {
            "id": station["bench"],
            "software": station["software"].get("version"),
            "kind": station["kind"],
        }
        texts = KeptTexts(all_texts(journal.state_dir, first.run_id))
        self._progress = Progress(header, self._checked, texts=texts)
        self._clock = from_json(ClockState, started["clock"])
        self._progress.tell_worth(read_findings(station["not_official_because"]))
        self._progress.take_over(_followed(journal, first, started.get("resumes"), taken))
        case, verifier = started.get("case", ""), station.get("verifier", "")
        self._progress.start(first.run_id, self._clock, case=case, verifier=verifier)
        self._verdicts = RunVerdicts(self._checked, {key: t.outcome for key, t in taken.items()})
        self._ambient = Ambient(None, reading_before(started))
        self._progress.tell_environment(self._ambient)
        self._machine = MachineWatch(None)
        self._is_interrupted = False
        self._runs: dict[tuple[int, int, str], list[ErrorResult]] = {}

    def carry_out(self, record: StoredRecord) -> None:
        fields = record.fields()
        if record.kind == WINDOW:
            for position, figures in fields["results"].items():
                key = (fields["point"], fields["attempt"], position)
                self._runs.setdefault(key, []).append(read_result(figures))
        elif record.kind == VERDICT:
            self._conclude(fields)
        elif record.kind == METERS_READ and fields["step"]["stage"] == IDENTITY:
            self._identified(fields)
        elif record.kind == ENVIRONMENT_READ:
            self._ambient.add(from_json(EnvironmentReading, fields))
            self._progress.tell_environment(self._ambient)
        elif record.kind == MACHINE_READ:
            self._machine.add(from_json(MachineReading, fields))
            self._progress.tell_machine(self._machine)
        elif record.kind == RUN_ENDED:
            self._end(fields)
        elif record.kind == INTERRUPTED:
            self._is_interrupted = True
        point = fields.get("point", fields.get("step", {}).get("point"))
        if point is not None and record.kind != VERDICT:
            self._progress.enter("measuring", point, "measuring")

    def state(self) -> JsonObject:
        """With `is_recorded` beside what a live state has."""
        if self._is_interrupted:
            self._progress.phase = "interrupted"
        return self._progress.state(self._clock, Acquisition([])) | {"is_recorded": True}

    def _identified(self, fields: JsonObject) -> None:
        read = from_json(MetersRead, fields["read"])
        found = {p: read_findings(each) for p, each in fields["port_findings"].items()}
        self._progress.identified(read.registers, found, fields["last_ns"])

    def _conclude(self, fields: JsonObject) -> None:
        key = (fields["point"], fields["attempt"], fields["position"])
        runs = [] if _is_skipped(fields) else self._runs.get(key, [])
        step = read_conclusion(fields, tuple(runs))
        if step.will_repeat:
            for finding in step.verdict.findings:
                fault = InstrumentFault(fields["clock"]["monotonic_ns"], finding)
                self._progress.fault(step.position, fault, is_repeated=True)
        else:
            reasons = [finding.reason for finding in step.verdict.findings]
            self._verdicts.conclude(step.point, step.position, step.verdict.outcome, reasons)
        self._progress.conclude(step, None)

    def _end(self, fields: JsonObject) -> None:
        if found := read_findings(fields["findings"]):
            self._progress.abandon(self._verdicts, found[0])
        positions = {p: Outcome(outcome) for p, outcome in fields["positions"].items()}
        self._progress.finish(positions, Outcome(fields["verdict"]), "finished")


def _is_skipped(conclusion: JsonObject) -> bool:
    """Whether the operator had taken the position out: then no window of it gave a result."""
    found = read_findings(conclusion["findings"])
    return any(finding.reason is Reason.SKIPPED_BY_OPERATOR for finding in found)


def _followed(
    journal: JournalReader,
    first: StoredRecord,
    earlier_id: str | None,
    taken: Mapping[tuple[int, str], object],
) -> Results:
    """The results that were taken over, from the records of the runs that have measured them."""
    if not taken or earlier_id is None:
        return {}
    earlier = journal.run(earlier_id)
    if not earlier or earlier[0].number >= first.number:
        raise OperatorError(
            f"{first.run_id} names {earlier_id} as its earlier run, which is none; see bench replay"
        )
    given = recorded_results(journal, earlier)
    return {key: given[key] for key in taken}
