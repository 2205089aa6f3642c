"""Registers that a person types in, for each item that asks for them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from bench.app import open_bench, replay_run
from bench.configuration.config import parse_config
from bench.errors import OperatorError
from bench.items import Item
from bench.measurement.register_entry import reading_of
from bench.methods.steps import Ask
from bench.plans.plan import parse_plan
from bench.run.desk import AnsweringDesk
from tests.bench_process.support import BENCH, METER

TARIFFS = {
    "total_kWh": "020347.18", "tariff_1_kWh": "008120.44", "tariff_2_kWh": "012226.74", "tariff_3_kWh": "-",
    "tariff_4_kWh": " - ",
}  # fmt: skip


def test_what_was_typed_becomes_registers_with_all_their_digits() -> None:
    total = reading_of(Item.METER_CONSTANT, {"total_kWh": " 012345.60 "}, 5)
    assert (str(total.total_kWh), total.decimals, total.tariffs_kWh, total.at_ns) == ("12345.60", 2, (), 5)
    assert reading_of(Item.METER_CONSTANT, {"total_kWh": "12"}, 0).decimals == 0
    tariffs = reading_of(Item.TARIFF_SUM, TARIFFS, 0)
    assert tariffs.tariffs_kWh == (Decimal("8120.44"), Decimal("12226.74"))
    assert (str(tariffs.total_kWh), tariffs.decimals) == ("20347.18", 2)


@pytest.mark.parametrize(
    ("item", "fields"),
    [
        *((Item.METER_CONSTANT, {"total_kWh": typed}) for typed in ("", "ok", "nan", "-1.00", "inf", "0.0000001")),
        (Item.METER_CONSTANT, {"total_kWh": "-"}),
        (Item.METER_CONSTANT, {}),
        (Item.TARIFF_SUM, TARIFFS | {"tariff_2_kWh": "012226.7"}),
        (Item.TARIFF_SUM, {"total_kWh": "020347.18", "tariff_1_kWh": "020347.18"}),  # the others were not answered
    ],
)  # fmt: skip
def test_what_is_no_register_is_refused_in_one_line(item: Item, fields: Mapping[str, str]) -> None:
    with pytest.raises(OperatorError, match="type all digits") as refused:
        reading_of(item, fields, 0)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("changed", "verdict"),
    [({}, "PASS"), ({"tariff_2_kWh": "012226.77"}, "FAIL"), ({"tariff_2_kWh": "?"}, "INVALID")],
)
def test_a_typed_tariff_sum_asks_for_the_tariffs_and_is_judged(
    tmp_path: Path, changed: Mapping[str, str], verdict: str
) -> None:
    asked: list[Ask] = []

    def answer(question: Ask, position: str) -> Mapping[str, str]:
        asked.append(question)
        return TARIFFS | changed

    text = BENCH.format(state_dir=tmp_path, simulation="").replace("0.4\n", '0.4\nmeter_port = "ask"\n', 1)
    with open_bench(parse_config(text, "bench.toml"), lambda line: None) as bench:
        bench.equipment = dataclasses.replace(bench.equipment, desk=AnsweringDesk(answer))
        plan = 'tests = ["tariff_sum"]\nrepeats_of_invalid = 0\n' + METER
        summary = bench.run(parse_plan(plan, ["1"]))
    assert summary.results["1"]["0"]["verdict"] == verdict
    assert [(question.item, question.fields) for question in asked] == [(Item.TARIFF_SUM, tuple(TARIFFS))]
    assert replay_run(tmp_path, summary.run_id).differences == ()
