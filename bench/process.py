"""The measuring process: loops, journal, live state and one run at a time, around whatever devices it is given.

It knows no driver: `app.py` puts an `Equipment` together. In real time each loop has a thread; in virtual
time the clock that everybody waits on turns the loops.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace

from bench.before_run.load_times import LoadTimes
from bench.before_run.plan_check import require_runnable
from bench.before_run.worth import expired_on, kind_of, why_not_official
from bench.canonical import JsonObject
from bench.configuration.config import Config
from bench.configuration.load_source import LimitsSection
from bench.control.live import LiveState
from bench.dates import day_of
from bench.errors import InstrumentError, OperatorError
from bench.measurement.acquisition import Acquisition, EdgeLoop, Loop, LoopThread, LoopTurningClock, PollLoop
from bench.measurement.environment import (
    Ambient,
    EnvironmentReading,
    at_ambient,
    read_environment,
    require_known_ambient,
)
from bench.measurement.settling import LoadWatch, steady_for_s
from bench.methods.briefing import Briefing
from bench.methods.meter_identity import compared_at
from bench.methods.verification import verification
from bench.plans.forecast import forecast, planned_s, warning_of
from bench.plans.plan import CheckedPlan
from bench.ports import (
    Clock,
    EnvironmentSensor,
    LoadSource,
    MeterPort,
    Panel,
    PulseInput,
    ReferenceSample,
    ReferenceStandard,
    SourceFacts,
)
from bench.records.frozen import to_json
from bench.records.inputs import frozen_inputs
from bench.records.recorder import Recorder
from bench.records.software import software_identity
from bench.registry.equipment import Card
from bench.registry.persons import authenticate
from bench.registry.standing import standing
from bench.replay.audited_replay import ReaderFor
from bench.replay.resume import Resumed, resume
from bench.run.context import Pace, RunContext
from bench.run.desk import Desk, OpenDesk
from bench.run.progress import Progress
from bench.run.runner import Runner
from bench.safety.arming import Arming, Contacts, NoContacts, Show
from bench.safety.guarded_source import GuardedSource, LoadRefusedError
from bench.safety.lamp import lamp_of
from bench.safety.liveness import RUNNER, AnnouncedPort, Liveness
from bench.safety.panel_loop import PanelLoop
from bench.safety.presses import By, Presses
from calibration.load_points import LoadPoint
from calibration.quantities import NS_PER_S, RISING, Finding, Kind, Outcome
from calibration.reasons import Reason
from calibration.reference_standard import ReferenceCard

_MB = 1_000_000
_HAND_OVER_S, _UNPACED_HAND_OVER_S = 0.2, 2.0
"""How often readings go to the journal: with the sync of its files, less than a second may be lost."""
_TURNS_WITHIN_S, _RUNNER_TURNS_WITHIN_S = 5.0, 10.0
"""Beyond what its period and its longest reply explain, a loop that has not turned for so long hangs."""
_INPUTS_LAG_S = 0.25
"""Beyond the longest reply: what a pipe or a loaded machine adds until an edge is in memory."""


TrueError = Callable[[str, LoadPoint], float | None]
"""Position and load point -> the true error of the simulated meter there (%); None for a real one."""


def no_true_error(position: str, load_point: LoadPoint) -> float | None:
    return None


@dataclass(frozen=True)
class Equipment:
    """The devices of a bench and what is known of them. `worth`: the most a result from them can be.

    reader_for: reads raw files back, by the record of a run's inputs.
    station: what the record keeps of them beside the configuration (reference profile, driver facts).
    closers are called in order when the process ends. panel: None where there is none.
    """

    clock: Clock
    disk_clock: Clock
    pulse_inputs: Mapping[str, PulseInput]
    reference: ReferenceStandard
    load_source: LoadSource
    worth: Kind
    in_virtual_time: bool
    encode_sample: Callable[[ReferenceSample], bytes]
    reader_for: ReaderFor
    station: JsonObject = field(default_factory=dict)
    true_error_pct: TrueError = no_true_error
    desk: Desk = field(default_factory=OpenDesk)
    meter_ports: Mapping[str, MeterPort] = field(default_factory=dict)
    source_facts: SourceFacts = field(default_factory=SourceFacts)
    load_times: LoadTimes = field(default_factory=lambda: LoadTimes(LimitsSection(), 0))
    panel: Panel | None = None
    environment: EnvironmentSensor | None = None
    closers: tuple[Callable[[], None], ...] = ()


@dataclass(frozen=True)
class RunSummary:
    """How a run ended. state: STATE at its end, which the terminal shows and `--json` prints."""

    run_id: str
    verdict: Outcome
    kind: Kind
    results: dict[str, dict[str, JsonObject]]
    state: JsonObject


class _Loops:
    """The loops as the runner watches them."""

    def __init__(self, polls: PollLoop, clock: Clock, threads: list[LoopThread]) -> None:
        self._polls = polls
        self._clock = clock
        self._threads = threads

    def check(self) -> None:
        for thread in self._threads:
            thread.check()

    def start_window(self) -> None:
        for thread in self._threads:
            thread.worst_lateness_ns = 0

    def end_window(self) -> JsonObject:
        # Only the loop's own thread may hand over; a thread does so several times a second by itself.
        if not self._threads:
            self._polls.hand_over(self._clock.now_ns())
        return {
            thread.loop.name: {
                "period_ns": thread.loop.period_ns,
                "worst_lateness_ns": thread.worst_lateness_ns,
            }
            for thread in self._threads
        }


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
        self.config = config
        self.load_source = GuardedSource(equipment.load_source, self._announce_load)
        # Nobody gets at the source but through its guard.
        ports = {name: AnnouncedPort(port, self._is_away) for name, port in equipment.meter_ports.items()}
        self.equipment = equipment = replace(equipment, load_source=self.load_source, meter_ports=ports)
        self.acquisition = Acquisition(list(equipment.pulse_inputs))
        self._runner: Runner | None = None
        self.recorder = Recorder(
            config.state_dir,
            equipment.disk_clock,
            equipment.encode_sample,
            may_block=equipment.in_virtual_time,
        )
        edges = EdgeLoop(equipment.pulse_inputs, self.acquisition, self.recorder, config.bench.edge_period_s)
        polls = PollLoop(
            equipment.reference,
            self.acquisition,
            self.recorder,
            config.reference.poll_interval_s,
            _HAND_OVER_S if config.simulation.speed > 0 else _UNPACED_HAND_OVER_S,
        )
        self.liveness = Liveness(_within_s(config, equipment.panel is not None), equipment.clock.now_ns())
        self.presses = Presses(
            has_start_button=equipment.panel is not None and equipment.panel.has_start_button
        )
        panel = self._panel_loop()
        loops: tuple[Loop, ...] = (edges, polls) if panel is None else (edges, polls, panel)
        self._threads: list[LoopThread] = []
        self.clock: Clock = equipment.clock
        if equipment.in_virtual_time:
            self.clock = LoopTurningClock(equipment.clock, loops, self.liveness)
        else:
            self._threads = [LoopThread(loop, self.clock, self.liveness) for loop in loops]
        self._loops = _Loops(polls, self.clock, self._threads)
        contacts: Contacts = NoContacts() if panel is None else panel
        self.arming = Arming(
            self.load_source,
            self.presses,
            contacts,
            self.clock,
            config.panel.start_within_s,
            config.load_source.confirm_within_s,
        )
        self._software = software_identity()
        self._shown = Progress(self._header(equipment.worth), pps_edge=self._pps_edge)
        self.live = LiveState(self._state(self._shown))
        if panel is not None:
            sequence, state = self.live.snapshot()
            panel.follow(sequence, {}, state)
            self.live.listen(panel.follow)

    def _panel_loop(self) -> PanelLoop | None:
        """None without a panel."""
        if self.equipment.panel is None:
            return None
        return PanelLoop(
            self.equipment.panel,
            self.load_source,
            self.presses,
            self.liveness,
            self.equipment.load_times.overdue,
            self._on_stop_button,
        )

    def __enter__(self) -> MeasuringProcess:
        self.liveness.begin(self.clock.now_ns())
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *unused: object) -> None:
        self.close()

    def close(self) -> None:
        """Load off, loops stopped, everything written, devices closed: each, whatever the ones before it met with."""
        with ExitStack() as closing:
            for close in reversed(self.equipment.closers):
                closing.callback(close)
            closing.callback(self.recorder.close)
            for thread in self._threads:
                closing.callback(thread.stop)
            try:
                self.load_source.remove()
            finally:
                self._publish(self._shown)  # the tower's last word

    def run(
        self,
        checked: CheckedPlan,
        resumed: Resumed | None = None,
        verifier: str = "",
        stop: threading.Event | None = None,
    ) -> RunSummary:
        """A whole run. Errors: BenchError of a device or the journal, after the load has been removed.

        resumed: what an earlier run of the same plan has given already. verifier: id of the person who runs it, as
        `bench.registry.persons` has let in; empty where nobody said who he is. stop: set by whoever wants its end, also
        before it has begun.
        """
        self._require_disk()
        reading = self._environment()
        checked = at_ambient(checked, reading)
        require_known_ambient(self.card, reading)
        require_runnable(checked, self.config, self.equipment.source_facts.require)
        kind, because, cards = self._looked_up(checked, verifier, reading)
        progress = Progress(self._header(kind), checked, pps_edge=self._pps_edge)
        run_id = self.recorder.next_run_id()
        briefing = self.briefing(checked, resumed)
        for point, windows in briefing.planned.items():
            progress.plan_point(point, planned_s(windows), warning_of(windows))
        progress.tell_worth(because)
        taken_over = {key: taken.outcome for key, taken in briefing.taken_over.items()}
        progress.take_over({} if resumed is None else resumed.results)
        ambient = Ambient(checked.plan.ambient_temperature_C, reading)
        progress.tell_environment(ambient)
        self._runner = Runner(self._context(), checked, progress, run_id, ambient, stop)
        self._shown = progress
        try:
            frozen = self._frozen(briefing, kind, because, resumed, verifier, cards)
            frozen["environment"] = to_json(reading)
            verdict = self._runner.run(verification(briefing), frozen, taken_over)
        finally:
            self._runner = None
        return RunSummary(run_id, verdict, progress.kind, progress.results(), self._state(progress))

    def briefing(self, checked: CheckedPlan, resumed: Resumed | None = None) -> Briefing:
        """What the methods of a run will know."""
        return Briefing(
            checked,
            self.card,
            forecast(checked, self.card, self.config.reference.poll_interval_s),
            self.config.repeatability.as_pooled(),
            self.config.clock.frequency_U_ppm,
            {} if resumed is None else resumed.verdicts,
            {p.name: c for p in self.config.position if p.name in checked.meters and (c := compared_at(p))},
            None if self.config.clock.pps is None else self.config.clock.pps.U_ppm,
        )

    def resume(self, run_id: str, checked: CheckedPlan, verifier: str = "") -> Resumed:
        """What an earlier run has given that a run of this plan may take over.

        Errors: OperatorError where that run does not hold, or its inputs were not those of now.
        """
        reading = self._environment()
        checked = at_ambient(checked, reading)
        kind, because, cards = self._looked_up(checked, verifier, reading)
        frozen = self._frozen(self.briefing(checked), kind, because, None, verifier, cards)
        return resume(self.config.state_dir, run_id, frozen, self.equipment.reader_for)

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
            raise OperatorError("no run is under way")
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

    def silent(self) -> tuple[str, ...]:
        """Names of the loops that should have turned by now."""
        return self.liveness.silent(self.clock.now_ns())

    def wait_idle(self, duration_s: float) -> None:
        """Let the loops go on without a run and keep the live state fresh.

        Errors: LoadRefusedError where a load that was applied without a run has been taken away meanwhile, or has
        lasted too long.
        """
        self._loops.check()
        self._remove_what_was_kept()
        against = self.load_source.tripped or self.equipment.load_times.overdue(self.clock.now_ns())
        if against is not None:
            raise LoadRefusedError(against)
        self._is_away(duration_s)
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

    def worth_of(self, checked: CheckedPlan, verifier: str = "") -> tuple[Kind, tuple[Finding, ...]]:
        """What a run of this plan will be worth, and everything that keeps it from being official."""
        return self._looked_up(checked, verifier, self._environment())[:2]

    def _looked_up(
        self, checked: CheckedPlan, verifier: str, reading: EnvironmentReading | None
    ) -> tuple[Kind, tuple[Finding, ...], tuple[Card, ...]]:
        """The same, and the equipment cards; what they say of the reference standard holds from now on."""
        found = standing(self.config, checked, self._today(), verifier)
        self.config = found.config
        because = why_not_official(
            checked, self.config, self.equipment.pulse_inputs, self._today(), registered=found.findings
        )
        because += Ambient(None, reading).why_not(checked.rules.conditions)
        return kind_of(self.equipment.worth, because), because, found.cards

    @property
    def load_watch(self) -> LoadWatch:
        """When a load counts as set, by the configuration."""
        source, card = self.config.load_source, self.card
        return LoadWatch(
            source.reached_within_pct,
            steady_for_s(source.steady_for_s, card),
            source.settle_timeout_s,
            power_step_W=card.power_step_W,
        )

    def expired_on(self) -> str | None:
        """Last day of the reference's certificate where that is past."""
        return expired_on(self.config, self._today())

    def _today(self) -> str:
        return day_of(self.clock.state().wall_time)

    def _context(self) -> RunContext:
        bench, equipment = self.config.bench, self.equipment
        return RunContext(
            clock=self.clock,
            load_source=self.load_source,
            arming=self.arming,
            liveness=self.liveness,
            acquisition=self.acquisition,
            loops=self._loops,
            recorder=self.recorder,
            card=self.card,
            pace=Pace(
                bench.publish_period_s,
                bench.evaluation_period_s,
                _INPUTS_LAG_S + self.config.reference.timeout_s + 2 * bench.edge_period_s,
            ),
            load_watch=self.load_watch,
            load_times=equipment.load_times,
            source_facts=equipment.source_facts,
            publish=self._publish,
            true_error_pct=equipment.true_error_pct,
            desk=equipment.desk,
            is_set_by_hand=self.config.load_source.driver == "manual",
            meter_ports=equipment.meter_ports,
            typed_registers=frozenset(p.name for p in self.config.position if p.meter_port == "ask"),
            pps_edge=self._pps_edge,
            environment=equipment.environment,
        )

    def _environment(self) -> EnvironmentReading | None:
        """What the sensor says now; None where there is none."""
        sensor = self.equipment.environment
        return None if sensor is None else read_environment(sensor, self.clock.now_ns())

    @property
    def _pps_edge(self) -> int:
        pps = self.config.clock.pps
        return RISING if pps is None else pps.edge_kind

    @property
    def card(self) -> ReferenceCard:
        return self.config.reference.card.as_card()

    def _frozen(
        self,
        briefing: Briefing,
        kind: Kind,
        because: tuple[Finding, ...],
        resumed: Resumed | None,
        verifier: str,
        cards: tuple[Card, ...],
    ) -> JsonObject:
        """Everything that the run's results will be computed with."""
        taken_over = [
            {"point": point, "position": position, **to_json(taken)}
            for (point, position), taken in briefing.taken_over.items()
        ]
        return {
            **frozen_inputs(briefing.checked),
            "reference_card": to_json(briefing.card),
            "pooled_repeatability": to_json(briefing.pooled),
            "clock_frequency_U_ppm": to_json(briefing.clock_frequency_U_ppm),
            "pps_U_ppm": to_json(briefing.pps_U_ppm),
            "meter_identities": to_json(briefing.identities),
            "planned": to_json(briefing.planned),
            "resumes": None if resumed is None else resumed.run_id,
            "taken_over": taken_over,
            "station": {
                "bench": self.config.bench.id,
                "kind": kind.value,
                "verifier": verifier,
                "not_official_because": to_json(because),
                "software": self._software,
                "equipment": [to_json(card) for card in cards],
                **self.equipment.station,
                "configuration": to_json(self.config),
            },
            "loops": {t.loop.name: {"period_ns": t.loop.period_ns} for t in self._threads},
        }

    def _header(self, kind: Kind) -> JsonObject:
        return {"id": self.config.bench.id, "software": self._software["version"], "kind": kind.value}

    def _publish(self, progress: Progress) -> None:
        self.live.publish(self._state(progress))

    def _state(self, progress: Progress) -> JsonObject:
        """STATE, with what the tower lamp shows for it."""
        state = progress.state(self.clock.state(), self.acquisition)
        state["is_energised"] = self.load_source.is_energised
        return state | {"lamp": lamp_of(state).value}

    def _require_disk(self) -> None:
        free_MB = shutil.disk_usage(self.config.state_dir).free / _MB
        if free_MB < self.config.bench.minimum_free_MB:
            raise OperatorError(
                f"only {free_MB:.0f} MB are free at {self.config.state_dir}; make room, "
                f"{self.config.bench.minimum_free_MB:.0f} MB are needed for a run"
            )
