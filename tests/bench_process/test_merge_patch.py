"""Merge patches of the live state do what RFC 7396 says and lead from the old state to the new one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.control.client import apply_patch, merge_patch

LEAVES = st.one_of(st.text(max_size=4), st.integers(), st.booleans(), st.lists(st.integers(), max_size=3))
DOCUMENTS = st.dictionaries(
    st.sampled_from("abcd"),
    st.recursive(
        LEAVES, lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3), max_leaves=6
    ),
    max_size=4,
)

# The examples of RFC 7396, appendix A: original, patch, result.
RFC_EXAMPLES = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]


@pytest.mark.parametrize(("original", "patch", "result"), RFC_EXAMPLES)
def test_a_patch_does_what_the_rfc_prints(original: object, patch: object, result: object) -> None:
    assert apply_patch(original, patch) == result


@given(DOCUMENTS, DOCUMENTS)
def test_the_patch_between_two_documents_leads_from_one_to_the_other(old: dict, new: dict) -> None:
    assert apply_patch(old, merge_patch(old, new)) == new


@given(DOCUMENTS)
def test_nothing_changed_gives_an_empty_patch(document: dict) -> None:
    assert merge_patch(document, document) == {}
