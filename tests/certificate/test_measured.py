"""What the records of a run say of one meter: each figure against the text of its record, taken-over ones followed."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bench.app import open_bench
from bench.canonical import canonical_bytes
from bench.certificate.measured import anchor, measured, nameplate, possible_kinds
from bench.certificate.model import CertificateKind, Measured
from bench.configuration.config import parse_config
from bench.errors import OperatorError
from bench.keys.log_key import all_log_publics
from bench.records.frozen import to_json
from bench.records.journal_reading import JournalReader, StoredRecord
from bench.registry.cards import Card, CardKind, Certificate
from calibration.quantities import Outcome
from calibration.reasons import Reason
from tests.bench_process.support import BENCH, PLAN, plan_of, virtual_bench

TWO_POINTS = PLAN.replace(
    "load_points", "repeats_of_invalid = 0\nambient_temperature_C = 23.0\nload_points"
).replace('["Imax 1.0"]', '["Imax 1.0", "Ib 0.5L"]')
FIRST, SECOND = "run-000001", "run-000002"
V, R, C = CertificateKind.VERIFICATION, CertificateKind.REJECTION, CertificateKind.CALIBRATION


@pytest.fixture(scope="module")
def gone_on(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first run loses an edge at its second load point; the second one goes on with it."""
    folder = tmp_path_factory.mktemp("gone-on")
    with virtual_bench(folder, 'faults = ["lost_edge@12#2"]') as bench:
        bench.run(plan_of(TWO_POINTS))
    with virtual_bench(folder) as bench:
        bench.run(plan_of(TWO_POINTS), FIRST)
    return folder


@pytest.fixture(scope="module")
def failed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("failed")
    text = BENCH.format(state_dir=folder, simulation="[laboratory]\nsmallest_uncertainty_pct = 0.3")
    text = text.replace("simulated_error_pct = 0.4", "simulated_error_pct = -1.6")
    with open_bench(parse_config(text, "bench.toml"), lambda line: None) as bench:
        bench.run(plan_of())
    return folder


class Journal:
    """Records in memory, as they stand in a journal but for what a test changes."""

    def __init__(self, state_dir: Path) -> None:
        reader = JournalReader(state_dir)
        self._runs = {run_id: reader.run(run_id) for run_id in reader.run_ids()}
        reader.close()

    def run(self, run_id: str) -> list[StoredRecord]:
        return self._runs.get(run_id, [])

    def change(self, run_id: str, kind: str, change: Callable[[dict[str, Any]], None]) -> None:
        self._runs[run_id] = [_changed(r, change) if r.kind == kind else r for r in self._runs[run_id]]

    def replace(self, run_id: str, records: Iterable[StoredRecord]) -> None:
        self._runs[run_id] = list(records)


def _changed(record: StoredRecord, change: Callable[[dict[str, Any]], None]) -> StoredRecord:
    fields = record.fields()
    change(fields)
    return StoredRecord(record.number, record.run_id, record.kind, canonical_bytes(fields))


def of(journal: Any, run_id: str) -> Measured:
    return measured(journal, run_id, "1")


def verdict_of(journal: Journal, run_id: str, point: int) -> dict[str, Any]:
    (found,) = (
        fields
        for record in journal.run(run_id)
        if record.kind == "verdict" and (fields := json.loads(record.body))["point"] == point
    )
    return found


def test_every_printed_figure_is_the_rounded_figure_of_its_record(gone_on: Path) -> None:
    journal = Journal(gone_on)
    row = of(journal, FIRST).errors[0]
    recorded = verdict_of(journal, FIRST, 0)
    U = Decimal(row.expanded_uncertainty_pct)
    place = Decimal(1).scaleb(U.as_tuple().exponent)
    assert len(U.as_tuple().digits) == 2
    for printed, text in [
        (row.error_pct, recorded["mean"]["mean_pct"]),
        (row.expanded_uncertainty_pct, recorded["mean"]["expanded_uncertainty_pct"]),
        *zip(row.runs_pct, recorded["mean"]["runs_pct"], strict=True),
    ]:
        assert abs(Decimal(printed) - Decimal(text)) <= place / 2
        assert Decimal(printed).as_tuple().exponent == U.as_tuple().exponent
    assert row.error_pct.startswith("+")
    assert (row.load_point, row.voltage_V, row.current_A, row.power_factor) == (
        "Imax 1.0",
        "220",
        "60",
        "1.0",
    )
    assert (row.mpe_pct, row.outcome, row.coverage_probability) == ("1.0", Outcome.PASS, "0.9545")
    assert [part.source for part in row.budget] == [part["source"] for part in recorded["mean"]["rows"]]


