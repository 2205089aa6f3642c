import re
from html import unescape
from pathlib import Path

import pytest

import web
from bench.before_run.worth import declared_lines, most_of, why_not_official
from bench.configuration.config import parse_config
from bench.ports import Lamp
from bench.records.frozen import to_json
from calibration.quantities import Kind
from calibration.reasons import Reason, sentence
from tests.bench_process.support import plan_of, real_bench
from tests.web import canned, states
from web import create_app
from web.customer.cards import card_of
from web.customer.points import point_rows
from web.customer.scene import Scene, scene_of
from web.customer.view import build_view
from web.staff.plan_table import rows_of
from web.texts import text

SINGLE = [name for name in states.ALL if name not in ("two_positions", "many_positions")]


def said(html: str) -> str:
    """The words of a page without its marks, with single spaces."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", states.ALL)
def test_every_state_has_a_page_in_both_languages_without_any_script(site, name: str, language: str) -> None:
    response = site(states.ALL[name]()).test_client().get(f"/?lang={language}")
    assert response.status_code == 200
    assert "None" not in said(response.text)
    assert "{" not in said(response.text)


@pytest.mark.parametrize(("name", "scene"), [
    ("idle", Scene.IDLE), ("cut_off", Scene.CUT_OFF), ("starting", Scene.STARTING),
    ("waiting_for_start", Scene.WAITING_FOR_START),
    ("waiting_for_load", Scene.WAITING_FOR_LOAD), ("emergency_stop", Scene.INVALID),
    ("settling", Scene.SETTLING), ("counting", Scene.COUNTING),
    ("measuring", Scene.MEASURING), ("repeating", Scene.REPEATING), ("point_done", Scene.POINT_DONE),
    ("waiting_for_others", Scene.WAITING_FOR_OTHERS), ("spoilt", Scene.SPOILT), ("skipped", Scene.SKIPPED),
    ("finished_pass", Scene.PASS), ("finished_fail", Scene.FAIL), ("finished_invalid", Scene.INVALID),
    ("interrupted", Scene.INTERRUPTED),
])  # fmt: skip
def test_each_situation_has_its_own_scene(name: str, scene: Scene) -> None:
    assert scene_of(states.ALL[name](), "1") is scene


@pytest.mark.parametrize("positions", [{}, canned.idle()["positions"]])
def test_after_a_power_cut_the_page_says_so_and_of_whose_meter_nothing(site, positions: dict) -> None:
    """As a bench that has just started says it; with positions: after a run that never began."""
    cut = {"run": "run-000001", "case": "C2026-0001", "goes_on": False}
    pages = {
        goes_on: said(
            site(canned.cut_off() | {"positions": positions, "interrupted": cut | {"goes_on": goes_on}})
            .test_client()
            .get("/?lang=en")
            .text
        )
        for goes_on in (False, True)
    }
    assert all("cut off: the power or the program failed" in page for page in pages.values())
    assert all("nothing of it is lost" in page for page in pages.values())
    assert all("C2026-0001" not in page and "run-000001" not in page for page in pages.values())
    assert "the verifier can go on from there" in pages[True]
    assert "the verifier starts again" in pages[False]
    assert "The bench is ready" not in pages[True] + pages[False]


@pytest.mark.parametrize("name", states.ALL)
def test_the_page_says_the_word_that_the_tower_at_the_bench_shows(site, name: str) -> None:
    state = states.ALL[name]()
    page = site(state).test_client().get("/?lang=en").text
    lit = re.findall(r'class="light light-(\w+) lit"', page)
    if "lamp" not in state:
        assert lit == []
        return
    assert set(lit) == {state["lamp"]} | ({"live_voltage"} if state["lamp"] == "measuring" else set())
    assert f"Lamp at the bench: {text('tower.' + state['lamp'], 'en')}" in said(page)


def test_every_lamp_of_the_bench_has_its_words_and_no_other() -> None:
    words = {key.removeprefix("tower.") for key in text.table if key.startswith("tower.")}
    assert words == {"title", "title_of_all", *Lamp}


@pytest.mark.parametrize("path", ["/", "/position/1"])
def test_a_verdict_of_the_lamp_at_the_bench_is_said_to_be_that_of_all_meters(site, path: str) -> None:
    state = canned.finished_pass()
    state["positions"]["2"] = {**state["positions"]["1"], "verdict": "FAIL"}
    state["lamp"] = "fail"
    client = site(state).test_client()
    assert "Lamp at the bench, for all 2 meters together: FAIL" in said(client.get(f"{path}?lang=en").text)
    assert "检定台信号灯（2 块电表合在一起）： 不合格" in said(client.get(f"{path}?lang=zh").text)


def test_a_meter_near_the_limit_is_told_why_it_is_measured_more_often(site) -> None:
    state = canned.measuring()
    state["points"]["1"]["runs"] = 2
    why = {
        "en": "so the rules ask for more: this is measurement 3",
        "zh": "离允许的界限很近，按规程要多测几次：这是第 3 次",
    }
    for language, words in why.items():
        for window, is_near in ((1, False), (2, False), (3, True)):
            state["positions"]["1"]["window"] = window
            page = said(site(state).test_client().get(f"/?lang={language}").text)
            assert (words in page) is is_near


def test_a_meter_that_was_taken_out_is_not_said_to_have_been_disturbed(site) -> None:
    state = canned.finished_invalid()
    out = {"reason": "skipped_by_operator", "values": {"why": "no lamp is seen"}}
    state["positions"]["1"]["results"]["2"]["reasons"] = [out]
    state["faults"] = []
    page = said(site(state).test_client().get("/?lang=en").text)
    assert "The verifier took your meter out of this test." in page
    assert "The measurement was disturbed. That says" not in page
    assert "has to be repeated" not in page, "with a broken seal, for one, it is not"


@pytest.mark.parametrize(
    ("name", "zh", "en"),
    [
        (
            "waiting_for_start",
            "等检定员在检定台旁按下启动：满负荷",
            "The verifier has to press start at the bench: full load",
        ),
        (
            "cover_is_open",
            "现在还不能加电 防护罩开着。检定员关好它之后，还要再按一次启动。",
            "The load cannot be applied yet The cover is open. The verifier closes it and then has to press",
        ),
        (
            "waiting_for_load",
            "检定员正在调负载：平常用电",
            "The verifier is setting the load: ordinary load",
        ),
        ("emergency_stop", "急停：负载已断开", "Emergency stop: the load is off"),
    ],
)
def test_what_is_waited_for_and_what_stopped_it_is_said_in_both_languages(
    site, name: str, zh: str, en: str
) -> None:
    client = site(states.ALL[name]()).test_client()
    assert zh in said(client.get("/?lang=zh").text)
    assert en in said(client.get("/?lang=en").text)


@pytest.mark.parametrize(
    ("name", "row", "when"),
    [
        ("waiting_for_start", "waits for start", "after start is pressed"),
        ("waiting_for_load", "load being set", "once the load is set"),
    ],
)
def test_a_step_that_waits_for_a_person_neither_settles_nor_begins_in_a_moment(site, name, row, when) -> None:
    state = states.ALL[name]()
    state["next"] = {"what": "measure", "point": state["point"], "in_s": "0"}
    html = site(state).test_client().get("/?lang=en").text
    page = said(html)
    assert row in page
    assert (
        f"What comes next Start counting at {'full' if state['point'] == '0' else 'ordinary'} load {when}"
        in page
    )
    assert "settling" not in page
    assert "in a moment" not in page


def test_every_state_of_a_row_has_its_dot_its_colour_and_its_ground() -> None:
    sheet = (Path(web.__file__).parent / "static" / "page.css").read_text(encoding="utf-8")
    for state in ("settling", "measuring", "waiting_for_start", "waiting_for_load"):
        for kind in ("dot", "row", "state"):
            assert re.search(rf"\.{kind}-{state}\b", sheet), (kind, state)


def test_a_finished_run_without_a_verdict_is_never_a_pass() -> None:
    state = canned.finished_pass()
    state["run"]["verdict"] = state["positions"]["1"]["verdict"] = None
    assert scene_of(state, "1") is Scene.INVALID


def test_the_fault_of_another_position_does_not_disturb_this_one() -> None:
    state = canned.repeating()
    state["faults"][0]["position"] = "2"
    assert scene_of(state, "1") is Scene.SETTLING


def test_the_sentence_says_pulses_energies_error_and_limit(site) -> None:
    page = said(site().test_client().get("/?lang=en").text)
    assert (
        "Of 29 flashes seen so far, 27 whole intervals between flashes are counted, that is 22.500 Wh; "
        "the reference measured 22.429 Wh in the same time. So far +0.31 %, allowed is ±1.0 %." in page
    )
    assert "A decision is possible in about 23 s." in page
    page = said(site().test_client().get("/?lang=zh").text)
    assert (
        "到目前看到 29 次闪灯，已计入其中 27 个完整的间隔，也就是 22.500 瓦时；标准表同时测得 22.429 瓦时。"
        "目前相差 +0.31 %，允许 ±1.0 %。" in page
    )


def test_one_flash_and_one_interval_are_said_in_the_singular(site) -> None:
    state = canned.measuring()
    state["positions"]["1"]["running"]["pulses"] = 1
    assert "1 whole interval between flashes is counted" in said(
        site(state).test_client().get("/?lang=en").text
    )
    state = canned.counting()
    state["positions"]["1"]["pulses"] = 1
    assert "1 flash so far" in said(site(state).test_client().get("/?lang=en").text)


def test_the_wait_for_a_decision_is_said_and_a_good_figure_is_not_called_one(site) -> None:
    state = canned.measuring()
    running = state["positions"]["1"]["running"]
    running["decision_in_s"] = "367"
    assert "A decision is possible in about 6 min." in said(site(state).test_client().get("/?lang=en").text)
    assert "约 6 分钟后就能下结论。" in said(site(state).test_client().get("/?lang=zh").text)
    running["decision_in_s"] = "0"
    page = said(site(state).test_client().get("/?lang=en").text)
    assert "Your meter's figure is good enough now." in page
    assert "decision is possible" not in page
    running["waits_for_others"] = True
    page = said(site(state).test_client().get("/?lang=en").text)
    assert "Your meter is done; another meter is waited for." in page


def test_a_further_measurement_at_a_load_is_called_one(site) -> None:
    state = canned.measuring()
    said_once = "This is measurement"
    assert said_once not in said(site(state).test_client().get("/?lang=en").text)
    state["positions"]["1"]["window"] = 3
    assert f"{said_once} 3 at this load" in said(site(state).test_client().get("/?lang=en").text)
    state["positions"]["1"]["running"] = None
    page = said(site(state).test_client().get("/?lang=zh").text)
    assert "第 3 次测量，结果取各次的平均值。再过一会儿" in page
    state["points"][state["point"]]["item"] = "repeatability"
    page = said(site(state).test_client().get("/?lang=en").text)
    assert "measurement 3 at this load; the result is how far all of them scatter." in page
    assert "mean of all" not in page


def test_a_run_of_one_step_is_said_in_the_singular(site) -> None:
    state = canned.finished_fail()
    del state["points"]["0"], state["points"]["1"]
    page = said(site(state).test_client().get("/?lang=en").text)
    assert "The 1 step is over" in page
    assert "Your meter did not pass At" in page
    assert "At ordinary load (as with a motor) it runs 1.370 % fast" in page


def test_a_way_that_no_step_used_is_not_shown(site) -> None:
    state = canned.finished_pass()
    page = site(state).test_client().get("/?lang=en").text
    assert 'data-way="power × time"' in page
    assert 'data-way="what the meter shows"' not in page
    state["positions"]["1"]["results"]["0"]["three_ways"]["register"] = "+0.3000"
    page = site(state).test_client().get("/?lang=en").text
    assert 'data-way="what the meter shows"' in page


def test_a_single_way_is_no_check_and_is_not_shown(site) -> None:
    state = canned.finished_pass()
    for found in state["positions"]["1"]["results"].values():
        found["three_ways"]["power_time"] = None
    assert '<div data-fragment="ways"></div>' in site(state).test_client().get("/?lang=en").text


def test_each_card_of_the_overview_says_what_is_allowed(site) -> None:
    page = said(site(canned.two_positions()).test_client().get("/?lang=en").text)
    assert page.count("allowed ±1.0 %") == 2


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_fault_is_shown_with_its_reason_in_words(site, language: str) -> None:
    page = said(site(canned.repeating()).test_client().get(f"/?lang={language}").text)
    reason = sentence(Reason.PULSE_MISSING, {}, language)
    assert reason[1:] in page


@pytest.mark.parametrize(
    ("name", "zh", "en"),
    [
        (
            "waiting_for_others",
            "您的电表这一步已结束，还在测另一块电表",
            "This step is over for your meter; another one is still being measured",
        ),
        (
            "spoilt",
            "您的电表这一次测量受到了干扰，不算数 16 秒没有脉冲",
            "This measurement of your meter was disturbed and does not count No pulse for 16 s",
        ),
        (
            "skipped",
            "检定员已让您的电表退出这次检定",
            "The verifier has taken your meter out of this test",
        ),
    ],
)
def test_a_meter_whose_figures_stand_still_is_told_why_and_is_shown_no_lamp_and_no_figure(
    site, name: str, zh: str, en: str
) -> None:
    client = site(states.ALL[name]()).test_client()
    assert zh in said(client.get("/position/1?lang=zh").text)
    html = client.get("/position/1?lang=en").text
    assert en in said(html)
    for fragment in ("lamp", "figure", "plot"):
        assert re.search(rf'<(\w+)[^>]* data-fragment="{fragment}"></\1>', html), fragment
    assert text("now.point_done", "en") not in said(html)


@pytest.mark.parametrize("name", ["spoilt", "skipped"])
def test_a_meter_that_may_be_measured_again_or_is_out_is_not_told_of_the_next_load(site, name: str) -> None:
    state = states.ALL[name]()
    assert re.search(r' data-fragment="next"></', site(state).test_client().get("/position/1?lang=en").text)


@pytest.mark.parametrize(("name", "said_of_steps"), [
    ("spoilt", ["done", "spoilt", "waiting"]), ("skipped", ["done", "skipped", "skipped"]),
    ("measuring", ["done", "measuring", "waiting"]),
])  # fmt: skip
def test_the_table_of_steps_calls_no_meter_measured_that_is_disturbed_or_out(
    name: str, said_of_steps: list[str]
) -> None:
    state = states.ALL[name]()
    assert [row.state for row in point_rows(state, "1", "en")] == said_of_steps
    for word in said_of_steps:
        assert f"points.{word}" in text
        assert f"plan_state.{word}" in text


@pytest.mark.parametrize("name", ["spoilt", "skipped", "waiting_for_others"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_happens_to_a_meter_in_the_middle_of_a_step_is_spoken(name: str, language: str) -> None:
    assert build_view(states.ALL[name](), "1", language).announcement == text(f"now.{name}", language)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_meter_that_was_taken_out_is_at_no_step_and_has_none_done(language: str) -> None:
    state = states.ALL["skipped"]()
    assert build_view(state, "1", language).step == ""
    assert card_of(state, "1", language).done == ""
    assert card_of(state, "2", language).done


def test_where_every_window_is_spoilt_no_others_are_waited_for() -> None:
    state = states.ALL["spoilt"]()
    state["positions"]["2"] |= {"running": None, "is_spoilt": True}
    assert scene_of(state, "1") is Scene.COUNTING


def test_a_fault_that_made_nothing_invalid_is_not_called_a_repetition(site) -> None:
    state = canned.repeating()
    state["faults"][0] |= {"is_repeated": False, "attempt": 1}
    assert scene_of(state, "1") is Scene.SETTLING
    page = said(site(state).test_client().get("/?lang=en").text)
    assert "A flash was missed" in page
    assert "measured again" not in page
    assert "attempt" not in page


@pytest.mark.parametrize(
    ("language", "attempt", "tried"),
    [("en", "attempt 2", "tried 2 times"), ("zh", "第 2 次测量", "测了 2 次")],
)
def test_more_than_one_attempt_is_said(site, language: str, attempt: str, tried: str) -> None:
    state = canned.repeating()
    state["faults"][0] |= {"is_repeated": True, "attempt": 2}
    state["positions"]["1"]["results"]["0"]["attempts"] = 2
    page = said(site(state).test_client().get(f"/?lang={language}").text)
    assert attempt in page
    assert tried in page
    state["positions"]["1"]["results"]["0"]["attempts"] = 1
    assert tried not in said(site(state).test_client().get(f"/?lang={language}").text)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_the_bench_warns_of_at_a_load_point_is_said_there(site, language: str) -> None:
    state = canned.measuring()
    values = {"better_power_W": "1117"}
    state["points"]["2"]["warning"] = {"reason": "load_resonates", "values": values}
    page = said(site(state).test_client().get(f"/?lang={language}").text)
    assert text("point_warning.load_resonates", language) in page
    assert "1117" not in page
    told = [reason for row in rows_of(state, "1", language) for reason in row.reasons]
    assert any("1117" in reason for reason in told)


def test_an_invalid_step_is_no_fail_and_has_no_number(site) -> None:
    page = said(site(canned.finished_invalid()).test_client().get("/?lang=en").text)
    assert "INVALID" in page
    assert "FAIL" not in page
    assert "stood still for 7 s" in page


@pytest.mark.parametrize(("kind", "word"), [("simulated", "SIMULATED"), ("informative", "INFORMATIVE")])
def test_what_is_not_official_says_so_on_top(site, kind: str, word: str) -> None:
    state = canned.measuring()
    state["bench"]["kind"] = kind
    assert word in said(site(state).test_client().get("/?lang=en").text)


def test_an_official_run_has_no_banner(site) -> None:
    state = canned.measuring()
    state["bench"]["kind"] = "official"
    assert "banner-" not in site(state).test_client().get("/?lang=en").text


def test_the_truth_of_a_simulated_meter_is_shown_only_where_there_is_one(site) -> None:
    assert "true error" in said(site(canned.finished_pass()).test_client().get("/?lang=en").text)
    assert "true error" not in said(site(canned.informative()).test_client().get("/?lang=en").text)


def test_with_several_positions_the_customer_chooses(site) -> None:
    client = site(canned.two_positions()).test_client()
    start = client.get("/?lang=en").text
    assert 'href="/position/1"' in start
    assert 'href="/position/2"' in start
    assert "No. 33 0901 2765" in said(client.get("/position/2?lang=en").text)


def test_a_position_that_does_not_exist_is_said_so_and_looked_for_again(site) -> None:
    response = site().test_client().get("/position/9?lang=en")
    assert response.status_code == 404
    assert "There is no such position" in response.text
    assert '<noscript><meta http-equiv="refresh" content="10"></noscript>' in response.text


def test_the_page_of_a_position_that_is_open_before_the_first_run_waits_for_it(site) -> None:
    state = canned.idle()
    state["positions"] = {}  # as a bench says that has begun no run yet
    response = site(state).test_client().get("/position/9?lang=en")
    assert response.status_code == 200
    assert "The bench is ready" in said(response.text)
    assert 'data-layout="none" data-stream="/stream?view=9' in response.text


def test_what_a_meter_is_called_cannot_become_part_of_the_page(site) -> None:
    state = canned.measuring()
    state["positions"]["1"]["serial"] = "<script>alert(1)</script>"
    assert "<script>alert" not in site(state).test_client().get("/").text


def test_without_a_bench_the_page_says_so_and_stays_up(tmp_path) -> None:
    app = create_app(str(tmp_path / "nobody.sock"))
    try:
        response = app.test_client().get("/?lang=en")
        assert response.status_code == 200
        assert "The bench is not connected yet" in response.text
        assert 'data-freshness="none"' in response.text
        assert app.test_client().get("/health").json == {"connected": False, "age_s": None}
    finally:
        app.extensions["feed"].close()


def test_the_language_is_asked_for_kept_or_taken_from_the_browser(site) -> None:
    client = site().test_client()
    assert '<html lang="zh-Hans">' in client.get("/").text
    assert '<html lang="en">' in client.get("/", headers={"Accept-Language": "en-GB,en;q=0.9"}).text
    assert '<html lang="en">' in client.get("/?lang=en").text
    assert '<html lang="en">' in client.get("/").text
    assert '<html lang="zh-Hans">' in client.get("/?lang=zh").text
    assert '<html lang="zh-Hans">' in client.get("/?lang=xx").text


@pytest.mark.parametrize("path", ["/", "/position/1", "/nothing", "/static/live.js", "/health"])
def test_every_answer_has_the_strict_headers(site, path: str) -> None:
    response = site().test_client().get(path)
    headers = response.headers
    response.close()
    assert headers["Content-Security-Policy"].startswith("default-src 'self';")
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("name", SINGLE)
def test_no_page_holds_a_style_a_script_or_an_address_of_its_own(site, name: str) -> None:
    page = site(states.ALL[name]()).test_client().get("/?lang=en").text
    assert not re.search(r"\sstyle=|\son[a-z]+=|<style|<script(?! type=\"module\" src=\"/static/)", page)
    assert "//" not in page.replace("<!doctype html>", "")


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_the_page_is_read_only(site, method: str) -> None:
    assert getattr(site().test_client(), method)("/").status_code == 405


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_wait_for_more_than_a_little_time_says_why(site, language: str) -> None:
    state = canned.counting()
    values = {"residual": "57", "allowed": "22"}
    state["positions"]["1"]["waiting"] = [{"reason": "refresh_not_periodic", "values": values}]
    page = said(site(state).test_client().get(f"/?lang={language}").text)
    assert sentence(Reason.REFRESH_NOT_PERIODIC, values, language)[1:] in page
    state["positions"]["1"]["waiting"] = [{"reason": "too_few_pulses", "values": {}}]
    page = said(site(state).test_client().get(f"/?lang={language}").text)
    assert sentence(Reason.TOO_FEW_PULSES, {}, language)[1:] not in page


@pytest.mark.parametrize(
    ("driver", "is_named"),
    [('driver = "gpiozero"', True), ('driver = "file"\npath = "x"', True), ('driver = "gpiod"', False)],
)
def test_a_line_that_proves_nothing_is_named_on_the_page(site, driver: str, is_named: bool) -> None:
    """From the configuration of the bench to what its customer reads."""
    text = real_bench(f'{driver}\nline = "GPIO17"\n')
    config = parse_config(text, "bench.toml")
    lines = declared_lines(config)
    assert most_of(config, lines) is (Kind.INFORMATIVE if is_named else Kind.OFFICIAL)
    because = why_not_official(plan_of(), config, lines, "2026-11-26", registered=())
    state = canned.informative()
    state["run"]["not_official_because"] = to_json(because)
    shown = said(site(state).test_client().get("/?lang=en").text)
    assert "INFORMATIVE" in shown
    assert ("The pulse input 1 cannot prove that no pulse was lost" in shown) is is_named
