"""Equipment cards: versions, states, who may change them, and what a run makes of them."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.app import open_bench, replay_run
from bench.configuration.config import Config, parse_config
from bench.configuration.reference import CorrectionSection
from bench.errors import OperatorError
from bench.records.journal_reading import JournalReader
from bench.registry import equipment, persons
from bench.registry.cards import Card, CardKind, CardState, Certificate, read_card_file, read_certificate_file
from bench.registry.check_meter_results import CheckResult
from bench.registry.equipment import all_cards, maintenance_of, versions
from bench.registry.standing import registered, standing
from bench.registry.store import reading
from calibration.quantities import Finding
from calibration.reasons import Reason, sentence
from tests.bench_process.forging import forge
from tests.bench_process.support import BENCH, bench_config, plan_of
from tests.registry.laboratory import (
    CERTIFICATE,
    WHEN,
    Laboratory,
    laboratory,
    reference_file,
    with_reference,
)

TODAY = "2026-11-26"
CARD = Card("RS-1", 1, CardKind.REFERENCE_STANDARD, "m", "s", "P2", "P3", 0.05, certificate=CERTIFICATE)


def card_now(state_dir: Path, card_id: str = "RS-1") -> Card:
    with reading(state_dir) as database:
        return all_cards(database)[card_id]


# --- state


@given(
    last=st.dates(date(2000, 1, 1), date(2100, 1, 1)), days=st.integers(-400, 400), soon=st.integers(0, 90)
)
@settings(max_examples=300)
def test_the_state_follows_from_the_day(last: date, days: int, soon: int) -> None:
    card = dataclasses.replace(
        CARD, certificate=dataclasses.replace(CERTIFICATE, valid_until=last.isoformat())
    )
    today = last - timedelta(days=days)
    expected = CardState.EXPIRED if days < 0 else CardState.DUE_SOON if days <= soon else CardState.IN_USE
    assert card.state(today.isoformat(), soon) is expected
    assert (card.why_not_usable(today.isoformat()) is None) == (today <= last)


@pytest.mark.parametrize(
    ("changes", "reason", "said"),
    [
        ({"set_aside": CardState.WITHDRAWN, "set_aside_on": "2026-11-20"}, Reason.EQUIPMENT_WITHDRAWN, "withdrawn"),
        ({"set_aside": CardState.UNDER_REPAIR, "set_aside_on": "2026-11-20"}, Reason.EQUIPMENT_UNDER_REPAIR, "repair"),
        ({"certificate": None}, Reason.EQUIPMENT_NOT_CERTIFIED, "no certificate"),
        (
            {"certificate": dataclasses.replace(CERTIFICATE, valid_until="2026-11-20")},
            Reason.EQUIPMENT_EXPIRED,
            "expired",
        ),
    ],
)  # fmt: skip
def test_what_is_not_usable_names_the_card_and_the_day(
    changes: dict[str, object], reason: Reason, said: str
) -> None:
    found = dataclasses.replace(CARD, **changes).why_not_usable(TODAY)  # type: ignore[arg-type]
    assert found is not None
    told = sentence(found.reason, found.values, "en")
    assert (found.reason, "RS-1" in told, said in told) == (reason, True, True)
    assert ("2026-11-20" in told) == (reason is not Reason.EQUIPMENT_NOT_CERTIFIED)


def test_what_needs_no_certificate_is_usable_without_one() -> None:
    source = dataclasses.replace(CARD, kind=CardKind.SOURCE, certificate=None)
    assert source.why_not_usable(TODAY) is None


# --- changes


def test_a_card_is_never_overwritten(tmp_path: Path) -> None:
    lab = laboratory(tmp_path)
    equipment.add(tmp_path, lab.administrator, reference_file(lab), WHEN)
    equipment.certify(tmp_path, lab.checker, "RS-1", CERTIFICATE, WHEN)
    equipment.edit(tmp_path, lab.verifier, reference_file(lab, range="0.1 A to 100 A"), WHEN)
    equipment.set_aside(tmp_path, lab.checker, "RS-1", CardState.UNDER_REPAIR, "fan", WHEN)
    equipment.take_back(tmp_path, lab.checker, "RS-1", WHEN)
    with reading(tmp_path) as database:
        every = versions(database, "RS-1")
    assert [card.version for card in every] == [1, 2, 3, 4, 5]
    assert [card.set_aside for card in every] == [CardState.IN_USE] * 3 + [
        CardState.UNDER_REPAIR,
        CardState.IN_USE,
    ]
    assert (every[0].certificate, every[4].certificate) == (None, CERTIFICATE)
    assert (every[1].range, every[4].range) == ("", "0.1 A to 100 A")
    assert card_now(tmp_path) == every[4]


Change = Callable[[Path, str, Laboratory], object]
CHANGES: dict[str, Change] = {
    "edit": lambda d, who, lab: equipment.edit(d, who, reference_file(lab, model="other"), WHEN),
    "certify": lambda d, who, lab: equipment.certify(d, who, "RS-1", CERTIFICATE, WHEN),
    "maintain": lambda d, who, lab: equipment.maintain(d, who, "RS-1", TODAY, "cleaned", WHEN),
    "withdraw": lambda d, who, lab: equipment.set_aside(d, who, "RS-1", CardState.WITHDRAWN, "old", WHEN),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_card_is_changed_by_those_who_look_after_it_and_administrators(
    tmp_path: Path, change: Change
) -> None:
    lab = laboratory(tmp_path)
    stranger = persons.add(
        tmp_path, lab.administrator, persons.Name("", "X"), (persons.Role.CHECKER,), "long enough, yes", WHEN
    ).id
    equipment.add(tmp_path, lab.administrator, reference_file(lab), WHEN)
    before = card_now(tmp_path)
    with pytest.raises(OperatorError, match=f"{stranger} may not change equipment cards"):
        change(tmp_path, stranger, lab)
    assert card_now(tmp_path) == before
    change(tmp_path, lab.verifier, lab)  # its maintainer


def test_who_looks_after_it_is_said_by_an_administrator(tmp_path: Path) -> None:
    lab = laboratory(tmp_path)
    equipment.add(tmp_path, lab.administrator, reference_file(lab), WHEN)
    other = reference_file(lab, custodian=lab.verifier)
    with pytest.raises(OperatorError, match="P2 may not change equipment cards"):
        equipment.edit(tmp_path, lab.checker, other, WHEN)
    assert equipment.edit(tmp_path, lab.administrator, other, WHEN).custodian == lab.verifier
    with pytest.raises(OperatorError, match="P3 may not change equipment cards"):
        equipment.add(tmp_path, lab.verifier, reference_file(lab, id="RS-2"), WHEN)


def test_who_has_left_looks_after_nothing(tmp_path: Path) -> None:
    lab = laboratory(tmp_path)
    equipment.add(tmp_path, lab.administrator, reference_file(lab), WHEN)
    persons.set_active(tmp_path, lab.administrator, lab.checker, WHEN, is_active=False)
    with pytest.raises(OperatorError, match="P2 may not"):
        equipment.maintain(tmp_path, lab.checker, "RS-1", TODAY, "cleaned", WHEN)
    with pytest.raises(OperatorError, match="custodian P2 has left"):
        equipment.add(tmp_path, lab.administrator, reference_file(lab, id="RS-2"), WHEN)


def test_what_contradicts_what_is_there_is_refused(tmp_path: Path) -> None:
    lab = laboratory(tmp_path)
    equipment.add(tmp_path, lab.administrator, reference_file(lab), WHEN)
    with pytest.raises(OperatorError, match="there is a card RS-1 already"):
        equipment.add(tmp_path, lab.administrator, reference_file(lab), WHEN)
    with pytest.raises(OperatorError, match="is a reference_standard and stays one"):
        equipment.edit(tmp_path, lab.administrator, reference_file(lab, kind=CardKind.CLOCK), WHEN)
    with pytest.raises(OperatorError, match="RS-1 is so already"):
        equipment.take_back(tmp_path, lab.administrator, "RS-1", WHEN)
    with pytest.raises(OperatorError, match="there is no equipment card 'RS-9'; registered are RS-1"):
        equipment.certify(tmp_path, lab.administrator, "RS-9", CERTIFICATE, WHEN)
    with pytest.raises(OperatorError, match="is no date"):
        equipment.maintain(tmp_path, lab.administrator, "RS-1", "yesterday", "cleaned", WHEN)
    with pytest.raises(OperatorError, match="cannot be shown"):
        equipment.maintain(tmp_path, lab.administrator, "RS-1", TODAY, "clea\x07ned", WHEN)
    with reading(tmp_path) as database:
        assert (maintenance_of(database, "RS-1"), len(versions(database, "RS-1"))) == ([], 1)


# --- files

CARD_FILE = """
id = "RS-1"
kind = "reference_standard"
model = "REF"
serial = "4711"
custodian = "P2"
maintainer = "李伟"
accuracy_class_pct = 0.05
"""
CERTIFICATE_FILE = """
certificate = "C-1"
body = "a laboratory"
day = "2026-01-05"
valid_until = "2027-01-04"
coverage_factor = 2.0

