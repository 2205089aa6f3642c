"""The devices of a bench but the reference standard, part by part: whether each can be used, and what it shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bench.commissioning.parts import Part, State, broken
from bench.configuration.config import Config
from bench.errors import InstrumentError
from bench.measurement.acquisition import Acquisition
from bench.ports import HasLevel, MeterPort, Panel, PulseInput


def line_parts(inputs: Mapping[str, PulseInput], acquisition: Acquisition, seconds: float) -> Iterator[Part]:
    """Each pulse line that opened: its edges in the seconds that it has been read, what was lost, its level."""
    for name, line in inputs.items():
        edges = acquisition.edges[name].since(0)
        faults = acquisition.line_faults[name]
        values = {"seconds": f"{seconds:g}", "edges": str(len(edges)), "name": name}
        if faults:
            yield Part("line", name, State.BAD, "line_failed", finding=faults[0].finding)
            continue
        if edges.lost:
            yield Part("line", name, State.BAD, "line_lost", {**values, "lost": str(edges.lost)})
            continue
        if not isinstance(line, HasLevel):
            yield Part("line", name, State.OK, "line_open", values)
            continue
        level = "@high" if line.is_high() else "@low"
        yield Part("line", name, State.OK, "line_open_level", {**values, "level": level})


def meter_port_parts(ports: Mapping[str, MeterPort], *, has_voltage: bool = True) -> Iterator[Part]:
    """Each meter port: whether its meter answers, and what it says of itself. Without voltage none needs to."""
    for name, port in ports.items():
        try:
            reading = port.read()
        except InstrumentError as error:
            state = State.BAD if has_voltage else State.NOTE
            yield Part("meter_port", name, state, "meter_silent", {"detail": str(error)})
            continue
        values = {"total": f"{reading.total_kWh}"}
        if (constant := reading.meter_constant_imp_per_kWh) is None:
            yield Part("meter_port", name, State.OK, "meter_reads", values)
        else:
            values["constant"] = (
                f"{constant:f}".rstrip("0").rstrip(".") if "." in f"{constant:f}" else f"{constant:f}"
            )
            yield Part("meter_port", name, State.OK, "meter_reads_constant", values)


def panel_part(panel: Panel) -> Part:
    """Its contacts as they are. Nobody else may use the panel meanwhile."""
    try:
        inputs = panel.read()
    except InstrumentError as error:
        return broken("panel", "", error)
    values = {
        "stop": "@pressed" if inputs.emergency_stop_pressed else "@released",
        "cover": "@open" if inputs.cover_open else "@closed",
    }
    return Part("panel", "", State.OK, "panel_reads", values)


def source_part(config: Config, identity: str, *, was_applied: bool) -> Part:
    """A load source that opened. identity: what it says of itself."""
    driver = config.load_source.driver
    if driver == "manual":
        return Part("load_source", "", State.OK, "source_manual")
    values = {"driver": f"{driver} ({identity})" if identity else driver}
    if was_applied:
        return Part("load_source", "", State.OK, "source_opens", values)
    return Part("load_source", "", State.NOTE, "source_untried", values)
