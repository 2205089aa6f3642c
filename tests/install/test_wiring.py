"""The wiring guide says what its generators compute and draw, and its lines are safe while the Pi starts."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

import pytest

from bench.configuration.panel import PanelSection
from bench.toml_reader import read_table

sys.path.insert(0, str(Path(__file__).parents[2] / "docs" / "wiring"))
import draw
import values

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "wiring.md").read_text(encoding="utf-8")


def lines_used() -> dict[int, str]:
    """GPIO number -> what the header's drawing says of it."""
    named = [(name, use) for name, use in draw.USES.values() if name.startswith("GPIO")]
    return {int(name.removeprefix("GPIO")): use for name, use in named}


def panel() -> PanelSection:
    (text,) = re.findall(r"((?:^    .*\n)+)", PAGE[PAGE.index("    [panel]") :][:600], re.M)[:1]
    return read_table(PanelSection, tomllib.loads(text)["panel"], "docs/wiring.md")


def test_the_values_on_the_page_are_those_that_are_computed() -> None:
    assert values.table() in PAGE


@pytest.mark.parametrize("name", draw.DRAWINGS)
def test_the_drawing_is_what_the_generator_draws_and_is_shown(name: str) -> None:
    assert (DOCS / "wiring" / f"{name}.svg").read_text(encoding="utf-8") == draw.svg_of(name) + "\n"
    assert f"(wiring/{name}.svg)" in PAGE


def test_every_line_of_the_header_is_there_once() -> None:
    names = [name for name, _ in draw.USES.values() if name.startswith("GPIO")]
    assert sorted(names, key=lambda name: int(name[4:])) == [f"GPIO{number}" for number in range(28)]
    assert len(draw.USES) == 40 - 8, "the header has eight pins of ground"


def test_nothing_that_switches_is_on_a_line_that_is_pulled_up_while_the_pi_starts() -> None:
    section = panel()
    outputs = [section.contactor_feed, section.buzzer]
    outputs += [getattr(section, name) for name in vars(section) if name.startswith("lamp_")]
    assert all(outputs)
    for line in outputs:
        assert 9 <= int(line.removeprefix("GPIO")) <= 27
    for line in (section.emergency_stop, section.cover):
        assert int(line.removeprefix("GPIO")) <= 8, "pulled to open from the first instant"
    assert section.closed_reads == "low"


def test_the_panel_of_the_page_is_that_of_the_drawing() -> None:
    section, used = panel(), lines_used()
    for name, word in {
        "emergency_stop": "emergency stop", "cover": "cover", "start_button": "start button",
        "stop_button": "stop button", "contactor_feed": "feed", "lamp_idle": "lamp: idle",
        "lamp_live_voltage": "lamp: live", "lamp_measuring": "lamp: measuring", "lamp_pass": "lamp: pass",
        "lamp_fail": "lamp: fail", "lamp_invalid": "lamp: invalid", "buzzer": "buzzer",
    }.items():  # fmt: skip
        assert used[int(getattr(section, name).removeprefix("GPIO"))].startswith(word)


def test_the_timer_outlives_several_edges_of_the_feed_and_drops_within_a_second() -> None:
    nominal_s, least_s, most_s = values.drop_out_s()
    assert nominal_s == pytest.approx(0.7 * 680_000 * 1e-6)
    assert least_s > 5 * 0.040
    assert most_s < 1.0


def test_currents_are_within_what_the_parts_bear() -> None:
    for supply_V, ohm, limit_W in ((24.0, 1800.0, 0.5), (12.0, 2200.0, 0.25), (5.0, 820.0, 0.25)):
        current_A = (supply_V - 1.2 - 1.0) / ohm
        assert values.led_current_A(supply_V, values.OUTPUT_ON_V, ohm) == pytest.approx(current_A)
        assert 2e-3 < current_A < 27e-3, "of an S0 output"
        assert current_A**2 * ohm < 0.6 * limit_W
        assert values.saturation(current_A) > 3
    assert values.idle_V(2) == pytest.approx(5 * 60 / (60 + 1360))
    assert values.idle_V(2) > 0.2


def test_the_relays_of_the_guide_are_open_while_the_pi_starts() -> None:
    page = (DOCS / "load-sources.md").read_text(encoding="utf-8")
    tables = re.findall(r"load_source\.(?:contactor|relay)\]+\n((?:    \S.*\n)+)", page)
    assert len(tables) == 3
    for text in tables:
        table = tomllib.loads(text)
        number = int(table["line"].removeprefix("GPIO"))
        assert (9 <= number <= 27) if table.get("active_high", True) else (4 <= number <= 8)


def test_the_contactor_of_a_relay_bank_is_in_the_coil_circuit() -> None:
    page = (DOCS / "load-sources.md").read_text(encoding="utf-8")
    (line,) = re.findall(r'load_source\.contactor\]\n    line = "(\w+)"', page)
    assert lines_used()[int(line.removeprefix("GPIO"))].startswith("relay")
    for name in ("coil", "lamps"):
        svg = (DOCS / "wiring" / f"{name}.svg").read_text(encoding="utf-8")
        assert "K3" in svg
        assert line in svg


def test_the_divider_is_told_by_its_pin_because_makers_number_its_outputs_differently() -> None:
    svg = (DOCS / "wiring" / "divider.svg").read_text(encoding="utf-8")
    assert "pin 13" in svg
    assert not re.search(r">Q\d+<", svg)
