"""Wrong configurations and plans are refused in one line that says what to do."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from bench.commands.config_page import configuration_page
from bench.configuration.config import load_config, parse_config
from bench.configuration.laboratory import certificate_number
from bench.errors import OperatorError
from bench.plans.plan import parse_plan
from bench.records.frozen import to_json
from tests.bench_process.support import BENCH, METER, PLAN, real_bench

GOOD = BENCH.format(state_dir="var", simulation="")


def test_the_test_bench_is_valid() -> None:
    assert parse_config(GOOD, "bench.toml").position[0].name == "1"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            'driver = "sim"\nsimulated',
            'debounce = 3\ndriver = "sim"\nsimulated',
            "did you mean 'debounce_us'?",
        ),
        ("[load_source]", "[loadsource]", "did you mean 'load_source'?"),
        ('profile = "demo-reference"\n', "", "profile is missing"),
        ("timeout_s = 0.25", 'timeout_s = "soon"', "it must be a number"),
        ("timeout_s = 0.25", "timeout_s = 0.001", "allowed is 0.02 to 30"),
        ("timeout_s = 0.25", "timeout_s = nan", "must be a finite number"),
        ("refresh_s = 0.2", "refresh_s = 0", "allowed is 0.01 to 60"),
        ('name = "1"\ndriver = "sim"', 'name = "1"\ndriver = "gpoid"', "did you mean 'gpiod'?"),
        ('name = "1"\ndriver = "sim"', 'name = "1"\ndriver = "gpiod"', "needs line"),
        (
            'name = "1"\ndriver = "sim"',
            'name = "1"\ndriver = "gpiozero"\nline = "17"\ndebounce_us = 50',
            "only driver = 'gpiod' has debounce_us",
        ),
        ('profile = "demo', 'device_id = 0\nprofile = "demo', "allowed is 1 to 247"),
        ('driver = "simulated"', 'driver = "system"', "need clock.driver = 'simulated'"),
        ("speed = 0", "speed = 4\nservers = true", "speed 1 only"),
        ("speed = 0", "speed = 1\nservers = true", "real servers keep real time"),
        ("[[position]]", '[[position]]\nname = "1"\ndriver = "sim"\n[[position]]', "names must differ"),
        ("seed = 7", "seed = 7.5", "must be a whole number"),
        ("seed = 7", "seed =", "is not valid TOML"),
        ("[load_source]", '[laboratory]\nnumber_pattern = "{number}"\n[load_source]', "{year} and {number}"),
        ("[load_source]", '[laboratory]\nnumber_pattern = "{year}"\n[load_source]', "{year} and {number}"),
        ("[load_source]", '[laboratory]\nnumber_pattern = "a/{year}"\n[load_source]', "number_pattern is"),
        ("[load_source]", '[laboratory]\nnumber_pattern = "{year:9}"\n[load_source]', "number_pattern is"),
        (
            "[load_source]",
            f'[laboratory]\nnumber_pattern = "{"A" * 25}{{year}}-{{number}}"\n[load_source]',
            "30 bytes at most",
        ),
        ("[load_source]", '[laboratory]\nlogo_file = "logo.gif"\n[load_source]', "PNG or SVG"),
        (
            "[load_source]",
            '[[laboratory.validity]]\naccuracy_class = "1"\nyears = 8\n' * 2 + "[load_source]",
            "class 1 twice",
        ),
    ],
)
def test_a_wrong_configuration_is_refused_by_name(old: str, new: str, said: str) -> None:
    assert old in GOOD
    with pytest.raises(OperatorError) as refused:
        parse_config(GOOD.replace(old, new, 1), "bench.toml")
    message = str(refused.value)
    assert said in message
    assert message.startswith("bench.toml")
    assert "\n" not in message


def test_a_missing_file_is_an_operator_error(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="there is no such file; give --config PATH"):
        load_config(tmp_path / "nowhere.toml")


def test_a_relative_state_dir_belongs_to_the_folder_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "bench.toml"
    path.write_text(GOOD)
    assert load_config(path).state_dir == tmp_path / "var"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("minimum_time_s", "minimun_time_s", "did you mean 'minimum_time_s'?"),
        ('serial = "M-1"', 'seriel = "M-1"', "meter no. 1: unknown key 'seriel'"),
        ('position = "1"', 'position = "9"', "position '9' is not configured; known are 1"),
        ('"Imax 1.0"', '"Imax"', "load point 'Imax'"),
        ('"Imax 1.0"', '"3Imax 1.0"', "load point '3Imax 1.0'"),
        ('"Imax 1.0"', '"0.001Ib 1.0"', "states no limit for class 1"),
        ("load_points", "tests = []\nload_points", "tests is empty"),
        ("load_points", 'tests = ["starting", "creep"]\nload_points', "there is no test 'creep'"),
        ("longest_time_s = 60.0", "longest_time_s = 5.0", "below minimum_time_s"),
        ("load_points", 'rule_set = "jjg-596"\nload_points', "jjg-596"),
        ('accuracy_class = "1"', 'accuracy_class = "7"', "no accuracy class '7'"),
        ("maximum_current_A = 60.0", "maximum_current_A = 6.0", "maximum_current_A is below"),
        ("[[meter]]", '[[meter]]\nwiring = "2p"', "wiring is '2p'; allowed are '1p2w'"),
    ],
)
def test_a_wrong_plan_is_refused_by_name(old: str, new: str, said: str) -> None:
    assert old in PLAN
    with pytest.raises(OperatorError) as refused:
        parse_plan(PLAN.replace(old, new, 1), ["1"], "plan.toml")
    message = str(refused.value)
    assert said in message
    assert message.startswith("plan.toml")
    assert "\n" not in message


def test_two_meters_at_one_position_are_refused() -> None:
    with pytest.raises(OperatorError, match="two meters at position '1'"):
        parse_plan(PLAN + METER, ["1"], "plan.toml")


def test_meters_that_need_different_loads_are_refused() -> None:
    other = METER.replace('position = "1"', 'position = "2"').replace("220.0", "100.0")
    with pytest.raises(OperatorError, match="test them in separate runs"):
        parse_plan(PLAN + other, ["1", "2"], "plan.toml")


def test_every_setting_is_documented() -> None:
    page = Path(__file__).parents[2] / "docs" / "configuration.md"
    assert page.read_text("utf-8") == configuration_page(), "run python -m bench.commands.config_page"


def test_the_page_writes_types_and_defaults_as_a_file_has_them() -> None:
    rows = [line.split(" | ") for line in configuration_page().splitlines() if line.startswith("| `")]
    of = {row[0].strip("| `"): row for row in rows}
    assert of["register_decimals"][1] == "whole number"
    assert of["tests"][2] == '`["basic_error"]`'
    defaults = [row[2] for row in rows if row[2] not in ("required", "none", "empty")]
    assert len(defaults) > 50
    for default in defaults:
        tomllib.loads(f"default = {default.strip('`')}")


GPIO = 'driver = "gpiod"\nline = "GPIO17"\n'


@pytest.mark.parametrize(
    ("written", "debounce_us"),
    [
        ("", 0),
        ('output_type = "led"\n', 0),
        ('output_type = "contact"\n', 3000),
        ('output_type = "contact"\ndebounce_us = 0\n', 0),
        ('output_type = "contact"\ndebounce_us = 5000\n', 5000),
    ],
)
def test_only_a_contact_is_debounced_and_the_record_says_how_long(written: str, debounce_us: int) -> None:
    """What a run freezes is this configuration (`station.configuration`)."""
    config = parse_config(real_bench(GPIO + written), "bench.toml")
    frozen = to_json(config)["position"][0]
    assert (frozen["debounce_us"], frozen["output_type"]) == (debounce_us, config.position[0].output_type)


@pytest.mark.parametrize("output_type", ["opto", "led"])
def test_debouncing_an_output_that_does_not_bounce_is_refused_with_the_reason(output_type: str) -> None:
    text = real_bench(GPIO + f'output_type = "{output_type}"\ndebounce_us = 500\n')
    with pytest.raises(OperatorError, match="hide what disturbs the line, and delay the stamps"):
        parse_config(text, "bench.toml")


def test_files_of_the_laboratory_are_beside_its_configuration(tmp_path: Path) -> None:
    laboratory = '[laboratory]\nlogo_file = "logo.svg"\nwatch_folder = "/srv/out"\n'
    (tmp_path / "bench.toml").write_text(GOOD + laboratory, encoding="utf-8")
    read = load_config(tmp_path / "bench.toml").laboratory
    assert (read.logo_file, read.watch_folder) == (str(tmp_path / "logo.svg"), "/srv/out")


def test_how_long_a_verification_holds_is_by_class_where_the_laboratory_says_so() -> None:
    validity = (
        '[laboratory]\nyears_of_validity = 6\n[[laboratory.validity]]\naccuracy_class = "1"\nyears = 8\n'
    )
    read = parse_config(GOOD + validity, "bench.toml").laboratory
    assert (read.years_for("1"), read.years_for("0.5S")) == (8, 6)


def test_a_certificate_is_numbered_as_the_laboratory_writes_it() -> None:
    assert certificate_number("DN字第{year}-{number:05}号", "bench-1", 2026, 17) == "DN字第2026-00017号"
