"""Signed notes, checkpoints and proofs in their text forms: the published example opens, nothing altered does."""

from __future__ import annotations

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from bench.transparency.checkpoint import Checkpoint, origin_of
from bench.transparency.merkle import MerkleTree, ProofTree, leaf_hash, root_of
from bench.transparency.notes import (
    key_id,
    known_keys,
    open_note,
    read_verifier_key,
    sign_note,
    signers,
    verifier_key,
)
from bench.transparency.tlog_proof import TlogProof

# From the specification of signed notes.
PUBLISHED_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
PUBLISHED_TEXT = "This is an example message.\n"
PUBLISHED_NOTE = (
    PUBLISHED_TEXT + "\n— example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
# From the specification of checkpoints.
PUBLISHED_CHECKPOINT = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"

NAME = "meter-test-bench/demo"
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = PRIVATE.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
KEYS = known_keys(NAME, [PUBLIC])
LEAVES = [leaf_hash(bytes([number])) for number in range(11)]
CHECKPOINT = Checkpoint(NAME, 11, MerkleTree(LEAVES).root(), "2026-11-26T18:00:00Z")
NOTE = sign_note(CHECKPOINT.to_text(), NAME, PRIVATE.sign, PUBLIC)


def test_the_published_note_opens() -> None:
    name, public = read_verifier_key(PUBLISHED_KEY)
    assert (name, key_id(name, public).hex()) == ("example.com/foo", "530d903a")
    assert verifier_key(name, public) == PUBLISHED_KEY
    assert open_note(PUBLISHED_NOTE, known_keys(name, [public])) == PUBLISHED_TEXT


def test_the_published_checkpoint_reads_and_writes() -> None:
    checkpoint = Checkpoint.from_text(PUBLISHED_CHECKPOINT)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert checkpoint.root.hex() == "0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62"
    assert checkpoint.to_text() == PUBLISHED_CHECKPOINT


def test_a_note_is_text_an_empty_line_and_a_signature() -> None:
    text, blank, signature = NOTE.rpartition("\n\n")
    dash, name, encoded = signature.split()
    assert text.split("\n") == [
        "meter-test-bench/demo", "11", base64.b64encode(CHECKPOINT.root).decode(), "time 2026-11-26T18:00:00Z",
    ]  # fmt: skip
    assert (blank, dash, name) == ("\n\n", "\u2014", NAME)
    raw = base64.b64decode(encoded)
    assert raw[:4] == hashlib.sha256(NAME.encode() + b"\n\x01" + PUBLIC).digest()[:4]
    PRIVATE.public_key().verify(raw[4:], (text + "\n").encode())
    assert Checkpoint.from_text(open_note(NOTE, KEYS)) == CHECKPOINT
    assert signers(NOTE) == list(KEYS)


@given(st.integers(0, 8 * len(NOTE.encode()) - 1))
def test_no_flipped_bit_of_a_note_is_believed(bit: int) -> None:
    raw = bytearray(NOTE.encode())
    raw[bit // 8] ^= 1 << bit % 8
    with pytest.raises(ValueError):  # noqa: PT011 - each bit has its own way to be wrong
        open_note(raw.decode(), KEYS)


def test_signatures_of_unknown_keys_are_passed_over_and_those_of_known_ones_not() -> None:
    other = Ed25519PrivateKey.from_private_bytes(bytes(32))
    other_public = other.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    line = sign_note(CHECKPOINT.to_text(), "witness", other.sign, other_public).rpartition("\n\n")[2]
    assert open_note(NOTE + line, KEYS) == CHECKPOINT.to_text()
    wrong = sign_note("another text\n", "witness", other.sign, other_public).rpartition("\n\n")[2]
    assert open_note(NOTE + wrong, KEYS) == CHECKPOINT.to_text()
    with pytest.raises(ValueError, match="is wrong"):
        open_note(NOTE + wrong, KEYS | known_keys("witness", [other_public]))
    with pytest.raises(ValueError, match="no known key"):
        open_note(NOTE, known_keys(NAME, [other_public]))
    with pytest.raises(ValueError, match="no known key"):
        open_note(NOTE, known_keys("another", [PUBLIC]))


def test_a_text_may_have_empty_lines() -> None:
    text = "first\n\nlast\n\n"
    assert open_note(sign_note(text, NAME, PRIVATE.sign, PUBLIC), KEYS) == text


@pytest.mark.parametrize(
    "note",
    ["", "text\n", "text\n\n", "text\n\n- name AAAA\n", "text\n\n— name AAAA\n", "text\n\n— name A===\n",
     "te\txt\n\n" + NOTE.rpartition("\n\n")[2], NOTE[:-1], NOTE + "\n", NOTE.replace("\n", "\r\n"),
     "text\n\n" + NOTE.rpartition("\n\n")[2] * 65],
)  # fmt: skip
def test_what_is_no_note_is_refused(note: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each has its own sentence
        open_note(note, KEYS)


@pytest.mark.parametrize("name", ["", "two words", "one+two", "line\nend", "wide\u3000space"])
def test_a_name_that_no_key_can_have_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="name of a key"):
        sign_note("text\n", name, PRIVATE.sign, PUBLIC)


@pytest.mark.parametrize("text", ["", "no end", "control\x07\n", "carriage\r\n"])
def test_a_text_that_no_note_can_have_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="text of a note"):
        sign_note(text, NAME, PRIVATE.sign, PUBLIC)


@pytest.mark.parametrize(
    "key",
    ["", "name", "name+00000000+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", PUBLISHED_KEY.upper(),
     PUBLISHED_KEY + "A", PUBLISHED_KEY[:-1] + "l", "example.com/foo+530d903a+AekyeRrm", PUBLISHED_KEY + "\n"],
)  # fmt: skip
def test_a_damaged_verifier_key_is_refused(key: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each has its own sentence
        read_verifier_key(key)


ROOT_TEXT = base64.b64encode(CHECKPOINT.root).decode()


@pytest.mark.parametrize(
    "text",
    ["", "origin\n1\n", f"origin\n1\n{ROOT_TEXT}", f"origin\n01\n{ROOT_TEXT}\n", f"origin\n-1\n{ROOT_TEXT}\n",
     f"origin\n１\n{ROOT_TEXT}\n", f"\n1\n{ROOT_TEXT}\n", "origin\n1\nAAAA\n", f"origin\n1\n{ROOT_TEXT[:-2]}9=\n",
     f"origin\n1\n{ROOT_TEXT}\n\n", f"origin\n1\n{ROOT_TEXT}\ndate 2026\n",
     f"origin\n1\n{ROOT_TEXT}\ntime 2026\ntime 2027\n"],
)  # fmt: skip
def test_a_damaged_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each has its own sentence
        Checkpoint.from_text(text)


def test_an_origin_is_a_name_that_a_key_can_have() -> None:
    assert origin_of("bench-1") == "meter-test-bench/bench-1"
    assert origin_of("台 1+2") == "meter-test-bench/台-1-2"
    sign_note("text\n", origin_of("a b\tc+d\u3000e"), PRIVATE.sign, PUBLIC)


def test_a_proof_is_a_text_that_needs_nothing_else() -> None:
    proof = TlogProof(6, tuple(ProofTree(LEAVES).inclusion_path(6, 11)), NOTE)
    lines = proof.to_text().split("\n")
    assert lines[:2] == ["c2sp.org/tlog-proof@v1", "index 6"]
    assert lines[2:6] == [base64.b64encode(node).decode() for node in ProofTree(LEAVES).inclusion_path(6, 11)]
    assert "\n".join(lines[7:]) == NOTE
    assert lines[6] == ""
    read = TlogProof.from_text(proof.to_text())
    checkpoint = Checkpoint.from_text(open_note(read.checkpoint, KEYS))
    assert root_of(LEAVES[6], read.index, checkpoint.size, read.path) == checkpoint.root


def test_a_proof_of_the_only_record_and_one_with_extra_data() -> None:
    assert TlogProof.from_text(TlogProof(0, (), NOTE).to_text()) == TlogProof(0, (), NOTE)
    with_extra = TlogProof(0, (LEAVES[1],), NOTE, b"opaque")
    assert with_extra.to_text().split("\n")[1] == "extra b3BhcXVl"
    assert TlogProof.from_text(with_extra.to_text()) == with_extra


PATH_LINE = base64.b64encode(LEAVES[0]).decode()


@pytest.mark.parametrize(
    "text",
    ["", NOTE, "c2sp.org/tlog-proof@v1\n\n" + NOTE, "c2sp.org/tlog-proof@v2\nindex 0\n\n" + NOTE,
     "c2sp.org/tlog-proof@v1\nindex 00\n\n" + NOTE, "c2sp.org/tlog-proof@v1\nindex -1\n\n" + NOTE,
     "c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n\n" + NOTE, "c2sp.org/tlog-proof@v1\nindex 0\n" + NOTE[:8],
     "c2sp.org/tlog-proof@v1\nindex 0\n" + f"{PATH_LINE}\n" * 64 + "\n" + NOTE],
)  # fmt: skip
def test_a_damaged_proof_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each has its own sentence
        TlogProof.from_text(text)


def test_a_key_that_any_signature_fits_is_none() -> None:
    for public in (bytes(32), b"\x01" + bytes(31), b"\x01" + bytes(30) + b"\x80"):
        with pytest.raises(ValueError, match="any signature fits"):
            read_verifier_key(verifier_key("log", public))
