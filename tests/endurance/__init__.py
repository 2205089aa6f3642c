"""The bench and its web under kills, pulled plugs, broken inputs and hours of work: what was acknowledged must be there
afterwards, a fault must never become a number, and nothing may grow.

Slow, so none of it runs whole with the tests: `./dev endure kills`, `plugs`, `faults` and `soak`; docs/endurance.md and
docs/faults.md have what they last came to. `test_kills.py` and `test_soak.py` are short forms; each fault is met once,
in virtual time, by `tests/bench_process/test_faults.py`.
"""
