"""The health of the appliance: the page for the staff, figures for a collector, and who may collect them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask, g
from flask.testing import FlaskClient
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from bench.appliance.certificates import facts_of
from bench.errors import OperatorError
from bench.measurement.acquisition import EdgeLoop, PollLoop
from bench.safety.liveness import CONTROL, JOURNAL, RUNNER
from bench.safety.panel_loop import PanelLoop
from tests.appliance.authority import HOST, Authority
from tests.web import canned
from tests.web.at_a_desk import AtADesk
from tests.web.conftest import wait_for
from tests.web.staff_bench import StaffBench
from web import create_app
from web.feed import Feed
from web.operation.certificate import certificate_until
from web.operation.collectors import LEAST_CHARACTERS, Collectors
from web.operation.metrics import exposition
from web.operation.rows import Seen, rows_of
from web.page_files import PageFiles
from web.serve import close
from web.texts import text

TOKEN = "0123456789abcdef" * 3
NOBODY = Seen(
    bench=None, state=None, is_connected=False, age_s=None, viewers=0, most_viewers=1, version="0.1.0",
    free_bytes=None, now=datetime(2026, 11, 26, tzinfo=UTC), certificate_until=None,
    is_https=False,
)  # fmt: skip
ELSEWHERE = {"REMOTE_ADDR": "192.168.4.20"}


def merged(into: dict[str, Any], change: dict[str, Any]) -> None:
    for key, value in change.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            merged(into[key], value)
        else:
            into[key] = value


def rows(page: str) -> dict[str, tuple[str, str]]:
    """Name of each line -> its level and all its words."""
    found = {}
    for level, inner in re.findall(r'<li class="health-row level-(\w+)">(.*?)</li>', page, re.S):
        name = re.search(r'class="health-name">([^<]*)<', inner)
        assert name
        found[name.group(1)] = (level, re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", inner)))
    return found


def samples(text: str) -> dict[tuple[str, ...], float]:
    """Name and the values of its labels -> value."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_bench_in_order_is_all_good(clerk: AtADesk, language: str) -> None:
    page = clerk.client.get(f"/office/health?lang={language}").text
    levels = {name: level for name, (level, _) in rows(page).items()}
    # Of the bench of these tests the clock input and the sensor are not there.
    wrong = {name for name, level in levels.items() if level in ("note", "bad")}
    assert not wrong
    assert len(levels) > 15
    assert "54.1" in page
    assert "SN" not in rows(page)


@pytest.mark.parametrize(("change", "row", "level"), [
    ({"silent": ["reference"]}, "Measuring process", "bad"),
    ({"silent": ["reference"]}, "Loop: reference", "bad"),
    ({"lines": {"1": {"lost": 3}}}, "Pulse line 1", "note"),
    ({"reference": {"failed": {"reference_silent": 12}}}, "Polls of the reference", "note"),
    ({"journal": {"refused": 1}}, "Journal", "bad"),
    ({"journal": {"is_failing": True}}, "Journal", "bad"),
    ({"journal": {"waiting": 6000}}, "Journal", "note"),
    ({"clock": {"is_disciplined": False}}, "Date and time of the computer", "note"),
    ({"machine": {"is_undervolted": True}}, "Supply of the computer", "bad"),
    ({"machine": {"temperature_C": "70.0"}}, "Temperature of the processor", "note"),
    ({"machine": {"temperature_C": "80.0"}}, "Temperature of the processor", "bad"),
    ({"disk": {"free_MB": "900"}}, "Disk", "note"),
    ({"disk": {"free_MB": "199"}}, "Disk", "bad"),
    ({"software": {"version": "0.0.9"}}, "Software", "note"),
    ({"backup": {"failed": "2026-11-25T12:30:00+00:00"}}, "Back-up", "note"),
    ({"backup": {"made": "2026-11-01T12:30:00+00:00"}}, "Back-up", "bad"),
    ({"backup": {"made": "2031-11-01T12:30:00+00:00"}}, "Back-up", "note"),
])  # fmt: skip
def test_what_is_wrong_is_said_in_its_line(
    clerk: AtADesk, staff_bench: StaffBench, change: dict[str, Any], row: str, level: str
) -> None:
    merged(staff_bench.health, change)
    assert rows(clerk.client.get("/office/health?lang=en").text)[row][0] == level


