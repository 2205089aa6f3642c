"""From a request to an issued certificate: each rule, each crash, and two who sign at once."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from bench.app import open_bench
from bench.app_reference import RecordedRaw
from bench.certificate import files, issuing, register
from bench.certificate.files import Rendered, folder_of
from bench.certificate.model import Certificate, CertificateKind, Mark
from bench.certificate.register import SignsAs, entries
from bench.errors import OperatorError
from bench.registry import approvals, daily_check, equipment, persons, trail
from bench.registry.cards import CardState
from bench.registry.persons import Name, Role
from bench.registry.store import reading
from bench.registry.trail_and_tables import that_differ
from calibration.quantities import Finding, Outcome
from calibration.reasons import Reason
from tests.bench_process.support import bench_config, plan_of
from tests.certificate.office import LATER, NOW, Desk, run, stand_in
from tests.certificate.requested import REQUEST, request
from tests.registry.laboratory import PASSWORD


def numbers(state_dir: Path) -> list[str]:
    with reading(state_dir) as database:
        return [entry.issued.number for entry in entries(database)]


def names(state_dir: Path) -> list[str]:
    folder = folder_of(state_dir)
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


# --- the way through


def test_two_persons_issue_a_certificate(passed: Desk) -> None:
    drafted = passed.draft()
    assert drafted.draft.kind is CertificateKind.VERIFICATION
    assert drafted.missing == (SignsAs.VERIFIER, SignsAs.CHECKER)
    first = passed.sign(drafted.draft.id, passed.lab.verifier)
    assert (first.role, first.missing, first.entry) == (SignsAs.VERIFIER, (SignsAs.CHECKER,), None)
    assert numbers(passed.state_dir) == []
    last = passed.sign(drafted.draft.id, passed.lab.checker, now=LATER)
    assert last.entry is not None
    row = last.entry.issued
    assert (row.number, row.kind, row.verdict, row.serial) == (
        "2026-00001", CertificateKind.VERIFICATION, Outcome.PASS, "M-1",
    )  # fmt: skip
    assert row.issued_on == "2026-06-02"
    assert [(s.role, s.person, s.day) for s in row.signatories] == [
        (SignsAs.VERIFIER, passed.lab.verifier, "2026-06-01"),
        (SignsAs.CHECKER, passed.lab.checker, "2026-06-02"),
    ]
    assert names(passed.state_dir) == ["2026-00001-label.pdf", "2026-00001.pdf", "2026-00001.xml"]


def test_the_document_that_was_signed_is_issued_with_number_day_and_names(passed: Desk) -> None:
    drafted = passed.draft()
    passed.issue(drafted)
    _, rendered = issuing.read(passed.state_dir, "2026-00001")
    document = json.loads(rendered.xml.removeprefix(b"xml "))
    with reading(passed.state_dir) as database:
        text = register.text_of(database, drafted.draft)
    assert document["number"] == "2026-00001"
    assert [s["name"]["zh"] for s in document["signatories"]] == ["李伟", "Wang Fang"]
    assert document["customer"]["name"] == "王芳 Wang Fang"
    assert document["valid_until"] == "2030-12-31"
    assert document["measured"]["errors"][0]["item"] == "basic_error"
    assert document["marks"] == [mark.value for mark in text.document.marks]
    assert Mark.SIMULATED in text.document.marks
    assert Mark.DRAFT not in text.document.marks


def test_a_draft_says_that_it_is_one_and_what_speaks_against_it(passed: Desk) -> None:
    drafted = passed.draft()
    assert "draft" in json.loads(drafted.rendered.xml.removeprefix(b"xml "))["marks"]
    assert Mark.SIMULATED in drafted.marks
    assert drafted.locks == ()
    assert numbers(passed.state_dir) == []


def test_each_signature_is_over_the_hash_of_the_text_as_it_stands(passed: Desk) -> None:
    drafted = passed.draft()
    passed.sign(drafted.draft.id, passed.lab.verifier)
    path = passed.state_dir / "registry.sqlite"
    with closing(sqlite3.connect(path)) as database:
        (signed,) = database.execute("SELECT sha256 FROM certificate_signature").fetchone()
        (body,) = database.execute("SELECT body FROM certificate_text").fetchone()
    assert signed == hashlib.sha256(body).hexdigest()
    assert json.loads(body)["document"]["customer"]["name"] == "王芳 Wang Fang"


def test_two_drafts_of_one_content_have_different_hashes(passed: Desk) -> None:
    assert passed.draft().draft.sha256 != passed.draft().draft.sha256


def test_a_meter_that_failed_gets_a_rejection(desk_of: Callable[..., Desk]) -> None:
    failed = desk_of(3.0)
    entry = failed.issue().entry
    assert entry is not None
    assert (entry.issued.kind, entry.issued.verdict) == (CertificateKind.REJECTION, Outcome.FAIL)
    assert entry.issued.valid_until == ""
    assert names(failed.state_dir) == ["2026-00001.pdf", "2026-00001.xml"]


def test_a_calibration_may_stand_beside_a_verdict_and_no_second_verdict(passed: Desk) -> None:
    passed.issue()
    calibration = request('kind = "calibration"\n' + REQUEST)
    entry = passed.issue(passed.draft(calibration)).entry
    assert entry is not None
    assert (entry.issued.number, entry.issued.kind) == ("2026-00002", CertificateKind.CALIBRATION)
    for again in (request(), calibration):
        with pytest.raises(OperatorError, match=r"has the certificate 2026-0000[12]; to correct it"):
            passed.draft(again)


def test_a_verdict_that_the_meter_has_not_is_refused(passed: Desk) -> None:
    with pytest.raises(OperatorError, match="there is no rejection of position 1 of run-000001"):
        passed.draft(request('kind = "rejection"\n' + REQUEST))


def test_an_approver_signs_too_where_the_laboratory_has_named_some(passed: Desk) -> None:
    with_approvers = passed.with_laboratory(approvers=(passed.lab.administrator,))
    drafted = with_approvers.draft()
    for who in (passed.lab.verifier, passed.lab.checker):
        assert with_approvers.sign(drafted.draft.id, who).entry is None
    last = with_approvers.sign(drafted.draft.id, passed.lab.administrator, SignsAs.APPROVER)
    assert last.entry is not None
    assert [s.role for s in last.entry.issued.signatories] == list(SignsAs)


def test_nobody_approves_where_nobody_is_named(passed: Desk) -> None:
    with pytest.raises(OperatorError, match="named no approvers"):
        passed.sign(passed.draft().draft.id, passed.lab.administrator, SignsAs.APPROVER)


# --- who may


def test_the_same_person_cannot_sign_twice(passed: Desk) -> None:
    lab = passed.lab
    persons.set_roles(passed.state_dir, lab.administrator, lab.verifier, (Role.VERIFIER, Role.CHECKER), NOW)
    drafted = passed.draft()
    passed.sign(drafted.draft.id, lab.verifier)
    with pytest.raises(OperatorError, match="cannot be its checker, too; another person must sign"):
        passed.sign(drafted.draft.id, lab.verifier, SignsAs.CHECKER)
    with pytest.raises(OperatorError, match="is signed as verifier by P3 already"):
        passed.sign(drafted.draft.id, lab.verifier)
    assert numbers(passed.state_dir) == []


def test_a_wrong_password_signs_nothing_and_is_counted(passed: Desk) -> None:
    drafted = passed.draft()
    for _ in range(4):
        with pytest.raises(OperatorError, match="the person or the password is wrong"):
            issuing.sign(
                passed.office, drafted.draft.id, passed.lab.verifier, "certainly not this", None, NOW
            )
    with pytest.raises(OperatorError, match="too many wrong passwords"):
        passed.sign(drafted.draft.id, passed.lab.verifier)
    with reading(passed.state_dir) as database:
        assert register.signatures(database, 1) == ()
        assert [e.what for e in trail.entries(database)].count("password_refused") == 4


def test_who_has_left_signs_nothing(passed: Desk) -> None:
    drafted = passed.draft()
    persons.set_active(passed.state_dir, passed.lab.administrator, passed.lab.verifier, NOW, is_active=False)
    with pytest.raises(OperatorError, match="wrong"):
        passed.sign(drafted.draft.id, passed.lab.verifier)


def test_a_verifier_without_authorisation_on_the_day_of_the_run(passed: Desk) -> None:
    with closing(sqlite3.connect(passed.state_dir / "registry.sqlite")) as database:
        database.execute("DROP TRIGGER authorisations_stay")
        database.execute("UPDATE authorisation SET valid_from = '2026-01-02'")
        database.commit()
    drafted = passed.draft()
    with pytest.raises(OperatorError, match="on 2026-01-01, a day of run-000001: P3 is not authorised"):
        passed.sign(drafted.draft.id, passed.lab.verifier)


def test_a_run_of_nobody_is_signed_by_nobody(desk_of: Callable[..., Desk]) -> None:
    made = desk_of(has_verifier=False)
    drafted = made.draft()
    with pytest.raises(OperatorError, match="nobody is named as verifier"):
        made.sign(drafted.draft.id, made.lab.checker)


def test_without_anybody_registered_a_draft_is_possible_and_nothing_else(tmp_path: Path) -> None:
    made = desk_of_nobody(tmp_path)
    drafted = issuing.draft(made, "run-000001", "1", request(), "", NOW)
    assert drafted.draft.by == ""
    with pytest.raises(OperatorError, match="the person or the password is wrong"):
        issuing.sign(made, drafted.draft.id, "P1", PASSWORD, None, NOW)


def desk_of_nobody(state_dir: Path) -> issuing.Office:
    config = bench_config(state_dir)
    run(config, "")
    return issuing.Office(config, RecordedRaw, stand_in, stand_in, lambda: False)


def test_where_somebody_is_registered_a_draft_is_of_somebody(passed: Desk) -> None:
    with pytest.raises(OperatorError, match="say who drafts"):
        issuing.draft(passed.office, "run-000001", "1", request(), "", NOW)


# --- facts that are others now


def tamper(state_dir: Path, *statements: str) -> None:
    with closing(sqlite3.connect(state_dir / "registry.sqlite")) as database:
        for statement in statements:
            database.execute(statement)
        database.commit()


def test_a_draft_that_was_changed_in_the_database_is_refused(passed: Desk) -> None:
    drafted = passed.draft()
    tamper(
        passed.state_dir,
        "DROP TRIGGER texts_stay",
        "UPDATE certificate_text SET body = CAST(replace(CAST(body AS TEXT), 'DDS-1', 'DDS-2') AS BLOB)",
    )
    with pytest.raises(OperatorError, match="D1 is not what was drafted: it was changed in the registry"):
        passed.sign(drafted.draft.id, passed.lab.verifier)


def test_a_draft_that_was_changed_with_its_hash_is_found_by_who_has_signed_and_by_the_trail(
    passed: Desk,
) -> None:
    drafted, other = passed.draft(), passed.draft(request(REQUEST.replace("DDS-1", "DDS-2")))
    passed.sign(drafted.draft.id, passed.lab.verifier)
    tamper(
        passed.state_dir,
        "DROP TRIGGER texts_stay",
        "DROP TRIGGER drafts_stay",
        "UPDATE certificate_text SET body = (SELECT body FROM certificate_text WHERE draft = 2) WHERE draft = 1",
        f"UPDATE certificate_draft SET sha256 = '{other.draft.sha256}' WHERE number = 1",
    )
    with pytest.raises(OperatorError, match="D1 was signed with another text"):
        passed.sign(drafted.draft.id, passed.lab.checker)
    with reading(passed.state_dir) as database:
        assert that_differ(database) == ("D1",)


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        (
            "UPDATE certificate SET body = CAST(replace(CAST(body AS TEXT), 'PASS', 'FAIL') AS BLOB)",
            "2026-00001",
        ),
        ("UPDATE certificate_signature SET person = 'P1' WHERE role = 'checker'", "D1"),
    ],
)
def test_a_register_that_was_changed_beside_the_trail_is_named(
    passed: Desk, statement: str, what: str
) -> None:
    passed.issue()
    with reading(passed.state_dir) as database:
        assert that_differ(database) == ()
    tamper(passed.state_dir, "DROP TRIGGER certificates_stay", "DROP TRIGGER signatures_stay", statement)
    with reading(passed.state_dir) as database:
        assert that_differ(database) == (what,)


def test_a_letterhead_that_changed_makes_a_new_draft_necessary(passed: Desk) -> None:
    drafted = passed.draft()
    moved = passed.with_laboratory(contact="elsewhere")
    with pytest.raises(
        OperatorError, match="D1 does not say any more what is so: laboratory: contact was ''"
    ):
        moved.sign(drafted.draft.id, passed.lab.verifier)


def test_a_laboratory_without_a_name_issues_nothing(passed: Desk) -> None:
    nameless = passed.with_laboratory(name_zh="", name_en="")
    with pytest.raises(OperatorError, match="a certificate names its laboratory"):
        nameless.sign(nameless.draft().draft.id, passed.lab.verifier)


def test_a_run_that_does_not_hold_has_no_certificate(passed: Desk) -> None:
    drafted = passed.draft()
    raw = next((passed.state_dir / "runs").rglob("edges-1.bin"))
    content = bytearray(raw.read_bytes())
    content[100] ^= 1
    raw.write_bytes(content)
    for act in (lambda: passed.sign(drafted.draft.id, passed.lab.verifier), passed.draft):
        with pytest.raises(OperatorError, match="run-000001 does not hold") as refused:
            act()
        assert "\n" not in str(refused.value)


def test_a_journal_whose_checkpoint_was_forged_certifies_nothing(passed: Desk) -> None:
    with closing(sqlite3.connect(passed.state_dir / "journal.sqlite", isolation_level=None)) as database:
        database.execute("DROP TRIGGER checkpoint_is_never_changed")
        database.execute("UPDATE checkpoint SET note = replace(note, 'time 2', 'time 1')")
    with pytest.raises(
        OperatorError, match=r"run-000001 does not hold: checkpoint over .* signed by a log key"
    ):
        passed.draft()


def withdrawn_card(made: Desk) -> None:
    lab = made.lab
    equipment.set_aside(made.state_dir, lab.checker, "RS-1", CardState.WITHDRAWN, "dropped", NOW)


def lapsed_approval(made: Desk) -> None:
    approvals.revoke(made.state_dir, plan_of().rules, made.lab.checker, NOW)


@pytest.mark.parametrize(
    ("happens", "said"),
    [(withdrawn_card, "equipment RS-1 was withdrawn"), (lapsed_approval, "jjg596-2012")],
)
def test_what_has_become_doubtful_since_locks_the_issuing(
    passed: Desk, happens: Callable[[Desk], None], said: str
) -> None:
    drafted = passed.draft()
    happens(passed)
    with pytest.raises(OperatorError, match=f"nothing is issued now: .*{said}"):
        passed.sign(drafted.draft.id, passed.lab.verifier)
    assert len(passed.draft().locks) == 1


def test_a_control_chart_that_is_out_locks_the_issuing_until_it_is_released(
    passed: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = Finding(
        Reason.CONTROL_CHART_OUT,
        {"card": "CM-1", "load_point": "Imax 1.0", "day": "2026-05-30", "run": "run-000009"},
    )
    drafted = passed.draft()
    with monkeypatch.context() as patched:
        patched.setattr(daily_check, "why_not_in_control", lambda *_: iter([out]))
        with pytest.raises(
            OperatorError, match="nothing is issued now: the control chart of check meter CM-1"
        ):
            passed.sign(drafted.draft.id, passed.lab.verifier)
        assert passed.draft().locks == (out,)
    passed.issue(drafted)


def test_a_daily_check_that_is_missing_today_is_no_lock(passed: Desk) -> None:
    bench = dataclasses.replace(passed.office.config.bench, daily_check_needed=True)
    needing = passed.with_office(config=dataclasses.replace(passed.office.config, bench=bench))
    assert needing.draft().locks == ()


# --- runs that have no certificate


def without_end(state_dir: Path) -> None:
    """The journal as it is while the run is under way."""
    with closing(sqlite3.connect(state_dir / "journal.sqlite")) as database:
        for trigger in ("record_is_never_removed", "checkpoint_is_never_removed"):
            database.execute(f"DROP TRIGGER {trigger}")
        database.execute("DELETE FROM record WHERE kind = 'run_ended'")
        database.execute("DELETE FROM checkpoint")
        database.commit()


def test_a_run_that_is_under_way_has_no_certificate(passed: Desk) -> None:
    without_end(passed.state_dir)
    with pytest.raises(OperatorError, match="run-000001 has not ended; wait for its end"):
        passed.draft()


def test_a_run_that_was_interrupted_has_none(passed: Desk) -> None:
    without_end(passed.state_dir)
    with open_bench(passed.office.config, lambda line: None):
        pass  # what a killed program has left open is closed as interrupted
    with pytest.raises(
        OperatorError, match=r"run-000001 was interrupted; go on with it \(bench run --resume\)"
    ):
        passed.draft()


def test_an_invalid_meter_has_none(passed: Desk) -> None:
    config = passed.office.config
    position = dataclasses.replace(config.position[0], simulated_error_pct=60.0)
    run(dataclasses.replace(config, position=(position,)), passed.lab.verifier)
    with pytest.raises(OperatorError, match="position 1 of run-000002 is INVALID, which is no result"):
        issuing.draft(passed.office, "2", "1", request(), passed.lab.verifier, NOW)


def test_a_run_and_a_position_that_are_not_there(passed: Desk) -> None:
    with pytest.raises(OperatorError, match="run-000009 is not in this journal"):
        issuing.draft(passed.office, "9", "1", request(), "P1", NOW)
    with pytest.raises(OperatorError, match="run-000001 has no position '7'; it has 1"):
        issuing.draft(passed.office, "1", "7", request(), "P1", NOW)


# --- the clock


def real(passed: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run as one of a real bench, whose days are those of the same clock."""
    found = issuing.facts_of

    def facts(*given: object) -> object:
        made = found(*given)  # type: ignore[arg-type]
        return dataclasses.replace(made, measured=dataclasses.replace(made.measured, is_simulated=False))

    monkeypatch.setattr(issuing, "facts_of", facts)


