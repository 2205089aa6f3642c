"""An absurd option is one line of an OperatorError, before a device is opened."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from bench.configuration.config import parse_config
from bench.errors import OperatorError
from tests.bench_process.support import BENCH
from web.serve import listen


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("refresh_s = 0.2", "refresh_s = 1e300"),
        ("refresh_s = 0.2", "refresh_s = 1e-300"),
        ("energy_step_Wh = 0.01", "energy_step_Wh = 1e-9"),
        ("energy_step_Wh = 0.01", "energy_step_Wh = 1e9"),
        ("accuracy_class_pct = 0.05", "accuracy_class_pct = 50.0"),
        ("accuracy_class_pct = 0.05", "accuracy_class_pct = 0.0"),
        ("minimum_free_MB = 1.0", "minimum_free_MB = 1e9"),
        ('name = "1"', 'name = ""'),
        ('name = "1"', 'name = "../../etc"'),
        ('name = "1"', f'name = "{"x" * 41}"'),
        ('name = "1"', 'name = "a\\u0000b"'),
        ('name = "1"', 'name = "1\\n"'),
        ('profile = "demo-reference"', 'profile = "demo-reference"\nhost = "..x"'),
    ],
)
def test_an_absurd_setting_is_refused_in_one_line(tmp_path: Path, right: str, wrong: str) -> None:
    text = BENCH.format(state_dir=tmp_path, simulation="")
    assert right in text
    with pytest.raises(OperatorError) as refused:
        parse_config(text.replace(right, wrong, 1), "bench.toml")
    assert "\n" not in str(refused.value)


def test_a_position_may_have_a_name_of_the_shop_floor(tmp_path: Path) -> None:
    text = BENCH.format(state_dir=tmp_path, simulation="").replace('name = "1"', 'name = "台位-1.a"')
    assert parse_config(text, "bench.toml").position[0].name == "台位-1.a"


@pytest.mark.parametrize("host", ["999.1.1.1", "..x", "", "x" * 70])
def test_an_address_that_does_not_exist_is_refused_in_one_line(host: str) -> None:
    with pytest.raises(OperatorError, match="choose another --host"):
        listen(Flask("page"), host, 0, viewers=1)
