"""Inside the virtual machine: `bench serve` on a whole bench, and what may be done to it in the middle of a run.

Two meters on kernel lines, a reference standard on RTU and a DL/T 645 meter of an independent library on serial lines
that can be unplugged; relays, tower lamp, feed and contacts through gpiozero on the same chip. Outputs are read back
from the kernel, contacts are moved through its pulls. A bench that is killed is looked at from outside.

    python -m tests.hil.show

Prints what was seen as one JSON object; nothing is judged here.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.control.client import ControlClient
from bench.errors import BenchError
from tests.hil.guest import LIMIT_S, Forked, bench_program, running_rig, wait_until
from tests.hil.rig import CONTACTOR, FOLDER, RELAY

HERE = Path(__file__).parent
SOCKET = FOLDER / "state" / "bench.sock"
PLAN = (HERE / "show-plan.toml").read_text()
STOP, COVER = 5, 6
FEED = 12
LAMPS = {"idle": 13, "live": 19, "measuring": 26, "pass": 20, "fail": 21, "invalid": 16}
LOOKS, LOOK_S = 50, 0.01
"""Half a second of the feed, some 25 edges of a live one."""
STATE_EVERY_S = 0.5
_CHIP = Path("/sys/devices/platform/gpio-sim.0")


def wire(number: int, what: str) -> Path:
    """A file of a line of the chip: `value` as it is driven, or `pull`."""
    (path,) = _CHIP.glob(f"gpiochip*/sim_gpio{number}/{what}")
    return path


class Level:
    """Reads the level of one line, fast."""

    def __init__(self, number: int) -> None:
        self._fd = os.open(wire(number, "value"), os.O_RDONLY)

    def __call__(self) -> int:
        return int(os.pread(self._fd, 2, 0))


def tell(what: str) -> None:
    """How far it is, beside the report."""
    print(f"show: {time.monotonic():.0f} s: {what}", file=sys.stderr, flush=True)


def close_contact(number: int) -> None:
    wire(number, "pull").write_text("pull-down")


def open_contact(number: int) -> None:
    wire(number, "pull").write_text("pull-up")


class Bench:
    """`bench serve` in a process of its own."""

    def __init__(self) -> None:
        config = str(HERE / "show.toml")
        self.process = bench_program(["serve", "--config", config, "--lang", "en"], None, 2)
        self._run_id = ""
        self.levels = {number: Level(number) for number in (FEED, CONTACTOR, RELAY, *LAMPS.values())}
        wait_until(self._answers, self.process, "the socket")
        tell("the bench listens")
        self.found_idle = {"phase": self.state()["phase"], "relays": self.relays(), "lamps": self.lamps()}
        for contact in (STOP, COVER):
            close_contact(contact)

    def _answers(self) -> bool:
        try:
            return bool(self.state())
        except BenchError:
            return False

    def state(self) -> dict[str, Any]:
        with ControlClient(SOCKET) as client:
            return client.snapshot()

    def relays(self) -> list[int]:
        return [self.levels[CONTACTOR](), self.levels[RELAY]()]

    def lamps(self) -> list[str]:
        return [name for name, number in LAMPS.items() if self.levels[number]()]

    def edges_of_feed(self, looks: int = LOOKS) -> int:
        """While the clock goes on."""
        feed, edges = self.levels[FEED], 0
        before = feed()
        for _ in range(looks):
            time.sleep(LOOK_S)
            edges += before != (before := feed())
        return edges

    def start(self) -> None:
        with ControlClient(SOCKET) as client:
            self._run_id = client.start(PLAN, None)

    def until(self, is_so: Callable[[dict[str, Any]], bool], what: str) -> dict[str, Any]:
        """The first state that is so; looked at seldom, for the machine is slow."""
        end = time.monotonic() + LIMIT_S
        while not is_so(state := self.state()):
            if time.monotonic() > end:
                raise RuntimeError(f"{what}: not within {LIMIT_S:g} s, but {state['phase']}")
            time.sleep(STATE_EVERY_S)
        tell(what)
        return state

    def start_measuring(self) -> dict[str, Any]:
        """Into a window; what the kernel has then."""
        self.start()
        state = self.until(lambda state: state["phase"] == "measuring", "a window")
        return {
            "shown_lamp": state["lamp"],
            "lamps": self.lamps(),
            "relays": self.relays(),
            "feed_edges": self.edges_of_feed(),
        }

    def ended(self) -> dict[str, Any]:
        """The run's end."""

        def is_over(state: dict[str, Any]) -> bool:
            is_this = (state.get("run") or {}).get("id") == self._run_id
            return is_this and state["phase"] in ("finished", "interrupted")

        state = self.until(is_over, "the end of the run")
        results = {
            position: [
                {"verdict": result["verdict"], "reasons": [reason["reason"] for reason in result["reasons"]]}
                | {key: result.get(key) for key in ("percentage_error_pct", "expanded_uncertainty_pct")}
                for result in of_position.get("results", {}).values()
            ]
            for position, of_position in state["positions"].items()
        }
        return {
            "verdict": state["run"].get("verdict"),
            "results": results,
            "faults": [fault["reason"] for fault in state.get("faults") or []],
            "shown_lamp": state["lamp"],
            "lamps": self.lamps(),
            "relays": self.relays(),
            "feed_edges": self.edges_of_feed(),
        }

    def open_in_window(self, contact: int) -> dict[str, Any]:
        """Open a contact; edges of the feed between that and the contactor's fall."""
        feed, contactor = self.levels[FEED], self.levels[CONTACTOR]
        edges, before = 0, feed()
        open_contact(contact)
        end = time.monotonic() + LIMIT_S
        while contactor() and time.monotonic() < end:
            edges += before != (before := feed())
        ended = {"edges_until_off": edges, **self.ended()}
        close_contact(contact)
        return ended

    def killed(self) -> dict[str, Any]:
        self.process.kill()
        self.process.wait()
        return {"feed_edges": self.edges_of_feed(), "relays": self.relays()}

    def close(self) -> int:
        """Its exit status."""
        self.process.terminate()
        return self.process.wait()


