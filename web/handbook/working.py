"""One question: taken until a day, joined to another, set aside, answered in both languages, published, withdrawn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from calibration.household.appliances import EXAMPLES
from calibration.texts import LANGUAGES
from web.access import staff
from web.beside import beside
from web.casework.refused import Refused
from web.dates import local_day
from web.forms import LONGEST_LINE, Form
from web.handbook.printed import picture_data, require_printable
from web.handbook.question_table import rows
from web.handbook.shown import ShownAnswer, shown
from web.handbook.staff_page import question_options, subject_options
from web.knowledge import answers, questions
from web.knowledge.answers import LONGEST_TEXT, LONGEST_TITLE
from web.knowledge.figures import PROMISES, filled, require_known
from web.knowledge.model import IN_THE_HANDBOOK, Answer, Question, State, Subject
from web.knowledge.questions import LONGEST_REASON
from web.office.people import people_of
from web.office.roles import OFFICE, READERS
from web.site import Site

FIELDS = ("title_zh", "title_en", "text_zh", "text_en")
_EARLY = (State.NEW, State.STUDIED)


def add_routes(room: Blueprint, site: Site) -> None:
    cw = site.casework

    @room.get("/office/question/<int:question_id>")
    @staff(*READERS)
    def one(question_id: int) -> str:
        return _page(site, questions.question(cw, question_id), Form(), done="done" in request.args)

    @room.post("/office/question/<int:question_id>/<act>")
    @staff(*OFFICE)
    def act_on_question(question_id: int, act: str) -> Response | tuple[str, int]:
        """One act; what is wrong with the form is said beside it, what went well leads back to the question."""
        this, form = questions.question(cw, question_id), Form(request.form)
        if act not in acts:
            raise Refused("not_found")
        acts[act](this, form)
        if form.errors:
            return _page(site, this, form, opened=act), 422
        return redirect(url_for("questions.one", question_id=question_id, done=act), 303)

    @room.route("/office/question/<int:question_id>/answer", methods=["GET", "POST"])
    @staff(*OFFICE)
    def write(question_id: int) -> Response | str | tuple[str, int]:
        this = questions.question(cw, question_id)
        if request.method == "GET":
            editions = answers.answers(cw, question_id)
            begun = {name: getattr(editions[0], name) for name in FIELDS} if editions else {}
            return _answer_page(site, this, Form(None, **begun))
        form = Form(request.form)
        written = _written(site, this, form)
        if form.errors or written is None:
            return _answer_page(site, this, form), 422
        if form.value("step") == "preview":
            return _answer_page(site, this, form, written)
        title, words = (written.title_zh, written.title_en), (written.text_zh, written.text_en)
        beside(form, "text_zh", lambda: answers.write(cw, question_id, title, words, g.staff.id))
        if form.errors:
            return _answer_page(site, this, form, written), 422
        return redirect(url_for("questions.one", question_id=question_id, done="answer"), 303)

    def take(this: Question, form: Form) -> None:
        owner = form.choice("question_owner", [value for value, _ in people_of(site).everybody(g.language)])
        day = form.day("due_on")
        subject = form.choice("subject", tuple(Subject))
        if not form.errors and day is not None:
            due_on = day.isoformat()
            beside(
                form,
                "due_on",
                lambda: questions.study(cw, this.id, owner, due_on, Subject(subject), g.staff.id),
            )

    def join(this: Question, form: Form) -> None:
        same_as = form.choice("same_as", [number for number, _ in question_options(site, this.id)])
        if not form.errors:
            beside(form, "same_as", lambda: questions.joined(cw, this.id, int(same_as), g.staff.id))

    def set_aside(this: Question, form: Form) -> None:
        reason = form.text("reason", most=LONGEST_REASON)
        if not form.errors:
            beside(form, "reason", lambda: questions.set_aside(cw, this.id, reason, g.staff.id))

    def publish(this: Question, form: Form) -> None:
        edition = form.whole("edition", least=1, most=1_000_000)
        if edition is None:
            raise Refused("answer_changed")
        answers.publish(cw, this.id, edition, g.staff.id)

    def withdraw(this: Question, form: Form) -> None:
        reason = form.text("withdraw_why", most=LONGEST_REASON)
        if not form.errors:
            beside(form, "withdraw_why", lambda: answers.withdraw(cw, this.id, reason, g.staff.id))

    def delete_words(this: Question, form: Form) -> None:
        asking = form.whole("asking", least=1, most=2**63 - 1)
        if asking is None or all(asking != one.id for one in questions.askings(cw, this.id)):
            raise Refused("no_such_question")
        questions.delete_words(cw, asking, g.staff.id)

    acts: dict[str, Callable[[Question, Form], None]] = {
        "take": take,
        "join": join,
        "set-aside": set_aside,
        "publish": publish,
        "withdraw": withdraw,
        "delete-words": delete_words,
    }


def _page(site: Site, this: Question, form: Form, *, opened: str = "", done: bool = False) -> str:
    cw = site.casework
    editions = answers.answers(cw, this.id)
    newest = editions[0] if editions else None
    today = local_day(site.now()).isoformat()
    begun = {
        "question_owner": this.owner or g.staff.id,
        "due_on": this.due_on if this.due_on and this.due_on >= today else questions.default_day(cw),
        "subject": this.subject,
    }
    if not form.errors:
        form = Form(None, **begun)
    elif opened != "take":
        form = _with(form, begun)
    people = people_of(site)
    is_office = g.staff.has(*OFFICE)
    return render_template(
        "handbook/question.html",
        question=this,
        words=next((row.words for row in rows(cw, g.language) if row.question.id == this.id), None),
        form=form,
        opened=opened,
        done=done,
        people=people,
        owners=people.everybody(g.language),
        subject_options=subject_options(),
        same_options=question_options(site, this.id),
        askings=questions.askings(cw, this.id),
        editions=editions,
        public=answers.of(cw, this.id),
        waiting=_both(site, newest, this) if newest and this.state is State.ANSWERED else None,
        is_overdue=this.is_overdue(today),
        may_take=is_office and this.state is not State.SET_ASIDE,
        may_join=is_office and this.state in _EARLY and answers.of(cw, this.id) is None,
        may_set_aside=is_office and this.state in _EARLY and not editions,
        may_withdraw=is_office and answers.of(cw, this.id) is not None,
        in_the_handbook=this.state in IN_THE_HANDBOOK,
        longest=LONGEST_REASON,
    )


def _with(form: Form, begun: dict[str, Any]) -> Form:
    """The form that was refused, and what the others begin with."""
    both = Form({**begun, **{name: form.value(name) for name in ("same_as", "reason", "withdraw_why")}})
    both.errors = form.errors
    return both


def _both(site: Site, answer: Answer, this: Question) -> dict[str, ShownAnswer]:
    return {language: shown(answer, this.subject, language, site.casework.promises) for language in LANGUAGES}


def _written(site: Site, this: Question, form: Form) -> Answer | None:
    """What was typed, as an edition that nobody has kept yet; None, with what is wrong, where it cannot be one.

    It is printed once, so that no picture and no handbook fails for a character that the font does not have.
    """
    typed = {name: form.text(name, most=LONGEST_TITLE) for name in FIELDS[:2]}
    typed |= {name: form.text(name, most=max(LONGEST_TEXT, LONGEST_LINE + 1)) for name in FIELDS[2:]}
    for name in FIELDS[2:]:
        beside(form, name, lambda name=name: require_known(typed[name]))  # type: ignore[misc]
    if form.errors:
        return None
    answer = Answer(
        this.id, 0, **typed, written_at=site.now(), written_by=g.staff.id,
        published_at=None, published_by=None, withdrawn_at=None,
    )  # fmt: skip
    for language in LANGUAGES:
        data = picture_data(site, this, answer, language, "-")
        beside(form, f"text_{language}", lambda data=data: require_printable(data))  # type: ignore[misc]
    return None if form.errors else answer


def _answer_page(site: Site, this: Question, form: Form, preview: Answer | None = None) -> str:
    promises = site.casework.promises
    names = [f"{kind}:{one.key}" for one in EXAMPLES for kind in ("energy", "power", "hours")]
    names += [f"promise:{name}" for name in PROMISES]
    return render_template(
        "handbook/write.html",
        question=this,
        askings=questions.askings(site.casework, this.id),
        form=form,
        preview=_both(site, preview, this) if preview else None,
        figures=[(f"{{{name}}}", filled(f"{{{name}}}", g.language, promises)) for name in names],
        longest=(LONGEST_TITLE, LONGEST_TEXT),
    )
