"""`bench demo`: a simulated meter, or the whole service, for whoever wants to see it."""

from __future__ import annotations

import shlex
from pathlib import Path

import click
from rich.console import Console

from bench import logs
from bench.app import open_bench
from bench.clock import SystemClock
from bench.commands.demo import demo_config, demo_plan, web_process
from bench.commands.demo_full import CASEWORK, full_config, furnish, make_up_a_year, staff_lines
from bench.commands.summary import finish
from bench.commands.web_cli import host_option, port_option
from bench.commands.words import word
from bench.configuration.config import Config
from bench.errors import OperatorError
from bench.service import Service, ending_on_signals
from bench.terminal.cli_options import json_option, lang_option, tell
from bench.terminal.terminal import RunProgress

_stderr = Console(stderr=True)


@click.command()
@host_option
@port_option
@click.option("--meter-error", type=click.FloatRange(-90, 100), help="True error of the meter in per cent.")
@click.option(
    "--speed", default=1.0, show_default=True, type=click.FloatRange(0, 10_000), help="0: no limit."
)
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0), help="Seed of the simulation.")
@click.option("--exit-when-done", is_flag=True, help="End after the run instead of keeping the page open.")
@click.option(
    "--full", is_flag=True, help="The whole service, with a laboratory and its staff; starts no run."
)
@click.option("--empty", is_flag=True, help="With --full: without the made-up cases of a year.")
@click.option("--staff-password", metavar="TEXT", help="With --full: this password for everybody, for tests.")
@click.option(
    "--state-dir",
    default=Path("var/demo"),
    show_default=True,
    type=click.Path(path_type=Path),
    help="Journal.",
)
@lang_option
@json_option
def demo(
    host: str,
    port: int,
    meter_error: float | None,
    speed: float,
    seed: int,
    exit_when_done: bool,
    full: bool,
    empty: bool,
    staff_password: str | None,
    state_dir: Path,
    lang: str,
    wants_json: bool,
) -> None:
    """Verify a simulated meter at three load points, with the live page (about three minutes)."""
    if full:
        if exit_when_done or wants_json:
            raise OperatorError("--full stays until Ctrl-C; leave out --exit-when-done and --json")
        config = full_config(state_dir.absolute(), meter_error, speed, seed)
        _whole_service(config, staff_password, host, port, lang, is_empty=empty)
        return
    if staff_password is not None or empty:
        raise OperatorError("--staff-password and --empty are for --full")
    config = demo_config(state_dir.absolute(), meter_error, speed, seed)
    checked = demo_plan(config)
    with (
        open_bench(config, tell) as process,
        Service(process) as service,
        ending_on_signals(service.end),
        web_process(config.socket_path, host, port, lambda at: tell(word("page_at", lang, address=at))),
    ):
        with RunProgress(process.live, _stderr, lang):
            summary = service.run_one(checked)
        if not exit_when_done:
            tell(word("page_stays", lang))
            service.serve()
    if not wants_json:
        bench, where = ".venv/bin/bench", f"--state-dir {shlex.quote(str(state_dir))}"
        tell(word("recompute", lang, command=f"{bench} replay {summary.run_id} {where}"))
        export = f"{bench} export {summary.run_id} {where}"
        tell(word("hand_out", lang, export=export, verify=f"{bench} verify {summary.run_id}.bundle.zip"))
    finish(summary, lang, wants_json)


def _whole_service(
    config: Config, staff_password: str | None, host: str, port: int, lang: str, *, is_empty: bool
) -> None:
    """Until Ctrl-C. The bench does nothing by itself: the verifier's console starts its runs."""
    logs.start()
    casework = config.state_dir / CASEWORK
    staff = furnish(config, staff_password, SystemClock().state().wall_time)
    if not is_empty and not casework.exists():
        tell(word("filling", lang))
        make_up_a_year(config.state_dir, SystemClock().state().wall_time)
    with (
        open_bench(config, tell) as process,
        Service(process) as service,
        ending_on_signals(service.end),
        web_process(
            config.socket_path,
            host,
            port,
            lambda at: tell(word("page_at", lang, address=at)),
            casework,
        ),
    ):
        for line in staff_lines(staff):
            tell(line)
        tell(word("page_stays", lang))
        service.serve()
