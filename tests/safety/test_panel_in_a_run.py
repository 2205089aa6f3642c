"""A run with a panel: what opens takes the load off in the same turn, and the run says why."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.app import replay_run
from bench.records.journal_reading import JournalReader
from bench.replay.recorded_run import recorded_state
from calibration.quantities import Outcome
from calibration.reasons import Reason
from tests.bench_process.support import plan_of
from tests.safety.support import bench_with_panel


@pytest.mark.parametrize(
    ("fault", "read", "reason"),
    [
        ("emergency_stop@12", "read STOP", Reason.EMERGENCY_STOP_PRESSED),
        ("cover_open@12+3", "read COVER", Reason.COVER_OPENED),
        ("cover_open@12+0.05", "read COVER", Reason.COVER_OPENED),
        ("panel_silent@12", "read FAILED", Reason.PANEL_FAILED),
        ("emergency_stop@0.05", "read STOP", Reason.EMERGENCY_STOP_PRESSED),
    ],
)
def test_the_load_is_removed_in_the_turn_that_reads_it_and_the_point_is_invalid(
    tmp_path: Path, fault: str, read: str, reason: Reason
) -> None:
    process, source, log = bench_with_panel(tmp_path, f'"{fault}"')
    with process:
        summary = process.run(plan_of())
        assert not source.is_on
        records = [record.fields() for record in process.recorder.read(0, 100)]
        assert "feed" in log[: log.index(read)]
        after = log.after(read)
        assert after[0] == "remove", "nothing comes between the reading and the removal"
        assert "feed" not in after
        assert "apply" not in after
    assert summary.verdict is Outcome.INVALID
    assert [found["reason"] for found in records[-1]["findings"]] == [reason]
    shown = summary.results["1"]["0"]
    assert (shown["verdict"], [r["reason"] for r in shown["reasons"]]) == ("INVALID", [reason])
    assert summary.state["lamp"] == "invalid"
    journal = JournalReader(tmp_path)
    again = recorded_state(journal, journal.run(summary.run_id))
    journal.close()
    assert again["positions"]["1"]["results"]["0"]["reasons"] == shown["reasons"]
    assert replay_run(tmp_path, summary.run_id).differences == ()


@pytest.mark.parametrize("loop", ["panel", "edges", "reference"])
def test_a_loop_that_never_turns_ends_the_run_with_the_load_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loop: str
) -> None:
    """By the panel's loop, and, where that is the one that hangs, by the runner."""
    process, source, _ = bench_with_panel(tmp_path)
    turned = process.liveness.turned

    def unseen(name: str, now_ns: int, away_s: float = 0.0) -> None:
        if name != loop or not source.is_on:
            turned(name, now_ns, away_s)

    monkeypatch.setattr(process.liveness, "turned", unseen)
    with process:
        summary = process.run(plan_of())
    assert not source.is_on
    (why,) = summary.results["1"]["0"]["reasons"]
    assert why == {"reason": "loop_stalled", "values": {"loop": loop}}


def test_a_run_with_a_panel_waits_for_a_press_and_passes(tmp_path: Path) -> None:
    process, _, log = bench_with_panel(tmp_path)
    phases: list[str] = []
    with process:
        assert log[0] == "remove", "off before anything else"
        process.live.listen(lambda number, patch, state: phases.append(state["phase"]))
        summary = process.run(plan_of())
        records = [record.fields() for record in process.recorder.read(0, 100)]
    assert summary.verdict is Outcome.PASS
    assert phases.index("waiting_for_start") < phases.index("applying")
    (applied,) = (record for record in records if record["kind"] == "load_applied")
    assert applied["armed"]["by"] == "start_button"
    before, after = log[: log.index("apply")], log.after("apply")
    assert "feed" not in before
    lamps = [event for event in log if event.startswith("lamp")]
    assert lamps == ["lamp idle", "lamp live_voltage", "lamp measuring", "lamp idle", "lamp pass sounds"]
    assert before[-1] == "lamp live_voltage", "lit before the load is applied"
    removed = after.index("remove")
    assert {event for event in after[:removed] if not event.startswith(("read", "feed"))} == {
        "lamp measuring"
    }
    assert "feed" not in after[removed:]
    assert replay_run(tmp_path, summary.run_id).differences == ()


def test_the_timer_is_fed_at_every_turn_while_a_load_is_on(tmp_path: Path) -> None:
    process, _, log = bench_with_panel(tmp_path)
    with process:
        process.run(plan_of())
    during = log.after("apply")
    during = [event for event in during[: during.index("remove")] if not event.startswith("lamp")]
    turns = [event for event in during if event.startswith("read")]
    assert len(turns) > 1000
    assert during == ["read closed", "feed"] * len(turns)
