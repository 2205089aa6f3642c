"""The rule set of JJG 596-2012 against worked cases and, row by row, against the data it was made from."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from calibration.load_points import ANY_METER
from calibration.nameplate import Connection, MeterUnderTest, Wiring
from calibration.rules import Balance, RuleSet, load_rule_set, parse_load_point, read_rule_set
from tests.unit.worked_cases import items

SHARED = Path(__file__).parents[3] / "shared/rules/jjg596-2012.json"
TOML = Path(__file__).parents[2] / "calibration/rules/jjg596-2012.toml"
RATIO_8, RATIO_12 = ({**ANY_METER, "Imax": Decimal(ratio)} for ratio in (8, 12))
CONNECTIONS = {"direct": Connection.DIRECT, "CT": Connection.CT}
BALANCES = {"balanced": Balance.BALANCED, "one phase loaded": Balance.ONE_PHASE}


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return load_rule_set("jjg596-2012")


@pytest.fixture(scope="module")
def shared() -> dict[str, Any]:
    tables: dict[str, Any] = json.loads(SHARED.read_text("utf-8"))["tables"]
    return tables


def meter(**changes: Any) -> MeterUnderTest:
    nameplate: dict[str, Any] = {
        "serial": "1",
        "accuracy_class": "1",
        "meter_constant_imp_per_kWh": 1200.0,
        "connection": Connection.DIRECT,
        "wiring": Wiring.SINGLE_PHASE,
        "nominal_voltage_V": 220.0,
        "basic_current_A": 5.0,
        "maximum_current_A": 60.0,
    }
    return MeterUnderTest(**(nameplate | changes))


@pytest.mark.parametrize(
    ("given_", "expected"), [case for case in items("C21") if case[0]["std"] == "JJG 596-2012"]
)
def test_limits_agree_with_the_worked_cases(
    rules: RuleSet, given_: dict[str, Any], expected: dict[str, Any]
) -> None:
    limit = rules.limit(
        given_["cls"], CONNECTIONS[given_["conn"]], BALANCES[given_["load"]], given_["I"], given_["pf"]
    )
    assert limit is not None
    assert limit.mpe_pct == expected["limit"]


@pytest.mark.parametrize(("given_", "expected"), items("C22"))
def test_power_of_a_load_point_agrees_with_the_worked_cases(
    given_: dict[str, Any], expected: dict[str, Any]
) -> None:
    wiring = {"1ph": Wiring.SINGLE_PHASE, "3P3W": Wiring.THREE_WIRE}[given_["wiring"]]
    tested = meter(wiring=wiring, nominal_voltage_V=given_["U"], basic_current_A=given_["I"])
    load_point = parse_load_point({1: "Ib 1.0", 0.5: "Ib 0.5L"}[given_["pf"]], tested)
    assert load_point.compared_power == pytest.approx(expected["P_W"], abs=5e-7)


def rows_of(shared: dict[str, Any]) -> list[tuple[Balance, Connection, dict[str, Any]]]:
    table = shared["jjg596_2012_active"]
    return [
        (balance, connection, row)
        for balance in Balance
        for connection in Connection
        for row in table[balance.value][connection.value]
    ]


@pytest.mark.shared
def test_limits_equal_their_source_row_by_row(rules: RuleSet, shared: dict[str, Any]) -> None:
    source = rows_of(shared)
    assert len(source) == len(rules.limits)
    for (balance, connection, row), ours in zip(source, rules.limits, strict=True):
        written = f"{ours.lower}<=I{'<=' if ours.includes_upper else '<'}{ours.upper}"
        assert (ours.balance, ours.connection, written) == (balance, connection, row["I"])
        assert list(ours.power_factors) == row["pf"]
        assert dict(ours.mpe_pct) == row["lim"]
        assert ours.only_on_request == row.get("optional", False)


@pytest.mark.shared
def test_looking_up_the_ends_of_every_source_row_gives_its_limit(
    rules: RuleSet, shared: dict[str, Any]
) -> None:
    for balance, connection, row in rows_of(shared):
        lower, is_inclusive, upper = re.fullmatch(r"(.+?)<=I(<=|<)(.+)", row["I"]).groups()  # type: ignore[union-attr]
        ends = [lower, upper] if is_inclusive == "<=" else [lower]
        for accuracy_class, limit in row["lim"].items():
            for current in ends:
                for power_factor in row["pf"]:
                    found = rules.limit(accuracy_class, connection, balance, current, power_factor, RATIO_8)
                    assert found is not None
                    assert found.mpe_pct == limit


@pytest.mark.shared
def test_rounding_steps_equal_their_source(rules: RuleSet, shared: dict[str, Any]) -> None:
    assert {k: float(v) for k, v in rules.rounding_steps_pct.items()} == shared["rounding_step"]


SOURCE_POINTS = [
    ("direct_bal_cl2", "2", Connection.DIRECT, Balance.BALANCED, False),
    ("direct_bal_cl2", "1", Connection.DIRECT, Balance.BALANCED, True),
    ("direct_onephase", "1", Connection.DIRECT, Balance.ONE_PHASE, False),
    ("direct_onephase", "2", Connection.DIRECT, Balance.ONE_PHASE, False),
    ("ct_bal_cl2", "2", Connection.CT, Balance.BALANCED, False),
    ("ct_bal_cl2", "1", Connection.CT, Balance.BALANCED, True),
    ("ct_bal_S", "0.2S", Connection.CT, Balance.BALANCED, False),
    ("ct_bal_S", "0.5S", Connection.CT, Balance.BALANCED, False),
    *(("ct_onephase", c, Connection.CT, Balance.ONE_PHASE, False) for c in ("0.2S", "0.5S", "1", "2")),
]


@pytest.mark.shared
@pytest.mark.parametrize(("key", "accuracy_class", "connection", "balance", "also_capacitive"), SOURCE_POINTS)
def test_load_points_equal_their_source(
    rules: RuleSet,
    shared: dict[str, Any],
    key: str,
    accuracy_class: str,
    connection: Connection,
    balance: Balance,
    also_capacitive: bool,
) -> None:
    expected = set()
    for current, power_factors in shared["test_points_2012"][key].items():
        name = current.removesuffix("(if Imax>=4Ib)")
        expected |= {f"{name} {p}" for p in power_factors}
        if also_capacitive and "0.5L" in power_factors:
            expected.add(f"{name} 0.8C")
    found = rules.load_points(accuracy_class, connection, balance, Decimal(4))
    assert len(found) == len(set(found))
    assert set(found) == expected


def test_every_load_point_to_run_has_a_limit(rules: RuleSet) -> None:
    for accuracy_class in rules.accuracy_classes:
        for connection in Connection:
            for balance in Balance:
                for name in rules.load_points(accuracy_class, connection, balance, Decimal(12)):
                    current, power_factor = name.split()
                    limit = rules.limit(accuracy_class, connection, balance, current, power_factor, RATIO_12)
                    assert limit is not None, f"{accuracy_class} {connection} {balance} {name}"


def test_no_two_rows_speak_for_the_same_load(rules: RuleSet) -> None:
    currents = [Decimal(c) for c in ("0.01", "0.02", "0.05", "0.1", "0.2", "0.5", "1", "3", "6")]
    for balance in Balance:
        for connection in Connection:
            for current in currents:
                claims = [
                    (accuracy_class, power_factor)
                    for row in rules.limits
                    if (row.balance, row.connection) == (balance, connection)
                    and row.covers(current, {**ANY_METER, "Imax": Decimal(6)})
                    for accuracy_class in row.mpe_pct
                    for power_factor in row.power_factors
                ]
                assert len(claims) == len(set(claims))


def test_half_imax_is_run_from_four_times_the_basic_current_on(rules: RuleSet) -> None:
    at_four = rules.load_points("2", Connection.DIRECT, imax_over_ib=Decimal(4))
    below = rules.load_points("2", Connection.DIRECT, imax_over_ib=Decimal("3.99"))
    assert set(at_four) - set(below) == {"0.5Imax 1.0", "0.5Imax 0.5L"}


@pytest.mark.parametrize(
    ("current", "power_factor", "mpe_pct"),
    [
        ("0.05Ib", "1.0", 1.5),
        ("0.0999Ib", "1.0", 1.5),
        ("0.1Ib", "1.0", 1.0),  # the lower end belongs to the range above it
        ("0.0499Ib", "1.0", None),
        ("0.1999Ib", "0.5L", 1.5),
        ("0.2Ib", "0.5L", 1.0),
        ("0.05Ib", "0.5L", None),
        ("12Ib", "1.0", 1.0),
        ("12.1Ib", "1.0", None),  # above Imax
        ("Imax", "1.0", 1.0),
        ("Ib", "0.25L", 3.5),
        ("2Ib", "0.25L", None),
        ("Ib", "0.7L", None),
    ],
)
def test_ranges_include_their_lower_end_and_end_where_they_say(
    rules: RuleSet, current: str, power_factor: str, mpe_pct: float | None
) -> None:
    limit = rules.limit("1", Connection.DIRECT, Balance.BALANCED, current, power_factor, RATIO_12)
    assert (None if limit is None else limit.mpe_pct) == mpe_pct


def test_a_class_without_a_limit_at_a_load_gets_none(rules: RuleSet) -> None:
    # 0.8C is asked of class 1 only, of direct connected meters.
    assert rules.limit("2", Connection.DIRECT, Balance.BALANCED, "Ib", "0.8C") is None


def test_limits_on_request_say_so(rules: RuleSet) -> None:
    limit = rules.limit("1", Connection.DIRECT, Balance.BALANCED, "Ib", "0.5C")
    assert limit is not None
    assert limit.only_on_request


def test_a_limit_of_a_meter_is_found_by_the_name_of_its_load_point(rules: RuleSet) -> None:
    tested = meter(maximum_current_A=20.0)
    limit = rules.limit_at(parse_load_point("0.1Ib 0.5L", tested), tested)
    assert limit is not None
    assert limit.mpe_pct == 1.5
    assert limit.source.provenance == "P"


def test_every_row_names_its_clause_and_how_sure_it_is(rules: RuleSet) -> None:
    for row in (*rules.limits, *rules.load_point_rows):
        assert row.source.clause
        assert row.source.provenance in "VPM?"


def test_a_rule_set_carries_the_hash_of_its_file(rules: RuleSet) -> None:
    assert rules.sha256 == sha256(TOML.read_bytes()).hexdigest()


def test_an_unknown_rule_set_lists_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"no rule set 'jjg596-2013'; known are .*jjg596-2012"):
        load_rule_set("jjg596-2013")
    with pytest.raises(ValueError, match="no rule set"):
        load_rule_set("../rules/jjg596-2012")


def test_an_unknown_class_lists_the_known_ones(rules: RuleSet) -> None:
    with pytest.raises(ValueError, match=r"no accuracy class '0.5'; it knows 0.2S, 0.5S, 1, 2"):
        rules.load_points("0.5", Connection.CT)
    with pytest.raises(ValueError, match="no accuracy class"):
        rules.rounding_step_pct("3")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('from = "0.05Ib"', 'form = "0.05Ib"', r"limit 1: no from; unknown form"),
        ('below = "0.1Ib"', 'up_to = "0.1Ib"\nbelow = "0.1Ib"', r"limit 1: give its upper end either"),
        ('from = "0.05Ib"', 'from = "5 A"', r"'5 A' is no current"),
        (
            'provenance = "P"\n\n[[limits]]',
            'provenance = "sure"\n\n[[limits]]',
            r"provenance is one of V, P, M",
        ),
        ('edition = "2012"\n', "", r"no edition"),
    ],
)
def test_a_file_with_a_mistake_is_refused_by_row_and_key(old: str, new: str, said: str) -> None:
    text = TOML.read_text("utf-8")
    assert old in text
    with pytest.raises(ValueError, match=said):
        read_rule_set(text.replace(old, new, 1).encode(), "mine")


@pytest.mark.parametrize(
    ("name", "current_A", "power_factor", "side"),
    [
        ("Ib 1.0", 5.0, 1.0, ""),
        ("0.1Ib 0.5L", 0.5, 0.5, "L"),
        ("Imax 0.8C", 60.0, 0.8, "C"),
        ("0.5Imax 0.25L", 30.0, 0.25, "L"),
        (" 0.05In  1.0 ", 0.25, 1.0, ""),
    ],
)
def test_names_of_load_points_are_understood(
    name: str, current_A: float, power_factor: float, side: str
) -> None:
    load_point = parse_load_point(name, meter())
    assert (load_point.current_A, load_point.power_factor, load_point.phase_side) == (
        current_A,
        power_factor,
        side,
    )
    assert (load_point.voltage_V, load_point.name) == (220.0, " ".join(name.split()))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Ib", "no load point"),
        ("Ib 0.5L A B", "no load point"),
        ("5A 1.0", "no current"),
        ("0.1ib 1.0", "no current"),
        ("2Imax 1.0", "outside 0 to Imax"),
        ("13Ib 1.0", "outside 0 to Imax"),
        ("0Ib 1.0", "outside 0 to Imax"),
        ("Ib 0.5", "no power factor"),
        ("Ib 1.0L", "no power factor"),
        ("Ib 0.0L", "no power factor"),
        ("Ib 1.2", "no power factor"),
    ],
)
def test_a_load_point_that_means_nothing_says_how_to_write_one(name: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_load_point(name, meter())
