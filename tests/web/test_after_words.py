"""The words of a result: the outcome that is kept, what a bill would have been, what to do next."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from calibration.bill import PointError
from calibration.texts import LANGUAGES
from tests.web import canned, canned_verification
from web.after.bill_words import bill_words
from web.after.outcome import outcome_of, state_of
from web.after.result import NEXT_STEPS, result_of
from web.casework.consumption import CURRENCIES
from web.customer.scene import Scene
from web.customer.view import build_view
from web.texts import text


def errors(*pairs: tuple[str, str], is_balanced: bool = True) -> tuple[PointError, ...]:
    return tuple(PointError("Ib 1.0", Decimal(e), Decimal(U), is_balanced) for e, U in pairs)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "made",
    [canned.finished_pass, canned.finished_fail, canned.finished_invalid, canned.interrupted,
     canned_verification.verified, canned_verification.finished_unjudged],
)  # fmt: skip
def test_what_is_kept_shows_what_was_shown(made: object, language: str) -> None:
    """Through JSON, as it is kept, and for each way in which a run ends."""
    state = made()  # type: ignore[operator]
    kept = json.loads(json.dumps(outcome_of(state, "1")))
    shown, position = state_of(kept)
    then, now = build_view(state, "1", language), build_view(shown, position, language)
    for part in ("scene", "sentence", "rows", "figures", "faults", "worth", "about"):
        assert getattr(now, part) == getattr(then, part), part


def test_what_is_kept_has_nothing_of_other_meters() -> None:
    state = canned.two_positions()
    names = list(state["positions"])
    state["faults"] = [
        {"at_s": "1", "position": name, "point": "0", "attempt": 1, "is_repeated": False,
         "reason": "pulse_missing", "values": {}}
        for name in names
    ]  # fmt: skip
    kept = json.dumps(outcome_of(state, names[0]))
    assert state["positions"][names[0]]["serial"] in kept
    assert state["positions"][names[1]]["serial"] not in kept
    assert [fault["position"] for fault in outcome_of(state, names[0])["faults"]] == [names[0]]


def test_every_end_has_its_next_steps_in_both_languages() -> None:
    for scene, steps in NEXT_STEPS.items():
        assert steps, scene
        for step in steps:
            for language in LANGUAGES:
                assert text(f"after_next.{step}", language)
    invalid = text("after_next.invalid_repeat", "en")
    assert "nothing about your meter" in invalid
    assert NEXT_STEPS[Scene.INVALID] == NEXT_STEPS[Scene.INTERRUPTED]


def test_the_bill_of_a_result_stands_on_its_basic_errors() -> None:
    result = result_of(outcome_of(canned.finished_fail(), "1"), "en")
    shown = canned.finished_fail()["positions"]["1"]["results"]
    assert [e.error_pct for e in result.errors] == [
        Decimal(r["percentage_error_pct"]) for r in shown.values() if r["percentage_error_pct"] is not None
    ]
    assert result.view.scene is Scene.FAIL
    assert not result.is_conditional


def test_a_conditional_verdict_is_told() -> None:
    state = canned.finished_pass()
    next(iter(state["positions"]["1"]["results"].values()))["conditional"] = True
    assert result_of(outcome_of(state, "1"), "zh").is_conditional


def test_a_fast_meter_is_said_as_paid_too_much() -> None:
    words = bill_words(errors(("+2.00", "0.10")), "2400", "0.60", "CNY", "zh")
    assert words is not None
    # 2400 * 1.9/101.9 = 44.749..., 2400 * 2.1/102.1 = 49.36...: money 26.849... to 29.617...
    assert words.headline == "一年多收 26.8\u00a0元 到 29.7\u00a0元"
    assert "44.7 到 49.4 度" in words.interval
    assert "+2.00\u00a0%" in words.middle
    assert "不是结论" in words.middle


def test_a_slow_meter_is_said_as_paid_too_little_with_the_smaller_end_first() -> None:
    words = bill_words(errors(("-2.00", "0.10")), "2400", "0.60", "EUR", "en")
    assert words is not None
    assert words.leaning == "too_little"
    # -2400 * 1.9/98.1 = -46.48..., -2400 * 2.1/97.9 = -51.48...
    assert "between 46.4 and 51.5 kWh too little" in words.interval
    assert words.headline.startswith("Between EUR\u00a027.8 and EUR\u00a030.9 a year paid too little")


def test_where_the_sign_is_not_known_both_ends_are_said() -> None:
    words = bill_words(errors(("+0.05", "0.10")), "2400", "0.60", "CNY", "en")
    assert words is not None
    assert words.leaning == "open"
    assert "cannot tell" in words.interval
    assert "too little and" in words.headline
    assert "−" not in words.headline


def test_without_balanced_load_there_is_no_middle_and_without_errors_no_bill() -> None:
    words = bill_words(errors(("+2.00", "0.10"), is_balanced=False), "2400", "0.60", "CNY", "en")
    assert words is not None
    assert words.middle == ""
    assert bill_words((), "2400", "0.60", "CNY", "en") is None


def test_every_currency_has_its_name() -> None:
    for currency in CURRENCIES:
        for language in LANGUAGES:
            assert text(f"bill.{currency}", language)
