"""The rule sets against worked cases, and JJG 596-2012 row by row against the data it was made from."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from calibration.load_points import ANY_METER, is_power_factor_of, parse_load_point, split_power_factor
from calibration.nameplate import Connection, Quantity, Wiring
from calibration.rule_files import load_rule_set, rule_set_names
from calibration.rules import OUR_UNCERTAINTY_PART, Balance, LimitRow, Provenance, ReferenceBound, RuleSet
from tests.unit.nameplates import meter
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


STANDARDS = {
    "JJG 596-2012": "jjg596-2012", "JJG 596-2026 (program)": "jjg596-2026", "R46": "oiml-r46-2012",
}  # fmt: skip


@pytest.mark.parametrize(("worked", "expected"), items("C21"))
def test_limits_agree_with_the_worked_cases(worked: dict[str, Any], expected: dict[str, Any]) -> None:
    rules = load_rule_set(STANDARDS[worked["std"]])
    current = worked["I"].replace("*", "")
    connections = Connection if worked["conn"] == "any" else (CONNECTIONS[worked["conn"]],)
    for connection in connections:
        limit = rules.limit(worked["cls"], connection, BALANCES[worked["load"]], current, worked["pf"])
        assert limit is not None
        assert limit.mpe_pct == expected["limit"]


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


@pytest.mark.shared
def test_factors_equal_their_source(rules: RuleSet, shared: dict[str, Any]) -> None:
    assert rules.no_load is not None
    assert rules.starting is not None
    assert rules.no_load.numerator == shared["creep_N"]
    assert rules.unbalance_limits_pct == shared["jjg596_2012_active"]["unbal_minus_bal_at_Ib_pf1"]
    for connection in Connection:
        ours = {k: float(v) for k, v in rules.starting.fraction[connection].items()}
        source = shared["start_frac"][connection.value]
        assert ours == {k: v for k, v in source.items() if not k.startswith("Q")}  # reactive energy


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


@pytest.mark.parametrize("name", rule_set_names())
def test_every_load_point_to_run_has_a_limit(name: str) -> None:
    rules = load_rule_set(name)
    for accuracy_class in rules.accuracy_classes:
        for connection in Connection:
            for balance in Balance:
                for load_point in rules.load_points(accuracy_class, connection, balance, Decimal(12)):
                    current, power_factor = load_point.split()
                    limit = rules.limit(accuracy_class, connection, balance, current, power_factor)
                    assert limit is not None, f"{accuracy_class} {connection} {balance} {load_point}"


CURRENTS = {
    **ANY_METER,
    "Imax": Decimal(12),
    "Itr": Decimal("0.1"),
    "Imin": Decimal("0.05"),
    "Ist": Decimal("0.004"),
}
POWER_FACTORS = ("1.0", "0.9L", "0.8L", "0.5L", "0.25L", "0.9C", "0.8C", "0.5C")
LOADS = [Decimal(c) for c in ("0.004", "0.01", "0.02", "0.05", "0.07", "0.1", "0.2", "0.5", "1", "3", "12")]


@pytest.mark.parametrize("name", rule_set_names())
def test_no_two_rows_speak_for_the_same_load(name: str) -> None:
    rules = load_rule_set(name)
    for balance in Balance:
        for connection in Connection:
            for current in LOADS:
                claims = [
                    (accuracy_class, power_factor)
                    for row in rules.limits
                    if (row.balance, row.connection) == (balance, connection)
                    and row.covers(current, CURRENTS)
                    for accuracy_class in row.mpe_pct
                    for power_factor in POWER_FACTORS
                    if any(
                        is_power_factor_of(p, *split_power_factor(power_factor)) for p in row.power_factors
                    )
                ]
                assert len(claims) == len(set(claims))


@pytest.mark.parametrize("name", rule_set_names())
def test_a_smaller_current_is_never_held_to_a_tighter_limit(name: str) -> None:
    rules = load_rule_set(name)
    for accuracy_class in rules.accuracy_classes:
        for connection in Connection:
            for balance in Balance:
                found = [
                    rules.limit(accuracy_class, connection, balance, f"{current}Ib", "1.0", CURRENTS)
                    for current in LOADS
                ]
                limits = [limit.mpe_pct for limit in found if limit is not None]
                assert limits == sorted(limits, reverse=True)


@pytest.mark.parametrize("name", rule_set_names())
def test_a_test_that_is_asked_has_its_rule(name: str) -> None:
    rules = load_rule_set(name)
    assert ("no_load" in rules.items) == (rules.no_load is not None)
    assert ("starting" in rules.items) == (rules.starting is not None)
    assert ("basic_error" in rules.items) == bool(rules.limits) == bool(rules.load_point_rows)
    assert ("clock" in rules.items) == (rules.clock is not None)
    if rules.no_load is not None and rules.no_load.formula == "maximum_current":
        assert set(rules.no_load.numerator) == set(rules.accuracy_classes)
    if rules.rounding_steps_pct:
        assert set(rules.rounding_steps_pct) == set(rules.accuracy_classes)


def test_what_a_standard_does_not_ask_is_none() -> None:
    rules = load_rule_set("iec62052-11-2020")
    asked = (
        rules.rounding_step_pct("1"), rules.unbalance_limit_pct("1"), rules.reference_bound("1"), rules.clock,
        rules.repeatability_step_pct("1"), rules.conditions, rules.remeasure, rules.tariff_sum_digits,
        rules.largest_uncertainty_part, rules.starting, rules.meter_constant,
    )  # fmt: skip
    assert set(asked) == {None}
    assert (rules.repeats, rules.judges_rounded) == (1, False)
    assert rules.limit("1", Connection.DIRECT, Balance.BALANCED, "Ib", "1.0") is None


def test_jjg_596_2012_asks_what_is_written_of_it(rules: RuleSet) -> None:
    assert rules.clock is not None
    assert (rules.clock.limit_s_per_day, rules.clock.step_s_per_day) == (Decimal("0.5"), Decimal("0.01"))
    assert (rules.clock.windows, rules.clock.window_s, rules.clock.warm_up_s) == (5, 60.0, 3600.0)
    assert (rules.repeats, rules.judges_rounded, rules.tariff_sum_digits) == (2, True, 2)
    bounds = [rules.reference_bound(c) for c in rules.accuracy_classes]
    assert [b and b.class_pct for b in bounds] == [0.05, 0.1, 0.2, 0.3]
    assert all(b and b.uncertainty_part == pytest.approx(1 / 3) and not b.is_ours for b in bounds)
    assert [rules.validity_years[c] for c in rules.accuracy_classes] == [6, 6, 8, 8]
    assert rules.conditions is not None
    assert (rules.conditions.voltage_pct, rules.conditions.frequency_pct) == (1.0, 0.3)
    assert rules.sources["judging"].provenance == rules.sources["verification"].provenance == "M"
    assert rules.sources["rounding"].provenance == "P"
    steps = [(rules.rounding_step_pct(c), rules.repeatability_step_pct(c)) for c in rules.accuracy_classes]
    assert all(rounding is not None and s == rounding / 5 for rounding, s in steps)


@pytest.mark.parametrize(
    ("name", "accuracy_class", "class_pct"),
    [
        ("iec62053-21-2003", "1", 0.25), ("iec62053-21-2003", "2", 0.5),
        ("iec62053-22-2003", "0.2S", 0.05), ("iec62053-22-2003", "0.5S", 0.125),
        ("en50470-3-2006", "A", 0.5), ("en50470-3-2006", "C", 0.125),
        ("oiml-r46-2012", "B", 0.25), ("oiml-r46-2012", "D", 0.05),
        ("jjg596-2026", "A", 0.5), ("jjg596-2026", "E", 0.025),
    ],
)  # fmt: skip
def test_a_rule_set_that_says_nothing_of_the_reference_is_held_to_ours(
    name: str, accuracy_class: str, class_pct: float
) -> None:
    """A quarter of the strictest limit of the class, and U at most a third of a limit."""
    bound = load_rule_set(name).reference_bound(accuracy_class)
    assert bound is not None
    assert bound.is_ours
    assert (bound.class_pct, bound.wanted_uncertainty) == (pytest.approx(class_pct), 0.33)


@pytest.mark.parametrize(
    ("current", "power_factor", "limit_pct"),
    [
        ("Itr", "0.8L", 1.5), ("Itr", "0.5L", 1.5), ("10Itr", "0.9C", 1.5), ("Imin", "0.9L", 1.8),
        ("Itr", "1.0", 1.0), ("Itr", "0.49L", None), ("Itr", "0.5C", None), ("Itr", "0.79C", None),
    ],
)  # fmt: skip
def test_oiml_r46_limits_ranges_of_power_factors(
    current: str, power_factor: str, limit_pct: float | None
) -> None:
    """Class B: 0.5 inductive to 0.8 capacitive, and 1 by itself."""
    rules = load_rule_set("oiml-r46-2012")
    found = rules.limit("B", Connection.DIRECT, Balance.BALANCED, current, power_factor)
    assert (None if found is None else found.mpe_pct) == limit_pct


@pytest.mark.parametrize("name", rule_set_names())
def test_every_class_that_has_limits_has_a_bound_for_the_reference(name: str) -> None:
    rules = load_rule_set(name)
    for accuracy_class in rules.accuracy_classes:
        has_limits = rules.smallest_limit_pct(accuracy_class) is not None
        assert (rules.reference_bound(accuracy_class) is not None) == has_limits == bool(rules.limits)


@pytest.mark.parametrize(
    ("wiring", "phases"), [(Wiring.SINGLE_PHASE, ""), (Wiring.THREE_WIRE, "AC"), (Wiring.FOUR_WIRE, "ABC")]
)
def test_each_phase_of_a_polyphase_meter_is_run_alone(rules: RuleSet, wiring: Wiring, phases: str) -> None:
    tested = meter(wiring=wiring)
    found = rules.load_points_for(tested)
    balanced = rules.load_points("1", Connection.DIRECT, imax_over_ib=Decimal(12))
    one_phase = rules.load_points("1", Connection.DIRECT, Balance.ONE_PHASE, Decimal(12))
    assert found == (*balanced, *(f"{name} {phase}" for phase in phases for name in one_phase))
    for name in found:
        limit = rules.limit_at(load_point := parse_load_point(name, tested), tested)
        assert limit is not None
        assert load_point.loaded_phase == (name.split()[2] if len(name.split()) == 3 else "")


def test_one_phase_loaded_has_the_limit_of_one_phase(rules: RuleSet) -> None:
    tested = meter(wiring=Wiring.FOUR_WIRE)
    limits = [rules.limit_at(parse_load_point(name, tested), tested) for name in ("Ib 1.0", "Ib 1.0 B")]
    assert [limit.mpe_pct for limit in limits if limit is not None] == [1.0, 2.0]


def test_a_load_point_at_a_current_that_the_nameplate_does_not_state_is_not_left_out() -> None:
    rules = load_rule_set("oiml-r46-2012")
    with pytest.raises(ValueError, match=r"Imin: the nameplate has no Imin"):
        rules.load_points_for(meter(accuracy_class="B", transitional_current_A=0.5))
    stated = meter(accuracy_class="B", transitional_current_A=0.5, minimum_current_A=0.25)
    assert "Imin 1.0" in rules.load_points_for(stated)


@pytest.mark.parametrize(
    ("current_A", "mpe_pct"),
    [(60.0, 1.0), (0.5, 1.0), (0.49, 1.5), (0.25, 1.5), (0.125, 3.0), (0.02, 18.75), (0.019, None)],
)
def test_the_currents_of_a_nameplate_decide_its_limits(current_A: float, mpe_pct: float | None) -> None:
    # 0.25-0.5(60) A, Ist 0.02 A, class B of OIML R 46: 1.5 Imin/I below Imin
    tested = meter(
        accuracy_class="B", transitional_current_A=0.5, minimum_current_A=0.25, starting_current_A=0.02
    )
    name = f"{Decimal(str(current_A)) / 5}Ib 1.0"
    limit = load_rule_set("oiml-r46-2012").limit_at(parse_load_point(name, tested), tested)
    assert (None if limit is None else limit.mpe_pct) == mpe_pct


@pytest.mark.parametrize(
    ("name", "accuracy_class", "current", "said"),
    [
        (
            "oiml-r46-2012",
            "B",
            "0.05Ib",
            r"^0\.05Ib: oiml-r46-2012 has its limits by Imax, Imin, Ist, Itr; give .* one of them$",
        ),
        (
            "jjg596-2012",
            "1",
            "Itr",
            r"^Itr: jjg596-2012 has its limits by Ib, Imax, In; give .* one of them$",
        ),
        ("jjg596-2012", "1", "2Imax", "^2Imax is outside 0 to Imax$"),
        ("jjg596-2012", "1", "0Imax", "^0Imax is outside 0 to Imax$"),
    ],
)
def test_without_a_meter_a_current_that_cannot_be_compared_is_refused(
    name: str, accuracy_class: str, current: str, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        load_rule_set(name).limit(accuracy_class, Connection.DIRECT, Balance.BALANCED, current, "1.0")


def test_without_a_meter_a_part_of_a_rated_current_lies_above_the_next_lower_one() -> None:
    rules = load_rule_set("oiml-r46-2012")
    names = ("0.5Imax", "10Itr", "Itr", "0.05Itr", "2Imin", "Imin", "0.1Imin")
    found = [rules.limit("A", Connection.CT, Balance.BALANCED, name, "1.0") for name in names]
    assert [limit.mpe_pct for limit in found if limit is not None] == [2.0, 2.0, 2.0, 2.5, 2.5, 2.5, 25.0]


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


def test_an_unknown_class_lists_the_known_ones(rules: RuleSet) -> None:
    with pytest.raises(
        ValueError, match=r"^jjg596-2012 knows no accuracy class '0.5'; it knows 0.2S, 0.5S, 1, 2$"
    ):
        rules.load_points("0.5", Connection.CT)
    asked: list[Callable[[str], object]] = [
        rules.rounding_step_pct,
        rules.judged_step_pct,
        rules.unbalance_limit_pct,
        lambda accuracy_class: rules.limit(accuracy_class, Connection.DIRECT, Balance.BALANCED, "Ib", "1.0"),
    ]
    for ask in asked:
        with pytest.raises(ValueError, match=r"^jjg596-2012 knows no accuracy class '3'"):
            ask("3")


def test_figures_by_class_are_those_of_the_class(rules: RuleSet) -> None:
    """JJG 596-2012: steps of rounding and of a standard deviation, the difference of one phase from balanced."""
    assert [rules.rounding_step_pct(c) for c in ("0.2S", "1", "2")] == [
        Decimal(s) for s in ("0.02", "0.1", "0.2")
    ]
    assert [rules.judged_step_pct(c) for c in ("0.2S", "1", "2")] == [
        Decimal(s) for s in ("0.02", "0.1", "0.2")
    ]
    assert replace(rules, judges_rounded=False).judged_step_pct("1") is None
    assert [rules.unbalance_limit_pct(c) for c in ("1", "2")] == [1.5, 2.5]
    assert [rules.smallest_limit_pct(c) for c in ("0.2S", "1", "2")] == [0.2, 1.0, 2.0]
    assert rules.smallest_limit_pct("9") is None


@pytest.mark.parametrize(
    ("mean", "wanted"), [("0.79", False), ("0.8", True), ("-1.2", True), ("1.21", False)]
)
def test_the_ends_of_the_band_near_a_limit_are_measured_again(
    rules: RuleSet, mean: str, wanted: bool
) -> None:
    assert rules.remeasure is not None
    assert rules.remeasure.wants_more(Decimal(mean), Decimal(1)) is wanted
    assert rules.remeasure.wants_more(2 * Decimal(mean), Decimal(2)) is wanted


def test_a_rule_set_judges_the_energy_that_it_is_about(rules: RuleSet) -> None:
    assert rules.judges(meter())
    assert not rules.judges(meter(quantity=Quantity.REACTIVE))
    assert replace(rules, quantity="reactive energy").judges(meter(quantity=Quantity.REACTIVE))


def test_a_bound_of_its_own_goes_before_ours_and_needs_both_its_figures(rules: RuleSet) -> None:
    own = rules.reference_bound("1")
    assert own == ReferenceBound(0.2, pytest.approx(1 / 3), is_ours=False)
    ours = ReferenceBound(0.25, OUR_UNCERTAINTY_PART, is_ours=True)
    assert replace(rules, largest_uncertainty_part=None).reference_bound("1") == ours
    assert replace(rules, reference_classes_pct={}).reference_bound("1") == ours


def test_without_imax_the_points_that_depend_on_it_are_left_out(rules: RuleSet) -> None:
    everywhere = rules.load_points("2", Connection.DIRECT)
    assert "0.5Imax 1.0" not in everywhere
    assert everywhere == rules.load_points("2", Connection.DIRECT, imax_over_ib=Decimal("3.99"))


def test_a_limit_that_grows_does_so_by_the_ratio_of_the_currents() -> None:
    """OIML R 46: b Imin/I below Imin."""
    row = LimitRow(
        Balance.BALANCED, Connection.DIRECT, "Ist", "Imin", False, ("1.0",), {"B": 1.5}, False,
        Provenance("1", "?", "?"), grows_below="Imin",
    )  # fmt: skip
    assert row.at("B", CURRENTS["Imin"], CURRENTS) == 1.5
    assert row.at("B", CURRENTS["Imin"] / 2, CURRENTS) == 3.0
    assert replace(row, grows_below=None).at("B", CURRENTS["Imin"] / 2, CURRENTS) == 1.5


def test_a_range_holds_its_lower_end_and_its_upper_end_only_where_it_says_so() -> None:
    row = LimitRow(
        Balance.BALANCED,
        Connection.DIRECT,
        "0.1Ib",
        "Imax",
        True,
        ("1.0",),
        {"1": 1.0},
        False,
        Provenance("1", "?", "?"),
    )
    ends = [Decimal(c) for c in ("0.0999", "0.1", "12", "12.001")]
    assert [row.covers(current, RATIO_12) for current in ends] == [False, True, True, False]
    assert [replace(row, includes_upper=False).covers(c, RATIO_12) for c in ends] == [
        False,
        True,
        False,
        False,
    ]
    unknown = {name: value for name, value in RATIO_12.items() if name != "Imax"}
    assert not row.covers(Decimal(1), unknown)
    assert not replace(row, lower="Imax", upper="Ib").covers(Decimal(1), unknown)


@pytest.mark.parametrize(("connection", "other"), [(Connection.DIRECT, "In"), (Connection.CT, "Ib")])
def test_basic_and_rated_current_are_one_thing_by_two_names(
    rules: RuleSet, connection: Connection, other: str
) -> None:
    """JJG 596-2012 writes Ib for direct connection and In for transformers; a limit is found by either."""
    rows = tuple(row for row in rules.limits if row.connection is connection)
    own = "Ib" if other == "In" else "In"
    assert not any(other in end for row in rows for end in (row.lower, row.upper))
    found = [
        replace(rules, limits=rows).limit("1", connection, Balance.BALANCED, f"0.5{name}", "1.0")
        for name in (own, other)
    ]
    assert found[0] is not None
    assert found[0] == found[1]


def test_a_point_that_depends_on_imax_at_all_is_left_out_where_imax_is_not_known(rules: RuleSet) -> None:
    rows = (replace(rules.load_point_rows[0], least_imax_over_ib=Decimal(1)),)
    accuracy_class = rows[0].accuracy_classes[0]
    one = replace(rules, load_point_rows=rows)
    assert one.load_points(accuracy_class, rows[0].connection, rows[0].balance) == ()
    assert one.load_points(accuracy_class, rows[0].connection, rows[0].balance, Decimal(1)) != ()
