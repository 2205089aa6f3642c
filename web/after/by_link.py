"""The result by its link: of one case, until it is revoked. It reads, and answers a follow-up, without a cookie."""

from __future__ import annotations

from decimal import Decimal

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from calibration.bill import per_year_kWh
from web.access import limit_public
from web.after.downloads import bundle_file, certificate_file
from web.after.shown import bill_form_of, bill_of, result_shown, result_values
from web.attaching import attached
from web.casework import cases, follow_ups, opinions, self_check_photos, self_checks
from web.casework.consumption import MOST_KWH
from web.casework.follow_ups import LONGEST, FollowUp, FollowUpKind
from web.casework.invitations import case_of_link
from web.casework.model import CUSTOMER, Case
from web.casework.picture import MEDIA_TYPE
from web.casework.refused import Refused
from web.dates import day_text, days_between
from web.forms import Form
from web.site import Site
from web.texts import text

UNFIT = 422
OPENS_DAYS_BEFORE = 7
"""A follow-up can be answered a little before its day."""


def add_routes(after: Blueprint, site: Site) -> None:
    cw = site.casework

    def case_behind(link: str) -> Case:
        return cases.case(cw, case_of_link(cw, link))

    def page(link: str, case: Case, check_form: Form | None) -> Response:
        """check_form: for a further self-check; None: a link to it, so that who only reads gets no cookie."""
        result = result_shown(site, case)
        status = UNFIT if check_form is not None and check_form.errors else 200
        checks = {
            "self_checks": self_checks.of(cw, case.id),
            "check_photos": self_check_photos.of(cw, case.id),
            "check_form": check_form,
            "link_arguments": {"link": link},
        }
        if result is None:
            if case.outcome is None:
                raise Refused("not_tested_yet", case=case.id)
            # The web saw no end of the run, and the verifier wrote down its verdict: there is no figure to show.
            html = render_template("after/result.html", case=case, result=None, is_visit=False, **checks)
            return Response(html, status)
        form = bill_form_of(
            site, case, {k: v for k, v in request.args.items() if k in ("kwh", "price", "currency")}
        )
        bill_of(result, form)  # so that the form says what is wrong in it
        html = render_template(
            "after/result.html",
            is_visit=False,
            **result_values(site, case, result, form),
            bill_method="get",
            bill_action=url_for("after.by_link", link=link),
            files_endpoint="after.certificate_by_link",
            bundle_endpoint="after.evidence_by_link",
            **checks,
        )
        return Response(html, UNFIT if form.errors else status)

    @after.get("/result/<link>")
    def by_link(link: str) -> Response:
        return page(link, case_behind(link), None)

    @after.route("/result/<link>/self-check", methods=["GET", "POST"])
    def attach_by_link(link: str) -> BaseResponse:
        if request.method == "GET":
            return page(link, case_behind(link), Form())
        limit_public()
        case = case_behind(link)
        form = attached(cw, Form(request.form), case.id, CUSTOMER)
        if form.errors:
            return page(link, case, form)
        return redirect(url_for("after.by_link", link=link, _anchor="self-checks"), 303)

    @after.get("/result/<link>/self-check-photo/<int:photo_id>")
    def self_check_photo_by_link(link: str, photo_id: int) -> Response:
        found = self_check_photos.jpeg_of_case(cw, case_behind(link).id, photo_id)
        return Response(found, mimetype=MEDIA_TYPE)

    @after.get("/result/<link>/certificate/<number>/<file>")
    def certificate_by_link(link: str, number: str, file: str) -> Response:
        return certificate_file(site.link, case_behind(link).run_ids, number, file)

    @after.get("/result/<link>/evidence")
    def evidence_by_link(link: str) -> Response:
        case = case_behind(link)
        result = result_shown(site, case)
        if result is None:
            raise Refused("not_tested_yet", case=case.id)
        return bundle_file(site.link, result.run_id)

    @after.route("/result/<link>/follow-up", methods=["GET", "POST"])
    def follow_up(link: str) -> BaseResponse:
        case = case_behind(link)
        all_of_them = follow_ups.of(cw, case.id)
        open_now = next((one for one in all_of_them if _is_open(one, cw.now())), None)
        form = Form(request.form)
        if request.method == "POST" and open_now is not None:
            limit_public()
            said = form.text("said", most=LONGEST)
            used_kWh = form.number("used", least=0, most=MOST_KWH, required=False)
            wrong = form.whole("meter_is_wrong", least=0, most=opinions.HIGHEST)
            trust = form.whole("trust", least=0, most=opinions.HIGHEST)
            if not form.errors and wrong is not None and trust is not None:
                with cw.writing():
                    follow_ups.settle(cw, open_now.id, FollowUpKind.PAGE, said, used_kWh, CUSTOMER)
                    opinions.experience(cw, case.id, "", wrong, trust, open_now.moment)
                return redirect(url_for("after.follow_up", link=link), 303)
        html = render_template(
            "after/follow_up.html",
            case=case,
            link=link,
            rows=[_row(one, g.language) for one in all_of_them],
            open_now=open_now,
            form=form,
        )
        return Response(html, UNFIT if form.errors else 200)


def _is_open(follow_up: FollowUp, now: str) -> bool:
    return follow_up.settled_at is None and days_between(now, follow_up.due_on) <= OPENS_DAYS_BEFORE


def _row(follow_up: FollowUp, language: str) -> dict[str, str]:
    """One follow-up as it stands, and what was used since as that of a year."""
    key = "follow.due" if follow_up.settled_at is None else "follow.settled"
    return {
        "state": text(key, language, day=day_text(follow_up.settled_at or follow_up.due_on, language)),
        "said": follow_up.said or "",
        "since": _since(follow_up, follow_up.used_kWh, language),
    }


def _since(follow_up: FollowUp, used_kWh: Decimal | None, language: str) -> str:
    if used_kWh is None or follow_up.settled_at is None:
        return ""
    days = days_between(follow_up.tested_on, follow_up.settled_at)
    if days <= 0:
        return ""
    year = per_year_kWh(used_kWh, days)
    return text("follow.since", language, days=days, used=f"{used_kWh:f}", year=f"{year:f}")
