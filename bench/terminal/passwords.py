"""Passwords are typed where nobody sees them, or come in on stdin for scripts; never on the command line, where every
user of the machine can read them."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path

import click

from bench.errors import OperatorError
from bench.terminal.words import word

password_option = click.option(
    "--password-stdin",
    "from_stdin",
    is_flag=True,
    help="Read the password from stdin (one a line, in the order they are asked for).",
)


def ask_password(person: str, language: str, *, from_stdin: bool) -> str:
    """The password of a person. Errors: OperatorError where there is nobody to ask."""
    return ask(word("password_of", language, person=person), from_stdin=from_stdin)


def ask_new_password(person: str, language: str, *, from_stdin: bool) -> str:
    """One that is to be set: on a terminal typed twice."""
    return _ask_new(word("new_password_of", language, person=person), language, from_stdin=from_stdin)


def ask_key_password(path: Path, language: str, *, from_stdin: bool) -> bytes:
    """Of a key file that the laboratory gives."""
    return ask(word("password_of_key", language, path=path), from_stdin=from_stdin).encode()


def ask_backup_password(language: str, *, from_stdin: bool, is_new: bool) -> str:
    """Of the private keys in a back-up; a new one is typed twice on a terminal."""
    prompt = word("password_of_backup", language)
    return _ask_new(prompt, language, from_stdin=from_stdin) if is_new else ask(prompt, from_stdin=from_stdin)


def _ask_new(prompt: str, language: str, *, from_stdin: bool) -> str:
    first = ask(prompt, from_stdin=from_stdin)
    if not from_stdin and first != ask(word("again", language), from_stdin=False):
        raise OperatorError("the two passwords differ; nothing was changed")
    return first


def ask(prompt: str, *, from_stdin: bool) -> str:
    """Errors: OperatorError where there is nobody to ask."""
    if from_stdin:
        line = sys.stdin.readline()
        if not line:
            raise OperatorError("stdin has no line with the password; give one")
        return line.rstrip("\n")
    if not sys.stdin.isatty():
        raise OperatorError("there is no terminal to ask for the password; give --password-stdin")
    return getpass.getpass(prompt)
