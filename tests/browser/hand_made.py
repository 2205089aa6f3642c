"""Bundles made by hand: from records and raw files and any key, by nothing of `bench.evidence` or `bench.transparency`.

So the page is held against the description of the form, and bundles can be made here that the bench would never make.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32, 64)))


def sha256(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def public_of(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def fingerprint_of(key: Ed25519PrivateKey) -> str:
    digits = sha256(public_of(key)).hex().upper()
    return " ".join(digits[at : at + 4] for at in range(0, 64, 4))


def root_of(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, as it is written there: by halves."""
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256()
    half = half_of(len(leaves))
    return sha256(b"\x01", root_of(leaves[:half]), root_of(leaves[half:]))


def path_of(leaves: list[bytes], index: int) -> list[bytes]:
    if len(leaves) < 2:
        return []
    half = half_of(len(leaves))
    if index < half:
        return [*path_of(leaves[:half], index), root_of(leaves[half:])]
    return [*path_of(leaves[half:], index - half), root_of(leaves[:half])]


def half_of(size: int) -> int:
    """The largest power of two below a size."""
    half = 1
    while 2 * half < size:
        half *= 2
    return half


@dataclass
class HandMade:
    """What a bundle is made of. before: leaves of the journal before the first of its records."""

    records: list[bytes]
    raw: dict[str, bytes]
    bench: str = "test"
    key: Ed25519PrivateKey = KEY
    before: list[bytes] = field(default_factory=list)
    after: dict[str, bytes] = field(default_factory=lambda: {"verify.html": b"-", "README.txt": b"-"})
    """Files behind the raw ones."""

    @property
    def name(self) -> str:
        return "meter-test-bench/" + re.sub(r"[\s+]", "-", self.bench)

    @property
    def key_hash(self) -> bytes:
        return sha256(f"{self.name}\n".encode(), b"\x01", public_of(self.key))[:4]

    def signed(self, text: str) -> bytes:
        signature = base64.b64encode(self.key_hash + self.key.sign(text.encode())).decode()
        return f"{text}\n\N{EM DASH} {self.name} {signature}\n".encode()

    def files(self) -> dict[str, bytes]:
        """All of them, in the order of the archive."""
        fields = [json.loads(record) for record in self.records]
        leaves = [*self.before, *(sha256(b"\x00", record) for record in self.records)]
        root = root_of(leaves)
        checkpoint = self.signed(
            f"{self.name}\n{len(leaves)}\n{base64.b64encode(root).decode()}\ntime 2026-11-26T18:00:00Z\n"
        )
        public = base64.b64encode(b"\x01" + public_of(self.key)).decode()
        listed = {
            "checkpoint.txt": checkpoint,
            "public-key.txt": f"{self.name}+{self.key_hash.hex()}+{public}\n".encode(),
            "records.jsonl": b"".join(record + b"\n" for record in self.records),
        }
        for index in range(len(self.before), len(leaves)):
            path = "".join(base64.b64encode(node).decode() + "\n" for node in path_of(leaves, index))
            proof = f"c2sp.org/tlog-proof@v1\nindex {index}\n{path}\n".encode() + checkpoint
            listed[f"proofs/{index:09d}.txt"] = proof
        run = fields[-1]["run"]
        listed |= {f"runs/{run}/{name}": self.raw[name] for name in sorted(self.raw)}
        listed |= self.after
        manifest = {
            "format": 1,
            "bench": self.bench,
            "run": run,
            "runs": [run],
            "tree_size": len(leaves),
            "root_sha256": root.hex(),
        }
        return self.sealed(manifest, listed)

    def sealed(self, manifest: dict[str, Any], listed: dict[str, bytes]) -> dict[str, bytes]:
        """These files with a manifest over them and its signature in front."""
        names = [
            {"name": name, "bytes": len(data), "sha256": sha256(data).hex()} for name, data in listed.items()
        ]
        text = canonical({**manifest, "files": names})
        note = self.signed(f"meter-test-bench/bundle\n1\n{sha256(text).hex()}\n")
        return {"manifest.json": text, "manifest.sig": note, **listed}

    def archive(self, change: Callable[[dict[str, bytes]], None] | None = None) -> bytes:
        """The bundle; change: what somebody does to its files who then writes a proper archive again."""
        files = self.files()
        if change is not None:
            change(files)
        return archive_of(files)


def archive_of(files: dict[str, bytes]) -> bytes:
    """A zip archive in the one form of a bundle (APPNOTE 4.3.7, 4.3.12, 4.3.16)."""
    body, table = b"", b""
    for name, data in files.items():
        encoded = name.encode()
        day = (1980 - 1980) << 9 | 1 << 5 | 1
        common = struct.pack(
            "<HHHHHIIIHH", 20, 0x800, 0, 0, day, zlib.crc32(data), *[len(data)] * 2, len(encoded), 0
        )
        outside = struct.pack("<HHHII", 0, 0, 0, 0o100644 << 16, len(body))
        table += b"PK\x01\x02" + struct.pack("<H", 3 << 8 | 20) + common + outside + encoded
        body += b"PK\x03\x04" + common + encoded + data
    end = struct.pack("<HHHHIIH", 0, 0, len(files), len(files), len(table), len(body), 0)
    return body + table + b"PK\x05\x06" + end
