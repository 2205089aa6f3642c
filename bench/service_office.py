"""What the office asks of the bench over its socket: certificates."""

from __future__ import annotations

from bench.app_signing import sign_in_child, waiting_drafts
from bench.canonical import JsonObject
from bench.process import MeasuringProcess


class OfficeService:
    """Carried out in the threads of their lanes; what takes seconds, in a process of its own."""

    def __init__(self, process: MeasuringProcess) -> None:
        self._process = process

    def certificate_drafts(self) -> list[JsonObject]:
        return waiting_drafts(self._process.config.state_dir)

    def certificate_sign(self, draft: str, by: tuple[str, str], role: str | None) -> JsonObject:
        now = self._process.equipment.disk_clock.state().wall_time
        return sign_in_child(self._process.config, draft, by, role, now)
