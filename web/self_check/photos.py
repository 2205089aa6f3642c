"""Photos on the way through a check, and with what was found: of the meter before and after, of the appliance's plate.

The form stands on screens on which nothing else is typed, and carries what the address of the screen carries; so the
screen is as it was before, with a code in its address under which the photos are. Nothing needs a script. A photo that
is refused is said beside its field, on a screen that is this form alone.
"""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from web.access import limit_photos, takes
from web.beside import beside
from web.casework import self_check_photos, self_checks
from web.casework.picture import MEDIA_TYPE, MOST_BYTES, Picture, picture_of
from web.casework.self_check_photos import Shows
from web.forms import Form
from web.self_check import course, known_load, no_load
from web.self_check.photo_fields import ASKED_FOR, FOUND, field_of, photo_values
from web.site import Site

BACK = "back"
"""The field that says on which screen the form stands."""
_CARRIED: dict[str, tuple[str, ...]] = {
    "no_load": no_load.CARRIED,
    "known_load": known_load.CARRIED,
    FOUND: (course.CODE,),
}
LARGEST = 3 * MOST_BYTES + 1024 * 1024
"""Of a form with three photos, in bytes."""


def add_routes(check: Blueprint, site: Site) -> None:
    cw = site.casework

    @check.post("/self-check/photo")
    @takes(LARGEST)
    def add_photo() -> BaseResponse | tuple[str, int]:
        form = Form(request.form)
        back, code = _screen_of(site, form), form.value(course.CODE)
        first = field_of(ASKED_FOR[back][0])
        beside(form, first, limit_photos)
        pictures = {} if form.errors else _pictures(form)
        if not pictures and not form.errors:
            form.wrong(first, "no_photo")
        kept: list[str] = []
        if not form.errors:
            beside(form, first, lambda: kept.append(self_check_photos.keep(cw, pictures, code)))
        if form.errors:
            return _again(site, form, back), 422
        return redirect(_address(form, back, kept[0]), 303)

    @check.post("/self-check/photo/away")
    def take_photo_away() -> BaseResponse:
        form = Form(request.form)
        back, code = _screen_of(site, form), form.value(course.CODE)
        number = form.whole("number", least=1, most=2**63 - 1)
        if number is None:
            abort(404)
        self_check_photos.take_away(cw, code, number)
        return redirect(_address(form, back, code), 303)

    @check.get("/self-check/photo/<code>/<int:photo_id>")
    def photo(code: str, photo_id: int) -> Response:
        return Response(self_check_photos.jpeg_of_code(cw, code, photo_id), mimetype=MEDIA_TYPE)


def _screen_of(site: Site, form: Form) -> str:
    """On which screen the form stands; of what was found only where there is something."""
    back = form.value(BACK)
    if back not in ASKED_FOR or (
        back == FOUND and not self_checks.kept(site.casework, form.value(course.CODE))
    ):
        abort(404)
    return back


def _pictures(form: Form) -> dict[Shows, Picture]:
    """The photos that came, decoded; what is none is said beside its field."""
    pictures: dict[Shows, Picture] = {}
    for shows in Shows:
        sent = request.files.get(field_of(shows))
        if sent is not None and sent.filename:
            handed_in = sent.read(MOST_BYTES + 1)
            beside(form, field_of(shows), lambda: pictures.update({shows: picture_of(handed_in)}))  # noqa: B023
    return pictures


def _again(site: Site, form: Form, back: str) -> str:
    return render_template(
        "self_check/photos.html",
        check="" if back == FOUND else back,
        back=back,
        back_address=_address(form, back, form.value(course.CODE)),
        carried=course.carried(form, _CARRIED[back]),
        photos=self_check_photos.kept(site.casework, form.value(course.CODE)),
        **photo_values(back, form),
    )


def _address(form: Form, back: str, code: str) -> str:
    """Of the screen that the form stands on, with the code."""
    if back == FOUND:
        return url_for("self_check.found", code=code, _anchor="photos")
    stays = course.carried(form, _CARRIED[back]) | ({course.CODE: code} if code else {})
    return f"{url_for(f'self_check.{back}_page')}?{urlencode(stays)}#photos"
