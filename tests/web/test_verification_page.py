"""A whole verification on the page: every item, every way to judge, and many meters."""

import re
from copy import deepcopy
from html import unescape

import pytest

from calibration.conformity import DecisionRule
from calibration.quantities import Outcome
from calibration.texts import LANGUAGES
from tests.web import canned_verification as canned
from web import numbers
from web.customer.items import found
from web.customer.judging import judging_notes, rule_sentence
from web.customer.points import groups_of, point_rows
from web.customer.scene import Scene, Stage, scene_of, stage_of
from web.customer.wording import duration, item_name
from web.texts import text


@pytest.fixture
def read(site):
    """The words of the page of a state, without its marks."""

    def words(state: dict, language: str = "en", path: str = "/") -> str:
        html = site(state).test_client().get(f"{path}?lang={language}").text
        return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))

    return words


@pytest.mark.parametrize(("made", "scene"), [
    (canned.asking, Scene.ASKING), (canned.reading_registers, Scene.ASKING), (canned.warming_up, Scene.WATCHING),
    (canned.watching_no_load, Scene.WATCHING), (canned.watching_clock, Scene.WATCHING),
    (canned.passing_energy, Scene.WATCHING), (canned.not_my_turn, Scene.OTHERS), (canned.verified, Scene.PASS),
    (canned.creeping, Scene.FAIL), (canned.finished_unjudged, Scene.UNJUDGED),
])  # fmt: skip
def test_each_situation_of_a_verification_has_its_scene(made, scene: Scene) -> None:
    assert scene_of(made(), "1") is scene


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_verdict_of_the_bench_ends_the_page(outcome: Outcome) -> None:
    state = canned.verified()
    state["positions"]["1"]["verdict"] = outcome.value
    scene = scene_of(state, "1")
    assert scene.value.upper() == outcome.value
    assert stage_of(scene) is Stage.FINISHED


@pytest.mark.parametrize(("made", "en", "zh"), [
    (canned.proving_the_line, "First we make sure that we would see a flash", "先确认看得见闪灯"),
    (canned.watching_no_load,
     "No current flows, so your meter must stand still: it is watched for 30 min; 12 min gone, 0 flashes seen.",
     "没有电流，所以您的电表必须不走：一共看 30 分钟，已过 12 分钟，看到 0 次闪灯。"),
    (canned.watching_starting, "1 flash seen, 2 flashes wanted; 40 s gone of at most 9 min.",
     "需要 2 次闪灯，已看到 1 次"),
    (canned.warming_up, "9 min of 30 min gone", "一共 30 分钟，已过 9 分钟"),
    (canned.passing_energy, "until its display has moved far enough: 4.31 kWh of 10.02 kWh",
     "需要 10.02 kWh，已走 4.31 kWh"),
    (canned.watching_clock, "compared with those of the bench: 40 s of 100 s gone", "一共 100 秒，已过 40 秒"),
    (canned.asking, "label, seals, housing, display, terminals", "铭牌、封印、外壳、显示、接线端子"),
    (canned.reading_registers, "The verifier is reading your meter's display", "检定员正在抄表上的读数"),
])  # fmt: skip
def test_what_happens_now_is_said_in_both_languages(read, made, en: str, zh: str) -> None:
    assert en in read(made(), "en")
    assert zh in read(made(), "zh")


def test_a_watch_shows_the_flashes_of_the_watch_and_no_error(read, site) -> None:
    html = site(canned.watching_starting()).test_client().get("/?lang=en").text
    assert '<span class="number figure-data">1</span>' in html
    assert '<progress class="watched" max="100" value="7"' in html
    assert "no figure yet" not in html


def test_a_step_in_which_nothing_flashes_shows_no_lamp(site) -> None:
    html = site(canned.warming_up()).test_client().get("/?lang=en").text
    assert '<div data-fragment="lamp"></div>' in html


