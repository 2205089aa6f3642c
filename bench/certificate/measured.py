"""What the records of a run say of one meter, as its certificate states it: nothing here is asked of anybody else.

The verdicts are those of the records, never judged anew. What a run took over from an earlier one is followed to the
run that has measured it, whose standards, conditions and days then count, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from statistics import fmean
from typing import Protocol

from bench.canonical import JsonObject
from bench.certificate.model import (
    Anchor,
    Bilingual,
    CertificateKind,
    Conditions,
    ErrorRow,
    ItemRow,
    Measured,
    MeterFacts,
    RuleFacts,
    StandardFacts,
)
from bench.certificate.printed_figures import printed_limit, printed_probability, printed_uncertainty
from bench.certificate.words import both, in_order
from bench.errors import OperatorError
from bench.items import Item
from bench.keys.fingerprint import fingerprint
from bench.measurement.environment import Ambient, EnvironmentReading
from bench.methods.steps import Conclude
from bench.plans.plan import CheckedPlan, parse_plan
from bench.records.differences import DAMAGED, damage
from bench.records.frozen import from_json
from bench.records.journal_reading import StoredRecord
from bench.records.kinds import ENVIRONMENT_READ, INTERRUPTED, RUN_ENDED, VERDICT
from bench.records.results import read_conclusion, read_findings
from bench.registry.cards import Card, CardKind
from bench.replay.rerun import reading_before, taken_over_by
from bench.transparency.checkpoint import signed_checkpoint
from calibration.conformity import signed_text
from calibration.load_points import LoadPoint
from calibration.nameplate import MeterUnderTest, Quantity
from calibration.quantities import Finding, Outcome
from calibration.reasons import UNAPPROVED, Reason
from calibration.reference_standard import ReferenceCard
from calibration.uncertainty import COVERAGE_PROBABILITY

_WITH_UNCERTAINTY = {
    "expanded_uncertainty_s_per_day": ("error_s_per_day",),
    "expanded_uncertainty_pct": ("register_error_pct", "pulses_error_pct"),
}
"""Figures of items that are an uncertainty, and whose."""
_UNBALANCE = "unbalance_pct"


class Recorded(Protocol):
    """What has the records of runs: a journal, or a bundle that has left the bench."""

    def run(self, run_id: str) -> Sequence[StoredRecord]: ...


class Noted(Protocol):
    """What has the signed checkpoints of runs: a journal."""

    def checkpoint_of(self, run_id: str) -> str | None: ...


def measured(journal: Recorded, run_id: str, position: str) -> Measured:
    """run_id, position: of a run that has ended, and of a meter in it.

    Errors: OperatorError where there is none, the run is still under way, or its records are damaged.
    """
    try:
        return _measured(journal, run_id, position)
    except DAMAGED as error:
        raise OperatorError(f"{run_id}: damaged ({damage(error)}); see bench replay {run_id}") from error


def possible_kinds(found: Measured) -> dict[CertificateKind, str]:
    """Each kind of certificate with what is in its way, in one line; "" where nothing is.

    A FAIL stands whatever else is missing, and its notice lists what was INVALID as INVALID.
    """
    why = _why_no_verdict(found)
    outcome = found.verdict
    return {
        CertificateKind.VERIFICATION: "" if outcome is Outcome.PASS else why or "the meter has failed",
        CertificateKind.REJECTION: "" if outcome is Outcome.FAIL else why or "the meter has passed",
        CertificateKind.CALIBRATION: "" if found.errors else "no error was measured; measure one load point at least",
    }  # fmt: skip


def anchor(journal: Noted, run_id: str, publics: Iterable[bytes]) -> Anchor:
    """The checkpoint at the end of a run. publics: all keys (32 bytes each) that this log was ever signed with.

    Errors: OperatorError where no checkpoint of the run was signed, or none of these keys has signed it.
    """
    note = journal.checkpoint_of(run_id)
    if note is None:
        raise OperatorError(
            f"{run_id} has no signed checkpoint; a bench that runs signs it when the run ends"
        )
    try:
        checkpoint, public = signed_checkpoint(note, publics)
    except ValueError as error:
        raise OperatorError(
            f"the checkpoint of {run_id} is signed by none of the log's keys ({error}); restore the keys folder"
        ) from error
    return Anchor(checkpoint.size, checkpoint.root.hex(), fingerprint(public))


def nameplate(journal: Recorded, run_id: str, position: str, manufacturer: str, condition: str) -> MeterFacts:
    """The meter as the plan's nameplate has it. manufacturer, condition: as received; nobody has measured them."""
    meter = from_json(MeterUnderTest, _started(journal, run_id, position)["meters"][position])
    is_reactive = meter.quantity is Quantity.REACTIVE
    unit = "imp/kvarh" if is_reactive else "imp/kWh"
    return MeterFacts(
        both("reactive_meter" if is_reactive else "active_meter"),
        manufacturer,
        meter.meter_type,
        meter.serial,
        meter.accuracy_class,
        f"{meter.meter_constant_imp_per_kWh:g} {unit}",
        _voltage(meter),
        f"{meter.basic_current_A:g}({meter.maximum_current_A:g}) A",
        _connection(meter),
        condition,
    )


