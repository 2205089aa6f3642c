"""Signed over the control socket: by a process of its own, with the passwords checked on the measuring side."""

from __future__ import annotations

import pytest

from bench.app import open_bench
from bench.certificate import issuing
from bench.certificate.office import office
from bench.certificate.seals import check_certificate
from bench.clock import SystemClock
from bench.errors import OperatorError
from bench.service import BenchCommands
from tests.certificate.office import Desk
from tests.certificate.requested import request
from tests.registry.laboratory import PASSWORD


def test_two_persons_sign_over_the_socket(passed: Desk) -> None:
    lab, state_dir = passed.lab, passed.state_dir
    made = office(passed.office.config, passed.office.reader_for)
    now = SystemClock().state().wall_time
    issuing.draft(made, "1", "1", request(), lab.verifier, now)
    with open_bench(passed.office.config, lambda line: None) as process:
        commands = BenchCommands(process)
        (waiting,) = commands.office.certificate_drafts()
        assert (waiting["id"], waiting["serial"], waiting["signatures"]) == ("D1", "M-1", [])
        assert "王芳" not in str(waiting)
        with pytest.raises(OperatorError, match="the person or the password is wrong"):
            commands.office.certificate_sign("D1", (lab.verifier, "certainly not this"), None)
        with pytest.raises(OperatorError, match="nobody signs as 'boss'"):
            commands.office.certificate_sign("D1", (lab.verifier, PASSWORD), "boss")
        first = commands.office.certificate_sign("D1", (lab.verifier, PASSWORD), None)
        assert (first["as"], first["missing"], first["number"]) == ("verifier", ["checker"], None)
        last = commands.office.certificate_sign("D1", (lab.checker, PASSWORD), "checker")
        assert commands.office.certificate_drafts() == []
    number = str(last["number"])
    assert check_certificate((state_dir / "certificates" / f"{number}.pdf").read_bytes()).holds
