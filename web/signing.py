"""What of a case waits for signatures, what is issued, and a form that signs: the same for the office and the console.

The signature is the bench's: it asks password, role and case again. A draft that the case does not have cannot be
chosen, and without a password nothing is asked of the bench.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from web.bench_link import BenchLink
from web.forms import Form

_LONGEST_PASSWORD = 256


def drafts_of(link: BenchLink, run_ids: Sequence[str]) -> list[dict[str, Any]]:
    """Drafts of some runs that wait for signatures, with those that they have; the newest first."""
    return [one for one in reversed(link.certificate_drafts()) if one["run_id"] in run_ids]


def certificates_of(link: BenchLink, run_ids: Sequence[str]) -> list[dict[str, Any]]:
    """Issued ones of some runs, newest last."""
    return [certificate for run_id in run_ids for certificate in link.certificates(run_id)]


def signed_with(form: Form, drafts: Sequence[dict[str, Any]]) -> tuple[str, str]:
    """Which of some drafts is to be signed, and the password; the form says what is missing."""
    draft = form.choice("draft", [one["id"] for one in drafts])
    password = form.value("password")[:_LONGEST_PASSWORD]
    if not password:
        form.wrong("password", "missing")
    return draft, password
