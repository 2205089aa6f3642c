"""`bench admin keys` on the command line: who may, what the trail tells, and which keys are official."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from bench.admin.acting import now
from bench.canonical import JsonObject
from bench.configuration.config import load_config
from bench.errors import OperatorError
from bench.keys.log_key import all_log_publics, open_log_key
from bench.keys.purposes import Purpose
from bench.keys.seal_certificates import self_signed
from bench.keys.seal_keys import open_seal_keys
from bench.keys.standing import signing_standing
from bench.registry import key_changes, trail
from bench.registry.key_changes import endorsement, endorsement_path, keys_are_official, untold
from bench.registry.store import reading
from bench.transparency.checkpoint import origin_of
from bench.transparency.notes import known_keys, open_note
from tests.registry.test_admin_persons import NEW, as_admin, config, ran, staffed

__all__ = ["config", "staffed"]


@pytest.fixture
def keyed(staffed: Path) -> Path:
    """A bench with a laboratory's name and all keys."""
    staffed.write_text(staffed.read_text("utf-8") + '\n[laboratory]\nname_en = "Some Laboratory"\n', "utf-8")
    as_admin(staffed, "keys", "make")
    return staffed


def state_of(config: Path) -> Path:
    return load_config(config).state_dir


def listed(config: Path) -> list[JsonObject]:
    found: list[JsonObject] = json.loads(ran(config, "keys", "list", "--json").output)
    return found


def told(config: Path) -> list[tuple[str, str, str]]:
    with reading(state_of(config)) as database:
        entries = list(trail.entries(database))
        assert trail.check(database).broken_at is None
    return [(each.who, each.what, each.about) for each in entries if each.what.startswith("key_")]


def test_keys_are_made_once_listed_and_told_of(keyed: Path) -> None:
    assert [(each["purpose"], each["number"], each["signs"], each["is_unofficial"]) for each in listed(keyed)] == [
        ("log", 1, True, True), ("xml", 1, True, True), ("pdf", 1, True, True),
    ]  # fmt: skip
    assert told(keyed) == [("P1", "key_made", purpose) for purpose in ("log", "xml", "pdf")]
    before = listed(keyed)
    assert as_admin(keyed, "keys", "make").output == ""
    assert listed(keyed) == before
    english = ran(keyed, "keys", "list", "--lang", "en").output.splitlines()
    assert english[1].startswith(f"xml-1: {before[1]['fingerprint']}  signs since 20")
    assert english[1].endswith("unofficial: its fingerprint is not published")
    assert "非正式：指纹未公布" in ran(keyed, "keys", "list", "--lang", "zh").output


def test_an_adopted_key_is_official_and_only_once(keyed: Path) -> None:
    for purpose in Purpose:
        assert not keys_are_official(state_of(keyed))
        as_admin(keyed, "keys", "adopt", purpose.value)
    assert keys_are_official(state_of(keyed))
    with pytest.raises(OperatorError, match="the log key is official already"):
        as_admin(keyed, "keys", "adopt", "log")
    as_admin(keyed, "keys", "rotate", "xml")  # nobody has published the new one
    assert not keys_are_official(state_of(keyed))
    assert [each["is_unofficial"] for each in listed(keyed)] == [False, False, True, False]


def test_only_an_administrator_changes_keys_and_with_his_password(keyed: Path) -> None:
    before = listed(keyed)
    for words in (("adopt", "log"), ("rotate", "xml")):
        with pytest.raises(OperatorError, match="P2 may not change the keys of the bench"):
            ran(keyed, "keys", *words, "--by", "P2", typed=f"{NEW}\n")
        with pytest.raises(OperatorError, match="password"):
            ran(keyed, "keys", *words, "--by", "P1", typed="wrong\n")
    assert listed(keyed) == before
    assert {what for _, what, _ in told(keyed)} == {"key_made"}


def test_the_new_log_key_is_named_by_the_old_one(keyed: Path) -> None:
    state_dir = state_of(keyed)
    old = open_log_key(state_dir)
    output = as_admin(keyed, "keys", "rotate", "log", "--lang", "en").output
    new = open_log_key(state_dir)
    assert all_log_publics(state_dir) == [old.public, new.public]
    assert new.fingerprint in output
    assert "once it is restarted" in output
    assert "bench admin keys adopt log" in output
    origin = origin_of(load_config(keyed).bench.id)
    note = endorsement_path(state_dir, 2).read_text("utf-8")
    standing = signing_standing(state_dir, Purpose.LOG)
    assert standing is not None
    assert open_note(note, known_keys(origin, [old.public])) == endorsement(
        origin, 2, new.public, standing.since
    )
    first, second = (each for each in listed(keyed) if each["purpose"] == "log")
    assert (first["signs"], first["until"], second["signs"]) == (False, second["since"], True)
    assert told(keyed)[-1] == ("P1", "key_rotated", "log")


