"""The bill against examples by hand, and against fractions, which round nothing."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration.bill import Bill, Leaning, PointError, Span, bill, measured_errors, per_year_kWh


def error(error_pct: str, U_pct: str, is_balanced: bool = True) -> PointError:
    return PointError("Ib 1.0", Decimal(error_pct), Decimal(U_pct), is_balanced)


def the_bill(errors: list[PointError], consumption_kWh: str = "2400", price: str = "0.60") -> Bill:
    made = bill(errors, consumption_kWh, price)
    assert made is not None
    return made


def test_a_fast_meter_means_paid_too_much_by_hand() -> None:
    """2,500 kWh counted at +25 %: 2,000 used, 500 too much, at 0.60 that is 300.00."""
    made = the_bill([error("25", "0")], "2500")
    assert made.used_kWh == Span(Decimal(2000), Decimal(2000), Decimal(2000))
    assert made.too_much_kWh.middle == 500
    assert made.too_much_money.middle == 300
    assert made.cost == 1500
    assert made.leaning is Leaning.TOO_MUCH


def test_a_slow_meter_means_paid_too_little_by_hand() -> None:
    """1,600 kWh counted at -20 %: 2,000 used, 400 too little, at 0.50 that is 200."""
    made = the_bill([error("-20", "0")], "1600", "0.50")
    assert made.too_much_kWh.middle == -400
    assert made.too_much_money.middle == -200
    assert made.leaning is Leaning.TOO_LITTLE


def test_the_difference_is_not_the_error_times_the_consumption() -> None:
    """At +1 % of 2,400 kWh it is 2400/101 = 23.762..., and not 24."""
    made = the_bill([error("1", "0")])
    assert made.too_much_kWh.rounded().middle == Decimal("23.76")


def test_the_ends_are_those_of_all_load_points_with_their_uncertainty() -> None:
    """-0.3 comes from one point, +1.4 from another; one phase alone is no part of the mean."""
    made = the_bill([error("0.2", "0.1"), error("-0.1", "0.2"), error("1.3", "0.1", is_balanced=False)])
    assert (made.error_pct.low, made.error_pct.high) == (Decimal("-0.3"), Decimal("1.4"))
    assert made.error_pct.middle == Decimal("0.05")
    assert made.leaning is Leaning.OPEN
    assert made.too_much_kWh.low < 0 < made.too_much_kWh.high


def test_an_error_within_its_uncertainty_leaves_the_sign_open() -> None:
    made = the_bill([error("0.03", "0.05")])
    assert made.leaning is Leaning.OPEN
    assert the_bill([error("0.06", "0.05")]).leaning is Leaning.TOO_MUCH
    assert the_bill([error("0", "0")]).leaning is Leaning.OPEN


def test_without_a_balanced_load_point_there_is_no_middle() -> None:
    made = the_bill([error("0.4", "0.1", is_balanced=False)])
    assert (made.error_pct.middle, made.too_much_money.middle) == (None, None)
    assert made.too_much_money.rounded().middle is None


def test_without_an_error_there_is_no_bill() -> None:
    assert bill([], "2400", "0.6") is None


@pytest.mark.parametrize(
    ("consumption", "price"),
    [("0", "0.6"), ("-1", "0.6"), ("2400", "-0.1"), ("NaN", "0.6"), ("2400", "Infinity")],
)
def test_nonsense_is_refused(consumption: str, price: str) -> None:
    with pytest.raises(ValueError, match="needs a consumption"):
        bill([error("1", "0.1")], consumption, price)


def test_an_error_that_leaves_no_energy_is_refused() -> None:
    with pytest.raises(ValueError, match="leaves no energy"):
        bill([error("-99", "1")], "2400", "0.6")


def thousandths(low: int, high: int) -> st.SearchStrategy[Decimal]:
    return st.integers(low, high).map(lambda number: Decimal(number).scaleb(-3))


POINTS = st.lists(
    st.builds(
        PointError, st.just("Ib 1.0"), thousandths(-20_000, 20_000), thousandths(0, 2_000), st.booleans()
    ),
    min_size=1,
    max_size=12,
)


@given(POINTS, thousandths(1, 100_000_000), thousandths(0, 10_000))
def test_it_agrees_with_fractions(errors: list[PointError], consumption: Decimal, price: Decimal) -> None:
    made = bill(errors, consumption, price)
    assert made is not None
    W, p = Fraction(consumption), Fraction(price)

    def money(error_pct: Fraction) -> Fraction:
        return p * W * error_pct / (100 + error_pct)

    low = min(Fraction(e.error_pct) - Fraction(e.expanded_uncertainty_pct) for e in errors)
    high = max(Fraction(e.error_pct) + Fraction(e.expanded_uncertainty_pct) for e in errors)
    assert abs(Fraction(made.too_much_money.low) - money(low)) < Fraction(1, 10**30)
    assert abs(Fraction(made.too_much_money.high) - money(high)) < Fraction(1, 10**30)
    balanced = [Fraction(e.error_pct) for e in errors if e.is_balanced]
    if balanced:
        assert made.too_much_money.middle is not None
        middle = money(sum(balanced, Fraction(0)) / len(balanced))
        assert abs(Fraction(made.too_much_money.middle) - middle) < Fraction(1, 10**30)


@given(POINTS, st.data())
def test_any_mix_of_the_load_points_lies_within(errors: list[PointError], data: st.DataObject) -> None:
    """Whatever part of the year's 2,400 kWh was counted at which load."""
    parts = [data.draw(st.integers(0, 100)) for _ in errors]
    if not sum(parts):
        parts[0] = 1
    counted = Fraction(2400)
    used = sum(
        (counted * part / sum(parts) / (1 + Fraction(e.error_pct) / 100))
        for part, e in zip(parts, errors, strict=True)
    )
    made = the_bill(errors)
    tiny = Fraction(1, 10**30)
    assert Fraction(made.too_much_kWh.low) - tiny <= counted - used <= Fraction(made.too_much_kWh.high) + tiny


