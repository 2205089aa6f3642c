"""The meters' part of the composition root: the ports over which their registers are read. Read `app.py` first."""

from __future__ import annotations

from bench.configuration.config import Config
from bench.errors import OperatorError
from bench.ports import Clock, MeterPort


def wired_meter_ports(config: Config, clock: Clock) -> dict[str, MeterPort]:
    """The ports of the meters that are read over a serial line; meters on one line share it.

    Real ones keep real time, also where the rest of the bench is simulated.
    """
    wired = {p.name: p for p in config.position if p.meter_serial is not None}
    if not wired:
        return {}
    from firmware_io.dlt645_port import Dlt645Port
    from firmware_io.meter_line import MeterLine
    from firmware_io.mode_c_port import ModeCPort
    from firmware_io.serial_line import SerialSettings

    lines: dict[SerialSettings, MeterLine] = {}
    ports: dict[str, MeterPort] = {}
    exports = config.reference.energy == "export"
    for name, position in wired.items():
        wire = position.meter_serial
        assert wire is not None
        is_mode_c = position.meter_port == "iec62056-21"
        data_bits = 7 if is_mode_c and wire.parity != "N" else 8
        settings = SerialSettings(wire.port, 300 if is_mode_c else wire.baud, wire.parity, 1, data_bits)
        if any(s.port == settings.port and s != settings for s in lines):
            raise OperatorError(
                f"position {name}: {wire.port} is used with other settings by another position; meters on one "
                "line talk at one rate and one parity"
            )
        line = lines.setdefault(settings, MeterLine(settings, clock))
        port = ModeCPort if is_mode_c else Dlt645Port
        ports[name] = port(line, wire.address, reads_export=exports)
    return ports
