"""`bench certificate`: drafts, signatures, the register, exports.

What makes documents is imported where one is made: it takes its time, and `bench --help` does not need it.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import click

from bench.admin.acting import Change, acting_person, changing, needs_password, now
from bench.app_reference import RecordedRaw
from bench.certificate import exports, issuing, register, watch_folder
from bench.certificate.exports import CertificateRow, ResultRow, Wanted, certificate_row
from bench.certificate.files import folder_of
from bench.certificate.issuing import Drafted, Office, Signing
from bench.certificate.model import CertificateKind, Mark
from bench.certificate.register import Entry, SignsAs
from bench.certificate.request import Request, load_request
from bench.commands.certificate_words import word
from bench.configuration.config import Config, load_config
from bench.dates import day_of, require_day
from bench.errors import OperatorError
from bench.records.frozen import from_json
from bench.records.journal_reading import JournalReader
from bench.registry.standing import registered
from bench.registry.store import reading
from bench.terminal.cli_options import (
    config_option,
    json_option,
    lang_option,
    state_dir_option,
    tell,
    tell_json,
)
from bench.terminal.output_files import write_output
from bench.terminal.passwords import ask_password, password_option
from calibration.reasons import sentence

_Command = Callable[..., Any]
_KINDS = [kind.value for kind in CertificateKind]


@click.group()
def certificate() -> None:
    """Certificates: drafted, signed by two persons, issued, corrected, exported."""


request_option = click.option(
    "--request",
    "request_path",
    required=True,
    type=click.Path(path_type=Path),
    help="TOML file with customer, nameplate, days (docs/issuing.md).",
)
output_option = click.option(
    "-o",
    "output",
    default=Path(),
    type=click.Path(path_type=Path),
    help="Folder to write to.  [default: here]",
)


@certificate.command()
@click.argument("run_id", metavar="RUN")
@click.option("--position", required=True, help="Position of the meter in that run.")
@request_option
@click.option("--kind", type=click.Choice(_KINDS), help="Kind of certificate.  [default: as the verdict is]")
@output_option
@click.option(
    "--by", "named", metavar="PERSON", help="Who drafts (id or name); not needed where nobody is registered."
)
@password_option
@config_option
@state_dir_option
@lang_option
@json_option
def draft(
    run_id: str,
    position: str,
    request_path: Path,
    kind: str | None,
    output: Path,
    named: str | None,
    from_stdin: bool,
    config_path: Path,
    state_dir: Path | None,
    lang: str,
    wants_json: bool,
) -> None:
    """Draft a certificate of a meter in RUN (run-000002, or 2), and say what speaks against an official one.

    With --state-dir the configuration is the one that the run has recorded, as for the demo.
    """
    request = _request(request_path, kind)
    config = load_config(config_path) if state_dir is None else _recorded_config(state_dir, run_id)
    office = _office(config)
    by = _drafter(config.state_dir, named, lang, from_stdin=from_stdin)
    _tell_drafted(
        issuing.draft(office, run_id, position, request, by, now()), office, output, lang, wants_json
    )


@certificate.command()
@click.argument("number")
@request_option
@click.option(
    "--why", required=True, help="Why it is corrected; stays in the register, so write no names in it."
)
@output_option
@click.option("--by", "named", metavar="PERSON", required=True, help="Who drafts (id or name).")
@password_option
@config_option
@lang_option
@json_option
def reissue(
    number: str,
    request_path: Path,
    why: str,
    output: Path,
    named: str,
    from_stdin: bool,
    config_path: Path,
    lang: str,
    wants_json: bool,
) -> None:
    """Draft the correction of a certificate: it gets a new number that names the old one, and needs all signatures."""
    request = _request(request_path, None)
    office = _office(load_config(config_path))
    by = acting_person(office.state_dir, named, lang, from_stdin=from_stdin)
    _tell_drafted(issuing.redraft(office, number, request, why, by, now()), office, output, lang, wants_json)


@certificate.command()
@click.argument("draft_id", metavar="DRAFT")
@click.option("--by", "named", metavar="PERSON", required=True, help="Who signs (id or name).")
@click.option(
    "--as",
    "role",
    type=click.Choice([role.value for role in SignsAs]),
    help="In which role.  [default: the open one that fits]",
)
@password_option
@config_option
@lang_option
@json_option
def sign(
    draft_id: str,
    named: str,
    role: str | None,
    from_stdin: bool,
    config_path: Path,
    lang: str,
    wants_json: bool,
) -> None:
    """Sign a draft (D7) with one's password; the last signature that is needed issues the certificate."""
    office = _office(load_config(config_path))
    issuing.require_open(office.state_dir, draft_id)
    password = ask_password(named, lang, from_stdin=from_stdin)
    signing = issuing.sign(office, draft_id, named, password, None if role is None else SignsAs(role), now())
    _tell_signing(signing, office, lang, wants_json)


