"""What the laboratory has on record beside its measurements: persons, approvals, equipment, the daily check.

All of it is in registry.sqlite in the state folder and is read once, when a run starts. docs/registry.md says who may
do what.
"""