def test_what_comes_next_within_a_step_is_said_before_the_next_step(read) -> None:
    assert "The current is taken away and the meter watched" in read(canned.proving_the_line())
    assert "Once more we make sure that a flash is seen in about 18 min" in read(canned.watching_no_load())
    last = canned.watching_no_load()
    last["positions"]["1"]["watching"]["stage"] = "line_after"
    assert "What comes next starting at a very small load" in read(last)


@pytest.mark.parametrize(("en", "zh"), [
    ("At 253 V without current: 0 flashes in 34 min; at most 1 flash allowed.", "253 V 无电流，34 分钟内看到 0 次闪灯"),
    ("At 0.02 A the flashes took 31.4 s, 189.6 s to come; each may take at most 272.7 s.",
     "分别等了 31.4 s、189.6 s"),
    ("The display moved by 10.02 kWh; 12023 flashes make 10.01917 kWh; the reference says 9.99812 kWh.",
     "12023 次闪灯折合 10.01917 kWh；标准表为 9.99812 kWh"),
    ("−0.18 s a day (before rounding −0.1832 s, give or take 0.0214 s); allowed is ±0.5 s.", "每天差 −0.18 秒"),
    ("Over 5 runs the results scatter by 0.013 % (standard deviation). Rounded: 0.01 %.", "（标准偏差）为 0.013 %。"),
    ("By power × time +0.23 %, by comparing energies +0.22 %.", "用功率 × 时间得 +0.23 %"),
    ("they differ by 0.01 kWh; at most 0.02 kWh allowed.", "相差 0.01 kWh，最多允许 0.02 kWh"),
    ("The load was held for 30 min and stayed steady.", "通电保持了 30 分钟"),
    ("In order: label, seals, housing, display, terminals.", "完好：铭牌、封印、外壳、显示、接线端子。"),
])  # fmt: skip
def test_what_each_item_found_is_said_in_words(read, en: str, zh: str) -> None:
    assert en in read(canned.verified(), "en")
    assert zh in read(canned.verified(), "zh")


def test_two_runs_their_rounding_and_their_probability_stand_beside_the_error(read) -> None:
    page = read(canned.verified())
    assert "Mean of +0.211 %, +0.230 % · +0.2208 % rounded to +0.2 %; the rounded value is judged · " in page
    assert "With more than 99.99 % probability inside the limit" in page
    assert "Regulation: the difference is rounded first" in page


def test_a_pass_beside_steps_that_were_not_judged_says_how_many(read) -> None:
    page = read(canned.verified())
    assert "all 27 judged steps are in order; 3 more were measured without being judged" in page
    assert "NOT JUDGED" in page


def test_a_meter_that_creeps_is_told_why_and_not_that_its_errors_are_wrong(read) -> None:
    page = read(canned.creeping())
    assert "Your meter did not pass: 1 of 30 steps failed" in page
    assert "standing still without load: Creep: 2 pulses without a current, at most 1 allowed." in page
    assert "fast; allowed" not in page


def test_a_fail_within_the_limit_says_at_the_top_what_it_was_too_near_for(read) -> None:
    state = canned.verified()
    state["run"]["verdict"] = state["positions"]["1"]["verdict"] = "FAIL"
    guarded = canned.judged_in_many_ways()["positions"]["1"]["results"]["6"]
    state["positions"]["1"]["results"]["6"] = guarded
    assert "(as with a capacitor): The error +0.9712 % is within the limit of ±1 %" in read(state)


def test_a_load_point_that_fails_for_its_unbalance_says_so(read) -> None:
    state = canned.creeping()
    results = state["positions"]["1"]["results"]
    results["2"] |= {"verdict": "PASS", "reasons": []}
    unbalance = [{"reason": "unbalance", "values": {"difference": "+1.612", "limit": "1.5"}}]
    results["16"] |= {"verdict": "FAIL", "reasons": unbalance}
    assert "phase A only: The errors with one phase loaded and with balanced load differ by +1.612 %" in read(
        state
    )


