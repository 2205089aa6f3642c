"""Bundles of small simulated runs for the tests, and what a forger makes of them.

The forger reads archives with the standard library and computes trees, proofs and notes himself: what is tested does
not help him.
"""

from __future__ import annotations

import base64
import copy
import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.app_reference import RecordedRaw
from bench.canonical import canonical_bytes
from bench.evidence.bundle import Signers, bundle_of
from bench.evidence.canonical_zip import write_archive
from bench.evidence.checks import Report
from bench.evidence.page_builder import verifier_page
from bench.evidence.verifying import verify_bundle
from bench.keys.log_key import LogKey, all_log_publics, open_log_key
from bench.records.journal_reading import JournalReader
from tests.bench_process.support import PLAN

Fields = dict[str, Any]

SHORT_PLAN = PLAN.replace("minimum_time_s = 20.0", "wanted_uncertainty = 0.5\nminimum_time_s = 5.0").replace(
    "longest_time_s = 60.0", "longest_time_s = 20.0"
)


def exported(state_dir: Path, run_id: str = "run-000001", page: bytes | None = None) -> bytes:
    """The bundle of a run without certificates; page: another one than that of every bundle."""
    journal = JournalReader(state_dir)
    try:
        by = Signers(open_log_key(state_dir, may_make=False), all_log_publics(state_dir))
        return bundle_of(journal, run_id, by, {}, verifier_page() if page is None else page)
    finally:
        journal.close()


def verified(bundle: bytes, published: str | None = None) -> Report:
    return verify_bundle(bundle, () if published is None else (published,), RecordedRaw)[0]


def said(report: Report) -> str:
    """All that is wrong, in English."""
    lines = []
    for check in report.checks:
        if check.outcome in ("differs", "not_checked"):
            lines += [check.says.in_language("en"), *(remark.in_language("en") for remark in check.more)]
            lines += [f"{d.where}: {d.recorded} {d.recomputed}" for d in check.differences]
    return "\n".join(lines)


def failed(report: Report) -> set[str]:
    """The names of the checks that do not hold."""
    return {check.check for check in report.checks if check.outcome in ("differs", "not_checked")}


def unpacked(bundle: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def places(bundle: bytes) -> dict[str, tuple[int, int]]:
    """Where the content of each file stands in the archive: its first byte, and the one after its last."""
    found = {}
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        for info in archive.infolist():
            first = info.header_offset + 30 + len(info.filename.encode())
            found[info.filename] = (first, first + info.file_size)
    return found


class Mender:
    """Changes the content of a file in an archive and mends both checksums of it."""

    def __init__(self, bundle: bytes) -> None:
        self._bundle = bundle
        self._places = places(bundle)

    def changed(self, name: str, content: bytes) -> bytes:
        """content: as long as it was."""
        first, end = self._places[name]
        assert len(content) == end - first
        old = zlib.crc32(self._bundle[first:end]).to_bytes(4, "little")
        new = zlib.crc32(content).to_bytes(4, "little")
        changed = bytearray(self._bundle)
        changed[first:end] = content
        for place in (first - len(name.encode()) - 16, self._bundle.rindex(name.encode()) - 30):
            assert changed[place : place + 4] == old
            changed[place : place + 4] = new
        return bytes(changed)


class Forger:
    """Takes a bundle to pieces, changes records, and puts it together again with all hashes as they must be.

    For bundles whose runs are all that the journal has, so that the whole tree can be made anew.
    """

    def __init__(self, bundle: bytes) -> None:
        self.files = unpacked(bundle)
        lines = self.files["records.jsonl"].splitlines()
        self.records: list[Fields] = [json.loads(line) for line in lines]
        assert [record["number"] for record in self.records] == list(range(len(self.records)))

    def change(self, kind: str, change: Callable[[Fields], None]) -> Forger:
        for record in self.records:
            if record["kind"] == kind:
                change(record)
        return self

    def bundle(self, key: LogKey | None = None) -> bytes:
        """key: signs; None leaves the signatures as they were, since the forger has no key."""
        bodies, leaves = [], []
        for record in copy.deepcopy(self.records):
            if record["kind"] == "run_ended":
                record["checkpoint"] = {"size": len(leaves), "root_sha256": _root(leaves).hex()}
            bodies.append(canonical_bytes(record))
            leaves.append(hashlib.sha256(b"\x00" + bodies[-1]).digest())
        root = _root(leaves)
        origin, _, _, time, _, old_line, _ = self.files["checkpoint.txt"].decode().split("\n")
        text = f"{origin}\n{len(leaves)}\n{base64.b64encode(root).decode()}\n{time}\n"
        note = f"{text}\n{_signature(text, origin, key) or old_line}\n"
        made = {"checkpoint.txt": note.encode(), "public-key.txt": self.files["public-key.txt"]}
        if key is not None:
            raw = base64.b64encode(b"\x01" + key.public).decode()
            made["public-key.txt"] = f"{origin}+{_key_id(origin, key).hex()}+{raw}\n".encode()
        made["records.jsonl"] = b"".join(body + b"\n" for body in bodies)
        for number, record in enumerate(self.records):
            path = "".join(base64.b64encode(h).decode() + "\n" for h in _path(number, leaves))
            proof = f"c2sp.org/tlog-proof@v1\nindex {record['number']}\n{path}\n{note}"
            made[f"proofs/{record['number']:09d}.txt"] = proof.encode()
        manifest = json.loads(self.files["manifest.json"])
        old_signature = self.files["manifest.sig"].decode().split("\n")[4]
        for name, content in self.files.items():
            if name not in made and not name.startswith(("proofs/", "manifest.")):
                made[name] = content
        manifest |= {"tree_size": len(leaves), "root_sha256": root.hex()}
        manifest["files"] = [
            {"name": name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in made.items()
        ]
        raw_manifest = canonical_bytes(manifest)
        signed = f"meter-test-bench/bundle\n1\n{hashlib.sha256(raw_manifest).hexdigest()}\n"
        signature = f"{signed}\n{_signature(signed, origin, key) or old_signature}\n"
        first = [("manifest.json", raw_manifest), ("manifest.sig", signature.encode())]
        return write_archive([*first, *made.items()])


def other_key() -> LogKey:
    return LogKey(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))


def _key_id(name: str, key: LogKey) -> bytes:
    return hashlib.sha256(name.encode() + b"\n\x01" + key.public).digest()[:4]


def _signature(text: str, name: str, key: LogKey | None) -> str | None:
    if key is None:
        return None
    return f"\u2014 {name} {base64.b64encode(_key_id(name, key) + key.sign(text.encode())).decode()}"


def _root(leaves: list[bytes]) -> bytes:
    """RFC 6962, 2.1, as it is written there."""
    if len(leaves) <= 1:
        return leaves[0] if leaves else hashlib.sha256(b"").digest()
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + _root(leaves[:split]) + _root(leaves[split:])).digest()


def _path(number: int, leaves: list[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    split = 1 << (len(leaves) - 1).bit_length() - 1
    if number < split:
        return [*_path(number, leaves[:split]), _root(leaves[split:])]
    return [*_path(number - split, leaves[split:]), _root(leaves[:split])]
