"""The page in front of the real measuring process: what a whole simulated verification publishes can all be said."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from bench.app import open_bench
from bench.config import parse_config
from bench.plan import parse_plan
from tests.bench_process.support import BENCH, METER
from web.customer.points import point_rows
from web.customer.scene import Scene, scene_of
from web.customer.screens import Screens
from web.feed import Moment
from web.texts import LANGUAGES, text

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
[position.clock_output]
driver = "sim"
"""


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Every state of a whole verification, in their order."""
    folder: Path = tmp_path_factory.mktemp("state")
    config = BENCH.format(state_dir=folder, simulation="")
    config = config.replace("simulated_error_pct = 0.4", f"simulated_error_pct = 0.4\n{POSITION}")
    config = config.replace('driver = "simulated"', 'driver = "simulated"\nfrequency_U_ppm = 0.2')
    states: list[dict[str, Any]] = []
    with open_bench(
        parse_config(config + '[desk]\ndriver = "sim"\n', "bench.toml"), lambda line: None
    ) as bench:
        bench.live.listen(lambda _number, _patch, state: states.append(state))
        bench.run(parse_plan(PLAN + METER + "register_decimals = 4\n", ["1"]))
    return states


@pytest.fixture(scope="module")
def screens() -> Screens:
    app = Flask("web", root_path=str(Path(__file__).parents[2] / "web"))
    from web.customer import create_customer_blueprint
    from web.feed import Feed
    from web.stream import Places

    app.jinja_env.globals["text"] = text
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.register_blueprint(create_customer_blueprint(Feed("/nowhere"), Places(1)))
    kept: Screens = app.extensions["customer_screens"]
    return kept
