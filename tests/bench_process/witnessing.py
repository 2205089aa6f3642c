"""A bench that serves, in virtual time, with a staffed laboratory and cases."""

from __future__ import annotations

import dataclasses
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.app import open_bench
from bench.canonical import JsonObject
from bench.checklist import Check
from bench.clock import SystemClock
from bench.configuration.config import Config
from bench.control.client import ControlClient
from bench.ports import ClockState
from bench.process import MeasuringProcess
from bench.registry import persons, trail
from bench.registry.authorisations import authorise
from bench.registry.persons import Name, Role
from bench.registry.store import reading
from bench.service import Service
from tests.bench_process.support import PLAN, bench_config
from tests.registry.laboratory import EVERYTHING, PASSWORD, WHEN, Laboratory, staffed

CASE = "C2026-0001"
TICKED = {check.value: True for check in Check}


class SteppedClock:
    """The machine's clock, and as much as a test adds to it."""

    def __init__(self) -> None:
        self._clock = SystemClock()
        self.added_s = 0.0

    def now_ns(self) -> int:
        return self._clock.now_ns() + round(self.added_s * 1e9)

    def wait_until(self, at_ns: int) -> None:
        self._clock.wait_until(at_ns)

    def state(self) -> ClockState:
        return self._clock.state()


@dataclass
class Bench:
    """lab: its verifier and its checker are the case's. tokens: of who has signed in, by person."""

    process: MeasuringProcess
    service: Service
    clock: SteppedClock
    lab: Laboratory
    other_verifier: str
    other_checker: str
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        return self.process.config.socket_path

    @property
    def state_dir(self) -> Path:
        return self.process.config.state_dir

    def client(self) -> ControlClient:
        return ControlClient(self.path, timeout_s=60.0)

    def token(self, person: str) -> str:
        """Of somebody who has signed in, once."""
        if person not in self.tokens:
            with self.client() as client:
                self.tokens[person] = client.sign_in(person, PASSWORD)["session"]
        return self.tokens[person]

    def assign(self, case: str = CASE, serial: str = "M-1", **changes: str) -> JsonObject:
        named = {"verifier": self.lab.verifier, "checker": self.lab.checker} | changes
        with self.client() as client:
            return client.case_assign(self.token(self.lab.administrator), case, serial, **named)

    def begin(self, case: str = CASE, verifier: str = "") -> JsonObject:
        with self.client() as client:
            return client.case_begin(self.token(verifier or self.lab.verifier), case)

    def start(
        self, plan: str = PLAN, case: str = CASE, by: str = "", resumed_id: str | None = None, **checks: bool
    ) -> str:
        with self.client() as client:
            return client.start_case(
                self.token(by or self.lab.verifier), case, plan, TICKED | checks, resumed_id
            )

    def case(self, case: str = CASE) -> JsonObject:
        with self.client() as client:
            return client.case(case)

    def carry_out(
        self, meanwhile: Callable[[], None] | None = None, phase: str = "measuring", results: int = 0
    ) -> JsonObject:
        """Lead the run that is wanted, to its end; meanwhile: called once, in this phase, when there are so many
        results. STATE at its end."""
        run = self.service._commands.take_wanted()
        assert run is not None
        called: list[int] = []

        def look(sequence: int, patch: JsonObject, state: JsonObject) -> None:
            is_then = state["phase"] == phase and len(state["positions"]["1"]["results"] or ()) >= results
            if is_then and meanwhile is not None and not called:
                called.append(sequence)
                meanwhile()

        self.process.live.listen(look)
        try:
            state = self.service._carry_out(run).state
        finally:
            self.process.live.stop_listening(look)
        assert bool(called) is (meanwhile is not None)
        return state

    def carry_out_stopped(self, results: int = 0) -> JsonObject:
        """As `carry_out`, of a run that its verifier stops when there are so many results: INVALID."""

        def stop() -> None:
            with self.client() as client:
                client.stop(token)

        token = self.token(self.case()["verifier"])
        return self.carry_out(stop, results=results)

    def serve_strangers(self) -> None:
        """From now on whoever asks over the socket is another user, as the web process is."""
        self.service._server._authorised = frozenset({os.getuid() + 1})

    def refusals(self) -> list[tuple[str, str, str, str]]:
        """Of the trail: who was refused what about which case, and by which rule."""
        with reading(self.state_dir) as database:
            return [
                (e.who, e.new["act"], e.about, e.new["reason"])
                for e in trail.entries(database)
                if e.what == "refused" and e.new is not None
            ]


@contextmanager
def serving(state_dir: Path, config: Config | None = None) -> Iterator[Bench]:
    """Runs are asked for over the socket, and carried out by `Bench.carry_out`."""
    lab = staffed(state_dir)

    def more(role: Role, name: str) -> str:
        return persons.add(state_dir, lab.administrator, Name("", name), (role,), PASSWORD, WHEN).id

    verifier, checker = more(Role.VERIFIER, "Liu Yang"), more(Role.CHECKER, "Sun Li")
    for each in (lab.verifier, verifier):
        authorise(state_dir, lab.administrator, each, EVERYTHING, WHEN)
    with again(config or bench_config(state_dir), lab, verifier, checker) as bench:
        yield bench


@contextmanager
def again(config: Config, lab: Laboratory, verifier: str, checker: str) -> Iterator[Bench]:
    """A bench of a laboratory that is there already."""
    with open_bench(config, lambda line: None) as process:
        clock = SteppedClock()
        process.equipment = dataclasses.replace(process.equipment, disk_clock=clock)
        with Service(process) as service:
            yield Bench(process, service, clock, lab, verifier, checker)


def in_thread(act: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=act)
    thread.start()
    return thread
