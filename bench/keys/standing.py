"""How each key stands: who made it, since when it signs, and whether its fingerprint has been published.

A signature shows that a document is as the holder of a key made it; who holds the key, only a fingerprint that came
another way can tell. So a key that the bench has made by itself is *unofficial*: nobody outside knows it. It ceases to
be so when the laboratory gives a key of its own, or when an administrator declares that he has published the
fingerprint (`bench admin keys adopt`). Certificates say where a key is unofficial, and nothing can take that off.

What is known of `xml-2.key` stands in `xml-2.json`. It names the fingerprint that it is about: a key that somebody
has put in its place is unofficial, as is one without this file.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from itertools import zip_longest
from pathlib import Path

from bench.canonical import canonical_bytes
from bench.errors import OperatorError
from bench.keys.fingerprint import fingerprint
from bench.keys.log_key import log_publics_by_number
from bench.keys.private_files import KEYS_FOLDER, replace_public
from bench.keys.purposes import Purpose
from bench.keys.seal_certificates import seal_publics_by_number

_UNKNOWN = "?"
"""Until when a key has signed where it is not written of the next one since when that does."""


class Origin(StrEnum):
    MADE = "made"
    """By the bench itself."""
    SUPPLIED = "supplied"
    """By the laboratory."""


@dataclass(frozen=True, slots=True)
class KeyStanding:
    """One key that signs or has signed. Days are YYYY-MM-DD.

    since: "" where the bench made it with its first journal; until: day on which the next one followed, "" for the
    key that signs now, "?" where that is not written; adopted_on: "" until an administrator has declared it published.
    """

    purpose: Purpose
    number: int
    fingerprint: str
    origin: Origin
    since: str
    until: str
    adopted_on: str

    @property
    def is_unofficial(self) -> bool:
        return self.origin is Origin.MADE and not self.adopted_on


def all_standings(state_dir: Path) -> list[KeyStanding]:
    """Of all keys that there are or were, by purpose and number; no private key is read.

    Errors: OperatorError for a damaged file.
    """
    found: list[KeyStanding] = []
    for purpose in Purpose:
        publics = _publics(state_dir, purpose)
        of_purpose = [_standing(state_dir, purpose, number, publics[number]) for number in sorted(publics)]
        for each, follower in zip_longest(of_purpose, of_purpose[1:]):
            found.append(replace(each, until="" if follower is None else follower.since or _UNKNOWN))
    return found


def signing_standing(state_dir: Path, purpose: Purpose) -> KeyStanding | None:
    """Of the key that signs now; None where there is none yet. Errors: OperatorError."""
    found = [each for each in all_standings(state_dir) if each.purpose is purpose]
    return found[-1] if found else None


def unofficial_purposes(state_dir: Path) -> tuple[Purpose, ...]:
    """Whose signing key nobody outside can know, by its files; `bench/registry/key_changes.py` asks the trail, too.

    Errors: OperatorError for a damaged file.
    """
    signing = {each.purpose: each for each in all_standings(state_dir)}
    return tuple(each for each in Purpose if each not in signing or signing[each].is_unofficial)


def write_standing(state_dir: Path, standing: KeyStanding) -> None:
    """Errors: OperatorError where it cannot be written."""
    body = {key: str(value) for key, value in asdict(standing).items() if key not in ("number", "until")}
    replace_public(_path(state_dir, standing.purpose, standing.number), canonical_bytes(body))


def _publics(state_dir: Path, purpose: Purpose) -> dict[int, bytes]:
    if purpose is Purpose.LOG:
        return log_publics_by_number(state_dir)
    return seal_publics_by_number(state_dir, purpose)


def _standing(state_dir: Path, purpose: Purpose, number: int, public: bytes) -> KeyStanding:
    path, print_of_it = _path(state_dir, purpose, number), fingerprint(public)
    unknown = KeyStanding(purpose, number, print_of_it, Origin.MADE, "", "", "")
    try:
        body = json.loads(path.read_bytes())
        if (body["purpose"], body["fingerprint"]) != (purpose, print_of_it):
            return unknown
        return replace(
            unknown, origin=Origin(body["origin"]), since=body["since"], adopted_on=body["adopted_on"]
        )
    except FileNotFoundError:
        return unknown
    except OSError as error:
        raise OperatorError(f"{path}: {error.strerror}; run it as the bench's user") from error
    except (ValueError, KeyError, TypeError):
        raise OperatorError(
            f"{path} is damaged; restore it from a back-up, or delete it and adopt the key"
        ) from None


def _path(state_dir: Path, purpose: Purpose, number: int) -> Path:
    return state_dir / KEYS_FOLDER / f"{purpose}-{number}.json"
