"""What an administrator does with the bench's keys, each with its entry in the trail; and which keys are official.

A key's files and the trail cannot change in one transaction. The files come first, in the transaction of the entry:
after a kill between the two, the new key signs and the trail does not tell of it. So a key is official only where the
trail says that somebody who may has supplied or adopted it; then saying it once more (`bench admin keys adopt`) mends
what was cut off.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509 import Certificate

from bench.canonical import JsonObject
from bench.dates import day_of
from bench.errors import OperatorError
from bench.keys.log_key import LogKey, log_key_numbers, open_log_key, write_log_key
from bench.keys.private_files import KEYS_FOLDER, keys_folder, replace_public
from bench.keys.purposes import Purpose
from bench.keys.seal_certificates import SealPrivate
from bench.keys.seal_keys import import_seal_key, make_seal_key
from bench.keys.standing import (
    KeyStanding,
    Origin,
    all_standings,
    signing_standing,
    unofficial_purposes,
    write_standing,
)
from bench.registry import trail
from bench.registry.persons import Act, require
from bench.registry.store import Registry, reading, writing
from bench.transparency.notes import sign_note, verifier_key

_MADE, _ROTATED, _SUPPLIED, _ADOPTED = "key_made", "key_rotated", "key_supplied", "key_adopted"


def keys_are_official(state_dir: Path) -> bool:
    """All keys that sign now are supplied or adopted, by their files and by the trail: else certificates are marked.

    Errors: OperatorError for a damaged file.
    """
    return not unofficial_purposes(state_dir) and not untold(state_dir)


def untold(state_dir: Path) -> list[KeyStanding]:
    """Keys that sign now and are official by their files, without an entry of the trail that says so."""
    with reading(state_dir) as database:
        told = {
            (entry.about, (entry.new or {}).get("fingerprint"))
            for entry in trail.entries(database)
            if entry.what in (_SUPPLIED, _ADOPTED)
        }
    signing = [each for each in all_standings(state_dir) if not each.until and not each.is_unofficial]
    return [each for each in signing if (each.purpose, each.fingerprint) not in told]


def make_missing(state_dir: Path, by: str, laboratory: str, wall_time: str) -> list[KeyStanding]:
    """Make the keys that are not there yet, so that their fingerprints can be published before they sign.

    Errors: OperatorError.
    """
    made = []
    for purpose in Purpose:
        if signing_standing(state_dir, purpose) is None:
            made.append(
                _change(
                    state_dir,
                    by,
                    _MADE,
                    purpose,
                    _maker(state_dir, purpose, laboratory, wall_time),
                    wall_time,
                )
            )
    return made


def rotate(
    state_dir: Path, by: str, purpose: Purpose, laboratory: str, origin: str, wall_time: str
) -> KeyStanding:
    """A new key signs from now on; the public key of the old one stays. origin: the name of the log.

    Errors: OperatorError; then the old key signs on.
    """
    make = _maker(state_dir, purpose, laboratory, wall_time)
    if purpose is Purpose.LOG and log_key_numbers(state_dir):
        make = _log_follower(state_dir, origin, wall_time)
    return _change(state_dir, by, _ROTATED, purpose, make, wall_time)


def supply(
    state_dir: Path,
    by: str,
    purpose: Purpose,
    private: SealPrivate,
    certificates: tuple[Certificate, ...],
    wall_time: str,
) -> KeyStanding:
    """A key of the laboratory's own signs from now on. Errors: OperatorError, as `import_seal_key`."""

    def take() -> None:
        import_seal_key(state_dir, purpose, private, certificates, wall_time)

    return _change(state_dir, by, _SUPPLIED, purpose, take, wall_time)


def adopt(state_dir: Path, by: str, purpose: Purpose, wall_time: str) -> KeyStanding:
    """An administrator declares that the fingerprint of the key that signs now has been published.

    Errors: OperatorError where there is no key, or it is official.
    """
    standing = signing_standing(state_dir, purpose)
    if standing is None:
        raise OperatorError(f"there is no {purpose} key yet; make it: bench admin keys make")
    if not standing.is_unofficial and standing not in untold(state_dir):
        raise OperatorError(f"the {purpose} key is official already; nothing was changed")

    def declare() -> None:
        write_standing(state_dir, replace(standing, adopted_on=day_of(wall_time)))

    return _change(state_dir, by, _ADOPTED, purpose, declare, wall_time)


def endorsement_path(state_dir: Path, number: int) -> Path:
    """Of the note by which the log key before has named this one."""
    return state_dir / KEYS_FOLDER / f"log-{number}.note"


def _change(
    state_dir: Path, by: str, what: str, purpose: Purpose, change: Callable[[], object], wall_time: str
) -> KeyStanding:
    with writing(state_dir, wall_time) as database:
        require(database, by, Act.KEYS)
        old = signing_standing(state_dir, purpose)
        change()
        new = signing_standing(state_dir, purpose)
        assert new is not None
        _tell(database, wall_time, by, what, old, new)
    return new


def _tell(
    database: Registry, wall_time: str, by: str, what: str, old: KeyStanding | None, new: KeyStanding
) -> None:
    trail.add(
        database, wall_time, by, what, new.purpose.value, None if old is None else _told(old), _told(new)
    )


def _told(standing: KeyStanding) -> JsonObject:
    """As the trail has it: what is public, and nothing else."""
    return {
        "number": standing.number,
        "fingerprint": standing.fingerprint,
        "origin": standing.origin.value,
        "adopted_on": standing.adopted_on,
    }


def _maker(state_dir: Path, purpose: Purpose, laboratory: str, wall_time: str) -> Callable[[], object]:
    if purpose is Purpose.LOG:
        return lambda: open_log_key(state_dir)
    return lambda: make_seal_key(state_dir, purpose, laboratory, wall_time)


def _log_follower(state_dir: Path, origin: str, wall_time: str) -> Callable[[], LogKey]:
    """A new log key, named by a note that the old one signs: who trusts the old one can follow.

    The note and how the key stands are there before the key, with which all of it begins to count.
    """

    def make() -> LogKey:
        old, private = open_log_key(state_dir, may_make=False), Ed25519PrivateKey.generate()
        new, number = LogKey(private), max(log_key_numbers(state_dir)) + 1
        keys_folder(state_dir)
        text = endorsement(origin, number, new.public, day_of(wall_time))
        note = sign_note(text, origin, old.sign, old.public)
        replace_public(endorsement_path(state_dir, number), note.encode())
        standing = KeyStanding(
            Purpose.LOG, number, new.fingerprint, Origin.MADE, day_of(wall_time), until="", adopted_on=""
        )
        write_standing(state_dir, standing)
        return write_log_key(state_dir, number, private)

    return make


def endorsement(origin: str, number: int, public: bytes, day: str) -> str:
    """The text that the old log key signs."""
    return f"{origin}\nlog key {number} from {day}\n{verifier_key(origin, public)}\n"
