"""Every item of a verification has its entry wherever one is needed: a new test cannot be forgotten half-way."""

from __future__ import annotations

import pytest

from bench import words
from bench.items import COMPARING, Item
from bench.methods import verification
from bench.terminal import result_text
from web.customer import items
from web.texts import text

SHOWN_AS_AN_ERROR = {Item.BASIC_ERROR}
WITHOUT_A_VALUE = {Item.VISUAL}


@pytest.mark.parametrize("item", list(Item))
def test_an_item_has_an_entry_in_every_table(item: Item) -> None:
    assert item in verification.METHODS
    assert item.value in words.item_word.table
    assert (item.value in result_text.FOUND) == (item not in SHOWN_AS_AN_ERROR | WITHOUT_A_VALUE)
    assert item.value in items.ITEMS
    assert {f"item.{item}", f"purpose.{item}"} <= set(text.table)


def test_no_table_has_an_item_that_there_is_not() -> None:
    known = {item.value for item in Item}
    assert known >= COMPARING
    for table in (verification.METHODS, words.item_word.table, result_text.FOUND, items.ITEMS):
        assert {str(name) for name in table} <= known
