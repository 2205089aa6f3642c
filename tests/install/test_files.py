"""What the installation puts in place fits together: units, configuration, scripts. Nothing is installed here.

Installing, starting, killing, upgrading and removing is done in the virtual machine (tests/hil).
"""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import tomllib
from contextlib import closing
from pathlib import Path

import pytest

from bench.appliance import https
from bench.appliance.front import CHAIN, KEY
from bench.commands.web_cli import web as bench_web
from bench.configuration.config import load_config
from tests.appliance.commands import typed
from tests.install.exposure import MOST_EXPOSED, exposure
from tests.install.units import SYSTEMD, settings

UNITS = tuple(MOST_EXPOSED)
SCRIPTS = ("install", "remove", "wheels")
CHOSEN = ("bench-https.socket", "bench-backup.timer", "bench-retention.timer")
"""Shipped, and switched on by the laboratory."""


def words_of(unit: str, key: str) -> set[str]:
    return {word for name, value in settings(unit) if name == key for word in value.split()}


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
@pytest.mark.parametrize("unit", MOST_EXPOSED)
def test_the_unit_is_as_closed_as_it_must_be(unit: str) -> None:
    assert exposure(SYSTEMD / unit) <= MOST_EXPOSED[unit]


def test_the_installed_configuration_is_read_and_its_paths_are_those_of_the_unit() -> None:
    config = load_config(SYSTEMD / "bench.toml")
    assert set(config.drivers) == {"sim"}, "a bench that is not wired yet must not seem to be one"
    assert f"/var/lib/{dict(settings('bench.service'))['StateDirectory']}" == str(config.state_dir)
    assert f"/run/{dict(settings('bench.service'))['RuntimeDirectory']}" == str(config.socket_path.parent)


def test_only_the_measuring_process_comes_to_the_journal() -> None:
    measuring, web = dict(settings("bench.service")), dict(settings("bench-web.service"))
    assert measuring["StateDirectoryMode"] == "0700"
    assert measuring["User"] != web["User"]
    assert web["InaccessiblePaths"].lstrip("-") == f"/var/lib/{measuring['StateDirectory']}"
    assert web["PrivateDevices"] == "yes"


def test_cases_are_kept_where_only_the_web_process_comes() -> None:
    measuring, web = dict(settings("bench.service")), dict(settings("bench-web.service"))
    assert web["StateDirectoryMode"] == "0700"
    assert web["StateDirectory"] != measuring["StateDirectory"]
    assert ("Environment", f"BENCH_CASEWORK=/var/lib/{web['StateDirectory']}/casework.sqlite") in settings(
        "bench-web.service"
    )
    (option,) = (p for p in bench_web.params if p.name == "casework")
    assert option.envvar == "BENCH_CASEWORK"
    assert web["UMask"] == "0077"


def test_a_back_up_has_every_database_and_the_keys(tmp_path: Path) -> None:
    databases = [tmp_path / "lib" / name for name in ("journal.sqlite", "registry.sqlite")]
    databases.append(tmp_path / "lib-web" / "casework.sqlite")
    for path in databases:
        path.parent.mkdir(exist_ok=True)
        with closing(sqlite3.connect(path)) as database:
            database.execute("CREATE TABLE kept (name TEXT)")
            database.execute("INSERT INTO kept VALUES (?)", (path.name,))
            database.commit()
    (tmp_path / "lib" / "keys").mkdir()
    said = back_up(tmp_path)
    assert (said.returncode, said.stderr) == (0, "")
    assert sorted(path.name for path in (tmp_path / "copy").iterdir()) == [
        "casework.sqlite", "journal.sqlite", "keys", "registry.sqlite",
    ]  # fmt: skip
    for path in databases:
        with closing(sqlite3.connect(tmp_path / "copy" / path.name)) as copy:
            assert copy.execute("SELECT name FROM kept").fetchone() == (path.name,)
    assert (tmp_path / "copy").stat().st_mode & 0o777 == 0o700


def test_a_back_up_of_what_is_damaged_stops_the_upgrade(tmp_path: Path) -> None:
    (tmp_path / "lib-web").mkdir()
    (tmp_path / "lib-web" / "casework.sqlite").write_bytes(b"no database " * 500)
    assert back_up(tmp_path).returncode == 1


def test_where_there_is_nothing_yet_nothing_is_backed_up(tmp_path: Path) -> None:
    assert back_up(tmp_path).returncode == 0
    assert not (tmp_path / "copy").exists()


