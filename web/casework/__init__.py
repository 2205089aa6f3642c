"""Cases: what a customer asked, what was promised and planned, who has it in hand, what was done. No page in here.

`cases.py` has the acts; each is one transaction that also writes the case's history, and raises `Refused` where a rule
stands against it. What people may do at all (passwords, roles, signatures) is decided by the measuring process.
"""
