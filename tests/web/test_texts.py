import re

import pytest

from calibration.reasons import Reason, sentence
from calibration.texts import LANGUAGES
from web.texts import reason_sentence, text


# All in one test each: there are thousands of texts, and to call pytest for one takes longer than to look at it.
def test_no_chinese_is_left_in_the_english() -> None:
    to_the_other = {"page.other_language", "page.other_language_label"}
    chinese = re.compile(r"[\u4e00-\u9fff]")
    found = {key for key, (_, en) in text.table.items() if chinese.search(en)}
    assert found == to_the_other


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


def test_a_reason_of_a_newer_bench_is_shown_by_its_name() -> None:
    assert "phase_of_the_moon" in reason_sentence({"reason": "phase_of_the_moon"}, "en")


def test_a_text_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(KeyError):
        text("now.nowhere", "en")
