"""`/self-check/known-load`: one known load is on, the register is read before and after, or the flashes are counted.

First it says what that can find, and how long it would take; then it times; then it says what was found.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from flask import Blueprint, g, redirect, request, url_for
from werkzeug.wrappers import Response

from calibration.household.known_load import (
    LONGEST_S,
    KnownLoad,
    LoadKind,
    known_load_found,
    needed_s,
    resolution,
)
from web.access import limit_public, staff_or_nobody, uses_camera
from web.casework import self_check_photos, self_checks
from web.forms import Form
from web.self_check import course, words
from web.self_check.quantities import CONSTANT, ENERGY, HOURS, PERCENT, POWER, VOLTAGE
from web.site import Site
from web.texts import text

SCREENS = {
    "load": ("kind", "power", "tolerance"),
    "mains": ("rated", "lowest", "highest"),
    "background": ("background", "background_within"),
    "reading": ("register", "constant"),
    "wish": ("asked", "hours"),
}
"""The screens before the plan, one thing each, with their fields."""
FIELDS = tuple(name for fields in SCREENS.values() for name in fields)
CARRIED = (*FIELDS, course.READ, course.BEGAN, course.ENDED, course.CODE, "first")
"""What stands in the address of a screen."""
_USUAL = {
    "kind": LoadKind.HEATING.value, "power": "200", "tolerance": "10", "rated": "220", "lowest": "209",
    "highest": "231", "background": "0", "background_within": "2", "register": "0.01", "asked": "30", "hours": "5",
}  # fmt: skip
_ASKED_AGAIN = ("kind", "rated", "asked")
"""Without these the screens of the load, of the mains and of the wish are shown again, to change what is on them."""
PULSES = "pulses"
REGISTERS = ("1", "0.1", "0.01", "0.001", PULSES)
_READING_S, _COUNTING_S = 60.0, 5.0
"""How far a duration may be off: by somebody who walks to a meter and reads it; by a press while a flash is seen."""
MOST_FLASHES = 1_000_000
_S_PER_H = 3600


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was typed on the screens: the load as it is stated, the planned time and the error that is suspected."""

    load: KnownLoad
    duration_s: float
    asked_pct: float
    by_flashes: bool


def add_routes(check: Blueprint, site: Site) -> None:
    @check.route("/self-check/known-load", methods=["GET", "POST"])
    @uses_camera
    def known_load_page() -> Response | str | tuple[str, int]:
        if request.method == "POST":
            limit_public()
            return _keep(site, Form(request.form))
        form = Form(request.args, **_USUAL)
        if not form.flag(course.READ):
            return _screen("safety", form, is_staff=staff_or_nobody() is not None)
        wanted = _wanted(form)
        for name, fields in SCREENS.items():
            if fields[0] not in request.args:
                form.errors.clear()
                return _screen(name, form)
            if any(field in form.errors for field in fields):
                return _screen(name, form), 422
        assert wanted is not None
        return _under_way(site, form, wanted)


def _under_way(site: Site, form: Form, wanted: Wanted) -> Response | str | tuple[str, int]:
    """Everything is typed: the plan, the first reading, the time, the second reading."""
    now = site.now()
    began = course.instant(form, course.BEGAN, now)
    if began is None:
        if not form.flag("start"):
            return _plan(site, form, wanted)
        if not wanted.by_flashes and _reading(form, "first", wanted) is None:
            return _plan(site, form, wanted), 422
        return course.stamped(course.BEGAN, now, ("start",))
    if course.instant(form, course.ENDED, now) is None:
        if form.flag("stop"):
            return course.stamped(course.ENDED, now, ("stop",))
        return _screen(
            "watch",
            form,
            wanted=wanted,
            photos=_photos(site, form),
            **course.remaining(began, wanted.duration_s, now),
        )
    return _screen("second", form, wanted=wanted)


def _keep(site: Site, form: Form) -> Response | str | tuple[str, int]:
    wanted = _wanted(form)
    now = site.now()
    began, ended = (course.instant(form, name, now) for name in (course.BEGAN, course.ENDED))
    if wanted is None or began is None or ended is None:
        again = course.carried(form, (*FIELDS, course.READ, course.CODE))
        return redirect(url_for("self_check.known_load_page", **again), 303)
    lasted_s = _lasted_s(wanted, began, ended)
    flashes = form.whole("flashes", least=0, most=MOST_FLASHES) if wanted.by_flashes else None
    counted_kWh = _moved(form, wanted) if flashes is None else flashes * wanted.load.step_kWh
    if lasted_s <= wanted.load.within_s:
        form.wrong(
            "flashes" if wanted.by_flashes else "second", "too_soon", least=f"{wanted.load.within_s:.0f}"
        )
    if form.errors or counted_kWh is None:
        return _screen("second", form, wanted=wanted), 422
    found = known_load_found(wanted.load, lasted_s, counted_kWh, wanted.asked_pct)
    figures = {
        "counted_kWh": f"{counted_kWh:.6f}",
        "lasted_s": f"{lasted_s:.0f}",
        "lowest_pct": f"{found.lowest_pct:.2f}",
        "highest_pct": f"{found.highest_pct:.2f}",
        "smallest_pct": f"{found.resolution.smallest_pct:.2f}",
        **{
            name: form.value(name)[: course.LONGEST]
            for name in (*FIELDS, "first", "second", "flashes")
            if form.value(name)
        },
    }
    said = words.in_both(lambda lang: words.known_load(wanted.load, found, wanted.asked_pct, flashes, lang))
    code = self_checks.keep(
        site.casework, self_checks.Kind.KNOWN_LOAD, found.outcome, figures, said, form.value(course.CODE)
    )
    return redirect(url_for("self_check.found", code=code), 303)


