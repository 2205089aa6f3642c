"""Drafted over the socket, and handed out in parts: certificates and bundles, to whoever may have them."""

from __future__ import annotations

import errno
import io
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bench.app import open_bench
from bench.app_reference import RecordedRaw
from bench.certificate import issuing
from bench.certificate.files import handed_out
from bench.control.client import ControlClient, ControlRefusedError
from bench.errors import OperatorError
from bench.evidence.verifying import verify_files
from bench.registry import persons
from bench.registry.persons import Name, Role
from bench.service import Service
from tests.bench_process.support import plan_of
from tests.certificate.office import NOW, Desk
from tests.registry.laboratory import PASSWORD, WHEN

REQUEST = """
received_on = "2026-01-01"
[customer]
name = "王芳"
address = "1 Some Street"
[meter]
manufacturer = "Somebody"
"""
RUN = "run-000001"
LARGER = 1 << 20


@contextmanager
def connected(desk: Desk) -> Iterator[ControlClient]:
    with (
        open_bench(desk.office.config, lambda line: None) as process,
        Service(process),
        ControlClient(process.config.socket_path, 120.0) as client,
    ):
        yield client


def whole(read: Callable[[int], tuple[bytes, int | None, int]]) -> bytes:
    """All parts, one after another."""
    content, offset = b"", 0
    while True:
        data, following, size = read(offset)
        content += data
        if following is None:
            assert len(content) == size
            return content
        assert following == len(content)
        offset = following


def test_the_verifier_of_a_run_drafts_and_is_told_in_both_languages(passed: Desk) -> None:
    with connected(passed) as client:
        session = str(client.sign_in(passed.lab.verifier, PASSWORD)["session"])
        drafted = client.certificate_draft(session, RUN, "1", REQUEST)
        (waiting,) = client.certificate_drafts()
    assert (drafted["draft"], drafted["kind"]) == ("D1", "verification")
    assert drafted["title"] == {"zh": "检定证书", "en": "Verification Certificate"}
    assert {"zh": "模拟", "en": "SIMULATED"} in drafted["marks"]
    assert (drafted["locks"], drafted["missing"]) == ([], ["verifier", "checker"])
    assert (waiting["id"], waiting["by"]) == ("D1", passed.lab.verifier)


def test_who_may_draft(passed: Desk) -> None:
    lab, state_dir = passed.lab, passed.state_dir
    office = persons.add(state_dir, lab.administrator, Name("", "Office"), (Role.OFFICE,), PASSWORD, WHEN).id
    other = persons.add(state_dir, lab.administrator, Name("", "Other"), (Role.VERIFIER,), PASSWORD, WHEN).id
    with connected(passed) as client:
        for who in (lab.checker, office):
            session = str(client.sign_in(who, PASSWORD)["session"])
            assert client.certificate_draft(session, RUN, "1", REQUEST)["draft"]
        for who in (other, lab.administrator):
            session = str(client.sign_in(who, PASSWORD)["session"])
            with pytest.raises(ControlRefusedError) as refused:
                client.certificate_draft(session, RUN, "1", REQUEST)
            assert (refused.value.reason, refused.value.values["person"]) == ("role_missing", who)


@pytest.mark.parametrize(
    ("run", "position", "request_text", "said"),
    [
        ("run-000009", "1", REQUEST, "is not in this journal"),
        (RUN, "7", REQUEST, "7"),
        (RUN, "1", "received_on = 5", "customer is missing|received_on"),
        (RUN, "1", "not toml", "is not valid TOML"),
    ],
)
def test_a_draft_of_nothing_is_one_line(
    passed: Desk, run: str, position: str, request_text: str, said: str
) -> None:
    with connected(passed) as client:
        session = str(client.sign_in(passed.lab.verifier, PASSWORD)["session"])
        with pytest.raises(OperatorError, match=said) as refused:
            client.certificate_draft(session, run, position, request_text)
        assert "\n" not in str(refused.value)
        assert client.certificate_drafts() == []


