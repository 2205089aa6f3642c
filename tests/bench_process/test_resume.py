"""A run that was interrupted is gone on with: what is valid is taken over, what is not is measured again."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from bench.app import open_bench, replay_run
from bench.configuration.config import parse_config
from bench.errors import InstrumentError, OperatorError
from calibration.quantities import Kind, Outcome
from tests.bench_process.forging import forge, open_without_triggers
from tests.bench_process.support import BENCH, PLAN, plan_of, virtual_bench

TWO_POINTS = PLAN.replace("load_points", "repeats_of_invalid = 0\nload_points").replace(
    '["Imax 1.0"]', '["Imax 1.0", "Ib 1.0"]'
)
EARLIER, LATER = "run-000001", "run-000002"


@pytest.fixture(scope="module")
def disturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The second load point loses an edge: PASS, INVALID."""
    folder = tmp_path_factory.mktemp("state")
    with virtual_bench(folder, 'faults = ["lost_edge@12#2"]') as bench:
        summary = bench.run(plan_of(TWO_POINTS))
    assert [r["verdict"] for r in summary.results["1"].values()] == ["PASS", "INVALID"]
    return folder


@pytest.fixture
def state_dir(disturbed: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(disturbed, tmp_path / "state"))


@pytest.fixture(scope="module")
def gone_on(disturbed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(shutil.copytree(disturbed, tmp_path_factory.mktemp("gone-on") / "state"))
    with virtual_bench(folder) as bench:
        checked = plan_of(TWO_POINTS)
        bench.run(checked, "1")
    return folder


def test_only_what_is_not_valid_is_measured_again(state_dir: Path) -> None:
    with virtual_bench(state_dir) as bench:
        checked = plan_of(TWO_POINTS)
        summary = bench.run(checked, EARLIER)
        kinds = [r.kind for r in bench.recorder.read(0, 1000) if r.run_id == summary.run_id]
    assert summary.verdict is Outcome.PASS
    assert kinds.count("window") == 1
    assert summary.results["1"]["0"]["taken_over"]
    found = replay_run(state_dir, summary.run_id)
    assert (found.results, found.differences) == (1, ())


def test_a_run_that_went_on_is_gone_on_with(gone_on: Path, tmp_path: Path) -> None:
    state_dir = Path(shutil.copytree(gone_on, tmp_path / "state"))
    with virtual_bench(state_dir) as bench:
        checked = plan_of(TWO_POINTS)
        going_on = bench.prepare(checked, "2")
        assert len(going_on.briefing.taken_over) == 2
        summary = bench.carry_out(going_on)
    assert replay_run(state_dir, summary.run_id).differences == ()


def refusal(state_dir: Path, plan: str = TWO_POINTS, changed: tuple[str, str] = ("", "")) -> str:
    """What going on with the run is refused for; changed: of the configuration."""
    text = BENCH.format(state_dir=state_dir, simulation="").replace(*changed)
    with (
        open_bench(parse_config(text, "bench.toml"), lambda line: None) as bench,
        pytest.raises(OperatorError) as refused,
    ):
        bench.prepare(plan_of(plan), EARLIER)
    assert "\n" not in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("M-1", "M-2", "plan: meter[0]: serial was M-1 and is now M-2"),
        ("minimum_time_s = 20.0", "minimum_time_s = 25.0", "plan: minimum_time_s was 20.0 and is now 25.0"),
        ('"Ib 1.0"', '"Ib 0.5L"', "plan: load_points[1] was Ib 1.0 and is now Ib 0.5L"),
        ('accuracy_class = "1"', 'accuracy_class = "2"', "accuracy_class was 1 and is now 2"),
    ],
)
def test_an_edited_plan_is_refused_by_the_first_key_that_differs(
    state_dir: Path, old: str, new: str, said: str
) -> None:
    assert said in refusal(state_dir, TWO_POINTS.replace(old, new, 1))


