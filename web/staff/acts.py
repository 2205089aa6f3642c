"""What a verifier does from the console: each act is one POST, and a refusal comes back on top of the console.

Nothing is decided here: casework and the bench refuse what may not be. Where both are asked, the bench comes first,
since it holds the authority.
"""

from __future__ import annotations

from flask import Blueprint, Response, abort, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from bench.checklist import Check
from web import postponing
from web.access import staff, takes
from web.casework import cases, checklists, invitations, photos, questions
from web.casework import consent as consents
from web.casework.agreements import REQUIRED, Thing, has_agreed
from web.casework.model import Case
from web.casework.picture import MEDIA_TYPE
from web.casework.refused import Refused
from web.customer.scene import State
from web.forms import Form
from web.site import Site
from web.staff.asking import case_of, require_its_own
from web.staff.console_view import position_of

LARGEST_PHOTO = 12 * 1024 * 1024
"""Of a form with a photo, in bytes."""
PHOTOS = {check: kind for kind, check in photos.TICKS.items()}
BEGINS_WITHIN_S = 5.0
"""From the bench's word that a run will be to its first record; then the page waits no longer."""
LONGEST_ANSWER = 1000
LONGEST_WHY = 200
_COLDEST_C, _WARMEST_C = 0, 45
"""Of a room in which somebody works."""
_THINGS = [(thing, thing in REQUIRED) for thing in Thing]
"""What a customer agrees to, and whether the test needs it."""
UNFIT = 422


def to_console(case_id: str, place: str = "") -> BaseResponse:
    return redirect(url_for("staff.console", case_id=case_id, _anchor=place or None), 303)


def add_routes(pages: Blueprint, site: Site) -> None:
    cw = site.casework

    @pages.post("/case/<case_id>/check/<check>")
    @staff()
    def tick(case_id: str, check: str) -> BaseResponse:
        named, on = _check(check), request.form.get("on") == "yes"
        if named is Check.CONSENT and on and not has_agreed(cw, case_id):
            return redirect(url_for("staff.consent", case_id=case_id), 303)
        checklists.tick(cw, case_id, named, g.staff.id, on)
        return to_console(case_id, f"check-{check}")

    @pages.route("/case/<case_id>/consent", methods=["GET", "POST"])
    @staff()
    def consent(case_id: str) -> BaseResponse:
        """What the customer has said by word of mouth, written down by whoever heard it."""
        case, form = case_of(site, case_id), Form(request.form)
        if request.method == "GET":
            return Response(render_template("staff/consent.html", case=case, form=form, things=_THINGS))
        agreed = [thing for thing in Thing if form.flag(f"agree_{thing}")]
        for thing in Thing:
            if thing in REQUIRED and thing not in agreed:
                form.wrong(f"agree_{thing}", "missing")
        if form.errors:
            html = render_template("staff/consent.html", case=case, form=form, things=_THINGS)
            return Response(html, UNFIT)
        require_its_own(case, g.staff)
        consents.consent(cw, case_id, agreed, g.staff.id)
        return to_console(case_id, "check-consent")

    @pages.post("/case/<case_id>/photo/<check>")
    @takes(LARGEST_PHOTO)
    @staff()
    def keep_photo(case_id: str, check: str) -> BaseResponse:
        sent, kind = request.files.get("photo"), PHOTOS.get(_check(check))
        if sent is None or kind is None:
            abort(404)
        photos.keep(cw, case_id, kind, sent.read(), g.staff.id)
        return to_console(case_id, f"check-{check}")

    @pages.get("/case/<case_id>/photo/<int:photo_id>")
    @staff()
    def photo(case_id: str, photo_id: int) -> Response:
        if photos.photo(cw, photo_id).case_id != case_id:
            abort(404)
        return Response(photos.jpeg(cw, photo_id), content_type=MEDIA_TYPE)

    @pages.route("/case/<case_id>/start", methods=["GET", "POST"])
    @staff()
    def start(case_id: str) -> BaseResponse:
        case, form = case_of(site, case_id), Form(request.form)
        asks_room = is_room_typed(site.feed.latest().state)
        if request.method == "GET":
            return _start_page(case, Form()) if asks_room else to_console(case_id)
        room = _room(form) if asks_room else {}
        if form.errors:
            return _start_page(case, form)
        ticked = {check.value: tick is not None for check, tick in checklists.ticks(cw, case_id).items()}
        run_id = site.link.start_case(g.staff.session, case_id, case.plan_toml or "", ticked, room)
        if _has_begun(site, case_id, run_id):
            begin_test_once(site, case_id, run_id, g.staff.id)
        return to_console(case_id)

    @pages.post("/case/<case_id>/question/<int:question_id>")
    @staff()
    def answer_question(case_id: str, question_id: int) -> BaseResponse:
        if questions.question(cw, question_id).case_id != case_id:
            raise Refused("no_such_question")
        require_its_own(case_of(site, case_id), g.staff)
        said = Form(request.form).text("answer", most=LONGEST_ANSWER)
        questions.answer(cw, question_id, said, g.staff.id)
        return to_console(case_id, "questions-title")

    _confirmed(pages, site)