def back_up(folder: Path) -> subprocess.CompletedProcess[str]:
    """The function of the installation, by itself."""
    variables = f"set -euo pipefail\npython={sys.executable} data={folder}/lib backup={folder}/copy\n"
    return subprocess.run(
        ["bash", "-c", f"{variables}{function('back_up')}\nback_up || exit 1"],
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_load_is_removed_when_the_process_has_gone_and_by_the_same_configuration() -> None:
    unit = dict(settings("bench.service"))
    program, _, options = unit["ExecStart"].partition(" serve ")
    assert unit["ExecStopPost"] == f"{program}-remove-load {options}"
    assert unit["Type"] == "notify"
    assert 0 < float(unit["WatchdogSec"]) <= 10


def test_the_front_has_nothing_but_what_is_handed_to_it() -> None:
    front = dict(settings("bench-https.service"))
    assert front["DynamicUser"] == "yes"
    assert front["CapabilityBoundingSet"] == ""
    handed = {value for key, value in settings("bench-https.service") if key == "LoadCredential"}
    assert handed == {f"{name}:/{https.FOLDER}/{name}" for name in (CHAIN, KEY)}
    assert words_of("bench-https.service", "InaccessiblePaths") >= {
        "-/var/lib/meter-test-bench", "-/var/lib/meter-test-bench-web", "-/run/meter-test-bench",
    }  # fmt: skip
    port = dict(settings("bench-web.service"))["ExecStart"].rpartition(" ")[2]
    assert front["ExecStart"].endswith(f" -m bench.appliance.front {port}")
    assert ("Environment", "BENCH_HOST=0.0.0.0") in settings("bench-web.service")
    assert "--host ${BENCH_HOST} " in dict(settings("bench-web.service"))["ExecStart"]


def test_behind_https_nothing_but_its_port_is_listened_on() -> None:
    assert [value for key, value in settings("bench-https.socket") if key.startswith("Listen")] == [
        "0.0.0.0:443"
    ]


@pytest.mark.parametrize("what", ["backup", "retention"])
def test_what_is_done_each_day_is_made_up_for_and_has_no_network(what: str) -> None:
    timer, unit = dict(settings(f"bench-{what}.timer")), dict(settings(f"bench-{what}.service"))
    assert timer["Persistent"] == "true"
    assert timer["OnCalendar"].startswith("*-*-* ")
    assert unit["Type"] == "oneshot"
    assert unit["PrivateNetwork"] == "yes"
    assert "WantedBy" not in unit, "the timer starts it, and nothing else"


def test_data_are_deleted_before_they_are_copied() -> None:
    times = [dict(settings(f"bench-{what}.timer"))["OnCalendar"] for what in ("retention", "backup")]
    assert times == sorted(times)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_the_times_are_times() -> None:
    for what in ("backup", "retention"):
        when = dict(settings(f"bench-{what}.timer"))["OnCalendar"]
        subprocess.run(["systemd-analyze", "calendar", when], check=True, capture_output=True)


def test_users_and_groups_of_the_units_are_made() -> None:
    lines = [line.split() for line in (SYSTEMD / "sysusers.conf").read_text().splitlines()]
    made = {line[1] for line in lines if line and line[0] in ("u", "g")}
    for unit in UNITS:
        wanted = words_of(unit, "User") | words_of(unit, "Group") | words_of(unit, "SupplementaryGroups")
        assert wanted <= made
    for line in lines:
        if line and line[0] == "u":
            assert ":" not in " ".join(line), "a colon ends a field of /etc/passwd"


def test_modules_are_loaded_for_the_kinds_of_devices_that_may_be_plugged_in_later() -> None:
    allowed = words_of("bench.service", "DeviceAllow")
    loaded = set((SYSTEMD / "modules.conf").read_text().split())
    for kind, module in {"char-ttyUSB": "usbserial", "char-ttyACM": "cdc_acm"}.items():
        assert kind in allowed
        assert module in loaded


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_scripts_are_whole_and_say_how_they_are_used(script: str) -> None:
    assert subprocess.run(["bash", "-n", SYSTEMD / script], check=False).returncode == 0
    told = subprocess.run([SYSTEMD / script, "--help"], capture_output=True, text=True, check=False)
    assert (told.returncode, told.stderr) == (0, "")
    assert f"/{script}" in told.stdout
    refused = subprocess.run([SYSTEMD / script, "--nonsense"], capture_output=True, text=True, check=False)
    assert refused.returncode == 2


@pytest.mark.parametrize(
    "options",
    [
        ("install", "--wheels", "/a stick that is not in"),
        ("install", "--wheels"),
        ("install", "--root"),
        ("install", "--release"),
        ("remove", "--root", "/a card that is not in"),
        ("remove", "--root"),
        ("wheels", "--machine"),
        ("wheels", "--python"),
        ("wheels",),
    ],
)
def test_an_option_without_what_it_needs_is_refused_once(options: tuple[str, ...]) -> None:
    script, *given = options
    refused = subprocess.run(
        [SYSTEMD / script, *given], capture_output=True, text=True, check=False, timeout=20
    )
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.count("\n") == 1


def test_a_folder_that_is_no_wheelhouse_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    card, stick = tmp_path / "card", tmp_path / "stick"
    stick.mkdir()
    install = [SYSTEMD / "install", "--root", card, "--wheels", stick]
    refused = subprocess.run(install, capture_output=True, text=True, check=False)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert f"{stick} holds no wheel of this program" in refused.stderr
    assert not card.exists()


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="needs shellcheck")
def test_shellcheck_has_nothing_to_say() -> None:
    scripts = [SYSTEMD / script for script in SCRIPTS]
    said = subprocess.run(
        ["shellcheck", *scripts, SYSTEMD.parent / "dev"], capture_output=True, text=True, check=False
    )
    assert said.stdout == ""