def filtering(command: _Command) -> _Command:
    """The options that choose certificates."""
    for option in (
        click.option("--kind", type=click.Choice(_KINDS), help="Only this kind."),
        click.option("--run", "run_id", help="Only of this run (run-000002)."),
        click.option("--serial", default="", help="Only of this meter."),
        click.option("--to", "last_day", default="", help="Last day of issue, YYYY-MM-DD."),
        click.option("--from", "first_day", default="", help="First day of issue, YYYY-MM-DD."),
    ):
        command = option(command)
    return command


@certificate.command("list")
@filtering
@click.option("--drafts", "wants_drafts", is_flag=True, help="Drafts that wait for signatures, instead.")
@config_option
@state_dir_option
@lang_option
@json_option
def list_certificates(
    wants_drafts: bool, config_path: Path, state_dir: Path | None, lang: str, wants_json: bool, **chosen: Any
) -> None:
    """The register of certificates, in the order of issue."""
    folder = state_dir or load_config(config_path).state_dir
    if wants_drafts:
        _list_drafts(folder, lang, wants_json)
        return
    found = exports.wanted_entries(folder, _wanted(**chosen))
    if wants_json:
        tell_json([register.as_json(entry) for entry in found])
        return
    if not found:
        tell(word("no_certificate", lang))
    for entry in found:
        click.echo(_row(entry, lang))


@certificate.command()
@click.argument("number")
@config_option
@state_dir_option
@lang_option
@json_option
def show(number: str, config_path: Path, state_dir: Path | None, lang: str, wants_json: bool) -> None:
    """All that the register has of one certificate."""
    with reading(state_dir or load_config(config_path).state_dir) as database:
        entry = register.entry_named(database, number)
    if wants_json:
        tell_json(register.as_json(entry))
        return
    for line in _shown(entry, lang):
        click.echo(line)


@certificate.command()
@click.argument("number")
@output_option
@config_option
@state_dir_option
@lang_option
def write(number: str, output: Path, config_path: Path, state_dir: Path | None, lang: str) -> None:
    """Write PDF, XML and pass label of an issued certificate, as they were issued."""
    _, rendered = issuing.read(state_dir or load_config(config_path).state_dir, number)
    for name, content in rendered.named(number).items():
        tell(word("written", lang, path=_written(output / name, content)))


@certificate.command()
@click.argument("number")
@click.option("--why", required=True, help="Why; stays in the register, so write no names in it.")
@changing
def withdraw(number: str, why: str, change: Change) -> None:
    """Say that a certificate must not be used any more, without a correction. For checkers and administrators."""
    by = change.by()
    entry = issuing.withdraw(change.state_dir, number, why, by, now())
    tell(word("withdrawn", change.lang, number=entry.issued.number))


@certificate.command()
@click.argument("number", metavar="NUMBER|DRAFT")
@changing
def forget(number: str, change: Change) -> None:
    """Delete what names the customer, files included; the register keeps number, hashes, run, root. Administrators.

    First see what the laboratory must keep, and for how long (docs/issuing.md).
    """
    by = change.by()
    others = issuing.forget(change.state_dir, number, by, now())
    tell(word("forgotten", change.lang, number=number))
    if others:
        tell(word("others_remain", change.lang, others=", ".join(others)))