def is_room_typed(state: State | None) -> bool:
    """Whether nobody but the verifier says how warm it is: the bench has no sensor."""
    return state is not None and not state["bench"].get("has_thermometer", True)


def _room(form: Form) -> dict[str, float]:
    """What was read in the room, by the names of a plan."""
    temperature_C = form.number("temperature", least=_COLDEST_C, most=_WARMEST_C)
    humidity_pct = form.number("humidity", least=0, most=100, required=False)
    read = {"ambient_temperature_C": temperature_C, "relative_humidity_pct": humidity_pct}
    return {name: float(value) for name, value in read.items() if value is not None}


def _start_page(case: Case, form: Form) -> Response:
    html = render_template("staff/start.html", case=case, form=form)
    return Response(html, UNFIT if form.errors else 200)


def _check(name: str) -> Check:
    try:
        return Check(name)
    except ValueError:
        abort(404)


def _has_begun(site: Site, case_id: str, run_id: str) -> bool:
    """Whether the run is on the bench's disk: only then it shows it.

    Until then it may never begin, and its number be another run's. One that begins later the watch writes down.
    """
    until_s = site.feed.now_s() + BEGINS_WITHIN_S
    moment = site.feed.latest()
    while not (begun := _shows(moment.state, case_id, run_id)):
        left_s = until_s - site.feed.now_s()
        if left_s <= 0 or site.feed.is_closed:
            break
        moment = site.feed.wait_after(moment.version, left_s)
    return begun


def _shows(state: State | None, case_id: str, run_id: str) -> bool:
    run = (state or {}).get("run") or {}
    return (run.get("id"), run.get("case")) == (run_id, case_id)


def begin_test_once(site: Site, case_id: str, run_id: str, by: str) -> None:
    """The watch over the bench (case_watch.py) may have been quicker."""
    try:
        cases.begin_test(site.casework, case_id, run_id, by)
    except Refused:
        if run_id not in case_of(site, case_id).run_ids:
            raise


def _confirmed(pages: Blueprint, site: Site) -> None:
    """Acts behind a page that says what will happen."""

    @pages.route("/case/<case_id>/stop", methods=["GET", "POST"])
    @staff()
    def stop(case_id: str) -> BaseResponse:
        if request.method == "POST":
            site.link.stop(g.staff.session)
            return to_console(case_id)
        return confirmation(case_id, "stop", ("stop_1", "stop_2", "stop_3"))

    @pages.route("/case/<case_id>/skip", methods=["GET", "POST"])
    @staff()
    def skip(case_id: str) -> BaseResponse:
        form = Form(request.form)
        if request.method == "POST":
            why = form.text("why", most=LONGEST_WHY)
            if not form.errors:
                position = position_of(site.feed.latest().state, case_of(site, case_id).serial)
                site.link.skip(position or "", why, g.staff.session)
                return to_console(case_id)
        return confirmation(case_id, "skip", ("skip_1", "skip_2"), form)

    @pages.route("/case/<case_id>/postpone", methods=["GET", "POST"])
    @staff()
    def postpone(case_id: str) -> BaseResponse:
        form = Form(request.form)
        case = case_of(site, case_id)
        if request.method == "POST":
            postponing.postpone(site, case, form, g.staff)
            if not form.errors:
                return redirect(back_from(case), 303)
        happens = ("postpone_1", "postpone_2", "postpone_3")
        return confirmation(case_id, "postpone", happens, form, back=back_from(case))

    @pages.route("/case/<case_id>/release", methods=["GET", "POST"])
    @staff()
    def release(case_id: str) -> BaseResponse:
        form = Form(request.form)
        case = case_of(site, case_id)
        if request.method == "POST":
            postponing.release(site, case, form, g.staff)
            if not form.errors:
                return redirect(back_from(case), 303)
        happens = ("release_1", "postpone_1", "release_2", "postpone_3")
        return confirmation(case_id, "release", happens, form, back=back_from(case))

    @pages.route("/case/<case_id>/end-visit", methods=["GET", "POST"])
    @staff()
    def end_visit(case_id: str) -> BaseResponse:
        if request.method == "POST":
            require_its_own(case_of(site, case_id), g.staff)
            invitations.end_visits(site.casework, case_id, g.staff.id)
            return to_console(case_id)
        return confirmation(case_id, "end_visit", ("end_visit_1", "end_visit_2"))


def back_from(case: Case) -> str:
    """To where whoever is asked about a case has come from: its verifier from the console, others from the office."""
    place = "staff.console" if g.staff.id == case.verifier else "office.case"
    return url_for(place, case_id=case.id)


def confirmation(
    case_id: str,
    act: str,
    happens: tuple[str, ...],
    form: Form | None = None,
    why: str = "why",
    back: str | None = None,
) -> Response:
    """The page before an act. form: where a reason has to be given. back: for whoever does not do it."""
    html = render_template(
        "staff/confirm.html",
        case_id=case_id,
        act=act,
        happens=happens,
        form=form,
        why=why,
        back=back or url_for("staff.console", case_id=case_id),
    )
    return Response(html, UNFIT if form is not None and form.errors else 200)
