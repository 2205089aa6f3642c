"""Proofs: each holds for its own leaf and tree, and for nothing else; the published vectors come out."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.transparency.merkle import (
    MerkleTree,
    ProofTree,
    is_consistent,
    leaf_hash,
    root_of,
)

# The eight leaves by which implementations of RFC 6962 are compared, and their roots.
RECORDS = [
    bytes.fromhex(text)
    for text in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
NODE_1 = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
NODES_23 = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
NODES_47 = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
NODE_4 = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
NODES_67 = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
NODES_45 = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
INCLUSION = [
    (0, 1, []),
    (0, 8, [NODE_1, NODES_23, NODES_47]),
    (5, 8, [NODE_4, NODES_67, ROOTS[3]]),
    (2, 3, [ROOTS[1]]),
    (1, 5, [ROOTS[0], NODES_23, NODE_4]),
]
CONSISTENCY = [
    (1, 1, []),
    (1, 8, [NODE_1, NODES_23, NODES_47]),
    (6, 8, [NODES_45, NODES_67, ROOTS[3]]),
    (2, 5, [NODES_23, NODE_4]),
]
LEAVES = [leaf_hash(record) for record in RECORDS]
MOST = 70


def leaves_of(count: int) -> list[bytes]:
    return [leaf_hash(number.to_bytes(4, "big")) for number in range(count)]


MANY = leaves_of(MOST)
ROOT = [MerkleTree(MANY[:size]).root() for size in range(MOST + 1)]
PROOFS = ProofTree(MANY)
SIZES = st.integers(1, MOST)


def flipped(data: bytes, bit: int) -> bytes:
    bit %= 8 * len(data)
    return data[: bit // 8] + bytes([data[bit // 8] ^ 1 << bit % 8]) + data[bit // 8 + 1 :]


def hexes(path: list[bytes]) -> list[str]:
    return [node.hex() for node in path]


def test_published_roots() -> None:
    assert [MerkleTree(LEAVES[:size]).root().hex() for size in range(1, 9)] == ROOTS
    assert [ProofTree(LEAVES).root(size).hex() for size in range(1, 9)] == ROOTS
    assert MerkleTree().root() == ProofTree([]).root(0) == hashlib.sha256(b"").digest()


@pytest.mark.parametrize(("index", "size", "path"), INCLUSION)
def test_published_inclusion_paths(index: int, size: int, path: list[str]) -> None:
    assert hexes(ProofTree(LEAVES).inclusion_path(index, size)) == path
    assert (
        root_of(LEAVES[index], index, size, [bytes.fromhex(node) for node in path]).hex() == ROOTS[size - 1]
    )


@pytest.mark.parametrize(("earlier", "size", "path"), CONSISTENCY)
def test_published_consistency_paths(earlier: int, size: int, path: list[str]) -> None:
    assert hexes(ProofTree(LEAVES).consistency_path(earlier, size)) == path
    nodes = [bytes.fromhex(node) for node in path]
    assert is_consistent(
        earlier, size, bytes.fromhex(ROOTS[earlier - 1]), bytes.fromhex(ROOTS[size - 1]), nodes
    )


def test_every_leaf_of_every_tree_is_proved() -> None:
    for size in range(1, MOST + 1):
        for index in range(size):
            path = PROOFS.inclusion_path(index, size)
            assert len(path) <= (size - 1).bit_length()
            assert root_of(MANY[index], index, size, path) == ROOT[size]


def test_every_tree_is_the_beginning_of_every_later_one() -> None:
    for size in range(1, MOST + 1):
        for earlier in range(1, size + 1):
            path = PROOFS.consistency_path(earlier, size)
            assert is_consistent(earlier, size, ROOT[earlier], ROOT[size], path)
            if earlier != size:
                assert not is_consistent(earlier, size, ROOT[earlier - 1], ROOT[size], path)
                assert not is_consistent(earlier, size, ROOT[earlier], ROOT[size - 1], path)


@given(st.data(), SIZES, st.integers(0))
def test_a_changed_bit_is_not_proved(data: st.DataObject, size: int, bit: int) -> None:
    index = data.draw(st.integers(0, size - 1))
    path = PROOFS.inclusion_path(index, size)
    assert root_of(flipped(MANY[index], bit), index, size, path) != ROOT[size]
    if path:
        at = data.draw(st.integers(0, len(path) - 1))
        changed = [*path[:at], flipped(path[at], bit), *path[at + 1 :]]
        assert root_of(MANY[index], index, size, changed) != ROOT[size]


@given(st.data(), SIZES)
def test_another_place_or_a_path_of_another_length_is_not_proved(data: st.DataObject, size: int) -> None:
    index = data.draw(st.integers(0, size - 1))
    path = PROOFS.inclusion_path(index, size)
    other = data.draw(st.integers(0, size - 1))
    if other != index:
        try:
            assert root_of(MANY[index], other, size, path) != ROOT[size]
        except ValueError:
            assert len(PROOFS.inclusion_path(other, size)) != len(path)
    with pytest.raises(ValueError, match="too long"):
        root_of(MANY[index], index, size, [*path, MANY[0]])
    if path:
        with pytest.raises(ValueError, match="too short"):
            root_of(MANY[index], index, size, path[:-1])


@given(st.data(), SIZES, SIZES, st.integers(0))
def test_a_changed_bit_is_not_consistent(data: st.DataObject, one: int, other: int, bit: int) -> None:
    earlier, size = sorted((one, other))
    path = PROOFS.consistency_path(earlier, size)
    assert not is_consistent(earlier, size, flipped(ROOT[earlier], bit), ROOT[size], path)
    assert not is_consistent(earlier, size, ROOT[earlier], flipped(ROOT[size], bit), path)
    assert not is_consistent(earlier, size, ROOT[earlier], ROOT[size], [*path, ROOT[0]])
    if path:
        assert not is_consistent(earlier, size, ROOT[earlier], ROOT[size], path[:-1])
        at = data.draw(st.integers(0, len(path) - 1))
        changed = [*path[:at], flipped(path[at], bit), *path[at + 1 :]]
        assert not is_consistent(earlier, size, ROOT[earlier], ROOT[size], changed)


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0), (0, MOST + 1)])
def test_a_leaf_that_is_not_there_has_no_path(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="there"):
        PROOFS.inclusion_path(index, size)


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        root_of(MANY[0], 0, 2, [b"short"])
    with pytest.raises(ValueError, match="no leaf"):
        root_of(MANY[0], 2, 2, [])
    with pytest.raises(ValueError, match="beginning"):
        is_consistent(3, 2, ROOT[3], ROOT[2], [])
    with pytest.raises(ValueError, match="beginning"):
        is_consistent(0, 2, ROOT[0], ROOT[2], [])
    for earlier, size in ((0, 2), (3, 2), (1, MOST + 1)):
        with pytest.raises(ValueError, match="there"):
            PROOFS.consistency_path(earlier, size)