def test_what_is_on_the_page_more_than_once_is_told_apart(clerk: AtADesk, staff_bench: StaffBench) -> None:
    state = canned.two_positions()
    state["faults"] = [
        {"at_s": "3.0", "position": "2", "point": "0", "attempt": 1, "reason": "pulse_missing", "values": {}},
        {
            "at_s": "5.0",
            "position": None,
            "point": "0",
            "attempt": 1,
            "reason": "load_unsteady",
            "values": {},
        },
    ]
    staff_bench.set_state(state)
    wait_for(clerk.client.application.extensions["feed"], lambda moment: moment.state == state)
    shown = rows(clerk.client.get("/office/health?lang=en").text)
    assert "Position 2: A flash was missed" in shown["Faults"][1]
    assert ": The load moved" not in shown["Faults"][1], "of all of them"
    assert {
        "Position 1: Pulses",
        "Position 2: Pulses",
        "Bench clock",
        "Date and time of the computer",
    } <= set(shown)
    assert {"表位 1：脉冲", "装置时钟"} <= set(rows(clerk.client.get("/office/health?lang=zh").text))


@pytest.mark.parametrize("name", [EdgeLoop.name, PollLoop.name, PanelLoop.name, RUNNER, JOURNAL, CONTROL])
def test_a_loop_that_stands_has_a_name_in_both_languages(
    clerk: AtADesk, staff_bench: StaffBench, name: str
) -> None:
    assert f"operation.loop_{name}" in text
    staff_bench.health["silent"] = [name]
    for language in ("zh", "en"):
        said = rows(clerk.client.get(f"/office/health?lang={language}").text)
        assert any(text(f"operation.loop_{name}", language) in words for _, words in said.values())


def test_what_this_computer_does_not_tell_is_not_called_good(clerk: AtADesk, staff_bench: StaffBench) -> None:
    staff_bench.health["machine"] = {}
    shown = rows(clerk.client.get("/office/health?lang=en").text)
    assert shown["Supply of the computer"][0] == shown["Temperature of the processor"][0] == "none"


def test_a_bench_that_gives_no_figures_is_said_and_the_rest_is_shown(
    clerk: AtADesk, staff_bench: StaffBench
) -> None:
    staff_bench.refuse("health", "busy", "too many wait")
    shown = rows(clerk.client.get("/office/health?lang=en").text)
    assert shown["Measuring process"][0] == "bad"
    assert shown["Live viewers"][0] == "good"


@pytest.mark.parametrize(("is_connected", "age_s", "is_true"), [
    (True, 0.2, True), (True, 4.9, True), (True, 5.1, False), (False, 0.2, False),
])  # fmt: skip
def test_what_a_bench_said_that_is_silent_now_is_not_shown_as_how_it_is(
    service: Flask, is_connected: bool, age_s: float, is_true: bool
) -> None:
    seen = replace(NOBODY, state=canned.measuring(), is_connected=is_connected, age_s=age_s)
    with service.test_request_context():
        g.language = "en"
        names = [row.name for row in rows_of(seen)[0].rows]
    assert names[0] == "Bench"
    assert ("Reference" in names) is is_true


@pytest.mark.parametrize(("free_bytes", "level", "said"), [
    (49_000_000, "bad", "full, what customers write cannot be kept"), (499_000_000, "note", "nearly full"),
    (501_000_000, "good", "enough room"),
])  # fmt: skip
def test_a_disk_of_cases_that_is_full_is_not_called_good(
    service: Flask, free_bytes: int, level: str, said: str
) -> None:
    with service.test_request_context("/?lang=en"):
        g.language = "en"
        found = [row for part in rows_of(replace(NOBODY, free_bytes=free_bytes)) for row in part.rows]
    (row,) = [row for row in found if row.name == "Disk of the cases"]
    assert row.level == level
    assert said in row.word


def test_a_bench_without_a_back_up_is_told_so(clerk: AtADesk, staff_bench: StaffBench) -> None:
    for backup in ({}, None):
        if backup is None:
            # Of a measuring process that is older than the pages.
            del staff_bench.health["backup"]
        else:
            staff_bench.health["backup"] = backup
        level, words = rows(clerk.client.get("/office/health?lang=en").text)["Back-up"]
        assert (level, "none was made yet" in words) == ("note", True)


