"""Signing in and out: the bench checks the password and issues the session; the web keeps its token in a cookie."""

from __future__ import annotations

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from bench.control.client import ControlRefusedError
from web.access import (
    end_staff,
    keep_staff,
    limit_sign_in,
    sign_in_worked,
    staff_token,
    staff_who_asks,
    way_back,
)
from web.bench_link import BenchAwayError
from web.forms import Form
from web.refusals import sentence, write_down
from web.site import Site

FORBIDDEN = 403


def add_routes(pages: Blueprint, site: Site) -> None:
    @pages.get("/sign-in")
    def sign_in() -> Response:
        return _page(Form())

    @pages.post("/sign-in")
    def sign_in_now() -> BaseResponse:
        limit_sign_in()
        form = Form(request.form)
        by, password = form.text("by", most=80), form.value("password")
        if not password:
            form.wrong("password", "missing")
        if form.errors:
            return _page(form, status=422)
        try:
            session = str(site.link.sign_in(by, password)["session"])
        except ControlRefusedError as refusal:
            write_down(refusal.reason)
            return _page(form, sentence(refusal.reason, refusal.values, g.language), FORBIDDEN)
        sign_in_worked()
        if before := staff_token():
            site.link.sign_out(before)
        onward = way_back(request.form.get("next", ""), url_for("staff.work"))
        response = redirect(onward, 303)
        keep_staff(response, session)
        return response

    @pages.post("/sign-out")
    def sign_out() -> BaseResponse:
        try:
            if (who := staff_who_asks()) is not None:
                site.link.sign_out(who.session)
        except BenchAwayError:
            pass  # its sessions are in its memory: with the bench they are gone, too
        g.staff = None
        response = redirect(url_for("staff.sign_in", out="yes"), 303)
        end_staff(response)
        return response


def _page(form: Form, problem: str = "", status: int = 200) -> Response:
    onward = request.values.get("next", "")
    html = render_template(
        "staff/sign_in.html",
        form=form,
        problem=problem,
        onward=onward,
        is_out=request.args.get("out") == "yes" and not problem,
    )
    return Response(html, status)