@pytest.mark.parametrize("survived", [0, 1, 2, 3])
def test_killed_in_the_rotation_of_the_log_key_the_old_or_the_new_one_signs(
    keyed: Path, survived: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """Nothing catches it, as nothing catches a kill."""

    state_dir = state_of(keyed)
    old, left = open_log_key(state_dir), [survived]

    def dying(name: str) -> None:
        write = getattr(key_changes, name)

        def write_or_die(*arguments: object) -> object:
            if not left[0]:
                raise Killed
            left[0] -= 1
            return write(*arguments)

        monkeypatch.setattr(key_changes, name, write_or_die)

    for name in ("replace_public", "write_standing", "write_log_key", "_tell"):
        dying(name)
    with pytest.raises(Killed):
        as_admin(keyed, "keys", "rotate", "log")
    monkeypatch.undo()
    signing = open_log_key(state_dir)
    assert (signing.public == old.public) == (survived < 3)
    assert listed(keyed)[survived // 3]["signs"]
    if survived == 3:  # the key is there, the trail does not tell of it
        assert ("P1", "key_rotated", "log") not in told(keyed)
    as_admin(keyed, "keys", "rotate", "log")
    assert open_log_key(state_dir).public not in (old.public, signing.public)


def test_a_key_that_is_official_beside_the_trail_is_not(keyed: Path) -> None:
    """A kill between the files and the trail, or somebody who writes `supplied` into a file by himself."""
    for purpose in Purpose:
        as_admin(keyed, "keys", "adopt", purpose.value)
    state_dir = state_of(keyed)
    as_admin(keyed, "keys", "rotate", "xml")
    path = state_dir / "keys" / "xml-2.json"
    path.write_text(path.read_text("utf-8").replace('"made"', '"supplied"'), "utf-8")
    assert [each.purpose for each in untold(state_dir)] == [Purpose.XML]
    assert not keys_are_official(state_dir)
    assert "the trail does not tell of it" in ran(keyed, "keys", "list", "--lang", "en").output
    as_admin(keyed, "keys", "adopt", "xml")
    assert keys_are_official(state_dir)


def supplied(folder: Path, password: bytes | None) -> tuple[Path, Path]:
    private = ec.generate_private_key(ec.SECP256R1())
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    encryption = NoEncryption() if password is None else BestAvailableEncryption(password)
    key.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption))
    made = self_signed(private, "Authority", Purpose.XML, now())
    certificate.write_bytes(made.public_bytes(Encoding.PEM))
    return key, certificate


@pytest.mark.parametrize("password", [None, b"open sesame"])
def test_a_key_of_the_laboratory_is_imported(keyed: Path, tmp_path: Path, password: bytes | None) -> None:
    key, certificate = supplied(tmp_path, password)
    more = "" if password is None else f"{password.decode()}\n"
    as_admin(keyed, "keys", "import", "xml", str(key), str(certificate), more=more)
    state_dir = state_of(keyed)
    assert (
        open_seal_keys(state_dir, "", now()).xml.certificate.public_bytes(Encoding.PEM)
        == certificate.read_bytes()
    )
    found = [each for each in listed(keyed) if each["purpose"] == "xml"]
    assert [(each["origin"], each["is_unofficial"], each["signs"]) for each in found] == [
        ("made", True, False), ("supplied", False, True),
    ]  # fmt: skip
    assert told(keyed)[-1] == ("P1", "key_supplied", "xml")
    assert "PRIVATE" not in (state_dir / "registry.sqlite").read_bytes().decode("latin-1")


def test_a_key_that_does_not_fit_is_refused_before_anybody_is_asked(keyed: Path, tmp_path: Path) -> None:
    key, certificate = supplied(tmp_path, None)
    with pytest.raises(OperatorError, match="the key of the PDF must be RSA"):
        ran(keyed, "keys", "import", "pdf", str(key), str(certificate), "--by", "P1")
    with pytest.raises(OperatorError, match="holds no certificate in PEM"):
        ran(keyed, "keys", "import", "xml", str(key), str(key), "--by", "P1")
    key, certificate = supplied(tmp_path, b"open sesame")
    with pytest.raises(OperatorError, match="wrong password, or damaged") as caught:
        as_admin(keyed, "keys", "import", "xml", str(key), str(certificate), more="wrong\n")
    assert "sesame" not in str(caught.value)
    assert len(listed(keyed)) == 3


class Texts(HTMLParser):
    """What a page says, and whether it loads anything."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.loaded: list[str] = []

    def handle_data(self, data: str) -> None:
        self.said.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.loaded += [value or "" for name, value in attrs if name in ("src", "href")]


def test_the_page_has_all_fingerprints_and_how_to_compare_them(keyed: Path, tmp_path: Path) -> None:
    as_admin(keyed, "keys", "adopt", "pdf")
    as_admin(keyed, "keys", "rotate", "log")
    ran(keyed, "keys", "page", "-o", str(tmp_path / "keys.html"))
    html = (tmp_path / "keys.html").read_text("utf-8")
    page = Texts()
    page.feed(html)
    text = " ".join(" ".join(page.said).split())
    assert page.loaded == []
    for each in listed(keyed):
        assert each["fingerprint"] in text
        assert f"{each['purpose']}-{each['number']}" in text
    for words in (
        "Some Laboratory", "Compare the fingerprint that a verifier shows", "逐组核对", "official: published since",
        "signs since", "until 20", "— meter-test-bench/",
    ):  # fmt: skip
        assert words in text, words
    assert "PRIVATE" not in html
    assert "unofficial" not in text, "the page is what publishes them"
    assert "非正式" not in text
    with pytest.raises(OperatorError, match="cannot be written"):
        ran(keyed, "keys", "page", "-o", str(tmp_path / "nowhere" / "keys.html"))


def test_without_keys_and_without_a_name_it_is_said_what_to_do(staffed: Path, tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="bench admin keys make"):
        ran(staffed, "keys", "page", "-o", str(tmp_path / "keys.html"))
    with pytest.raises(OperatorError, match="bench admin keys make"):
        as_admin(staffed, "keys", "adopt", "xml")
    with pytest.raises(OperatorError, match="the certificate of a key names the laboratory"):
        as_admin(staffed, "keys", "rotate", "xml")
