"""No load without a press at the bench, nothing in the way of it, and a load set by hand that somebody confirms."""

from __future__ import annotations

import dataclasses
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from bench.app import compose, replay_run
from bench.canonical import JsonObject
from bench.errors import InstrumentError
from bench.ports import PanelInputs
from bench.process import MeasuringProcess, RunSummary
from bench.refusals import RefusedError
from bench.run.manual_source import ManualLoadSource
from bench.safety.arming import Arming, NoContacts, Waiting
from bench.safety.guarded_source import GuardedSource, LoadRefusedError
from bench.safety.presses import By, Presses, What
from bench.sim.clock import VirtualClock
from bench.sim.panel import SimPanel
from bench.terminal.questions import QuestionTeller, waiting_line
from bench.terminal.terminal import RunProgress
from calibration.load_points import LoadPoint
from calibration.quantities import Finding, Outcome
from calibration.reasons import Reason
from tests.bench_process.support import bench_config, plan_of, virtual_bench
from tests.safety.support import LOAD, WatchedPanel, bench_with_panel
from tests.safety.test_guarded_source import Source
from tests.safety.test_panel_loop import Rig


def reasons_of(summary: RunSummary) -> list[str]:
    return [found["reason"] for found in summary.results["1"]["0"]["reasons"]]


def kinds_and(process: MeasuringProcess, kind: str) -> tuple[list[str], list[JsonObject]]:
    records = [record.fields() for record in process.recorder.read(0, 100)]
    return [r["kind"] for r in records], [r for r in records if r["kind"] == kind]


# --- the press that arms


def test_an_open_cover_is_told_at_once_and_waited_for(tmp_path: Path) -> None:
    process, _, log = bench_with_panel(tmp_path, '"cover_open@0+5#0"')
    told: list[str] = []
    with process, QuestionTeller(process.live, told.append, "en", "--config b.toml"):
        summary = process.run(plan_of())
    assert summary.verdict is Outcome.PASS
    assert told == [
        "it cannot be energised yet: the cover is open; close it, then press the start button",
        "confirm at the bench that it may be energised; voltage and current follow: press the start button",
    ]
    assert "read COVER" not in log.after("apply")


def test_closing_the_cover_is_no_press_where_no_button_is_wired(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SimPanel, "has_start_button", False)
    monkeypatch.setattr("bench.sim.panel._PRESSES_FOR_NS", 0)
    process, _, log = bench_with_panel(tmp_path, '"cover_open@0+5#0"')
    asked: list[JsonObject] = []

    def look(sequence: int, patch: JsonObject, state: JsonObject) -> None:
        if (waits_for := state["waits_for"]) is not None and waits_for["why_not"] is None:
            asked.append(waits_for)
            if len(asked) == 20:
                assert "apply" not in log
                process.confirm(By.CONSOLE)

    with process:
        process.live.listen(look)
        assert process.run(plan_of()).verdict is Outcome.PASS
        _, (applied,) = kinds_and(process, "load_applied")
    assert applied["armed"]["by"] == "console"
    assert asked[0]["by"] == ["terminal", "console"]
    assert len(asked) >= 20


def test_a_run_whose_output_goes_to_a_file_says_what_it_waits_for(tmp_path: Path) -> None:
    process, _, _ = bench_with_panel(tmp_path, '"cover_open@0+5#0"')
    file = StringIO()
    with process, RunProgress(process.live, Console(file=file), "zh"):
        process.run(plan_of())
    said = file.getvalue().splitlines()
    assert said[:2] == [
        "还不能加电: 防护罩开着; 请关好, 然后按启动按钮",
        "可以加电时请在检定台旁确认, 之后会加上电压和电流: 按启动按钮",
    ]
    assert said[2].startswith("Imax 1.0: 1 +0.")


def test_an_emergency_stop_that_stays_pressed_is_a_run_that_never_began(tmp_path: Path) -> None:
    process, _, log = bench_with_panel(tmp_path, '"emergency_stop@0+3600#0"')
    with process:
        summary = process.run(plan_of())
        kinds, (ended,) = kinds_and(process, "run_ended")
    assert "apply" not in log
    assert summary.verdict is Outcome.INVALID
    assert reasons_of(summary) == ["emergency_stop_pressed"]
    assert kinds == ["run_started", "run_ended"]
    assert ended["findings"] == [{"reason": "emergency_stop_pressed", "values": {}}]
    assert replay_run(tmp_path, summary.run_id).differences == ()