def _voltage(meter: MeterUnderTest) -> str:
    return (
        f"{meter.nominal_voltage_V:g} V" if meter.wiring == "1p2w" else f"3 × {meter.nominal_voltage_V:g} V"
    )


def _connection(meter: MeterUnderTest) -> Bilingual:
    wiring, connection = both(f"wiring_{meter.wiring.value}"), both(f"connection_{meter.connection.value}")
    return Bilingual(f"{wiring.zh}, {connection.zh}", f"{wiring.en}, {connection.en}")


@dataclass(frozen=True, slots=True)
class _Run:
    """One run as far as one position needs it. own: the last conclusion at each of its test points."""

    records: Sequence[StoredRecord]
    started: JsonObject
    checked: CheckedPlan
    own: Mapping[int, Conclude]
    last: JsonObject
    last_kind: str

    @property
    def readings(self) -> list[EnvironmentReading]:
        before = reading_before(self.started)
        later = [
            from_json(EnvironmentReading, r.fields()) for r in self.records if r.kind == ENVIRONMENT_READ
        ]
        return later if before is None else [before, *later]


def _started(journal: Recorded, run_id: str, position: str) -> JsonObject:
    records = journal.run(run_id)
    if not records:
        raise OperatorError(f"{run_id} is not in this journal; bench runs lists what is")
    started = records[0].fields()
    if "format" not in started:
        raise OperatorError(f"{run_id} is of record format 1, which has no verdicts for a certificate")
    if position not in started["meters"]:
        raise OperatorError(
            f"{run_id} has no meter at position {position!r}; it has {', '.join(started['meters'])}"
        )
    return started


def _run(journal: Recorded, run_id: str, position: str) -> _Run:
    started, records = _started(journal, run_id, position), journal.run(run_id)
    last = records[-1]
    if last.kind not in (RUN_ENDED, INTERRUPTED):
        raise OperatorError(f"{run_id} has not ended; wait for its end, or bench stop")
    own = {}
    for record in records:
        if record.kind != VERDICT:
            continue
        fields = record.fields()
        if fields["position"] == position and not fields["is_repeated"]:
            own[fields["point"]] = read_conclusion(fields, ())
    checked = parse_plan(
        started["plan"], list(started["meters"]), "the recorded plan", started["rule_set"]["text"]
    )
    return _Run(records, started, checked, own, last.fields(), last.kind)


def _measured(journal: Recorded, run_id: str, position: str) -> Measured:
    run = _run(journal, run_id, position)
    conclusions, involved = _followed(journal, run, position)
    station = run.started["station"]
    laboratory = station["configuration"].get("laboratory", {})
    smallest_pct = Decimal(laboratory.get("smallest_uncertainty_pct", "0"))
    rows = list(_rows(run, position, conclusions, smallest_pct))
    because = _each_once(f for each in involved for f in _not_official_because(each))
    rules = run.checked.rules
    return Measured(
        run_id,
        position,
        run.checked.meters[position].serial,
        station["bench"],
        station["software"]["version"],
        min(_day(each.started) for each in involved),
        max(_day(each.last) for each in involved),
        tuple(row for row in rows if isinstance(row, ErrorRow)),
        tuple(row for row in rows if isinstance(row, ItemRow)),
        _verdict(run, position),
        _standards(involved),
        _conditions(involved),
        RuleFacts(
            rules.name,
            rules.standard,
            rules.title,
            rules.edition,
            rules.sha256,
            run.started["decision_rule"],
            any(finding.reason in UNAPPROVED for finding in because),
        ),
        any(each.started["station"]["kind"] == "simulated" for each in involved),
        because,
        station["verifier"],
    )


