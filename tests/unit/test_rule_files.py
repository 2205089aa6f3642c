"""Reading the files of rule sets: what they must say of every row, and what is refused."""

from __future__ import annotations

import re
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import pytest

from calibration.nameplate import Connection
from calibration.rule_files import load_rule_set, read_rule_set, rule_set_names, rule_set_text
from calibration.rules import (
    Balance,
    ClockRule,
    Conditions,
    LimitRow,
    LoadPointRow,
    MeterConstantRule,
    NoLoadRule,
    Provenance,
    RemeasureRule,
    RuleSet,
    StartingRule,
)

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
    with pytest.raises(
        ValueError, match=f"no rule set 'jjg596-2013'; known are {', '.join(rule_set_names())}$"
    ):
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


def source(n: int) -> str:
    return f'clause = "{n}"\nclause_provenance = "P"\nprovenance = "M"\n'


WHOLE = f"""
name = "own"
standard = "Own 1"
title = "Of our own"
edition = "2020"
quantity = "active energy"
accuracy_classes = ["1", "2"]
[verification]
items = ["warm_up", "no_load"]
{source(1)}
[rounding]
step_pct = {{ "1" = "0.1", "2" = "0.2" }}
{source(2)}
[judging]
rounded = true
{source(3)}
[measurements]
repeats = 3
{source(4)}
[remeasure]
lower = "0.7"
upper = "1.3"
more = 4
{source(5)}
[unbalance]
mpe_pct = {{ "1" = 1.5 }}
{source(6)}
[no_load]
formula = "maximum_current"
voltage_factor = "1.15"
max_pulses = 1
three_wire_elements = "2"
numerator = {{ "1" = 600, "2" = 480 }}
{source(7)}
[starting]
of = {{ direct = "Ib", ct = "In" }}
fraction = {{ direct = {{ "1" = "0.004" }}, ct = {{ "2" = "0.003" }} }}
time_factor = "1.2"
{source(8)}
[meter_constant]
parts_of_the_class = 20
{source(9)}
[clock]
limit_s_per_day = "0.5"
step_s_per_day = "0.01"
windows = 5
window_s = 60
warm_up_s = 1800
{source(10)}
[tariff_sum]
digits = 2
{source(11)}
[repeatability]
step_pct = {{ "1" = "0.02" }}
{source(12)}
[reference]
class_pct = {{ "1" = 0.2, "2" = 0.3 }}
largest_uncertainty_part = "1/5"
{source(13)}
[conditions]
temperature_C = [21, 25]
voltage_pct = 1.0
frequency_pct = 0.3
distortion_pct = 2.0
{source(14)}
[validity]
years = {{ "1" = 6, "2" = 8 }}
{source(15)}
[[limits]]
load = "balanced"
power_factors = ["0.5L to 0.8C", "1.0"]
{source(16)}
[[limits.rows]]
connections = ["direct", "ct"]
from = "0.1Ib"
up_to = "Imax"
mpe_pct = {{ "1" = 1.0, "2" = 2.0 }}
[[limits.rows]]
connection = "direct"
from = "0.05Ib"
below = "0.1Ib"
mpe_pct = {{ "1" = 1.5 }}
only_on_request = true
grows_below = "0.1Ib"
[[load_points]]
load = "one_phase"
connection = "ct"
accuracy_classes = ["2"]
current = "0.5Imax"
least_imax_over_ib = "4"
power_factors = ["1.0", "0.5L"]
{source(17)}
[[load_points]]
load = "balanced"
connection = "direct"
accuracy_classes = ["1", "2"]
current = "Ib"
power_factors = ["1.0"]
{source(18)}
"""


def said(n: int) -> Provenance:
    return Provenance(str(n), "P", "M")


