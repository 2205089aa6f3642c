"""The files of issued certificates, in state_dir/certificates: <number>.xml, <number>.pdf, <number>-label.pdf.

A file under its final name belongs to a row of the register, always. Before the row is committed the files lie staged
(".<name>.staged", synced); afterwards they are renamed. A kill before the commit leaves staged files that the next
certificate with this number replaces; a kill after it leaves them for `publish`, which is asked again by whoever comes
next and knows them by the hashes of the register.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bench.certificate.register import Entry, Issued
from bench.errors import OperatorError
from bench.owner import give_to_owner_of
from bench.synced_folder import sync_folder
from bench.whole_files import synced_file

_FOLDER = "certificates"
_HANDED_OUT = "handed-out"
_STAGED = ".staged"
_FOLDER_MODE = 0o750
FILE_MODE = 0o640


@dataclass(frozen=True, slots=True)
class Rendered:
    """A finished document in its forms; the label is for the meter, and only a pass has one (else b"")."""

    xml: bytes
    pdf: bytes
    label: bytes

    def named(self, number: str) -> dict[str, bytes]:
        """By the name of the file."""
        forms = zip(_names(number), (self.xml, self.pdf, self.label), strict=True)
        return {name: content for name, content in forms if content}


def folder_of(state_dir: Path) -> Path:
    return state_dir / _FOLDER


def handed_out(state_dir: Path) -> Path:
    """Where bundles with certificates in them lie while they are fetched."""
    return state_dir / _HANDED_OUT


def delete_handed_out(state_dir: Path) -> None:
    """Whoever is fetching one fetches it again. Errors: OperatorError."""
    try:
        if (folder := handed_out(state_dir)).exists():
            shutil.rmtree(folder)
    except OSError as error:
        raise OperatorError(f"{handed_out(state_dir)} cannot be deleted: {error}") from error


def stage(state_dir: Path, number: str, rendered: Rendered) -> None:
    """Write the files where `publish` finds them, as those of the bench. Errors: OperatorError where that fails."""
    folder = folder_of(state_dir)
    try:
        folder.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
        give_to_owner_of(state_dir, folder)
        for stale in _names(number):  # of a program that died before this number was given
            _staged_path(folder, stale).unlink(missing_ok=True)
        for name, content in rendered.named(number).items():
            with synced_file(_staged_path(folder, name), FILE_MODE) as file:
                file.write(content)
            give_to_owner_of(state_dir, _staged_path(folder, name))
        sync_folder(folder)
    except OSError as error:
        raise OperatorError(f"{folder} cannot be written: {error}; nothing was issued") from error


def publish(state_dir: Path, issued: Iterable[Issued]) -> None:
    """Give the staged files of certificates that stand in the register their names; nothing where they have them.

    Errors: OperatorError; asked again, it goes on.
    """
    folder = folder_of(state_dir)
    try:
        for row in issued if folder.is_dir() and any(folder.glob(f".*{_STAGED}")) else ():
            for name, sha256 in _hashes(row).items():
                staged = _staged_path(folder, name)
                if staged.is_file() and _sha256(staged.read_bytes()) == sha256:
                    staged.replace(folder / name)
            sync_folder(folder)
    except OSError as error:
        raise OperatorError(
            f"{folder} cannot be written: {error}; the certificate is issued, bench certificate write goes on"
        ) from error


def read_issued(state_dir: Path, entry: Entry) -> Rendered:
    """The files of a certificate, as they were issued.

    Errors: OperatorError where they are deleted, missing, or other ones than the register says.
    """
    row, folder = entry.issued, folder_of(state_dir)
    if entry.is_forgotten:
        raise OperatorError(
            f"the files of {row.number} were deleted with the customer's data; the register has the rest"
        )
    found = {}
    for name, sha256 in _hashes(row).items():
        try:
            found[name] = (folder / name).read_bytes()
        except OSError as error:
            raise OperatorError(
                f"{folder / name} cannot be read ({error.strerror}); restore it from a back-up"
            ) from error
        if _sha256(found[name]) != sha256:
            raise OperatorError(f"{folder / name} is not the one that was issued; restore it from a back-up")
    xml, pdf, *label = found.values()
    return Rendered(xml, pdf, b"".join(label))


def delete(state_dir: Path, number: str) -> None:
    """The files name the customer by nature: they go when his data do. Errors: OperatorError."""
    folder = folder_of(state_dir)
    try:
        for name in _names(number):
            (folder / name).unlink(missing_ok=True)
            _staged_path(folder, name).unlink(missing_ok=True)
    except OSError as error:
        raise OperatorError(f"a file of {number} cannot be deleted: {error}") from error


def delete_unowned(state_dir: Path, issued: Iterable[Issued]) -> None:
    """Delete what lies staged and is of no certificate: of a program that died before the commit. It names a customer.

    To be asked with the registry's lock held, so that nobody is staging. Errors: OperatorError.
    """
    owned = {name: sha256 for row in issued for name, sha256 in _hashes(row).items()}
    try:
        for staged in folder_of(state_dir).glob(f".*{_STAGED}"):
            if owned.get(staged.name[1 : -len(_STAGED)]) != _sha256(staged.read_bytes()):
                staged.unlink()
    except OSError as error:
        raise OperatorError(f"a file that was never issued cannot be deleted: {error}") from error


def _staged_path(folder: Path, name: str) -> Path:
    return folder / f".{name}{_STAGED}"


def _names(number: str) -> tuple[str, ...]:
    """Of all files that a certificate can have."""
    return f"{number}.xml", f"{number}.pdf", f"{number}-label.pdf"


def _hashes(row: Issued) -> dict[str, str]:
    """SHA-256 of each file that a certificate has, by name, as the register says."""
    hashes = (row.xml_sha256, row.pdf_sha256, row.label_sha256)
    return {name: sha256 for name, sha256 in zip(_names(row.number), hashes, strict=True) if sha256}


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
