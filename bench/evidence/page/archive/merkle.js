// The Merkle tree over the records of a journal (RFC 6962, section 2.1), and what an inclusion proof shows of it.
import { sha256 } from "./sha256.js";

const LEAF_MARK = Uint8Array.of(0);
const NODE_MARK = Uint8Array.of(1);

export function leafHash(record) {
  return sha256(LEAF_MARK, record);
}

export function nodeHash(left, right) {
  return sha256(NODE_MARK, left, right);
}

/** Root of the tree of `size` leaves that a proof leads to from the leaf number `index`; null for a proof of another length
 * (RFC 9162, section 2.1.3.2). */
export function rootByProof(leaf, index, size, path) {
  if (index >= size) return null;
  let node = leaf;
  let place = index;
  let last = size - 1;
  for (const neighbour of path) {
    if (last === 0) return null;
    if (place % 2 || place === last) {
      node = nodeHash(neighbour, node);
      while (place % 2 === 0 && place) {
        place /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      node = nodeHash(node, neighbour);
    }
    place = Math.floor(place / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 ? node : null;
}

/** Root of the tree before its last leaf came. The proof of the last leaf holds that tree's perfect parts, smallest first. */
export function rootBeforeLast(path) {
  if (!path.length) return sha256();
  return path.slice(1).reduce((node, larger) => nodeHash(larger, node), path[0]);
}
