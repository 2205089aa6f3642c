"""The prompts of the manual load source say what to set, in both languages, and ask for the end once."""

from __future__ import annotations

import pytest

from bench.run.manual_source import ManualLoadSource, set_load_text
from calibration.load_points import LoadPoint
from calibration.nameplate import Quantity, Wiring

POINT = LoadPoint("Ib 0.5L", 220.0, 10.0, 0.5, phase_side="L")


@pytest.mark.parametrize(
    ("language", "said", "end"),
    [
        ("en", "Set the load: 220 V, 10 A, power factor 0.5 inductive (1100.0 W)", "Switch the load off."),
        ("zh", "请调负载: 220 V, 10 A, 功率因数 0.5 感性 (1100.0 W)", "请断开负载"),
    ],
)
def test_the_technician_is_told_in_his_language(language: str, said: str, end: str) -> None:
    told: list[str] = []
    source = ManualLoadSource(told.append, language)
    source.apply(POINT)
    source.remove()
    source.remove()
    assert told[0].startswith(said)
    assert told[1:] == [end]


@pytest.mark.parametrize(
    ("point", "zh", "en"),
    [
        (
            LoadPoint("1.15Un", 253.0, 0.0, 1.0),
            "请只加电压: 253 V, 不加电流",
            "Apply the voltage alone: 253 V, no current.",
        ),
        (
            LoadPoint("Ib 1.0 B", 220.0, 5.0, 1.0, wiring=Wiring.FOUR_WIRE, loaded_phase="B"),
            "各相电压 220 V, 只有 B 相加电流 5 A, 功率因数 1 (1100.0 W)",
            "220 V on all phases, 5 A on phase B alone, power factor 1 (1100.0 W)",
        ),
        (
            LoadPoint("Ib 1.0", 220.0, 5.0, 1.0, quantity=Quantity.REACTIVE),
            "(1100.0 var)",
            "(1100.0 var)",
        ),
    ],
)
def test_voltage_alone_one_phase_and_reactive_loads_are_said_as_such(
    point: LoadPoint, zh: str, en: str
) -> None:
    assert zh in set_load_text(point, "zh")
    assert en in set_load_text(point, "en")
