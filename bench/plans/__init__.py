"""A plan: meters, test points and load points, as written in TOML, before any bench is known."""
