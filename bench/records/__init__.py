"""The journal: chained records and raw files, written by one thread, read back with the recorded decimals."""
