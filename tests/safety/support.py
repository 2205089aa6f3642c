"""A simulated bench with a panel, in virtual time, whose panel and source are watched call by call."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

from bench.app import compose
from bench.errors import InstrumentError
from bench.ports import Lamp, LoadSource, Panel, PanelInputs
from bench.process import MeasuringProcess
from calibration.load_points import LoadPoint
from tests.bench_process.support import BENCH, parse_config

PANEL = '\n[panel]\ndriver = "sim"\nstart_within_s = 30.0\n'
LOAD = LoadPoint("Ib 1.0", 220.0, 10.0, 1.0)


class Log(list[str]):
    """What happened in its order: `read STOP`, `feed`, `lamp idle`, `apply`, `remove`."""

    def after(self, mark: str) -> list[str]:
        """What came after the first event that begins so."""
        at = next(i for i, event in enumerate(self) if event.startswith(mark))
        return self[at + 1 :]


class WatchedPanel:
    def __init__(self, inner: Panel, log: Log) -> None:
        self._inner, self._log = inner, log
        self.has_start_button = inner.has_start_button

    def read(self) -> PanelInputs:
        try:
            inputs = self._inner.read()
        except InstrumentError:
            self._log.append("read FAILED")
            raise
        stop = "STOP" if inputs.emergency_stop_pressed else "COVER" if inputs.cover_open else "closed"
        self._log.append(f"read {stop}")
        return inputs

    def feed(self) -> None:
        self._log.append("feed")
        self._inner.feed()

    def show(self, lamp: Lamp, sounds: bool) -> None:
        self._log.append(f"lamp {lamp}{' sounds' if sounds else ''}")
        self._inner.show(lamp, sounds)

    def close(self) -> None:
        self._inner.close()


class WatchedSource:
    def __init__(self, inner: LoadSource, log: Log) -> None:
        self._inner, self._log = inner, log
        self.is_on = False

    def apply(self, load_point: LoadPoint) -> None:
        self._log.append("apply")
        self.is_on = True
        self._inner.apply(load_point)

    def remove(self) -> None:
        self._inner.remove()
        self.is_on = False
        self._log.append("remove")

    def close(self) -> None:
        self._inner.close()


def bench_with_panel(
    state_dir: Path, faults: str = "", edit: Callable[[str], str] = lambda text: text
) -> tuple[MeasuringProcess, WatchedSource, Log]:
    """faults: as in `simulation.faults`; edit: of the configuration's text."""
    text = BENCH.format(state_dir=state_dir, simulation=f"faults = [{faults}]") + PANEL
    config = parse_config(edit(text), "bench.toml")
    equipment, log = compose(config, log_nothing), Log()
    source = WatchedSource(equipment.load_source, log)
    assert equipment.panel is not None
    watched = dataclasses.replace(equipment, load_source=source, panel=WatchedPanel(equipment.panel, log))
    return MeasuringProcess(config, watched), source, log


def log_nothing(line: str) -> None:
    """Nobody reads what the bench tells."""
