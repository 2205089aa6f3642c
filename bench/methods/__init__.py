"""What each test does: a generator of steps (`steps.py`), one file a test; it touches no device and knows no clock."""