def test_what_was_taken_over_is_that_of_the_run_that_measured_it(gone_on: Path) -> None:
    journal = Journal(gone_on)
    first, second = of(journal, FIRST), of(journal, SECOND)
    assert second.errors[0] == first.errors[0]
    assert [row.load_point for row in second.errors] == ["Imax 1.0", "Ib 0.5L"]
    assert second.verdict is Outcome.PASS
    assert possible_kinds(second)[V] == ""
    assert second.errors[1].power_factor == "0.5L"


def test_days_and_standards_of_the_run_that_measured_it_count_too(gone_on: Path) -> None:
    journal = Journal(gone_on)

    def earlier(fields: dict[str, Any]) -> None:
        fields["clock"]["wall_time"] = "2025-12-30T12:00:00.000+00:00"
        fields["reference_card"]["serial"] = "SIM-0"

    journal.change(FIRST, "run_started", earlier)
    found = of(journal, SECOND)
    assert (found.performed_on, found.performed_until) == ("2025-12-30", "2026-01-01")
    assert [standard.serial for standard in found.standards] == ["SIM-1", "SIM-0"]


def test_what_was_taken_over_twice_is_followed_twice(gone_on: Path) -> None:
    """A third run that measures nothing: its points are the first run's and the second run's."""
    journal, third = Journal(gone_on), "run-000003"
    records = [
        StoredRecord(record.number + 1000, third, record.kind, record.body)
        for record in journal.run(SECOND)
        if record.kind != "verdict"
    ]
    journal.replace(third, records)

    def resumed(fields: dict[str, Any]) -> None:
        fields["resumes"] = SECOND
        fields["taken_over"] = [{**fields["taken_over"][0], "point": point} for point in (0, 1)]

    journal.change(third, "run_started", resumed)
    found = of(journal, third)
    assert found.errors == of(journal, SECOND).errors
    assert len(found.errors) == 2


def test_an_invalid_result_has_no_number_although_its_record_has_one(gone_on: Path) -> None:
    journal = Journal(gone_on)
    journal.change(FIRST, "verdict", lambda fields: fields.update(verdict="INVALID"))
    found = of(journal, FIRST)
    assert found.errors == ()
    assert [row.load_point for row in found.items] == ["Imax 1.0", "Ib 0.5L"]


def test_an_attempt_that_was_repeated_does_not_count(gone_on: Path) -> None:
    journal = Journal(gone_on)
    before = of(journal, FIRST)
    *others, last = journal.run(FIRST)
    (first, *_) = (record for record in others if record.kind == "verdict")
    repeated = _changed(first, lambda fields: fields.update(verdict="INVALID", is_repeated=True))
    journal.replace(FIRST, [*others, repeated, last])
    assert of(journal, FIRST) == before


def test_an_earlier_run_that_is_none_is_refused(gone_on: Path) -> None:
    journal = Journal(gone_on)
    journal.replace(FIRST, [])
    with pytest.raises(OperatorError, match="names run-000001 as its earlier run, which is none"):
        of(journal, SECOND)


def test_what_is_invalid_has_its_reason_and_no_number(gone_on: Path) -> None:
    found = of(Journal(gone_on), FIRST)
    (row,) = (row for row in found.items if row.outcome is Outcome.INVALID)
    assert (row.item, row.load_point, row.figures) == ("basic_error", "Ib 0.5L", ())
    assert Reason.PULSES_LOST in {finding.reason for finding in row.reasons}
    assert [each.load_point for each in found.errors] == ["Imax 1.0"]
    why = possible_kinds(found)
    assert "basic_error is INVALID" in why[V]
    assert why[V] == why[R]
    assert why[C] == ""


def test_a_fail_makes_a_rejection_and_no_verification(failed: Path) -> None:
    found = of(Journal(failed), FIRST)
    assert found.verdict is Outcome.FAIL
    assert found.errors[0].error_pct.startswith("-1.6")
    assert possible_kinds(found) == {V: "the meter has failed", R: "", C: ""}


def test_no_uncertainty_is_below_the_smallest_of_the_laboratory(failed: Path) -> None:
    """0.3 % by its configuration as it was when the run started; the value then has two decimals, too."""
    row = of(Journal(failed), FIRST).errors[0]
    assert (row.expanded_uncertainty_pct, row.coverage_factor) == ("0.30", "2.00")
    assert len(row.error_pct.split(".")[1]) == 2


def test_a_meter_that_was_only_measured_can_only_be_calibrated(gone_on: Path) -> None:
    journal = Journal(gone_on)

    def unjudged(fields: dict[str, Any]) -> None:
        fields["positions"] = {"1": "UNJUDGED"}

    journal.change(SECOND, "run_ended", unjudged)
    why = possible_kinds(of(journal, SECOND))
    assert "nothing was judged" in why[V]
    assert why[C] == ""