READ = RuleSet(
    name="own",
    standard="Own 1",
    title="Of our own",
    edition="2020",
    quantity="active energy",
    accuracy_classes=("1", "2"),
    limits=(
        *(
            LimitRow(
                Balance.BALANCED, connection, "0.1Ib", "Imax", True, ("0.5L to 0.8C", "1.0"),
                {"1": 1.0, "2": 2.0}, False, said(16),
            )
            for connection in (Connection.DIRECT, Connection.CT)
        ),
        LimitRow(
            Balance.BALANCED, Connection.DIRECT, "0.05Ib", "0.1Ib", False, ("0.5L to 0.8C", "1.0"),
            {"1": 1.5}, True, said(16), grows_below="0.1Ib",
        ),
    ),
    load_point_rows=(
        LoadPointRow(
            Balance.ONE_PHASE, Connection.CT, ("2",), "0.5Imax", Decimal(4), ("1.0", "0.5L"), said(17)
        ),
        LoadPointRow(Balance.BALANCED, Connection.DIRECT, ("1", "2"), "Ib", Decimal(0), ("1.0",), said(18)),
    ),
    sha256=sha256(WHOLE.encode()).hexdigest(),
    items=("warm_up", "no_load"),
    repeats=3,
    judges_rounded=True,
    remeasure=RemeasureRule(Decimal("0.7"), Decimal("1.3"), 4, said(5)),
    no_load=NoLoadRule("maximum_current", Decimal("1.15"), 1, 2.0, {"1": 600.0, "2": 480.0}, said(7)),
    starting=StartingRule(
        {Connection.DIRECT: "Ib", Connection.CT: "In"},
        {Connection.DIRECT: {"1": Decimal("0.004")}, Connection.CT: {"2": Decimal("0.003")}},
        Decimal("1.2"),
        said(8),
    ),
    meter_constant=MeterConstantRule(20, said(9)),
    clock=ClockRule(Decimal("0.5"), Decimal("0.01"), 5, 60.0, 1800.0, said(10)),
    conditions=Conditions((21.0, 25.0), said(14), 1.0, 0.3, 2.0),
    tariff_sum_digits=2,
    largest_uncertainty_part=0.2,
    rounding_steps_pct={"1": Decimal("0.1"), "2": Decimal("0.2")},
    repeatability_steps_pct={"1": Decimal("0.02")},
    unbalance_limits_pct={"1": 1.5},
    reference_classes_pct={"1": 0.2, "2": 0.3},
    validity_years={"1": 6, "2": 8},
    sources={
        "verification": said(1), "rounding": said(2), "judging": said(3), "measurements": said(4),
        "remeasure": said(5), "unbalance": said(6), "no_load": said(7), "starting": said(8),
        "meter_constant": said(9), "clock": said(10), "tariff_sum": said(11), "repeatability": said(12),
        "reference": said(13), "conditions": said(14), "validity": said(15),
    },
)  # fmt: skip


def test_everything_a_file_says_is_read_as_it_is_written() -> None:
    read = read_rule_set(WHOLE.encode(), "own")
    assert read == READ
    # Equal figures of another type would print, round or combine otherwise.
    assert repr(read) == repr(READ)


def without(*tables: str) -> str:
    """The whole file without some of its tables."""
    parts = re.split(r"(?m)^(?=\[)", WHOLE)
    return "".join(part for part in parts if not part.startswith(tuple(f"[{name}]" for name in tables)))


def test_what_a_file_does_not_say_is_none_and_nothing_of_ours() -> None:
    tables = tuple(READ.sources)
    bare = read_rule_set(without(*tables).encode(), "own")
    asked = (
        bare.remeasure, bare.no_load, bare.starting, bare.meter_constant, bare.clock, bare.conditions,
        bare.tariff_sum_digits, bare.largest_uncertainty_part,
    )  # fmt: skip
    assert set(asked) == {None}
    figures = (
        bare.rounding_steps_pct, bare.repeatability_steps_pct, bare.unbalance_limits_pct,
        bare.reference_classes_pct, bare.validity_years, bare.sources,
    )  # fmt: skip
    assert all(figure == {} for figure in figures)
    assert (bare.items, bare.repeats, bare.judges_rounded) == ((), 1, False)
    few = read_rule_set(
        without("judging").replace('numerator = { "1" = 600, "2" = 480 }', "").encode(), "own"
    )
    assert few.judges_rounded is False
    assert few.no_load is not None
    assert few.no_load.numerator == {}
    assert few.rounding_steps_pct == READ.rounding_steps_pct


def test_rounded_errors_are_judged_only_where_something_is_rounded() -> None:
    assert read_rule_set(without("rounding").encode(), "own").judges_rounded is False


