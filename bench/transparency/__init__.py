"""The journal as a transparency log: its Merkle tree, signed checkpoints and proofs, as text that anybody can check."""
