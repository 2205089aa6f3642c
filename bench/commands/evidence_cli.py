"""What a run leaves for others to check: the bundle, and the page that checks it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import click

from bench.commands.words import word
from bench.errors import OperatorError
from bench.evidence.page_builder import verifier_page
from bench.terminal.cli_options import json_option, lang_option, tell, tell_json


@click.command("verifier-page")
@click.option(
    "-o",
    "output",
    default="verify.html",
    show_default=True,
    type=click.Path(path_type=Path),
    help="File to write.",
)
@lang_option
@json_option
def verifier_page_command(output: Path, lang: str, wants_json: bool) -> None:
    """Write the page with which anybody checks a bundle, for the laboratory to publish.

    Customers who have it from the laboratory's own site need not trust the one in a bundle. It is one file and needs no
    network; the same version of the program writes the same bytes.
    """
    page = verifier_page()
    digest = hashlib.sha256(page).hexdigest()
    try:
        output.write_bytes(page)
    except OSError as error:
        raise OperatorError(
            f"{output}: cannot be written ({error.strerror}); give -o another name"
        ) from error
    if wants_json:
        tell_json({"file": str(output), "bytes": len(page), "sha256": digest})
    else:
        tell(word("page_written", lang, path=output, sha256=digest))