def test_older_records_say_items_beside_the_tables_and_judging_with_the_rounding() -> None:
    text = 'items = ["clock"]\n' + without("verification", "judging").replace(
        "[rounding]\n", "[rounding]\njudges_rounded = true\n"
    )
    read = read_rule_set(text.encode(), "own")
    assert (read.items, read.judges_rounded) == (("clock",), True)
    assert {"verification", "judging"}.isdisjoint(read.sources)


@pytest.mark.parametrize("table", READ.sources)
def test_each_table_must_have_its_keys_and_no_others_and_is_named(table: str) -> None:
    keys = re.search(rf"(?ms)^\[{table}\]\n(.*?)^clause = ", WHOLE)
    assert keys is not None
    first = keys[1].split(" = ")[0]
    for old, new, wrong in (
        (f"[{table}]\n{first} =", f"[{table}]\nodd =", f"no {first}; unknown odd$"),
        (f"[{table}]\n", f"[{table}]\nodd = 1\n", "unknown odd$"),
    ):
        with pytest.raises(ValueError, match=rf"^mine: {table}: {wrong}"):
            read_rule_set(WHOLE.replace(old, new, 1).encode(), "mine")


@pytest.mark.parametrize(
    ("old", "new", "wrong"),
    [
        ('name = "own"\n', "", r"^mine: no name$"),
        ('name = "own"\n', 'name = "own"\nodd = 1\nodder = 2\n', r"^mine: unknown odd, odder$"),
        ('step_pct = { "1" = "0.1", "2"', 'step_pct = { "1" = "0.1", "3"', r"^mine: rounding: class 3 is none of"),
        ('numerator = { "1"', 'numerator = { "7"', r"^mine: no_load: class 7 is none of accuracy_classes; correct"),
        ('ct = { "2"', 'ct = { "6"', r"^mine: starting: class 6 is none"),
        ('direct = "Ib"', 'wired = "Ib"', r"'wired' is not a valid Connection"),
        ('formula = "max', 'formula = "', r"^mine: no_load: formula is one of maximum_current, starting_current"),
        ('elements = "2"', 'elements = "3"', r"^mine: no_load: three_wire_elements is one of sqrt3, 2$"),
        ('_provenance = "P"', '_provenance = "X"', r"^mine: verification: clause_provenance is one of .*, not 'X'$"),
        ('from = "0.05Ib"', 'from = "0.05Iz"', r"0.05Iz"),
        ('below = "0.1Ib"', 'below = "0.1Iz"', r"0.1Iz"),
        ('below = "0.1Ib"', "", r"^mine: limit 2: give its upper end either as up_to or as below$"),
        ('from = "0.05Ib"\n', "", r"^mine: limit 2: no from$"),
        ('mpe_pct = { "1" = 1.5 }\nonly', 'mpe_pct = { "5" = 1.5 }\nonly', r"^mine: limit 2: class 5 is none"),
        ('current = "Ib"', 'current = "Iz"', r"Iz"),
        ('current = "Ib"\n', "", r"^mine: load point 2: no current$"),
        ('["1", "2"]\ncurrent', '["1", "4", "5"]\ncurrent', r"^mine: load point 2: class 4, 5 is none of"),
        ('power_factors = ["1.0", "0.5L"]', 'power_factors = ["1.0", "0.5L to 1.0"]', r"'0.5L to 1.0'"),
        ('"0.5L to 0.8C"', '"0.5L to 0.8X"', r"'0.8X'"),
        ('largest_uncertainty_part = "1/5"', "largest_uncertainty_part = []", r"^mine: a rule cannot be read \("),
        ("[clock]", "[clock", r"^mine: this is no TOML: "),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_row(old: str, new: str, wrong: str) -> None:
    assert old in WHOLE
    with pytest.raises(ValueError, match=wrong):
        read_rule_set(WHOLE.replace(old, new, 1).encode(), "mine")


def test_every_shipped_rule_set_is_listed_for_those_who_look_for_their_standard() -> None:
    page = (Path(__file__).parents[2] / "docs" / "rule-sets.md").read_text("utf-8")
    for name in rule_set_names():
        assert f"| `{name}` |" in page
