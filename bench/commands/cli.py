"""The `bench` command. Exit status: 0 done (PASS), 3 FAIL, 4 INVALID, 2 usage or configuration, 5 instrument.

Errors are one line on stderr; with --json the result is one object on stdout, measured figures as text.
"""

from __future__ import annotations

import functools
import logging
import os
import shlex
import sys
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from bench.admin import admin
from bench.app import open_bench
from bench.before_run.plan_check import asks_people
from bench.calc import calc
from bench.clock import SystemClock
from bench.commands.demo import demo_config, demo_plan, web_process
from bench.commands.demo_full import CASEWORK, full_config, furnish, make_up_a_year, staff_lines
from bench.commands.evidence_cli import export_command, verifier_page_command, verify_command
from bench.commands.keeping_cli import backup_command, restore_command
from bench.commands.late_family import LateFamily
from bench.commands.load_removal import remove_load_command
from bench.commands.plan_cli import plan
from bench.commands.record_cli import record
from bench.commands.records_cli import replay_command, runs, show
from bench.commands.words import word
from bench.commissioning.check_cli import check
from bench.commissioning.look_cli import look
from bench.configuration.config import Config, load_config
from bench.control.client import ControlClient
from bench.errors import OperatorError
from bench.plans.plan import CheckedPlan, load_plan
from bench.process import RunSummary
from bench.refusals import RefusedError
from bench.run.said import Held, held_lines
from bench.sd_notify import Watched, service_manager
from bench.service import Service, ending_on_signals
from bench.terminal.answering import TerminalDesk, answers_of
from bench.terminal.cli_options import (
    EXIT_STATUS,
    config_option,
    guarded,
    json_option,
    lang_option,
    tell,
    tell_json,
)
from bench.terminal.passwords import ask_password, password_option
from bench.terminal.questions import QuestionTeller
from bench.terminal.result_json import as_json
from bench.terminal.terminal import RunProgress

_stderr = Console(stderr=True)
_host_option = click.option(
    "--host", default="127.0.0.1", show_default=True, help="Address the page listens on."
)
_port_option = click.option(
    "--port", default=8080, show_default=True, type=click.IntRange(0, 65535), help="Its port."
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="meter-test-bench", prog_name="bench")
def cli() -> None:
    """A bench for testing electricity meters: pulses against a reference standard, with uncertainty."""


@cli.command()
@_host_option
@_port_option
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
    _finish(summary, lang, wants_json)


def _whole_service(
    config: Config, staff_password: str | None, host: str, port: int, lang: str, *, is_empty: bool
) -> None:
    """Until Ctrl-C. The bench does nothing by itself: the verifier's console starts its runs."""
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


@dataclass(frozen=True, slots=True)
class Wanted:
    """What starts a run: the plan, and the options of `bench run` and `bench start`."""

    plan_path: Path
    resumed_id: str | None
    verifier: str | None
    from_stdin: bool
    config_path: Path
    lang: str
    wants_json: bool

    def password(self) -> str | None:
        """Of the verifier, where one is named. Errors: OperatorError where there is nobody to ask."""
        return self.verifier and ask_password(self.verifier, self.lang, from_stdin=self.from_stdin)


def starting(command: Callable[[Wanted], None]) -> Callable[..., None]:
    """A command that starts a run: gets what is `Wanted` instead of the options from which that is made."""

    @functools.wraps(command)
    def with_wanted(**given: Any) -> None:
        command(Wanted(**given))

    plan_argument = click.argument("plan_path", metavar="PLAN.toml", type=click.Path(path_type=Path))
    resume_option = click.option(
        "--resume",
        "resumed_id",
        metavar="RUN",
        help="Go on with this interrupted run of the same plan (run-000002, or 2).",
    )
    by_option = click.option(
        "--by",
        "verifier",
        metavar="PERSON",
        help="Who verifies (id or name, with password); without one the result is informative.",
    )
    made: Callable[..., None] = with_wanted
    for option in (
        json_option, lang_option, config_option, password_option, by_option, resume_option, plan_argument,
    ):  # fmt: skip
        made = option(made)
    return made


