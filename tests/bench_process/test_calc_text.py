"""What `bench calc` says on a terminal: in both languages, and as its help shows it."""

from __future__ import annotations

import shlex

import pytest
from click.testing import CliRunner

from bench.calc import calc as command
from bench.calc.examples import EXAMPLES


def said(line: str) -> str:
    done = CliRunner().invoke(command, shlex.split(line), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


@pytest.mark.parametrize("name", sorted(command.commands))
def test_the_example_of_the_help_gives_what_it_shows(name: str) -> None:
    call, shows, _ = EXAMPLES[name]
    assert f"bench calc {name} {call[:20]}" in " ".join(said(f"{name} --help").split())
    if shows:
        assert shows.removesuffix("...") in said(f"{name} --lang en {call}")
        assert said(f"--lang zh {name} {call}").isascii() is False


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("verdict --lang zh --rules jjg596-2012 --class 1 --limit 1.0 -- 1.0 1.0", "再测两次, 然后判定"),
        (
            "verdict --lang en --rules jjg596-2012 --class 1 --limit 1.0 -- 1.0 1.0",
            "two more runs, then judge",
        ),
        ("round --lang en --rules oiml-r46-2012 --class B 0.526", "the rule set asks nothing here"),
        ("round --lang zh --rules oiml-r46-2012 --class B 0.526", "规程在此没有要求"),
        ("decide --lang zh --error 2 --standard-uncertainty 0.1 --limit 1 --rule simple", "判定: 不合格"),
        (
            "load-points --lang en --rules jjg596-2012 --class 1 --connection direct",
            "--imax-over-ib was not given",
        ),
    ],
)
def test_a_terminal_is_told_in_words(line: str, expected: str) -> None:
    assert expected in said(line)


def test_a_current_of_the_other_connection_is_told() -> None:
    line = (
        "limit --lang en --rules jjg596-2012 --class 1 --connection direct --load balanced --power-factor 1.0"
    )
    assert "a direct meter has Ib" in said(f"{line} --current In")
    assert "a direct meter has Ib" not in said(f"{line} --current 0.1Ib")


def test_an_object_is_the_same_in_every_language() -> None:
    line = "decide --error 0 --standard-uncertainty 0.6 --limit 1 --rule guarded --json --lang"
    assert said(f"{line} zh") == said(f"{line} en")
