"""`bench network`: the bench's own wireless network, or the laboratory's."""

from __future__ import annotations

from pathlib import Path

import click

from bench.appliance import access_point, https
from bench.appliance.access_point import Network
from bench.appliance.machine import Machine
from bench.appliance.words import word
from bench.commands.appliance_options import machine_at, root_option
from bench.terminal.cli_options import lang_option
from bench.terminal.passwords import ask, password_option

_PORT = 8080
_interface_option = click.option(
    "--interface", metavar="NAME", help="Wireless interface.  [default: the first one]"
)


@click.group()
def network() -> None:
    """The bench's own wireless network, or the laboratory's (docs/installation.md)."""


@network.command("access-point")
@click.option("--name", default="meter-test-bench", show_default=True, help="How telephones see it.")
@_interface_option
@password_option
@root_option
@lang_option
def access_point_command(name: str, interface: str | None, from_stdin: bool, root: Path, lang: str) -> None:
    """Give the bench a wireless network of its own, from which nothing but the bench is reached.

    The password is made up and said, or read with --password-stdin.
    """
    with machine_at(root, lang) as machine:
        password = (
            ask(word("password_of_network", lang, name=name), from_stdin=True)
            if from_stdin
            else access_point.new_password()
        )
        own = access_point.checked(name, password)
        radio = access_point.radio_of(machine, interface)
        access_point.set_up(machine, own, radio, https.host_in_use(machine))
        _say_own(machine, own, lang)
        click.echo(word("again_with", lang))


@network.command("lab")
@click.option("--name", help="A wireless network to join.  [default: by cable, or one that is known already]")
@_interface_option
@password_option
@root_option
@lang_option
def lab(name: str | None, interface: str | None, from_stdin: bool, root: Path, lang: str) -> None:
    """Back to the laboratory's network: the bench's own is taken away."""
    with machine_at(root, lang) as machine:
        if name is None:
            access_point.join(machine, None, None)
            click.echo(word("access_point_off", lang))
            return
        radio = access_point.radio_of(machine, interface)
        password = ask(word("password_of_network", lang, name=name), from_stdin=from_stdin)
        joined = access_point.checked(name, password, least=access_point.LEAST_OF_OTHERS)
        access_point.join(machine, joined, radio)
        click.echo(word("joined", lang, name=name))


@network.command("show")
@root_option
@lang_option
def show(root: Path, lang: str) -> None:
    """How the bench is reached: its own network with its password, or the one it joins, and its addresses."""
    with machine_at(root, lang) as machine:
        own, joined = access_point.own_network(machine), access_point.joined_network(machine)
        host, addresses = https.host_in_use(machine), _addresses(machine)
        if joined is not None:
            click.echo(word("joined", lang, name=joined))
        if own is not None:
            _say_own(machine, own, lang)
        elif host is not None:
            click.echo(word("page_at", lang, address=https.address(host)))
        elif not machine.is_this:
            click.echo(word("addresses_later", lang))
        elif joined is None and not addresses:
            click.echo(word("no_network_here", lang))
        for interface, address in addresses:
            click.echo(word("address_of", lang, interface=interface, address=address))


def _addresses(machine: Machine) -> list[tuple[str, str]]:
    found = []
    for line in machine.call("ip", "-brief", "-4", "address").splitlines():
        interface, _, *addresses = line.split()
        found += [(interface, address.split("/")[0]) for address in addresses if interface != "lo"]
    return found


def _say_own(machine: Machine, own: Network, lang: str) -> None:
    click.echo(word("access_point_on", lang, name=own.name, password=own.password))
    host = https.host_in_use(machine)
    address = f"http://{access_point.ADDRESS}:{_PORT}/" if host is None else https.address(host)
    click.echo(word("page_at", lang, address=address))
