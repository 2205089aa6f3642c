"""A certificate for https: asked for, refused for what a browser would refuse, put in place, renewed, taken off."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from bench.appliance import https
from bench.appliance.https import FOLDER
from bench.errors import OperatorError
from tests.appliance.authority import HOST, Authority, now, pair, private_pem
from tests.appliance.commands import typed

DROP_IN = "etc/systemd/system/bench-web.service.d/https.conf"
WANTED = "etc/systemd/system/sockets.target.wants/bench-https.socket"


@pytest.fixture
def authority() -> Authority:
    return Authority.root()


@pytest.fixture
def ca(tmp_path: Path, authority: Authority) -> Path:
    path = tmp_path / "ca.crt"
    path.write_bytes(authority.pem)
    return path


def install(card: Path, chain: Path, ca: Path, *more: str, lang: str = "en") -> str:
    return typed(card, "https", "install", str(chain), "--ca", str(ca), *more, lang=lang)


def test_the_laboratory_signs_a_request_and_the_key_never_leaves_the_bench(
    card: Path, tmp_path: Path, authority: Authority, ca: Path
) -> None:
    said = typed(card, "https", "request", HOST, "192.168.1.20")
    folder = card / FOLDER
    assert str(folder / https.REQUEST) in said
    asked = x509.load_pem_x509_csr((folder / https.REQUEST).read_bytes())
    assert asked.is_signature_valid
    names = asked.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(name.value) for name in names] == [HOST, "192.168.1.20"]
    assert (folder / https.NEXT_KEY).stat().st_mode & 0o777 == 0o600
    with pytest.raises(OperatorError, match="a request is waiting already"):
        typed(card, "https", "request", HOST)
    assert "waits for the CA" in typed(card, "https", "show")

    public = asked.public_key()
    assert isinstance(public, ec.EllipticCurvePublicKey)
    signed = tmp_path / "signed.crt"
    signed.write_bytes(authority.issue(public, HOST))
    key = (folder / https.NEXT_KEY).read_bytes()
    said = install(card, signed, ca)
    assert f"https://{HOST}/" in said
    assert "(90 days)" in said
    assert sorted(path.name for path in folder.iterdir()) == ["chain.pem", "host", "key.pem"]
    assert (folder / "key.pem").read_bytes() == key
    assert (folder / "key.pem").stat().st_mode & 0o777 == 0o600
    assert (folder / "chain.pem").read_bytes() == signed.read_bytes()
    assert (card / WANTED).is_symlink()
    assert "issued by CN=Laboratory CA" in typed(card, "https", "show")


def test_behind_https_the_pages_are_for_this_machine_alone(
    card: Path, tmp_path: Path, authority: Authority, ca: Path
) -> None:
    chain, key = pair(tmp_path, authority)
    install(card, chain, ca, "--key", str(key), "--host", HOST)
    lines = (card / DROP_IN).read_text().splitlines()
    assert "Environment=BENCH_HTTPS=1" in lines
    assert "Environment=BENCH_HOST=127.0.0.1" in lines
    assert f"Environment=BENCH_HTTPS_CERTIFICATE=/{FOLDER}/chain.pem" in lines
    assert "Browsers that have seen https".casefold() in typed(card, "https", "off").casefold()
    assert not (card / DROP_IN).exists()
    assert not (card / WANTED).is_symlink()
    assert (card / FOLDER / "key.pem").is_file()


def test_what_was_taken_off_is_put_on_again_with_what_is_still_there(
    card: Path, tmp_path: Path, authority: Authority, ca: Path
) -> None:
    assert "https is not set up" in typed(card, "https", "show")
    chain, key = pair(tmp_path, authority)
    install(card, chain, ca, "--key", str(key), "--host", HOST)
    typed(card, "https", "off")
    kept = card / FOLDER / "chain.pem"
    for lang in ("en", "zh"):
        assert f"sudo bench https install {kept} --ca" in typed(card, "https", "show", lang=lang)
    assert f"https://{HOST}/" in install(card, kept, ca), "the key and the name are those of before"


def test_after_a_release_that_had_none_https_is_not_said_to_be_on(
    card: Path, tmp_path: Path, authority: Authority, ca: Path
) -> None:
    chain, key = pair(tmp_path, authority)
    install(card, chain, ca, "--key", str(key), "--host", HOST)
    (card / DROP_IN).unlink()  # as `systemd/install --back` does
    assert "https is off" in typed(card, "https", "show")
    assert HOST not in typed(card, "network", "show")


def test_a_certificate_that_follows_takes_its_place(
    card: Path, tmp_path: Path, authority: Authority, ca: Path
) -> None:
    chain, key = pair(tmp_path, authority)
    install(card, chain, ca, "--key", str(key), "--host", HOST)
    private = load_pem_private_key(key.read_bytes(), None)
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    chain.write_bytes(authority.issue(private.public_key(), HOST, ends=now() + timedelta(days=400, hours=1)))
    assert "(400 days)" in install(card, chain, ca), "the key and the host are those of before"


def test_what_is_between_comes_in_the_file_of_the_certificate(
    card: Path, tmp_path: Path, authority: Authority, ca: Path
) -> None:
    between = authority.below("Workshop CA")
    chain, key = pair(tmp_path, between)
    with pytest.raises(OperatorError, match="does not lead to that CA"):
        install(card, chain, ca, "--key", str(key), "--host", HOST)
    chain.write_bytes(chain.read_bytes() + between.pem)
    install(card, chain, ca, "--key", str(key), "--host", HOST)
    assert (card / FOLDER / "chain.pem").read_bytes().count(b"BEGIN CERTIFICATE") == 2


def test_an_address_can_be_the_name(card: Path, tmp_path: Path, authority: Authority, ca: Path) -> None:
    chain, key = pair(tmp_path, authority, "10.42.7.1")
    assert "https://10.42.7.1/" in install(card, chain, ca, "--key", str(key), "--host", "10.42.7.1")


def another_key(folder: Path, authority: Authority) -> None:
    (folder / "bench.key").write_bytes(private_pem(ec.generate_private_key(ec.SECP256R1())))


def issued(**differently: object) -> Callable[[Path, Authority], None]:
    def spoil(folder: Path, authority: Authority) -> None:
        private = load_pem_private_key((folder / "bench.key").read_bytes(), None)
        assert isinstance(private, ec.EllipticCurvePrivateKey)
        host = str(differently.get("host", HOST))
        rest = {key: value for key, value in differently.items() if key != "host"}
        (folder / "bench.crt").write_bytes(authority.issue(private.public_key(), host, **rest))  # type: ignore[arg-type]

    return spoil


def other_authority(folder: Path, authority: Authority) -> None:
    issued()(folder, Authority.root("Another CA"))


def open_to_others(folder: Path, authority: Authority) -> None:
    (folder / "bench.key").chmod(0o644)


def encrypted(folder: Path, authority: Authority) -> None:
    private = load_pem_private_key((folder / "bench.key").read_bytes(), None)
    kept = BestAvailableEncryption(b"secret")
    (folder / "bench.key").write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, kept))


def no_certificate(folder: Path, authority: Authority) -> None:
    (folder / "bench.crt").write_bytes(b"\x30\x82 DER or something else")


def no_key(folder: Path, authority: Authority) -> None:
    (folder / "bench.key").unlink()


@pytest.mark.parametrize(("spoil", "zh", "en"), [
    (another_key, "不是一对", "do not belong together"),
    (issued(ends=now() - timedelta(hours=1)), "已过期", "has expired"),
    (issued(begins=now() + timedelta(days=1)), "还没有生效", "not valid yet"),
    (issued(host="b.example"), f"没有 {HOST}，只有 b.example", f"does not name {HOST} but b.example"),
    (issued(has_names=False), "没有 subjectAltName", "has no subjectAltName"),
    (issued(is_for_servers=False), "serverAuth", "not for servers"),
    (other_authority, "走不到所给的 CA", "does not lead to that CA"),
    (open_to_others, "别人也能读", "can be read by others; chmod 600"),
    (encrypted, "带密码或不是私钥", "is encrypted or no key"),
    (no_certificate, "没有 PEM 证书", "holds no PEM certificate"),
    (no_key, "读不了", "cannot be read"),
])  # fmt: skip
def test_what_a_browser_would_not_take_is_refused_in_one_line_and_nothing_is_changed(
    card: Path, tmp_path: Path, authority: Authority, ca: Path,
    spoil: Callable[[Path, Authority], None], zh: str, en: str,
) -> None:  # fmt: skip
    chain, key = pair(tmp_path, authority)
    spoil(tmp_path, authority)
    for lang, said in (("zh", zh), ("en", en)):
        with pytest.raises(OperatorError, match=re.escape(said)) as refused:
            install(card, chain, ca, "--key", str(key), "--host", HOST, lang=lang)
        assert "\n" not in str(refused.value)
    assert not (card / FOLDER).exists()
    assert not (card / DROP_IN).exists()


def test_a_self_made_certificate_is_taken_where_it_is_its_own_ca(card: Path, tmp_path: Path) -> None:
    """A laboratory without a CA can trust one certificate; without its being named it is refused."""
    own = Authority.root(HOST)
    chain, key = pair(tmp_path, own)
    with pytest.raises(OperatorError, match="does not lead to that CA"):
        typed(card, "https", "install", str(chain), "--key", str(key), "--host", HOST)


def test_without_a_key_or_a_name_it_is_said_what_to_do(
    card: Path, tmp_path: Path, authority: Authority, ca: Path
) -> None:
    chain, key = pair(tmp_path, authority)
    with pytest.raises(OperatorError, match="begin with sudo bench https request"):
        install(card, chain, ca)
    with pytest.raises(OperatorError, match="by which name will the page be opened"):
        install(card, chain, ca, "--key", str(key))


@pytest.mark.parametrize(
    "name", ["", "a b", "-x.lab", "bench_7", "300.1.1.1", "x" * 64, "bench..lab", "电能表"]
)
def test_what_is_no_name_is_refused(card: Path, name: str) -> None:
    with pytest.raises(OperatorError, match="neither a host name nor an address"):
        typed(card, "https", "request", "--", name)


@pytest.mark.parametrize(
    "name", ["ſtation.lab", "\u212aiosk.lab", "2001:db8::1", "fe80::1%eth0", "bench.lab.", "a b"]
)
def test_a_name_that_no_certificate_or_no_front_can_have_is_refused(card: Path, name: str) -> None:
    with pytest.raises(OperatorError, match="is neither a host name nor an address"):
        typed(card, "https", "request", name)


def test_a_request_that_names_nothing_says_no_host(
    card: Path, tmp_path: Path, authority: Authority, ca: Path
) -> None:
    chain, key = pair(tmp_path, authority)
    request = card / FOLDER / https.REQUEST
    request.parent.mkdir(parents=True)
    nameless = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    request.write_bytes(
        nameless.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256()).public_bytes(Encoding.PEM)
    )
    with pytest.raises(OperatorError, match="by which name"):
        install(card, chain, ca, "--key", str(key))


def test_the_pages_find_the_certificate_whatever_the_umask_is(
    card: Path, tmp_path: Path, authority: Authority, ca: Path
) -> None:
    chain, key = pair(tmp_path, authority)
    before = os.umask(0o077)
    try:
        install(card, chain, ca, "--key", str(key), "--host", HOST)
    finally:
        os.umask(before)
    found = card / FOLDER / "chain.pem"
    assert [path.stat().st_mode & 0o777 for path in (found, *found.parents[:2])] == [0o644, 0o755, 0o755]
