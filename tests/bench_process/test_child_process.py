"""What is asked of a child comes to it whole, however large it is and however long the child takes to read it."""

from __future__ import annotations

import pytest

from bench import child_process
from bench.child_process import ask_child


def test_a_child_that_is_slow_to_read_gets_all_of_a_large_question(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_process, "_LOOKS_EACH_S", 0.001)  # it is looked for before it has begun to read
    asked = {"password": "x" * 1_000_000}
    assert ask_child("json.tool", asked, patience_s=30.0, failed="it failed") == asked