[[corrections]]
current_A = 5.0
power_factor = 0.5
phase_side = "L"
indication_error_pct = -0.013
U_pct = 0.03
"""


def test_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "card.toml").write_text(CARD_FILE, "utf-8")
    (tmp_path / "certificate.toml").write_text(CERTIFICATE_FILE, "utf-8")
    assert read_card_file(tmp_path / "card.toml").maintainer == "李伟"
    found = read_certificate_file(tmp_path / "certificate.toml")
    assert found.corrections == (CorrectionSection(5.0, 0.5, -0.013, 0.03, "L"),)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('id = "RS-1"', 'id = "../RS"', "it is 1 to 40 letters"),
        ('id = "RS-1"', 'id = ""', "it is 1 to 40 letters"),
        ('kind = "reference_standard"', 'kind = "toaster"', "allowed are"),
        ("accuracy_class_pct = 0.05", "", "needs accuracy_class_pct"),
        ('model = "REF"', 'model = " "', "model is empty"),
        ('model = "REF"', 'model = "a\\nb"', "cannot be shown"),
        ('model = "REF"', f'model = "{"x" * 201}"', "at most 200"),
        ('serial = "4711"', "serial = 4711", "must be a text"),
        ('kind = "reference_standard"', 'kind = "check_meter"', "a check meter needs them"),
        ('model = "REF"', 'model = "REF"\nload_points = ["Ib 1.0"]', "are for a check meter"),
        ('model = "REF"', 'modell = "REF"', "did you mean 'model'"),
    ],
)
def test_a_file_that_is_no_card_is_refused_in_one_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = tmp_path / "card.toml"
    path.write_text(CARD_FILE.replace(old, new), "utf-8")
    with pytest.raises(OperatorError, match=said) as refused:
        read_card_file(path)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('day = "2026-01-05"', 'day = "2026-13-05"', "is no date"),
        ('day = "2026-01-05"', 'day = "2028-01-05"', "valid_until is before day"),
        ('valid_until = "2027-01-04"', 'valid_until = "next year"', "is no date"),
        ('phase_side = "L"', "", "phase_side"),
        ("U_pct = 0.03", "U_pct = 0.0", "must be above 0"),
        ("U_pct = 0.03", "U_pct = nan", "finite"),
        ("coverage_factor = 2.0", "coverage_factor = 0.5", "allowed is"),
        ('body = "a laboratory"', "", "body is missing"),
        ("coverage_factor = 2.0", "voltage_coefficient_pct_per_V = 0.001", "certificate_voltage_V"),
    ],
)
def test_a_file_that_is_no_certificate_is_refused_in_one_line(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    path = tmp_path / "certificate.toml"
    path.write_text(CERTIFICATE_FILE.replace(old, new), "utf-8")
    with pytest.raises(OperatorError, match=said) as refused:
        read_certificate_file(path)
    assert "\n" not in str(refused.value)


# --- with the configuration

WITH_CARD = BENCH.replace('profile = "demo-reference"', 'profile = "demo-reference"\ncard_id = "RS-1"')
BARE = (
    WITH_CARD.replace('model = "demo-reference"\n', "")
    .replace('serial = "SIM-1"\n', "")
    .replace("accuracy_class_pct = 0.05\n", "")
    .replace("calibration_U_pct = 0.02\n", "")
)


def test_what_the_card_has_is_refused_in_the_configuration(tmp_path: Path) -> None:
    said = "has model, serial, accuracy_class_pct, calibration_U_pct, which the equipment card RS-1 has"
    with pytest.raises(OperatorError, match=said):
        parse_config(WITH_CARD.format(state_dir=tmp_path, simulation=""), "bench.toml")
    assert (
        parse_config(BARE.format(state_dir=tmp_path, simulation=""), "bench.toml").reference.card_id == "RS-1"
    )


@pytest.mark.parametrize("missing", ["model", "serial", "accuracy_class_pct"])
def test_without_a_card_the_configuration_says_what_is_missing(tmp_path: Path, missing: str) -> None:
    lines = BENCH.format(state_dir=tmp_path, simulation="").splitlines()
    text = "\n".join(line for line in lines if not line.startswith(f"{missing} ="))
    with pytest.raises(OperatorError, match=f"{missing} is missing"):
        parse_config(text, "bench.toml")


def findings(config: Config, verifier: str, today: str = TODAY) -> list[Finding]:
    return list(standing(config, plan_of(), today, verifier).findings)


def test_the_figures_of_the_card_are_those_of_the_measurement(tmp_path: Path) -> None:
    lab = laboratory(tmp_path)
    table = (CorrectionSection(5.0, 1.0, 0.011, 0.03), CorrectionSection(50.0, 1.0, 0.02, 0.03))
    certificate = dataclasses.replace(
        CERTIFICATE, corrections=table, drift_pct=0.004, stability_pct=0.003, coverage_factor=2.1
    )
    config = registered(with_reference(bench_config(tmp_path), lab, certificate))
    card = config.reference.card.as_card()
    assert (card.model, card.serial, card.accuracy_class_pct) == ("demo-reference", "SIM-1", 0.05)
    assert (card.drift_pct, card.stability_pct, card.coverage_factor) == (0.004, 0.003, 2.1)
    assert [(c.current_A, c.indication_error_pct, c.U_pct) for c in card.corrections] == [
        (5.0, 0.011, 0.03), (50.0, 0.02, 0.03),
    ]  # fmt: skip
    assert (card.energy_step_Wh, card.refresh_s) == (0.01, 0.2)  # measured: of the configuration


def test_a_card_that_is_not_there_or_of_something_else_is_refused(tmp_path: Path) -> None:
    lab = laboratory(tmp_path)
    config = parse_config(BARE.format(state_dir=tmp_path, simulation=""), "bench.toml")
    with pytest.raises(
        OperatorError, match="there is no equipment card 'RS-1'; registered are none; bench admin"
    ):
        open_bench(config, lambda line: None)
    file = reference_file(lab, kind=CardKind.CLOCK)
    equipment.add(tmp_path, lab.administrator, file, WHEN)
    with pytest.raises(OperatorError, match=r"card_id = 'RS-1': that is a clock"):
        open_bench(config, lambda line: None)


def test_other_equipment_counts_as_far_as_the_configuration_names_it(tmp_path: Path) -> None:
    lab = laboratory(tmp_path)
    config = with_reference(bench_config(tmp_path), lab)
    file = reference_file(lab, id="TH-1", kind=CardKind.THERMOMETER, accuracy_class_pct=None)
    equipment.add(tmp_path, lab.administrator, file, WHEN)
    old = dataclasses.replace(CERTIFICATE, valid_until="2026-11-25")
    equipment.certify(tmp_path, lab.administrator, "TH-1", old, WHEN)
    own = {f.reason for f in findings(config, lab.verifier)}
    named = dataclasses.replace(config, bench=dataclasses.replace(config.bench, equipment=("TH-1",)))
    (found,) = [f for f in findings(named, lab.verifier) if f.reason not in own]
    assert (found.reason, found.values) == (Reason.EQUIPMENT_EXPIRED, {"card": "TH-1", "day": "2026-11-25"})
    unknown = dataclasses.replace(config, bench=dataclasses.replace(config.bench, equipment=("TH-2",)))
    with pytest.raises(OperatorError, match="no equipment card 'TH-2'"):
        findings(unknown, lab.verifier)


def started(state_dir: Path, number: int) -> dict[str, object]:
    journal = JournalReader(state_dir)
    try:
        record = journal.run(journal.known(str(number)))[0]
        return dict(record.fields()["station"])
    finally:
        journal.close()


def test_a_run_freezes_its_card_and_the_next_one_takes_the_new_one(tmp_path: Path) -> None:
    lab = laboratory(tmp_path)
    config = with_reference(bench_config(tmp_path), lab)
    with open_bench(config, lambda line: None) as process:
        process.run(plan_of(), verifier=lab.verifier)
        newer = dataclasses.replace(CERTIFICATE, certificate="C-2027-1", indication_error_pct=0.1)
        equipment.certify(tmp_path, lab.checker, "RS-1", newer, WHEN)
        process.run(plan_of(), verifier=lab.verifier)
        with pytest.raises(OperatorError, match=r"reference_card.* was .* and is now"):
            process.prepare(plan_of(), "1", lab.verifier)
    numbers = []
    for run in (1, 2):
        (card,) = started(tmp_path, run)["equipment"]  # type: ignore[misc]
        numbers.append(card["certificate"]["certificate"])  # type: ignore[index]
    assert numbers == [CERTIFICATE.certificate, "C-2027-1"]
    (tmp_path / "registry.sqlite").unlink()  # a replay needs no registry
    assert [replay_run(tmp_path, str(run)).differences for run in (1, 2)] == [(), ()]


def test_a_certificate_that_was_forged_in_the_record_is_found(tmp_path: Path) -> None:
    lab = laboratory(tmp_path)
    with open_bench(with_reference(bench_config(tmp_path), lab), lambda line: None) as process:
        process.run(plan_of(), verifier=lab.verifier)

    def change(fields: dict[str, Any]) -> None:
        fields["station"]["equipment"][0]["certificate"]["calibration_U_pct"] = "0.001"

    forge(tmp_path, "run_started", change, with_hashes=True)
    (found,) = (d for d in replay_run(tmp_path, "1").differences if "checkpoint" not in d.where)
    assert "reference_card: calibration_U_pct" in found.where
    assert (found.recorded, found.recomputed) == ("0.02", "0.001")


def test_a_card_that_expires_is_named_in_the_record(tmp_path: Path) -> None:
    lab = laboratory(tmp_path)
    config = with_reference(
        bench_config(tmp_path), lab, dataclasses.replace(CERTIFICATE, valid_until="2000-01-03")
    )
    with open_bench(config, lambda line: None) as process:
        process.run(plan_of(), verifier=lab.verifier)
    because = json.dumps(started(tmp_path, 1)["not_official_because"])
    assert '"equipment_expired"' in because
    assert "certificate_expired" not in because  # said once


def test_a_certificate_survives_the_registry_to_the_last_digit(tmp_path: Path) -> None:
    lab = laboratory(tmp_path)
    table = (CorrectionSection(0.1, 0.5, -0.0123456789, 1e-5, "C", 57.7),)
    certificate = Certificate(
        "N", "B", "2026-01-01", "2027-01-01", 0.1, 0.2, 2.02, 0.01, 0.02, 21.5, 0.0015, 220.0, 0.0001, table
    )
    equipment.add(tmp_path, lab.administrator, reference_file(lab), WHEN)
    equipment.certify(tmp_path, lab.checker, "RS-1", certificate, WHEN)
    assert card_now(tmp_path).certificate == certificate


def test_a_certificate_of_a_day_to_come_is_refused(tmp_path: Path) -> None:
    lab = laboratory(tmp_path)
    equipment.add(tmp_path, lab.administrator, reference_file(lab), WHEN)
    early = dataclasses.replace(CERTIFICATE, day="2026-01-03")
    with pytest.raises(OperatorError, match="the day of the certificate, 2026-01-03, is yet to come"):
        equipment.certify(tmp_path, lab.checker, "RS-1", early, WHEN)
    equipment.certify(tmp_path, lab.checker, "RS-1", dataclasses.replace(early, day="2026-01-02"), WHEN)


@pytest.fixture
def in_shanghai(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "CST-8")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("in_shanghai")
def test_days_are_those_of_the_laboratory(tmp_path: Path) -> None:
    """At half past seven in the morning it is still yesterday in Greenwich, and a certificate that has ended has."""
    lab = laboratory(tmp_path)
    early = "2026-11-26T23:30:00+00:00"
    equipment.add(tmp_path, lab.administrator, reference_file(lab), early)
    withdrawn = equipment.set_aside(tmp_path, lab.checker, "RS-1", CardState.WITHDRAWN, "broken", early)
    assert withdrawn.set_aside_on == "2026-11-27"
    equipment.certify(
        tmp_path, lab.checker, "RS-1", dataclasses.replace(CERTIFICATE, day="2026-11-27"), early
    )
    assert CheckResult(1, "run-000001", early, "1", "Imax 1.0", 0.0, 0.1).day == "2026-11-27"


@pytest.mark.parametrize(
    ("zone", "last_day"), [("PST8", None), ("UTC0", "2025-12-31"), ("CST-8", "2025-12-31")]
)
def test_a_certificate_holds_until_the_day_of_the_laboratory_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, zone: str, last_day: str | None
) -> None:
    """A simulated bench begins with the year 2026 of Greenwich."""
    text = BENCH.format(state_dir=tmp_path, simulation="").replace(
        "calibration_U_pct = 0.02", 'calibration_U_pct = 0.02\nvalid_until = "2025-12-31"'
    )
    with (
        monkeypatch.context() as here,
        open_bench(parse_config(text, "bench.toml"), lambda line: None) as process,
    ):
        here.setenv("TZ", zone)
        time.tzset()
        found = process.expired_on()
    time.tzset()
    assert found == last_day
