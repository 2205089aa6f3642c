"""The measuring process: loops, journal, live state and one run at a time, around whatever devices it is given.

It knows no driver: `app.py` puts its `Equipment` together. In real time each loop has a thread; in virtual
time the clock that everybody waits on turns the loops.

A run comes in two steps. `prepare` asks everything that could refuse it, in the thread of whoever asked; `carry_out`
leads it, in the one thread that leads runs. What happens in a run is the runner's (`bench/run/runner.py`).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace

from bench.before_run.worth import expired_on
from bench.canonical import JsonObject
from bench.configuration.config import Config
from bench.control.live import LiveState
from bench.dates import day_of
from bench.errors import InstrumentError, NoRunError, OperatorError
from bench.measurement.acquisition import Acquisition, EdgeLoop, PollLoop
from bench.measurement.loops import Loops
from bench.measurement.settling import LoadWatch
from bench.methods.verification import verification
from bench.plans.plan import CheckedPlan
from bench.plans.plan_record import recorded_plan
from bench.ports import Clock, LoadSource, Panel
from bench.records.recorder import Recorder
from bench.records.software import software_identity
from bench.registry.kept_texts import KeptTexts, TextsOfRun, What
from bench.registry.persons import authenticate
from bench.registry.store import REGISTRY_FILE
from bench.registry.trail_in_journal import NOTED, end_now, require_not_set_back
from bench.replay.interrupted_run import interrupted_run
from bench.replay.resume import resume
from bench.run.context import RunContext, load_watch, pps_edge
from bench.run.equipment import Equipment
from bench.run.prepared import PreparedRun, Witnessed, prepared
from bench.run.progress import Progress
from bench.run.runner import Runner
from bench.safety.arming import Arming, NoContacts, Show
from bench.safety.guarded_source import GuardedSource, LoadRefusedError
from bench.safety.lamp import lamp_of
from bench.safety.liveness import JOURNAL, RUNNER, AnnouncedPort, Liveness
from bench.safety.panel_loop import PanelLoop
from bench.safety.presses import By, Presses
from bench.transparency.checkpoint import origin_of
from bench.use_marks import require_not_lost
from calibration.quantities import NS_PER_S, Finding, Kind, Outcome
from calibration.reasons import Reason
from calibration.reference_standard import ReferenceCard

_MB = 1_000_000
_KEPT_NS = 1800 * NS_PER_S
"""Between runs, what is older than this is forgotten; the look at the pulse per second goes back ten minutes."""
_HAND_OVER_S, _UNPACED_HAND_OVER_S = 0.2, 2.0
"""How often readings go to the journal: with the sync of its files, less than a second may be lost."""
_TURNS_WITHIN_S, _RUNNER_TURNS_WITHIN_S = 5.0, 10.0
"""Beyond what its period and its longest reply explain, a loop that has not turned for so long hangs."""
_JOURNAL_TURNS_WITHIN_S = 10.0
"""A commit takes milliseconds, and a worn card sometimes a second or two."""


@dataclass(frozen=True, slots=True)
class RunSummary:
    """How a run ended. state: STATE at its end, which the terminal shows and `--json` prints."""

    state: JsonObject

    @property
    def run_id(self) -> str:
        return str(self.state["run"]["id"])

    @property
    def verdict(self) -> Outcome:
        return Outcome(self.state["run"]["verdict"])

    @property
    def kind(self) -> Kind:
        return Kind(self.state["bench"]["kind"])

    @property
    def results(self) -> dict[str, dict[str, JsonObject]]:
        """Position -> test point -> its result."""
        return {position: shown["results"] for position, shown in self.state["positions"].items()}


def _within_s(config: Config, has_panel: bool) -> dict[str, float]:
    """How long each loop may take from one turn to the next; a poll is some exchanges, each with its time-out."""
    reference = config.reference
    within_s = {
        "edges": _TURNS_WITHIN_S + config.bench.edge_period_s,
        "reference": _TURNS_WITHIN_S + 2 * reference.poll_interval_s + 4 * reference.timeout_s,
        RUNNER: _RUNNER_TURNS_WITHIN_S + config.bench.publish_period_s,
    }
    return within_s | {PanelLoop.name: _TURNS_WITHIN_S} if has_panel else within_s


class MeasuringProcess:
    """Use as a context manager: the loops run inside. One thread calls `run`; `stop_run` is for any thread."""

    def __init__(self, config: Config, equipment: Equipment) -> None:
        # Before anything else: whatever the process before this one has left on goes off.
        equipment.load_source.remove()
        require_not_lost(config.state_dir / REGISTRY_FILE)
        self.config = config
        self.load_source = GuardedSource(equipment.load_source, self._announce_load)
        self.acquisition = Acquisition(list(equipment.pulse_inputs))
        self._runner: Runner | None = None
        disk_clock = equipment.disk_clock
        self._made_ns = disk_clock.now_ns()
        self._disk_liveness = Liveness({JOURNAL: _JOURNAL_TURNS_WITHIN_S}, self._made_ns)
        self.recorder = Recorder(
            config.state_dir,
            disk_clock,
            equipment.encode_sample,
            origin_of(config.bench.id),
            may_block=equipment.in_virtual_time,
            turned=lambda: self._disk_liveness.turned(JOURNAL, disk_clock.now_ns()),
        )
        try:
            require_not_set_back(config.state_dir)
            self.interrupted = interrupted_run(self.recorder.newest_run())
            """The run before this process, where it has no end; None as soon as another one has begun."""
        except BaseException:
            self.recorder.close()
            raise
        panel = equipment.panel
        self.liveness = Liveness(_within_s(config, panel is not None), equipment.clock.now_ns())
        self.presses = Presses(has_start_button=panel is not None and panel.has_start_button)
        watch = None if panel is None else self._panel_loop(panel, equipment)
        self.loops = self._make_loops(equipment, watch)
        # Nobody gets at the source but through its guard, and nobody waits but on the clock that turns the loops.
        ports = {name: AnnouncedPort(port, self._is_away) for name, port in equipment.meter_ports.items()}
        self.equipment = replace(
            equipment, load_source=self.load_source, meter_ports=ports, clock=self.loops.clock
        )
        self.arming = Arming(
            self.load_source,
            self.presses,
            NoContacts() if watch is None else watch,
            self.clock,
            config.panel.start_within_s,
            config.load_source.confirm_within_s,
        )
        self._shown = self._progress(equipment.worth)
        self.live = LiveState(self._state(self._shown))
        if watch is not None:
            sequence, state = self.live.snapshot()
            watch.follow(sequence, {}, state)
            self.live.listen(watch.follow)

    def _make_loops(self, equipment: Equipment, watch: PanelLoop | None) -> Loops:
        config = self.config
        edges = EdgeLoop(equipment.pulse_inputs, self.acquisition, self.recorder, config.bench.edge_period_s)
        polls = PollLoop(
            equipment.reference,
            self.acquisition,
            self.recorder,
            config.reference.poll_interval_s,
            _HAND_OVER_S if config.simulation.speed > 0 else _UNPACED_HAND_OVER_S,
        )
        return Loops(
            (edges, polls) if watch is None else (edges, polls, watch),
            polls.hand_over,
            equipment.clock,
            self.liveness,
            in_virtual_time=equipment.in_virtual_time,
        )

    def _panel_loop(self, panel: Panel, equipment: Equipment) -> PanelLoop:
        return PanelLoop(
            panel,
            self.load_source,
            self.presses,
            self.liveness,
            equipment.load_times.overdue,
            self._on_stop_button,
        )

    @property
    def clock(self) -> Clock:
        """What everybody waits on."""
        return self.equipment.clock

    def __enter__(self) -> MeasuringProcess:
        self.liveness.begin(self.clock.now_ns())
        self._disk_liveness.begin(self.equipment.disk_clock.now_ns())
        self.loops.start()
        return self

    def __exit__(self, *unused: object) -> None:
        self.close()

    def close(self) -> None:
        """Load off, loops stopped, everything written, devices closed: each, whatever the ones before it met with."""
        with ExitStack() as closing:
            for close in reversed(self.equipment.closers):
                closing.callback(close)
            closing.callback(self.recorder.close)
            for stop in self.loops.stops:
                closing.callback(stop)
            try:
                self.load_source.remove()
            finally:
                self._publish(self._shown)  # the tower's last word

    def prepare(
        self,
        checked: CheckedPlan,
        resumed_id: str | None = None,
        verifier: str = "",
        witnessed: Witnessed | None = None,
    ) -> PreparedRun:
        """A run of this plan that may begin.

        resumed_id: the earlier run that it goes on with. verifier: id of the person who runs it, as
        `bench.registry.persons` has let in; empty where nobody said who he is. witnessed: the case that it is of, as
        its registry allows it. Errors: as of `prepared`; OperatorError, too, where the disk is too full, or the earlier
        run does not hold or had other inputs, such as another case or another verifier.
        """
        self._require_disk()
        run_id = self.recorder.next_run_id()
        run = prepared(run_id, checked, self.config, self.equipment, self._today(), verifier, witnessed)
        if resumed_id is None:
            return run
        given = resume(self.config.state_dir, resumed_id, run.frozen(), self.equipment.reader_for)
        return run.going_on(given)

    def carry_out(self, run: PreparedRun) -> RunSummary:
        """Errors: BenchError of a device or the journal, after the load has been removed."""
        self.config = run.config
        texts = TextsOfRun(self.config.state_dir, run.run_id)
        progress = self._progress(run.kind, run.checked, texts)
        self._runner = Runner(self._context(texts), run, progress)
        self._shown = progress
        try:
            self._runner.run(verification(run.briefing), self._frozen(run, texts))
        except BaseException:
            self.recorder.give_up_run(self.clock.state())
            raise
        finally:
            self._runner = None
        return RunSummary(self._state(progress))

    def _frozen(self, run: PreparedRun, texts: TextsOfRun) -> JsonObject:
        """For the first record: with how this process turns, what will sign its last one, and what was changed so far
        in the registry."""
        now = self.equipment.disk_clock.state().wall_time
        return run.frozen() | {
            "plan": recorded_plan(run.checked.source, lambda title: texts.keep(What.PLAN_TITLE, title, now)),
            "loops": self.loops.declared,
            "log_key": self.recorder.log_key_fingerprint(),
            NOTED: end_now(self.config.state_dir),
        }

    def run(self, checked: CheckedPlan, resumed_id: str | None = None, verifier: str = "") -> RunSummary:
        """Prepare a run and carry it out. Errors: as of both."""
        return self.carry_out(self.prepare(checked, resumed_id, verifier))

    def let_in(self, person: str, password: str) -> str:
        """The id of the person who will run a verification. Errors: OperatorError where it is not that person."""
        now = self.equipment.disk_clock.state().wall_time
        return authenticate(self.config.state_dir, person, password, now).id

    def stop_run(self) -> bool:
        """End the running run as stopped by the operator; False where none is running."""
        runner = self._runner
        if runner is None:
            return False
        runner.stop()
        return True

    def _on_stop_button(self) -> None:
        """Ends the run as `bench stop` does; a load without a run (commissioning) is taken away at once."""
        if not self.stop_run():
            # A source that does not take it is told again by the panel's loop.
            with suppress(InstrumentError):
                self.load_source.trip(Finding(Reason.STOPPED_BY_OPERATOR))

    def skip(self, position: str, why: str) -> None:
        """Take a position out of the running run. Errors: OperatorError where there is no such."""
        runner = self._runner
        if runner is None:
            raise NoRunError
        runner.skip(position, why)

    def confirm(self, by: By) -> None:
        """Somebody at the bench confirms what it waits for. Errors: OperatorError where that is nothing."""
        self.presses.confirm(by)

    def _announce_load(self) -> None:
        """A load is about to be commanded: live voltage is lit, and a source may take its time."""
        self._publish(self._shown)
        self._is_away(self.equipment.source_facts.busy_s)

    def _is_away(self, away_s: float) -> None:
        """The thread that leads runs turns, and is then away for so long."""
        self.liveness.turned(RUNNER, self.clock.now_ns(), away_s)

    def up_s(self) -> float:
        """Since the process was made, by the machine's clock."""
        return (self.equipment.disk_clock.now_ns() - self._made_ns) / NS_PER_S

    def silent(self) -> tuple[str, ...]:
        """Names of the loops that should have turned by now."""
        on_disk = self._disk_liveness.silent(self.equipment.disk_clock.now_ns())
        return (*self.liveness.silent(self.clock.now_ns()), *on_disk)

    def wait_idle(self, duration_s: float) -> None:
        """Let the loops go on without a run and keep the live state fresh.

        Errors: LoadRefusedError where a load that was applied without a run has been taken away meanwhile, or has
        lasted too long.
        """
        self.loops.check()
        self._remove_what_was_kept()
        against = self.load_source.tripped or self.equipment.load_times.overdue(self.clock.now_ns())
        if against is not None:
            raise LoadRefusedError(against)
        self._is_away(duration_s)
        self.acquisition.forget_before(self.clock.now_ns() - _KEPT_NS)
        self.clock.wait_until(self.clock.now_ns() + round(duration_s * NS_PER_S))
        self._publish(self._shown)

    def _remove_what_was_kept(self) -> None:
        """A load that its source did not let go of when its run ended is commanded off until it does."""
        guard = self.load_source
        if not guard.is_energised or guard.is_armed:
            return
        self._is_away(self.equipment.source_facts.busy_s)
        # The lamp says it all the while, and the contactor's timer is not fed.
        with suppress(InstrumentError):
            guard.remove()

    @contextmanager
    def energising(self, show: Show) -> Iterator[LoadSource]:
        """A source that may be used without a run, once somebody at the bench has armed it; its load is off afterwards.

        show: gets what is waited for. Errors: LoadRefusedError, also of the source, of `wait_idle` and in the end.
        """
        try:
            self.arming.arm(self.wait_idle, show, is_first=True)
            yield self.load_source
        finally:
            try:
                self.load_source.remove()
            finally:
                self.load_source.disarm()
                self._publish(self._shown)

    @property
    def card(self) -> ReferenceCard:
        return self.config.reference.card.as_card()

    @property
    def load_watch(self) -> LoadWatch:
        return load_watch(self.config)

    def expired_on(self) -> str | None:
        """Last day of the reference's certificate where that is past."""
        return expired_on(self.config, self._today())

    def _today(self) -> str:
        return day_of(self.clock.state().wall_time)

    def _context(self, texts: TextsOfRun) -> RunContext:
        return RunContext(
            self.config,
            self.equipment,
            self.load_source,
            self.arming,
            self.liveness,
            self.acquisition,
            self.loops,
            self.recorder,
            texts,
            self._publish,
        )

    def _progress(
        self, kind: Kind, checked: CheckedPlan | None = None, texts: KeptTexts | None = None
    ) -> Progress:
        return Progress(self._header(kind), checked, pps_edge=pps_edge(self.config), texts=texts)

    def _header(self, kind: Kind) -> JsonObject:
        version = software_identity()["version"]
        return {
            "id": self.config.bench.id,
            "software": version,
            "kind": kind.value,
            "has_thermometer": self.equipment.environment is not None,
        }

    def _publish(self, progress: Progress) -> None:
        self.live.publish(self._state(progress))

    def _state(self, progress: Progress) -> JsonObject:
        """STATE, with what the tower lamp shows for it, and the run that was cut off until another one begins."""
        state = progress.state(self.clock.state(), self.acquisition)
        state["is_energised"] = self.load_source.is_energised
        if state["run"] is not None:
            self.interrupted = None
        state["interrupted"] = None if self.interrupted is None else self.interrupted.shown()
        return state | {"lamp": lamp_of(state).value}

    def _require_disk(self) -> None:
        free_MB = shutil.disk_usage(self.config.state_dir).free / _MB
        if free_MB < self.config.bench.minimum_free_MB:
            needed_MB, where = self.config.bench.minimum_free_MB, self.config.state_dir
            raise OperatorError(
                f"only {free_MB:.0f} MB are free at {where}; make room, {needed_MB:.0f} MB are needed for a run / "
                f"{where} 只剩 {free_MB:.0f} MB；一次检定需要 {needed_MB:.0f} MB，请先腾出空间"
            )
