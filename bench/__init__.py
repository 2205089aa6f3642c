"""The measuring process: the real-time loops, the runner, the journal and the socket.

`app.py` is the composition root, the only module that imports drivers or the simulator.
"""