def test_a_clock_that_is_before_the_run_issues_nothing(passed: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    real(passed, monkeypatch)
    drafted = passed.draft(now="2025-12-30T08:00:00.000+00:00")
    with pytest.raises(
        OperatorError, match="the clock of this machine says 2025-12-31, and the run was on 2026-01-01"
    ):
        passed.sign(drafted.draft.id, passed.lab.verifier, now="2025-12-31T08:00:00.000+00:00")


def test_a_clock_that_went_back_issues_nothing(passed: Desk) -> None:
    drafted = passed.draft(now=LATER)
    with pytest.raises(OperatorError, match="has been already; set the clock"):
        passed.sign(drafted.draft.id, passed.lab.verifier, now=NOW)


def test_nothing_is_issued_before_what_was_issued_last(passed: Desk) -> None:
    calibration = passed.draft(request('kind = "calibration"\n' + REQUEST))
    passed.issue(passed.draft(), now=LATER)
    with pytest.raises(OperatorError, match="has been already; set the clock"):
        passed.sign(calibration.draft.id, passed.lab.verifier)


def test_a_meter_is_received_before_it_is_tested(passed: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    real(passed, monkeypatch)
    with pytest.raises(OperatorError, match="received_on is 2026-02-01, after the test of 2026-01-01"):
        passed.draft(request(REQUEST.replace("2026-01-01", "2026-02-01")))


# --- corrections


def test_a_correction_has_a_new_number_and_names_the_old_one(passed: Desk) -> None:
    passed.issue()
    corrected = request(REQUEST.replace("DDS-1", "DDS-2"))
    drafted = issuing.redraft(
        passed.office, "2026-00001", corrected, "model misread", passed.lab.verifier, NOW
    )
    assert drafted.draft.replaces == "2026-00001"
    passed.sign(drafted.draft.id, passed.lab.verifier)
    with reading(passed.state_dir) as database:
        assert register.entry_named(database, "2026-00001").replaced_by == ""
    new = passed.sign(drafted.draft.id, passed.lab.checker).entry
    assert new is not None
    assert (new.issued.number, new.issued.replaces, new.issued.why) == (
        "2026-00002",
        "2026-00001",
        "model misread",
    )
    with reading(passed.state_dir) as database:
        old = register.entry_named(database, "2026-00001")
    assert (old.replaced_by, old.stands) == ("2026-00002", False)
    assert json.loads(issuing.read(passed.state_dir, "2026-00002")[1].xml[4:])["replaces"] == "2026-00001"
    with pytest.raises(OperatorError, match="2026-00001 does not stand any more"):
        issuing.redraft(passed.office, "2026-00001", corrected, "again", passed.lab.verifier, NOW)


def test_of_two_corrections_of_one_certificate_the_second_is_refused(passed: Desk) -> None:
    passed.issue()
    both = [
        issuing.redraft(passed.office, "2026-00001", request(), f"for reason {n}", passed.lab.verifier, NOW)
        for n in range(2)
    ]
    passed.issue(both[0])
    with pytest.raises(OperatorError, match="2026-00001 does not stand any more"):
        passed.sign(both[1].draft.id, passed.lab.verifier)


def test_a_certificate_is_withdrawn_by_a_checker_with_a_reason(passed: Desk) -> None:
    passed.issue()
    with pytest.raises(OperatorError, match="P3 may not change what was issued"):
        issuing.withdraw(passed.state_dir, "2026-00001", "torn", passed.lab.verifier, NOW)
    entry = issuing.withdraw(passed.state_dir, "2026-00001", "torn", passed.lab.checker, NOW)
    assert (entry.withdrawn_why, entry.stands) == ("torn", False)
    with pytest.raises(OperatorError, match="was withdrawn before"):
        issuing.withdraw(passed.state_dir, "2026-00001", "torn", passed.lab.checker, NOW)
    assert numbers(passed.state_dir) == ["2026-00001"]
    passed.issue()


# --- customers


def test_what_names_a_customer_is_deleted_and_the_register_stays(passed: Desk) -> None:
    drafted = passed.draft()
    passed.issue()
    with pytest.raises(OperatorError, match="may not change what is kept of customers"):
        issuing.forget(passed.state_dir, "2026-00001", passed.lab.checker, NOW)
    issuing.forget(passed.state_dir, "2026-00001", passed.lab.administrator, NOW)
    issuing.forget(passed.state_dir, drafted.draft.id, passed.lab.administrator, NOW)
    assert names(passed.state_dir) == []
    left = b"".join(path.read_bytes() for path in passed.state_dir.rglob("*") if path.is_file())
    assert b"Wang Fang" in left  # a checker's name, which is no customer's
    assert "王芳".encode() not in left
    with reading(passed.state_dir) as database:
        entry = register.entry_named(database, "2026-00001")
        assert that_differ(database) == ()
    assert entry.is_forgotten
    assert len(entry.issued.xml_sha256) == len(entry.issued.root_sha256) == 64
    with pytest.raises(OperatorError, match="the files of 2026-00001 were deleted"):
        issuing.read(passed.state_dir, "2026-00001")
    with pytest.raises(OperatorError, match="the text of D1 was deleted"):
        passed.sign(drafted.draft.id, passed.lab.verifier)


def test_an_issued_draft_is_forgotten_by_the_number(passed: Desk) -> None:
    passed.issue()
    with pytest.raises(OperatorError, match="D1 was issued; give its number, 2026-00001"):
        issuing.forget(passed.state_dir, "D1", passed.lab.administrator, NOW)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_what_root_issues_is_the_bench_s_that_hands_it_out(passed: Desk) -> None:
    for path in (passed.state_dir, *passed.state_dir.rglob("*")):
        os.chown(path, 12345, 12345)
    passed.issue()
    folder = folder_of(passed.state_dir)
    assert len(names(passed.state_dir)) == 3
    assert {path.stat().st_uid for path in (folder, *folder.iterdir())} == {12345}


# --- numbers, crashes, two at once


class Killed(BaseException):
    """The program dies here."""


def dies(*unused: object, **others: object) -> None:
    raise Killed


def dies_at_second(act: Callable[..., object]) -> Callable[..., object]:
    calls = 0

    def second(*given: object, **others: object) -> object:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise Killed
        return act(*given, **others)

    return second


def before_files(patched: pytest.MonkeyPatch) -> None:
    patched.setattr(files, "stage", dies)


def between_two_files(patched: pytest.MonkeyPatch) -> None:
    patched.setattr(files, "synced_file", dies_at_second(files.synced_file))


def before_the_row(patched: pytest.MonkeyPatch) -> None:
    patched.setattr(register, "add_issued", dies)


def in_the_row(patched: pytest.MonkeyPatch) -> None:
    patched.setattr(trail, "add", dies_at_second(trail.add))


@pytest.mark.parametrize("fault", [before_files, between_two_files, before_the_row, in_the_row])
def test_a_kill_before_the_commit_uses_no_number(
    passed: Desk, monkeypatch: pytest.MonkeyPatch, fault: Callable[[pytest.MonkeyPatch], None]
) -> None:
    drafted, calibration = passed.draft(), passed.draft(request('kind = "calibration"\n' + REQUEST))
    passed.sign(drafted.draft.id, passed.lab.verifier)
    with monkeypatch.context() as patched:
        fault(patched)
        with pytest.raises(Killed):
            passed.sign(drafted.draft.id, passed.lab.checker)
    assert numbers(passed.state_dir) == []
    assert [name for name in names(passed.state_dir) if not name.endswith(".staged")] == []
    # Another takes the number, with its own files and no label of the one that died.
    entry = passed.issue(calibration).entry
    assert entry is not None
    assert entry.issued.number == "2026-00001"
    assert names(passed.state_dir) == ["2026-00001.pdf", "2026-00001.xml"]
    assert b'"calibration"' in issuing.read(passed.state_dir, "2026-00001")[1].xml
    last = passed.sign(drafted.draft.id, passed.lab.checker).entry
    assert last is not None
    assert numbers(passed.state_dir) == ["2026-00001", "2026-00002"]
    issuing.read(passed.state_dir, "2026-00002")


@pytest.mark.parametrize("fault", [between_two_files, before_the_row])
def test_a_draft_that_died_when_it_was_issued_leaves_no_customer_behind(
    passed: Desk, monkeypatch: pytest.MonkeyPatch, fault: Callable[[pytest.MonkeyPatch], None]
) -> None:
    drafted, calibration = passed.draft(), passed.draft(request('kind = "calibration"\n' + REQUEST))
    passed.sign(drafted.draft.id, passed.lab.verifier)
    with monkeypatch.context() as patched:
        fault(patched)
        with pytest.raises(Killed):
            passed.sign(drafted.draft.id, passed.lab.checker)
    assert any(name.endswith(".staged") for name in names(passed.state_dir))
    for each in (drafted, calibration):
        issuing.forget(passed.state_dir, each.draft.id, passed.lab.administrator, NOW)
    assert names(passed.state_dir) == []
    left = b"".join(path.read_bytes() for path in passed.state_dir.rglob("*") if path.is_file())
    assert "王芳".encode() not in left


def test_what_was_issued_and_has_no_final_name_yet_outlives_a_deletion(
    passed: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    calibration = passed.draft(request('kind = "calibration"\n' + REQUEST))
    drafted = passed.draft()
    passed.sign(drafted.draft.id, passed.lab.verifier)
    with monkeypatch.context() as patched:
        after_the_commit(patched)
        with pytest.raises(Killed):
            passed.sign(drafted.draft.id, passed.lab.checker)
    issuing.forget(passed.state_dir, calibration.draft.id, passed.lab.administrator, NOW)
    issuing.read(passed.state_dir, "2026-00001")


def after_the_commit(patched: pytest.MonkeyPatch) -> None:
    patched.setattr(files, "publish", dies)


def between_two_names(patched: pytest.MonkeyPatch) -> None:
    patched.setattr(Path, "replace", dies_at_second(Path.replace))


@pytest.mark.parametrize("fault", [after_the_commit, between_two_names])
def test_a_kill_after_the_commit_loses_nothing(
    passed: Desk, monkeypatch: pytest.MonkeyPatch, fault: Callable[[pytest.MonkeyPatch], None]
) -> None:
    drafted = passed.draft()
    passed.sign(drafted.draft.id, passed.lab.verifier)
    with monkeypatch.context() as patched:
        fault(patched)
        with pytest.raises(Killed):
            passed.sign(drafted.draft.id, passed.lab.checker)
    assert numbers(passed.state_dir) == ["2026-00001"]
    _, rendered = issuing.read(passed.state_dir, "2026-00001")
    assert rendered.xml.startswith(b"xml ")
    assert names(passed.state_dir) == ["2026-00001-label.pdf", "2026-00001.pdf", "2026-00001.xml"]
    with pytest.raises(OperatorError, match="D1 was issued as 2026-00001 on 2026-06-01 already"):
        passed.sign(drafted.draft.id, passed.lab.checker)


def test_a_seal_that_fails_uses_no_number_and_keeps_no_signature(passed: Desk) -> None:
    def broken(document: Certificate, now: str) -> Rendered:
        raise OperatorError("the key cannot be read")

    drafted = passed.draft()
    passed.sign(drafted.draft.id, passed.lab.verifier)
    with pytest.raises(OperatorError, match="the key cannot be read"):
        passed.with_office(seal=broken).sign(drafted.draft.id, passed.lab.checker)
    with reading(passed.state_dir) as database:
        assert len(register.signatures(database, 1)) == 1
    assert passed.sign(drafted.draft.id, passed.lab.checker).entry is not None


def test_two_who_sign_at_once_issue_one_certificate(passed: Desk) -> None:
    lab = passed.lab
    other = persons.add(
        passed.state_dir, lab.administrator, Name("", "Chen Jun"), (Role.CHECKER,), PASSWORD, NOW
    ).id
    drafted = passed.draft()
    passed.sign(drafted.draft.id, lab.verifier)

    def signs(who: str) -> str:
        try:
            signing = passed.sign(drafted.draft.id, who)
        except OperatorError as error:
            return str(error)
        assert signing.entry is not None
        return signing.entry.issued.number

    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(signs, (lab.checker, other)))
    assert said == ["2026-00001", "D1 was issued as 2026-00001 on 2026-06-01 already"]
    assert numbers(passed.state_dir) == ["2026-00001"]


def test_two_drafts_signed_at_once_get_two_numbers(passed: Desk) -> None:
    both = [passed.draft(), passed.draft(request('kind = "calibration"\n' + REQUEST))]
    for drafted in both:
        passed.sign(drafted.draft.id, passed.lab.verifier)
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda each: passed.sign(each.draft.id, passed.lab.checker), both))
    assert sorted(d.entry.issued.number for d in done if d.entry) == ["2026-00001", "2026-00002"]