def test_comments_of_the_plan_may_differ(state_dir: Path) -> None:
    with virtual_bench(state_dir) as bench:
        assert bench.prepare(plan_of("# the same again\n" + TWO_POINTS), EARLIER).briefing.taken_over


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"SIM-1"', '"SIM-2"', "reference_card: serial was SIM-1 and is now SIM-2"),
        ("calibration_U_pct = 0.02", "calibration_U_pct = 0.01", "reference_card: calibration_U_pct"),
        (
            "[load_source]",
            "[repeatability]\nsd_pct = 0.02\ndegrees_of_freedom = 20.0\n\n[load_source]",
            "pooled_repeatability was None and is now",
        ),
        ("[clock]", "[clock]\nfrequency_U_ppm = 1.0", "clock_frequency_U_ppm was 0.01 and is now 1.0"),
        (
            'profile = "demo-reference"',
            'profile = "demo-reference"\nct_ratio = 2.0',
            "reference_profile: ct_ratio was 1.0 and is now 2.0",
        ),
    ],
)
def test_a_bench_with_other_inputs_is_refused_by_the_first_that_differs(
    state_dir: Path, old: str, new: str, said: str
) -> None:
    assert said in refusal(state_dir, changed=(old, new))


def test_a_simulated_run_gives_nothing_to_one_of_another_kind(
    state_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.app.most_of", lambda config, inputs: Kind.INFORMATIVE)
    assert "kind was simulated and is now informative" in refusal(state_dir)


def test_a_reason_against_official_is_not_lost_by_going_on(
    state_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.run.prepared.why_not_official", lambda *given, **named: ())
    assert "not_official_because was " in refusal(state_dir)


def test_an_unknown_run_names_those_that_are_known(state_dir: Path) -> None:
    with (
        virtual_bench(state_dir) as bench,
        pytest.raises(OperatorError, match="run-000009 is not in this journal; it has run-000001"),
    ):
        bench.prepare(plan_of(TWO_POINTS), "9")


def to_fail(fields: dict[str, Any]) -> None:
    if fields["verdict"] == "PASS":
        fields["verdict"] = "FAIL"


def test_nothing_is_taken_over_from_a_forged_run(state_dir: Path) -> None:
    forge(state_dir, "verdict", to_fail, with_hashes=False)
    assert "run-000001 does not hold, so nothing is taken over from it: record " in refusal(state_dir)


def test_a_journal_forged_with_its_hashes_is_not_gone_on_with(state_dir: Path) -> None:
    forge(state_dir, "verdict", to_fail, with_hashes=True)
    with pytest.raises(InstrumentError, match="is not what its last checkpoint says"):
        refusal(state_dir)


@pytest.mark.parametrize("kind", ["run_started", "window", "verdict"])
@pytest.mark.parametrize("body", [b"{nonsense", b"{}"])
def test_a_damaged_record_is_one_line(state_dir: Path, kind: str, body: bytes) -> None:
    database = open_without_triggers(state_dir)
    with database:
        database.execute("UPDATE record SET body = ? WHERE kind = ?", (body, kind))
    database.close()
    assert "does not hold" in refusal(state_dir)


def forged_later(gone_on: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(gone_on, tmp_path / "state"))


@pytest.mark.parametrize("with_hashes", [False, True])
def test_a_replay_sees_that_the_earlier_run_was_forged(
    gone_on: Path, tmp_path: Path, *, with_hashes: bool
) -> None:
    state_dir = forged_later(gone_on, tmp_path)
    forge(state_dir, "verdict", to_fail, with_hashes=with_hashes, run_id=EARLIER)
    wheres = [d.where for d in replay_run(state_dir, LATER).differences]
    assert any(where.startswith(f"{EARLIER}: record ") for where in wheres)
    assert "taken_over: test point 0, position 1: outcome" in wheres


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (
            lambda f: f["taken_over"][0].update(mean_pct="0.1"),
            "taken_over: test point 0, position 1: mean_pct",
        ),
        (lambda f: f.update(taken_over=[]), "taken_over: test point 0, position 1"),
        (lambda f: f.update(resumes="run-000002"), "resumes"),
        (lambda f: f.update(resumes=["x"]), "resumes"),
        (lambda f: f.update(resumes=None), "taken_over"),
        (lambda f: f.update(clock_frequency_U_ppm="2.0"), f"{EARLIER}: clock_frequency_U_ppm"),
    ],
)
def test_a_replay_sees_that_more_was_taken_over_than_was_given(
    gone_on: Path, tmp_path: Path, change: Any, named: str
) -> None:
    state_dir = forged_later(gone_on, tmp_path)
    forge(state_dir, "run_started", change, with_hashes=True, run_id=LATER)
    assert named in [d.where for d in replay_run(state_dir, LATER).differences]
