"""What a run leaves for others to check: the bundle, whether it holds, and the page that checks it.

What reads and checks the seals of certificates is imported by the command that does: it takes a second, which all other
commands start without.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import click

from bench.app_reference import RecordedRaw
from bench.canonical import JsonObject
from bench.commands.words import word
from bench.configuration.config import load_config
from bench.errors import OperatorError
from bench.evidence.canonical_zip import LARGEST_BYTES
from bench.evidence.checks import Check, Outcome, Report
from bench.evidence.page_builder import verifier_page
from bench.evidence.words import word as evidence_word
from bench.keys.log_key import all_log_publics, open_log_key
from bench.records.journal_reading import JournalReader
from bench.terminal.cli_options import (
    EXIT_STATUS,
    config_option,
    json_option,
    lang_option,
    state_dir_option,
    tell,
    tell_json,
)
from bench.terminal.output_files import write_output
from calibration import quantities

_MARKS = {Outcome.HOLDS: "ok", Outcome.DIFFERS: "!!", Outcome.NOT_CHECKED: "??", Outcome.NOTED: "  "}


@click.command("export")
@click.argument("run_id", metavar="RUN")
@click.option(
    "-o",
    "output",
    type=click.Path(path_type=Path),
    help="File to write.  [default: <run>.bundle.zip]",
)
@click.option(
    "--without-certificates",
    is_flag=True,
    help="Leave out the certificates, such as where the meters of several customers were in one run.",
)
@click.option("--force", is_flag=True, help="Write over a file that is there already.")
@config_option
@state_dir_option
@lang_option
@json_option
def export_command(
    run_id: str,
    output: Path | None,
    without_certificates: bool,
    force: bool,
    config_path: Path,
    state_dir: Path | None,
    lang: str,
    wants_json: bool,
) -> None:
    """Write the bundle of a RUN (run-000002, or 2): everything that somebody else needs to check it.

    Records, raw data, proofs, signatures, the certificates that were issued for it, and the page that checks all of it
    without this software. The bench may be running meanwhile; a run that is under way has no bundle yet.
    """
    from bench.evidence.bundle import Signers, bundle_of, standing_certificates

    state_dir = state_dir or load_config(config_path).state_dir
    journal = JournalReader(state_dir)
    try:
        run_id = journal.known(run_id)
        signers = Signers(open_log_key(state_dir, may_make=False), all_log_publics(state_dir))
        certificates = {} if without_certificates else standing_certificates(state_dir, run_id)
        bundle = bundle_of(journal, run_id, signers, certificates, verifier_page())
    finally:
        journal.close()
    path = output or Path(f"{run_id}.bundle.zip")
    write_output(path, bundle, if_there="" if force else "--force")
    fingerprint = signers.key.fingerprint
    if wants_json:
        tell_json({"file": str(path), "bytes": len(bundle), "run": run_id, "fingerprint": fingerprint})
    else:
        tell(evidence_word("bundle_written", lang, path=path, bytes=len(bundle), fingerprint=fingerprint))


@click.command("verify")
@click.argument("paths", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--fingerprint",
    "fingerprints",
    metavar="HEX",
    multiple=True,
    help="Of a key of the laboratory, as it was published (log key of a bundle, XML and PDF key of a certificate); "
    "without it the keys are shown, and compared with nothing.",
)
@lang_option
@json_option
def verify_command(
    paths: tuple[Path, ...], fingerprints: tuple[str, ...], lang: str, wants_json: bool
) -> None:
    """Check bundles and certificates (PDF, XML): every hash, seal and proof, every figure computed again.

    Of a bundle every error, uncertainty and verdict is computed again from its raw data; of a certificate the seals are
    checked, and where the bundle of its run is given with it, every figure. Exit status 0 only where everything agrees,
    4 where something does not or could not be checked, 2 for what is no such file. No bench and no configuration are
    needed.
    """
    from bench.evidence.verifying import verify_files

    reports = verify_files({str(path): _read(path) for path in paths}, fingerprints, RecordedRaw)
    if wants_json:
        tell_json([_report_json(name, report) for name, report in reports.items()])
    else:
        for name, report in reports.items():
            for line in _report_lines(name, report, lang):
                tell(line)
    if not all(report.holds for report in reports.values()):
        sys.exit(EXIT_STATUS[quantities.Outcome.INVALID])


def _read(path: Path) -> bytes:
    """Errors: OperatorError where it cannot be read, or is larger than any bundle."""
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise OperatorError(f"{path} is larger than any bundle; give a file of the bench")
        return path.read_bytes()
    except OSError as error:
        raise OperatorError(f"{path} cannot be read: {error.strerror}") from error


def _report_lines(name: str, report: Report, lang: str) -> list[str]:
    lines = [line for check in report.checks for line in _check_lines(check, lang)]
    return [*lines, evidence_word("holds" if report.holds else "holds_not", lang, file=name)]


def _check_lines(check: Check, lang: str) -> list[str]:
    return [
        f"{_MARKS[check.outcome]} {check.says.in_language(lang)}",
        *(f"     {remark.in_language(lang)}" for remark in check.more),
        *(
            "     "
            + evidence_word(
                "differs", lang, where=each.where, recorded=each.recorded, recomputed=each.recomputed
            )
            for each in check.differences
        ),
    ]


def _report_json(name: str, report: Report) -> JsonObject:
    return {
        "file": name,
        "kind": report.kind,
        "run": report.run_id,
        "holds": report.holds,
        "fingerprints": report.fingerprints,
        "checks": [
            {
                "check": check.check,
                "outcome": check.outcome.value,
                "says": {"zh": check.says.in_language("zh"), "en": check.says.in_language("en")},
                "more": [{"zh": r.in_language("zh"), "en": r.in_language("en")} for r in check.more],
                "differences": check.differences,
            }
            for check in report.checks
        ],
    }


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
    write_output(output, page)
    if wants_json:
        tell_json({"file": str(output), "bytes": len(page), "sha256": digest})
    else:
        tell(word("page_written", lang, path=output, sha256=digest))
