"""A power that goes away for an instant is no steady load, however good its mean is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bench.app import replay_run
from bench.measurement.acquisition import Acquisition
from bench.measurement.settling import LoadWatch, SettleWatch, steady_for_s
from bench.ports import ReferenceSample, StampedValue
from calibration.load_points import LoadPoint
from calibration.quantities import NS_PER_S
from calibration.reasons import Reason
from calibration.reference_standard import ReferenceCard
from tests.bench_process.support import plan_of, virtual_bench

WANTED = LoadPoint("Imax 1.0", 230.0, 10.0, 1.0)
POLL_S = 0.05


def watched(power: dict[tuple[float, float], float]) -> tuple[SettleWatch, Acquisition]:
    """Ten seconds of polls at the wanted power but for the shares in the given times (s)."""
    acquisition = Acquisition(())
    for at_s in np.arange(0.0, 10.0, POLL_S):
        share = next((share for (first, last), share in power.items() if first <= at_s < last), 1.0)
        at_ns = round(at_s * NS_PER_S)
        value = StampedValue(share * WANTED.compared_power, at_ns, at_ns + 1)
        acquisition.add_sample(ReferenceSample((), None, value))
    return LoadWatch(5.0, 4.0, 60.0).begin(WANTED, 0), acquisition


def test_the_waiting_begins_anew_after_a_fall() -> None:
    watch, acquisition = watched({(0.0, 1.0): 0.0, (7.5, 7.6): 0.0})
    # 2 polls of 80 at zero in the middle of the steady time: the mean and both halves are near enough.
    assert not watch.is_steady(acquisition, round(9.5 * NS_PER_S))
    fell = watch.fell(acquisition, 0, 10 * NS_PER_S)
    assert fell is not None
    assert fell.reason is Reason.REFERENCE_RANGE_CHANGED


@pytest.mark.parametrize("power", [{(0.0, 2.0): 0.0}, {(0.0, 1.0): 0.0, (1.0, 2.0): 0.8}, {(0.0, 10.0): 0.0}])
def test_a_load_that_only_comes_on_did_not_fall(power: dict[tuple[float, float], float]) -> None:
    watch, acquisition = watched(power)
    assert watch.fell(acquisition, 0, 10 * NS_PER_S) is None


def test_a_fall_between_two_instants_is_seen_only_there() -> None:
    watch, acquisition = watched({(8.0, 8.1): 0.0})
    assert watch.fell(acquisition, 0, round(7.9 * NS_PER_S)) is None
    assert watch.fell(acquisition, round(7.9 * NS_PER_S), round(8.2 * NS_PER_S)) is not None
    assert watch.fell(acquisition, round(8.2 * NS_PER_S), 10 * NS_PER_S) is None


def test_a_range_change_while_the_load_settles_is_recorded_and_waited_for(tmp_path: Path) -> None:
    with virtual_bench(tmp_path, 'faults = ["range_change@1.68"]') as process:
        process.run(plan_of())
        records = [record.fields() for record in process.recorder.read(0, 100)]
    applied, steady = (
        next(r for r in records if r["kind"] == kind) for kind in ("load_applied", "load_steady")
    )
    assert [found["reason"] for found in steady["findings"]] == ["reference_range_changed"]
    waited_ns = steady["clock"]["monotonic_ns"] - applied["clock"]["monotonic_ns"]
    # The last poll that read zero came up to a poll interval before its end.
    assert waited_ns >= (1.68 + 0.5 + 2.0 - 2 * 0.045) * NS_PER_S
    assert replay_run(tmp_path, "run-000001").differences == ()


def test_a_fall_just_before_the_run_takes_the_number_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with virtual_bench(tmp_path) as process:
        load_watch, used = SettleWatch.fell, []

        def fell(watch: SettleWatch, acquisition: Acquisition, since_ns: int, until_ns: int) -> object:
            """As if the only poll between the two instants had read zero, in the first attempt."""
            if since_ns != watch.began_ns and not used:
                used.append(since_ns)
                polls = watched({(8.0, 8.1): 0.0})
                return load_watch(polls[0], polls[1], 0, 10 * NS_PER_S)
            return load_watch(watch, acquisition, since_ns, until_ns)

        monkeypatch.setattr(SettleWatch, "fell", fell)
        process.run(plan_of())
        records = [record.fields() for record in process.recorder.read(0, 100)]
    verdicts = [r for r in records if r["kind"] == "verdict"]
    assert [v["verdict"] for v in verdicts] == ["INVALID", "PASS"]
    assert verdicts[0]["findings"][0]["reason"] == "reference_range_changed"
    assert replay_run(tmp_path, "run-000001").differences == ()


@pytest.mark.parametrize(("configured_s", "needed_s"), [(2.0, 3.4), (5.0, 5.0)])
def test_a_load_is_steady_no_sooner_than_its_reference_has_forgotten_the_change(
    configured_s: float, needed_s: float
) -> None:
    card = ReferenceCard("model", "serial", 0.05, 0.01, refresh_s=1.0, power_step_W=0.1, power_lag_s=0.4)
    assert steady_for_s(configured_s, card) == pytest.approx(needed_s)


def test_the_process_waits_so_long(tmp_path: Path) -> None:
    with virtual_bench(tmp_path) as process:
        source, card = process.config.load_source, process.card
        slow = replace(card, refresh_s=4.0)
        process.config = replace(
            process.config,
            reference=replace(
                process.config.reference,
                card=replace(process.config.reference.card, refresh_s=slow.refresh_s),
            ),
        )
        assert (
            process.load_watch.steady_for_s == steady_for_s(source.steady_for_s, slow) > source.steady_for_s
        )
