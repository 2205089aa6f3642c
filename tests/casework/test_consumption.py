"""What a customer uses and pays, as numbers within limits."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.casework.stories import Clock, planned
from web.casework import history
from web.casework.amounts import amount
from web.casework.consumption import MOST_KWH, Consumption, consumed, consumption
from web.casework.refused import Refused
from web.casework.store import Casework

PRICE = Decimal("0.5483")


def test_a_years_consumption_is_kept(cw: Casework, clock: Clock) -> None:
    case_id = planned(cw).id
    assert consumed(cw, case_id) is None
    said = consumption(cw, case_id, Decimal("2400.0"), PRICE, "CNY")
    assert said == Consumption(Decimal(2400), (), PRICE, "CNY", clock())
    assert consumed(cw, case_id) == said
    assert history.history(cw, case_id)[-1].values == {"used": "2400 kWh/a, 0.5483 CNY/kWh"}


def test_twelve_months_are_a_year(cw: Casework) -> None:
    case_id = planned(cw).id
    months = [Decimal(100 + n) for n in range(11)] + [Decimal("0.5")]
    said = consumption(cw, case_id, months, Decimal(0), "EUR")
    assert said.kWh_per_year == Decimal("1155.5")
    assert consumed(cw, case_id) == said
    assert list(said.months_kWh) == months


def test_said_again_the_last_one_counts(cw: Casework) -> None:
    case_id = planned(cw).id
    consumption(cw, case_id, [Decimal(1)] * 12, PRICE, "CNY")
    last = consumption(cw, case_id, Decimal(3000), PRICE, "USD")
    assert consumed(cw, case_id) == last
    assert last.months_kWh == ()


@pytest.mark.parametrize(
    ("used", "price", "currency", "key"),
    [
        (Decimal(0), PRICE, "CNY", "no_consumption"),
        ([Decimal(0)] * 12, PRICE, "CNY", "no_consumption"),
        (Decimal(-1), PRICE, "CNY", "no_such_amount"),
        (Decimal("NaN"), PRICE, "CNY", "no_such_amount"),
        (Decimal("Infinity"), PRICE, "CNY", "no_such_amount"),
        (Decimal("1E+999999"), PRICE, "CNY", "no_such_amount"),
        (Decimal("1E-999999"), PRICE, "CNY", "no_such_amount"),
        (Decimal(MOST_KWH + 1), PRICE, "CNY", "no_such_amount"),
        ([Decimal(MOST_KWH)] * 12, PRICE, "CNY", "no_such_amount"),
        (Decimal("0.0001"), PRICE, "CNY", "no_such_amount"),
        ([Decimal(1)] * 11, PRICE, "CNY", "twelve_months"),
        ([Decimal(1)] * 13, PRICE, "CNY", "twelve_months"),
        (Decimal(1), Decimal(-1), "CNY", "no_such_amount"),
        (Decimal(1), Decimal(10_001), "CNY", "no_such_amount"),
        (Decimal(1), PRICE, "cny", "no_such_currency"),
        (Decimal(1), PRICE, "<b>", "no_such_currency"),
    ],
)
def test_what_is_no_consumption_is_refused(
    cw: Casework, used: Decimal | list[Decimal], price: Decimal, currency: str, key: str
) -> None:
    case_id = planned(cw).id
    with pytest.raises(Refused, match=key):
        consumption(cw, case_id, used, price, currency)
    assert consumed(cw, case_id) is None


@given(st.decimals())
def test_an_amount_has_one_plain_spelling_or_is_refused(value: Decimal) -> None:
    try:
        kept = amount(value, 1000, 3, least=-1000)
    except Refused:
        return
    assert Decimal(kept) == value
    assert kept == amount(Decimal(kept), 1000, 3, least=-1000)
    assert len(kept) <= 9
    assert kept != "-0"
    assert "E" not in kept


@given(st.decimals(-1000, 1000, places=3))
def test_every_amount_within_the_limits_is_kept(value: Decimal) -> None:
    assert Decimal(amount(value, 1000, 3, least=-1000)) == value
