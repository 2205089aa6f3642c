"""bench.toml as a whole: what is wired where. Station facts only; what a run does is in its plan.

Each table is a dataclass in the module of what it is about, with what is wrong with it alone. Read strictly
(`toml_reader`): an unknown key is an error. Every setting is described by its own `doc`, from which
docs/configuration.md is written (`python -m bench.commands.config_page`).
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.configuration.config_checks import check
from bench.configuration.laboratory import LaboratorySection
from bench.configuration.lines import PulseLineSection
from bench.configuration.load_source import LoadSourceSection, check_source
from bench.configuration.panel import PanelSection
from bench.configuration.positions import PositionSection
from bench.configuration.reference import CERTIFICATE_SETTINGS, ReferenceSection
from bench.configuration.station import (
    BenchSection,
    ClockSection,
    DeskSection,
    EnvironmentSection,
    RepeatabilitySection,
    SimulationSection,
)
from bench.errors import OperatorError
from bench.line_names import PPS_LINE, REFERENCE_LINE, clock_line
from bench.toml_reader import load_toml, parse_toml, read_table, setting


@dataclass(frozen=True)
class Config:
    """The whole of bench.toml."""

    reference: ReferenceSection = field(metadata={"doc": "the reference standard"})
    load_source: LoadSourceSection = field(metadata={"doc": "what energises the meters"})
    position: tuple[PositionSection, ...] = setting("the positions, one [[position]] table each")
    bench: BenchSection = field(default_factory=BenchSection, metadata={"doc": "the bench itself"})
    clock: ClockSection = field(default_factory=ClockSection, metadata={"doc": "the bench clock"})
    panel: PanelSection = field(
        default_factory=PanelSection,
        metadata={
            "doc": "contacts, lamps and the contactor's feed at the bench; docs/safety.md says what they are for"
        },
    )
    environment: EnvironmentSection = field(
        default_factory=EnvironmentSection, metadata={"doc": "temperature and humidity at the bench"}
    )
    desk: DeskSection = field(default_factory=DeskSection, metadata={"doc": "the technician's answers"})
    repeatability: RepeatabilitySection = field(
        default_factory=RepeatabilitySection,
        metadata={
            "doc": "how far runs of this bench scatter: stands in where fewer than six runs are made; "
            "`bench admin pool-repeatability` finds it"
        },
    )
    laboratory: LaboratorySection = field(
        default_factory=LaboratorySection,
        metadata={
            "doc": "who issues certificates, how they are numbered, who approves them, how long they hold"
        },
    )
    simulation: SimulationSection = field(
        default_factory=SimulationSection, metadata={"doc": "the simulated bench, for the sim drivers"}
    )

    @property
    def state_dir(self) -> Path:
        """Folder of the journal, the raw files and the socket."""
        return Path(self.bench.state_dir)

    @property
    def socket_path(self) -> Path:
        """Of the control socket."""
        return Path(self.bench.socket) if self.bench.socket else self.state_dir / "bench.sock"

    @property
    def lines(self) -> dict[str, PulseLineSection]:
        """All pulse lines by name: the positions, the reference standard's own, clock outputs, a pulse each second."""
        lines: dict[str, PulseLineSection] = {p.name: p for p in self.position}
        if self.reference.pulses is not None:
            lines[REFERENCE_LINE] = self.reference.pulses
        for position in self.position:
            if position.clock_output is not None:
                lines[clock_line(position.name)] = position.clock_output
        if self.clock.pps is not None:
            lines[PPS_LINE] = self.clock.pps
        return lines

    @property
    def drivers(self) -> tuple[str, ...]:
        """Of all that a result rests on: pulse lines, reference standard, load source, panel."""
        inputs = tuple(line.driver for line in self.lines.values())
        panel = () if self.panel.driver == "none" else (self.panel.driver,)
        return (*inputs, self.reference.driver, self.load_source.driver, *panel)


def load_config(path: Path) -> Config:
    """Read and check bench.toml; relative paths in it are relative to the file's folder."""
    if not path.exists():
        raise OperatorError(
            f"{path}: there is no such file; give --config PATH, the configuration of the bench"
        )
    config, folder = _read(load_toml(path), str(path)), path.resolve().parent
    bench = dataclasses.replace(config.bench, state_dir=str(folder / config.bench.state_dir))
    return dataclasses.replace(config, bench=bench, laboratory=config.laboratory.located(folder))


def read_load_source(path: Path) -> LoadSourceSection:
    """Only what is said of the load source, whatever is wrong elsewhere in the file. Errors: OperatorError."""
    table = load_toml(path).get("load_source", {})
    if not isinstance(table, dict):
        raise OperatorError(f"{path}: load_source must be a table")
    section = read_table(LoadSourceSection, table, f"{path}: [load_source]")
    check_source(section, str(path), may_be_simulated=True)
    return section


def parse_config(text: str, where: str) -> Config:
    """The same for a text that is no file; a relative state_dir stays relative to the working folder."""
    return _read(parse_toml(text, where), where)


def _read(table: dict[str, Any], where: str) -> Config:
    config = read_table(Config, table, where)
    check(config, where)
    if config.reference.card_id:
        twice = [name for name in CERTIFICATE_SETTINGS if name in table["reference"]["card"]]
        if twice:
            raise OperatorError(
                f"{where}: [reference.card] has {', '.join(twice)}, which the equipment card "
                f"{config.reference.card_id} has; take it out here"
            )
    return _completed(config)


def _completed(config: Config) -> Config:
    """With what follows from the rest, so that it is in the record, which no later version must change."""
    return dataclasses.replace(
        config,
        position=tuple(position.completed() for position in config.position),
        reference=config.reference.completed(),
        clock=config.clock.completed(),
    )
