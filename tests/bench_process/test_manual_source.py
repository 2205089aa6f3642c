"""The prompts of the manual load source say what to set, in both languages, and ask for the end once."""

from __future__ import annotations

import pytest

from bench.manual_source import ManualLoadSource
from calibration.load_points import LoadPoint

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