def _followed(journal: Recorded, run: _Run, position: str) -> tuple[dict[int, Conclude], list[_Run]]:
    """The conclusions at all test points, and the runs that have given them, this one first."""
    conclusions, involved, current = dict(run.own), [run], run
    open_points = {point for point, taken_at in taken_over_by(run.started) if taken_at == position}
    while open_points:
        earlier_id, run_id = current.started.get("resumes"), current.records[0].run_id
        earlier = journal.run(earlier_id) if earlier_id else []
        if not earlier or earlier[0].number >= current.records[0].number:
            raise OperatorError(
                f"{run_id} names {earlier_id} as its earlier run, which is none; see bench replay"
            )
        current = _run(journal, earlier[0].run_id, position)
        given = open_points & set(current.own)
        if given:
            conclusions |= {point: current.own[point] for point in given}
            involved.append(current)
        open_points -= given
    return conclusions, involved


def _verdict(run: _Run, position: str) -> Outcome:
    """As the run ended; a run that was interrupted has come to none."""
    return Outcome(run.last["positions"][position]) if run.last_kind == RUN_ENDED else Outcome.INVALID


def _rows(
    run: _Run, position: str, conclusions: Mapping[int, Conclude], smallest_pct: Decimal
) -> Iterator[ErrorRow | ItemRow]:
    """In the order of the plan."""
    for point in run.checked.points:
        if position not in point.positions:
            continue
        step = conclusions.get(point.index)
        if step is None:
            missing = read_findings(run.last.get("findings", ()))
            yield ItemRow(point.item, _name(point.load_point), Outcome.INVALID, (), missing)
            continue
        has_error = step.mean is not None and step.verdict.outcome is not Outcome.INVALID
        if has_error and point.load_point is not None:
            yield _error_row(point.item, point.load_point, step, smallest_pct)
        if not has_error or step.figures:
            yield _item_row(point.item, point.load_point, step, smallest_pct)


def _error_row(item: Item, load: LoadPoint, step: Conclude, smallest_pct: Decimal) -> ErrorRow:
    mean, verdict = step.mean, step.verdict
    assert mean is not None
    U = printed_uncertainty(
        _recorded(mean.expanded_uncertainty_pct), _recorded(mean.coverage_factor), smallest_pct
    )
    mpe_pct, probability = verdict.mpe_pct, verdict.probability_of_conformity
    return ErrorRow(
        item.value,
        load.name,
        f"{load.voltage_V:g}",
        f"{load.current_A:g}",
        _power_factor(load),
        tuple(U.value(_recorded(error_pct)) for error_pct in mean.runs_pct),
        U.value(_recorded(mean.mean_pct)),
        None if mean.rounded_pct is None else signed_text(mean.rounded_pct),
        U.expanded,
        U.coverage_factor,
        str(COVERAGE_PROBABILITY),
        None if mpe_pct is None else printed_limit(_recorded(mpe_pct)),
        verdict.outcome,
        verdict.conditional,
        None if probability is None else printed_probability(_recorded(probability)),
        mean.rows,
        verdict.decision_rule,
        verdict.findings,
    )


def _item_row(item: Item, load: LoadPoint | None, step: Conclude, smallest_pct: Decimal) -> ItemRow:
    """An item with one outcome; of an error that has its own row, what else was found: how unbalanced loads differ."""
    figures, verdict = _printed(step.figures, smallest_pct), step.verdict
    outcome, reasons = verdict.outcome, verdict.findings
    if _UNBALANCE in figures:
        reasons = tuple(finding for finding in reasons if finding.reason is Reason.UNBALANCE)
        outcome = Outcome.FAIL if reasons else Outcome.PASS
    elif outcome is Outcome.INVALID:
        figures = {}  # an instrument fault is never a number
    return ItemRow(item.value, _name(load), outcome, tuple(figures.items()), reasons)


def _printed(figures: Mapping[str, str], smallest_pct: Decimal) -> dict[str, str]:
    """The figures of an item, those with an uncertainty rounded as that asks."""
    printed = in_order(figures)
    for name, values in _WITH_UNCERTAINTY.items():
        if name not in figures:
            continue
        smallest = smallest_pct if name.endswith("_pct") else Decimal(0)
        U = printed_uncertainty(Decimal(figures[name]), Decimal(2), smallest)
        printed[name] = U.expanded
        printed |= {value: U.value(Decimal(figures[value])) for value in values if value in figures}
    return printed


def _recorded(value: float) -> Decimal:
    """A figure of a record, which has six decimals."""
    return Decimal(f"{value:.6f}")


def _name(load: LoadPoint | None) -> str:
    return "" if load is None else load.name


def _power_factor(load: LoadPoint) -> str:
    written = f"{load.power_factor:.3f}".rstrip("0")
    return f"{written}0{load.phase_side}" if written.endswith(".") else f"{written}{load.phase_side}"


