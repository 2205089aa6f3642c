import re

import pytest

from calibration.reasons import Reason, sentence
from calibration.texts import LANGUAGES, braces
from tests.web import canned
from web.customer.view import build_view
from web.office.results import shown_result
from web.staff.plan_table import rows_of
from web.texts import plain_reason, reason_sentence, text
from web.visit.course import course_of


# All in one test each: there are thousands of texts, and to call pytest for one takes longer than to look at it.
def test_no_chinese_is_left_in_the_english() -> None:
    to_the_other = {"page.other_language", "page.other_language_label"}
    chinese = re.compile(r"[\u4e00-\u9fff]")
    found = {key for key, (_, en) in text.table.items() if chinese.search(en)}
    assert found == to_the_other


def test_customers_hear_of_one_verifier_in_both_languages() -> None:
    """The glossary's technician is somebody else in Chinese."""
    assert not {key for key, (_, en) in text.table.items() if "technician" in en}
    assert not {key for key, (zh, en) in text.table.items() if "verifier" in en and "操作人员" in zh}


HALF_WIDTH = re.compile(r"[,;:?!()]|\.(?!\d)")
"""Marks that Chinese writes full-width; a decimal point stays as it is."""


def test_chinese_has_chinese_punctuation() -> None:
    found = {key for key, (zh, _) in text.table.items() if HALF_WIDTH.search(re.sub(r"\{\w+\}", "", zh))}
    assert found <= {"page.other_language_label"}


@pytest.mark.parametrize("reason", list(Reason))
def test_the_chinese_of_a_reason_has_chinese_punctuation(reason: Reason) -> None:
    assert not HALF_WIDTH.search(sentence(reason, {}, "zh"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_a_sentence_on_the_page(reason: Reason, language: str) -> None:
    assert len(reason_sentence({"reason": reason.value, "values": {}}, language)) > 3


OWN_WORDS = frozenset({"detail", "loop"})
"""Values that are the words of a device or of the program."""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", [each for each in Reason if OWN_WORDS & braces(each.en)])
def test_a_customer_is_told_what_failed_and_the_staff_also_what_the_device_said(
    reason: Reason, language: str
) -> None:
    said = {"reason": reason.value, "values": dict.fromkeys(braces(reason.en), "[Errno 5] /dev/ttyUSB0")}
    assert "/dev/ttyUSB0" in reason_sentence(said, language)
    # Who did not answer is told what was asked, in words.
    assert ("/dev/ttyUSB0" in plain_reason(said, language)) == (reason is Reason.NOT_ANSWERED)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_run_that_a_device_ended_shows_its_words_to_the_staff_alone(language: str) -> None:
    failed = {"reason": "device_failed", "values": {"detail": "[Errno 5] /dev/ttyUSB0"}}
    state = canned.finished_invalid()
    state["faults"] = [{"at_s": "71", "position": None, "point": "1", **failed}]
    state["positions"]["1"]["results"]["2"]["reasons"] = [failed]
    state["run"]["not_official_because"] = [failed]
    for phase in ("finished", "interrupted", "measuring"):
        state["phase"] = phase
        assert "/dev/ttyUSB0" not in str(build_view(state, "1", language))
        assert "/dev/ttyUSB0" not in str(course_of(state, "1", language))
        assert "/dev/ttyUSB0" in str(shown_result(state, "1", language).faults)
        assert "/dev/ttyUSB0" in str(shown_result(state, "1", language).rows)
        assert "/dev/ttyUSB0" in str(rows_of(state, "1", language))


@pytest.mark.parametrize(("reason", "values", "zh", "en"), [
    ("inspection_failed", {"fields": "seals: the seals, torn, display: dark"}, "封印: the seals, torn, 显示: dark",
     "seals: the seals, torn, display: dark"),
    ("not_answered", {"detail": "nameplate, terminals"}, "铭牌, 接线端子", "label, terminals"),
    ("meter_not_read", {"detail": "display"}, "display", "display"),
])  # fmt: skip
def test_what_was_inspected_is_named_in_the_language_of_the_page(
    reason: str, values: dict[str, str], zh: str, en: str
) -> None:
    said = {"reason": reason, "values": values}
    assert reason_sentence(said, "zh").endswith(zh)
    assert reason_sentence(said, "en").endswith(en)


def test_a_reason_of_a_newer_bench_is_shown_by_its_name() -> None:
    assert "phase_of_the_moon" in reason_sentence({"reason": "phase_of_the_moon"}, "en")


def test_a_text_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(KeyError):
        text("now.nowhere", "en")
