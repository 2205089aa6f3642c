from __future__ import annotations

from tests.casework.conftest import clock, cw, folder

__all__ = ["clock", "cw", "folder"]
