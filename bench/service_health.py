"""How the measuring process fares, in figures: for the page and the endpoint of whoever runs the bench.

Counts go from the start of the process. Nothing in it says whose meter is tested, or by whom. What was measured is
text, as everywhere on the socket; what is not known on this machine is left out.
"""

from __future__ import annotations

import shutil
from dataclasses import asdict

from bench.canonical import JsonObject
from bench.keeping.last_backup import last_backup
from bench.process import MeasuringProcess
from bench.records.software import software_identity
from calibration.quantities import NS_PER_S

_MB = 1_000_000


def process_health(process: MeasuringProcess, *, is_run_under_way: bool) -> JsonObject:
    """The message of docs/architecture.md. Errors: OSError where the state folder has gone."""
    return {
        "software": _software(),
        "is_run_under_way": is_run_under_way,
        "up_s": _text(process.up_s(), 0),
        "silent": list(process.silent()),
        "loops": {
            name: {"period_s": _text(loop.period_s, 4), "turns": loop.turns, "late_s": _text(loop.late_s, 4)}
            for name, loop in process.loops.health().items()
        },
        "lines": _lines(process),
        "reference": {
            "polls": process.acquisition.polls,
            "failed": dict(process.acquisition.failed_polls),
        },
        "journal": _journal(process),
        "clock": _clock(process),
        "machine": _machine(process),
        "backup": {key: said for key, said in asdict(last_backup(process.config.state_dir)).items() if said},
        "disk": {
            "free_MB": _text(shutil.disk_usage(process.config.state_dir).free / _MB, 0),
            "needed_MB": _text(process.config.bench.minimum_free_MB, 0),
        },
    }


def _software() -> JsonObject:
    identity = software_identity()
    return {key: identity[key] for key in ("version", "python", "packages")}


def _lines(process: MeasuringProcess) -> JsonObject:
    acquisition = process.acquisition
    return {
        line: {
            "edges": len(edges),
            "lost": edges.lost,
            "faults": acquisition.faults_of(line),
        }
        for line, edges in acquisition.edges.items()
    }


def _journal(process: MeasuringProcess) -> JsonObject:
    health = process.recorder.health()
    return {
        "waiting": health.waiting,
        "room": health.room,
        "refused": health.refused,
        "commits": health.commits,
        "commits_s": _text(health.commits_s, 4),
        "longest_commit_s": _text(health.longest_commit_s, 4),
        "is_failing": health.is_failing,
    }


def _clock(process: MeasuringProcess) -> JsonObject:
    state = process.equipment.disk_clock.state()
    return {
        "is_disciplined": state.is_disciplined,
        "frequency_ppm": _text(state.frequency_ppm, 3),
        "up_s": _text(state.monotonic_ns / NS_PER_S, 0),
    }


def _machine(process: MeasuringProcess) -> JsonObject:
    machine = process.equipment.machine
    state = None if machine is None else machine.read()
    known: JsonObject = {}
    if state is not None and state.temperature_C is not None:
        known["temperature_C"] = _text(state.temperature_C, 1)
    if state is not None and state.is_undervolted is not None:
        known["is_undervolted"] = state.is_undervolted
    return known


def _text(value: float, decimals: int) -> str:
    return f"{value:.{decimals}f}"
