import json
import socket
from pathlib import Path

import pytest

from tests.web import canned
from tests.web.conftest import wait_for
from tests.web.fake_bench import FakeBench
from web.feed import Feed, Moment


@pytest.fixture
def feed(bench: FakeBench):
    feed = Feed(str(bench.path))
    feed.start()
    wait_for(feed, lambda moment: moment.is_connected)
    yield feed
    feed.close()


def test_a_change_is_applied_to_the_snapshot(bench: FakeBench, feed: Feed) -> None:
    bench.change({"positions": {"1": {"pulses": 28}}})
    moment = wait_for(feed, lambda m: m.state["positions"]["1"]["pulses"] == 28)
    assert moment.state == bench.state


def test_the_state_a_viewer_holds_does_not_change_under_it(bench: FakeBench, feed: Feed) -> None:
    held = feed.latest().state
    bench.change({"positions": {"1": {"pulses": 28}}})
    wait_for(feed, lambda m: m.state is not held)
    assert held["positions"]["1"]["pulses"] == 29


def test_a_lost_connection_is_noticed_and_made_again(bench: FakeBench, feed: Feed) -> None:
    bench.replace(canned.idle())
    wait_for(feed, lambda m: not m.is_connected)
    assert wait_for(feed, lambda m: m.is_connected).state["phase"] == "idle"


def test_a_gap_in_the_changes_leads_to_a_new_snapshot(bench: FakeBench, feed: Feed) -> None:
    bench.say({"type": "change", "seq": 99, "patch": {"phase": "nonsense"}})
    wait_for(feed, lambda m: not m.is_connected)
    assert wait_for(feed, lambda m: m.is_connected).state["phase"] == "measuring"


NO_MESSAGES = [
    {"type": "snapshot"},
    {"type": "change", "seq": 1},
    {"type": "snapshot", "state": {}},
    [],
]


@pytest.mark.parametrize("message", NO_MESSAGES)
def test_a_message_that_is_none_does_not_end_the_feed(bench: FakeBench, feed: Feed, message: object) -> None:
    bench.say(message)
    wait_for(feed, lambda m: not m.is_connected)
    wait_for(feed, lambda m: m.is_connected and m.state["phase"] == "measuring")


def test_a_bench_that_starts_later_is_found(socket_path: Path) -> None:
    feed = Feed(str(socket_path))
    feed.start()
    assert feed.latest().state is None
    with FakeBench(socket_path, canned.idle()):
        wait_for(feed, lambda m: m.is_connected)
        feed.close()


def test_closing_wakes_a_viewer_that_waits_and_a_read_that_blocks(bench: FakeBench, feed: Feed) -> None:
    feed.close()
    assert feed.is_closed
    assert feed.wait_after(feed.latest().version, timeout_s=1e6) == feed.latest()


def test_the_feed_only_ever_subscribes(tmp_path: Path) -> None:
    """The page is read-only: nothing but one line goes to the bench."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        listener.listen()
        feed = Feed(str(tmp_path / "s"))
        feed.start()
        connection, _ = listener.accept()
        with connection:
            assert json.loads(connection.recv(1000)) == {"do": "subscribe"}
            feed.close()
            assert connection.recv(1000) == b""


def test_a_measuring_bench_that_says_nothing_grows_old() -> None:
    moment = Moment(1, canned.measuring(), True, heard_at_s=100.0)
    assert moment.age_s(107.5) == 7.5


def test_an_idle_bench_that_is_connected_is_not_old() -> None:
    assert Moment(1, canned.idle(), True, heard_at_s=100.0).age_s(500.0) == 0.0
    assert Moment(1, canned.idle(), False, heard_at_s=100.0).age_s(500.0) == 400.0


def test_who_watches_over_an_idle_bench_is_told_when_it_last_said_anything() -> None:
    assert Moment(1, canned.idle(), True, heard_at_s=100.0).silent_s(500.0) == 400.0


def test_a_bench_that_was_never_heard_has_no_age() -> None:
    assert Moment().age_s(5.0) is None
    assert Moment().silent_s(5.0) is None
