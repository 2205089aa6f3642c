"""A private key is in its own file, and in nothing else that the bench writes, shows or gives out."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from bench.admin import admin
from bench.commands.evidence_cli import export_command
from tests.certificate.test_certificate_command import config, issued, ran

__all__ = ["config"]


def secret_of(private: Path) -> bytes:
    """What only the holder knows: of a key in PKCS #8 the public half follows it."""
    key = load_pem_private_key(private.read_bytes(), None)
    if isinstance(key, Ed25519PrivateKey):
        return key.private_bytes_raw()
    if isinstance(key, EllipticCurvePrivateKey):
        return key.private_numbers().private_value.to_bytes(32, "big")
    assert isinstance(key, RSAPrivateKey)
    return key.private_numbers().p.to_bytes(192, "big")


def spelt(private: Path) -> Iterator[bytes]:
    """As it could stand in a file."""
    secret = secret_of(private)
    yield from (secret, secret.hex().encode(), secret.hex().upper().encode(), base64.b64encode(secret)[:-4])
    yield private.read_bytes().splitlines()[1]
    yield b"PRIVATE KEY"


def test_no_private_key_leaves_its_file(config: Path) -> None:
    state_dir, said = config.parent, issued(config).output
    for words in (
        ("keys", "list"),
        ("keys", "list", "--json"),
        ("trail",),
        ("keys", "page", "-o", str(state_dir / "k.html")),
    ):
        said += CliRunner().invoke(admin, [*words, "--config", str(config)], catch_exceptions=False).output
    bundle = str(state_dir / "run.bundle.zip")
    CliRunner().invoke(export_command, ["1", "-o", bundle, "--config", str(config)], catch_exceptions=False)
    said += ran(config, "list", "--json").output
    keys = sorted((state_dir / "keys").glob("*.key"))
    assert [key.name for key in keys] == ["log-1.key", "pdf-1.key", "xml-1.key"]
    written = {
        path: path.read_bytes() for path in state_dir.rglob("*") if path.is_file() and path not in keys
    }
    assert {".pdf", ".xml", ".zip", ".sqlite", ".html", ".pem", ".pub"} <= {path.suffix for path in written}
    for key in keys:
        for secret in spelt(key):
            assert secret not in said.encode()
            assert not [path for path, content in written.items() if secret in content]
