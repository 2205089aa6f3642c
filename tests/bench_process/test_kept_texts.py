"""No free text and no name enters the journal: a salted hash stands for it. The text is shown while it is kept; after
it is deleted it is in no file of the bench, and the journal still verifies and replays to the same digits."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bench.admin import admin
from bench.app import open_bench, replay_run
from bench.canonical import JsonObject
from bench.commands.cli import cli
from bench.configuration.config import parse_config
from bench.errors import OperatorError
from bench.methods.steps import Ask
from bench.plans.plan import parse_plan
from bench.plans.plan_record import recorded_plan
from bench.process import MeasuringProcess
from bench.records.journal_reading import JournalReader
from bench.registry import trail
from bench.registry.kept_texts import KeptTexts, TextsOfRun, What, all_texts, forget
from bench.registry.store import reading
from bench.replay.recorded_run import recorded_state
from bench.run.desk import AnsweringDesk
from bench.terminal.run_list import list_runs
from bench.toml_reader import parse_toml
from calibration.reasons import Reason, sentence
from calibration.text_references import REFERENCE, readable
from tests.bench_process.support import BENCH, METER, leisurely, virtual_bench
from tests.registry.laboratory import PASSWORD, laboratory, staffed

WHEN = "2026-11-26T18:00:00+00:00"
RUN = "run-000001"
SECRETS = {
    What.PLAN_TITLE: "for Wang Xiaoming, 王小明",
    What.SKIP: "taken out since Frau Köhler asked",
    What.ANSWER: "scratched by Herr Lindqvist",
    What.READING: "ask Dr. Okonkwo",
}
OF_A_RUN = set(SECRETS)
NAMES = ("Xiaoming", "小明", "Köhler", "Lindqvist", "Okonkwo")
COMMENT = "a comment about Signora Bianchi"
TWO_METERS = METER + METER.replace('"1"', '"2"', 1).replace("M-1", "M-2")
PLAN = f"""# {COMMENT}
title = "{SECRETS[What.PLAN_TITLE]}" # {COMMENT}
tests = ["visual", "meter_constant", "basic_error"]
repeats_of_invalid = 0
load_points = ["Imax 1.0", "Ib 1.0"]
minimum_time_s = 20.0
longest_time_s = 60.0
""" + TWO_METERS.replace("[[meter]]", "[[meter]]\nregister_decimals = 2")


def answers(question: Ask, position: str) -> dict[str, str]:
    if question.item.facts.is_inspection:
        said = dict.fromkeys(question.fields, "ok")
        return said | ({"housing": SECRETS[What.ANSWER]} if position == "1" else {})
    return dict.fromkeys(question.fields, SECRETS[What.READING] if position == "2" else "12.34")


def talkative(state_dir: Path) -> MeasuringProcess:
    """A bench at which people say all that can be said."""
    text = leisurely(BENCH.format(state_dir=state_dir, simulation="")).replace(
        "[reference]\n", '[[position]]\nname = "2"\ndriver = "sim"\nmeter_port = "ask"\n\n[reference]\n', 1
    )
    text = text.replace("simulated_error_pct = 0.4\n", 'simulated_error_pct = 0.4\nmeter_port = "ask"\n')
    process = open_bench(parse_config(text, "bench.toml"), lambda line: None)
    process.equipment = dataclasses.replace(process.equipment, desk=AnsweringDesk(answers))
    return process


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, JsonObject]:
    """The folder, and STATE at the end of the run."""
    state_dir = tmp_path_factory.mktemp("texts") / "state"

    def skip(sequence: int, patch: JsonObject, state: JsonObject) -> None:
        if state["phase"] == "measuring" and state["point"] == "2":
            with suppress(OperatorError):  # once
                process.skip("1", SECRETS[What.SKIP])

    with talkative(state_dir) as process:
        process.live.listen(skip)
        summary = process.run(parse_plan(PLAN, ["1", "2"], "plan.toml"))
    return state_dir, summary.state


def shown(state_dir: Path) -> JsonObject:
    with closing(JournalReader(state_dir)) as journal:
        return recorded_state(journal, journal.run(RUN))


def bodies(state_dir: Path) -> bytes:
    with closing(JournalReader(state_dir)) as journal:
        return b"\n".join(record.body for record in journal.run(RUN))


def copied(state_dir: Path, to: Path) -> Path:
    return Path(shutil.copytree(state_dir, to / "state"))


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)


def test_no_free_text_is_in_the_journal(recorded: tuple[Path, JsonObject]) -> None:
    state_dir, _ = recorded
    journal = bodies(state_dir) + (state_dir / "journal.sqlite").read_bytes()
    for said in (*NAMES, "Bianchi", str(state_dir)):
        assert said.encode() not in journal, said
    kept = {text.what: text for text in all_texts(state_dir)}
    assert kept.keys() == OF_A_RUN
    for what, text in kept.items():
        assert SECRETS[what] in text.text
        assert text.reference.encode() in journal


def test_what_is_said_is_shown_during_the_run_and_after_it(recorded: tuple[Path, JsonObject]) -> None:
    state_dir, state = recorded
    for seen in (state, shown(state_dir)):
        assert seen["run"]["title"] == SECRETS[What.PLAN_TITLE]
        everything = "\n".join(strings(seen))
        for what in (What.SKIP, What.ANSWER, What.READING):
            assert SECRETS[what] in everything
        assert not REFERENCE.search(everything)
    with closing(JournalReader(state_dir)) as journal:
        assert list_runs(journal)[0]["title"] == SECRETS[What.PLAN_TITLE]


def test_a_replay_needs_no_text(recorded: tuple[Path, JsonObject], tmp_path: Path) -> None:
    state_dir = copied(recorded[0], tmp_path)
    with_texts = replay_run(state_dir, RUN)
    assert with_texts.differences == ()
    assert with_texts.results > 0
    (state_dir / "registry.sqlite").unlink()
    assert replay_run(state_dir, RUN) == with_texts


def test_a_deleted_text_is_in_no_file_and_the_journal_still_holds(
    recorded: tuple[Path, JsonObject], tmp_path: Path
) -> None:
    state_dir = copied(recorded[0], tmp_path)
    lab = staffed(state_dir)
    before = replay_run(state_dir, RUN)
    gone = forget(state_dir, lab.administrator, RUN, WHEN)
    assert {text.what for text in gone} == OF_A_RUN
    for path in filter(Path.is_file, state_dir.rglob("*")):
        content = path.read_bytes()
        for name in NAMES:
            assert name.encode() not in content, (path, name)
    assert all_texts(state_dir) == []
    assert replay_run(state_dir, RUN) == before
    with reading(state_dir) as database:
        *_, last = trail.entries(database)
        assert (last.who, last.what) == (lab.administrator, "text_forgotten")
        assert REFERENCE.fullmatch(last.about)
        assert trail.check(database).broken_at is None
    assert REFERENCE.fullmatch(shown(state_dir)["run"]["title"])


def test_a_deleted_text_is_shown_as_deleted_in_both_languages(
    recorded: tuple[Path, JsonObject], tmp_path: Path
) -> None:
    state_dir = copied(recorded[0], tmp_path)
    forget(state_dir, staffed(state_dir).administrator, RUN, WHEN)
    for language, word in (("en", "(deleted)"), ("zh", "（已删除）")):
        for command in (["show", "1"], ["runs"]):
            done = CliRunner().invoke(cli, [*command, "--state-dir", str(state_dir), "--lang", language])
            assert done.exit_code == 0, done.output
            assert word in "".join(done.output.split())
            assert "text:" not in done.output
    values = {"why": f"text:{'0' * 64}"}
    assert sentence(Reason.SKIPPED_BY_OPERATOR, values, "en").endswith("out of the run: (deleted)")
    assert readable(f"a: text:{'a' * 64}, b", "zh") == "a: （已删除）, b"
    assert readable(f"a: text:{'a' * 63}, b", "zh") == f"a: text:{'a' * 63}, b"


def test_a_reference_is_the_salted_hash_and_equal_texts_have_different_ones(tmp_path: Path) -> None:
    texts = TextsOfRun(tmp_path, RUN)
    first, second = (texts.keep(What.SKIP, "no lamp", WHEN) for _ in range(2))
    assert first != second
    with closing(sqlite3.connect(tmp_path / "registry.sqlite")) as database:
        salts = dict(database.execute("SELECT reference, salt FROM kept_text").fetchall())
    assert first == "text:" + hashlib.sha256(salts[first] + b"no lamp").hexdigest()
    assert len(salts[first]) == 32
    assert texts.shown({"why": [f"a: {first}", second], "n": 3}) == {"why": ["a: no lamp", "no lamp"], "n": 3}
    assert KeptTexts().shown(first) == first


def test_a_text_that_was_changed_is_not_shown_as_the_recorded_one(tmp_path: Path) -> None:
    reference = TextsOfRun(tmp_path, RUN).keep(What.SKIP, "no lamp", WHEN)
    with closing(sqlite3.connect(tmp_path / "registry.sqlite")) as database:
        with pytest.raises(sqlite3.IntegrityError, match="not changed"):
            database.execute("UPDATE kept_text SET text = 'a lamp'")
        database.execute("DROP TRIGGER kept_texts_stay")
        database.execute("UPDATE kept_text SET text = 'a lamp'")
        database.commit()
    (kept,) = all_texts(tmp_path)
    assert not kept.is_whole
    assert KeptTexts([kept]).shown(reference) == reference


def test_only_an_administrator_deletes_and_only_what_there_is(tmp_path: Path) -> None:
    lab = laboratory(tmp_path)
    texts = TextsOfRun(tmp_path, RUN)
    first, second = (texts.keep(What.SKIP, text, WHEN) for text in ("no lamp", "no meter"))
    with pytest.raises(OperatorError):
        forget(tmp_path, lab.checker, RUN, WHEN)
    for named in ("run-000002", "text:00", first[:9], "x"):
        with pytest.raises(OperatorError, match="bench admin text list"):
            forget(tmp_path, lab.administrator, named, WHEN)
    assert len(all_texts(tmp_path)) == 2
    (gone,) = forget(tmp_path, lab.administrator, first[:17].upper().replace("TEXT", "text"), WHEN)
    assert gone.reference == first
    assert [text.reference for text in all_texts(tmp_path)] == [second]


def test_the_command_lists_and_deletes(tmp_path: Path) -> None:
    demo = Path(__file__).parents[2] / "bench/sim/demo-bench.toml"
    config, state_dir = tmp_path / "bench.toml", tmp_path / "state"
    text = demo.read_text("utf-8").replace("[bench]", f'[bench]\nstate_dir = "{state_dir}"', 1)
    config.write_text(text, "utf-8")
    staffed(state_dir)
    reference = TextsOfRun(state_dir, RUN).keep(What.SKIP, "no lamp", WHEN)

    def ran(*words: str, typed: str = "") -> str:
        done = CliRunner().invoke(admin, ["text", *words, "--config", str(config)], input=typed)
        assert done.exit_code == 0, done.output
        return done.output

    listed = json.loads(ran("list", "--json"))
    assert (listed[0]["reference"], listed[0]["text"]) == (reference, "no lamp")
    assert "no lamp" in ran("list", "--run", RUN, "--lang", "zh")
    assert json.loads(ran("list", "--run", "run-000002", "--json")) == []
    assert reference[:17] in ran("forget", RUN, "--by", "P1", "--password-stdin", typed=f"{PASSWORD}\n")
    assert json.loads(ran("list", "--json")) == []


def test_a_plan_is_recorded_as_the_same_plan_without_comments(recorded: tuple[Path, JsonObject]) -> None:
    source = recorded_plan(PLAN, lambda title: f"<{title}>")
    assert "#" not in source
    assert parse_toml(source, "plan") == parse_toml(PLAN, "plan") | {"title": f"<{SECRETS[What.PLAN_TITLE]}>"}
    checked, again = (parse_plan(text, ["1", "2"], "plan.toml") for text in (PLAN, source))
    assert (checked.meters, checked.points) == (again.meters, again.points)
    awkward = (
        'title = ""\ntests = []\nx = "a \\"quoted\\" # no comment\\u007f\\n"\ny = [1.0, 2.5e-7]\nz = true\n'
    )
    assert parse_toml(recorded_plan(awkward, str.upper), "plan") == parse_toml(awkward, "plan")


def test_a_run_goes_on_with_one_of_another_title(tmp_path: Path) -> None:
    plan = 'title = "first"\nload_points = ["Imax 1.0"]\nminimum_time_s = 20.0\n' + METER
    with virtual_bench(tmp_path) as process:
        process.run(parse_plan(plan, ["1"], "plan.toml"))
        summary = process.run(parse_plan(plan.replace("first", "second"), ["1"], "plan.toml"), RUN)
        assert summary.state["run"]["title"] == "second"
        assert summary.results["1"]["0"]["taken_over"]
    assert replay_run(tmp_path, "run-000002").differences == ()
