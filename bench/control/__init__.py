"""The control socket: the live state out, commands in. The web imports its client and opens nothing else."""
