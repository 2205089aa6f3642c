"""Commands to the bench that `bench serve` runs, over its socket."""

from __future__ import annotations

from pathlib import Path

import click

from bench.commands.words import word
from bench.configuration.config import load_config
from bench.control.client import ControlClient
from bench.refusals import RefusedError
from bench.run.said import Held, held_lines
from bench.terminal.answering import answers_of
from bench.terminal.cli_options import config_option, lang_option, tell
from bench.terminal.passwords import ask_password, password_option


@click.command()
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


@click.command()
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


@click.command()
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


@click.command()
@config_option
@lang_option
def confirm(config_path: Path, lang: str) -> None:
    """Confirm, beside the bench, what that of `bench serve` waits for: the start, or a load that was set by hand."""
    with _client(config_path) as client:
        client.confirm()
    tell(word("is_confirmed", lang))


@click.command()
@config_option
@lang_option
def stop(config_path: Path, lang: str) -> None:
    """End the run on the bench that `bench serve` runs: the load comes off, what is missing is INVALID."""
    with _client(config_path) as client:
        client.stop()
    tell(word("run_ends", lang))


def _client(config_path: Path) -> ControlClient:
    """Of the bench that `bench serve` runs with this configuration."""
    return ControlClient(load_config(config_path).socket_path)
