"""What the templates of the office know beside their page's own values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import g

from web.access import the_site
from web.casework.areas import areas, meant_by, naming
from web.customer.judging import rule_sentence
from web.customer.wording import duration, item_name
from web.dates import appointment_text, day_of
from web.office import showing
from web.office.roles import ADMINISTRATORS, OFFICE
from web.texts import text

LABELS = {
    "decline_reason": "office_case.decline_reason",
    "decline_next": "office_case.decline_next",
    "appeal_why": "office_case.appeal_why",
    "withdraw_reason": "office_case.withdraw_reason",
    "handover_role": "office_case.handover_role",
    "handover_to": "office_case.handover_to",
    "handover_why": "office_case.handover_why",
    "serial": "office_plan.serial",
    "meter_type": "office_plan.meter_type",
    "accuracy_class": "office_plan.accuracy_class",
    "meter_constant_imp_per_kWh": "office_plan.constant",
    "nominal_voltage_V": "office_plan.voltage",
    "basic_current_A": "office_plan.basic_current",
    "maximum_current_A": "office_plan.maximum_current",
    "transitional_current_A": "office_plan.transitional_current",
    "minimum_current_A": "office_plan.minimum_current",
    "connection": "office_plan.connection",
    "wiring": "office_plan.wiring",
    "register_decimals": "office_plan.decimals",
    "rule_set": "office_plan.rule_set",
    "load_points": "office_plan.load_points",
    "repeats": "office_plan.repeats",
    "plan": "office_plan.text",
    "verifier": "office_plan.verifier",
    "checker": "office_plan.checker",
    "date": "office_plan.date",
    "at": "office_plan.at",
    "run": "office_certificate.run",
    "received_on": "office_certificate.received_on",
    "customer_name": "office_certificate.customer_name",
    "customer_address": "office_certificate.customer_address",
    "manufacturer": "office_certificate.manufacturer",
    "model": "office_certificate.model",
    "condition": "office_certificate.condition",
    "deviations": "office_certificate.deviations",
    "draft": "office_certificate.drafts",
    "password": "office_certificate.password",
    "refuse_reason": "checking.refuse_reason",
    "number": "office.number",
    "kind": "follow_up.kind",
    "said": "follow_up.said",
    "consumption": "follow_up.consumption",
    "sure": "apply.sure",
    "check_code": "check_attach.field",
    "trust": "apply.trust",
}
"""The label of each field, for the list of what is wrong with a form."""


def helpers() -> dict[str, Any]:
    """For `Blueprint.context_processor`."""
    staff = g.get("staff")
    return {
        "is_office": staff is not None and staff.has(*OFFICE),
        "is_administrator": staff is not None and staff.has(*ADMINISTRATORS),
        "area_shown": _area_shown,
        "labels": {name: text(key, g.language) for name, key in LABELS.items()},
        "appointment_text": appointment_text,
        "moment": showing.moment,
        "day_of": day_of,
        "person": showing.who,
        "rule_sentence": rule_sentence,
        "duration": lambda seconds, language: duration(str(seconds), language),
        "item_name": item_name,
        "act_name": showing.act_name,
        "pairs": _pairs,
        "named": _named,
        "said": _said,
    }


def _area_shown(area: str | None) -> str:
    """What an area is called in the reader's language; "" for none."""
    if "area_called" not in g:
        g.area_called = naming(areas(the_site().casework), g.language)
    return str(g.area_called(area or ""))


def area_options(of: Iterable[str | None]) -> list[tuple[str, str]]:
    """The areas of some rows for a filter, by what they are called."""
    return sorted(((area, _area_shown(area)) for area in {one for one in of if one}), key=lambda one: one[1])


def area_meant(written: str) -> str:
    """The area of an address, by any of its spellings, as rows have it."""
    with the_site().casework.reading() as database:
        return meant_by(database, written)


def _pairs(values: Iterable[str]) -> list[tuple[str, str]]:
    """Choices that are shown as they are."""
    return [(value, value) for value in values]


def _named(prefix: str, values: Iterable[str]) -> list[tuple[str, str]]:
    """Choices whose words are the texts `prefix` + value."""
    return [(value, text(f"{prefix}{value}", g.language)) for value in values]


def _said(said: Mapping[str, str] | str, language: str) -> str:
    """What the bench says in both languages, or by a name alone."""
    return said if isinstance(said, str) else said[language]
