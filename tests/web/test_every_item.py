"""Every item of a verification has its entry wherever one is needed: a new test cannot be forgotten half-way.

Its facts are held against its method by tests/methods/test_facts_of_items.py.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bench import words
from bench.items import FACTS, Item
from bench.methods import verification
from bench.methods.steps import Hold, PassEnergy, Step, WatchClock, WatchPulses
from bench.terminal import result_text
from tests.methods.carried_out import plan_of_item, steps_of
from web.customer import items
from web.customer.watching import next_in_watch, watch_sentence
from web.texts import text

ARCHITECTURE = Path(__file__).parents[2] / "docs" / "architecture.md"
SHOWN_AS_AN_ERROR = {Item.BASIC_ERROR}
WITHOUT_A_VALUE = {Item.VISUAL}


def stage_of(step: Step) -> str | None:
    """What STATE calls a step that watches; None of any other."""
    match step:
        case WatchPulses():
            return step.stage
        case Hold():
            return "hold"
        case WatchClock():
            return "clock"
        case PassEnergy():
            return "energy"
    return None


@pytest.mark.parametrize("item", list(Item))
def test_an_item_has_an_entry_in_every_table(item: Item) -> None:
    assert item in FACTS
    assert item in verification.METHODS
    assert item.value in words.item_word.table
    assert (item.value in result_text.FOUND) == (item not in SHOWN_AS_AN_ERROR | WITHOUT_A_VALUE)
    assert item.value in items.ITEMS
    assert {f"item.{item}", f"purpose.{item}", f"step.{item}"} <= set(text.table)


def test_no_table_has_an_item_that_there_is_not() -> None:
    known = {item.value for item in Item}
    for table in (FACTS, verification.METHODS, words.item_word.table, result_text.FOUND, items.ITEMS):
        assert {str(name) for name in table} <= known


@pytest.mark.parametrize("item", list(Item))
def test_every_stage_that_an_item_watches_is_said_to_the_customer(item: Item) -> None:
    point = {"item": item.value}
    shown = {"gone": "1", "whole": "2", "enough": 2, "pulses": 1}
    unsaid = watch_sentence(point, {**shown, "stage": "of a newer bench"}, "en")
    for stage in filter(None, map(stage_of, steps_of(plan_of_item(item)))):
        assert watch_sentence(point, {**shown, "stage": stage}, "en") != unsaid, stage
        next_in_watch(point, {**shown, "stage": stage}, "en")  # raises where its text is missing


@pytest.mark.parametrize("item", list(Item))
def test_the_state_of_the_documents_names_it(item: Item) -> None:
    (named,) = re.findall(r'"item": "([^"]*)"', ARCHITECTURE.read_text("utf-8"))
    assert item.value in re.split(r"[|\s]+", named)