def test_what_was_kept_can_be_purged_when_the_units_are_gone(tmp_path: Path) -> None:
    kept = [
        tmp_path / "etc/meter-test-bench/bench.toml",
        tmp_path / "var/lib/meter-test-bench/journal.sqlite",
        tmp_path / "var/lib/meter-test-bench-web/casework.sqlite",
    ]
    for path in kept:
        path.parent.mkdir(parents=True)
        path.touch()
    remove = [SYSTEMD / "remove", "--root", tmp_path]
    subprocess.run(remove, check=True, capture_output=True)
    assert all(path.exists() for path in kept)
    subprocess.run([*remove, "--purge"], check=True, capture_output=True)
    assert not any(path.exists() for path in kept)


def function(name: str) -> str:
    """Of the script that installs."""
    script = (SYSTEMD / "install").read_text()
    begin = script.index(f"{name}() {{")
    return script[begin : script.index("\n}\n", begin) + 3]


@pytest.mark.skipif(shutil.which("systemctl") is None, reason="needs systemctl")
def test_what_the_laboratory_has_chosen_stays_on_over_an_upgrade_and_goes_with_the_program(
    tmp_path: Path,
) -> None:
    card, units = tmp_path / "card", tmp_path / "card/etc/systemd/system"
    newer = tmp_path / "newer"
    newer.mkdir()
    (newer / "systemd").symlink_to(SYSTEMD)
    variables = f"set -euo pipefail\nroot={card} here={SYSTEMD} release={newer}\n"
    variables += "config=$root/etc/meter-test-bench/bench.toml\n"
    parts = "".join(
        function(name)
        for name in (
            "on_this_machine",
            "install_file",
            "ships",
            "take_https_off",
            "install_files",
            "chosen_units",
            "enable_units",
        )
    )
    put_in_place = ["bash", "-c", f"{variables}{parts}install_files\nenable_units\n"]
    subprocess.run(put_in_place, check=True, capture_output=True)
    assert all((units / unit).is_file() for unit in (*UNITS, *CHOSEN))
    assert not (units / "timers.target.wants").exists(), "nothing of it is on by itself"

    (card / "srv").mkdir()
    typed(card, "daily", "backup", "/srv", "--without-keys")
    typed(card, "daily", "retention")
    wanted = [units / f"timers.target.wants/{unit}" for unit in CHOSEN[1:]]
    # As after `remove` without --purge, and an installation.
    for link in wanted:
        link.unlink()
    subprocess.run(put_in_place, check=True, capture_output=True)
    assert all(link.is_symlink() for link in wanted)
    assert not (units / "sockets.target.wants").exists()

    older = tmp_path / "older/systemd"
    shutil.copytree(SYSTEMD, older, ignore=shutil.ignore_patterns("bench-backup.*"))
    back = [*put_in_place[:2], put_in_place[2].replace(f"release={newer}", f"release={older.parent}")]
    subprocess.run(back, check=True, capture_output=True)
    assert not list(units.glob("bench-backup.[st]*r")), "of a release that does not ship it"
    subprocess.run(put_in_place, check=True, capture_output=True)
    assert all(link.is_symlink() for link in wanted)

    subprocess.run([SYSTEMD / "remove", "--root", card], check=True, capture_output=True)
    assert not any((units / unit).exists() for unit in (*UNITS, *CHOSEN))
    assert not any(link.is_symlink() for link in wanted)
    assert (units / "bench-backup.service.d").is_dir()
    profile = card / "etc/NetworkManager/system-connections/meter-test-bench.nmconnection"
    profile.parent.mkdir(parents=True)
    profile.write_text("psk=secret")
    subprocess.run([SYSTEMD / "remove", "--root", card, "--purge"], check=True, capture_output=True)
    assert not profile.exists()
    assert list(units.glob("bench*")) == []


ROOT = SYSTEMD.parent
_SOURCES = ("calibration", "firmware_io", "bench", "web")


def test_everything_that_the_packages_are_made_of_is_installed() -> None:
    """A package or a file that is not named in pyproject.toml works in a checkout and is missing on the bench."""
    setuptools = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
    installed = {
        path
        for package, patterns in setuptools["package-data"].items()
        for pattern in patterns
        for path in (ROOT / package.replace(".", "/")).glob(pattern)
    }
    there = [path for source in _SOURCES for path in (ROOT / source).rglob("*") if path.is_file()]
    code = {path for path in there if path.suffix == ".py"}
    packages = {".".join(path.parent.relative_to(ROOT).parts) for path in code}
    assert packages - set(setuptools["packages"]) == set()
    assert {path for path in there if "__pycache__" not in path.parts} - code - installed == set()
