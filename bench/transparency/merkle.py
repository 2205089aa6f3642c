"""The Merkle tree of the journal: its root, and short proofs about it that need nothing but themselves.

Hashes are those of RFC 6962, section 2.1 (the same in RFC 9162): a leaf is SHA-256(0x00 || record), a node
SHA-256(0x01 || left || right), the root of no leaves SHA-256(""). A tree of n leaves is split at the largest power of
two below n, so that its left part is perfect and stays what it is however much is appended.

Two things can be shown to somebody who knows a root and has no other record:

- *inclusion*: this leaf is number i of the n that the root stands for. The path has the sibling of every node on the
  way from the leaf to the root (RFC 9162, 2.1.3).
- *consistency*: the n leaves begin with the m that an earlier root stood for; nothing was changed or taken out
  (RFC 9162, 2.1.4).

Leaves here are leaf hashes. Errors: ValueError where an index, a size or a path cannot be.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

HASH_BYTES = 32


def leaf_hash(record: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + record).digest()


def _node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


class MerkleTree:
    """The root over leaves in the order they came, kept as the roots of the perfect subtrees (O(log n))."""

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        self.size = 0
        self._peaks: list[tuple[int, bytes]] = []
        for leaf in leaves:
            self.append(leaf)

    def copy(self) -> MerkleTree:
        """Another tree over the same leaves, to be gone on with by itself."""
        other = MerkleTree()
        other.size, other._peaks = self.size, list(self._peaks)
        return other

    def append(self, leaf: bytes) -> None:
        """Add a leaf hash."""
        node, height = leaf, 0
        while self._peaks and self._peaks[-1][0] == height:
            node = _node_hash(self._peaks.pop()[1], node)
            height += 1
        self._peaks.append((height, node))
        self.size += 1

    def root(self) -> bytes:
        if not self._peaks:
            return hashlib.sha256(b"").digest()
        node = self._peaks[-1][1]
        for _, left in reversed(self._peaks[:-1]):
            node = _node_hash(left, node)
        return node


class ProofTree:
    """All perfect subtrees over some leaves (2 n hashes, made once), from which every proof is a few look-ups.

    Any size up to that of all leaves can be asked for: the tree as it was then.
    """

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self._levels = [list(leaves)]  # level h, item i: over the leaves i * 2^h to (i + 1) * 2^h - 1
        while len(below := self._levels[-1]) > 1:
            self._levels.append([_node_hash(*below[i : i + 2]) for i in range(0, len(below) - 1, 2)])

    @property
    def size(self) -> int:
        return len(self._levels[0])

    def root(self, size: int) -> bytes:
        """Of the tree of the first `size` leaves."""
        self._require(0 <= size <= self.size, f"a tree of {size} leaves")
        return self._over(0, size) if size else hashlib.sha256(b"").digest()

    def inclusion_path(self, index: int, size: int) -> list[bytes]:
        """From the leaf's sibling up to the root's child."""
        self._require(0 <= index < size <= self.size, f"leaf {index} in a tree of {size} leaves")
        path = []
        first, end = 0, size
        while end - first > 1:
            split = first + _left_part(end - first)
            if index < split:
                path.append(self._over(split, end))
                end = split
            else:
                path.append(self._over(first, split))
                first = split
        return path[::-1]

    def consistency_path(self, earlier: int, size: int) -> list[bytes]:
        """What shows that the tree of `size` leaves begins with that of the `earlier` ones (at least one)."""
        self._require(1 <= earlier <= size <= self.size, f"a tree of {earlier} leaves in one of {size}")
        path = []
        first, end, is_whole = 0, size, True  # is_whole: what is left of the earlier tree is all of it, known
        while earlier != end:
            split = first + _left_part(end - first)
            if earlier <= split:
                path.append(self._over(split, end))
                end = split
            else:
                path.append(self._over(first, split))
                first, is_whole = split, False
        if not is_whole:
            path.append(self._over(first, end))
        return path[::-1]

    def _over(self, first: int, end: int) -> bytes:
        """The root over leaves first to end - 1, where `first` is a multiple of the largest power of two in it."""
        count = end - first
        if count & (count - 1) == 0:
            height = count.bit_length() - 1
            return self._levels[height][first >> height]
        split = first + _left_part(count)
        return _node_hash(self._over(first, split), self._over(split, end))

    def _require(self, is_there: bool, what: str) -> None:
        if not is_there:
            raise ValueError(f"there is no {what}; there are {self.size} leaves")


def _left_part(count: int) -> int:
    """The largest power of two below `count` (at least 2)."""
    return 1 << (count - 1).bit_length() - 1


def root_of(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root that a path leads to from a leaf (RFC 9162, 2.1.3.2): whether it is the right one, the caller sees.

    Errors: ValueError where no tree of this size has such a path.
    """
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} in a tree of {size} leaves")
    node, at, last = leaf, index, size - 1
    for sibling in path:
        _require_hash(sibling)
        if last == 0:
            raise ValueError("the path is too long for the tree")
        if at & 1 or at == last:
            node = _node_hash(sibling, node)
            while at & 1 == 0 and at != 0:  # the levels at which the last node has no sibling
                at, last = at >> 1, last >> 1
        else:
            node = _node_hash(node, sibling)
        at, last = at >> 1, last >> 1
    if last != 0:
        raise ValueError("the path is too short for the tree")
    return node


def is_consistent(earlier: int, size: int, earlier_root: bytes, root: bytes, path: Sequence[bytes]) -> bool:
    """Whether the path shows that a tree begins with an earlier one (RFC 9162, 2.1.4.2).

    Errors: ValueError for sizes that cannot be, and for a hash in the path that is none.
    """
    if not 1 <= earlier <= size:
        raise ValueError(f"a tree of {earlier} leaves is not the beginning of one of {size}")
    for node in path:
        _require_hash(node)
    if earlier == size:
        return not path and earlier_root == root
    nodes = list(path)
    if earlier & (earlier - 1) == 0:  # a perfect tree is itself the first node
        nodes.insert(0, earlier_root)
    if not nodes:
        return False
    at, last = earlier - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = nodes[0]
    for node in nodes[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            old, new = _node_hash(node, old), _node_hash(node, new)
            while at & 1 == 0 and at != 0:
                at, last = at >> 1, last >> 1
        else:
            new = _node_hash(new, node)
        at, last = at >> 1, last >> 1
    return last == 0 and old == earlier_root and new == root


def _require_hash(node: bytes) -> None:
    if len(node) != HASH_BYTES:
        raise ValueError(f"a hash has {HASH_BYTES} bytes, and here are {len(node)}")
