"""An answer as one long picture with a QR code, for messaging groups, and the whole handbook as a PDF to print.

Making one takes a second of the machine, and anybody may ask. So what was made is kept and sent again while nothing in
it has changed (its ETag is the digest of what it says), one is made at a time, few may wait for theirs, and one address
has so many made in a while. A picture that is kept costs nobody a try.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, g, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from web.casework.refused import Refused
from web.dates import day_of, day_text
from web.handbook.shown import ShownAnswer, shown, subjects_of
from web.knowledge import answers, questions
from web.knowledge.model import Answer, Question, Subject
from web.knowledge.shipped import THE_PROGRAM
from web.limits import AddressLimit
from web.printing import pdf_of, pictures_of
from web.qr import qr_file
from web.site import Site
from web.texts import text

ROOM = "web.handbook"
KEPT = 64
"""Pictures and handbooks in memory; a picture has some 100 kB."""
MAKERS = 4
"""Requests that make one or wait for it; the next is asked to come again."""
TRIES, WINDOW_S = 30, 600.0
"""What one address may have made anew."""
PICTURE_PPI = 216.0
"""With 360 pt wide: 1080 pixels, which a telephone shows sharply."""

Printed = dict[str, Any]


class Prints:
    """What was made, by the digest of what it says."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._limit = AddressLimit(TRIES, WINDOW_S, now_s)
        self._one_at_a_time, self._makers = threading.Lock(), threading.BoundedSemaphore(MAKERS)

    def get(self, digest: str, peer: str, make: Callable[[], bytes]) -> bytes:
        """Errors: Refused print_busy, too_many_tries."""
        if (there := self._kept.get(digest)) is not None:
            return there
        if wait_s := self._limit.wait_s(peer):
            raise Refused("too_many_tries", wait_s=str(int(wait_s) + 1))
        if not self._makers.acquire(blocking=False):
            raise Refused("print_busy")
        try:
            with self._one_at_a_time:
                if digest not in self._kept:
                    self._kept[digest] = make()
                while len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
                return self._kept[digest]
        finally:
            self._makers.release()


def add_routes(handbook: Blueprint, site: Site) -> None:
    cw, prints = site.casework, Prints(site.feed.now_s)

    @handbook.get("/handbook/answer/<int:question_id>.png")
    def picture(question_id: int) -> BaseResponse | tuple[str, int]:
        this = questions.question(cw, question_id)
        found = answers.of(cw, question_id)
        if found is None:
            return render_template("handbook/gone.html", longest=0), 404
        address = url_for("handbook.answer", question_id=question_id, _external=True)
        data = picture_data(site, this, found, g.language, address)
        return _sent(prints, data, "image/png", lambda: picture_of(data))

    @handbook.get("/handbook.pdf")
    def whole() -> BaseResponse:
        data = _book_data(site, g.language, url_for("handbook.book", _external=True))
        response = _sent(
            prints,
            data,
            "application/pdf",
            lambda: pdf_of(ROOM, "handbook", data, {"qr.svg": qr_file(data["address"])}),
        )
        response.headers["Content-Disposition"] = f'inline; filename="handbook-{g.language}.pdf"'
        return response


def picture_data(site: Site, this: Question, answer: Answer, language: str, address: str) -> Printed:
    """What the picture of an answer says; also of one that is not published yet, to see whether it can be printed."""
    found = shown(answer, this.subject, language, site.casework.promises)
    return {
        "language": language,
        "day": _day(found.day or answer.written_at),
        "book": text("handbook.title", language),
        "subject": text(f"question_subject.{found.subject}", language),
        "answer": _printed(found),
        "unsure_mark": text("handbook.unsure_mark", language),
        "unsure": text("handbook.unsure", language),
        "published": _published(answer, found, language),
        "scan": text("handbook.scan", language),
        "address": address,
    }


def picture_of(data: Printed) -> bytes:
    """A PNG; a character that the font does not have is left out."""
    return pictures_of(ROOM, "answer", data, {"qr.svg": qr_file(data["address"])}, PICTURE_PPI)[0]


def require_printable(data: Printed) -> None:
    """Errors: Refused not_printable for a character that the font does not have; a PDF says so, a picture does not."""
    pdf_of(ROOM, "answer", data, {"qr.svg": qr_file(data["address"])})


def _book_data(site: Site, language: str, address: str) -> Printed:
    cw = site.casework
    published, subjects = answers.published(cw), subjects_of(questions.questions(cw))
    found = [shown(one, subjects[one.question], language, cw.promises) for one in published]
    newest = max((one.published_at or "" for one in published), default=site.now())
    return {
        "language": language,
        "day": _day(newest),
        "title": text("handbook.title", language),
        "intro": text("handbook.intro", language),
        "contents": text("handbook.contents", language),
        "as_of": text("handbook.as_of", language, day=day_text(newest, language)),
        "unsure_mark": text("handbook.unsure_mark", language),
        "unsure": text("handbook.unsure", language),
        "scan": text("handbook.scan", language),
        "address": address,
        "parts": [
            {"subject": text(f"question_subject.{s}", language), "answers": [_printed(one) for one in of]}
            for s in Subject
            if (of := [one for one in found if one.subject is s])
        ],
    }


def _printed(one: ShownAnswer) -> Printed:
    return {"title": one.title, "lines": one.paragraphs, "unsure": one.unsure}


def _published(answer: Answer, found: ShownAnswer, language: str) -> str:
    if not found.day:
        return ""
    said = text("handbook.published_on", language, day=day_text(found.day, language), edition=found.edition)
    by = text("handbook.by_the_program", language) if answer.written_by == THE_PROGRAM else ""
    return " · ".join(filter(None, (said, by)))


def _day(at: str) -> tuple[int, int, int]:
    day = day_of(at)
    return day.year, day.month, day.day


def _sent(prints: Prints, data: Printed, kind: str, make: Callable[[], bytes]) -> BaseResponse:
    """What was made, or that the browser has it."""
    digest = hashlib.sha256(json.dumps([kind, data], sort_keys=True).encode()).hexdigest()
    response = Response(mimetype=kind)
    response.set_etag(digest)
    response.headers["Vary"] = "Accept-Language, Cookie"
    response.make_conditional(request)
    if response.status_code != 304:
        response.set_data(prints.get(digest, request.remote_addr or "", make))
    return response
