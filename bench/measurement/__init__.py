"""From devices to what a step has seen: edges, polls and registers, settled loads, the air.

`acquisition.py` has the two loops; what the others compute from their arrays is computed again by a replay.
"""
