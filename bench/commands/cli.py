"""The `bench` command. Exit status: 0 done (PASS), 3 FAIL, 4 INVALID, 2 usage or configuration, 5 instrument.

Errors are one line on stderr; with --json the result is one object on stdout, measured figures as text.
"""

from __future__ import annotations

import sys

import click

from bench.terminal.cli_options import guarded
from bench.terminal.late_group import LateGroup

_COMMANDS = {
    "admin": "bench.admin:admin",
    "answer": "bench.commands.client_cli:answer",
    "backup": "bench.commands.keeping_cli:backup_command",
    "calc": "bench.calc:calc",
    "certificate": "bench.commands.certificate_cli:certificate",
    "check": "bench.commissioning.check_cli:check",
    "confirm": "bench.commands.client_cli:confirm",
    "daily": "bench.commands.daily_cli:daily_group",
    "demo": "bench.commands.demo_cli:demo",
    "export": "bench.commands.evidence_cli:export_command",
    "https": "bench.commands.https_cli:https_group",
    "look": "bench.commissioning.look_cli:look",
    "network": "bench.commands.network_cli:network",
    "plan": "bench.commands.plan_cli:plan",
    "record": "bench.commands.record_cli:record",
    "release": "bench.commands.client_cli:release",
    "remove-load": "bench.commands.load_removal:remove_load_command",
    "replay": "bench.commands.records_cli:replay_command",
    "restore": "bench.commands.keeping_cli:restore_command",
    "retention": "bench.commands.keeping_cli:retention_command",
    "run": "bench.commands.run_cli:run",
    "runs": "bench.commands.records_cli:runs",
    "serve": "bench.commands.serve_cli:serve",
    "show": "bench.commands.records_cli:show",
    "skip": "bench.commands.client_cli:skip",
    "start": "bench.commands.start_cli:start",
    "stop": "bench.commands.client_cli:stop",
    "verifier-page": "bench.commands.evidence_cli:verifier_page_command",
    "verify": "bench.commands.evidence_cli:verify_command",
    "web": "bench.commands.web_cli:web",
}


@click.group(cls=LateGroup, commands_at=_COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="meter-test-bench", prog_name="bench")
def cli() -> None:
    """A bench for testing electricity meters: pulses against a reference standard, with uncertainty."""


def main() -> None:
    """Entry point: a BenchError is one line on stderr and its exit status; a defect is a traceback."""
    sys.exit(guarded(lambda: cli(standalone_mode=False)))