@cli.command()
@starting
def run(wanted: Wanted) -> None:
    """Carry out a plan without a page, with progress on the terminal, where questions are answered, too."""
    config, lang = load_config(wanted.config_path), wanted.lang
    checked = load_plan(wanted.plan_path, [p.name for p in config.position])
    can_type = sys.stdin.isatty()
    if not can_type:
        _require_nobody(checked, config, str(wanted.plan_path))
    password = wanted.password()
    with open_bench(config, tell, lang) as process:
        who = "" if wanted.verifier is None or password is None else process.let_in(wanted.verifier, password)
        desk = process.equipment.desk
        with (
            ending_on_signals(process.stop_run),
            RunProgress(process.live, _stderr, lang, can_type=can_type),
            TerminalDesk(desk, process.skip, process.presses, sys.stdin, tell, lang)
            if can_type
            else nullcontext(),
        ):
            summary = process.run(checked, wanted.resumed_id, who)
    _finish(summary, lang, wanted.wants_json)


def _require_nobody(checked: CheckedPlan, config: Config, where: str) -> None:
    """Errors: OperatorError for a plan that asks people, or for a load that one sets: nobody is at a terminal."""
    asking = asks_people(checked, config) if config.desk.driver == "open" else ()
    if asking:
        raise OperatorError(
            f"{where}: nobody is here to answer for {', '.join(asking)}; run it on a terminal, or with "
            "bench serve and bench answer"
        )
    if config.load_source.driver == "manual" and not config.panel.start_button:
        raise OperatorError(
            f"{where}: nobody is here to say when a load is set; run it on a terminal, or with bench serve and "
            "bench confirm"
        )


