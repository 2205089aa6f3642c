"""The bench and its web under kills and pulled plugs: what was acknowledged must be there afterwards.

Slow, so none of it runs with the tests: `./dev endure kills` and `./dev endure plugs`; docs/endurance.md has what they
last came to. A short form of each is a test (`test_kills.py`, `tests/hil/test_plugs.py`).
"""