def test_of_two_drafts_of_one_verdict_the_second_is_refused(passed: Desk) -> None:
    both = [passed.draft(), passed.draft()]
    passed.issue(both[0])
    with pytest.raises(OperatorError, match="has the certificate 2026-00001; to correct it"):
        passed.sign(both[1].draft.id, passed.lab.verifier)


def test_a_pattern_that_repeats_a_number_is_refused(passed: Desk) -> None:
    first = passed.with_laboratory(number_pattern="{year}-2{number}")
    drafts = [passed.draft(), passed.draft(request('kind = "calibration"\n' + REQUEST))]
    assert first.issue(drafts[0]).entry is not None
    assert numbers(passed.state_dir) == ["2026-21"]
    second = passed.with_laboratory(number_pattern="{year}-{number}1")
    second.sign(drafts[1].draft.id, passed.lab.verifier)
    with pytest.raises(
        OperatorError, match=r"2026-21 was given before: .*number_pattern.* repeats an earlier one"
    ):
        second.sign(drafts[1].draft.id, passed.lab.checker)


def test_a_new_year_counts_from_one(passed: Desk) -> None:
    drafts = [passed.draft(), passed.draft(request('kind = "calibration"\n' + REQUEST))]
    passed.issue(drafts[0])
    passed.issue(drafts[1], now="2027-01-02T08:00:00.000+00:00")
    assert numbers(passed.state_dir) == ["2026-00001", "2027-00001"]


@pytest.mark.parametrize("name", ["2026-00001.xml", "2026-00001.pdf", "2026-00001-label.pdf"])
def test_a_file_that_is_not_the_issued_one_is_named(passed: Desk, name: str) -> None:
    passed.issue()
    path = folder_of(passed.state_dir) / name
    content = bytearray(path.read_bytes())
    content[3] ^= 1
    path.write_bytes(content)
    with pytest.raises(OperatorError, match=f"{name} is not the one that was issued"):
        issuing.read(passed.state_dir, "2026-00001")
    path.unlink()
    with pytest.raises(OperatorError, match=f"{name} cannot be read"):
        issuing.read(passed.state_dir, "2026-00001")
