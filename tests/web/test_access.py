"""Who may do what in the web: each rule with a request that breaks it, refused with a sentence, and written down."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from flask import Blueprint, Flask, g, request
from werkzeug.test import TestResponse

from calibration.texts import LANGUAGES
from tests.casework import stories
from tests.web.conftest import Clock
from tests.web.staff_bench import StaffBench
from tests.web.visiting import CSRF, casework_of, csrf_on, photo_bytes, post, signed_in, site_of, visitor
from web.access import LONGEST_BODY, PUBLIC_TRIES, SIGN_IN_TRIES, limit_sign_in, staff, takes, way_back
from web.bench_link import BenchAwayError
from web.casework import cases, history, invitations, photos, questions
from web.casework.photos import PhotoKind
from web.staff.ending import SAYINGS

LATER = "2026-11-26T10:11:00+00:00"


@pytest.fixture
def app(service: Flask) -> Flask:
    """The whole web, with some pages of the staff to knock at."""
    probe = Blueprint("probe", __name__)

    @probe.get("/probe/any")
    @staff()
    def anybody() -> str:
        return f"{g.staff.id} {','.join(g.staff.roles)}"

    @probe.post("/probe/verify/<case_id>")
    @staff("verifier")
    def verify(case_id: str) -> str:
        return f"{g.staff.id} verifies {case_id}"

    @probe.post("/probe/sign-in")
    def sign_in() -> str:
        limit_sign_in()
        return "tried"

    @probe.post("/probe/large")
    @takes(2 * LONGEST_BODY)
    def large() -> str:
        return str(len(request.files["photo"].read()))

    service.register_blueprint(probe)
    return service


def newest_refusal(app: Flask) -> history.Refusal:
    return history.refusals(casework_of(app))[0]


def assert_refused(app: Flask, answer: TestResponse, status: int, key: str) -> None:
    """A page with a sentence that helps, the right status, and an entry in the log."""
    assert answer.status_code == status
    assert answer.mimetype == "text/html"
    sentence = answer.text.split('class="sentence">')[1].split("<")[0]
    assert len(sentence) > 9
    assert "{" not in sentence
    assert key not in sentence
    assert newest_refusal(app).key == key


# --- forms


def test_a_request_without_the_hidden_token_is_refused(app: Flask) -> None:
    case_id = stories.received(casework_of(app)).id
    browser = visitor(app, case_id)
    answer = browser.post("/visit/questions", data={"question": "Why?"})
    assert_refused(app, answer, 403, "form_too_old")
    assert questions.questions(casework_of(app), case_id) == []


def test_the_token_of_another_browser_is_refused(app: Flask) -> None:
    cw = casework_of(app)
    one, other = visitor(app, stories.received(cw).id), visitor(app, stories.planned(cw, "A-2").id)
    answer = one.post("/visit/questions", data={"csrf": csrf_on(other.get("/visit")), "question": "Why?"})
    assert_refused(app, answer, 403, "form_too_old")


def test_a_cookie_for_forms_that_somebody_has_set_is_of_no_use_against_a_visitor(app: Flask) -> None:
    browser = visitor(app, stories.received(casework_of(app)).id)
    attacker = app.test_client()
    token = csrf_on(attacker.get("/join/anything"))
    set_by_attacker = attacker.get_cookie("form")
    assert set_by_attacker is not None
    browser.set_cookie("form", set_by_attacker.value)
    answer = browser.post("/visit/questions", data={"csrf": token, "question": "Why?"})
    assert_refused(app, answer, 403, "form_too_old")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://elsewhere.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_a_form_of_a_foreign_page_is_refused_even_with_the_token(app: Flask, headers: dict[str, str]) -> None:
    browser = visitor(app, stories.received(casework_of(app)).id)
    token = csrf_on(browser.get("/visit"))
    answer = browser.post("/visit/questions", data={"csrf": token, "question": "Why?"}, headers=headers)
    assert_refused(app, answer, 403, "foreign_page")


def test_a_form_of_our_own_page_is_taken(app: Flask) -> None:
    browser = visitor(app, stories.received(casework_of(app)).id)
    token = csrf_on(browser.get("/visit"))
    own = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    assert (
        browser.post("/visit/questions", data={"csrf": token, "question": "Why?"}, headers=own).status_code
        == 303
    )


def test_a_form_before_anybody_has_come_in_has_a_token_too(app: Flask) -> None:
    cw = casework_of(app)
    token = invitations.invite(cw, stories.received(cw).id, stories.VERIFIER)
    assert_refused(app, app.test_client().post(f"/join/{token}"), 403, "form_too_old")
    assert post(app.test_client(), f"/join/{token}").status_code == 303


def test_a_token_does_not_tell_the_cookie_that_it_is_made_of(app: Flask) -> None:
    browser = visitor(app, stories.received(casework_of(app)).id)
    cookie = browser.get_cookie("visit")
    assert cookie is not None
    page = browser.get("/visit").text
    assert CSRF.search(page)
    assert cookie.value not in page


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_there_are_no_other_ways_to_change_something(app: Flask, method: str) -> None:
    browser = visitor(app, stories.received(casework_of(app)).id)
    assert getattr(browser, method)("/visit/questions").status_code == 405


# --- invitations and visits


def test_looking_at_an_invitation_uses_nothing_up(app: Flask) -> None:
    cw = casework_of(app)
    token = invitations.invite(cw, stories.received(cw).id, stories.VERIFIER)
    browser = app.test_client()
    assert [browser.get(f"/join/{token}").status_code for _ in range(3)] == [200] * 3
    assert post(browser, f"/join/{token}").status_code == 303
    assert browser.get("/visit").status_code == 200


def test_an_invitation_that_was_used_is_refused(app: Flask) -> None:
    cw = casework_of(app)
    token = invitations.invite(cw, stories.received(cw).id, stories.VERIFIER)
    assert post(app.test_client(), f"/join/{token}").status_code == 303
    second = app.test_client()
    assert_refused(app, post(second, f"/join/{token}"), 410, "token_used")
    assert second.get("/visit").status_code == 403


def test_an_invitation_that_is_too_old_is_refused(app: Flask, clock: Clock) -> None:
    cw = casework_of(app)
    token = invitations.invite(cw, stories.received(cw).id, stories.VERIFIER)
    clock.at = LATER
    assert_refused(app, post(app.test_client(), f"/join/{token}"), 410, "token_expired")


def test_an_invitation_that_never_was_is_refused(app: Flask) -> None:
    assert_refused(app, post(app.test_client(), "/join/guessed"), 410, "token_unknown")


def test_who_guesses_invitations_is_stopped(app: Flask) -> None:
    browser = app.test_client()
    for number in range(PUBLIC_TRIES):
        assert post(browser, f"/join/guess-{number}").status_code == 410
    assert_refused(app, post(browser, "/join/one-more"), 429, "too_many_tries")


def test_a_page_of_a_visit_without_a_visit_is_refused(app: Flask) -> None:
    assert_refused(app, app.test_client().get("/visit/live"), 403, "no_visit")


def test_a_cookie_of_a_visit_that_has_ended_is_refused(app: Flask) -> None:
    cw = casework_of(app)
    case_id = stories.received(cw).id
    browser = visitor(app, case_id)
    invitations.end_visits(cw, case_id, stories.VERIFIER)
    assert_refused(app, browser.get("/visit"), 410, "visit_over")


def test_a_visit_ends_by_itself(app: Flask, clock: Clock) -> None:
    browser = visitor(app, stories.received(casework_of(app)).id)
    clock.at = "2026-11-26T22:00:00+00:00"
    assert_refused(app, browser.get("/visit"), 410, "visit_over")


def test_a_cookie_can_be_read_by_no_script_and_is_sent_by_no_other_page(app: Flask) -> None:
    cw = casework_of(app)
    token = invitations.invite(cw, stories.received(cw).id, stories.VERIFIER)
    set_cookie = post(app.test_client(), f"/join/{token}").headers["Set-Cookie"]
    for attribute in ("HttpOnly", "SameSite=Strict", "Path=/"):
        assert attribute in set_cookie
    assert "Expires" not in set_cookie
    assert "Max-Age" not in set_cookie


def test_over_https_a_cookie_is_bound_to_this_host(app: Flask) -> None:
    cw = casework_of(app)
    token = invitations.invite(cw, stories.received(cw).id, stories.VERIFIER)
    browser = app.test_client()
    csrf = csrf_on(browser.get(f"/join/{token}", base_url="https://bench.example"))
    answer = browser.post(f"/join/{token}", data={"csrf": csrf}, base_url="https://bench.example")
    assert answer.headers["Set-Cookie"].startswith("__Host-visit=")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert "Domain" not in answer.headers["Set-Cookie"]


def test_over_https_a_browser_is_told_to_keep_to_it(app: Flask) -> None:
    browser = app.test_client()
    encrypted = browser.get("/staff/sign-in", base_url="https://bench.example").headers
    assert encrypted["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert "Strict-Transport-Security" not in browser.get("/staff/sign-in").headers


def test_neither_a_folder_nor_a_trace_is_answered(app: Flask) -> None:
    browser = app.test_client()
    assert browser.get("/static/").status_code == 404
    traced = browser.open("/staff/sign-in", method="TRACE", headers={"X-Secret": "my-secret"})
    assert traced.status_code in (404, 405)
    assert "my-secret" not in traced.text


def test_a_defect_shows_nothing_of_the_program(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def defect(*unused: object) -> None:
        raise ZeroDivisionError("/var/lib/a-path")

    monkeypatch.setattr(site_of(app).link, "sign_in", defect)
    app.testing = False
    answer = post(app.test_client(), "/staff/sign-in?lang=en", by="P2", password="a long secret")
    assert answer.status_code == 500
    assert 'class="sentence"' in answer.text
    for inside in ("ZeroDivisionError", "Traceback", "a-path", "a long secret"):
        assert inside not in answer.text


def test_another_cases_photo_is_not_there(app: Flask, tmp_path: Path) -> None:
    cw = casework_of(app)
    mine, theirs = stories.received(cw).id, stories.planned(cw, "A-2", "P5", "P6").id
    other = photos.keep(cw, theirs, PhotoKind.OTHER, photo_bytes(tmp_path), "P5")
    own = photos.keep(cw, mine, PhotoKind.NAMEPLATE, photo_bytes(tmp_path), stories.VERIFIER)
    browser = visitor(app, mine)
    assert browser.get(f"/visit/photo/{own.id}").mimetype == "image/jpeg"
    answer = browser.get(f"/visit/photo/{other.id}")
    assert_refused(app, answer, 404, "foreign_case")
    nowhere = browser.get("/visit/photo/99999")
    assert (nowhere.status_code, nowhere.text) == (
        answer.status_code,
        answer.text.replace(f"/{other.id}", "/99999"),
    )


# --- staff


def test_a_number_that_no_photo_can_have_is_no_address(app: Flask) -> None:
    answer = visitor(app, stories.received(casework_of(app)).id).get(f"/visit/photo/{10**26}")
    assert answer.status_code == 404


def test_a_session_is_asked_of_the_bench_with_every_request(app: Flask, staff_bench: StaffBench) -> None:
    browser = signed_in(app, "P2")
    for _ in range(2):
        assert browser.get("/probe/any").text == "P2 verifier"
    assert len(staff_bench.told("session")) == 2
    staff_bench.sessions.clear()
    assert browser.get("/probe/any").text != "P2 verifier"


def test_a_role_that_the_bench_takes_away_is_gone_at_once(app: Flask, staff_bench: StaffBench) -> None:
    browser = signed_in(app, "P2")
    token = _csrf_of(app, browser.get_cookie("staff").value)  # type: ignore[union-attr]
    assert browser.post("/probe/verify/C2026-0001", data={"csrf": token}).status_code == 200
    staff_bench.persons["P2"]["roles"] = ["office"]
    assert_refused(app, browser.post("/probe/verify/C2026-0001", data={"csrf": token}), 403, "role_needed")


def test_who_lacks_the_role_is_named_in_the_log_with_the_case(app: Flask) -> None:
    browser = signed_in(app, "P3")
    token = _csrf_of(app, browser.get_cookie("staff").value)  # type: ignore[union-attr]
    assert_refused(app, browser.post("/probe/verify/C2026-0001", data={"csrf": token}), 403, "role_needed")
    refusal = newest_refusal(app)
    assert (refusal.who, refusal.case_id) == ("P3", "C2026-0001")
    assert refusal.act == "POST probe.verify"


def test_a_customer_cannot_do_what_a_verifier_does(app: Flask) -> None:
    case_id = stories.received(casework_of(app)).id
    browser = visitor(app, case_id)
    answer = browser.post(f"/probe/verify/{case_id}", data={"csrf": csrf_on(browser.get("/visit"))})
    assert_refused(app, answer, 403, "not_for_customers")
    refusal = newest_refusal(app)
    assert (refusal.who, refusal.case_id) == ("customer", case_id)


def test_a_session_that_has_ended_does_nothing_any_more(app: Flask, staff_bench: StaffBench) -> None:
    browser = signed_in(app, "P2")
    token = _csrf_of(app, browser.get_cookie("staff").value)  # type: ignore[union-attr]
    staff_bench.sessions.clear()
    assert_refused(
        app, browser.post("/probe/verify/C2026-0001", data={"csrf": token}), 403, "session_expired"
    )


def test_an_invented_session_is_none(app: Flask) -> None:
    browser = app.test_client()
    browser.set_cookie("staff", "invented")
    token = _csrf_of(app, "invented")
    assert_refused(
        app, browser.post("/probe/verify/C2026-0001", data={"csrf": token}), 403, "session_expired"
    )


def test_without_a_bench_nobody_of_the_staff_is_let_in(app: Flask, staff_bench: StaffBench) -> None:
    browser = signed_in(app, "P2")
    app.extensions["feed"].close()
    staff_bench.__exit__(None, None, None)
    answer = browser.get("/probe/any")
    assert answer.status_code == 503
    assert 'class="sentence"' in answer.text


def test_an_address_that_tries_passwords_is_stopped_whatever_it_says_of_itself(app: Flask) -> None:
    browser = app.test_client()
    token = csrf_on(browser.get("/join/anything"))
    for number in range(SIGN_IN_TRIES):
        answer = browser.post(
            "/probe/sign-in", data={"csrf": token}, headers={"X-Forwarded-For": f"10.0.0.{number}"}
        )
        assert answer.status_code == 200
    answer = browser.post("/probe/sign-in", data={"csrf": token}, headers={"X-Forwarded-For": "10.9.9.9"})
    assert_refused(app, answer, 429, "too_many_tries")
    elsewhere = browser.post("/probe/sign-in", data={"csrf": token}, environ_base={"REMOTE_ADDR": "10.1.1.1"})
    assert elsewhere.status_code == 200


@pytest.mark.parametrize(
    "wanted",
    [
        "//elsewhere.example",
        "https://elsewhere.example/",
        "/\\elsewhere.example",
        "//[",
        "javascript:alert(1)",
        "",
        "/a\r\nb",
    ],
)
def test_signing_in_leads_to_no_other_host(wanted: str) -> None:
    assert way_back(wanted, "/work") == "/work"


def test_signing_in_leads_back_to_the_page_that_was_wanted() -> None:
    assert way_back("/staff/cases?state=ready", "/work") == "/staff/cases?state=ready"


# --- size, and what an answer says


def test_a_form_that_is_too_large_is_refused(app: Flask) -> None:
    browser = visitor(app, stories.received(casework_of(app)).id)
    token = csrf_on(browser.get("/visit"))
    answer = browser.post("/visit/questions", data={"csrf": token, "question": "?" * (LONGEST_BODY + 1)})
    assert_refused(app, answer, 413, "too_large")


def test_a_photo_may_be_larger_on_its_own_route_only(app: Flask) -> None:
    browser = visitor(app, stories.received(casework_of(app)).id)
    token = csrf_on(browser.get("/visit"))
    photo = b"x" * (LONGEST_BODY + 1000)

    def send(where: str) -> TestResponse:
        return browser.post(where, data={"csrf": token, "photo": (io.BytesIO(photo), "photo.jpg")})

    assert send("/probe/large").text == str(len(photo))
    assert_refused(app, send("/visit/questions"), 413, "too_large")


def test_what_was_typed_is_not_in_the_log(app: Flask) -> None:
    browser = visitor(app, stories.received(casework_of(app)).id)
    browser.post("/visit/questions?secret=in-the-address", data={"question": "my-secret-words"})
    refusal = newest_refusal(app)
    assert "secret" not in f"{refusal.who}{refusal.act}{refusal.key}{refusal.case_id}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_refusal_is_said_in_the_readers_language_and_can_be_read_in_the_other(
    app: Flask, language: str
) -> None:
    answer = app.test_client().get(f"/visit?lang={language}")
    assert f'lang="{"zh-Hans" if language == "zh" else "en"}"' in answer.text
    other = "en" if language == "zh" else "zh"
    assert f'href="/visit?lang={other}"' in answer.text


def test_the_other_language_of_an_answer_to_a_form_is_a_page_that_can_be_opened(app: Flask) -> None:
    browser = visitor(app, stories.received(casework_of(app)).id)
    refused = browser.post("/visit/consent", data={})
    assert 'href="/?lang=' in refused.text
    again = post(browser, "/visit/questions", question="")
    assert again.status_code == 422
    assert 'href="/visit/questions?lang=' in again.text


@pytest.mark.parametrize(
    "asked", ["endpoint=x", "_method=POST", "_scheme=javascript&_external=1", "values=x"]
)
def test_the_other_language_is_offered_whatever_stands_in_an_address(app: Flask, asked: str) -> None:
    answer = app.test_client().get(f"/apply?lang=en&{asked}")
    assert answer.status_code == 200
    assert f'href="/apply?lang=zh&amp;{asked.replace("&", "&amp;")}"' in answer.text


@pytest.mark.parametrize("origin", ["http://[", "//[::", "http://[x]:y"])
def test_an_origin_that_is_no_address_is_another_page(app: Flask, origin: str) -> None:
    browser = app.test_client()
    csrf = csrf_on(browser.get("/apply"))
    answer = browser.post("/apply", data={"csrf": csrf}, headers={"Origin": origin})
    assert_refused(app, answer, 403, "foreign_page")


def test_a_form_that_is_too_old_leads_to_a_new_one(app: Flask) -> None:
    answer = app.test_client().post("/apply?lang=en", data={"doubt": "runs too fast"})
    assert answer.status_code == 403
    assert '<a class="quiet-button" href="/apply?lang=en">Open the form again</a>' in answer.text
    assert "runs too fast" in answer.text


@pytest.mark.parametrize(
    ("referrer", "link"),
    [
        ("http://localhost/visit?lang=en", True),
        ("http://elsewhere.example/visit", False),
        ("http://localhost//elsewhere.example", False),
        ("", False),
    ],
)
def test_a_form_with_no_page_of_its_own_leads_to_the_page_it_was_on(
    app: Flask, referrer: str, link: bool
) -> None:
    answer = app.test_client().post("/visit/consent?lang=en", headers={"Referer": referrer})
    assert answer.status_code == 403
    assert ('href="/visit">Open the form again' in answer.text) == link
    assert ("Open the form again" in answer.text) == link


def test_a_refusal_that_cannot_be_written_down_is_said_all_the_same(app: Flask) -> None:
    fill_the_disk(app)
    browser = app.test_client()
    answer = browser.post("/apply?lang=en", data={})
    assert answer.status_code == 403
    assert "too old" in answer.text


def test_what_was_typed_is_on_the_page_that_refuses_it_but_no_password(app: Flask) -> None:
    fill_the_disk(app)
    typed = {
        "doubt": "Nobody is at home <b>and it runs.\r\nAll night.", "expects": "The truth", "sure": "5", "trust": "5",
        "serial": "A-1", "name": "Wang Xiaoming", "address": "12 Example Road", "phone": "13800000000",
        "password": "a long secret",
    }  # fmt: skip
    answer = post(app.test_client(), "/apply", **typed)
    assert answer.status_code == 503
    for name in ("expects", "name", "address", "phone"):
        assert typed[name] in answer.text
    assert "at home &lt;b&gt;and" in answer.text
    assert "All night." in answer.text
    assert "a long secret" not in answer.text
    assert cases.all_cases(casework_of(app)) == []


def test_a_full_disk_is_said_to_a_customer_in_words_and_without_a_path(app: Flask) -> None:
    cw = casework_of(app)
    case = stories.received(cw).id
    browser = visitor(app, case)
    before = history.history(cw, case)
    typed = "What took me long to write"
    browser.get("/visit?lang=en")
    fill_the_disk(app)
    answer = post(browser, "/visit/questions", question=typed)
    assert answer.status_code == 503
    assert "Nothing was kept" in answer.text
    assert ".sqlite" not in answer.text
    assert typed in answer.text
    assert history.history(cw, case) == before


def test_a_full_disk_is_no_word_of_the_bench_on_the_console(app: Flask) -> None:
    case = stories.after_test(casework_of(app))
    fill_the_disk(app)
    page = f"/staff/case/{case.id}/explain?lang=en"
    answer = post(signed_in(app, "P2"), page, **dict.fromkeys((*SAYINGS, "no_call"), "yes"))
    assert answer.status_code == 503
    assert "Nothing was kept" in answer.text


@pytest.mark.parametrize(
    ("was_asked", "said"), [(False, "nothing was changed"), (True, "look before you try")]
)
def test_a_bench_that_does_not_answer_is_said_to_have_done_nothing_only_where_that_is_known(
    app: Flask, monkeypatch: pytest.MonkeyPatch, was_asked: bool, said: str
) -> None:
    def away(*unused: object) -> None:
        raise BenchAwayError("gone", was_asked=was_asked)

    monkeypatch.setattr(site_of(app).link, "sign_in", away)
    answer = post(app.test_client(), "/staff/sign-in?lang=en", by="P2", password="a long secret")
    assert answer.status_code == 503
    assert said in answer.text
    assert "a long secret" not in answer.text


def test_what_a_foreign_page_sent_is_not_shown(app: Flask) -> None:
    sent = {"doubt": "Call this number at once"}
    answer = app.test_client().post("/apply", data=sent, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert sent["doubt"] not in answer.text


def fill_the_disk(app: Flask) -> None:
    """From now on nothing can be written to the file of the cases."""
    casework_of(app)._database.execute("PRAGMA query_only = ON")


def test_a_visit_leaves_no_trace_in_a_cache_or_a_referrer(app: Flask) -> None:
    browser = visitor(app, stories.received(casework_of(app)).id)
    headers = browser.get("/visit").headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "form-action 'self'" in headers["Content-Security-Policy"]


def _csrf_of(app: Flask, cookie: str) -> str:
    """What a form of ours would carry in a browser with this cookie of the staff."""
    with app.test_request_context("/", headers={"Cookie": f"staff={cookie}"}):
        token: str = app.jinja_env.globals["csrf_token"]()  # type: ignore[operator]
        return token
