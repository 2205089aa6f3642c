"""The short form: a kill of each process. `./dev endure kills` is the whole."""

from __future__ import annotations

from tests.endurance.kills import endure


def test_what_was_acknowledged_is_there_after_a_kill_of_each_process() -> None:
    tally = endure(2, 3, lambda line: None)
    assert not tally.broken
    assert tally.killed.total() == 4
    assert {"started", "application"} <= set(tally.told)
