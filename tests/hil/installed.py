"""Inside the virtual machine, under systemd: the bench as `systemd/install` leaves it.

    /usr/bin/python3 tests/hil/installed.py FOLDER

FOLDER/opt has two releases, made on the host (`conftest.py`): the machine has no network. Installs
the older, lets systemd run it, kills the process, holds up one of its loops, goes on to the newer, and removes it.
Prints what was seen as one JSON object; nothing is judged here. Of the bench only what is installed is used, by its
program and its socket.
"""

from __future__ import annotations

import ctypes
import json
import os
import pwd
import signal
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SYSTEMD = HERE.parents[1] / "systemd"
LIMIT_S = 150.0
SEEN_WITHIN_S = 12.0
"""That a loop hangs, by the bench itself."""
OPT, CONFIG = Path("/opt/meter-test-bench"), Path("/etc/meter-test-bench/bench.toml")
SOCKET, STATE = "/run/meter-test-bench/bench.sock", Path("/var/lib/meter-test-bench")
CASES = Path("/var/lib/meter-test-bench-web")
BACKUPS = Path("/var/backups/meter-test-bench")
DROP_IN = Path("/etc/systemd/system/bench.service.d/virtual-machine.conf")
LINES = {"contactor": 24, "relay": 25, "idle lamp": 13, "live lamp": 19}
HTTPS_HOST = "bench.lab.example"
_REFERENCE_PORT = 1502
_LISTENS = "0A"
_DYNAMIC_USERS = range(61184, 65520)
"""systemd.exec(5), DynamicUser=."""
_PTRACE_ATTACH, _PTRACE_DETACH, _WALL = 16, 17, 0x40000000


def said(*command: str | Path) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def property_of(name: str, unit: str = "bench") -> str:
    return said("systemctl", "show", "-P", name, unit)


def until(is_so: Callable[[], Any], what: str) -> Any:
    """The first value that is true. Errors: RuntimeError after LIMIT_S."""
    end = time.monotonic() + LIMIT_S
    print(f"installed: {time.monotonic():.0f} s: waits for {what}", file=sys.stderr, flush=True)
    while not (found := is_so()):
        if time.monotonic() > end:
            raise RuntimeError(
                f"{what}: not within {LIMIT_S:g} s\n{said('journalctl', '-u', 'bench', '-n', '30')}"
            )
        time.sleep(0.5)
    return found


