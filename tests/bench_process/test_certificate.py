"""The reference standard's certificate: its last day is a date, and a past one is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console

from bench.app import open_bench
from bench.configuration.config import parse_config
from bench.errors import OperatorError
from bench.terminal.terminal import RunProgress
from tests.bench_process.support import BENCH, plan_of


def configuration(valid_until: str, state_dir: Path) -> str:
    text = BENCH.format(state_dir=state_dir, simulation="")
    return text.replace("[reference.card]", f'[reference.card]\nvalid_until = "{valid_until}"')


@pytest.mark.parametrize("written", ["31.12.2027", "2027-13-01", "20271231", "soon"])
def test_what_is_no_date_is_refused(tmp_path: Path, written: str) -> None:
    with pytest.raises(OperatorError, match=r"valid_until: .* is no date; write it as 2027-12-31"):
        parse_config(configuration(written, tmp_path), "bench.toml")


@pytest.mark.parametrize(("last_day", "is_told"), [("2001-01-31", True), ("2999-12-31", False)])
def test_an_expired_certificate_is_told_and_shown(tmp_path: Path, last_day: str, is_told: bool) -> None:
    config = parse_config(configuration(last_day, tmp_path), "bench.toml")
    console = Console(width=120, record=True)
    with open_bench(config, lambda line: None) as process:
        with RunProgress(process.live, console, "en"):
            process.run(plan_of())
        state = process.live.snapshot()[1]
    because = state["run"]["not_official_because"]
    assert ({"reason": "certificate_expired", "values": {"day": last_day}} in because) is is_told
    assert ("certificate expired on 2001-01-31" in console.export_text()) is is_told
