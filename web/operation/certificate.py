"""How long the certificate of https lasts, read from its file: public, and of whatever the front serves."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path


def certificate_until(path: Path | None) -> datetime | None:
    """UTC: of whichever ends first, it or one between it and the CA. None where there is none, or it cannot be read."""
    if path is None:
        return None
    # Late: pages without https start without it.
    from cryptography import x509

    try:
        return min(each.not_valid_after_utc for each in x509.load_pem_x509_certificates(path.read_bytes()))
    except (OSError, ValueError):
        return None