@given(POINTS, thousandths(1, 100_000_000))
def test_what_is_printed_still_holds_what_was_computed(
    errors: list[PointError], consumption: Decimal
) -> None:
    made = bill(errors, consumption, "0.613")
    assert made is not None
    for exact in (made.error_pct, made.used_kWh, made.too_much_kWh, made.too_much_money):
        shown = exact.rounded()
        assert shown.low <= exact.low <= exact.high <= shown.high


def test_the_width_gives_the_digits() -> None:
    assert Span(Decimal("-14.26"), Decimal("52.11"), Decimal("3.5")).rounded() == Span(
        Decimal(-15), Decimal(53), Decimal(4)
    )
    assert Span(Decimal("1.2345"), Decimal("1.9876"), None).rounded() == Span(
        Decimal("1.23"), Decimal("1.99"), None
    )


def test_too_much_the_other_way_round_is_too_little() -> None:
    too_much = Span(Decimal(-20), Decimal(-5), Decimal(-7))
    assert too_much.negated() == Span(Decimal(5), Decimal(20), Decimal(7))
    assert Span(Decimal(-20), Decimal(5), None).negated() == Span(Decimal(-5), Decimal(20), None)


STATE_POINTS = {
    "0": {"item": "no_load", "loaded_phase": None},
    "2": {"item": "basic_error", "loaded_phase": None, "direction": "import"},
    "10": {"item": "basic_error", "loaded_phase": "B", "direction": None},
    "3": {"item": "basic_error", "loaded_phase": None, "direction": "export"},
    "4": {"item": "basic_error", "loaded_phase": None, "direction": None},
    "5": {"item": "repeatability", "loaded_phase": None, "direction": None},
}


def result(verdict: str, error_pct: str | None, U_pct: str | None) -> dict[str, str | None]:
    return {
        "verdict": verdict, "load_point": "Ib 1.0", "percentage_error_pct": error_pct,
        "expanded_uncertainty_pct": U_pct,
    }  # fmt: skip


def test_what_counts_is_every_error_of_drawn_active_energy_that_has_a_number() -> None:
    results = {
        "0": result("PASS", None, None),
        "10": result("FAIL", "+1.4", "0.08"),
        "2": result("PASS", "-0.2114", "0.0743"),
        "3": result("PASS", "+9.0", "0.1"),
        "4": result("INVALID", "+5.0", "0.1"),
        "5": result("UNJUDGED", "+7.0", "0.1"),
    }
    found = measured_errors(STATE_POINTS, results, "active")
    assert [(e.error_pct, e.is_balanced) for e in found] == [
        (Decimal("-0.2114"), True),
        (Decimal("1.4"), False),
    ]
    assert measured_errors(STATE_POINTS, results, "reactive") == ()
    assert measured_errors(STATE_POINTS, {"4": result("UNJUDGED", "+0.1", "0.02")}, "active")


def test_a_consumption_of_some_days_as_that_of_a_year() -> None:
    assert per_year_kWh("60", 30) == 730
    assert per_year_kWh("0", 30) == 0
    for consumption, days in (("60", 0), ("-1", 30), ("NaN", 30)):
        with pytest.raises(ValueError, match="needs days"):
            per_year_kWh(consumption, days)
