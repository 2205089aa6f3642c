"""Certificates and evidence of a case, handed on from the bench in pieces: the web keeps no copy of them.

A certificate is looked for among those of the case's own runs, whatever number an address has in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response

from bench.errors import OperatorError
from web.bench_link import BenchAwayError, BenchLink
from web.casework.refused import Refused
from web.dates import day_text
from web.signing import certificates_of
from web.texts import text

FILES = {"pdf": "application/pdf", "xml": "application/xml"}
"""What a customer takes home of a certificate, and what it is; the label is the laboratory's."""
BUNDLE_TYPE = "application/zip"

Part = tuple[bytes, int | None, int]
"""Some bytes, where the next begin, and the size of all."""


@dataclass(frozen=True, slots=True)
class Download:
    """A certificate in the list. replaced_by: the number that stands instead, or ""."""

    number: str
    title: str
    stands: bool
    replaced_by: str
    files: tuple[str, ...]


def downloads_of(link: BenchLink, run_ids: Sequence[str], language: str) -> list[Download] | None:
    """The certificates of a case, newest last; None while the bench is away."""
    try:
        found = certificates_of(link, run_ids)
    except (BenchAwayError, OperatorError):
        return None
    return [_download(certificate, language) for certificate in found]


def certificate_file(link: BenchLink, run_ids: Sequence[str], number: str, file: str) -> Response:
    """A file of a certificate of one of these runs. Errors: Refused not_found; BenchAwayError."""
    mine = next((c for c in certificates_of(link, run_ids) if c["number"] == number), None)
    if mine is None or file not in FILES or file not in mine["files"]:
        raise Refused("not_found")
    return streamed(
        lambda offset: link.certificate_read(number, file, offset), FILES[file], f"{number}.{file}"
    )


def bundle_file(link: BenchLink, run_id: str) -> Response:
    """The evidence bundle of a run. Errors: BenchAwayError, and what the bench refuses."""
    return streamed(lambda offset: link.bundle_read(run_id, offset), BUNDLE_TYPE, f"{run_id}.zip")


def _download(certificate: dict[str, Any], language: str) -> Download:
    key = f"download.kind_{certificate['kind']}"
    kind = text(key if key in text else "download.kind_other", language)
    day = day_text(str(certificate["issued_on"]), language)
    return Download(
        number=str(certificate["number"]),
        title=text("download.certificate", language, kind=kind, number=certificate["number"], day=day),
        stands=bool(certificate["stands"]),
        replaced_by=str(certificate.get("replaced_by") or ""),
        files=tuple(file for file in FILES if file in certificate["files"]),
    )


def streamed(part: Callable[[int], Part], media_type: str, name: str) -> Response:
    """The first piece is asked for before the answer begins, so that what cannot be had is still a page."""
    first, following, size = part(0)
    response = Response(_pieces(part, first, following), mimetype=media_type)
    response.content_length = size
    response.headers["Content-Disposition"] = f'attachment; filename="{_plain(name)}"'
    return response


def _pieces(part: Callable[[int], Part], first: bytes, following: int | None) -> Iterator[bytes]:
    yield first
    while following is not None:
        data, following, _ = part(following)
        yield data


def _plain(name: str) -> str:
    """Numbers and ids of the bench have no other characters; a header must not be opened by one that has."""
    return "".join(c for c in name if c.isascii() and (c.isalnum() or c in ".-_"))
