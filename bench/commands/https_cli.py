"""`bench https`: the pages over https, with a certificate of the laboratory's CA."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from bench.appliance import access_point, certificates, https
from bench.appliance.front import CHAIN
from bench.appliance.machine import Machine
from bench.appliance.words import word
from bench.clock import SystemClock
from bench.commands.appliance_options import machine_at, root_option
from bench.terminal.cli_options import lang_option

_file = click.Path(path_type=Path, dir_okay=False)


@click.group("https")
def https_group() -> None:
    """The pages over https, with a certificate of the laboratory's CA (docs/installation.md)."""


@https_group.command("request")
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@root_option
@lang_option
def request(names: tuple[str, ...], root: Path, lang: str) -> None:
    """Make a private key and a request for the CA; NAME: how the page is opened, a host name or an address."""
    with machine_at(root, lang) as machine:
        path = https.request(machine, tuple(certificates.checked_host(name) for name in names))
        click.echo(word("requested", lang, path=path))


@https_group.command("install")
@click.argument("certificate", type=_file)
@click.option("--key", type=_file, help="Its private key.  [default: that of the request, or the one in use]")
@click.option(
    "--host", help="Name by which the page is opened.  [default: the first of the request, or as before]"
)
@click.option("--ca", type=_file, help="Certificate of the laboratory's CA.  [default: those of the system]")
@root_option
@lang_option
def install(
    certificate: Path, key: Path | None, host: str | None, ca: Path | None, root: Path, lang: str
) -> None:
    """Put a CERTIFICATE in use when a browser would take it, the first one or one that follows.

    A PEM file: the bench's, and behind it those between it and the CA.
    """
    with machine_at(root, lang) as machine:
        named = None if host is None else certificates.checked_host(host)
        address = https.install(machine, certificate, key, named, ca, SystemClock().wall_time())
        access_point.name_changed(machine, https.host_in_use(machine))
        _say_on(machine, address, lang)


@https_group.command("show")
@root_option
@lang_option
def show(root: Path, lang: str) -> None:
    """Where the page is, who has signed its certificate, and how long it lasts."""
    with machine_at(root, lang) as machine:
        host = https.host_in_use(machine)
        if host is None:
            _say_off(machine, lang)
            return
        facts = _say_on(machine, https.address(host), lang)
        click.echo(word("certificate_of", lang, names=", ".join(facts.names), issuer=facts.issuer))


@https_group.command("off")
@root_option
@lang_option
def off(root: Path, lang: str) -> None:
    """Back to http; certificate and key stay on the bench."""
    with machine_at(root, lang) as machine:
        https.off(machine)
        access_point.name_changed(machine, None)
        click.echo(word("https_off", lang))


def _say_off(machine: Machine, lang: str) -> None:
    request, before = machine.path(https.FOLDER / https.REQUEST), https.certificate_of_before(machine)
    if request.exists():
        click.echo(word("https_waits", lang, path=request))
    elif before is not None:
        click.echo(word("https_was_on", lang, path=before))
    else:
        click.echo(word("https_is_off", lang))


def _say_on(machine: Machine, address: str, lang: str) -> certificates.Facts:
    """Where the page is, and how long that lasts; the facts of the certificate that is in use."""
    facts = certificates.facts_of(machine.path(https.FOLDER / CHAIN))
    days = facts.days_left(datetime.fromisoformat(SystemClock().wall_time()))
    click.echo(word("https_on", lang, address=address, until=f"{facts.until:%Y-%m-%d}", days=days))
    return facts