def asked(message: dict[str, Any]) -> dict[str, Any]:
    """What the bench answers on its socket."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(LIMIT_S)
        client.connect(SOCKET)
        client.sendall(json.dumps(message).encode() + b"\n")
        answer: dict[str, Any] = json.loads(client.makefile().readline())
        return answer


def phase() -> str:
    """Of the bench; empty while it does not listen."""
    try:
        return str(asked({"do": "subscribe"})["state"]["phase"])
    except OSError:
        return ""


def started_again(before: str) -> dict[str, Any]:
    """What is there when systemd has started the process again. before: NRestarts of then."""
    until(lambda: property_of("NRestarts") != before, "a restart")
    until(lambda: property_of("ActiveState") == "active", "the unit active again")
    return {"phase": until(phase, "the socket"), "lines": levels()}


def install(*options: str) -> dict[str, Any]:
    ran = subprocess.run([SYSTEMD / "install", *options], capture_output=True, text=True, check=False)
    return {
        "exit_status": ran.returncode,
        "said": ran.stdout + ran.stderr,
        "current": os.readlink(OPT / "current") if (OPT / "current").is_symlink() else None,
        "active": [property_of("ActiveState", unit) for unit in ("bench", "bench-web")],
    }


def page() -> dict[str, Any]:
    def answer() -> Any:
        try:
            return urllib.request.urlopen("http://127.0.0.1:8080/", timeout=LIMIT_S)
        except OSError:
            return None

    with until(answer, "the page") as got:
        return {"status": got.status, "is_html": "<html" in got.read().decode()}


def modes() -> dict[str, str]:
    """Who comes to what: owner and mode."""
    shown = {}
    for path in (
        STATE,
        STATE / "journal.sqlite",
        CASES,
        CASES / "casework.sqlite",
        Path(SOCKET).parent,
        Path(SOCKET),
        CONFIG,
    ):
        found = path.stat()
        shown[str(path)] = f"{pwd.getpwuid(found.st_uid).pw_name} {found.st_mode & 0o777:o}"
    return shown


def records() -> list[str]:
    """Kinds of the records in the journal."""
    answer = asked({"do": "records", "since": 0})
    return [json.loads(record["body"])["kind"] for record in answer["records"]]


def whole(connection: socket.socket, count: int) -> bytes:
    """So many bytes; fewer where the other side has left."""
    data = b""
    while len(data) < count and (piece := connection.recv(count - len(data))):
        data += piece
    return data


def answer_zeros(listener: socket.socket) -> None:
    """A reference standard over Modbus TCP that reads zero in every register."""
    while True:
        connection, _ = listener.accept()
        with connection:
            while len(request := whole(connection, 12)) == 12:
                transaction, _, _, unit, function, _, count = struct.unpack(">HHHBBHH", request)
                head = struct.pack(">HHHBBB", transaction, 0, 3 + 2 * count, unit, function, 2 * count)
                connection.sendall(head + bytes(2 * count))


def levels() -> dict[str, int]:
    """Of the lines that the bench drives, as the kernel has them."""
    found = {}
    for name, number in LINES.items():
        (value,) = Path("/sys/devices/platform/gpio-sim.0").glob(f"gpiochip*/sim_gpio{number}/value")
        found[name] = int(value.read_text())
    return found


def start_run() -> dict[str, int]:
    """Until its load is on and its reading is waited for; the lines then. Errors: RuntimeError."""
    answer = asked({"do": "start", "plan": (HERE / "installed-plan.toml").read_text()})
    if answer["type"] != "done":
        raise RuntimeError(str(answer))
    until(lambda: phase() == "settling", "a load")
    return levels()


def hold_up_a_loop() -> None:
    """Of the measuring process one loop stops, the others go on: its thread is found by trying those that wait.

    A library's thread that waits is none of the bench's, and holding it up does nothing; it is let go again.
    """
    pid = int(property_of("MainPID"))
    trace = ctypes.CDLL(None, use_errno=True).ptrace
    for thread in sorted(int(name) for name in os.listdir(f"/proc/{pid}/task")):
        if thread == pid or "nanosleep" not in Path(f"/proc/{pid}/task/{thread}/wchan").read_text():
            continue
        if trace(_PTRACE_ATTACH, thread, None, None):
            raise RuntimeError(f"thread {thread} cannot be held up: {os.strerror(ctypes.get_errno())}")
        os.waitpid(thread, _WALL)
        end = time.monotonic() + SEEN_WITHIN_S
        while time.monotonic() < end:
            if "no turn lately" in said("journalctl", "-u", "bench", "-o", "cat"):
                # Who holds a thread must take note of its end, or the process stays a zombie.
                threading.Thread(target=await_end, args=(thread,), daemon=True).start()
                return
            time.sleep(0.5)
        trace(_PTRACE_DETACH, thread, None, None)
    raise RuntimeError("no thread that waits is a loop of the bench")


def await_end(thread: int) -> None:
    while os.WIFSTOPPED(os.waitpid(thread, _WALL)[1]):
        pass


def listened_on() -> list[str]:
    """Addresses and ports of TCP, over IPv4."""
    found = []
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        address, _, port = line.split()[1].partition(":")
        if line.split()[3] == _LISTENS:
            found.append(f"{socket.inet_ntoa(struct.pack('<I', int(address, 16)))}:{int(port, 16)}")
    return sorted(found)


def bench(*words: str | Path, answer: str = "") -> dict[str, Any]:
    ran = subprocess.run(
        [OPT / "current/bin/bench", *words], input=answer, capture_output=True, text=True, check=False
    )
    return {"exit_status": ran.returncode, "said": ran.stdout + ran.stderr}


def over_https() -> dict[str, Any]:
    """With a certificate of an authority that is made here."""
    folder = Path("/run/authority")
    folder.mkdir()
    make = (
        "import sys; from pathlib import Path; from tests.appliance.authority import Authority, pair; "
        "folder = Path(sys.argv[1]); root = Authority.root(); pair(folder, root); "
        "(folder / 'ca.crt').write_bytes(root.pem)"
    )
    subprocess.run([OPT / "current/bin/python", "-c", make, folder], cwd=HERE.parents[1], check=True)
    ca = folder / "ca.crt"
    installed = bench(
        "https", "install", folder / "bench.crt", "--key", folder / "bench.key", "--host", HTTPS_HOST, "--ca", ca
    )  # fmt: skip
    context = ssl.create_default_context(cafile=ca)
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT

    def answer() -> bytes:
        try:
            plain = socket.create_connection(("127.0.0.1", 443), timeout=LIMIT_S)
            with context.wrap_socket(plain, server_hostname=HTTPS_HOST) as connection:
                connection.sendall(
                    f"GET / HTTP/1.1\r\nHost: {HTTPS_HOST}\r\nConnection: close\r\n\r\n".encode()
                )
                return b"".join(iter(lambda: connection.recv(65536), b""))
        except OSError:
            return b""

    page = until(answer, "the page over https").decode()
    status = Path(f"/proc/{property_of('MainPID', 'bench-https')}/status").read_text()
    user = int(status.partition("\nUid:")[2].split()[0])
    key = Path("/etc/meter-test-bench/https/key.pem").stat()
    return {
        "installed": installed,
        "status": page.split()[1],
        "keeps_to_it": "Strict-Transport-Security:" in page,
        "is_html": "<html" in page,
        "listened_on": listened_on(),
        "is_dynamic_user": user in _DYNAMIC_USERS,
        "key": f"{key.st_uid} {key.st_mode & 0o777:o}",
    }


def each_day() -> dict[str, Any]:
    """What the timers start, started now."""
    target = Path("/srv/back-ups")
    target.mkdir(parents=True)
    chosen = [
        bench("daily", "backup", target, "--same-disk", "--password-stdin", answer="correct horse battery\n"),
        bench("daily", "retention"),
    ]
    ended = {}
    for unit in ("bench-backup", "bench-retention"):
        subprocess.run(["systemctl", "start", unit], capture_output=True, check=False)
        ended[unit] = [property_of("Result", unit), said("journalctl", "-u", unit, "-o", "cat", "-n", "5")]
    return {
        "chosen": chosen,
        "ended": ended,
        "files": [
            f"{path.name.rpartition('Z')[2]} {path.stat().st_mode & 0o777:o}" for path in target.iterdir()
        ],
        "next": [bool(property_of("NextElapseUSecRealtime", f"{unit}.timer")) for unit in ended],
        "told": sorted(asked({"do": "health"})["backup"]),
    }


def main() -> None:
    folder = Path(sys.argv[1])
    listener = socket.create_server(("127.0.0.1", _REFERENCE_PORT))
    threading.Thread(target=answer_zeros, args=(listener,), daemon=True).start()
    OPT.parent.mkdir(exist_ok=True)
    subprocess.run(["mount", "--bind", folder / "opt", OPT.parent], check=True)
    older, newer = sorted(path.name for path in (OPT / "releases").iterdir())
    # A unit has a /proc of its own, in which the machine is no Pi again.
    DROP_IN.parent.mkdir(parents=True)
    DROP_IN.write_text("[Service]\nBindReadOnlyPaths=/run/cpuinfo:/proc/cpuinfo\n")
    CONFIG.parent.mkdir(parents=True)
    CONFIG.write_text((HERE / "installed.toml").read_text())
    report: dict[str, Any] = {"older": older, "newer": newer}

    report["installed"] = install("--release", older)
    if report["installed"]["exit_status"] != 0:
        raise RuntimeError(report["installed"]["said"])
    report["page"], report["modes"] = page(), modes()

    report["run"] = start_run()
    restarts = property_of("NRestarts")
    os.kill(int(property_of("MainPID")), signal.SIGKILL)
    until(lambda: property_of("SubState") != "running", "the end of the process")
    until(lambda: property_of("SubState") != "stop-post", "the end of remove-load")
    report["killed"] = {"lines_before": levels(), **started_again(restarts), "records": records()}

    report["run_again"] = start_run()
    restarts = property_of("NRestarts")
    hold_up_a_loop()
    report["held_up"] = started_again(restarts) | {"said": said("journalctl", "-u", "bench", "-o", "cat")}

    start_run()
    report["refused"] = install("--release", newer) | {"phase": phase()}
    asked({"do": "stop"})
    until(lambda: phase() == "finished", "the end of the run")
    before = records()
    report["upgraded"] = install("--release", newer) | {
        "phase": until(phase, "the socket"),
        "keeps_records": records()[: len(before)] == before,
        "is_config_kept": CONFIG.read_text() == (HERE / "installed.toml").read_text(),
        "copies": sorted(path.name for path in BACKUPS.glob("*/*")),
    }

    report["https"], report["daily"] = over_https(), each_day()

    remove = Path("/run/remove")
    remove.write_bytes((OPT / "remove").read_bytes())
    # What runs from there goes on until it is ended; thousands of files are not worth removing on this machine.
    subprocess.run(["umount", "--lazy", OPT.parent], check=True)
    report["removed"] = {
        "exit_status": subprocess.run(["bash", remove], capture_output=True, check=False).returncode,
        "loaded": property_of("LoadState"),
        "kept": all(path.exists() for path in (CONFIG, STATE / "journal.sqlite", CASES / "casework.sqlite")),
    }
    subprocess.run(["bash", remove, "--purge"], capture_output=True, check=False)
    report["purged"] = {
        "gone": not any(path.exists() for path in (CONFIG, STATE, CASES)),
        "users": [user.pw_name for user in pwd.getpwall() if user.pw_name.startswith("bench")],
        "copies": sorted(path.name for path in BACKUPS.glob("*/*")),
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
