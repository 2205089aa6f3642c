"""From devices to what a step has seen: edges, polls and registers, settled loads, the air.

`acquisition.py` has the two loops, `loops.py` turns them; what the others compute from their arrays, a replay computes
again.
"""
