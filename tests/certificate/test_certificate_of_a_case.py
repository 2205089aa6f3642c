"""The certificate of a witnessed case: the checker that is named for it signs, and no other one, from any process."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from bench.app_reference import RecordedRaw
from bench.certificate import issuing
from bench.certificate.issuing import Office
from bench.certificate.register import SignsAs
from bench.control.client import ControlRefusedError
from bench.registry.standing import registered
from tests.bench_process.support import bench_config
from tests.bench_process.witnessing import CASE, Bench, serving
from tests.certificate.office import LABORATORY, stand_in
from tests.certificate.requested import request
from tests.registry.laboratory import PASSWORD


def drafted(bench: Bench) -> Office:
    """The office after a run of the case and its draft."""
    bench.assign()
    bench.begin()
    bench.start()
    bench.carry_out()
    made = Office(registered(bench.process.config), RecordedRaw, stand_in, stand_in, lambda: False)
    now = bench.clock.state().wall_time
    issuing.draft(made, "run-000001", "1", request(), bench.lab.verifier, now)
    return made


def test_only_the_checker_of_the_case_signs_as_its_checker(tmp_path: Path) -> None:
    config = dataclasses.replace(bench_config(tmp_path), laboratory=LABORATORY)
    with serving(tmp_path, config) as bench:
        made = drafted(bench)
        bench.serve_strangers()
        with bench.client() as client:
            with pytest.raises(ControlRefusedError) as error:
                client.certificate_sign("D1", (bench.other_checker, PASSWORD))
            assert (error.value.reason, error.value.values) == (
                "not_its_checker", {"case": CASE, "checker": bench.lab.checker},
            )  # fmt: skip
            client.case_handover(
                bench.token(bench.lab.checker), CASE, bench.other_checker, "on leave", "checker"
            )
            with pytest.raises(ControlRefusedError) as error:
                client.certificate_sign("D1", (bench.lab.checker, PASSWORD))
            assert error.value.values["checker"] == bench.other_checker
        assert bench.refusals()[0] == ("?", "certificate_sign", "D1", "not_its_checker")
        now = bench.clock.state().wall_time
        issuing.sign(made, "D1", bench.lab.verifier, PASSWORD, SignsAs.VERIFIER, now)
        signing = issuing.sign(made, "D1", bench.other_checker, PASSWORD, None, now)
    assert signing.entry is not None
