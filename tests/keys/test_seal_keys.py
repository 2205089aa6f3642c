"""The keys of the seals: made once, supplied by the laboratory, one of them signing at every moment."""

from __future__ import annotations

import stat
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from bench.errors import OperatorError
from bench.keys import private_files, seal_certificates, seal_keys, standing
from bench.keys.log_key import open_log_key
from bench.keys.private_files import write_private
from bench.keys.purposes import Purpose
from bench.keys.seal_certificates import SealPrivate, self_signed
from bench.keys.seal_keys import (
    EncryptedKeyError,
    import_seal_key,
    make_seal_key,
    open_seal_keys,
    read_supplied_key,
)
from bench.keys.standing import Origin, all_standings, signing_standing, unofficial_purposes, write_standing

WHEN = "2026-11-26T10:00:00+00:00"
LATER = "2027-03-01T10:00:00+00:00"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder with all keys of a first start; nobody changes it."""
    state_dir = tmp_path_factory.mktemp("made")
    open_seal_keys(state_dir, "电能计量实验室", WHEN)
    open_log_key(state_dir)
    return state_dir


def copied(made: Path, to: Path) -> Path:
    for path in (made / "keys").iterdir():
        write_private(
            private_files.keys_folder(to) / path.name, path.read_bytes(), path.stat().st_mode & 0o777
        )
    return to


def adopt(state_dir: Path, purpose: Purpose, day: str) -> None:
    standing = signing_standing(state_dir, purpose)
    assert standing is not None
    write_standing(state_dir, replace(standing, adopted_on=day))


def test_they_are_made_at_the_first_start_and_stay(made: Path) -> None:
    first, again = (open_seal_keys(made, "another name", LATER) for _ in range(2))
    assert first.xml.fingerprint == again.xml.fingerprint
    xml, pdf = first.xml.private, first.pdf.private
    assert isinstance(xml, ec.EllipticCurvePrivateKey)
    assert xml.curve.name == "secp256r1"
    assert isinstance(pdf, rsa.RSAPrivateKey)
    assert pdf.key_size == 3072
    for key in (first.xml, first.pdf):
        (organisation,) = key.certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
        assert organisation.value == "电能计量实验室"
        key.certificate.verify_directly_issued_by(key.certificate)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (made / "keys").iterdir()}
    assert {name for name, mode in modes.items() if mode != 0o644} == {"log-1.key", "xml-1.key", "pdf-1.key"}
    assert {mode for name, mode in modes.items() if name.endswith(".key")} == {0o600}


def test_a_key_is_not_in_what_is_printed_of_it(made: Path) -> None:
    key = open_seal_keys(made, "", WHEN).xml
    assert "private" not in repr(key)
    numbers = key.private.private_numbers()
    assert isinstance(numbers, ec.EllipticCurvePrivateNumbers)
    assert str(numbers.private_value) not in repr(key)


def test_a_key_is_unofficial_until_it_is_adopted(made: Path, tmp_path: Path) -> None:
    assert unofficial_purposes(tmp_path) == tuple(Purpose)  # none there: nobody can know it
    state_dir = copied(made, tmp_path)
    assert unofficial_purposes(state_dir) == tuple(Purpose)
    adopt(state_dir, Purpose.LOG, "2026-12-01")
    adopt(state_dir, Purpose.PDF, "2026-12-01")
    assert unofficial_purposes(state_dir) == (Purpose.XML,)
    adopted = signing_standing(state_dir, Purpose.PDF)
    assert adopted is not None
    assert (adopted.origin, adopted.adopted_on) == (Origin.MADE, "2026-12-01")


def test_a_key_that_was_put_in_the_place_of_an_adopted_one_is_unofficial(made: Path, tmp_path: Path) -> None:
    state_dir, other = copied(made, tmp_path / "a"), tmp_path / "b"
    adopt(state_dir, Purpose.XML, "2026-12-01")
    open_seal_keys(other, "x", WHEN)
    for name in ("xml-1.key", "xml-1.pem"):
        (state_dir / "keys" / name).write_bytes((other / "keys" / name).read_bytes())
    open_seal_keys(state_dir, "x", WHEN)
    assert Purpose.XML in unofficial_purposes(state_dir)


def test_after_a_rotation_the_new_key_signs_and_both_are_listed(made: Path, tmp_path: Path) -> None:
    state_dir = copied(made, tmp_path)
    old = open_seal_keys(state_dir, "", WHEN).xml
    adopt(state_dir, Purpose.XML, "2026-12-01")
    new = make_seal_key(state_dir, Purpose.XML, "laboratory", LATER)
    assert open_seal_keys(state_dir, "", LATER).xml.fingerprint == new.fingerprint != old.fingerprint
    first, second = (each for each in all_standings(state_dir) if each.purpose is Purpose.XML)
    assert (first.fingerprint, first.since, first.until) == (old.fingerprint, "2026-11-26", "2027-03-01")
    assert (second.fingerprint, second.since, second.until) == (new.fingerprint, "2027-03-01", "")
    assert second.is_unofficial
    (state_dir / "keys" / "xml-1.key").unlink()  # a key that no longer signs need not be kept
    assert open_seal_keys(state_dir, "", LATER).xml.fingerprint == new.fingerprint


@pytest.mark.parametrize("purpose", [Purpose.XML, Purpose.PDF])
def test_killed_at_any_file_of_a_rotation_the_old_or_the_new_key_signs(
    made: Path, tmp_path: Path, purpose: Purpose, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """Nothing catches it, as nothing catches a kill."""

    signed_by: list[str] = []
    for survived in range(4):  # how many files are written before the kill
        state_dir = copied(made, tmp_path / str(survived))
        left = [survived]

        def dying(write: object) -> object:
            def write_or_die(*arguments: object) -> None:
                if not left[0]:  # noqa: B023
                    raise Killed
                left[0] -= 1  # noqa: B023
                write(*arguments)  # type: ignore[operator]

            return write_or_die

        old = getattr(open_seal_keys(state_dir, "", WHEN), purpose)
        with monkeypatch.context() as patched:
            patched.setattr(seal_keys, "write_private", dying(private_files.write_private))
            patched.setattr(standing, "replace_public", dying(private_files.replace_public))
            if survived < 3:
                with pytest.raises(Killed):
                    make_seal_key(state_dir, purpose, "laboratory", LATER)
            else:
                make_seal_key(state_dir, purpose, "laboratory", LATER)
        signing = getattr(open_seal_keys(state_dir, "", LATER), purpose)
        signed_by.append("old" if signing.fingerprint == old.fingerprint else "new")
        known = [each for each in all_standings(state_dir) if each.purpose is purpose]
        assert known[-1].fingerprint == signing.fingerprint
        again = make_seal_key(
            state_dir, purpose, "laboratory", LATER
        )  # what was left over is in nobody's way
        assert getattr(open_seal_keys(state_dir, "", LATER), purpose).fingerprint == again.fingerprint
    assert signed_by == ["old", "old", "old", "new"]


def test_a_full_disk_leaves_the_old_key(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state_dir = copied(made, tmp_path)
    old = open_seal_keys(state_dir, "", WHEN).xml

    def full(_file: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", full)
        with pytest.raises(OperatorError, match="No space left on device; check the folder"):
            make_seal_key(state_dir, Purpose.XML, "laboratory", LATER)
    assert open_seal_keys(state_dir, "", WHEN).xml.fingerprint == old.fingerprint


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda keys: (keys / "xml-1.key").unlink(), "xml-1.key: No such file or directory; restore it"),
        (lambda keys: (keys / "xml-1.key").write_text("x"), "xml-1.key is damaged: no private key in PEM"),
        (lambda keys: (keys / "xml-1.key").chmod(0o644), "xml-1.key can be read by others"),
        (lambda keys: (keys / "xml-1.pem").write_text("x"), "xml-1.pem holds no certificate"),
        (
            lambda keys: (keys / "pdf-1.pem").replace(keys / "xml-1.pem"),
            "is not the certificate of xml-1.key",
        ),
        (lambda keys: (keys / "xml-1.json").write_text("{}"), "xml-1.json is damaged"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_in_a_line(
    made: Path, tmp_path: Path, harm: object, said: str
) -> None:
    state_dir = copied(made, tmp_path)
    harm(state_dir / "keys")  # type: ignore[operator]
    read = all_standings if "json" in said else lambda state_dir: open_seal_keys(state_dir, "", WHEN)
    with pytest.raises(OperatorError) as caught:
        read(state_dir)  # type: ignore[operator]
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "PRIVATE KEY" not in str(caught.value)


@pytest.mark.parametrize("when", ["2026-11-20T10:00:00+00:00", "2047-01-01T10:00:00+00:00"])
def test_a_key_whose_certificate_is_not_valid_now_seals_nothing(made: Path, when: str) -> None:
    with pytest.raises(
        OperatorError, match=r"xml-1.pem is valid from 2026-11-25 to 2046-11-\d\d, which is not now"
    ):
        open_seal_keys(made, "", when)


def p256() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def pem(private: object, encryption: KeySerializationEncryption | None = None) -> bytes:
    encoded: bytes = private.private_bytes(  # type: ignore[attr-defined]
        Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption()
    )
    return encoded


def certificate_of(private: SealPrivate, *, years_ago: int = 0, usage: bool = True) -> x509.Certificate:
    then = datetime.fromisoformat(WHEN) - timedelta(days=365 * years_ago)
    if usage:
        return self_signed(private, "their own", Purpose.XML, then.isoformat())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "web server")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(private.public_key())
    key_usage = x509.KeyUsage(True, False, True, False, False, False, False, False, False)
    builder = builder.not_valid_before(then).not_valid_after(then + timedelta(days=365)).serial_number(7)
    return builder.add_extension(key_usage, critical=True).sign(private, SHA256())


def test_a_key_that_the_laboratory_gives_signs_and_is_official(made: Path, tmp_path: Path) -> None:
    state_dir = copied(made, tmp_path)
    private = p256()
    path = tmp_path / "lab.pem"
    path.write_bytes(pem(private, BestAvailableEncryption(b"geheim")))
    with pytest.raises(EncryptedKeyError, match="is encrypted; give its password"):
        read_supplied_key(path, None)
    with pytest.raises(OperatorError, match="wrong password"):
        read_supplied_key(path, b"wrong")
    read = read_supplied_key(path, b"geheim")
    key = import_seal_key(state_dir, Purpose.XML, read, (certificate_of(private),), WHEN)
    assert open_seal_keys(state_dir, "", WHEN).xml.fingerprint == key.fingerprint
    assert unofficial_purposes(state_dir) == (Purpose.LOG, Purpose.PDF)
    found = signing_standing(state_dir, Purpose.XML)
    assert found is not None
    assert found.origin is Origin.SUPPLIED


def test_a_key_that_does_not_fit_is_refused_and_the_old_one_signs(made: Path, tmp_path: Path) -> None:
    state_dir = copied(made, tmp_path)
    old = open_seal_keys(state_dir, "", WHEN)
    private, small = p256(), rsa.generate_private_key(65537, 2048)
    p384 = ec.generate_private_key(ec.SECP384R1())
    for purpose, key, certificate, said in (
        (Purpose.XML, p384, certificate_of(p384), "must be ECDSA on the curve P-256"),
        (Purpose.XML, small, certificate_of(small), "must be ECDSA on the curve P-256"),
        (Purpose.PDF, small, certificate_of(small), "must be RSA of at least 3072 bits"),
        (Purpose.PDF, private, certificate_of(private), "must be RSA of at least 3072 bits"),
        (Purpose.XML, private, certificate_of(p256()), "of another key"),
        (Purpose.XML, private, certificate_of(private, years_ago=21), "is valid from 2005"),
        (Purpose.XML, private, certificate_of(private, usage=False), "nonRepudiation"),
    ):
        with pytest.raises(OperatorError, match=said):
            import_seal_key(state_dir, purpose, key, (certificate,), WHEN)
    path = tmp_path / "other.pem"
    path.write_bytes(pem(ed25519.Ed25519PrivateKey.generate()))
    with pytest.raises(OperatorError, match="a key of another kind"):
        read_supplied_key(path, None)
    path.write_bytes(pem(private))
    with pytest.raises(OperatorError, match="is not encrypted; give no password"):
        read_supplied_key(path, b"x")
    path.write_text("no key")
    with pytest.raises(OperatorError, match="is no private key in PEM"):
        read_supplied_key(path, None)
    with pytest.raises(OperatorError, match="No such file"):
        seal_certificates.read_certificates(tmp_path / "nowhere.pem")
    now = open_seal_keys(state_dir, "", WHEN)
    assert (now.xml.fingerprint, now.pdf.fingerprint) == (old.xml.fingerprint, old.pdf.fingerprint)


def test_a_certificate_names_the_laboratory_so_it_must_have_a_name(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match=r"\[laboratory\] name_en"):
        open_seal_keys(tmp_path, " ", WHEN)
    assert not (tmp_path / "keys").exists()
