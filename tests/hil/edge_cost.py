"""Inside the virtual machine: what an edge costs and how fast edges may come, through `GpioLine` and through others.

One reader after the other has the same line to itself, driven with the same pulses at each rate, until it loses an
edge. Each must have the instant and the kind of every edge; the readers differ in how they get them:

    ours                our driver: a queue of 1,024, drained every 20 ms as the program does, records viewed as arrays
    gpiod_drained       objects of the package gpiod, one an edge, with the same queue and drained as often
    gpiod               the same as its examples have it: wait, read what is there, the kernel's own queue (16 a line)
    lgpio               call-backs of the package lgpio
    gpiozero            our driver over gpiozero, which is over lgpio

CPU time is the whole reader's, with its threads, from before the first pulse to after the last; it counts the emulated
machine's instructions (2 ns each), so compare readers and take none for a Raspberry Pi's. The driver of the line goes
before the reader, as an interrupt does: a rate that is lost is one at which what is left to the reader is too little.

    python -m tests.hil.edge_cost [EDGES_PER_S ...]      prints one JSON object
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection

import gpiod

from bench.clock import SystemClock
from bench.ports import PulseInput
from calibration.quantities import FALLING, NS_PER_S, RISING
from firmware_io.edge_records import QUEUE_RECORDS
from firmware_io.gpio_chips import find_chip
from firmware_io.gpio_edges import GpioLine
from firmware_io.gpiozero_edges import GpiozeroLine
from tests.hil.rig import SimulatedLine

LABELS = ("pinctrl-bcm2711",)
LINE = 22
USUAL_RATE = 1200
"""Edges a second: 600 pulses, as a divided output of a class 0.05 reference gives."""
DRAIN_S = 0.02
_LEAST_EDGES, _LEAST_S = 4000, 0.5
"""Of each rate: several times the largest queue."""


class Tally:
    """What a reader has had so far. last_seqno: of the newest edge, where the kernel's count is handed over."""

    def __init__(self) -> None:
        self.edges = 0
        self.last_seqno: int | None = None

    @property
    def known_lost(self) -> int:
        """Edges that are missing by the kernel's own count; 0 where it is not handed over."""
        return 0 if self.last_seqno is None else self.last_seqno - self.edges


Turn = Callable[[], None]
"""Takes what is there, and waits for a drain period at most."""


def _drained(line: PulseInput, tally: Tally) -> Turn:
    def turn() -> None:
        time.sleep(DRAIN_S)
        edges = line.read().edges
        tally.edges += len(edges)
        if line.is_metrological and len(edges):
            tally.last_seqno = int(edges.line_seqno[-1])

    return turn


def ours(tally: Tally) -> Turn:
    return _drained(GpioLine(LINE, chip_labels=LABELS), tally)


def gpiozero(tally: Tally) -> Turn:
    return _drained(GpiozeroLine(LINE, chip_labels=LABELS), tally)


def _take_events(request: gpiod.LineRequest, tally: Tally) -> None:
    had = []
    for event in request.read_edge_events():
        had.append((event.timestamp_ns, event.event_type))
        tally.last_seqno = event.line_seqno
    tally.edges += len(had)


def _request(event_buffer_size: int | None) -> gpiod.LineRequest:
    settings = gpiod.LineSettings(direction=gpiod.line.Direction.INPUT, edge_detection=gpiod.line.Edge.BOTH)
    return gpiod.request_lines(
        find_chip(LABELS), {LINE: settings}, consumer="edge_cost", event_buffer_size=event_buffer_size
    )


def gpiod_drained(tally: Tally) -> Turn:
    request = _request(QUEUE_RECORDS)

    def turn() -> None:
        time.sleep(DRAIN_S)
        while request.wait_edge_events(0.0):
            _take_events(request, tally)

    return turn


def gpiod_waiting(tally: Tally) -> Turn:
    request = _request(None)

    def turn() -> None:
        if request.wait_edge_events(DRAIN_S):
            _take_events(request, tally)

    return turn


