"""https put on and taken off: certificate and key in their place, the pages behind the front, both started."""

from __future__ import annotations

from pathlib import Path

from bench.appliance import certificates
from bench.appliance.front import CHAIN, KEY
from bench.appliance.machine import CONFIG_FOLDER, PRIVATE, UNITS, Machine, read
from bench.appliance.words import NotDoneError

FOLDER = CONFIG_FOLDER / "https"
NEXT_KEY, REQUEST, HOST = "next.key.pem", "request.pem", "host"
PAGES = UNITS / "bench-web.service.d/https.conf"
"""What the pages' unit has beside what is shipped. Nobody comes to them from outside then but through the front."""
_PAGES = f"""# Written by `bench https install`; `bench https off` removes it.
[Service]
Environment=BENCH_HTTPS=1
Environment=BENCH_HTTPS_CERTIFICATE=/{FOLDER / CHAIN}
Environment=BENCH_HOST=127.0.0.1
"""
_FRONT = "bench-https.socket"


def request(machine: Machine, hosts: tuple[str, ...]) -> Path:
    """A new key, which stays here, and the request for the CA; where that is. Errors: NotDoneError."""
    path = machine.path(FOLDER / REQUEST)
    if path.exists():
        raise NotDoneError("request_waits", path=path)
    private, asked = certificates.new_request(hosts)
    machine.put(FOLDER / NEXT_KEY, private, PRIVATE)
    machine.put(FOLDER / REQUEST, asked)
    return path


def install(
    machine: Machine, chain: Path, key: Path | None, host: str | None, ca: Path | None, now: str
) -> str:
    """Only what a browser would take is put in place; the address of the pages then. now: to be said.

    key: None for that of the request, or the one that is in use. host: None for that of the request or of before.
    Errors: NotDoneError; nothing was changed then, but where a unit does not start.
    """
    found_key, found_host = key or _own_key(machine), host or known_host(machine)
    if found_host is None:
        raise NotDoneError("no_host")
    certificates.require_private(found_key)
    certificates.require_accepted(chain, found_key, found_host, ca, now)
    machine.put(FOLDER / CHAIN, read(chain))
    machine.put(FOLDER / KEY, read(found_key), PRIVATE)
    machine.put(FOLDER / HOST, f"{found_host}\n")
    if key is None:
        machine.remove(FOLDER / NEXT_KEY)
        machine.remove(FOLDER / REQUEST)
    machine.put(PAGES, _PAGES)
    machine.enable(_FRONT)
    machine.call("systemctl", "restart", "bench-web.service")
    # The socket is kept over a renewal; the process behind it reads the certificate when it starts.
    machine.call("systemctl", "restart", "bench-https.service")
    return address(found_host)


def off(machine: Machine) -> None:
    """The pages are on http again. Certificate, key and name stay where they are. Errors: NotDoneError."""
    machine.disable(_FRONT)
    machine.call("systemctl", "stop", "bench-https.service")
    machine.remove(PAGES)
    machine.call("systemctl", "daemon-reload")
    machine.call("systemctl", "restart", "bench-web.service")


def known_host(machine: Machine) -> str | None:
    """By which name the pages are opened: that of a request that waits, or the one in use now or before."""
    try:
        return certificates.host_of_request(machine.path(FOLDER / REQUEST).read_bytes())
    except (OSError, ValueError):
        return _last_host(machine)


def host_in_use(machine: Machine) -> str | None:
    """Where https is on. The way back to a release without it takes it off, too (`systemd/install`)."""
    return _last_host(machine) if machine.path(PAGES).exists() else None


def certificate_of_before(machine: Machine) -> Path | None:
    """With which https can be put on again, where it was taken off."""
    path = machine.path(FOLDER / CHAIN)
    return path if path.exists() else None


def address(host: str) -> str:
    return f"https://{host}/"


def _own_key(machine: Machine) -> Path:
    for name in (NEXT_KEY, KEY):
        path = machine.path(FOLDER / name)
        if path.is_file():
            return path
    raise NotDoneError("no_key")


def _last_host(machine: Machine) -> str | None:
    try:
        return machine.path(FOLDER / HOST).read_text("utf-8").strip()
    except OSError:
        return None
