"""A household looks at its own use: the consumption analysis and the calculator. Anybody may, nothing of it is kept.

The list and what was found travel with the page; a list is kept nowhere, and its outcome only when somebody books a
verification with it (`web/casework/self_checks.py`).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from calibration.household.analysis import Analysis, NightBase, analyse, night_base
from calibration.household.appliances import EXAMPLES
from calibration.household.tiers import Tariff
from calibration.texts import LANGUAGES
from web.access import limit_public, takes
from web.casework import self_checks
from web.casework.consumption import CURRENCIES
from web.consumption.calculator import LIMITS, computed, examples
from web.consumption.csv_layouts import KINDS, MOST_BYTES, UNITS, CsvError, List, decoded, read
from web.consumption.tariff_form import EXAMPLE, FIELDS, PERIODS, TIERS, tariff_of
from web.consumption.words import kept_sentences, outcome, shown
from web.forms import Form
from web.site import Site
from web.texts import text

_LONGEST_BODY = 1_000_000
"""A file and a list that was typed, each at its limit, and the rest of the form."""
_MOST_READING = 10_000_000
_HOURS_OF_A_NIGHT = 24
BOOK, CHANGE = "book", "change"


def create_consumption_blueprint(site: Site) -> Blueprint:
    """`/self-check/consumption` and `/calculator`."""
    consumption = Blueprint("consumption", __name__, template_folder="templates")

    @consumption.route("/self-check/consumption", methods=["GET", "POST"])
    @takes(_LONGEST_BODY)
    def look() -> Response | str | tuple[str, int]:
        if request.method == "GET":
            return _form(Form(period="year", currency="CNY"))
        limit_public()
        form = Form(request.form)
        if form.value("act") == CHANGE:
            return _form(form)
        given = _list_of(form)
        tariff = tariff_of(form, required=False)
        night = _night_of(form)
        if given is None or form.errors:
            return _form(form), 422
        found = analyse(given.series, tariff, given.nights)
        if form.value("act") == BOOK:
            return redirect(url_for("apply.form", self_check=_keep(site, found, form)), 303)
        return _result(form, given, found, night, tariff)

    @consumption.route("/calculator", methods=["GET", "POST"])
    def calculator() -> str | tuple[str, int]:
        if request.method == "GET":
            return _calculator(Form(None, **EXAMPLE, used_before="0"), None)
        limit_public()
        form = Form(request.form)
        found = computed(form, g.language)
        return (_calculator(form, found), 422) if form.errors else _calculator(form, found)

    return consumption


def _list_of(form: Form) -> List | None:
    """The file where one was sent, else what was typed. What was read of a file stands in the field from then on."""
    kind, unit = form.choice("kind", KINDS, required=False), form.choice("unit", UNITS, required=False)
    try:
        typed = form.value("list")
        if (sent := request.files.get("file")) is not None and sent.filename:
            typed = decoded(sent.stream.read(MOST_BYTES + 1))
            form.show("list", typed)
        if not typed.strip():
            form.wrong("list", "no_list")
            return None
        return read(typed, kind, unit)
    except CsvError as error:
        form.wrong("list", f"list_{error.key}", **error.values)
    return None


def _night_of(form: Form) -> NightBase | None:
    """The night between two readings; None where there are none, or something is wrong with them."""
    names = ("evening", "morning")
    if not any(form.value(name).strip() for name in (*names, "hours")):
        return None
    evening, morning = (form.number(name, least=0, most=_MOST_READING) for name in names)
    hours = form.number("hours", least=1, most=_HOURS_OF_A_NIGHT)
    if evening is None or morning is None or hours is None:
        return None
    if morning < evening:
        form.wrong("morning", "morning_below")
        return None
    finest = min(int(reading.as_tuple().exponent) for reading in (evening, morning))
    return night_base(evening, morning, hours, Decimal(1).scaleb(min(0, finest)))


def _keep(site: Site, found: Analysis, form: Form) -> str:
    figures = {"rows": str(len(found.series.rows)), "energy_kWh": str(found.series.energy_kWh)}
    figures |= {f"cause_{n}": " / ".join(cause.keys) for n, cause in enumerate(found.causes[:2], start=1)}
    if found.compared is not None and found.compared.change_pct is not None:
        figures["change_pct"] = f"{found.compared.change_pct:.1f}"
    said = {language: kept_sentences(found, _currency(form), language) for language in LANGUAGES}
    return self_checks.keep(
        site.casework, self_checks.Kind.CONSUMPTION, outcome(found), figures, said, form.value("self_check")
    )


def _form(form: Form) -> str:
    return render_template("consumption/form.html", form=form, labels=_labels(), **_choices())


def _result(form: Form, given: List, found: Analysis, night: NightBase | None, tariff: Tariff | None) -> str:
    currency = _currency(form)
    kept = (
        "list",
        "kind",
        "unit",
        "period",
        "currency",
        "evening",
        "morning",
        "hours",
        "self_check",
        *FIELDS,
    )
    return render_template(
        "consumption/result.html",
        form=form,
        found=shown(given, found, night, tariff, currency, g.language),
        kept=[(name, form.value(name)) for name in kept if form.value(name)],
        labels=_labels(),
        **_choices(),
    )


def _currency(form: Form) -> str:
    return form.value("currency") or CURRENCIES[0]


def _calculator(form: Form, found: Any) -> str:
    return render_template(
        "consumption/calculator.html",
        form=form,
        found=found,
        examples=examples(EXAMPLES, g.language),
        labels=_labels() | {name: text(f"calculator.{name}", g.language) for name in LIMITS},
        limits=LIMITS,
        **_choices(),
    )


def _choices() -> dict[str, Any]:
    return {
        "kinds": [(kind, text(f"consumption.kind_{kind}", g.language)) for kind in KINDS],
        "units": [(unit, unit) for unit in UNITS],
        "periods": [(str(period), text(f"consumption.period_{period}", g.language)) for period in PERIODS],
        "currencies": [(code, code) for code in CURRENCIES],
        "tiers": range(1, TIERS + 1),
    }


def _labels() -> dict[str, str]:
    names = ("list", "kind", "unit", "period", "currency", "evening", "morning", "hours")
    tiers = {
        f"{what}_{n}": text(f"consumption.{what}", g.language, tier=n)
        for n in range(1, TIERS + 1)
        for what in ("end", "price")
    }
    return {name: text(f"consumption.{name}", g.language) for name in names} | tiers
