"""The meter in front of the verifier: its number is scanned, its nameplate compared, and the bench gets its answers."""

from __future__ import annotations

from flask import Blueprint, Response, g, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from bench.items import Item
from web.access import staff
from web.casework.history import refuse
from web.casework.model import Case
from web.customer.scene import State
from web.customer.wording import item_of
from web.forms import Form
from web.site import Site
from web.staff.acts import UNFIT, to_console
from web.staff.asking import case_of
from web.staff.bench_answers import fields_of, said_in
from web.staff.plan_table import item_title
from web.staff.serials import is_same
from web.staff.simulated_meter import simulated_meter
from web.texts import text

_SERIAL = "serial"
LONGEST_SERIAL = 60
_PLATE = (
    "manufacturer", "meter_type", "accuracy_class", "meter_constant_imp_per_kWh", "nominal_voltage_V",
    "basic_current_A", "rated_current_A", "transitional_current_A", "minimum_current_A", "maximum_current_A",
    "connection", "wiring", "quantity", "register_decimals",
)  # fmt: skip
"""What is compared, in the order in which it is read from a nameplate."""
_WHOLE = ".0"


def add_routes(pages: Blueprint, site: Site) -> None:
    @pages.get("/case/<case_id>/begin")
    @staff()
    def begin(case_id: str) -> Response:
        return _begin_page(case_of(site, case_id), Form())

    @pages.post("/case/<case_id>/begin")
    @staff()
    def begin_now(case_id: str) -> BaseResponse:
        case, form = case_of(site, case_id), Form(request.form)
        seen, agrees = form.text(_SERIAL, most=LONGEST_SERIAL), form.flag("plate")
        if seen and not is_same(seen, case.serial):
            refuse(site.casework, g.staff.id, "scan", "wrong_meter", case_id)
            problem = text("begin.mismatch", g.language, seen=seen, wanted=case.serial)
            return _begin_page(case, Form(), problem, 409)
        if seen and not agrees:
            return _begin_page(case, form, text("begin.plate_not_looked", g.language), UNFIT)
        if form.errors:
            return _begin_page(case, form, status=UNFIT)
        _require_assigned(site, case)
        site.link.case_begin(g.staff.session, case_id)
        return to_console(case_id)

    @pages.route("/case/<case_id>/answer", methods=["GET", "POST"])
    @staff()
    def bench_answer(case_id: str) -> BaseResponse:
        case_of(site, case_id)
        state = _asking(site, case_id)
        if state is None:
            return Response(
                render_template("staff/bench_answer.html", case_id=case_id, question=None, form=Form())
            )
        form, question = Form(request.form), state["question"]
        if request.method == "POST":
            said = {position: said_in(form, position, question) for position in question["positions"]}
            if form.errors:
                return _answer_page(case_id, state, form, status=UNFIT)
            if not any(said.values()):
                return _answer_page(case_id, state, form, text("bench_answer.empty", g.language), UNFIT)
            for position, fields in said.items():
                if fields:
                    site.link.answer(position, fields, session=g.staff.session)
            return to_console(case_id)
        return _answer_page(case_id, state, form)


def _begin_page(case: Case, form: Form, problem: str = "", status: int = 200) -> Response:
    facts = [
        (text(f"meter_data.{name}", g.language), _on_the_plate(name, str(case.meter_kind[name]), g.language))
        for name in _PLATE
        if case.meter_kind.get(name)
    ]
    html = render_template("staff/begin.html", case=case, form=form, facts=facts, problem=problem)
    return Response(html, status)


def _on_the_plate(name: str, value: str, language: str) -> str:
    """A word by its name, a whole figure without the decimal that a plate does not have."""
    key = f"office_plan.{name}_{value}"
    return text(key, language) if key in text else value.removesuffix(_WHOLE)


def _require_assigned(site: Site, case: Case) -> None:
    """The bench knows the case since it was planned; where it was away then, it is told now."""
    if site.link.case_if_known(case.id) is None:
        site.link.case_assign(
            g.staff.session, case.id, case.serial, case.verifier or "", case.checker or "", case.retest_of
        )


def _asking(site: Site, case_id: str) -> State | None:
    """STATE, where the bench asks something of a run of this case."""
    state = site.feed.latest().state or {}
    is_ours = (state.get("run") or {}).get("case") == case_id
    return state if is_ours and state.get("question") else None


def _answer_page(case_id: str, state: State, form: Form, problem: str = "", status: int = 200) -> Response:
    question = state["question"]
    html = render_template(
        "staff/bench_answer.html",
        case_id=case_id,
        question=question,
        item_name=item_title(item_of(question), g.language),
        meters={position: simulated_meter(state, position, g.language) for position in question["positions"]},
        is_inspection=Item(question["item"]).facts.is_inspection,
        fields=fields_of(question, g.language),
        form=form,
        problem=problem,
    )
    return Response(html, status)