def test_remarks_beside_a_pass_are_not_called_its_reason(read) -> None:
    state = canned.verified()
    remark = [{"reason": "runs_scatter", "values": {"sd": "0.2", "pooled": "0.02"}}]
    state["positions"]["1"]["results"]["5"]["reasons"] = remark
    page = read(state)
    assert "The runs scatter (0.2 %)" in page
    assert "Why: The runs scatter" not in page


def test_a_remark_beside_a_fail_is_not_called_its_reason(read) -> None:
    state = canned.verified()
    result = state["positions"]["1"]["results"]["5"]
    too_far = {"reason": "error_beyond_limit", "values": {"error": "+1.7", "limit": "1"}}
    result |= {"verdict": "FAIL", "reasons": [too_far, {"reason": "runs_scatter", "values": {"sd": "0.2"}}]}
    page = read(state)
    assert "Why: The error +1.7 % is beyond the limit" in page
    assert "Why: The runs scatter" not in page
    assert "The runs scatter (0.2 %)" in page


@pytest.mark.parametrize("said", [
    "CONDITIONAL PASS", "CONDITIONAL FAIL", "With 78.1 % probability inside the limit",
    "With less than 0.01 % probability inside the limit", "With 99.8 % probability inside the limit",
    "is within the limit of ±1 %, but with its uncertainty only ±0.9257 % pass",
    "Early decision: looked at only at times declared beforehand", "Taken over from an earlier run",
    "Four-way: where the give or take reaches across the limit",
])  # fmt: skip
def test_every_way_to_judge_is_explained(read, said: str) -> None:
    assert said in read(canned.judged_in_many_ways())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("rule", [*DecisionRule, "sequential"])
def test_every_decision_rule_of_the_bench_has_a_sentence(rule: str, language: str) -> None:
    assert rule_sentence(rule, language) != rule


def test_the_unrounded_error_is_said_to_be_judged_where_the_rule_does_so() -> None:
    point = {"item": "basic_error", "name": "Ib 1.0"}
    notes = judging_notes(canned.error_result(point, "+0.9712", decision_rule="simple"), "simple", "en")
    assert (
        "+0.9712\N{NO-BREAK SPACE}% rounded to +0.2\N{NO-BREAK SPACE}%; the unrounded value is judged"
        in notes
    )


def test_an_error_that_lies_just_beyond_a_half_is_shown_with_the_digits_that_say_so() -> None:
    point = {"item": "basic_error", "name": "Ib 1.0"}
    result = canned.error_result(point, "+1.0500", unrounded_pct="1.050040", rounded_pct="1.1")
    assert "+1.050040\N{NO-BREAK SPACE}% rounded to +1.1" in judging_notes(result, "regulation", "en")[1]


def test_a_run_that_is_not_official_lists_every_reason_once(read) -> None:
    state = canned.verified()
    state["run"]["not_official_because"] += deepcopy(state["run"]["not_official_because"])
    page = read(state)
    assert page.count("The reference standard of class 0.5 is too weak for class 1 meters") == 1
    assert page.count("has not been approved by the laboratory") == 1


def test_a_reactive_meter_is_said_in_its_own_units(read) -> None:
    page = read(canned.reactive())
    assert "that is 22.500 varh; the reference measured 22.429 varh" in page
    assert "1200 flashes for each kvarh" in page
    assert "1100 var" in page
    assert "Wh;" not in page.replace("varh", "")


def test_the_loaded_phase_is_said(read) -> None:
    assert "ordinary load (as with a motor), current in phase B only" in read(canned.verified())
    assert "平常用电（类似电机），只有 B 相有电流" in read(canned.verified(), "zh")


def test_exported_energy_is_said(read) -> None:
    state = deepcopy(canned.verified())
    for point in state["points"].values():
        point["direction"] = "export"
    assert "ordinary load (as with a motor), fed back into the grid" in read(state)
    assert "反向（向电网送电）" in read(state, "zh")
    assert "fed back" not in read(canned.verified())


