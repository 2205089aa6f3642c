"""`bench plan new`, then `check`, then `run` and `--resume`, as a technician does it, on the simulated bench in virtual
time."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bench.commands.cli import cli
from bench.errors import OperatorError
from bench.plans.meter_types import load_meter_types

FULL = Path("bench/sim/full-bench.toml").resolve()
TYPES = str(Path("bench/sim/demo-meter-types.toml").resolve())
ONE_METER = ("--types", TYPES, "--type", "single-phase-1", "--serial", "S-1")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    text = FULL.read_text(encoding="utf-8").replace("../../var/full", "state")
    (tmp_path / "bench.toml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANG", "C.UTF-8")
    return tmp_path


def bench(*arguments: str) -> Result:
    """Errors: OperatorError, which `main` prints as one line."""
    return CliRunner().invoke(cli, arguments, catch_exceptions=False)


def refused(*arguments: str) -> str:
    with pytest.raises(OperatorError) as error:
        bench(*arguments)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_a_whole_verification_from_a_type_and_a_serial_number(folder: Path) -> None:
    made = bench("plan", "new", *ONE_METER, "-o", "plan.toml", "--lang", "zh")
    assert made.exit_code == 0
    assert "已写入 plan.toml; 下一步: bench plan check plan.toml" in made.stderr
    checked = bench("plan", "check", "plan.toml", "--json")
    assert checked.exit_code == 0
    foreseen = json.loads(checked.stdout)
    done = bench("run", "plan.toml", "--json")
    assert done.exit_code == 0
    found = json.loads(done.stdout)
    points = found["points"]
    assert [(p["item"], p["load_point"]) for p in points] == [
        (p["item"], p["load_point"]) for p in foreseen["points"]
    ]
    assert {p["item"] for p in points} == {
        "visual", "no_load", "starting", "basic_error", "meter_constant", "clock",
    }  # fmt: skip
    assert {p["verdict"] for p in points} == {"PASS"}
    for point in (p for p in points if p["item"] == "basic_error"):
        off_pct = abs(float(point["percentage_error_pct"]) - float(point["true_error_pct"]))
        assert off_pct <= float(point["expanded_uncertainty_pct"])
        assert abs(float(point["rounded_pct"]) - float(point["percentage_error_pct"])) <= 0.05 + 1e-9
    (clock,) = (p for p in points if p["item"] == "clock")
    assert clock["figures"]["rounded_s_per_day"] == "+0.10"  # simulated_clock_error_s_per_day
    assert [why["reason"] for why in found["not_official_because"]] == [
        why["reason"] for why in foreseen["not_official_because"]
    ]


def test_a_batch_is_measured_in_one_pass(folder: Path) -> None:
    text = (folder / "bench.toml").read_text(encoding="utf-8")
    second = text[text.index("[[position]]") : text.index("[reference]\n")].replace(
        'name = "1"', 'name = "2"'
    )
    bad = second.replace("simulated_error_pct = 0.35", "simulated_error_pct = 1.6")
    (folder / "bench.toml").write_text(text.replace("[reference]\n", bad + "[reference]\n", 1), "utf-8")
    (folder / "batch.csv").write_text(
        "position;serial;type\n1;S-1;single-phase-1\n2;S-2;single-phase-1\n", "utf-8-sig"
    )
    assert bench("plan", "new", "--types", TYPES, "--meters", "batch.csv", "-o", "plan.toml").exit_code == 0
    plan = (folder / "plan.toml").read_text(encoding="utf-8")
    quick = (
        plan[: plan.index("tests = ")] + 'tests = ["basic_error"]\nload_points = ["Ib 1.0"]\nrepeats = 2\n'
    )
    (folder / "quick.toml").write_text(quick + plan[plan.index("\n[[meter]]") :], "utf-8")
    done = bench("run", "quick.toml", "--json")
    assert done.exit_code == 3
    found = {p["serial"]: p for p in json.loads(done.stdout)["points"]}
    assert (found["S-1"]["verdict"], found["S-2"]["verdict"]) == ("PASS", "FAIL")
    assert (found["S-1"]["rounded_pct"], found["S-2"]["rounded_pct"]) in {("0.3", "1.6"), ("0.4", "1.6")}


def test_a_run_is_gone_on_with(folder: Path) -> None:
    assert bench("plan", "new", *ONE_METER, "-o", "plan.toml").exit_code == 0
    plan = (folder / "plan.toml").read_text(encoding="utf-8")
    quick = (
        plan[: plan.index("tests = ")]
        + 'tests = ["basic_error"]\nload_points = ["Imax 1.0", "Ib 1.0"]\nrepeats_of_invalid = 0\n'
        + "minimum_time_s = 20.0\n"
        + plan[plan.index("\n[[meter]]") :]
    )
    (folder / "quick.toml").write_text(quick, "utf-8")
    sound = (folder / "bench.toml").read_text(encoding="utf-8")
    (folder / "bench.toml").write_text(sound + 'faults = ["load_trips@5#2"]\n', "utf-8")
    assert bench("run", "quick.toml").exit_code == 4
    (folder / "bench.toml").write_text(sound, "utf-8")
    done = bench("run", "quick.toml", "--resume", "run-000001", "--json")
    assert done.exit_code == 0
    first, second = json.loads(done.stdout)["points"]
    (measured, _) = json.loads(bench("show", "1", "--json").stdout)["points"]
    assert (first["verdict"], first["taken_from"]) == ("PASS", "run-000001")
    assert first["percentage_error_pct"] == measured["percentage_error_pct"] is not None
    assert (second["verdict"], second["load_point"]) == ("PASS", "Ib 1.0")
    assert second["percentage_error_pct"] is not None
    assert "run-000009 is not in this journal" in refused("run", "quick.toml", "--resume", "run-000009")
    (folder / "quick.toml").write_text(quick.replace("_s = 20.0", "_s = 21.0"), "utf-8")
    assert "plan: minimum_time_s was 20.0 and is now 21.0" in refused(
        "run", "quick.toml", "--resume", "run-000001"
    )


SHIPPED = [
    ("single-phase-1", "full-bench.toml", "jjg596-2012"),
    ("three-phase-direct-1", "full-bench.toml", "iec62053-21-2003"),
    ("three-phase-ct-0.5S", "full-bench-ct.toml", "jjg596-2012"),
    ("three-wire-ct-0.5S", "full-bench-ct.toml", "iec62053-22-2003"),
    ("single-phase-B", "full-bench.toml", "en50470-3-2006"),
    ("single-phase-B", "full-bench.toml", "jjg596-2026"),
    ("three-phase-ct-C", "full-bench-ct.toml", "oiml-r46-2012"),
]


@pytest.mark.parametrize(("type_name", "file", "rules"), SHIPPED)
def test_every_shipped_type_has_a_simulated_bench_that_decides_all_of_it(
    folder: Path, type_name: str, file: str, rules: str
) -> None:
    text = (FULL.parent / file).read_text(encoding="utf-8")
    (folder / "bench.toml").write_text(text.replace("../../var/", "state/"), encoding="utf-8")
    one = ("--types", TYPES, "--type", type_name, "--serial", "S-1", "--rules", rules)
    assert bench("plan", "new", *one, "-o", "plan.toml").exit_code == 0
    checked = bench("plan", "check", "plan.toml", "--json")
    assert (checked.exit_code, json.loads(checked.stdout)["decides_all"]) == (0, True)


def test_every_shipped_type_is_among_them() -> None:
    assert {type_name for type_name, _, _ in SHIPPED} == set(load_meter_types(Path(TYPES)))


def test_a_transformer_operated_meter_of_the_shipped_types_passes_on_its_bench(folder: Path) -> None:
    text = (FULL.parent / "full-bench-ct.toml").read_text(encoding="utf-8")
    (folder / "bench.toml").write_text(text.replace("../../var/full-ct", "state"), encoding="utf-8")
    one = ("--types", TYPES, "--type", "three-phase-ct-0.5S", "--serial", "S-1")
    assert bench("plan", "new", *one, "-o", "plan.toml").exit_code == 0
    lines = (folder / "plan.toml").read_text(encoding="utf-8")
    start, end = lines.index("tests = "), lines.index("# runs at each load point")
    few = 'tests = ["starting", "basic_error"]\nload_points = ["Imax 1.0", "0.01In 1.0", "0.1In 0.5L C"]\n'
    (folder / "few.toml").write_text(lines[:start] + few + lines[end:], "utf-8")
    done = bench("run", "few.toml", "--json")
    assert [p["verdict"] for p in json.loads(done.stdout)["points"]] == ["PASS"] * 4


def test_a_simulated_meter_of_another_constant_is_said_with_what_to_set(folder: Path) -> None:
    one = ("--types", TYPES, "--type", "three-phase-ct-0.5S", "--serial", "S-1")
    assert bench("plan", "new", *one, "-o", "plan.toml").exit_code == 0
    checked = bench("plan", "check", "plan.toml", "--json")
    assert checked.exit_code == 4
    points = json.loads(checked.stdout)["points"]
    why = {p["item"]: p["cannot_decide"]["1"] for p in points if p["cannot_decide"]}
    assert set(why) == {"no_load", "starting", "basic_error", "meter_constant"}
    assert "simulated_constant_imp_per_kWh = 20000" in why["basic_error"]["en"]


def test_a_reference_profile_that_does_not_exist_is_refused_by_the_check(folder: Path) -> None:
    assert bench("plan", "new", *ONE_METER, "-o", "plan.toml").exit_code == 0
    text = (folder / "bench.toml").read_text(encoding="utf-8")
    (folder / "bench.toml").write_text(
        text.replace('profile = "demo-reference"', 'profile = "demo"'), "utf-8"
    )
    assert "unknown reference profile 'demo'" in refused("plan", "check", "plan.toml")


def test_a_plan_that_was_edited_is_not_written_over(folder: Path) -> None:
    (folder / "plan.toml").write_text("mine")
    assert "is there already" in refused("plan", "new", *ONE_METER, "-o", "plan.toml")
    assert (folder / "plan.toml").read_text() == "mine"
    assert "cannot be written" in refused("plan", "new", *ONE_METER, "-o", "nowhere/plan.toml")


def test_a_plan_goes_to_stdout_where_no_file_is_named(folder: Path) -> None:
    text = bench("plan", "new", *ONE_METER).stdout
    whole = json.loads(bench("plan", "new", *ONE_METER, "--json").stdout)
    assert whole["plan"] == text
    assert whole["meters"] == [{"position": "1", "serial": "S-1"}]
    assert (whole["file"], whole["left_out"]) == (None, [])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--types", TYPES), "give --type and --serial of"),
        (("--types", TYPES, "--type", "single-phase-1", "--serial", " "), "give --serial of"),
        (("--types", TYPES, "--serial", "1"), "give --type of"),
        (("--types", TYPES, "--type", "single-phase", "--serial", "1"), "did you mean 'single-phase-"),
        (("--types", TYPES, "--meters", "b.csv", "--serial", "1"), "leave out --type"),
        ((*ONE_METER, "--position", "9"), "position '9' is not configured"),
        ((*ONE_METER, "--rules", "jjg"), "there is no rule set 'jjg'"),
        (("--types", "none.toml", "--type", "x", "--serial", "1"), "give the path of a TOML file"),
    ],
)
def test_a_mistake_on_the_command_line_is_one_line(
    folder: Path, arguments: tuple[str, ...], said: str
) -> None:
    assert said in refused("plan", "new", *arguments)


@pytest.mark.parametrize(
    ("language", "item", "cannot", "verdict"),
    [
        ("en", "clock", "clock output is not wired to this bench", "cannot be decided on this bench"),
        ("zh", "日计时误差", "时钟输出没有接到本装置", "本装置不能判定"),
    ],
)
def test_what_cannot_be_decided_is_said_in_both_languages_and_ends_with_4(
    folder: Path, language: str, item: str, cannot: str, verdict: str
) -> None:
    assert bench("plan", "new", *ONE_METER, "-o", "plan.toml").exit_code == 0
    text = (folder / "bench.toml").read_text(encoding="utf-8")
    (folder / "bench.toml").write_text(text.replace('clock_output = { driver = "sim" }\n', ""), "utf-8")
    checked = bench("plan", "check", "plan.toml", "--lang", language)
    assert checked.exit_code == 4
    for expected in (item, cannot, verdict):
        assert expected in checked.stdout.replace("\n", " ")
    assert not (folder / "state").exists(), "no device and no journal is opened"
