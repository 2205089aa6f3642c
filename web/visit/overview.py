"""The page before the test, which stays useful during it: what will happen, who does it, and what the customer says."""

from __future__ import annotations

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from web.access import visit
from web.apply.promised import promised
from web.attaching import attached
from web.casework import cases, history, opinions, photos, self_check_photos, self_checks
from web.casework import consent as consents
from web.casework.agreements import REQUIRED, Thing, consented
from web.casework.model import CUSTOMER, WITH_A_RESULT, Case, CaseState, Moment
from web.forms import Form
from web.site import Site
from web.visit.photos import newest_photo
from web.visit.plan_words import plan_words
from web.visit.timeline import persons_in, timeline

_BEFORE = (CaseState.PLANNED, CaseState.READY)
_SAID = ("consent", "expectation", "self_check")


def add_routes(pages: Blueprint, site: Site) -> None:
    @pages.get("/visit")
    @visit
    def overview() -> Response:
        return _page(site)

    @pages.post("/visit/consent")
    @visit
    def consent() -> BaseResponse:
        form = Form(request.form)
        agreed = [thing for thing in Thing if form.flag(f"agree_{thing}")]
        consents.consent(site.casework, g.visit.case_id, agreed, CUSTOMER)
        return redirect(url_for("visit.overview", said="consent", _anchor="consent"), 303)

    @pages.post("/visit/expectation")
    @visit
    def expectation() -> BaseResponse:
        form = Form(request.form)
        expects = form.text("expects", most=opinions.LONGEST, required=False)
        is_wrong = form.whole("meter_is_wrong", least=0, most=10)
        trust = form.whole("trust", least=0, most=10)
        if is_wrong is None or trust is None or form.errors:
            return _page(site, expectation=form, status=422)
        opinions.expectation(site.casework, g.visit.case_id, expects, is_wrong, trust)
        return redirect(url_for("visit.overview", said="expectation", _anchor="expectation"), 303)

    @pages.post("/visit/self-check")
    @visit
    def attach_self_check() -> BaseResponse:
        form = attached(site.casework, Form(request.form), g.visit.case_id, CUSTOMER)
        if form.errors:
            return _page(site, check_form=form, status=422)
        return redirect(url_for("visit.overview", said="self_check", _anchor="self-checks"), 303)


def _page(
    site: Site, expectation: Form | None = None, check_form: Form | None = None, status: int = 200
) -> Response:
    cw, language = site.casework, g.language
    case = cases.case(cw, g.visit.case_id)
    said = request.args.get("said", "")
    entries = history.history(cw, case.id)
    names = site.link.names(language, case.id, {case.verifier, case.checker, *persons_in(entries)})
    html = render_template(
        "visit/overview.html",
        case=case,
        self_checks=self_checks.of(cw, case.id),
        check_photos=self_check_photos.of(cw, case.id),
        check_form=check_form or Form(),
        names=names,
        plan=plan_words(case, cw.promises, language, site.link.rule_title),
        promised=promised(cw.promises, language),
        required=REQUIRED,
        is_before=case.state in _BEFORE,
        is_tested=case.state in WITH_A_RESULT,
        things=list(Thing),
        consented=consented(cw, case.id),
        expectation=expectation or _expected(site, case),
        is_expected=Moment.BEFORE in opinions.opinions(cw, case.id),
        photo=newest_photo(site, case.id),
        photos=photos.photos(cw, case.id),
        events=timeline(entries, names, language),
        said=said if said in _SAID else "",
    )
    return Response(html, status)


def _expected(site: Site, case: Case) -> Form:
    """The form with what was said before."""
    before = opinions.opinions(site.casework, case.id).get(Moment.BEFORE)
    if before is None:
        return Form()
    return Form(expects=before.words, meter_is_wrong=str(before.meter_is_wrong), trust=str(before.trust))
