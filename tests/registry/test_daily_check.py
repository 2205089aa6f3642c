"""The daily check: results of a check meter from the journal, charts that lock and are released."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from bench.admin import admin
from bench.app import open_bench
from bench.configuration.config import Config
from bench.errors import OperatorError
from bench.ports import ClockState
from bench.registry import equipment, trail
from bench.registry.cards import CardFile, CardKind, CardState
from bench.registry.check_meter_results import check_results
from bench.registry.daily_check import Chart, charts, check_meter, name_base, release, why_not_in_control
from bench.registry.store import reading
from calibration.control_chart import Signal
from calibration.quantities import Finding
from calibration.reasons import Reason
from tests.bench_process.support import bench_config, open_journal, plan_of
from tests.registry.laboratory import PASSWORD, WHEN, Laboratory, laboratory

BASE = [0.30, 0.32, 0.28, 0.31, 0.29, 0.33, 0.27, 0.30, 0.31, 0.29, 0.30, 0.30]
POINT = "Imax 1.0"
FIRST = date(2026, 3, 1)


def day(number: int) -> str:
    return (FIRST + timedelta(days=number)).isoformat()


BASE_DAYS = day(0), day(len(BASE) - 1)


class Diary:
    """A journal with one run a day, of which only what a chart reads is there."""

    def __init__(self, state_dir: Path) -> None:
        self._state_dir = state_dir
        self._days = 0

    def write(self, errors_pct: Sequence[float], **changes: object) -> None:
        """One run each, each on the next day. changes: of what a run is."""
        run = {"serial": "CM-1", "kind": "simulated", "reference": "SIM-1", "verdict": "PASS", "item": "basic_error",
               "is_repeated": False, "load_point": POINT} | changes  # fmt: skip
        clock = ClockState("boot", 0, f"{day(self._days)}T08:00:00+00:00", True, 0.0, "test")
        journal = open_journal(self._state_dir, clock)
        for error_pct in errors_pct:
            clock = dataclasses.replace(clock, wall_time=f"{day(self._days)}T08:00:00+00:00")
            self._days += 1
            run_id = journal.next_run_id()
            journal.append(run_id, "run_started", clock, _started(run))
            mean = {"mean_pct": f"{error_pct:.6f}", "expanded_uncertainty_pct": "0.050000"}
            told = {"verdict": run["verdict"], "is_repeated": run["is_repeated"], "mean": mean}
            for position, point in (("1", 0), ("2", 0)):
                journal.append(run_id, "verdict", clock, {"position": position, "point": point, **told})
            journal.end_run(run_id, clock, {})
        journal.close()


def _started(run: dict[str, object]) -> dict[str, object]:
    return {
        "format": 2,
        "reference_card": {"serial": run["reference"]},
        "station": {"kind": run["kind"]},
        "meters": {"1": {"serial": "SOMEBODY'S"}, "2": {"serial": run["serial"]}},
        "test_points": [{"item": run["item"], "load_point": {"name": run["load_point"]}}],
    }


@pytest.fixture
def lab(tmp_path: Path) -> Laboratory:
    found = laboratory(tmp_path)
    file = CardFile(
        CardKind.CHECK_METER,
        "CM-1",
        "check meter",
        "CM-1",
        found.checker,
        found.verifier,
        load_points=(POINT,),
    )
    equipment.add(tmp_path, found.administrator, file, WHEN)
    return found


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return bench_config(tmp_path)


@pytest.fixture
def diary(tmp_path: Path) -> Diary:
    return Diary(tmp_path)


def chart_of(config: Config) -> Chart:
    with reading(config.state_dir) as database:
        (chart,) = charts(database, config, check_meter(database, "CM-1"))
    return chart


def why(config: Config, today: str) -> list[Finding]:
    with reading(config.state_dir) as database:
        return list(why_not_in_control(database, config, today))


def reasons(config: Config, today: str) -> list[Reason]:
    return [finding.reason for finding in why(config, today)]


def test_the_results_of_the_check_meter_alone_are_on_the_chart(
    config: Config, lab: Laboratory, diary: Diary
) -> None:
    diary.write([0.30])
    for changes in (
        {"serial": "CM-11"},
        {"serial": "M-1"},
        {"kind": "official"},
        {"reference": "SIM-2"},
        {"verdict": "INVALID"},
        {"item": "repeatability"},
        {"is_repeated": True},
        {"load_point": "Ib 1.0"},
    ):
        diary.write([9.9], **changes)
    diary.write([0.31], verdict="FAIL")  # a check meter may lie beyond a limit of verification
    found = chart_of(config).results
    assert [(r.error_pct, r.day, r.position, r.run_id) for r in found] == [
        (0.30, day(0), "2", "run-000001"), (0.31, day(9), "2", "run-000010"),
    ]  # fmt: skip


def test_a_base_needs_ten_results_in_its_period(config: Config, lab: Laboratory, diary: Diary) -> None:
    diary.write(BASE)
    with pytest.raises(
        OperatorError, match=r"CM-1 at Imax 1.0, .*: a base period needs 10 results, and there are 9"
    ):
        name_base(config, lab.checker, "CM-1", day(0), day(8), WHEN)
    with pytest.raises(OperatorError, match="P3 may not change the control chart"):
        name_base(config, lab.verifier, "CM-1", *BASE_DAYS, WHEN)
    assert chart_of(config).named is None
    (named,) = name_base(config, lab.checker, "CM-1", *BASE_DAYS, WHEN)
    assert (named.base.results, named.base.mean_pct) == (12, pytest.approx(0.30))
    assert chart_of(config).named == named


def test_a_base_that_ends_before_it_begins_is_a_mistake_of_the_command(
    config: Config, lab: Laboratory, diary: Diary
) -> None:
    diary.write(BASE)
    with pytest.raises(OperatorError, match="exchange the days"):
        name_base(config, lab.checker, "CM-1", BASE_DAYS[1], BASE_DAYS[0], WHEN)


def test_a_result_beyond_a_limit_locks_until_a_person_releases_it_with_a_reason(
    config: Config, lab: Laboratory, diary: Diary
) -> None:
    diary.write(BASE)
    name_base(config, lab.checker, "CM-1", *BASE_DAYS, WHEN)
    diary.write([0.31, 0.40, 0.30, 0.30])
    (found,) = why(config, day(15))
    assert (found.reason, found.values["day"], found.values["run"]) == (
        Reason.CONTROL_CHART_OUT, day(13), "run-000014",
    )  # fmt: skip
    with pytest.raises(OperatorError, match="P3 may not"):
        release(config, lab.verifier, "CM-1", POINT, "because", WHEN)
    with pytest.raises(OperatorError, match="the reason is empty"):
        release(config, lab.checker, "CM-1", POINT, "  ", WHEN)
    with pytest.raises(OperatorError, match=r"CM-1 is not out of control at 'Ib 1.0'; out are: Imax 1.0"):
        release(config, lab.checker, "CM-1", "Ib 1.0", "because", WHEN)
    assert reasons(config, day(15)) == [Reason.CONTROL_CHART_OUT]
    release(config, lab.checker, "CM-1", POINT, "a loose terminal, tightened", WHEN)
    assert reasons(config, day(15)) == []
    with pytest.raises(OperatorError, match="is not out of control"):
        release(config, lab.checker, "CM-1", POINT, "again", WHEN)
    diary.write([0.20])
    assert reasons(config, day(16)) == [Reason.CONTROL_CHART_OUT]
    with reading(config.state_dir) as database:
        assert [e.what for e in trail.entries(database)][-2:] == ["chart_base", "chart_released"]


def test_eight_on_one_side_lock_and_a_release_begins_the_count_anew(
    config: Config, lab: Laboratory, diary: Diary
) -> None:
    diary.write(BASE)
    name_base(config, lab.checker, "CM-1", *BASE_DAYS, WHEN)
    diary.write([0.31] * 7)
    assert reasons(config, day(18)) == []
    diary.write([0.31])
    assert reasons(config, day(19)) == [Reason.CONTROL_CHART_OUT]
    assert set(chart_of(config).signals.values()) == {frozenset({Signal.ON_ONE_SIDE})}
    release(config, lab.checker, "CM-1", POINT, "the check meter's new lamp", WHEN)
    diary.write([0.31] * 7)
    assert reasons(config, day(26)) == []
    diary.write([0.31])
    assert reasons(config, day(27)) == [Reason.CONTROL_CHART_OUT]


def test_what_a_new_base_holds_is_judged_no_more(config: Config, lab: Laboratory, diary: Diary) -> None:
    diary.write(BASE)
    name_base(config, lab.checker, "CM-1", *BASE_DAYS, WHEN)
    diary.write([error + 1.0 for error in BASE])
    assert chart_of(config).is_out
    name_base(config, lab.checker, "CM-1", day(12), day(23), WHEN)
    assert not chart_of(config).is_out
    other = dataclasses.replace(
        config.reference, card=dataclasses.replace(config.reference.card, serial="SIM-2")
    )
    assert (
        chart_of(dataclasses.replace(config, reference=other)).named is None
    )  # of another reference standard


def test_the_last_result_of_a_base_is_today_s_check(config: Config, lab: Laboratory, diary: Diary) -> None:
    diary.write(BASE)
    name_base(config, lab.checker, "CM-1", *BASE_DAYS, WHEN)
    assert reasons(config, BASE_DAYS[1]) == []


@pytest.mark.parametrize(
    ("is_needed", "last", "expected"),
    [
        (None, 12, []),
        (None, 13, [Reason.DAILY_CHECK_MISSING]),
        (True, 13, [Reason.DAILY_CHECK_MISSING]),
        (False, 13, []),
    ],
)
def test_today_s_check_is_missed_where_it_is_needed(
    config: Config, lab: Laboratory, diary: Diary, is_needed: bool | None, last: int, expected: list[Reason]
) -> None:
    diary.write(BASE)
    name_base(config, lab.checker, "CM-1", *BASE_DAYS, WHEN)
    diary.write([0.30])
    config = dataclasses.replace(
        config, bench=dataclasses.replace(config.bench, daily_check_needed=is_needed)
    )
    assert reasons(config, day(last)) == expected


def test_without_a_check_meter_in_use_nothing_is_missed_unless_it_is_asked_for(
    config: Config, lab: Laboratory
) -> None:
    assert reasons(config, day(0)) == [Reason.CONTROL_CHART_WITHOUT_BASE, Reason.DAILY_CHECK_MISSING]
    equipment.set_aside(config.state_dir, lab.checker, "CM-1", CardState.WITHDRAWN, "broken", WHEN)
    assert reasons(config, day(0)) == []
    asked = dataclasses.replace(config, bench=dataclasses.replace(config.bench, daily_check_needed=True))
    assert reasons(asked, day(0)) == [Reason.DAILY_CHECK_MISSING]


def test_a_chart_that_is_out_of_control_stays_so_when_its_check_meter_is_set_aside(
    config: Config, lab: Laboratory, diary: Diary
) -> None:
    """Its custodian may withdraw it, and may release nothing."""
    diary.write(BASE)
    name_base(config, lab.checker, "CM-1", *BASE_DAYS, WHEN)
    diary.write([0.9])
    equipment.set_aside(config.state_dir, lab.verifier, "CM-1", CardState.WITHDRAWN, "broken", WHEN)
    assert reasons(config, day(30)) == [Reason.CONTROL_CHART_OUT]
    release(config, lab.checker, "CM-1", POINT, "the check meter was broken", WHEN)
    assert reasons(config, day(30)) == []


def test_which_results_come_onto_a_chart_is_changed_by_those_who_may_release_it(
    config: Config, lab: Laboratory
) -> None:
    file = CardFile(
        CardKind.CHECK_METER, "CM-1", "check meter", "CM-1", lab.checker, lab.verifier, load_points=(POINT,)
    )
    for changes in ({"load_points": ("Ib 1.0",)}, {"serial": "CM-2"}):
        other = dataclasses.replace(file, **changes)  # type: ignore[arg-type]
        with pytest.raises(OperatorError, match="may not change the control chart"):
            equipment.edit(config.state_dir, lab.verifier, other, WHEN)
    equipment.edit(config.state_dir, lab.verifier, dataclasses.replace(file, range="10 A"), WHEN)
    equipment.edit(config.state_dir, lab.checker, dataclasses.replace(file, serial="CM-2"), WHEN)


def test_a_card_of_something_else_has_no_chart(config: Config, lab: Laboratory) -> None:
    equipment.add(
        config.state_dir, lab.administrator,
        CardFile(CardKind.CLOCK, "CL-1", "clock", "1", lab.checker, lab.checker), WHEN,
    )  # fmt: skip
    with pytest.raises(OperatorError, match="CL-1 is a clock and no check meter"):
        name_base(config, lab.checker, "CL-1", *BASE_DAYS, WHEN)


def test_runs_of_a_bench_come_onto_the_chart_and_lock_the_next(tmp_path: Path, lab: Laboratory) -> None:
    """With real runs: the simulated meter drifts off by 0.5 % after the base."""
    checked = plan_of(plan_of().source.replace("M-1", "CM-1"))

    def run(config: Config, times: int) -> list[str]:
        with open_bench(config, lambda line: None) as process:
            for _ in range(times):
                process.run(checked, verifier=lab.verifier)
            because = process.prepare(checked, verifier=lab.verifier).because
        return [finding.reason.value for finding in because]

    def with_error(error_pct: float, seed: int) -> Config:
        config = bench_config(tmp_path)
        position = dataclasses.replace(config.position[0], simulated_error_pct=error_pct)
        simulation = dataclasses.replace(config.simulation, seed=seed)
        return dataclasses.replace(config, position=(position,), simulation=simulation)

    assert "control_chart_without_base" in run(with_error(0.4, 1), 10)
    serial = with_error(0.4, 1).reference.card.serial
    found = check_results(tmp_path, "CM-1", serial, is_simulated=True)
    assert len(found) == 10
    assert all(abs(r.error_pct - 0.4) < r.U_pct for r in found)
    name_base(with_error(0.4, 1), lab.checker, "CM-1", found[0].day, found[-1].day, WHEN)
    assert "control_chart_out" not in run(with_error(0.4, 1), 1)
    assert "control_chart_out" in run(with_error(0.9, 1), 1)


def test_the_chart_is_shown_drawn_and_as_json(
    config: Config, lab: Laboratory, diary: Diary, tmp_path: Path
) -> None:
    demo = Path(__file__).parents[2] / "bench/sim/demo-bench.toml"
    path = tmp_path / "bench.toml"
    path.write_text(
        demo.read_text("utf-8").replace("[bench]", f'[bench]\nstate_dir = "{tmp_path}"', 1), "utf-8"
    )

    def ran(*words: str, typed: str = "") -> str:
        stdin = ["--password-stdin"] if typed else []
        command = ["daily-check", *words, *stdin, "--config", str(path)]
        return CliRunner().invoke(admin, command, input=typed, catch_exceptions=False).output

    diary.write(BASE)
    assert "no base period" in ran("show", "--lang", "en")
    days = ("--from", day(0), "--to", day(11))
    said = ran("base", "CM-1", *days, "--by", "P2", "--lang", "en", typed=f"{PASSWORD}\n")
    assert "12 results, mean +0.3000 %" in said
    diary.write([0.3, 0.5, 0.335])
    drawn = ran("show", "CM-1", "--lang", "en").splitlines()
    assert drawn[0] == "CM-1  Imax 1.0  OUT OF CONTROL"
    assert drawn[-3].endswith("|     :           |           :     |     o !")
    assert drawn[-4].endswith("|     :           o           :     |")
    assert drawn[-1].startswith("  no drift is seen: ")
    (found,) = json.loads(ran("show", "--json"))
    assert [r["signals"] for r in found["results"][-3:]] == [[], ["beyond_limit"], []]
    assert [r["is_warned"] for r in found["results"][-3:]] == [False, True, True]
    assert found["base"]["mean_pct"] == "0.300000"
    assert "失控" in ran("show", "--lang", "zh")
    ran("release", "CM-1", POINT, "loose", "terminal", "--by", "P2", typed=f"{PASSWORD}\n")
    shown = ran("show", "--lang", "en")
    assert "CM-1  Imax 1.0  in control" in shown
    assert "by P2: loose terminal" in shown
