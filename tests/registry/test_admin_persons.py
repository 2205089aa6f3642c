"""`bench admin person` and `bench admin trail` on the command line."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bench.admin import admin
from bench.errors import OperatorError
from tests.registry.laboratory import PASSWORD

NEW = "a new and long one"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    demo = Path(__file__).parents[2] / "bench/sim/demo-bench.toml"
    path = tmp_path / "bench.toml"
    text = demo.read_text("utf-8").replace("[bench]", f'[bench]\nstate_dir = "{tmp_path / "state"}"', 1)
    path.write_text(text, "utf-8")
    return path


def ran(config: Path, *words: str, typed: str = "") -> Result:
    stdin = ["--password-stdin"] if typed else []
    return CliRunner().invoke(
        admin, [*words, *stdin, "--config", str(config)], input=typed, catch_exceptions=False
    )


def as_admin(config: Path, *words: str, more: str = "") -> Result:
    return ran(config, *words, "--by", "P1", typed=f"{PASSWORD}\n{more}")


@pytest.fixture
def staffed(config: Path) -> Path:
    ran(config, "person", "first", "--name", "Zhao Min", "--name-zh", "赵敏", typed=f"{PASSWORD}\n")
    as_admin(
        config, "person", "add", "--name", "Li Wei", "--role", "verifier", "--lang", "en", more=f"{NEW}\n"
    )
    return config


def test_before_the_first_administrator_nothing_but_approving_works(config: Path) -> None:
    with pytest.raises(OperatorError, match="bench admin person first"):
        as_admin(config, "person", "add", "--name", "X", "--role", "office", more=f"{NEW}\n")
    assert ran(config, "approve-rules", "jjg596-2012", "--by", "Anybody").exit_code == 0


def test_persons_are_listed_in_both_languages_and_as_json(staffed: Path) -> None:
    assert ran(staffed, "person", "list", "--lang", "en").output.splitlines() == [
        "Zhao Min (P1)  administrator",
        "Li Wei (P2)  verifier",
    ]
    assert "赵敏 (P1)  管理员" in ran(staffed, "person", "list", "--lang", "zh").output
    found = json.loads(ran(staffed, "person", "list", "--json").output)
    assert found[1] == {
        "id": "P2", "roles": ["verifier"], "is_active": True, "name": {"zh": "", "latin": "Li Wei"},
    }  # fmt: skip


def test_a_person_lives_a_whole_life(staffed: Path) -> None:
    for words in (
        ("roles", "P2", "--role", "checker", "--role", "verifier"),
        ("authorise", "Li Wei", "--item", "basic_error", "--class", "1", "--until", "2999-12-31"),
        ("rename", "P2", "--name", "Li Wei-Chen"),
        ("revoke", "1"),
    ):
        assert as_admin(staffed, "person", *words).exit_code == 0
    own = f"{NEW}\nthe second password\n"
    assert ran(staffed, "person", "password", "P2", "--by", "P2", typed=own).exit_code == 0
    shown = ran(staffed, "person", "show", "P2", "--lang", "en").output
    assert "Li Wei-Chen (P2)  verifier, checker" in shown
    assert "basic error, 1, " in shown
    assert "(revoked " in shown
    for words in (("leave", "P2"), ("forget", "P2")):
        assert as_admin(staffed, "person", *words).exit_code == 0
    assert "P2  verifier, checker (has left)" in ran(staffed, "person", "list", "--lang", "en").output
    changes = [e["what"] for e in json.loads(ran(staffed, "trail", "--json").output)]
    assert changes == [
        "person_added", "person_added", "person_changed", "authorised", "person_renamed",
        "authorisation_revoked", "password_set", "person_changed", "person_forgotten",
    ]  # fmt: skip
    in_chinese = ran(staffed, "trail", "--lang", "zh").output.splitlines()
    assert [line.split("  ")[3] for line in in_chinese] == [
        "登记人员", "登记人员", "变更人员", "授权", "更改姓名", "撤销授权", "设定密码", "变更人员", "删除姓名",
    ]  # fmt: skip


def test_the_old_form_without_a_password_is_refused_once_there_is_an_administrator(staffed: Path) -> None:
    with pytest.raises(OperatorError, match="no terminal to ask"):
        ran(staffed, "approve-rules", "jjg596-2012", "--by", "Zhao Min")
    with pytest.raises(OperatorError, match="is wrong"):
        ran(staffed, "approve-rules", "jjg596-2012", "--by", "P1", typed="not the password\n")
    with pytest.raises(OperatorError, match="P2 may not change approvals"):
        ran(staffed, "approve-rules", "jjg596-2012", "--by", "P2", typed=f"{NEW}\n")
    ran(staffed, "approve-rules", "jjg596-2012", "--by", "Zhao Min", typed=f"{PASSWORD}\n")
    assert "approved by Zhao Min (P1)" in ran(staffed, "rules", "--lang", "en").output


def test_stdin_without_a_line_is_no_password(staffed: Path) -> None:
    with pytest.raises(OperatorError, match="stdin has no line"):
        CliRunner().invoke(
            admin,
            ["person", "leave", "P2", "--by", "P1", "--password-stdin", "--config", str(staffed)],
            catch_exceptions=False,
        )


def test_the_trail_is_checked_and_a_forged_entry_is_told_by_its_number(staffed: Path, tmp_path: Path) -> None:
    good = ran(staffed, "trail", "--check", "--lang", "en")
    assert (good.exit_code, good.output.startswith("2 entries hold; hash of the last one: ")) == (0, True)
    assert (
        'P1  person added  P2  is_active: — → true; roles: — → ["verifier"]'
        in ran(staffed, "trail", "--lang", "en").output
    )
    with closing(sqlite3.connect(tmp_path / "state/registry.sqlite")) as database:
        database.execute("DROP TRIGGER trail_stays")
        database.execute("UPDATE trail SET body = x'7b7d' WHERE number = 2")
        database.commit()
    bad = ran(staffed, "trail", "--check", "--lang", "zh")
    assert (bad.exit_code, "第 2 条" in bad.output) == (4, True)
    assert json.loads(ran(staffed, "trail", "--check", "--json").output)["broken_at"] == 2
    assert "does not hold from entry 2 on" in ran(staffed, "trail", "--lang", "en").output


def test_a_person_who_was_changed_beside_the_trail_is_named(staffed: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "state/registry.sqlite")) as database:
        database.execute("DROP TRIGGER person_versions_stay")
        database.execute("UPDATE person_version SET is_active = 0 WHERE person = 'P2'")
        database.commit()
    found = ran(staffed, "trail", "--check", "--lang", "en")
    assert found.exit_code == 4
    assert "so changed beside it: P2" in found.output
    assert json.loads(ran(staffed, "trail", "--check", "--json").output)["changed_beside"] == ["P2"]