def lgpio(tally: Tally) -> Turn:
    import lgpio as library  # its import starts a thread

    had: list[tuple[int, int]] = []
    chip = library.gpiochip_open(int(find_chip(LABELS).removeprefix("/dev/gpiochip")))
    library.gpio_claim_alert(chip, LINE, library.BOTH_EDGES)
    library.callback(
        chip, LINE, library.BOTH_EDGES, lambda chip, line, level, tick: had.append((tick, level))
    )

    def turn() -> None:
        time.sleep(DRAIN_S)
        count = len(had)
        del had[:count]
        tally.edges += count

    return turn


READERS: dict[str, Callable[[Tally], Turn]] = {
    "ours": ours,
    "gpiod_drained": gpiod_drained,
    "gpiod": gpiod_waiting,
    "lgpio": lgpio,
    "gpiozero": gpiozero,
}


def serve(name: str, connection: Connection) -> None:
    """The reader's process, until it is killed; says what it has had when it is asked."""
    tally = Tally()
    turn = READERS[name](tally)

    def answer() -> None:
        connection.send("ready")
        while connection.recv():
            connection.send((tally.edges, tally.known_lost, time.process_time()))

    threading.Thread(target=answer, daemon=True).start()
    while True:
        turn()


@contextmanager
def reading(name: str) -> Iterator[Connection]:
    """A reader in a process of its own, forked from this one with what is imported.

    No limit of time: the guest's clock jumps while it waits for the host's files, which an import does.
    Errors: EOFError where the reader has failed; it says why.
    """
    context = multiprocessing.get_context("fork")
    asks, answers = context.Pipe()
    process = context.Process(target=serve, args=(name, answers))
    process.start()
    answers.close()
    try:
        asks.recv()
        yield asks
    finally:
        process.kill()
        process.join()


def _said(asks: Connection) -> tuple[int, int, float]:
    asks.send(True)
    edges, known_lost, cpu_s = asks.recv()
    return edges, known_lost, cpu_s


def drive(edges: int, edges_per_s: float) -> float:
    """Pulses of equal lengths on the line, before everything else on this processor; gives their real rate."""
    clock, line = SystemClock(), SimulatedLine(LINE)
    every_ns = round(NS_PER_S / edges_per_s)
    ordinary = os.sched_getscheduler(0), os.sched_getparam(0)
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))
    try:
        began_ns = clock.now_ns()
        for number in range(edges):
            line.drive(FALLING if number % 2 else RISING)
            clock.wait_until(began_ns + (number + 1) * every_ns)
        return edges * NS_PER_S / (clock.now_ns() - began_ns)
    finally:
        os.sched_setscheduler(0, *ordinary)
        line.close()


def measure(asks: Connection, rate: int) -> dict[str, float]:
    """What a reader makes of one rate."""
    edges = max(_LEAST_EDGES, round(_LEAST_S * rate))
    edges_before, lost_before, cpu_before_s = _said(asks)
    driven_per_s = drive(edges, rate)
    time.sleep(1.0)
    edges_after, lost_after, cpu_after_s = _said(asks)
    had = edges_after - edges_before
    return {
        "edges_per_s": rate,
        "driven_per_s": driven_per_s,
        "driven": edges,
        "had": had,
        "known_lost": lost_after - lost_before,
        "cpu_us_per_edge": 1e6 * (cpu_after_s - cpu_before_s) / max(had, 1),
    }


def until_lost(name: str, rates: Sequence[int]) -> list[dict[str, float]]:
    """One reader at rising rates, the last one that which it loses edges at."""
    found = []
    with reading(name) as asks:
        for rate in rates:
            found.append(measure(asks, rate))
            print(name, found[-1], file=sys.stderr, flush=True)
            if found[-1]["had"] != found[-1]["driven"]:
                break
    return found


def main() -> None:
    rates = sorted(int(rate) for rate in sys.argv[1:]) or [USUAL_RATE]
    print(json.dumps({name: until_lost(name, rates) for name in READERS}))


if __name__ == "__main__":
    main()