def _why_no_verdict(found: Measured) -> str:
    """Why it is neither passed nor failed; "" where it is one of both."""
    if found.verdict is Outcome.UNJUDGED:
        return "nothing was judged; only a calibration certificate is possible"
    if found.verdict is not Outcome.INVALID:
        return ""
    open_items = dict.fromkeys(row.item for row in found.items if row.outcome is Outcome.INVALID)
    what = ", ".join(open_items) or "the run"
    return (
        f"{what} is INVALID, so the meter is neither passed nor failed; measure it again (bench run --resume)"
    )


def _day(fields: JsonObject) -> str:
    """The day of the laboratory, by the record alone: also where it is read in another zone."""
    clock = fields["clock"]
    zone = timezone(timedelta(seconds=clock.get("utc_offset_s", 0)))
    return datetime.fromisoformat(clock["wall_time"]).astimezone(zone).date().isoformat()


def _not_official_because(run: _Run) -> tuple[Finding, ...]:
    """By the plan, the configuration and the registry, and by the air as it was until the end of the run."""
    said = read_findings(run.started["station"]["not_official_because"])
    if not run.readings:
        return said
    ambient = Ambient(None, run.readings[0])
    for reading in run.readings[1:]:
        ambient.add(reading)
    return (*said, *ambient.why_not(run.checked.rules.conditions))


def _each_once(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Two expired cards are two findings of one reason."""
    return tuple({(f.reason, *sorted(f.values.items())): f for f in found}.values())


def _standards(involved: Iterable[_Run]) -> tuple[StandardFacts, ...]:
    """Each once, the reference standard first."""
    found: dict[StandardFacts, None] = {}
    for run in involved:
        cards = [from_json(Card, card) for card in run.started["station"]["equipment"]]
        reference = from_json(ReferenceCard, run.started["reference_card"])
        if not any(card.kind is CardKind.REFERENCE_STANDARD for card in cards):
            found[_unregistered(reference)] = None
        found |= {_of_card(card, reference): None for card in cards if card.kind is not CardKind.CHECK_METER}
    return tuple(found)


def _unregistered(reference: ReferenceCard) -> StandardFacts:
    return StandardFacts(
        both(CardKind.REFERENCE_STANDARD.value),
        reference.model,
        reference.serial,
        "",
        _accuracy(reference),
        reference.certificate,
        "",
        reference.valid_until,
    )


def _of_card(card: Card, reference: ReferenceCard) -> StandardFacts:
    certificate, is_reference = card.certificate, card.kind is CardKind.REFERENCE_STANDARD
    by_class = "" if card.accuracy_class_pct is None else _class(card.accuracy_class_pct)
    return StandardFacts(
        both(card.kind.value),
        card.model,
        card.serial,
        card.range,
        _accuracy(reference) if is_reference and card.serial == reference.serial else by_class,
        "" if certificate is None else certificate.certificate,
        "" if certificate is None else certificate.body,
        "" if certificate is None else certificate.valid_until,
    )


def _accuracy(reference: ReferenceCard) -> str:
    """By its certificate where that states an uncertainty, else its class."""
    stated_pct = [c.U_pct for c in reference.corrections] or [reference.calibration_U_pct]
    low_pct, high_pct = min(stated_pct), max(stated_pct)
    if high_pct <= 0.0:
        return _class(reference.accuracy_class_pct)
    span = f"{low_pct:g} %" if low_pct == high_pct else f"{low_pct:g} % … {high_pct:g} %"
    return f"U = {span} (k = {reference.coverage_factor:g})"


def _class(class_pct: float) -> str:
    return f"{class_pct:g} 级 / class {class_pct:g}"


def _conditions(involved: Sequence[_Run]) -> Conditions:
    """As they were read; where there is no sensor, as the plan says."""
    readings = [reading for run in involved for reading in run.readings]
    if not readings:
        plan = involved[0].checked.plan
        typed = [plan.ambient_temperature_C, plan.relative_humidity_pct]
        temperature, humidity = ("" if value is None else f"{value:g}" for value in typed)
        return Conditions(temperature, "", humidity, "")
    return Conditions(
        *_spread([r.temperature_C for r in readings], 1), *_spread([r.humidity_pct for r in readings], 0)
    )


def _spread(values: Sequence[float | None], decimals: int) -> tuple[str, str]:
    known = [value for value in values if value is not None]
    if not known:
        return "", ""
    mean, low, high = (f"{value:.{decimals}f}" for value in (fmean(known), min(known), max(known)))
    return mean, f"{low} … {high}"