def _lasted_s(wanted: Wanted, began: datetime, ended: datetime) -> float:
    """Flashes are counted until the time is over and no longer; a register is read when it is read."""
    lasted_s = (ended - began).total_seconds()
    return min(lasted_s, wanted.duration_s) if wanted.by_flashes else lasted_s


def _wanted(form: Form) -> Wanted | None:
    """None where something is wrong, which the form says beside its field."""
    kind = form.choice("kind", tuple(LoadKind))
    power = POWER.read(form, "power", least=20, most=20_000)
    tolerance = PERCENT.read(form, "tolerance", least=0, most=50)
    rated = VOLTAGE.read(form, "rated", least=100, most=400)
    lowest = VOLTAGE.read(form, "lowest", least=100, most=400)
    highest = VOLTAGE.read(form, "highest", least=100, most=400)
    if lowest is not None and highest is not None and lowest > highest:
        form.wrong("highest", "below_lowest")
    background = POWER.read(form, "background", least=0, most=5000)
    within = POWER.read(form, "background_within", least=0, most=5000)
    step = _step(form)
    asked = PERCENT.read(form, "asked", least=1, most=1000)
    hours = HOURS.read(form, "hours", least=Decimal("0.05"), most=int(LONGEST_S) // _S_PER_H)
    by_flashes = form.value("register") == PULSES
    typed = (power, tolerance, rated, lowest, highest, background, within, step, asked, hours)
    figures = [float(figure) for figure in typed if figure is not None]
    if form.errors or len(figures) < len(typed):
        return None
    (
        rated_W,
        tolerance_pct,
        rated_V,
        lowest_V,
        highest_V,
        background_W,
        within_W,
        step_kWh,
        asked_pct,
        planned_h,
    ) = figures
    load = KnownLoad(
        LoadKind(kind),
        rated_W,
        tolerance_pct,
        rated_V,
        lowest_V,
        highest_V,
        background_W,
        within_W,
        step_kWh,
        within_s=_COUNTING_S if by_flashes else _READING_S,
    )
    return Wanted(load, planned_h * _S_PER_H, asked_pct, by_flashes)


def _step(form: Form) -> Decimal | None:
    """Of the register, or the energy of a pulse, in kWh."""
    register = form.choice("register", REGISTERS)
    constant = CONSTANT.read(form, "constant", least=10, most=100_000, required=register == PULSES)
    if register == PULSES:
        return None if constant is None else 1 / constant
    return Decimal(register) if register else None


def _reading(form: Form, name: str, wanted: Wanted) -> Decimal | None:
    """A reading of the register; one with more decimals than it has was not read there."""
    reading = ENERGY.read(form, name, least=0, most=100_000_000)
    step = Decimal(form.value("register"))
    if reading is not None and reading % step != 0:
        form.wrong(name, "not_its_step", step=str(step))
        return None
    return reading


def _moved(form: Form, wanted: Wanted) -> float | None:
    if wanted.by_flashes:
        return None
    first, second = _reading(form, "first", wanted), _reading(form, "second", wanted)
    if first is None or second is None:
        return None
    if second < first:
        form.wrong("second", "below_first")
        return None
    return float(second - first)


def _plan(site: Site, form: Form, wanted: Wanted) -> str:
    can = resolution(wanted.load, wanted.duration_s)
    needed = needed_s(wanted.load, wanted.asked_pct)
    return _screen(
        "plan",
        form,
        photos=_photos(site, form),
        wanted=wanted,
        can=can,
        smallest=words.smallest(can, g.language),
        asked=words.figure(wanted.asked_pct),
        is_enough=can.smallest_pct <= wanted.asked_pct,
        needed=needed,
        needed_hours=None if needed is None else _hours(needed),
        expected=words.energy(can.expected_kWh, wanted.load.step_kWh),
        lowest=words.energy(can.lowest_kWh, wanted.load.step_kWh),
        highest=words.energy(can.highest_kWh, wanted.load.step_kWh),
        shares=[
            (
                text(f"known_load_share.{one.name}", g.language),
                words.figure(one.below_pct),
                words.figure(one.above_pct),
            )
            for one in can.shares
        ],
        to_change={
            name: value for name, value in course.carried(form, CARRIED).items() if name not in _ASKED_AGAIN
        },
        without_needed={
            name: value for name, value in course.carried(form, CARRIED).items() if name != "hours"
        },
    )


def _photos(site: Site, form: Form) -> list[self_check_photos.CheckPhoto]:
    return self_check_photos.kept(site.casework, form.value(course.CODE))


def _hours(seconds: float) -> str:
    """To the next five minutes, as the field takes it."""
    minutes = -(-seconds // 300) * 5
    return f"{minutes:.0f} min"


def _screen(name: str, form: Form, **values: object) -> str:
    own: Iterable[str] = {**SCREENS, "plan": ("first",)}.get(name, ())
    on_way = [key for key in CARRIED if key not in own]
    return course.screen(
        "known_load",
        name,
        form,
        labels={
            field: text(f"known_load_check.{field}", g.language)
            for field in (*FIELDS, "first", "second", "flashes")
        },
        carried=course.carried(_sent() if name in (*SCREENS, "safety") else form, on_way),
        step_number=list(SCREENS).index(name) + 1 if name in SCREENS else 0,
        steps=len(SCREENS),
        kinds=[(kind.value, text(f"known_load_check.kind_{kind}", g.language)) for kind in LoadKind],
        registers=[
            (one, text(f"known_load_check.register_{one.replace('.', '_')}", g.language)) for one in REGISTERS
        ],
        **values,
    )


def _sent() -> Form:
    """Only what came with the request: what is usual stands in a field until its screen was seen."""
    return Form(request.values)