@cli.command()
@config_option
@lang_option
def serve(config_path: Path, lang: str) -> None:
    """The measuring process: commands and live state on the control socket, until SIGTERM."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    config = load_config(config_path)
    with (
        open_bench(config, tell, lang) as process,
        Service(process) as service,
        ending_on_signals(service.end),
        QuestionTeller(process.live, tell, lang, f"--config {shlex.quote(str(config_path))}"),
        Watched(
            service_manager(),
            process.equipment.disk_clock,
            process.silent,
            f"listening on {config.socket_path}",
        ),
    ):
        tell(word("listening", lang, socket=config.socket_path, config=config_path))
        service.serve()


@cli.command()
@starting
def start(wanted: Wanted) -> None:
    """Start a run on the bench that `bench serve` runs; the page shows it."""
    config = load_config(wanted.config_path)
    load_plan(wanted.plan_path, [p.name for p in config.position])  # for messages that name the file
    password = wanted.password()
    who = None if wanted.verifier is None or password is None else (wanted.verifier, password)
    # An earlier run is recomputed before anything is taken over from it, which takes its time.
    resumed_id, socket_path = wanted.resumed_id, config.socket_path
    client = ControlClient(socket_path, None) if resumed_id else ControlClient(socket_path)
    with client:
        run_id = client.start(wanted.plan_path.read_text(encoding="utf-8"), resumed_id, who)
    if wanted.wants_json:
        tell_json({"run": run_id})
    else:
        tell(word("run_starts", wanted.lang, run=run_id, config=wanted.config_path))


@cli.command()
@click.argument("words", metavar="POSITION FIELD=VALUE...", nargs=-1, required=True)
@config_option
@lang_option
def answer(words: tuple[str, ...], config_path: Path, lang: str) -> None:
    """Answer what the bench of `bench serve` asks; it says what is held then, and what is open.

    POSITION may be `all`. `ok` in the place of a field: nothing is wrong in what is still open there; alone: nor
    anywhere. A remark is changed by its field alone (seals=ok); both answers are in the record.
    """
    with _client(config_path) as client:
        question = client.snapshot().get("question")
    if question is None:
        raise RefusedError("asks_nothing")
    answers = answers_of(words, question["positions"], question["fields"])
    held = {}
    with _client(config_path) as client:
        for position, said in answers.items():
            held[position] = Held.of(client.answer(position, said.fields, rest_ok=said.rest_ok))
    for line in held_lines(held, lang):
        tell(line)


@cli.command()
@click.argument("position")
@click.argument("why", nargs=-1, required=True)
@config_option
@lang_option
def skip(position: str, why: tuple[str, ...], config_path: Path, lang: str) -> None:
    """Take one POSITION out of the run on the bench that `bench serve` runs; WHY goes into the record.

    What it has not finished is INVALID; the other positions go on and do not wait for it.
    """
    with _client(config_path) as client:
        client.skip(position, " ".join(why))
    tell(word("is_skipped", lang, position=position))


@cli.command()
@click.argument("case")
@click.argument("why", nargs=-1, required=True)
@click.option("--by", "person", metavar="PERSON", required=True, help="Who does it (id or name).")
@password_option
@config_option
@lang_option
def release(
    case: str, why: tuple[str, ...], person: str, from_stdin: bool, config_path: Path, lang: str
) -> None:
    """Let a witnessed CASE go that was begun and not measured, on the bench that `bench serve` runs; WHY is kept.

    Its verifier and its meter are free; it can be begun again, by others once it is assigned to them.
    """
    password = ask_password(person, lang, from_stdin=from_stdin)
    with _client(config_path) as client:
        session = str(client.sign_in(person, password)["session"])
        try:
            client.case_release(session, case, " ".join(why))
        finally:
            client.sign_out(session)
    tell(word("is_released", lang, case=case))


@cli.command()
@config_option
@lang_option
def confirm(config_path: Path, lang: str) -> None:
    """Confirm, beside the bench, what that of `bench serve` waits for: the start, or a load that was set by hand."""
    with _client(config_path) as client:
        client.confirm()
    tell(word("is_confirmed", lang))


@cli.command()
@config_option
@lang_option
def stop(config_path: Path, lang: str) -> None:
    """End the run on the bench that `bench serve` runs: the load comes off, what is missing is INVALID."""
    with _client(config_path) as client:
        client.stop()
    tell(word("run_ends", lang))


@cli.command()
@config_option
@_host_option
@_port_option
@click.option(
    "--casework",
    envvar="BENCH_CASEWORK",
    show_envvar=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="File of the cases, made where there is none.  [default: the live page alone]",
)
@click.option(
    "--promises",
    envvar="BENCH_PROMISES",
    show_envvar=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="What the laboratory promises its customers, in the place of web/casework/promises.toml.",
)
@click.option(
    "--metrics-token",
    envvar="BENCH_METRICS_TOKEN",
    show_envvar=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="File with the token of a collector of /metrics.  [default: only this machine may collect]",
)
@click.option(
    "--https",
    "is_https",
    is_flag=True,
    envvar="BENCH_HTTPS",
    show_envvar=True,
    help="A proxy in front serves the pages over https, and only so.",
)
def web(
    config_path: Path,
    host: str,
    port: int,
    casework: Path | None,
    promises: Path | None,
    metrics_token: Path | None,
    is_https: bool,
) -> None:
    """The web process: the pages of the bench of this configuration. It opens no device."""
    socket_path = load_config(config_path).socket_path
    # A process of its own, so that nothing of the measuring process is even imported there.
    command = [sys.executable, "-m", "web", "--socket", str(socket_path), "--host", host, "--port", str(port)]
    if casework is not None:
        command += ["--casework", str(casework)]
    if promises is not None:
        command += ["--promises", str(promises)]
    if metrics_token is not None:
        command += ["--metrics-token", str(metrics_token)]
    if is_https:
        command.append("--https")
    sys.stdout.flush()
    os.execv(sys.executable, command)


_certificate = LateFamily(
    "certificate",
    "bench.commands.certificate_cli",
    "Certificates: drafted, signed by two persons, issued, corrected, exported.",
)

for _command in (
    calc,
    check,
    look,
    record,
    replay_command,
    runs,
    show,
    admin,
    plan,
    remove_load_command,
    _certificate,
    export_command,
    verify_command,
    verifier_page_command,
    backup_command,
    restore_command,
):
    cli.add_command(_command)


def _client(config_path: Path) -> ControlClient:
    """Of the bench that `bench serve` runs with this configuration."""
    return ControlClient(load_config(config_path).socket_path)


def _finish(summary: RunSummary, lang: str, wants_json: bool) -> None:
    if wants_json:
        tell_json(as_json(summary.state))
    else:
        tell(f"{summary.run_id}: {word(summary.verdict.value, lang)} ({word(summary.kind.value, lang)})")
    sys.exit(EXIT_STATUS[summary.verdict])


def main() -> None:
    """Entry point: a BenchError is one line on stderr and its exit status; a defect is a traceback."""
    sys.exit(guarded(lambda: cli(standalone_mode=False)))
