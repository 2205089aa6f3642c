"""What keeps a bench safe as far as software can: docs/safety.md says what removes the load on which way out.

The emergency stop, the cover's contact and the timer of the contactor are hardware and work without this program.
"""
