"""What a bench needs of the computer that it is on: its network, https, and what is done each day. For root.

machine.py        files below a root, and the few programs of the system that are called
access_point.py   the bench's own wireless network, and the way back to the laboratory's
certificates.py   a certificate for https: asked for, tried as a browser would, and how long it lasts
https.py          https put on and taken off
front.py          the process that ends TLS in front of the pages; it runs alone (`python -m bench.appliance.front`)
daily.py          back-up and deletion by timers of systemd
words.py          what all of it says, in Chinese and English

Nothing here knows a device, a run or a case, and nothing of the measuring process knows it.
"""
