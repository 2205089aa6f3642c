"""What a customer uses and pays: from it the page of the result says what the bill would have been."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from web.casework import history as log
from web.casework.amounts import amount
from web.casework.case_rows import case
from web.casework.history import attempt, keep_text
from web.casework.limits import require_room
from web.casework.model import CUSTOMER
from web.casework.refused import Refused
from web.casework.store import Casework

MOST_KWH = 1_000_000
"""A year: some hundred households. Whoever uses more has no meter of this bench."""
MOST_PRICE = 10_000
"""Of one kWh, in any currency."""
CURRENCIES = ("CNY", "EUR", "USD", "GBP", "HKD", "TWD", "SGD", "CHF", "JPY")
MONTHS = 12
_KWH_DECIMALS = 3
_PRICE_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class Consumption:
    """months_kWh: the last twelve, the earliest first, or empty where only the year is known.

    currency: an ISO 4217 code. price_per_kWh: in it, 0 where it is not known.
    """

    kWh_per_year: Decimal
    months_kWh: tuple[Decimal, ...]
    price_per_kWh: Decimal
    currency: str
    at: str


def consumption(
    cw: Casework,
    case_id: str,
    used_kWh: Decimal | Sequence[Decimal],
    price_per_kWh: Decimal,
    currency: str,
    by: str = CUSTOMER,
) -> Consumption:
    """used_kWh: of a year, or of each of its twelve months. Said again, the last one counts.

    Errors: Refused no_such_amount, no_consumption, twelve_months, no_such_currency, too_much_in_an_hour.
    """
    with attempt(cw, by, "consumption", case_id) as database:
        case(cw, case_id)
        require_room(cw, case_id, by)
        months, year = _months_and_year(used_kWh)
        price = amount(price_per_kWh, MOST_PRICE, _PRICE_DECIMALS)
        if currency not in CURRENCIES:
            raise Refused("no_such_currency", known=" / ".join(CURRENCIES))
        of_months = f" ({', '.join(months)})" if months else ""
        said = f"{year} kWh/a{of_months}, {price} {currency}/kWh"
        at = log.add(cw, case_id, by, "consumption", {"used": keep_text(cw, case_id, said)})
        database.execute(
            "INSERT OR REPLACE INTO consumption VALUES (?, ?, ?, ?, ?, ?)",
            (case_id, year, json.dumps(months), price, currency, at),
        )
    return Consumption(Decimal(year), tuple(map(Decimal, months)), Decimal(price), currency, at)


def consumed(cw: Casework, case_id: str) -> Consumption | None:
    """What was said last; None where nothing was, or it is forgotten."""
    with cw.reading() as database:
        row = database.execute("SELECT * FROM consumption WHERE case_id = ?", (case_id,)).fetchone()
    if row is None:
        return None
    return Consumption(
        Decimal(row["kWh_per_year"]),
        tuple(map(Decimal, json.loads(row["months"]))),
        Decimal(row["price_per_kWh"]),
        row["currency"],
        row["said_at"],
    )


def _months_and_year(used_kWh: Decimal | Sequence[Decimal]) -> tuple[list[str], str]:
    if isinstance(used_kWh, Decimal):
        months, year = [], amount(used_kWh, MOST_KWH, _KWH_DECIMALS)
    else:
        if len(used_kWh) != MONTHS:
            raise Refused("twelve_months")
        months = [amount(one, MOST_KWH, _KWH_DECIMALS) for one in used_kWh]
        year = amount(sum(map(Decimal, months), Decimal(0)), MOST_KWH, _KWH_DECIMALS)
    if Decimal(year) == 0:
        raise Refused("no_consumption")
    return months, year
