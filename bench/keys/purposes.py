"""What the bench signs, each with a key of its own kind."""

from __future__ import annotations

from enum import StrEnum


class Purpose(StrEnum):
    LOG = "log"
    """Ed25519: checkpoints of the journal, manifests of bundles, QR codes."""
    XML = "xml"
    """ECDSA P-256: the XML of a certificate (XAdES)."""
    PDF = "pdf"
    """RSA-3072: its PDF (PAdES); an ECDSA signature would make it PDF 2.0, which PDF/A-3 is not."""