@pytest.mark.parametrize("is_held_down", [False, True])
def test_where_nobody_presses_the_run_ends_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_held_down: bool
) -> None:
    process, _, log = bench_with_panel(tmp_path)
    monkeypatch.setattr(WatchedPanel, "read", lambda panel: PanelInputs(start_pressed=is_held_down))
    with process:
        summary = process.run(plan_of())
    assert "apply" not in log
    assert reasons_of(summary) == ["not_started"]
    assert summary.state["lamp"] == "invalid"


def test_where_a_button_is_wired_no_console_arms_the_bench(tmp_path: Path) -> None:
    process, _, log = bench_with_panel(tmp_path)
    refused: list[str] = []

    def confirm(sequence: int, patch: JsonObject, state: JsonObject) -> None:
        if (state["waits_for"] or {}).get("what") == "start":
            with pytest.raises(RefusedError) as error:
                process.confirm(By.CONSOLE)
            refused.append(error.value.in_language("zh"))

    with process:
        with pytest.raises(RefusedError, match="waits for no confirmation"):
            process.confirm(By.CONSOLE)
        process.live.listen(confirm)
        assert process.run(plan_of()).verdict is Outcome.PASS
    assert set(refused) == {"请按检定台上的启动按钮; 装有启动按钮时只有它有效"}
    assert "apply" in log


def test_without_a_panel_the_command_that_asked_for_the_run_is_the_press(tmp_path: Path) -> None:
    with virtual_bench(tmp_path) as process:
        assert process.run(plan_of()).verdict is Outcome.PASS
        assert not process.load_source.is_armed, "the next run needs a press of its own"
        _, (applied,) = kinds_and(process, "load_applied")
    assert applied["armed"]["by"] == "console"


def test_the_stop_button_ends_the_run_as_bench_stop_does(tmp_path: Path) -> None:
    process, source, _ = bench_with_panel(tmp_path, '"stop_button@12"')
    with process:
        summary = process.run(plan_of())
    assert not source.is_on
    assert reasons_of(summary) == ["stopped_by_operator"]


def test_after_a_trip_the_next_run_needs_a_press_and_then_passes(tmp_path: Path) -> None:
    process, _, log = bench_with_panel(tmp_path, '"emergency_stop@12+5"')
    with process:
        assert process.run(plan_of()).verdict is Outcome.INVALID
        process.wait_idle(6.0)
        del log[:]
        assert process.run(plan_of()).verdict is Outcome.PASS
        _, applied = kinds_and(process, "load_applied")
    assert [record["armed"]["by"] for record in applied] == ["start_button"] * 2


def arming(guard: GuardedSource, presses: Presses) -> tuple[Arming, VirtualClock]:
    clock = VirtualClock()
    return Arming(guard, presses, NoContacts(), clock, 10.0, 20.0), clock


def test_a_cover_that_is_closed_again_switches_nothing_on_by_itself() -> None:
    guard, presses = GuardedSource(Source(), lambda: None), Presses(has_start_button=False)
    arms, clock = arming(guard, presses)
    shown: list[Waiting | None] = []

    def wait_s(duration_s: float) -> None:
        clock.wait_until(clock.now_ns() + round(duration_s * 1e9))
        if len(shown) == 30:
            presses.confirm(By.CONSOLE)

    assert arms.arm(wait_s, shown.append, is_first=True) is not None
    guard.interrupt(Finding(Reason.COVER_OPENED))
    press = arms.arm(wait_s, shown.append, is_first=False)
    assert press is not None
    assert press.by is By.CONSOLE
    assert len(shown) > 30
    assert shown[-1] is None
    assert arms.arm(wait_s, shown.append, is_first=False) is None, "it is armed"
    assert not presses.is_asked
    with pytest.raises(RefusedError):
        presses.confirm(By.CONSOLE)


@pytest.mark.parametrize("by", [By.START_BUTTON, By.CONSOLE])
def test_a_press_while_the_cover_was_open_switches_nothing_on_when_it_closes(by: By) -> None:
    rig = Rig(PanelInputs(cover_open=True))
    rig.guard.remove()
    rig.guard.disarm()
    rig.presses.has_start_button = by is By.START_BUTTON
    presses = rig.presses
    presses.ask(What.START)
    open_, pressed = PanelInputs(cover_open=True), PanelInputs(cover_open=True, start_pressed=True)
    for inputs in (open_, open_, pressed, pressed):
        rig.turn(inputs if by is By.START_BUTTON else open_)
    if by is By.CONSOLE:
        presses.confirm(by)
        rig.turn(open_)
    rig.turn(PanelInputs(start_pressed=by is By.START_BUTTON))
    rig.turn()
    assert rig.loop.why_not is None
    assert presses.pressed() is None


class ClosesLate:
    """A cover that is open at the first look, whatever its loop has forgotten."""

    def __init__(self) -> None:
        self.looks = [Finding(Reason.COVER_OPENED)]

    @property
    def why_not(self) -> Finding | None:
        return self.looks.pop() if self.looks else None