@pytest.mark.parametrize(("days", "level", "said"), [
    (31, "good", "31 days left"), (29, "note", "29 days left"), (6, "bad", "6 days left"), (-1, "bad", "expired"),
])  # fmt: skip
def test_how_long_the_certificate_of_https_lasts_is_said(
    service: Flask, tmp_path: Path, days: int, level: str, said: str
) -> None:
    now = datetime(2026, 11, 26, 18, tzinfo=UTC)
    made = Authority.root().issue(
        ec.generate_private_key(ec.SECP256R1()).public_key(), HOST,
        begins=now - timedelta(days=90), ends=now + timedelta(days=days, hours=1),
    )  # fmt: skip
    path = tmp_path / "chain.pem"
    path.write_bytes(made)
    seen = replace(NOBODY, now=now, certificate_until=certificate_until(path), is_https=True)
    with service.test_request_context():
        g.language = "en"
        (row,) = [row for part in rows_of(seen) for row in part.rows if row.name == "Certificate of https"]
    assert (str(row.level), said in row.word) == (level, True)
    found = samples(exposition(seen).decode())
    assert found["bench_https_certificate_end_seconds",] == (now + timedelta(days=days, hours=1)).timestamp()


def test_one_between_that_ends_before_the_certificate_is_what_counts(tmp_path: Path) -> None:
    now = datetime(2026, 11, 26, 18, tzinfo=UTC)
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    own, between = (
        Authority.root().issue(key, HOST, begins=now, ends=now + timedelta(days=days)) for days in (300, 10)
    )
    path = tmp_path / "chain.pem"
    path.write_bytes(own + between)
    assert certificate_until(path) == facts_of(path).until == now + timedelta(days=10)


def test_a_certificate_of_https_that_the_pages_cannot_read_is_said(service: Flask) -> None:
    with service.test_request_context():
        g.language = "en"
        found = [row for part in rows_of(replace(NOBODY, is_https=True)) for row in part.rows]
    (row,) = [row for row in found if row.name == "Certificate of https"]
    assert (str(row.level), "cannot be read" in row.word) == ("bad", True)


def test_without_https_nothing_is_said_of_its_certificate(service: Flask, tmp_path: Path) -> None:
    assert certificate_until(None) is certificate_until(tmp_path / "none.pem") is None
    (tmp_path / "other.pem").write_text("no certificate")
    assert certificate_until(tmp_path / "other.pem") is None
    assert "bench_https_certificate_end_seconds" not in exposition(NOBODY).decode()


def test_a_collector_gets_the_same_figures(service: Flask, staff_bench: StaffBench) -> None:
    answer = service.test_client().get("/metrics")
    assert answer.content_type.startswith("application/openmetrics-text")
    found = samples(answer.text)
    assert found["bench_answers",] == 1
    assert found["bench_edges_total", "1"] == 3204
    assert found["bench_loop_turns_total", "reference"] == 937_200
    assert found["bench_loop_silent", "edges"] == 0
    assert found["bench_journal_commit_seconds_count",] == 40
    assert found["bench_journal_commit_seconds_sum",] == 0.48
    assert found["bench_machine_temperature_celsius",] == 54.1
    assert found["bench_machine_undervolted",] == 0
    assert found["bench_disk_free_bytes",] == 21e9
    assert found["bench_backup_made_seconds",] == datetime(2026, 11, 24, 12, 30, tzinfo=UTC).timestamp()
    assert found["bench_backup_failed",] == 0
    assert found["bench_web_viewers",] == 0
    assert found["bench_reference_latency_seconds",] > 0
    told = next(set(name) for name in found if name[0] == "bench_software_info")
    assert told >= {"0.1.0", "3.11.2", "ab" * 32, "cd" * 32}
    staff_bench.health |= {"silent": ["runner"], "machine": {}}
    found = samples(service.test_client().get("/metrics").text)
    assert found["bench_loop_silent", "runner"] == 1
    assert ("bench_machine_undervolted",) not in found


