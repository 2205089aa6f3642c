"""What bench/items.py says of an item is what its method does, and no method applies a load that a plan is not checked
for."""

from __future__ import annotations

import pytest

from bench.before_run.limits import loads_of
from bench.items import FACTS, Item
from bench.methods.steps import (
    LINE_AFTER,
    LINE_BEFORE,
    ApplyLoad,
    Ask,
    Conclude,
    CountPulses,
    ReadMeters,
    Step,
    WatchClock,
    WatchPulses,
)
from bench.methods.visual import CHECKS
from calibration.load_points import LoadPoint
from calibration.quantities import Outcome
from tests.methods.carried_out import plan_of_item, steps_of


def loads(steps: list[Step]) -> list[LoadPoint]:
    return [step.load_point for step in steps if isinstance(step, ApplyLoad)]


@pytest.mark.parametrize("item", list(Item))
def test_the_plan_is_checked_for_every_load_that_a_method_applies(item: Item) -> None:
    checked = plan_of_item(item)
    assert set(loads(steps_of(checked))) == set(loads_of(checked))


@pytest.mark.parametrize("item", list(Item))
def test_the_facts_of_an_item_are_what_its_method_does(item: Item) -> None:
    checked, facts = plan_of_item(item), FACTS[item]
    steps = steps_of(checked)
    own = {point.load_point for point in checked.points}
    compared = [step for step in steps if isinstance(step, CountPulses)]
    watched = [step.stage for step in steps if isinstance(step, WatchPulses)]
    read = [step for step in steps if isinstance(step, ReadMeters)]
    asked = [step for step in steps if isinstance(step, Ask)]
    assert bool(compared) == facts.compares
    assert {step.load_point for step in compared} <= own
    assert ({LINE_BEFORE, LINE_AFTER} <= set(watched)) == facts.proves_line
    assert bool(read) == bool(facts.registers)
    assert facts.counts_pulses == bool(compared or watched or len({step.stage for step in read}) > 1)
    assert [step.fields for step in asked] == ([CHECKS] if facts.is_inspection else [])
    assert not (facts.is_inspection and loads(steps))


@pytest.mark.parametrize("item", list(Item))
def test_whoever_finds_something_of_a_meter_needs_an_authorisation(item: Item) -> None:
    """Nothing is found where a load is only held."""
    seen = (CountPulses, WatchPulses, WatchClock, ReadMeters, Ask)
    finds = any(isinstance(step, seen) for step in steps_of(plan_of_item(item)))
    assert FACTS[item].needs_authorisation == finds


@pytest.mark.parametrize("item", [item for item in Item if not FACTS[item].registers])
def test_an_item_that_fails_a_meter_by_its_pulses_says_so(item: Item) -> None:
    """By its registers another one judges: there a doubtful constant is what is found out."""
    checked = plan_of_item(item)
    concluded = [
        step
        for is_wrong in (False, True)
        for step in steps_of(checked, is_wrong=is_wrong)
        if isinstance(step, Conclude)
    ]
    fails = any(step.verdict.outcome is Outcome.FAIL for step in concluded)
    assert FACTS[item].is_judged_by_pulses == fails
    assert FACTS[item].counts_pulses >= fails