def test_a_certificate_is_listed_and_handed_out_as_it_was_issued(
    passed: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    passed.issue()
    _, rendered = issuing.read(passed.state_dir, "2026-00001")
    monkeypatch.setattr("bench.service_office.PART_BYTES", 1000)
    read, times = issuing.read, []

    def counted(state_dir: Path, number: str) -> object:
        times.append(number)
        return read(state_dir, number)

    monkeypatch.setattr(issuing, "read", counted)
    with connected(passed) as client:
        (listed,) = client.certificates(RUN)
        assert client.certificates("run-000002") == []
        found = {
            name: whole(lambda offset, name=name: client.certificate_read("2026-00001", name, offset))  # type: ignore[misc]
            for name in listed["files"]
        }
        assert len(times) == len(found), "each file is read and checked once, not with every piece"
        past = client.certificate_read("2026-00001", "pdf", LARGER)
        for number, file in (("2026-00001", "../../registry.sqlite"), ("../2026-00001", "pdf")):
            with pytest.raises(OperatorError, match=r"has no file|there is no certificate"):
                client.certificate_read(number, file)
    assert found == {"pdf": rendered.pdf, "xml": rendered.xml, "label": rendered.label}
    assert past == (b"", None, len(rendered.pdf))
    del listed["files"]
    assert listed == {
        "number": "2026-00001",
        "kind": "verification",
        "verdict": "PASS",
        "issued_on": "2026-06-01",
        "stands": True,
        "replaced_by": None,
    }


def test_what_was_deleted_with_the_customers_data_is_not_handed_out(passed: Desk) -> None:
    passed.issue()
    with connected(passed) as client:
        before = whole(lambda offset: client.bundle_read(RUN, offset))
        assert list(handed_out(passed.state_dir).iterdir())
        issuing.forget(passed.state_dir, "2026-00001", passed.lab.administrator, NOW)
        assert not handed_out(passed.state_dir).exists(), "nor does a bundle with it lie about"
        assert client.certificates(RUN)[0]["files"] == []
        with pytest.raises(OperatorError, match="were deleted with the customer's data"):
            client.certificate_read("2026-00001", "pdf")
        after = whole(lambda offset: client.bundle_read(RUN, offset))
    assert [name for name in names(before) if "2026-00001" in name]
    assert not [name for name in names(after) if "2026-00001" in name]


def names(bundle: bytes) -> list[str]:
    return zipfile.ZipFile(io.BytesIO(bundle)).namelist()


def test_a_bundle_holds_and_is_made_once(passed: Desk) -> None:
    with connected(passed) as client:
        bundle = whole(lambda offset: client.bundle_read(RUN, offset))
        kept = [path.stat().st_ino for path in handed_out(passed.state_dir).iterdir()]
        assert whole(lambda offset: client.bundle_read(RUN, offset)) == bundle
        assert [path.stat().st_ino for path in handed_out(passed.state_dir).iterdir()] == kept
        assert handed_out(passed.state_dir).stat().st_mode & 0o777 == 0o700
    assert verify_files({"bundle.zip": bundle}, (), RecordedRaw)["bundle.zip"].holds
    with connected(passed):
        assert not handed_out(passed.state_dir).exists(), (
            "a process that starts clears up behind the last one"
        )


def test_a_bundle_that_became_another_one_is_fetched_from_its_beginning(passed: Desk) -> None:
    with connected(passed) as client:
        with pytest.raises(OperatorError, match="fetch it from the beginning"):
            client.bundle_read(RUN, 5)
        client.bundle_read(RUN)
        passed.issue()
        with pytest.raises(OperatorError, match="fetch it from the beginning"):
            client.bundle_read(RUN, 5)


def test_so_many_bundles_are_kept_and_no_more(passed: Desk) -> None:
    for _ in range(4):
        with open_bench(passed.office.config, lambda line: None) as process:
            process.run(plan_of())
    with connected(passed) as client:
        for number in range(1, 6):
            client.bundle_read(f"run-{number:06d}")
        assert len(list(handed_out(passed.state_dir).iterdir())) == 3
        client.bundle_read("run-000005", 1)


def test_a_full_disk_is_said(passed: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, *options: object, **more: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with connected(passed) as client:
        monkeypatch.setattr(Path, "mkdir", full)
        with pytest.raises(OperatorError, match="No space left on device"):
            client.bundle_read(RUN)