@pytest.mark.parametrize("phase", ["idle", "finished", "measuring"])
def test_a_bench_that_says_nothing_any_more_is_known_by_its_age_whatever_it_did(
    service: Flask, staff_bench: StaffBench, phase: str
) -> None:
    feed: Feed = service.extensions["feed"]
    # It may be in this phase already: what comes after the moment that is waited for would be younger.
    staff_bench.change({"phase": phase, "ends_in_s": "61"})
    heard = wait_for(feed, lambda m: m.state is not None and m.state["ends_in_s"] == "61")
    feed.now_s = lambda: heard.heard_at_s + 60.0
    assert service.test_client().get("/health").json == {"connected": True, "age_s": 60.0}
    assert samples(service.test_client().get("/metrics").text)["bench_state_age_seconds",] == 60.0


def test_what_a_bench_said_before_it_went_is_no_figure(service: Flask, staff_bench: StaffBench) -> None:
    staff_bench.refuse("health", "busy", "it does not answer")
    found = samples(service.test_client().get("/metrics").text)
    assert found["bench_answers",] == 0
    assert ("bench_reference_latency_seconds",) not in found


def test_no_figure_says_whose_meter_it_is(service: Flask, staff_bench: StaffBench) -> None:
    serial = canned.measuring()["positions"]["1"]["serial"]
    text = service.test_client().get("/metrics").text
    assert serial not in text
    assert not any(person["name"]["latin"] in text for person in staff_bench.persons.values())


def test_without_a_bench_its_figures_are_missing_and_that_is_a_figure(tmp_path: Path) -> None:
    app = create_app(str(tmp_path / "nobody.sock"))
    try:
        found = samples(app.test_client().get("/metrics").text)
    finally:
        close(app)
    assert found["bench_answers",] == 0
    assert not any(name[0].startswith("bench_loop") for name in found)


def test_viewers_are_counted(service: Flask) -> None:
    with service.test_client() as viewer:
        stream = viewer.get("/stream", buffered=False)
        next(iter(stream.response))
        assert samples(viewer.get("/metrics").text)["bench_web_viewers",] == 1
        stream.close()
        assert samples(viewer.get("/metrics").text)["bench_web_viewers",] == 0


@pytest.mark.parametrize(("headers", "overrides", "status"), [
    ({}, {}, 200),
    ({}, {"REMOTE_ADDR": "::1"}, 200),
    ({}, ELSEWHERE, 403),
    ({"X-Forwarded-For": "127.0.0.1"}, ELSEWHERE, 403),
    ({"X-Forwarded-For": "192.168.4.20"}, {}, 403),
    ({"Via": "1.1 proxy"}, {}, 403),
    ({}, {"wsgi.url_scheme": "https"}, 403),
    ({"Authorization": f"Bearer {TOKEN}"}, ELSEWHERE, 403),
])  # fmt: skip
def test_without_a_token_only_this_machine_collects_and_never_through_a_proxy(
    service: Flask, headers: dict[str, str], overrides: dict[str, str], status: int
) -> None:
    answer = service.test_client().get("/metrics", headers=headers, environ_overrides=overrides)
    assert answer.status_code == status
    assert status == 200 or ("令牌" in answer.text and "docs/operation.md" in answer.text)


@pytest.fixture
def guarded(staff_bench: StaffBench, tmp_path: Path) -> Any:
    """A web with a token for collectors."""
    path = tmp_path / "token"
    path.write_text(TOKEN + "\n")
    app = create_app(str(staff_bench.path), files=PageFiles(metrics_token=path))
    yield app.test_client()
    close(app)


@pytest.mark.parametrize(("sent", "status"), [
    (f"Bearer {TOKEN}", 200), (f"Bearer {TOKEN}x", 403), (TOKEN, 403), ("", 403), ("Bearer ü", 403),
])  # fmt: skip
def test_with_a_token_it_alone_counts(guarded: FlaskClient, sent: str, status: int) -> None:
    for overrides in ({}, ELSEWHERE, {"wsgi.url_scheme": "https"}):
        answer = guarded.get("/metrics", headers={"Authorization": sent}, environ_overrides=overrides)
        assert answer.status_code == status


def test_a_token_that_can_be_guessed_or_is_not_there_is_refused(tmp_path: Path) -> None:
    short = tmp_path / "short"
    short.write_text("x" * (LEAST_CHARACTERS - 1) + "\n")
    for path, said in ((short, "openssl rand"), (tmp_path / "none", "cannot be read")):
        with pytest.raises(OperatorError, match=said):
            Collectors.of(path)
