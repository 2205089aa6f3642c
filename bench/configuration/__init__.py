"""bench.toml: what is wired where, read strictly."""
