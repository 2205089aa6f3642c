"""The machine that a bench runs on, part by part: chips, ports, disk, clock."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from bench.commissioning.machine import Machine
from bench.commissioning.parts import Part, State
from bench.configuration.config import Config
from bench.ports import Clock, ClockState
from calibration.quantities import NS_PER_S
from calibration.uncertainty import BENCH_CLOCK_LIMIT_PPM

_MB = 1_000_000
_SYNCS = 16
_SLOWEST_SYNC_S = 0.75
"""Raw data is synced that often: a sync that takes longer loses more than a second in a power cut."""


def machine_parts(machine: Machine) -> Iterator[Part]:
    """GPIO chips and serial ports. Having none is no fault: a bench may need none."""
    chips = machine.chips()
    for chip in chips:
        if chip.trouble:
            values = {"path": chip.path, "detail": chip.trouble}
            yield Part("gpio", chip.path, State.NOTE, "chip_closed", values)
            continue
        values = {"label": chip.label, "path": chip.path, "lines": str(chip.lines)}
        used = ", ".join(f"{line} ({holder})" for line, holder in chip.used)
        yield Part(
            "gpio",
            chip.path,
            State.OK,
            "chip_used" if used else "chip",
            {**values, "used": used} if used else values,
        )
    if not chips:
        yield Part("gpio", "", State.NOTE, "no_chip")
    ports = machine.serial_ports()
    for port in ports:
        values = {"path": port.stable_path or port.path, "what": port.what}
        if port.stable_path:
            yield Part("serial", port.path, State.OK, "port", values)
        else:
            yield Part("serial", port.path, State.NOTE, "port_unstable", values)
    if not ports:
        yield Part("serial", "", State.NOTE, "no_port")


def disk_part(config: Config, clock: Clock) -> Part:
    """Room and speed of the state folder: a small file is synced some times. clock: real time."""
    folder = config.state_dir
    try:
        folder.mkdir(parents=True, exist_ok=True)
        took_s = _sync_times_s(folder, clock)
        free_MB = shutil.disk_usage(folder).free / _MB
    except OSError as error:
        values = {"path": str(folder), "detail": error.strerror or str(error)}
        return Part("disk", "", State.BAD, "disk_bad", values)
    values = {
        "path": str(folder),
        "free": f"{free_MB:.0f}",
        "median": f"{float(np.median(took_s)) * 1e3:.1f}",
        "worst": f"{max(took_s) * 1e3:.1f}",
    }
    if free_MB < config.bench.minimum_free_MB:
        return Part(
            "disk", "", State.BAD, "disk_full", {**values, "least": f"{config.bench.minimum_free_MB:.0f}"}
        )
    if max(took_s) > _SLOWEST_SYNC_S:
        return Part("disk", "", State.BAD, "disk_slow", values)
    return Part("disk", "", State.OK, "disk_ok", values)


def _sync_times_s(folder: Path, clock: Clock) -> list[float]:
    took_s = []
    with tempfile.NamedTemporaryFile(dir=folder, prefix="check-") as file:
        for _ in range(_SYNCS):
            file.write(bytes(4096))
            file.flush()
            began_ns = clock.now_ns()
            os.fsync(file.fileno())
            took_s.append((clock.now_ns() - began_ns) / NS_PER_S)
    return took_s


def clock_part(state: ClockState, frequency_U_ppm: float | None) -> Part:
    """Whether something disciplines the clock. frequency_U_ppm: expanded uncertainty of its rate, as configured."""
    values = {"source": state.source, "frequency": f"{state.frequency_ppm:+.2f}"}
    if not state.is_disciplined:
        return Part("clock", "", State.NOTE, "clock_free", {"limit": f"{BENCH_CLOCK_LIMIT_PPM:g}"})
    if frequency_U_ppm is None:
        return Part("clock", "", State.NOTE, "clock_untraceable", values)
    return Part("clock", "", State.OK, "clock_disciplined", values)
