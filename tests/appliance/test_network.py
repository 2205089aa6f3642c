"""The bench's own wireless network as a file of NetworkManager, and the way back."""

from __future__ import annotations

import re
from configparser import ConfigParser
from pathlib import Path

import pytest

from bench.appliance import access_point
from bench.appliance import machine as machines
from bench.appliance.access_point import ADDRESS, NAMES, OWN, PROFILES, SHOWN, Network
from bench.appliance.https import FOLDER, HOST, PAGES
from bench.appliance.machine import Machine
from bench.errors import OperatorError
from tests.appliance.authority import HOST as HOSTED
from tests.appliance.authority import Authority, pair
from tests.appliance.commands import typed
from tests.install.units import SYSTEMD, settings
from web.staff.own_network import OwnNetwork, own_network

PASSWORD = r"a b\c;d=e#f,1234"


def profile(path: Path) -> ConfigParser:
    parser = ConfigParser(interpolation=None, delimiters=("=",), comment_prefixes=("#",))
    parser.read_string(path.read_text("utf-8"))
    return parser


def own(card: Path) -> Path:
    return card / PROFILES / f"{OWN}.nmconnection"


def test_it_has_a_password_that_nobody_else_has_and_is_a_profile_for_root_alone(card: Path) -> None:
    said = typed(card, "network", "access-point", "--name", "Bench 7")
    found = profile(own(card))
    password = found["wifi-security"]["psk"]
    assert re.fullmatch(r"([a-z2-9]{4}-){3}[a-z2-9]{4}", password)
    assert f"Bench 7, password: {password}" in said
    assert f"http://{ADDRESS}:8080/" in said
    assert own(card).stat().st_mode & 0o777 == 0o600
    assert dict(found["wifi"]) == {"mode": "ap", "ssid": "Bench 7", "band": "bg"}
    assert dict(found["wifi-security"]) == {
        "key-mgmt": "wpa-psk", "proto": "rsn;", "pairwise": "ccmp;", "group": "ccmp;", "pmf": "1", "psk": password,
    }  # fmt: skip
    assert found["connection"]["autoconnect"] == "true"
    typed(card, "network", "access-point", "--name", "Bench 7")
    anew = profile(own(card))
    assert anew["wifi-security"]["psk"] != password
    assert anew["connection"]["uuid"] == found["connection"]["uuid"], "it takes the place of the one before"


def test_telephones_get_an_address_and_come_no_further_than_the_bench(card: Path) -> None:
    typed(card, "network", "access-point", "--interface", "wlan1")
    found = profile(own(card))
    assert found["connection"]["interface-name"] == "wlan1"
    assert found["ipv4"]["method"] == "shared"
    assert found["ipv4"]["address1"] == f"{ADDRESS}/24"
    assert found["ipv4"]["routing-rule1"] == "priority 100 from 0.0.0.0/0 iif wlan1 type prohibit"
    assert found["ipv6"]["method"] == "disabled"


def test_a_password_of_ones_own_is_kept_as_it_is_and_shown_again(card: Path) -> None:
    typed(card, "network", "access-point", "--password-stdin", answers=f"{PASSWORD}\n")
    known = access_point.own_network(Machine(card))
    assert known == Network("meter-test-bench", PASSWORD)
    assert PASSWORD in typed(card, "network", "show", lang="zh")
    shown = own_network(card / SHOWN)
    assert shown == OwnNetwork("meter-test-bench", PASSWORD), "the pages read what the command has written"
    assert (card / SHOWN).stat().st_mode & 0o777 == 0o600, "until tmpfiles.d gives it to the pages' user"
    assert f"z /{SHOWN} 0640 root bench-web -" in (SYSTEMD / "tmpfiles.conf").read_text().splitlines()
    assert ("Environment", f"BENCH_JOIN_NETWORK=/{SHOWN}") in settings("bench-web.service")


@pytest.mark.parametrize(("name", "password", "said"), [
    ("Bench", "elevenchars", "has 12 to 63 ASCII characters"),
    ("Bench", "电能表电能表电能表电能表电能", "has 12 to 63 ASCII characters"),
    ("Bench", "a" * 64, "has 12 to 63 ASCII characters"),
    ("Bench", " leading blank", "no space at either end"),
    ("电能表", "long enough 1", "the name '电能表' cannot be used"),
    ("a" * 33, "long enough 1", "cannot be used"),
    ("a\nmode=adhoc", "long enough 1", "cannot be used"),
    ("", "long enough 1", "cannot be used"),
])  # fmt: skip
def test_what_no_telephone_can_type_or_anybody_guesses_is_refused(
    card: Path, name: str, password: str, said: str
) -> None:
    with pytest.raises(OperatorError, match=re.escape(said)) as refused:
        typed(card, "network", "access-point", "--name", name, "--password-stdin", answers=f"{password}\n")
    assert "\n" not in str(refused.value)
    assert password not in str(refused.value)
    assert not own(card).exists()


@pytest.mark.parametrize("interface", ["wlan0\nautoconnect=false", "", "a" * 16, "wlan0 type", "无线"])
def test_an_interface_is_a_name_and_nothing_else(card: Path, interface: str) -> None:
    with pytest.raises(OperatorError, match="no wireless interface"):
        typed(card, "network", "access-point", "--interface", interface)
    assert not own(card).exists()


@pytest.mark.parametrize("left", ["[wifi]\nssid=Bench\n", "\xff"])
def test_a_profile_that_was_written_by_others_breaks_no_command(card: Path, left: str) -> None:
    own(card).parent.mkdir(parents=True)
    own(card).write_text(left, "latin-1")
    assert "no network of its own" in typed(card, "network", "show")