def test_steps_of_one_item_stand_under_its_name_and_a_single_one_alone() -> None:
    rows = point_rows(canned.watching_clock(), "1", "en")
    groups = groups_of(rows, "en")
    assert [row.number for group in groups for row in group.rows] == list(range(1, 31))
    assert [(group.name, group.done) for group in groups if group.name] == [
        (item_name("basic_error", "en"), "20 of 20"),
        (item_name("repeatability", "en"), "2 of 2"),
    ]


def test_a_position_has_only_its_own_steps(read) -> None:
    state = canned.watching_no_load()
    state["points"]["1"]["positions"] = ["2"]
    assert "Step 2 of 29" in read(state)
    assert "Another meter is being measured just now" in read(canned.not_my_turn())


def test_a_figure_that_an_item_lacks_is_left_out_and_never_shown_as_none(read) -> None:
    state = canned.verified()
    for result in state["positions"]["1"]["results"].values():
        result["figures"] = {"unheard_of": "7"}
    page = read(state)
    assert "None" not in page
    assert "unheard_of" not in page


def test_forty_eight_meters_are_a_list_with_what_is_done_and_what_failed(read, site) -> None:
    page = read(canned.many_positions())
    assert page.count("12 of 30 done") == 48
    assert "Position 7 No. 33 0901 2707 FAIL" in page
    assert "Position 9 No. 33 0901 2709 being repeated 12 of 30 done" in page
    assert "cards-compact" in site(canned.many_positions()).test_client().get("/").text


@pytest.mark.parametrize(("seconds", "en", "zh"), [
    ("0.4", "0 s", "0 秒"), ("119", "119 s", "119 秒"), ("120", "2 min", "2 分钟"), ("2051.9", "34 min", "34 分钟"),
    ("7500", "2 h 5 min", "2 小时 5 分钟"),
])  # fmt: skip
def test_durations_are_said_as_people_say_them(seconds: str, en: str, zh: str) -> None:
    assert duration(seconds, "en").replace("\N{NO-BREAK SPACE}", " ") == en
    assert duration(seconds, "zh").replace("\N{NO-BREAK SPACE}", " ") == zh


def test_every_scene_that_a_card_can_be_in_has_a_word() -> None:
    unfinished = [
        scene for scene in Scene if stage_of(scene) is not Stage.FINISHED or scene is Scene.INTERRUPTED
    ]
    for scene in unfinished:
        assert scene is Scene.NO_BENCH or f"card.{scene}" in text


def test_a_flash_that_did_not_come_is_said_with_how_long_it_was_waited_for() -> None:
    figures = {
        "starting_current_A": "0.02", "pulses": "1", "needed_pulses": "2", "limit_s": "218.2", "waits_s": "54.8",
        "longest_wait_s": "381.6", "unended_wait_s": "381.6",
    }  # fmt: skip
    en, zh = (found("starting", figures, language) for language in ("en", "zh"))
    assert en.headline == numbers.with_unit("> 381.6", "s")
    assert en.sentence.endswith(f" After that none came within {numbers.with_unit('381.6', 's')}.")
    assert zh.sentence.endswith(f"之后 {numbers.with_unit('381.6', 's')}内没有再闪。")
    late = figures | {"waits_s": "400.0", "longest_wait_s": "400.0", "unended_wait_s": "36.4"}
    assert found("starting", late, "en").headline == numbers.with_unit("400.0", "s")


def test_a_rule_set_that_nobody_has_approved_is_provisional_on_the_page(read) -> None:
    state = canned.verified()
    assert "jjg596-2012 (provisional)" in read(state, path="/position/1")
    state["run"]["not_official_because"] = [{"reason": "reactive_unsure", "values": {}}]
    assert "(provisional)" not in read(state, path="/position/1")
