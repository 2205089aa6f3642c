"""The bench's own wireless network, as a profile of NetworkManager, and the way back to the laboratory's.

WPA2 with AES alone and without protected management frames: the radio of a Raspberry Pi starts no WPA3 network that
all telephones can join, and with such frames they are refused (raspberrypi/linux issues 3619, 4718, 7358).

Telephones get an address and reach the bench, and nothing behind it: a rule of routing prohibits whatever comes in
from the radio and would go on to another network. It takes no firewall, and goes with the profile.
"""

from __future__ import annotations

import re
import secrets
import uuid
from dataclasses import dataclass
from pathlib import Path

from bench.appliance.machine import CONFIG_FOLDER, PRIVATE, Machine
from bench.appliance.words import NotDoneError

PROFILES = Path("etc/NetworkManager/system-connections")
OWN, LABORATORY = "meter-test-bench", "meter-test-bench-lab"
"""Names of the two profiles."""
SHOWN = CONFIG_FOLDER / "join-network"
"""For the pages (`web/staff/own_network.py`); tmpfiles.d lets their user read it, also on a card started later."""
NAMES = Path("etc/NetworkManager/dnsmasq-shared.d/meter-test-bench.conf")
ADDRESS = "10.42.7.1"
LEAST_CHARACTERS, LEAST_OF_OTHERS, _MOST_CHARACTERS = 12, 8, 63
"""Of a password: of our own network, of one that is joined, of any (WPA)."""
_NAME = re.compile(r"[A-Za-z0-9_-]([A-Za-z0-9 _-]{0,30}[A-Za-z0-9_-])?")
_INTERFACE = re.compile(r"[A-Za-z0-9_.-]{1,15}")
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that look like others."""
_GROUPS, _LETTERS_A_GROUP = 4, 4


@dataclass(frozen=True, slots=True)
class Network:
    """A wireless network: its name and password."""

    name: str
    password: str


def new_password() -> str:
    """79 bits, to be typed on a telephone."""
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(_LETTERS_A_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)


def checked(name: str, password: str, least: int = LEAST_CHARACTERS) -> Network:
    """Errors: NotDoneError for what a telephone cannot type, or that is guessed soon."""
    if not _NAME.fullmatch(name):
        raise NotDoneError("bad_network_name", name=name)
    is_fit = password.isascii() and password.isprintable() and password == password.strip()
    if not is_fit or not least <= len(password) <= _MOST_CHARACTERS:
        raise NotDoneError("bad_wifi_password", least=least)
    return Network(name, password)


def profile_of_own(network: Network, interface: str) -> str:
    """The profile of the bench's own network, in the form of nm-settings-keyfile(5)."""
    return (
        _head(OWN, interface)
        + _radio(network, "ap", "band=bg\n")
        # pmf=1: none.
        + _security(network, "proto=rsn;\npairwise=ccmp;\ngroup=ccmp;\npmf=1\n")
        + f"[ipv4]\nmethod=shared\naddress1={ADDRESS}/24\n"
        + f"routing-rule1=priority 100 from 0.0.0.0/0 iif {interface} type prohibit\n\n"
        + "[ipv6]\nmethod=disabled\n"
    )


def profile_of_laboratory(network: Network, interface: str) -> str:
    """The profile with which the bench joins the laboratory's network."""
    return (
        _head(LABORATORY, interface)
        + _radio(network, "infrastructure", "")
        + _security(network, "")
        + "[ipv4]\nmethod=auto\n\n[ipv6]\nmethod=auto\n"
    )


def set_up(machine: Machine, network: Network, interface: str, host: str | None) -> None:
    """From now on, and after each start. host: of https, so that its name is found on this network, too.

    Errors: NotDoneError.
    """
    machine.put(_file(OWN), profile_of_own(network, interface), PRIVATE)
    machine.put(SHOWN, f"{network.name}\n{network.password}\n", PRIVATE)
    machine.call("systemd-tmpfiles", "--create", "/etc/tmpfiles.d/meter-test-bench.conf")
    _know(machine, host)
    machine.remove(_file(LABORATORY))
    _activate(machine, OWN)


