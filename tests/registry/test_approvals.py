"""Approving a rule set: by name, for one content of the file, kept for good."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import sqlite3
from contextlib import closing
from importlib import resources
from pathlib import Path

import pytest
from click.testing import CliRunner

from bench.admin import admin
from bench.errors import OperatorError
from bench.registry import approvals
from bench.registry.approvals import Approval, approve, revoke
from bench.registry.store import reading
from calibration.quantities import Finding
from calibration.reasons import Reason, sentence
from calibration.rule_files import load_rule_set, read_rule_set, rule_set_names, rule_set_text
from calibration.rules import RuleSet

RULES = load_rule_set("jjg596-2012")
WHEN = "2026-11-23T08:00:00+00:00"


def approval_of(state_dir: Path, rules: RuleSet) -> Approval | None:
    with reading(state_dir) as database:
        return approvals.approval_of(database, rules)


def history_of(state_dir: Path, name: str) -> list[Approval]:
    with reading(state_dir) as database:
        return approvals.history_of(database, name)


def why_not_approved(state_dir: Path, rules: RuleSet) -> Finding | None:
    with reading(state_dir) as database:
        return approvals.why_not_approved(database, rules)


def test_a_rule_set_is_approved_by_the_person_who_compared_it(tmp_path: Path) -> None:
    assert approval_of(tmp_path, RULES) is None
    approve(tmp_path, RULES, " Li Wei ", WHEN)
    assert approval_of(tmp_path, RULES) == Approval("Li Wei", WHEN, RULES.sha256)
    assert approval_of(tmp_path, load_rule_set("jjg596-2026")) is None


def test_an_approval_lapses_when_the_file_changes_and_holds_again_when_it_is_as_it_was(
    tmp_path: Path,
) -> None:
    approve(tmp_path, RULES, "Li Wei", WHEN)
    text = rule_set_text("jjg596-2012")
    changed = read_rule_set(
        text.replace('"1" = 1.5, "2" = 2.5', '"1" = 1.6, "2" = 2.5', 1).encode(), "jjg596-2012"
    )
    assert changed.name == RULES.name
    assert approval_of(tmp_path, changed) is None
    lapsed = why_not_approved(tmp_path, changed)
    assert lapsed is not None
    said = sentence(lapsed.reason, lapsed.values, "en")
    assert "was approved by Li Wei on 2026-11-23; the file has changed since (" in said
    assert f"({RULES.sha256[:8]}… → {changed.sha256[:8]}…)" in said
    assert approval_of(tmp_path, read_rule_set(text.encode(), "jjg596-2012")) is not None


def test_the_newest_approval_is_named(tmp_path: Path) -> None:
    approve(tmp_path, RULES, "Li Wei", WHEN)
    approve(tmp_path, RULES, "Wang Fang", "2026-11-24T08:00:00+00:00")
    assert approval_of(tmp_path, RULES) == Approval("Wang Fang", "2026-11-24T08:00:00+00:00", RULES.sha256)


def test_an_approval_is_taken_back_and_given_again_and_all_of_it_is_kept(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="nothing to revoke"):
        revoke(tmp_path, RULES, "Wang Fang", WHEN)
    approve(tmp_path, RULES, "Li Wei", WHEN)
    assert why_not_approved(tmp_path, RULES) is None
    revoke(tmp_path, RULES, "Wang Fang", WHEN)
    revoked = why_not_approved(tmp_path, RULES)
    assert revoked is not None
    assert (revoked.reason, revoked.values["person"]) == (Reason.APPROVAL_REVOKED, "Wang Fang")
    approve(tmp_path, RULES, "Li Wei", WHEN)
    assert why_not_approved(tmp_path, RULES) is None
    assert [entry.is_revoked for entry in history_of(tmp_path, RULES.name)] == [False, True, False]


def test_a_registry_from_before_revocations_is_read(tmp_path: Path) -> None:
    first = (resources.files("bench") / "schema/registry/001.sql").read_text("utf-8")
    with closing(sqlite3.connect(tmp_path / "registry.sqlite")) as database:
        database.executescript(first)
        database.execute("CREATE TABLE migration (number INTEGER, sha256 TEXT, applied TEXT)")
        digest = hashlib.sha256(first.encode()).hexdigest()
        database.execute("INSERT INTO migration VALUES (1, ?, ?)", (digest, WHEN))
        row = (RULES.name, RULES.edition, RULES.sha256, "Li Wei", WHEN)
        database.execute("INSERT INTO approvals VALUES (1, ?, ?, ?, ?, ?)", row)
        database.commit()
    assert why_not_approved(tmp_path, RULES) is None
    approve(tmp_path, RULES, "Wang Fang", WHEN)
    assert [entry.person for entry in history_of(tmp_path, RULES.name)] == ["Li Wei", "Wang Fang"]


def test_nobody_approves_anonymously(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="needs the name of the person"):
        approve(tmp_path, RULES, "  ", WHEN)
    assert approval_of(tmp_path, RULES) is None


@pytest.mark.parametrize("name", ["P1", "ｐ1", "Li\x1b[2J Wei", "x" * 81])
def test_nobody_approves_under_what_is_no_name(tmp_path: Path, name: str) -> None:
    """Whoever will be P1 has not approved it."""
    with pytest.raises(OperatorError, match=r"name"):
        approve(tmp_path, RULES, name, WHEN)
    assert approval_of(tmp_path, RULES) is None


@pytest.mark.parametrize("change", ["UPDATE approvals SET person = 'x'", "DELETE FROM approvals"])
def test_an_approval_stays_as_it_was_given(tmp_path: Path, change: str) -> None:
    approve(tmp_path, RULES, "Li Wei", WHEN)
    with (
        closing(sqlite3.connect(tmp_path / "registry.sqlite")) as database,
        pytest.raises(sqlite3.IntegrityError, match="append-only"),
    ):
        database.execute(change)
    assert approval_of(tmp_path, RULES) == Approval("Li Wei", WHEN, RULES.sha256)


def test_a_registry_that_cannot_be_read_is_no_missing_approval(tmp_path: Path) -> None:
    (tmp_path / "registry.sqlite").write_bytes(b"not a database, and longer than a header" * 50)
    with pytest.raises(OperatorError, match="cannot be read"):
        approval_of(tmp_path, RULES)
    with pytest.raises(OperatorError, match="cannot be written"):
        approve(tmp_path, RULES, "Li Wei", WHEN)


def admin_output(config: Path, *words: str) -> str:
    done = CliRunner().invoke(admin, [*words, "--config", str(config)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture
def config(tmp_path: Path) -> Path:
    demo = Path(__file__).parents[2] / "bench/sim/demo-bench.toml"
    path = tmp_path / "bench.toml"
    text = demo.read_text("utf-8")
    path.write_text(text.replace("[bench]", f'[bench]\nstate_dir = "{tmp_path / "state"}"', 1), "utf-8")
    return path


def test_the_command_line_approves_and_lists(config: Path) -> None:
    before = admin_output(config, "rules", "--lang", "en").splitlines()
    assert [line.split()[0] for line in before] == list(rule_set_names())
    assert all("has not been approved" in line for line in before)
    admin_output(config, "approve-rules", "jjg596-2012", "--by", "Li Wei")
    after = {line.split()[0]: line for line in admin_output(config, "rules", "--lang", "en").splitlines()}
    assert "approved by Li Wei" in after["jjg596-2012"]
    assert "edition 2012" in after["jjg596-2012"]
    assert RULES.sha256[:16] in after["jjg596-2012"]
    assert all("has not been approved" in line for name, line in after.items() if name != "jjg596-2012")


def test_the_command_line_revokes_and_has_a_history_in_both_languages(config: Path) -> None:
    name = "jjg596-2012"
    assert "已由 Li Wei 批准" in admin_output(config, "approve-rules", name, "--by", "Li Wei", "--lang", "zh")
    revoked = admin_output(config, "revoke-rules", name, "--by", "Wang Fang", "--lang", "zh")
    assert "批准已由 Wang Fang 撤销" in revoked
    assert "版本 2012" in admin_output(config, "rules", "--lang", "zh")
    assert "revoked by Wang Fang" in admin_output(config, "rules", "--lang", "en")
    assert "已由 Wang Fang" in admin_output(config, "rules", "--lang", "zh")
    first, second = admin_output(config, "history", "jjg596-2012", "--lang", "en").splitlines()
    assert ("approved by Li Wei" in first, "revoked by Wang Fang" in second) == (True, True)
    (found,) = (r for r in json.loads(admin_output(config, "rules", "--json")) if r["name"] == "jjg596-2012")
    assert found["unapproved"]["reason"] == "approval_revoked"
    assert [e["person"] for e in found["history"]] == ["Li Wei", "Wang Fang"]


def test_an_unknown_rule_set_cannot_be_approved(config: Path) -> None:
    with pytest.raises(OperatorError, match="there is no rule set 'jjg596-2013'"):
        admin_output(config, "approve-rules", "jjg596-2013", "--by", "Li Wei")


def test_an_approval_is_of_a_hash_and_not_of_a_name(tmp_path: Path) -> None:
    approve(tmp_path, RULES, "Li Wei", WHEN)
    assert approval_of(tmp_path, dataclasses.replace(RULES, sha256="0" * 64)) is None
