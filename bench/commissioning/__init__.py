"""Commissioning: what a bench is made of, what its parts truly do, and what it can therefore verify.

Nothing of the configuration is believed: each part is opened by itself, and what it says is measured.
"""