def test_a_press_that_is_found_with_an_open_cover_does_not_count_when_it_is_closed() -> None:
    presses, clock = Presses(has_start_button=False), VirtualClock()
    arms, waits = Arming(GuardedSource(Source(), lambda: None), presses, ClosesLate(), clock, 10.0, 20.0), []
    ask = presses.ask

    def asked(what: What) -> None:
        ask(what)
        presses.confirm(By.CONSOLE)

    def wait_s(duration_s: float) -> None:
        waits.append(duration_s)
        clock.wait_until(clock.now_ns() + round(duration_s * 1e9))

    presses.ask = asked  # type: ignore[method-assign]
    with pytest.raises(LoadRefusedError, match="nobody at the bench"):
        arms.arm(wait_s, lambda waiting: None, is_first=True)
    assert len(waits) > 40


class OpensAsItIsArmed:
    """A cover that opens between the last look at it and the arming, and is closed again."""

    def __init__(self) -> None:
        self.looks = [None, Finding(Reason.COVER_OPENED), Finding(Reason.COVER_OPENED)]

    @property
    def why_not(self) -> Finding | None:
        return self.looks.pop(0) if self.looks else None


def test_a_contact_that_opens_as_the_bench_is_armed_asks_for_another_press() -> None:
    guard, presses, clock = (
        GuardedSource(Source(), lambda: None),
        Presses(has_start_button=False),
        VirtualClock(),
    )
    arms, waits = Arming(guard, presses, OpensAsItIsArmed(), clock, 10.0, 20.0), []

    def wait_s(duration_s: float) -> None:
        assert not guard.is_armed
        waits.append(duration_s)
        clock.wait_until(clock.now_ns() + round(duration_s * 1e9))
        if len(waits) == 5:
            presses.confirm(By.CONSOLE)

    assert arms.arm(wait_s, lambda waiting: None, is_first=True) is not None
    assert len(waits) == 5
    assert guard.is_armed


# --- the bench without a run


@pytest.mark.parametrize(
    ("fault", "said"),
    [("emergency_stop@2+1", "emergency stop"), ("stop_button@2+1", "verifier stopped")],
)
def test_a_bench_without_a_run_is_armed_and_taken_off_too(tmp_path: Path, fault: str, said: str) -> None:
    process, source, log = bench_with_panel(tmp_path, f'"{fault}"')
    waited: list[str] = []

    def carry_on() -> None:
        show = waited.append
        with process.energising(lambda waiting: show("" if waiting is None else waiting.what)) as load:
            load.apply(LOAD)
            assert process.live.snapshot()[1]["lamp"] == "live_voltage"
            for _ in range(100):
                process.wait_idle(0.1)

    with process:
        with pytest.raises(LoadRefusedError, match=said):
            carry_on()
        assert not source.is_on
        assert process.live.snapshot()[1]["lamp"] == "idle"
        with pytest.raises(LoadRefusedError, match="nobody at the bench"):
            process.load_source.apply(LOAD)
    assert waited[0] == "start"
    if fault.startswith("emergency"):
        assert log.after("read STOP")[0] == "remove"


def test_a_load_that_a_source_keeps_is_told_off_again_while_nothing_runs(tmp_path: Path) -> None:
    process, source, _ = bench_with_panel(tmp_path)
    remove, failures = source.remove, [True] * 8

    def removed() -> None:
        if source.is_on and failures:
            failures.pop()
            raise InstrumentError("load source: no answer")
        remove()

    source.remove = removed  # type: ignore[method-assign]
    with process:
        with pytest.raises(InstrumentError, match="no answer"):
            process.run(plan_of())
        assert source.is_on
        assert process.live.snapshot()[1]["lamp"] == "live_voltage"
        for _ in range(10):
            process.wait_idle(0.1)
        assert not source.is_on
        assert process.live.snapshot()[1]["lamp"] == "invalid"


# --- a load that is set by hand