def test_a_run_under_way_has_nothing_to_certify_and_an_interrupted_one_no_verdict(gone_on: Path) -> None:
    journal = Journal(gone_on)
    *before, last = journal.run(SECOND)
    journal.replace(SECOND, before)
    with pytest.raises(OperatorError, match="has not ended"):
        of(journal, SECOND)
    fields = {"kind": "interrupted", "clock": last.fields()["clock"], "number": last.number, "run": SECOND}
    journal.replace(
        SECOND, [*before, StoredRecord(last.number, SECOND, "interrupted", canonical_bytes(fields))]
    )
    found = of(journal, SECOND)
    assert found.verdict is Outcome.INVALID
    assert "the run is INVALID" in possible_kinds(found)[V]


@pytest.mark.parametrize(
    ("run_id", "position", "said"),
    [("run-000009", "1", "not in this journal"), (FIRST, "9", "no meter at position '9'")],
)
def test_what_is_not_there_is_said(gone_on: Path, run_id: str, position: str, said: str) -> None:
    with pytest.raises(OperatorError, match=said):
        measured(Journal(gone_on), run_id, position)  # type: ignore[arg-type]


def test_a_damaged_record_is_named_in_one_line(gone_on: Path) -> None:
    journal = Journal(gone_on)
    journal.change(FIRST, "verdict", lambda fields: fields.pop("mean"))
    with pytest.raises(OperatorError, match="run-000001: damaged") as refused:
        of(journal, FIRST)
    assert "\n" not in str(refused.value)


def test_the_worth_of_a_run_is_that_of_its_record(gone_on: Path) -> None:
    found = of(Journal(gone_on), SECOND)
    assert found.is_simulated
    assert found.rules.provisional
    assert {finding.reason for finding in found.not_official_because} >= {
        Reason.RULES_PROVISIONAL, Reason.VERIFIER_UNKNOWN
    }  # fmt: skip
    assert found.rules.standard == "JJG 596-2012"
    assert found.rules.decision_rule == "simple"


def test_conditions_are_typed_where_nothing_reads_them(gone_on: Path) -> None:
    conditions = of(Journal(gone_on), FIRST).conditions
    assert (conditions.temperature_C, conditions.temperature_range_C, conditions.humidity_pct) == (
        "23",
        "",
        "",
    )


def test_conditions_that_were_read_are_a_mean_with_its_range_and_speak_against_the_run(gone_on: Path) -> None:
    journal = Journal(gone_on)
    *before, last = journal.run(FIRST)
    readings = [("22.04", "48.4"), ("26.00", "50.4"), (None, None)]
    made = [
        {"kind": "environment_read", "run": FIRST, "number": last.number, "at_ns": i, "temperature_C": t,
         "humidity_pct": h, "fault": "" if t else "gone"}
        for i, (t, h) in enumerate(readings)
    ]  # fmt: skip
    records = [StoredRecord(last.number, FIRST, "environment_read", canonical_bytes(each)) for each in made]
    journal.replace(FIRST, [*before, *records, last])
    found = of(journal, FIRST)
    assert (found.conditions.temperature_C, found.conditions.temperature_range_C) == ("24.0", "22.0 … 26.0")
    assert (found.conditions.humidity_pct, found.conditions.humidity_range_pct) == ("49", "48 … 50")
    reasons = {finding.reason for finding in found.not_official_because}
    assert {Reason.CONDITIONS_UNMET, Reason.SENSOR_FAILED} <= reasons


def card(kind: CardKind, serial: str, certificate: Certificate | None) -> dict[str, Any]:
    made: dict[str, Any] = to_json(
        Card("C", 1, kind, "RS-3000", serial, "p", "p", 0.05, "100 A", (), certificate)
    )
    return made


def test_standards_are_those_of_the_equipment_cards_as_they_were(gone_on: Path) -> None:
    journal = Journal(gone_on)
    stated = Certificate("DL-1", "the centre", "2025-01-01", "2027-01-01")

    def equipped(fields: dict[str, Any]) -> None:
        fields["station"]["equipment"] = [
            card(CardKind.REFERENCE_STANDARD, "SIM-1", stated),
            card(CardKind.CHECK_METER, "K-1", stated),
            card(CardKind.SOURCE, "S-1", None),
        ]

    journal.change(FIRST, "run_started", equipped)
    reference, source = of(journal, FIRST).standards
    assert (reference.name.zh, reference.name.en) == ("标准电能表", "reference standard meter")
    assert (reference.accuracy, reference.certificate, reference.body) == (
        "U = 0.02 % (k = 2)",
        "DL-1",
        "the centre",
    )
    assert (reference.valid_until, reference.range) == ("2027-01-01", "100 A")
    assert (source.serial, source.certificate, source.accuracy) == ("S-1", "", "0.05 级 / class 0.05")


