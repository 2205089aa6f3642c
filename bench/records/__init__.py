"""The journal: records, whose hashes are the leaves of a tree, and raw files; one thread writes them."""
