"""`bench admin keys`: what the bench signs with; a laboratory's own keys, new keys, and which are published."""

from __future__ import annotations

from pathlib import Path

import click

from bench.admin.acting import Change, changing, now, today
from bench.admin.keys_page import keys_page, used
from bench.admin.words import word
from bench.canonical import JsonObject
from bench.configuration.config import Config, load_config
from bench.errors import OperatorError
from bench.keys.purposes import Purpose
from bench.keys.seal_certificates import SealPrivate, read_certificates
from bench.keys.seal_keys import EncryptedKeyError, read_supplied_key, require_fits
from bench.keys.standing import KeyStanding, Origin, all_standings
from bench.records.frozen import to_json
from bench.registry import key_changes as registry
from bench.registry.key_changes import endorsement_path, untold
from bench.terminal.cli_options import config_option, json_option, lang_option, tell, tell_json
from bench.terminal.output_files import write_output
from bench.terminal.passwords import ask_key_password
from bench.transparency.checkpoint import origin_of

_PURPOSES = click.Choice([purpose.value for purpose in Purpose])
_SEALS = click.Choice([Purpose.XML.value, Purpose.PDF.value])


@click.group()
def keys() -> None:
    """Keys: of the journal, and of the seals of certificates."""


@keys.command("list")
@config_option
@lang_option
@json_option
def list_keys(config_path: Path, lang: str, wants_json: bool) -> None:
    """All keys that sign or have signed: fingerprint, from when until when, and whether it is official."""
    state_dir = load_config(config_path).state_dir
    found, without_entry = all_standings(state_dir), untold(state_dir)
    if wants_json:
        tell_json([_as_json(each, without_entry) for each in found])
        return
    for each in found:
        state = _state(each, without_entry, lang)
        click.echo(f"{_named(each, lang)}  {used(each, lang)}  {state}")


@keys.command()
@click.option(
    "-o",
    "--output",
    "path",
    required=True,
    type=click.Path(path_type=Path),
    help="The HTML file that is written.",
)
@config_option
def page(path: Path, config_path: Path) -> None:
    """One page with all fingerprints and how to compare them, to be printed or published, in both languages."""
    config = load_config(config_path)
    state_dir = config.state_dir
    found, without_entry = all_standings(state_dir), untold(state_dir)
    if not found:
        raise OperatorError("there is no key yet; make them: bench admin keys make")
    # "Not published" is left off: this page is what publishes.
    states = {
        each: (_state(each, without_entry, "zh"), _state(each, without_entry, "en"))
        for each in found
        if not each.is_unofficial
    }
    names = (config.laboratory.name_zh, config.laboratory.name_en)
    text = keys_page(names, config.bench.id, today(), found, states, _notes(state_dir, found))
    write_output(path, text.encode())


def _notes(state_dir: Path, found: list[KeyStanding]) -> dict[int, str]:
    paths = {each.number: endorsement_path(state_dir, each.number) for each in found}
    return {number: path.read_text(encoding="utf-8") for number, path in paths.items() if path.exists()}


@keys.command()
@changing
def make(change: Change) -> None:
    """Make the keys that are missing, to publish their fingerprints before they sign."""
    by = change.by()
    for made in registry.make_missing(change.state_dir, by, _laboratory(change.config), now()):
        _tell(made, change)


@keys.command()
@click.argument("purpose", type=_PURPOSES)
@changing
def rotate(purpose: str, change: Change) -> None:
    """Make a new key that signs from now on; the public key of the old one stays.

    The new key of the journal is named by a note that the old one signs.
    """
    by, which = change.by(), Purpose(purpose)
    origin = origin_of(change.config.bench.id)
    _tell(registry.rotate(change.state_dir, by, which, _laboratory(change.config), origin, now()), change)
    if which is Purpose.LOG:
        tell(word("key_restart", change.lang))


@keys.command("import")
@click.argument("purpose", type=_SEALS)
@click.argument("key_path", metavar="KEY.pem", type=click.Path(path_type=Path))
@click.argument("certificate_path", metavar="CERT.pem", type=click.Path(path_type=Path))
@changing
def import_key(purpose: str, key_path: Path, certificate_path: Path, change: Change) -> None:
    """Seal with a key of the laboratory's own from now on: ECDSA P-256 for xml, RSA of 3072 bits or more for pdf.

    CERT.pem: its certificate (X.509), and after it those that lead to its authority. Where KEY.pem is encrypted, its
    password is asked for, or is the second line of stdin.
    """
    certificates = read_certificates(certificate_path)
    private = _unencrypted(key_path)
    if private is not None:
        require_fits(Purpose(purpose), private, certificates[0], now())
    by = change.by()
    if private is None:
        password = ask_key_password(key_path, change.lang, from_stdin=change.from_stdin)
        private = read_supplied_key(key_path, password)
    _tell(registry.supply(change.state_dir, by, Purpose(purpose), private, certificates, now()), change)


def _unencrypted(path: Path) -> SealPrivate | None:
    """None where a password is needed."""
    try:
        return read_supplied_key(path, None)
    except EncryptedKeyError:
        return None


@keys.command()
@click.argument("purpose", type=_PURPOSES)
@changing
def adopt(purpose: str, change: Change) -> None:
    """Declare that the fingerprint of the key that signs now has been published: it is official from then on."""
    by = change.by()
    _tell(registry.adopt(change.state_dir, by, Purpose(purpose), now()), change)


def _laboratory(config: Config) -> str:
    return config.laboratory.name_zh or config.laboratory.name_en


def _named(standing: KeyStanding, lang: str) -> str:
    return word(
        "key_is",
        lang,
        purpose=standing.purpose.value,
        number=standing.number,
        fingerprint=standing.fingerprint,
    )


def _state(standing: KeyStanding, without_entry: list[KeyStanding], lang: str) -> str:
    if standing.is_unofficial:
        return word("key_unofficial", lang)
    if standing in without_entry:
        return word("key_untold", lang)
    key = "key_supplied" if standing.origin is Origin.SUPPLIED else "key_adopted"
    return word(key, lang, day=standing.adopted_on)


def _as_json(standing: KeyStanding, without_entry: list[KeyStanding]) -> JsonObject:
    is_unofficial = standing.is_unofficial or standing in without_entry
    return {**to_json(standing), "signs": not standing.until, "is_unofficial": is_unofficial}


def _tell(standing: KeyStanding, change: Change) -> None:
    tell(_named(standing, change.lang))
    if standing.is_unofficial:
        tell(word("key_publish", change.lang, purpose=standing.purpose.value))