def test_back_to_the_laboratorys_network_nothing_is_left(card: Path) -> None:
    typed(card, "network", "access-point")
    assert "is gone" in typed(card, "network", "lab")
    assert not own(card).exists()
    assert not (card / SHOWN).exists()
    assert "no network of its own" in typed(card, "network", "show")


def test_a_wireless_network_of_the_laboratory_is_joined_in_its_place(card: Path) -> None:
    typed(card, "network", "access-point")
    said = typed(card, "network", "lab", "--name", "Lab", "--password-stdin", answers="eight888\n")
    assert not own(card).exists()
    path = card / PROFILES / "meter-test-bench-lab.nmconnection"
    found = profile(path)
    assert (found["wifi"]["mode"], found["wifi"]["ssid"]) == ("infrastructure", "Lab")
    assert found["ipv4"]["method"] == "auto"
    assert path.stat().st_mode & 0o777 == 0o600
    assert "eight888" not in said
    for lang, joined, later in (
        ("en", "join the network Lab", "once that machine"),
        ("zh", "Lab", "启动以后"),
    ):
        shown = typed(card, "network", "show", lang=lang)
        assert joined in shown
        assert later in shown
        assert "network access-point" not in shown, "it is on a network"
        assert "eight888" not in shown
    typed(card, "network", "access-point")
    assert not path.exists(), "one radio, one network"


def test_the_name_of_the_certificate_is_found_on_the_own_network_too(card: Path) -> None:
    Machine(card).put(FOLDER / HOST, "bench.lab.example\n")
    Machine(card).put(PAGES, "[Service]\n")
    assert "no network of its own" not in typed(card, "network", "show")
    assert "https://bench.lab.example/" in typed(card, "network", "access-point")
    assert typed(card, "network", "show").count("https://bench.lab.example/") == 1
    assert f"address=/bench.lab.example/{ADDRESS}" in (card / NAMES).read_text()
    typed(card, "network", "lab")
    assert not (card / NAMES).exists()
    assert "https://bench.lab.example/" in typed(card, "network", "show")


def test_the_own_network_learns_the_name_when_https_is_put_on_later(card: Path, tmp_path: Path) -> None:
    root = Authority.root()
    (tmp_path / "ca.crt").write_bytes(root.pem)

    def install(host: str) -> None:
        chain, key = pair(tmp_path, root, host)
        more = ["--key", str(key), "--host", host, "--ca", str(tmp_path / "ca.crt")]
        typed(card, "https", "install", str(chain), *more)

    install(HOSTED)
    assert not (card / NAMES).exists(), "there is no network of its own"
    typed(card, "https", "off")
    typed(card, "network", "access-point")
    install(HOSTED)
    assert f"address=/{HOSTED}/{ADDRESS}" in (card / NAMES).read_text()
    install("192.168.1.20")
    assert not (card / NAMES).exists(), "an address needs no answer"
    install(HOSTED)
    typed(card, "https", "off")
    assert not (card / NAMES).exists()


def test_no_password_is_ever_in_a_command_line(card: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[tuple[str, ...]] = []

    def run(*command: str) -> str:
        called.append(command)
        return ""

    monkeypatch.setattr(machines, "_run", run)
    monkeypatch.setattr(Machine, "is_this", True)
    machine = Machine(card)
    access_point.set_up(machine, Network("Bench", PASSWORD), "wlan0", None)
    assert called[-2:] == [
        ("nmcli", "connection", "reload"),
        ("nmcli", "connection", "up", "id", OWN),
    ]
    access_point.join(machine, None, None)
    assert called[-1] == ("nmcli", "connection", "reload"), "a profile that is gone goes down"
    access_point.join(machine, Network("Lab", PASSWORD), "wlan0")
    assert called[-1] == ("nmcli", "connection", "up", "id", "meter-test-bench-lab")
    assert not any(PASSWORD in word for command in called for word in command)


def test_what_a_program_of_the_system_says_is_said_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "nmcli"
    program.write_text("#!/bin/sh\necho 'Error: no\ndevice' >&2\nexit 10\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    with pytest.raises(OperatorError, match="nmcli connection reload failed: Error: no device"):
        Machine().call("nmcli", "connection", "reload")
    with pytest.raises(OperatorError, match="no-such-program is not on this machine"):
        Machine().call("no-such-program")


def test_a_radio_that_is_not_there_or_switched_off_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Machine, "is_this", True)
    with pytest.raises(OperatorError, match="no wireless interface"):
        access_point.radio_of(Machine(tmp_path), None)
    for name in ("wlan0", "wlan1"):
        (tmp_path / f"sys/class/net/{name}/wireless").mkdir(parents=True)
    assert access_point.radio_of(Machine(tmp_path), None) == "wlan0"
    assert access_point.radio_of(Machine(tmp_path), "wlan1") == "wlan1"
    with pytest.raises(OperatorError, match="no wireless interface"):
        access_point.radio_of(Machine(tmp_path), "wlan2")
    switch = tmp_path / "sys/class/net/wlan0/phy80211/rfkill0/soft"
    switch.parent.mkdir(parents=True)
    switch.write_text("1\n")
    with pytest.raises(OperatorError, match="do_wifi_country CN"):
        access_point.radio_of(Machine(tmp_path), None)


def test_no_bench_and_no_root_are_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OperatorError, match="no bench is installed here"):
        typed(tmp_path, "network", "show")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(OperatorError, match="请在命令前加 sudo"):
        typed(Path("/"), "network", "show", lang="zh")
