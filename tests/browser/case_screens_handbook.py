"""The screens of the handbook: what customers read, and what the staff does with questions."""

from __future__ import annotations

from tests.browser.case_screen import CUSTOMER_SIZES, DESK, Act, Screen, fill_and_press, press
from tests.browser.case_site import CaseSite
from tests.browser.case_story import ADMINISTRATOR, OFFICE, VERIFIER, Story
from web.casework import areas
from web.casework import questions as asked_in_case
from web.knowledge import answers, periods, questions, readers
from web.knowledge.model import Source, Subject
from web.service import departments

_TITLES = ("路由器一直插着，走很多电吗？", "The router is always on: does it use much?")
_TEXTS = (
    "一年大约 {energy:router}，是机顶盒之外常见的一项。\n长时间不在家可以拔掉。",
    "About {energy:router} a year; like the set-top box it is always on.\nUnplug it when you are away for long.",
)


def asked(site: CaseSite) -> int:
    """The question that is answered and not published; with it others in every state, made once."""
    cw = site.casework
    if periods.current(cw) is None:
        _seed(site)
    return next(one.id for one in questions.questions(cw) if one.state == "answered")


def _seed(site: CaseSite) -> None:
    cw = site.casework
    departments.keep(cw, "north", "城北服务班", "North team", OFFICE, (VERIFIER, OFFICE))
    areas.keep(cw, "lakeside", "湖滨片区", "Lakeside", "north", OFFICE)
    periods.open_first(cw, "让“灯一直闪”的疑问少一半", OFFICE)
    router = questions.ask(cw, "路由器晚上也不关，走多少电？", Source.COUNTER, "湖滨片区", OFFICE)
    questions.study(cw, router.id, OFFICE, questions.default_day(cw), Subject.APPLIANCE, OFFICE)
    answers.write(cw, router.id, _TITLES, _TEXTS, OFFICE)
    lamp = next(one.id for one in questions.questions(cw) if one.key == "blinking_lamp")
    questions.asked_again(cw, lamp, "红灯整夜闪，是不是走字？", Source.SITE, "Lakeside", VERIFIER)
    readers.say(cw, lamp, True)
    readers.say(cw, lamp, True)
    readers.say(cw, lamp, False)
    questions.ask(cw, "新装的充电桩要不要换电表？", Source.WEB, "东村")


def _lamp(site: CaseSite, story: Story) -> str:
    asked(site)
    lamp = next(one for one in questions.questions(site.casework) if one.key == "blinking_lamp")
    return f"handbook/answer/{lamp.id}"


def _book(site: CaseSite, story: Story) -> str:
    asked(site)
    return "handbook"


def _public(name: str, address: str, act: Act | None = None) -> Screen:
    return Screen(name, lambda site, story: address, None, (*CUSTOMER_SIZES, DESK), act)


def _staff(name: str, address: str, who: str = OFFICE, act: Act | None = None) -> Screen:
    """{}: the number of the question that waits to be published."""
    return Screen(name, lambda site, story: address.format(asked(site)), who, act=act)


def _of_case(site: CaseSite, story: Story) -> str:
    [*_, question] = asked_in_case.questions(site.casework, story.tested.id)
    return f"office/questions/new?case={story.tested.id}&question={question.id}"


HANDBOOK_SCREENS = [
    Screen("handbook", _book, None, (*CUSTOMER_SIZES, DESK)),
    _public("handbook-found", "handbook?q=%E7%81%AF"),
    _public("handbook-nothing", "handbook?q=zebra"),
    Screen("handbook-answer", _lamp, None, (*CUSTOMER_SIZES, DESK)),
    Screen("handbook-no", _lamp, None, CUSTOMER_SIZES, press(".settled button[value=no]")),
    _public("handbook-gone", "handbook/answer/999"),
    _public("handbook-ask", "handbook/ask", press("main section form [type=submit]")),
    _public(
        "handbook-sent",
        "handbook/ask",
        fill_and_press({"question_words": "电表会走快吗"}, "main section form [type=submit]"),
    ),
    _staff("questions", "office/questions?state=all"),
    _staff("question", "office/question/{}", ADMINISTRATOR, press("#take summary")),
    _staff("question-write", "office/question/{}/answer", ADMINISTRATOR, press("button[value=preview]")),
    Screen("question-of-case", _of_case, VERIFIER),
    _staff("periods", "office/questions/periods"),
    _staff("areas", "office/areas"),
]
