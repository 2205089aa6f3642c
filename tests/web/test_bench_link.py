import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.control.client import ControlRefusedError
from tests.web import canned
from tests.web.staff_bench import PASSWORD, StaffBench
from web import bench_link
from web.bench_link import BenchAwayError, BenchLink


@pytest.fixture
def staff_bench(tmp_path: Path) -> Iterator[StaffBench]:
    bench = StaffBench(tmp_path / "bench.sock", canned.measuring())
    with bench:
        yield bench


def test_each_question_is_asked_of_the_bench_anew(staff_bench: StaffBench) -> None:
    link = BenchLink(str(staff_bench.path))
    token = link.sign_in("P2", PASSWORD)["session"]
    assert link.session(token)["person"] == "P2"  # type: ignore[index]
    link.sign_out(token)
    assert link.session(token) is None


def test_a_refusal_keeps_its_reason(staff_bench: StaffBench) -> None:
    with pytest.raises(ControlRefusedError) as refused:
        BenchLink(str(staff_bench.path)).sign_in("P2", "wrong")
    assert refused.value.reason == "sign_in_wrong"


def test_no_bench_is_said_as_such(tmp_path: Path) -> None:
    with pytest.raises(BenchAwayError) as away:
        BenchLink(str(tmp_path / "nobody.sock")).rule_sets()
    assert not away.value.was_asked


def test_a_bench_that_ends_with_the_question_is_said_as_such(tmp_path: Path) -> None:
    """What it was asked for may go on without it."""

    def end() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(1000)

    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "bench.sock"))
        listener.listen()
        bench = threading.Thread(target=end)
        bench.start()
        with pytest.raises(BenchAwayError) as lost:
            BenchLink(str(tmp_path / "bench.sock")).certificate_sign("D1", ("P2", PASSWORD))
        bench.join()
    assert lost.value.was_asked


def assigned(bench: StaffBench, case: str = "C2026-0001") -> str:
    bench.cases[case] = {
        "case": case, "verifier": "P2", "checker": "P3", "state": "assigned", "handovers": [], "runs": []
    }  # fmt: skip
    return case


def test_names_in_a_case_are_asked_for_once(staff_bench: StaffBench) -> None:
    case = assigned(staff_bench)
    link = BenchLink(str(staff_bench.path))
    for _ in range(2):
        assert link.names("zh", case, {"P2", "P3", None}) == {"P2": "李伟", "P3": "王芳"}
        assert link.names("en", case, {"P2"}) == {"P2": "Li Wei"}
        assert link.names("en", case, {"P2", "P4"}) == {"P2": "Li Wei"}, "it does not name who is not in it"
    assert len(staff_bench.told("case")) == 2
    staff_bench.cases[case]["handovers"] = [{"role": "verifier", "from": "P5", "to": "P2"}]
    assert link.names("en", case, {"P5", "P2"}) == {"P2": "Li Wei", "P5": "Liu Yang"}


def test_a_name_in_one_language_is_shown_in_both(staff_bench: StaffBench) -> None:
    case = assigned(staff_bench)
    staff_bench.persons["P2"]["name"] = {"zh": "", "latin": "Li Wei"}
    link = BenchLink(str(staff_bench.path))
    assert {link.names(language, case, {"P2"})["P2"] for language in ("zh", "en")} == {"Li Wei"}


def test_names_that_nobody_says_are_missing_and_asked_for_again(tmp_path: Path) -> None:
    path = tmp_path / "late.sock"
    link = BenchLink(str(path))
    assert link.names("en", "C2026-0001", {"P2"}) == {}
    with StaffBench(path, canned.measuring()) as bench:
        assert link.names("en", "C2026-0001", {"P2"}) == {}, "it is not assigned yet"
        assigned(bench)
        assert link.names("en", "C2026-0001", {"P2"}) == {"P2": "Li Wei"}


def test_only_so_many_names_are_kept(staff_bench: StaffBench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_link, "MOST_KEPT", 2)
    case = assigned(staff_bench)
    link = BenchLink(str(staff_bench.path))
    link.persons(link.sign_in("P1", PASSWORD)["session"])
    assert len(link._kept._names) == 2
    for number in range(5):
        assigned(staff_bench, other := f"C2026-{number:04d}")
        link.names("en", other, {"P99"})
    assert len(link._kept._unknown) == 2
    assert link.names("en", case, {"P2", "P3"}) == {"P2": "Li Wei", "P3": "Wang Fang"}
