"""The reference standard's part of the composition root: its profile, its driver, and its raw replies read again.
Read `app.py` first."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from bench.app_source import endpoint
from bench.canonical import JsonObject, exact_text
from bench.configuration.config import Config
from bench.errors import OperatorError
from bench.ports import Clock, ReferenceSample, ReferenceStandard
from calibration.quantities import EdgeTrain

if TYPE_CHECKING:
    from bench.sim.plant import Plant
    from firmware_io.reference_profiles import ReferenceProfile


def reference_standard(
    config: Config, profile: ReferenceProfile, clock: Clock, plant: Plant | None, opened: ExitStack
) -> ReferenceStandard:
    """By its driver; a simulated one is read in process, or over a real server. Errors: InstrumentError."""
    from firmware_io.modbus_link import TcpEndpoint
    from firmware_io.modbus_reference import ModbusReference

    section = config.reference
    if section.driver == "sim" and plant is not None and not config.simulation.servers:
        from bench.sim.in_process import ReplyTimes, SimReference

        return SimReference(
            plant, profile, clock, times=ReplyTimes(timeout_s=section.timeout_s), seed=config.simulation.seed
        )
    opener = endpoint(section)
    if section.driver == "sim" and plant is not None:
        from bench.sim.modbus_server import RegisterServer
        from bench.sim.polling import PollModel

        server = RegisterServer(
            plant,
            profile,
            clock,
            device_id=section.device_id,
            polling=PollModel(),
            seed=config.simulation.seed,
        )
        opened.callback(server.close)
        opener = TcpEndpoint("127.0.0.1", server.tcp().port)
    assert opener is not None, "the configuration was checked"
    return ModbusReference(profile, opener, clock, device_id=section.device_id, timeout_s=section.timeout_s)


def usable_profile(config: Config) -> tuple[JsonObject, ReferenceProfile]:
    """The profile as the record keeps it, and as it decodes; no device is opened.

    Errors: OperatorError where it is none, or has not the energy that is compared.
    """
    frozen = _frozen_profile(config)
    profile = _profile(frozen)
    if profile.registers.register("energy_Wh") is None:
        raise OperatorError(
            f"profile {profile.name} has no register of the energy '{config.reference.energy}'; set "
            "reference.energy_address to where the instrument shows it, or choose another reference.energy"
        )
    return frozen, profile


def configured_profile(config: Config) -> ReferenceProfile:
    """The profile of the reference standard as this configuration reads it. Errors: OperatorError."""
    return _profile(_frozen_profile(config))


def _frozen_profile(config: Config) -> JsonObject:
    """All that says how the reference's registers are decoded: what the record keeps and a replay reads."""
    from firmware_io.reference_profiles import reference_profile_text

    reference = config.reference
    return {
        "name": Path(reference.profile).stem,
        "text": reference_profile_text(reference.profile),
        "energy": reference.energy,
        "power": reference.power,
        "export_is_negative": True,
        "energy_address": reference.energy_address,
        "ct_ratio": exact_text(reference.ct_ratio),
        "vt_ratio": exact_text(reference.vt_ratio),
    }


def _profile(frozen: JsonObject) -> ReferenceProfile:
    """The profile that was frozen. A record from before a choice was frozen made none."""
    from firmware_io.reference_choice import EnergyRegister, PowerRegister, ReferenceChoice
    from firmware_io.reference_profiles import parse_profile

    choice = ReferenceChoice(
        EnergyRegister[frozen.get("energy", "import").upper()],
        PowerRegister[frozen.get("power", "total").upper()],
        frozen.get("energy_address"),
        Decimal(frozen.get("ct_ratio", "1")),
        Decimal(frozen.get("vt_ratio", "1")),
        frozen.get("export_is_negative", False),
    )
    return parse_profile(frozen["text"], frozen["name"], choice)


class RecordedRaw:
    """Raw files of a run, decoded with the profile that its record froze."""

    def __init__(self, started: JsonObject) -> None:
        self._profile = _profile(started["station"]["reference_profile"])

    def edges(self, raw: bytes) -> EdgeTrain:
        from firmware_io.edge_records import parse_records

        return parse_records(raw)

    def samples(self, raw: bytes, name: str) -> Iterator[ReferenceSample]:
        """One after another, so that a long run is never in memory as objects."""
        from firmware_io.recording import PollReader

        return (poll.decode(self._profile) for poll in PollReader(io.BytesIO(raw), name))