@contextmanager
def serving() -> Iterator[Bench]:
    bench = Bench()
    try:
        yield bench
    finally:
        bench.close()


def unplug(rig: Forked, *ports: str) -> None:
    """Ports of the rig go, or come back where they are gone already."""
    for port in ports:
        name = FOLDER / port
        was_there = name.is_symlink()
        os.kill(int((FOLDER / f"{port}.pid").read_text()), signal.SIGUSR1)
        wait_until(lambda name=name, was=was_there: name.is_symlink() != was, rig, f"{port} moved")  # type: ignore[misc]


def main() -> None:
    report: dict[str, Any] = {}
    with running_rig(FOLDER, is_whole=True) as rig:
        with serving() as bench:
            report["at_start"] = bench.found_idle
            report["verification"] = {"measuring": bench.start_measuring(), **bench.ended()}
            for name, contact in (("stop", STOP), ("cover", COVER)):
                report[name] = {"measuring": bench.start_measuring(), **bench.open_in_window(contact)}

            measuring = bench.start_measuring()
            unplug(rig, "reference", "meter")
            report["unplugged"] = {"measuring": measuring, **bench.ended()}
            unplug(rig, "reference")
            bench.until(lambda state: state["reference"]["state"] == "ok", "the reference again")
            bench.start()
            report["meter_unplugged"] = bench.ended()
            unplug(rig, "meter")
            measuring = bench.start_measuring()
            faults = [fault["reason"] for fault in bench.state().get("faults") or []]
            report["plugged_in"] = {"measuring": measuring, "faults": faults, **bench.killed()}
        with serving() as bench:
            report["after_kill"] = bench.found_idle
            report["after_kill"]["feed_edges"] = bench.edges_of_feed()
            report["exit_status"] = bench.close()
    print(json.dumps(report))


if __name__ == "__main__":
    main()