def test_days_are_those_of_the_laboratory_wherever_they_are_read(gone_on: Path) -> None:
    journal = Journal(gone_on)

    def late(fields: dict[str, Any]) -> None:
        fields["clock"] |= {"wall_time": "2026-03-01T20:00:00.000+00:00", "utc_offset_s": 8 * 3600}

    journal.change(FIRST, "run_started", late)
    journal.change(FIRST, "run_ended", late)
    found = of(journal, FIRST)
    assert (found.performed_on, found.performed_until) == ("2026-03-02", "2026-03-02")


def test_figures_of_items_are_rounded_by_their_uncertainty(gone_on: Path) -> None:
    journal = Journal(gone_on)

    def constant(fields: dict[str, Any]) -> None:
        fields["mean"] = None
        fields["figures"] = {
            "register_kWh": "0.1003", "register_error_pct": "+0.3049", "pulses_error_pct": "-0.0951",
            "expanded_uncertainty_pct": "0.1249",
        }  # fmt: skip

    journal.change(FIRST, "verdict", constant)
    figures = of(journal, FIRST).items[0].figures
    assert [name for name, _ in figures] == [
        "register_kWh", "register_error_pct", "pulses_error_pct", "expanded_uncertainty_pct"
    ]  # fmt: skip
    assert dict(figures) == {
        "register_kWh": "0.1003", "register_error_pct": "+0.30", "pulses_error_pct": "-0.10",
        "expanded_uncertainty_pct": "0.12",
    }  # fmt: skip


def test_figures_that_a_record_has_by_the_alphabet_are_printed_as_they_are_read(gone_on: Path) -> None:
    journal = Journal(gone_on)

    def inspected(fields: dict[str, Any]) -> None:
        fields["mean"], fields["figures"] = (
            None,
            dict.fromkeys(("display", "nameplate", "seals", "zebra"), "ok"),
        )

    journal.change(FIRST, "verdict", inspected)
    names = [name for name, _ in of(journal, FIRST).items[0].figures]
    assert names == ["nameplate", "seals", "display", "zebra"]


def test_unbalance_has_a_row_of_its_own_and_fails_for_itself(gone_on: Path) -> None:
    journal = Journal(gone_on)

    def unbalanced(fields: dict[str, Any]) -> None:
        if fields["point"] != 0:
            return
        fields["verdict"] = "FAIL"
        fields["figures"] = {"unbalance_phase": "B", "unbalance_pct": "+2.1000", "unbalance_limit_pct": "1.5"}
        values = {"phase": "B", "difference": "+2.1000", "limit": "1.5"}
        fields["findings"] = [{"reason": "unbalance", "values": values}]

    journal.change(FIRST, "verdict", unbalanced)
    found = of(journal, FIRST)
    assert found.errors[0].outcome is Outcome.FAIL
    assert found.items[0].outcome is Outcome.FAIL
    assert dict(found.items[0].figures)["unbalance_pct"] == "+2.1000"
    assert [finding.reason for finding in found.items[0].reasons] == [Reason.UNBALANCE]


def test_the_nameplate_is_that_of_the_plan(gone_on: Path) -> None:
    plate = nameplate(Journal(gone_on), FIRST, "1", "maker", "sealed")  # type: ignore[arg-type]
    assert (plate.serial, plate.meter_constant, plate.voltage, plate.current) == (
        "M-1", "1200 imp/kWh", "220 V", "10(60) A"
    )  # fmt: skip
    assert (plate.connection.zh, plate.manufacturer, plate.condition) == (
        "单相, 直接接入式",
        "maker",
        "sealed",
    )


def test_the_anchor_is_the_signed_checkpoint_behind_the_run(gone_on: Path) -> None:
    journal, publics = JournalReader(gone_on), all_log_publics(gone_on)
    note = journal.checkpoint_of(SECOND)
    assert note is not None
    found = anchor(journal, SECOND, [bytes(32), *publics])
    _, size, root, *_ = note.split("\n")
    assert (found.tree_size, found.root_sha256) == (int(size), base64.b64decode(root).hex())
    assert found.key_fingerprint.replace(" ", "").lower() == hashlib.sha256(publics[0]).hexdigest()
    with pytest.raises(OperatorError, match="signed by none of the log's keys"):
        anchor(journal, SECOND, [bytes(range(32))])
    journal.close()


def test_a_run_without_a_checkpoint_has_no_anchor() -> None:
    class Unsigned:
        def checkpoint_of(self, run_id: str) -> str | None:
            return None

    with pytest.raises(OperatorError, match="no signed checkpoint"):
        anchor(Unsigned(), FIRST, [bytes(32)])
