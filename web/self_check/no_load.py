"""`/self-check/no-load`: nothing is switched on, and the lamp is watched for a computed time."""

from __future__ import annotations

from flask import Blueprint, g, redirect, request, url_for
from werkzeug.wrappers import Response

from calibration.household.no_load_watch import (
    RULE_SETS,
    NoLoadWatch,
    kWh_a_year,
    needed_current,
    no_load_found,
    no_load_watch,
)
from calibration.rule_files import load_rule_set
from web.access import limit_public, staff_or_nobody, uses_camera
from web.casework import self_check_photos, self_checks
from web.forms import Form
from web.self_check import course, words
from web.self_check.quantities import CONSTANT, CURRENT, VOLTAGE
from web.site import Site
from web.texts import text

PLATE = ("class", "phases", "constant", "voltage", "maximum", "minimum", "starting")
_ALONG = (course.READ, course.BEGAN, course.ENDED, course.CODE)
CARRIED = (*PLATE, *_ALONG)
"""What stands in the address of a screen."""
_USUAL = {"class": "2", "phases": "1", "voltage": "220"}
MOST_FLASHES = 100_000


def add_routes(check: Blueprint, site: Site) -> None:
    @check.route("/self-check/no-load", methods=["GET", "POST"])
    @uses_camera
    def no_load_page() -> Response | str | tuple[str, int]:
        if request.method == "POST":
            limit_public()
            return _keep(site, Form(request.form))
        form = Form(request.args, **_USUAL)
        if not form.flag(course.READ):
            return _screen("safety", form, is_staff=staff_or_nobody() is not None)
        if "constant" not in request.args:
            return _screen("plate", form)
        watch = _watch(form)
        if watch is None:
            return _screen("plate", form), 422
        now = site.now()
        began = course.instant(form, course.BEGAN, now)
        if began is None:
            return (
                course.stamped(course.BEGAN, now, ("start",))
                if form.flag("start")
                else _ready(site, form, watch)
            )
        if course.instant(form, course.ENDED, now) is None:
            if form.flag("stop"):
                return course.stamped(course.ENDED, now, ("stop",))
            return _screen("watch", form, watch=watch, **course.remaining(began, watch.duration_s, now))
        return _screen("count", form, watch=watch)


def _keep(site: Site, form: Form) -> Response | str | tuple[str, int]:
    """The flashes were counted: what that says is kept, and shown on a page of its own."""
    watch = _watch(form)
    if watch is None:
        return _screen("plate", form), 422
    now = site.now()
    began, ended = (course.instant(form, name, now) for name in (course.BEGAN, course.ENDED))
    if began is None or ended is None or ended <= began:
        return redirect(
            url_for("self_check.no_load_page", **course.carried(form, (*PLATE, course.READ, course.CODE))),
            303,
        )
    flashes = form.whole("flashes", least=0, most=MOST_FLASHES)
    if flashes is None:
        return _screen("count", form, watch=watch), 422
    # The page says: until the time is over; what comes later is not counted.
    watched_s = min((ended - began).total_seconds(), watch.duration_s)
    found = no_load_found(watch, flashes, watched_s)
    figures = {
        "flashes": str(flashes),
        "watched_s": f"{watched_s:.0f}",
        "needed_s": f"{watch.duration_s:.0f}",
        "rule_set": watch.rule_set,
        "above_W": f"{found.above_W:.3f}",
        "below_W": f"{found.below_W:.3f}",
        **{name: form.value(name)[: course.LONGEST] for name in PLATE if form.value(name)},
    }
    said = words.in_both(lambda language: words.no_load(watch, found, flashes, watched_s, language))
    code = self_checks.keep(
        site.casework, self_checks.Kind.NO_LOAD, found.outcome, figures, said, form.value(course.CODE)
    )
    return redirect(url_for("self_check.found", code=code), 303)


def _watch(form: Form) -> NoLoadWatch | None:
    """The watch for the nameplate that was typed; None where something is wrong with it, which the form says."""
    accuracy_class = form.choice("class", RULE_SETS)
    phases = form.choice("phases", ("1", "3"))
    constant = CONSTANT.read(form, "constant", least=10, most=100_000)
    voltage = VOLTAGE.read(form, "voltage", least=50, most=500)
    needed = needed_current(accuracy_class) if accuracy_class else ""
    maximum = CURRENT.read(form, "maximum", least=1, most=200, required=needed == "maximum")
    minimum = CURRENT.read(form, "minimum", least=0, most=20, required=needed == "minimum")
    starting = CURRENT.read(form, "starting", least=0, most=5, required=False)
    for name, value in (("minimum", minimum), ("starting", starting)):
        if value == 0:
            form.wrong(name, "no_quantity", example=CURRENT.example)
    if form.errors or constant is None or voltage is None:
        return None
    return no_load_watch(
        accuracy_class,
        float(constant),
        float(voltage),
        phases=int(phases),
        maximum_current_A=None if maximum is None else float(maximum),
        minimum_current_A=None if minimum is None else float(minimum),
        starting_current_A=None if starting is None else float(starting),
    )


def _ready(site: Site, form: Form, watch: NoLoadWatch) -> str:
    return _screen(
        "ready",
        form,
        photos=self_check_photos.kept(site.casework, form.value(course.CODE)),
        watch=watch,
        long_enough=words.long_enough(watch.duration_s, g.language),
        rule_set=load_rule_set(watch.rule_set).standard,
        shows=words.at_most(watch.shows_W),
        shows_kWh=words.at_most(kWh_a_year(watch.shows_W)),
        notices=words.at_most(watch.notices_W),
        notices_kWh=words.at_most(kWh_a_year(watch.notices_W)),
    )


def _screen(name: str, form: Form, **values: object) -> str:
    return course.screen(
        "no_load",
        name,
        form,
        labels={field: text(f"no_load_check.{field}", g.language) for field in (*PLATE, "flashes")},
        carried=course.carried(form, _ALONG if name in ("safety", "plate") else CARRIED),
        classes=[(one, one) for one in RULE_SETS],
        **values,
    )
