"""A meter under test with the nameplate of a plain household meter; a test changes what it is about."""

from __future__ import annotations

from typing import Any

from calibration.nameplate import Connection, MeterUnderTest, Wiring


def meter(**changes: Any) -> MeterUnderTest:
    nameplate: dict[str, Any] = {
        "serial": "1",
        "accuracy_class": "1",
        "meter_constant_imp_per_kWh": 1200.0,
        "connection": Connection.DIRECT,
        "wiring": Wiring.SINGLE_PHASE,
        "nominal_voltage_V": 220.0,
        "basic_current_A": 5.0,
        "maximum_current_A": 60.0,
    }
    return MeterUnderTest(**(nameplate | changes))