@certificate.command()
@filtering
@click.option("--format", "form", type=click.Choice(["csv", "json"]), default="csv", show_default=True)
@click.option(
    "-o",
    "output",
    required=True,
    type=click.Path(path_type=Path),
    help="Folder to write certificates and results to.",
)
@click.option(
    "--excel", "for_excel", is_flag=True, help="CSV with the byte order mark by which Excel knows UTF-8."
)
@config_option
@state_dir_option
@lang_option
def export(
    form: str,
    output: Path,
    for_excel: bool,
    config_path: Path,
    state_dir: Path | None,
    lang: str,
    **chosen: Any,
) -> None:
    """Write certificates and their results as tables for another system (docs/exports.md)."""
    folder = state_dir or load_config(config_path).state_dir
    found = exports.wanted_entries(folder, _wanted(**chosen))
    certificates = [certificate_row(entry) for entry in found]
    results = exports.all_result_rows(folder, found) if found else []
    if form == "json":
        both = json.dumps(exports.as_json(certificates, results), ensure_ascii=False, indent=1) + "\n"
        texts = {"certificates.json": both}
    else:
        texts = {
            "certificates.csv": exports.as_csv(CertificateRow, certificates, for_excel=for_excel),
            "results.csv": exports.as_csv(ResultRow, results, for_excel=for_excel),
        }
    for name, text in texts.items():
        tell(word("written", lang, path=_written(output / name, text.encode())))


@certificate.command("watch-folder")
@click.option(
    "--deliver", "wants_delivery", is_flag=True, help="Drop what waits now, not with the next certificate."
)
@config_option
@lang_option
@json_option
def show_watch_folder(wants_delivery: bool, config_path: Path, lang: str, wants_json: bool) -> None:
    """What waits to be dropped into the watch folder ([laboratory] watch_folder)."""
    config = load_config(config_path)
    if not config.laboratory.watch_folder:
        raise OperatorError(f"{config_path}: [laboratory] has no watch_folder; set it to a folder")
    folder = Path(config.laboratory.watch_folder)
    if wants_delivery:
        delivery = watch_folder.deliver(config.state_dir, folder, now())
    else:
        delivery = watch_folder.Delivery((), watch_folder.waiting(config.state_dir), "")
    if wants_json:
        tell_json(delivery)
        return
    _tell_delivery(delivery, folder, lang)


# --- helpers


def _request(path: Path, kind: str | None) -> Request:
    request = load_request(path)
    return request if kind is None else dataclasses.replace(request, kind=CertificateKind(kind))


def _office(config: Config) -> Office:
    from bench.certificate.office import office  # what sets and seals documents takes its time to import

    return office(registered(config), RecordedRaw)


def _recorded_config(state_dir: Path, run_id: str) -> Config:
    """The configuration that a run has recorded, at the folder where its journal is now."""
    with closing(JournalReader(state_dir)) as journal:
        first, _ = journal.ends_of(journal.known(run_id))
    config = from_json(Config, first.fields()["station"]["configuration"])
    return dataclasses.replace(config, bench=dataclasses.replace(config.bench, state_dir=str(state_dir)))


def _drafter(state_dir: Path, named: str | None, lang: str, *, from_stdin: bool) -> str:
    """The id of who drafts, after the password; "" where nobody is registered."""
    if not needs_password(state_dir):
        tell(word("nobody_registered", lang))
        return ""
    if named is None:
        raise OperatorError("say who drafts: --by PERSON")
    return acting_person(state_dir, named, lang, from_stdin=from_stdin)


def _wanted(first_day: str, last_day: str, serial: str, run_id: str | None, kind: str | None) -> Wanted:
    for day, where in ((first_day, "--from"), (last_day, "--to")):
        if day:
            require_day(day, where)
    return Wanted(first_day, last_day, serial, run_id or "", kind or "")


def _written(path: Path, content: bytes) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OperatorError(f"{path}: {error.strerror or error}; give another folder with -o") from error
    write_output(path, content)
    return path


def _tell_drafted(drafted: Drafted, office: Office, output: Path, lang: str, wants_json: bool) -> None:
    kept = drafted.draft
    paths = [_written(output / name, content) for name, content in drafted.rendered.named(kept.id).items()]
    if wants_json:
        shown = {"draft": kept, "id": kept.id, "marks": drafted.marks, "because": drafted.because}
        tell_json(
            {**shown, "locks": drafted.locks, "missing": drafted.missing, "files": [str(p) for p in paths]}
        )
        return
    tell(
        word(
            "drafted",
            lang,
            id=kept.id,
            kind=word(f"kind_{kept.kind}", lang),
            run=kept.run_id,
            position=kept.position,
            serial=kept.serial,
            path=", ".join(map(str, paths)),
        )
    )
    tell(
        word("draft_is_marked", lang, marks=_marks(drafted.marks, lang))
        if drafted.marks
        else word("draft_is_official", lang)
    )
    for finding in drafted.because:
        tell(word("because", lang, why=sentence(finding.reason, finding.values, lang)))
    for finding in drafted.locks:
        tell(word("is_locked", lang, why=sentence(finding.reason, finding.values, lang)))
    if needs_password(office.state_dir):
        roles = ", ".join(word(f"role_{role}", lang) for role in drafted.missing)
        tell(word("needs", lang, roles=roles, id=kept.id))