def name_changed(machine: Machine, host: str | None) -> None:
    """https was put on or taken off while the bench may have its own network. Errors: NotDoneError."""
    if own_network(machine) is not None:
        _know(machine, host)
        _activate(machine, OWN)


def join(machine: Machine, network: Network | None, interface: str | None) -> None:
    """Back to the laboratory's: by cable, what NetworkManager knows already, or this one. Errors: NotDoneError."""
    had_own = machine.remove(_file(OWN))
    machine.remove(SHOWN)
    machine.remove(NAMES)
    if network is not None and interface is not None:
        machine.put(_file(LABORATORY), profile_of_laboratory(network, interface), PRIVATE)
        _activate(machine, LABORATORY)
    elif had_own:
        # A profile that is gone goes down by itself, and the next best one comes up.
        machine.call("nmcli", "connection", "reload")


def own_network(machine: Machine) -> Network | None:
    """As it was set up; None where there is none, or NetworkManager has written it anew without its password."""
    try:
        text = machine.path(_file(OWN)).read_text("utf-8")
    except (OSError, ValueError):
        return None
    found = dict(re.findall(r"(?m)^(ssid|psk)=(.*)$", text))
    if len(found) != 2:
        return None
    return Network(found["ssid"], found["psk"].replace("\\\\", "\\"))


def joined_network(machine: Machine) -> str | None:
    """Name of the laboratory's network that the bench was told to join by radio; None for none."""
    try:
        text = machine.path(_file(LABORATORY)).read_text("utf-8")
    except (OSError, ValueError):
        return None
    found = re.search(r"(?m)^ssid=(.*)$", text)
    return found and found[1]


def radio_of(machine: Machine, wanted: str | None) -> str:
    """The wireless interface: the wanted one, or the first. Errors: NotDoneError for none, or one switched off."""
    if wanted is not None and not _INTERFACE.fullmatch(wanted):
        raise NotDoneError("no_radio")
    if not machine.is_this:
        return wanted or "wlan0"
    found = sorted(path.parent.name for path in machine.path("sys/class/net").glob("*/wireless"))
    chosen = found[:1] if wanted is None else [name for name in found if name == wanted]
    if not chosen:
        raise NotDoneError("no_radio")
    for switch in machine.path("sys/class/net").glob(f"{chosen[0]}/phy80211/rfkill*/soft"):
        if switch.read_text().strip() == "1":
            raise NotDoneError("radio_blocked")
    return chosen[0]


def _know(machine: Machine, host: str | None) -> None:
    """Let the own network answer for a name; for an address there is nothing to answer."""
    if host is None or not host.rpartition(".")[2][:1].isalpha():
        machine.remove(NAMES)
    else:
        machine.put(NAMES, f"# Written by `bench network`.\naddress=/{host}/{ADDRESS}\n")


def _file(name: str) -> Path:
    return PROFILES / f"{name}.nmconnection"


def _activate(machine: Machine, name: str) -> None:
    machine.call("nmcli", "connection", "reload")
    machine.call("nmcli", "connection", "up", "id", name)


def _head(name: str, interface: str) -> str:
    # The same name has the same id: what is set up anew replaces what was there.
    own = uuid.uuid5(uuid.NAMESPACE_DNS, name)
    return (
        "# Written by `bench network` (docs/installation.md).\n"
        f"[connection]\nid={name}\nuuid={own}\ntype=wifi\ninterface-name={interface}\n"
        "autoconnect=true\nautoconnect-priority=100\n\n"
    )


def _radio(network: Network, mode: str, more: str) -> str:
    return f"[wifi]\nmode={mode}\nssid={network.name}\n{more}\n"


def _security(network: Network, more: str) -> str:
    password = network.password.replace("\\", "\\\\")
    return f"[wifi-security]\nkey-mgmt=wpa-psk\n{more}psk={password}\n\n"
