"""After the test: the result in plain words, the bill, what to take home, signatures, how it was, an appeal.

During the visit a customer opens it with the visit's cookie; later by the result link, whose address is the key: it
opens one case, sets no cookie, and is good for reading, a bill and the answer to a follow-up (`by_link.py`).
"""

from __future__ import annotations

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from web.access import limit_sign_in, sign_in_worked, visit
from web.after import by_link
from web.after.downloads import bundle_file, certificate_file
from web.after.result import Result
from web.after.shown import bill_form_of, read_bill, result_shown, result_values
from web.casework import cases, opinions, signatures
from web.casework.appeals import LONGEST as LONGEST_APPEAL
from web.casework.appeals import appeal as make_appeal
from web.casework.consumption import consumption
from web.casework.model import CUSTOMER, Case, Moment
from web.casework.opinions import LONGEST
from web.casework.refused import Refused
from web.casework.signatures import LONGEST_NAME, Signer
from web.casework.strokes import Strokes, read_strokes
from web.forms import Form
from web.site import Site

UNFIT = 422
LONGEST_PASSWORD = 200


def create_after_blueprint(site: Site) -> Blueprint:
    """Pages of the result, during the visit and by the link."""
    after = Blueprint("after", __name__, template_folder="templates")
    cw = site.casework

    def the_case() -> Case:
        return cases.case(cw, g.visit.case_id)

    def the_result(case: Case) -> Result:
        found = result_shown(site, case)
        if found is None:
            raise Refused("not_tested_yet", case=case.id)
        return found

    @after.get("/visit/result")
    @visit
    def result() -> Response:
        case = the_case()
        found = result_shown(site, case)
        if found is None:
            return Response(render_template("after/result.html", case=case, result=None, is_visit=True))
        return _page(site, case, found)

    @after.post("/visit/result/bill")
    @visit
    def bill() -> BaseResponse:
        case = the_case()
        found = the_result(case)
        form = bill_form_of(site, case, request.form.to_dict())
        read = read_bill(form)
        if read is None:
            return _page(site, case, found, bill_form=form)
        consumption(cw, case.id, *read)
        return redirect(url_for("after.result", _anchor="bill"), 303)

    @after.post("/visit/result/experience")
    @visit
    def experience() -> BaseResponse:
        case = the_case()
        form = Form(request.form)
        learned = form.text("learned", most=LONGEST, required=False)
        wrong = form.whole("meter_is_wrong", least=0, most=opinions.HIGHEST)
        trust = form.whole("trust", least=0, most=opinions.HIGHEST)
        score = form.whole("score", least=opinions.SCORES[0], most=opinions.SCORES[-1])
        unclear = form.text("unclear", most=LONGEST, required=False)
        if form.errors or wrong is None or trust is None or score is None:
            return _page(site, case, the_result(case), experience_form=form)
        opinions.experience(cw, case.id, learned, wrong, trust)
        opinions.satisfaction(cw, case.id, score, unclear)
        return redirect(url_for("after.result", _anchor="experience"), 303)

    @after.post("/visit/result/appeal")
    @visit
    def appeal() -> BaseResponse:
        case = the_case()
        form = Form(request.form)
        why = form.text("why", most=LONGEST_APPEAL)
        if form.errors:
            return _page(site, case, the_result(case), appeal_form=form)
        # With the retest this case is closed and the visit over, so there is no page to go to.
        return Response(render_template("after/appealed.html", retest=make_appeal(cw, case.id, why)))

    @after.route("/visit/result/sign/<any(customer, verifier, checker):role>", methods=["GET", "POST"])
    @visit
    def sign(role: str) -> BaseResponse:
        case, signer = the_case(), Signer(role)
        form = Form(request.form)
        if request.method == "POST":
            typed = form.text("name", most=LONGEST_NAME, required=False)
            strokes = _strokes(form, typed)
            by = CUSTOMER if signer is Signer.CUSTOMER else _person(form)
            if not form.errors and by is not None:
                signatures.sign(cw, case.id, signer, strokes, by, typed)
                return redirect(url_for("after.result", _anchor="signatures"), 303)
        html = render_template("after/sign.html", case=case, result=the_result(case), role=role, form=form)
        return Response(html, UNFIT if form.errors else 200)

    def _person(form: Form) -> str | None:
        """Who of the staff signs on the customer's tablet: by the password, asked of the bench."""
        name, password = form.text("person", most=LONGEST_NAME), form.text("password", most=LONGEST_PASSWORD)
        if form.errors:
            return None
        limit_sign_in()
        said = site.link.sign_in(name, password)
        sign_in_worked()
        site.link.sign_out(str(said["session"]))
        return str(said["person"])

    @after.get("/visit/result/certificate/<number>/<file>")
    @visit
    def certificate(number: str, file: str) -> Response:
        return certificate_file(site.link, the_case().run_ids, number, file)

    @after.get("/visit/result/evidence")
    @visit
    def evidence() -> Response:
        return bundle_file(site.link, the_result(the_case()).run_id)

    by_link.add_routes(after, site)
    return after


def _strokes(form: Form, typed: str) -> Strokes:
    """What was drawn; nothing where a name was typed instead. Says in the form where there is neither."""
    drawn = form.value("strokes")
    if not drawn:
        if not typed:
            form.wrong("name", "missing")
        return ()
    return read_strokes(drawn)


def _page(
    site: Site,
    case: Case,
    result: Result,
    *,
    bill_form: Form | None = None,
    experience_form: Form | None = None,
    appeal_form: Form | None = None,
) -> Response:
    """The result page of a visit. A form that is given was sent and has something wrong in it."""
    sent = [form for form in (bill_form, experience_form, appeal_form) if form is not None and form.errors]
    said = opinions.opinions(site.casework, case.id)
    html = render_template(
        "after/result.html",
        is_visit=True,
        **result_values(site, case, result, bill_form or bill_form_of(site, case)),
        bill_method="post",
        bill_action=url_for("after.bill"),
        files_endpoint="after.certificate",
        bundle_endpoint="after.evidence",
        link_arguments={},
        expected=said.get(Moment.BEFORE),
        experienced=said.get(Moment.AFTER),
        satisfied=opinions.satisfied(site.casework, case.id),
        experience_form=experience_form or Form(),
        appeal_form=appeal_form or Form(),
    )
    return Response(html, UNFIT if sent else 200)