def _tell_signing(signing: Signing, office: Office, lang: str, wants_json: bool) -> None:
    folder = office.config.laboratory.watch_folder
    delivery = (
        watch_folder.deliver(office.state_dir, Path(folder), now()) if signing.entry and folder else None
    )
    if wants_json:
        tell_json({"signing": signing, "watch_folder": delivery})
        return
    tell(
        word(
            "signed",
            lang,
            id=signing.draft.id,
            person=signing.person,
            role=word(f"role_{signing.role}", lang),
        )
    )
    if signing.entry is None:
        roles = ", ".join(word(f"role_{role}", lang) for role in signing.missing)
        tell(word("needs", lang, roles=roles, id=signing.draft.id))
        return
    row = signing.entry.issued
    kind = word(f"kind_{row.kind}", lang)
    tell(word("issued", lang, kind=kind, number=row.number, path=folder_of(office.state_dir) / row.number))
    if delivery is not None:
        _tell_delivery(delivery, Path(folder), lang)


def _tell_delivery(delivery: watch_folder.Delivery, folder: Path, lang: str) -> None:
    for number in delivery.dropped:
        tell(word("dropped", lang, number=number))
    for number in delivery.waiting:
        tell(word("waits", lang, number=number))
    if delivery.why:
        tell(word.counted("waits_for_folder", lang, len(delivery.waiting), why=delivery.why))
    if not delivery.waiting:
        tell(word("folder_has_all", lang, folder=folder))


def _list_drafts(state_dir: Path, lang: str, wants_json: bool) -> None:
    found = issuing.open_drafts(state_dir)
    if wants_json:
        tell_json([{"id": each.id, "draft": each, "signatures": signed} for each, signed in found])
        return
    if not found:
        tell(word("no_draft", lang))
    for each, signed in found:
        names = ", ".join(f"{s.person} ({word(f'role_{s.role}', lang)})" for s in signed)
        click.echo(
            word(
                "draft_row",
                lang,
                id=each.id,
                kind=word(f"kind_{each.kind}", lang),
                run=each.run_id,
                position=each.position,
                serial=each.serial,
                signed=names or word("nobody", lang),
            )
        )


def _row(entry: Entry, lang: str) -> str:
    row = entry.issued
    return word(
        "row",
        lang,
        number=row.number,
        issued=row.issued_on,
        kind=word(f"kind_{row.kind}", lang),
        run=row.run_id,
        position=row.position,
        serial=row.serial,
        verdict=word(row.verdict.value, lang),
        status=_status(entry, lang),
    )


def _status(entry: Entry, lang: str) -> str:
    status = _standing(entry, lang)
    return word("status_forgotten", lang, status=status) if entry.is_forgotten else status


def _standing(entry: Entry, lang: str) -> str:
    if entry.replaced_by:
        return word("status_replaced", lang, number=entry.replaced_by)
    if entry.withdrawn_on:
        return word("status_withdrawn", lang, day=day_of(entry.withdrawn_on), why=entry.withdrawn_why)
    return word("status_issued", lang)


def _shown(entry: Entry, lang: str) -> list[str]:
    row = entry.issued
    days = {"received": row.received_on, "first": row.performed_on, "last": row.performed_until}
    lines = [
        _row(entry, lang),
        word("days", lang, **days, issued=row.issued_on, valid=row.valid_until or word("none", lang)),
        word("marks_are", lang, marks=_marks(row.marks, lang) or word("none", lang)),
    ]
    if row.replaces:
        lines.append(word("replaces", lang, number=row.replaces, why=row.why))
    lines += [
        word("signature", lang, role=word(f"role_{s.role}", lang), person=s.person, day=s.day)
        for s in row.signatories
    ]
    lines.append(word("hashes", lang, xml=row.xml_sha256, pdf=row.pdf_sha256))
    lines.append(word("root", lang, root=row.root_sha256, size=row.tree_size))
    return [*lines, *([word("is_forgotten", lang)] if entry.is_forgotten else [])]


def _marks(marks: tuple[Mark, ...], lang: str) -> str:
    return ", ".join(word(f"mark_{mark}", lang) for mark in marks)
