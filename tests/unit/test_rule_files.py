"""Reading the files of rule sets: what they must say of every row, and what is refused."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from calibration.nameplate import Connection
from calibration.rule_files import load_rule_set, read_rule_set, rule_set_names, rule_set_text
from calibration.rules import RuleSet

TOML = Path(__file__).parents[2] / "calibration/rules/jjg596-2012.toml"


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return load_rule_set("jjg596-2012")


@pytest.mark.parametrize("name", rule_set_names())
def test_every_row_names_its_clause_and_how_sure_it_is(name: str) -> None:
    rules = load_rule_set(name)
    assert rules.name == name
    rows = [row.source for row in (*rules.limits, *rules.load_point_rows)]
    for source in (*rows, *rules.sources.values()):
        assert source.clause
        assert source.provenance in set("VPM?")
        assert source.clause_provenance in set("VPM?")


def test_a_rule_set_carries_the_hash_of_its_file(rules: RuleSet) -> None:
    assert rules.sha256 == sha256(TOML.read_bytes()).hexdigest()


def test_an_unknown_rule_set_lists_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"no rule set 'jjg596-2013'; known are .*jjg596-2012"):
        load_rule_set("jjg596-2013")
    with pytest.raises(ValueError, match="no rule set"):
        load_rule_set("../rules/jjg596-2012")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('{ from = "0.05Ib"', '{ form = "0.05Ib"', r"mine: limit 1: no from; unknown form"),
        ('below = "0.1Ib"', 'up_to = "0.1Ib", below = "0.1Ib"', r"limit 1: give its upper end either"),
        ('from = "0.05Ib"', 'from = "5 A"', r"'5 A' is no current"),
        (
            'mpe_pct = { "1" = 1.5, "2"',
            'mpe_pct = { "1" = 1.5, "3"',
            r"limit 1: class 3 is none of accuracy_classes",
        ),
        ('power_factors = ["1.0"]', 'power_factors = ["1.0L"]', r"'1.0L' is no power factor"),
        ('accuracy_classes = ["2"]', 'accuracy_classes = ["3"]', r"load point 1: class 3 is none"),
        ('provenance = "P"\nrows', 'provenance = "sure"\nrows', r"limit 1: provenance is one of V, P, M"),
        ('edition = "2012"\n', "", r"no edition"),
        ('formula = "maximum_current"', 'formula = "newest"', r"no_load: formula is one of"),
        (
            'three_wire_elements = "sqrt3"',
            'three_wire_elements = "3"',
            r"no_load: three_wire_elements is one of",
        ),
        ('lower = "0.8"', 'lower = "near"', r"mine: a rule cannot be read"),
        ("[clock]", "[clocks]", r"mine: unknown clocks"),
        ("[clock]", "[clock", r"mine: this is no TOML"),
    ],
)
def test_a_file_with_a_mistake_is_refused_by_row_and_key(old: str, new: str, said: str) -> None:
    text = rule_set_text("jjg596-2012")
    assert old in text
    with pytest.raises(ValueError, match=said):
        read_rule_set(text.replace(old, new, 1).encode(), "mine")


def test_rows_share_what_their_table_says_and_may_say_it_otherwise(rules: RuleSet) -> None:
    text = rule_set_text("jjg596-2012")
    row = '{ from = "0.05Ib", '
    read = read_rule_set(text.replace(row, row + 'provenance = "?", ', 1).encode(), "mine")
    assert [r.source.provenance for r in read.limits[:2]] == ["?", "P"]
    assert read.sha256 != rules.sha256


def test_a_table_without_rows_is_one_row(rules: RuleSet) -> None:
    text = (
        'name = "own"\nstandard = "Own"\ntitle = "Own"\nedition = "1"\nquantity = "active energy"\n'
        'accuracy_classes = ["1"]\n[[limits]]\nload = "balanced"\nconnections = ["direct", "ct"]\nfrom = "0.1Ib"\n'
        'up_to = "Imax"\npower_factors = ["1.0"]\nmpe_pct = { "1" = 1.0 }\nclause = "1"\nclause_provenance = "V"\n'
        'provenance = "V"\n'
    )
    own = read_rule_set(text.encode(), "own")
    assert [row.connection for row in own.limits] == [Connection.DIRECT, Connection.CT]
