"""The equipment card and the bench's repeatability in bench.toml, and the card in a record."""

from __future__ import annotations

import json

import pytest

from bench.configuration.config import parse_config
from bench.errors import OperatorError
from bench.records.frozen import from_json, to_json
from calibration.reference_standard import CardCorrection, ReferenceCard
from calibration.runs import PooledRepeatability
from tests.bench_process.support import BENCH

GOOD = BENCH.format(state_dir="var", simulation="")
TABLE = """
[[reference.card.corrections]]
current_A = 5.0
power_factor = 1.0
indication_error_pct = -0.01
U_pct = 0.02

[[reference.card.corrections]]
current_A = 5.0
power_factor = 0.5
phase_side = "L"
voltage_V = 220.0
indication_error_pct = 0.03
U_pct = 0.03
"""


def test_a_certificate_s_table_is_read() -> None:
    card = parse_config(GOOD + TABLE, "bench.toml").reference.card.as_card()
    assert card.corrections == (
        CardCorrection(5.0, 1.0, -0.01, 0.02),
        CardCorrection(5.0, 0.5, 0.03, 0.03, "L", 220.0),
    )
    assert parse_config(GOOD, "bench.toml").reference.card.as_card().corrections == ()


def test_a_card_comes_back_from_a_record_as_it_was() -> None:
    card = parse_config(GOOD + TABLE, "bench.toml").reference.card.as_card()
    assert from_json(ReferenceCard, json.loads(json.dumps(to_json(card)))) == card
    before_tables = {k: v for k, v in to_json(card).items() if k not in ("corrections", "interpolation_pct")}
    assert from_json(ReferenceCard, before_tables).corrections == ()


def test_the_repeatability_of_the_bench_is_read() -> None:
    config = parse_config(GOOD + "\n[repeatability]\nsd_pct = 0.02\ndegrees_of_freedom = 40\n", "bench.toml")
    assert config.repeatability.as_pooled() == PooledRepeatability(0.02, 40.0)
    assert parse_config(GOOD, "bench.toml").repeatability.as_pooled() is None


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (TABLE + TABLE, "two corrections are for the same voltage"),
        (TABLE.replace('phase_side = "L"\n', ""), "write 'L' or 'C' below 1.0"),
        (TABLE.replace("U_pct = 0.02", "U_pct = 0.0"), "must be above 0"),
        (TABLE.replace('"L"', '"lagging"'), "allowed are"),
        (TABLE.replace("current_A", "current"), "did you mean 'current_A'?"),
        ("\n[repeatability]\nsd_pct = 0.02\n", "1 degree of freedom or more"),
        ("\n[repeatability]\ndegrees_of_freedom = 10\n", "a standard deviation"),
        ("\n[repeatability]\nsd_pct = -0.02\n", "allowed is 0 to 10"),
    ],
)
def test_what_contradicts_itself_is_refused_in_one_line(more: str, said: str) -> None:
    with pytest.raises(OperatorError) as refused:
        parse_config(GOOD + more, "bench.toml")
    assert said in str(refused.value)
    assert str(refused.value).startswith("bench.toml")
    assert "\n" not in str(refused.value)
