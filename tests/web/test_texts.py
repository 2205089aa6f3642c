import re

import pytest

from calibration.reasons import Reason, sentence
from calibration.texts import LANGUAGES
from web.texts import reason_sentence, text


@pytest.mark.parametrize(
    "key", sorted(set(text.table) - {"page.other_language", "page.other_language_label"})
)
def test_no_chinese_is_left_in_the_english(key: str) -> None:
    _, en = text.table[key]
    assert not re.search(r"[\u4e00-\u9fff]", en)


HALF_WIDTH = re.compile(r"[,;:?!()]|\.(?!\d)")
"""Marks that Chinese writes full-width; a decimal point stays as it is."""


@pytest.mark.parametrize("key", sorted(set(text.table) - {"page.other_language_label"}))
def test_chinese_has_chinese_punctuation(key: str) -> None:
    zh, _ = text.table[key]
    assert not HALF_WIDTH.search(re.sub(r"\{\w+\}", "", zh))


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
