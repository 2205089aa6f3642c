import json
from collections.abc import Iterator

from bench.control.client import apply_patch
from tests.web import canned
from tests.web.fake_bench import FakeBench
from web.stream import ASKED_EVERY_S, LONGEST_STREAM_S, RETRY_MS, event, live, while_in


def events(response) -> Iterator[tuple[str, dict]]:
    """The events of a stream as they come; what is no event (a comment, a retry time) is left out."""
    for chunk in response.iter_encoded():
        lines = dict(line.split(": ", 1) for line in chunk.decode().splitlines() if ": " in line[1:])
        if "event" in lines:
            yield lines["event"], json.loads(lines["data"])


def test_the_first_bytes_are_a_comment_so_that_headers_leave_at_once(site) -> None:
    response = site().test_client().get("/stream?lang=en")
    assert next(response.iter_encoded()).decode() == f": connected\nretry: {RETRY_MS}\n\n"
    assert response.content_type.startswith("text/event-stream")
    response.close()


def test_a_viewer_gets_the_whole_screen_and_then_only_what_changed(site, bench: FakeBench) -> None:
    response = site().test_client().get("/stream?view=auto&lang=en")
    stream = events(response)
    name, snapshot = next(stream)
    assert name == "snapshot"
    assert snapshot["screen"]["pulses"] == 29
    bench.change({"positions": {"1": {"pulses": 30}}})
    name, change = next(item for item in stream if item[0] == "change")
    assert change["patch"]["pulses"] == 30
    assert set(change["patch"]["fragments"]) == {"lamp", "now"}
    assert "30" in apply_patch(snapshot["screen"], change["patch"])["fragments"]["lamp"]
    response.close()


def test_a_quiet_stream_has_a_heartbeat_that_says_how_old_the_data_are(site) -> None:
    response = site(canned.measuring()).test_client().get("/stream?lang=en")
    _, beat = next(item for item in events(response) if item[0] == "heartbeat")
    assert beat["connected"] is True
    assert beat["age_s"] >= 0.9
    response.close()


def test_beyond_the_places_for_viewers_a_stream_says_that_it_is_full(site) -> None:
    client = site(viewers=1).test_client()
    first = client.get("/stream?lang=en")
    second = client.get("/stream?lang=en")
    assert [name for name, _ in events(second)] == ["full"]
    assert client.get("/").status_code == 200
    first.close()
    third = client.get("/stream?lang=en")
    assert next(events(third))[0] == "snapshot"
    third.close()


def test_a_stream_that_was_never_read_gives_its_place_back(site) -> None:
    client = site(viewers=1).test_client()
    for _ in range(3):
        client.get("/stream").close()
    last = client.get("/stream")
    assert next(events(last))[0] == "snapshot"
    last.close()


def test_a_stream_ends_after_its_longest_time(site) -> None:
    feed = site().extensions["feed"]
    began = feed.now_s()
    times = iter([began, began, began, began + LONGEST_STREAM_S])
    feed.now_s = lambda: next(times, began + LONGEST_STREAM_S)
    assert len(list(live(feed, lambda moment: {}))) == 2


def test_streams_end_when_the_process_ends(site) -> None:
    app = site()
    response = app.test_client().get("/stream")
    stream = events(response)
    assert next(stream)[0] == "snapshot"
    app.extensions["feed"].close()
    # The lost connection may still be told; then the stream is over, without waiting for a heartbeat.
    assert [name for name, _ in stream] in ([], ["change"], ["change", "heartbeat"], ["heartbeat"])


def test_a_stream_ends_soon_after_who_watches_is_in_no_longer() -> None:
    """In virtual time: with each event a fifth of a second passes, and it is not asked with each."""
    now_s, left_at_s = [100.0], 107.1
    asked_at_s: list[float] = []

    def events() -> Iterator[str]:
        while True:
            now_s[0] += 0.2
            yield "event: heartbeat\n\n"

    def is_in() -> bool:
        asked_at_s.append(now_s[0])
        return now_s[0] < left_at_s

    said = list(while_in(events(), is_in, lambda: now_s[0]))
    assert said[-1] == event("over", {})
    assert said[:-1] == ["event: heartbeat\n\n"] * (len(said) - 1)
    assert now_s[0] - left_at_s <= ASKED_EVERY_S + 0.2
    assert len(asked_at_s) == 3
