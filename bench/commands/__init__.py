"""The `bench` command: one module for each family of its sub-commands; `cli.py` lists them all."""
