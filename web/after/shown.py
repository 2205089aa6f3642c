"""What the result pages are filled with: the same during the visit and by the link, but for what one may do there."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import g

from web.after.bill_words import BillWords, bill_words
from web.after.downloads import downloads_of
from web.after.result import Result, result_of
from web.after.signing import signature_rows
from web.apply.promised import promised
from web.casework import outcomes
from web.casework.consumption import CURRENCIES, MOST_KWH, MOST_PRICE, consumed
from web.casework.model import Case
from web.dates import day_text
from web.forms import Form
from web.site import Site
from web.texts import text

LEAST_KWH = Decimal("0.1")
"""Less than this in a year is no household."""


def result_shown(site: Site, case: Case) -> Result | None:
    """The result of a case; None before its test has ended."""
    kept = outcomes.latest(site.casework, case.id)
    return None if kept is None else result_of(kept, g.language)


def result_values(site: Site, case: Case, result: Result, bill_form: Form) -> dict[str, Any]:
    """What every result page shows. bill_form: consumption, price and currency as they were sent or are kept."""
    return {
        "case": case,
        "result": result,
        "bill": bill_of(result, bill_form),
        "bill_form": bill_form,
        "currencies": [(code, text(f"bill.{code}", g.language)) for code in CURRENCIES],
        "promises": promised(site.casework.promises, g.language),
        "downloads": downloads_of(site.link, case.run_ids, g.language),
        "signatures": signature_rows(site.casework, case.id, g.language),
        "tested_on": day_text(outcomes.kept_at(site.casework, case.id) or case.state_since, g.language),
    }


def bill_form_of(site: Site, case: Case, sent: dict[str, str] | None = None) -> Form:
    """The form with what the customer has said before, where nothing is sent. Nothing else is preset."""
    said = consumed(site.casework, case.id)
    if sent or said is None:
        return Form(sent)
    return Form(None, kwh=f"{said.kWh_per_year:f}", price=f"{said.price_per_kWh:f}", currency=said.currency)


def read_bill(form: Form) -> tuple[Decimal, Decimal, str] | None:
    """Consumption (kWh a year), price and currency; None where one is missing or wrong, which the form says."""
    kwh = form.number("kwh", least=LEAST_KWH, most=MOST_KWH)
    price = form.number("price", least=0, most=MOST_PRICE)
    currency = form.choice("currency", CURRENCIES)
    return (kwh, price, currency) if kwh is not None and price is not None and currency else None


def bill_of(result: Result, form: Form) -> BillWords | None:
    """The bill in words; None before anything was entered, or where something of it is wrong."""
    if not form.value("kwh") and not form.value("price"):
        return None
    read = read_bill(form)
    if read is None:
        return None
    kwh, price, currency = read
    return bill_words(result.errors, str(kwh), str(price), currency, g.language)