class Hand:
    """A person who sets what the manual source says, on the simulated source behind it."""

    def __init__(self, state_dir: Path, *, confirms: bool) -> None:
        config = bench_config(state_dir)
        config = dataclasses.replace(
            config,
            load_source=dataclasses.replace(config.load_source, driver="manual", confirm_within_s=120.0),
        )
        plant_config = bench_config(state_dir)
        equipment = compose(plant_config, self.told_nothing)
        self._real = equipment.load_source
        self.told: list[str] = []
        self._wanted: LoadPoint | None = None
        self.confirms = confirms
        self.looks = 0
        source = ManualLoadSource(self.told.append, "en")
        apply, remove = source.apply, source.remove

        def asked(load_point: LoadPoint) -> None:
            self._wanted = load_point
            apply(load_point)

        def removed() -> None:
            remove()
            self._real.remove()

        source.apply, source.remove = asked, removed  # type: ignore[method-assign]
        self.process = MeasuringProcess(config, dataclasses.replace(equipment, load_source=source))
        self.process.live.listen(self.look)

    def told_nothing(self, line: str) -> None:
        """Of the simulated bench."""

    def look(self, sequence: int, patch: JsonObject, state: dict[str, Any]) -> None:
        """Takes its time, sets the load, and says so."""
        if state["phase"] != "waiting_for_load":
            return
        self.looks += 1
        if self.looks == 40 and self.confirms:
            assert self._wanted is not None
            self._real.apply(self._wanted)
            self.confirm()

    def confirm(self) -> None:
        self.process.confirm(By.TERMINAL)


def test_a_load_set_by_hand_is_waited_for_longer_than_it_may_take_to_settle(tmp_path: Path) -> None:
    hand = Hand(tmp_path, confirms=True)
    lamps: list[str] = []
    hand.process.live.listen(
        lambda n, patch, state: lamps.append(state["lamp"]) if state["phase"] == "waiting_for_load" else None
    )
    with hand.process as process:
        summary = process.run(plan_of())
        _, (steady,) = kinds_and(process, "load_steady")
    assert summary.verdict is Outcome.PASS
    assert steady["confirmed"]["by"] == "terminal"
    assert set(lamps) == {"live_voltage"}, "somebody may switch it on at any time now"
    assert hand.told == [
        "Set the load: 220 V, 60 A, power factor 1 (13200.0 W), and switch it on.",
        "Switch the load off.",
    ]
    assert replay_run(tmp_path, summary.run_id).differences == ()


def test_a_load_that_nobody_confirms_is_removed_and_the_run_says_so(tmp_path: Path) -> None:
    hand = Hand(tmp_path, confirms=False)
    with hand.process as process:
        summary = process.run(plan_of())
    assert reasons_of(summary) == ["load_not_confirmed"]
    assert hand.told[-1] == "Switch the load off."


@pytest.mark.parametrize(
    ("by", "elsewhere", "zh", "en"),
    [
        (
            [By.TERMINAL, By.CONSOLE],
            None,
            "负载调好后请确认: 按 Enter",
            "when the load is set, confirm it: press Enter",
        ),
        (
            [By.TERMINAL, By.CONSOLE],
            "--config b.toml",
            "负载调好后请确认: bench confirm --config b.toml",
            "when the load is set, confirm it: bench confirm --config b.toml",
        ),
        (
            list(By),
            None,
            "负载调好后请确认: 按 Enter 或 按启动按钮",
            "when the load is set, confirm it: press Enter or press the start button",
        ),
    ],
)
def test_the_terminal_says_how_to_confirm(by: list[By], elsewhere: str | None, zh: str, en: str) -> None:
    waits_for = {"what": What.LOAD.value, "by": by, "why_not": None, "left_s": "10"}
    assert waiting_line(waits_for, "zh", elsewhere) == zh
    assert waiting_line(waits_for, "en", elsewhere) == en


@pytest.mark.parametrize(
    ("reason", "zh", "en"),
    [
        (
            Reason.COVER_OPENED,
            "还不能加电: 防护罩开着; 请关好, 然后按启动按钮",
            "it cannot be energised yet: the cover is open; close it, then press the start button",
        ),
        (
            Reason.EMERGENCY_STOP_PRESSED,
            "还不能加电: 急停按着; 请排除危险后旋开, 然后按启动按钮",
            "it cannot be energised yet: the emergency stop is pressed; see what is wrong, release it, "
            "then press the start button",
        ),
    ],
)
def test_the_terminal_says_what_is_in_the_way_and_what_then(reason: Reason, zh: str, en: str) -> None:
    why_not = {"reason": reason.value, "values": {}}
    waits_for = {"what": What.START.value, "by": [By.START_BUTTON], "why_not": why_not, "left_s": "10"}
    assert waiting_line(waits_for, "zh") == zh
    assert waiting_line(waits_for, "en") == en


def test_a_source_that_cannot_be_commanded_off_is_a_bench_that_does_not_start(tmp_path: Path) -> None:
    config = bench_config(tmp_path)
    equipment = compose(config, lambda line: None)
    source = Source()
    source.failures = 1
    with pytest.raises(InstrumentError, match="no answer"):
        MeasuringProcess(config, dataclasses.replace(equipment, load_source=source))
    assert not (tmp_path / "journal.sqlite").exists()
    for close in equipment.closers:
        close()
