"""The measuring process: the real-time loops, the runner, the journal and the socket.

`app.py` is the composition root (`app_source.py` its part for the load source); nothing else imports drivers or the
simulator.
"""
