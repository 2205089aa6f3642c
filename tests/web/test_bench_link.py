from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.control.client import ControlRefusedError
from tests.web import canned
from tests.web.staff_bench import PASSWORD, StaffBench
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
    with pytest.raises(BenchAwayError):
        BenchLink(str(tmp_path / "nobody.sock")).rule_sets()
