"""What a customer asks in the own words, and the own page of it: its answer, and whether that settles the matter.

Anybody may ask, so it is bounded like an application. The page of a request is behind a link that only the customer
has; at the counter somebody who is signed in fills in the same form and hands the link over.
"""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from web.access import Staff, limit_public, staff_who_asks
from web.bench_link import BenchAwayError
from web.casework import limits
from web.casework.model import CUSTOMER
from web.casework.refused import Refused
from web.dates import day_text
from web.forms import Form
from web.office.roles import OFFICE
from web.qr import qr_svg
from web.refusals import write_down
from web.service import kudos, requests
from web.service.model import Asked, Kind, Request
from web.site import Site
from web.texts import text

_LONGEST_WORDS = 1000
YES, NO = "yes", "no"


def add_routes(review: Blueprint, site: Site) -> None:
    @review.route("/ask-us", methods=["GET", "POST"])
    def ask_us() -> Response | str | tuple[str, int]:
        counter = _at_the_counter()
        form = Form(request.form if request.method == "POST" else None)
        if request.method == "GET":
            return _form(site, form, counter)
        limit_public()
        if full := _full(site, counter):
            write_down(full)
            return _form(site, form, counter), 503
        asked = Asked(
            kind=Kind(form.choice("kind", tuple(Kind)) or Kind.OTHER),
            words=form.text("words", most=requests.LONGEST["words"]),
            name=form.text("name", most=requests.LONGEST["name"]),
            contact=form.text("contact", most=requests.LONGEST["contact"]),
            area=form.text("area", most=requests.LONGEST["area"], required=False),
            by=counter.id if counter else CUSTOMER,
        )
        if form.errors:
            return _form(site, form, counter), 422
        _, token = requests.ask(site.casework, asked)
        return redirect(url_for("review.asked", token=token, new="yes"), 303)

    @review.get("/ask-us/<token>")
    def asked(token: str) -> str:
        return _own(token, requests.by_token(site.casework, token), Form())

    @review.post("/ask-us/<token>")
    def say_to_answer(token: str) -> Response | tuple[str, int]:
        limit_public()
        this, form = requests.by_token(site.casework, token), Form(request.form)
        settled = form.choice("settled", (YES, NO))
        words = form.text("words", most=_LONGEST_WORDS, required=False)
        if form.errors:
            return _own(token, this, form), 422
        requests.customer_says(site.casework, this.id, settled == YES, words)
        return redirect(url_for("review.asked", token=token, done="said"), 303)

    @review.post("/ask-us/<token>/thanks")
    def thank(token: str) -> Response | tuple[str, int]:
        limit_public()
        this, form = requests.by_token(site.casework, token), Form(request.form)
        words = form.text("thanks", most=kudos.LONGEST)
        if form.errors:
            return _own(token, this, form), 422
        if this.owner is None or this.answer is None:
            raise Refused("not_answered_yet", request=this.id)
        kudos.give(site.casework, this.owner, words, CUSTOMER)
        return redirect(url_for("review.asked", token=token, done="thanks"), 303)


def _form(site: Site, form: Form, counter: Staff | None) -> str:
    labels = {
        name: text(f"ask_us.{name}", g.language) for name in ("kind", "words", "name", "contact", "area")
    }
    return render_template(
        "review/ask_us.html",
        form=form,
        labels=labels,
        limits=requests.LONGEST,
        kinds=[(kind.value, text(f"request_kind.{kind}", g.language)) for kind in Kind],
        counter=counter.name(g.language) if counter else None,
        full=_full(site, counter),
        telephone=site.casework.promises.telephone,
    )


def _full(site: Site, counter: Staff | None) -> str:
    """Why the web takes no request from a customer now; "" where it does."""
    return "requests_full" if counter is None and limits.requests_full(site.casework) else ""


def _own(token: str, this: Request, form: Form) -> str:
    address = url_for("review.asked", token=token, _external=True)
    counter = _at_the_counter()
    return render_template(
        "review/asked.html",
        day_text=day_text,
        this=this,
        token=token,
        form=form,
        labels={"settled": text("asked.settled", g.language), "thanks": text("asked.thanks", g.language)},
        address=address,
        qr=qr_svg(address, text("asked.qr", g.language)),
        is_new="new" in request.args,
        done=request.args.get("done", ""),
        is_counter=counter is not None and counter.has(*OFFICE),
        longest=(_LONGEST_WORDS, kudos.LONGEST),
        settled_options=[(YES, text("asked.yes", g.language)), (NO, text("asked.no", g.language))],
    )


def _at_the_counter() -> Staff | None:
    """Somebody of the staff who fills it in; nobody where the bench is away, for a customer does not need it."""
    try:
        return staff_who_asks()
    except BenchAwayError:
        return None
