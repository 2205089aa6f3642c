"""The page in front of the real measuring process: what a whole simulated verification publishes can all be said."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from bench.app import open_bench
from bench.configuration.config import parse_config
from bench.plans.plan import parse_plan
from calibration.texts import LANGUAGES
from tests.bench_process.support import BENCH, METER, leisurely
from web import create_app
from web.customer.points import point_rows
from web.customer.scene import Scene, scene_of
from web.customer.screens import Screens
from web.customer.watching import watch_sentence
from web.customer.wording import item_of
from web.feed import Moment

ITEMS = (
    "visual", "warm_up", "no_load", "starting", "basic_error", "repeatability", "meter_constant", "power_time",
    "clock", "tariff_sum",
)  # fmt: skip
PLAN = f"""
tests = {list(ITEMS)}
load_points = ["Imax 1.0", "Ib 0.5L"]
decision_rule = "regulation"
repeats = 2
minimum_time_s = 10.0
minimum_pulses = 3
longest_time_s = 900.0
warm_up_s = 60.0
clock_warm_up_s = 60.0
"""
POSITION = """meter_port = "sim"
simulated_register_decimals = 2
[position.clock_output]
driver = "sim"
"""


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Every state of a whole verification, in their order."""
    folder: Path = tmp_path_factory.mktemp("state")
    config = leisurely(BENCH.format(state_dir=folder, simulation=""))
    config = config.replace("simulated_error_pct = 0.4", f"simulated_error_pct = 0.4\n{POSITION}")
    config = config.replace('driver = "simulated"', 'driver = "simulated"\nfrequency_U_ppm = 0.2')
    states: list[dict[str, Any]] = []
    with open_bench(
        parse_config(config + '[desk]\ndriver = "sim"\n', "bench.toml"), lambda line: None
    ) as bench:
        bench.live.listen(lambda _number, _patch, state: states.append(state))
        bench.run(parse_plan(PLAN + METER + "register_decimals = 2\n", ["1"]))
    return states


@pytest.fixture
def screens(tmp_path: Path) -> Iterator[Screens]:
    app = create_app(str(tmp_path / "nobody.sock"))
    yield app.extensions["customer_screens"]
    app.extensions["feed"].close()


def situations(states: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first state of each situation and the last one of all."""
    first: dict[tuple[object, ...], dict[str, Any]] = {}
    for state in states:
        watching = state["positions"].get("1", {}).get("watching") or {}
        first.setdefault((state["phase"], state["point"], watching.get("stage"), scene_of(state, "1")), state)
    return [*first.values(), states[-1]]


def test_every_scene_of_a_verification_comes(published: list[dict[str, Any]]) -> None:
    scenes = {scene_of(state, "1") for state in published if state["run"]}
    assert {Scene.WATCHING, Scene.MEASURING, Scene.SETTLING, Scene.POINT_DONE} <= scenes
    assert scene_of(published[-1], "1") in (Scene.PASS, Scene.IDLE)


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_the_bench_publishes_can_be_said(
    published: list[dict[str, Any]], screens: Screens, language: str
) -> None:
    for version, state in enumerate(situations(published)):
        screen = screens.screen(Moment(version + 1, state, True, 0.0), "auto", language)
        for name, html in screen["fragments"].items():
            words = re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))
            assert "None" not in words, f"{name}: {words}"
            assert not re.search(r"[{}]|imp_|_kWh|_pct", words), f"{name}: {words}"


def test_every_stage_of_a_watch_has_a_sentence_of_its_own(published: list[dict[str, Any]]) -> None:
    watched = [s for s in situations(published) if scene_of(s, "1") is Scene.WATCHING]
    said = {
        (
            item_of(s["points"][s["point"]]),
            (s["positions"]["1"]["watching"] or {}).get("stage"),
        ): watch_sentence(s["points"][s["point"]], s["positions"]["1"]["watching"], "en")[0]
        for s in watched
        if s["positions"]["1"]["watching"]
    }
    assert {item for item, _ in said} == {"warm_up", "no_load", "starting", "meter_constant", "clock"}
    assert not [key for key, now in said.items() if now.startswith("Under way")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_item_tells_what_it_found(published: list[dict[str, Any]], language: str) -> None:
    last = next(state for state in reversed(published) if state["phase"] == "finished")
    rows = point_rows(last, "1", language)
    assert {row.item for row in rows} == set(ITEMS)
    for row in rows:
        assert row.verdict in ("PASS", "UNJUDGED"), (row.item, row.reasons)
        assert row.finding or row.item == "basic_error", row.item
        assert row.figures is not None or row.headline or row.item == "visual", row.item
