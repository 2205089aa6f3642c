"""What leaves the bench as evidence: the bundle of a run, its verifier, and the page that verifies without us."""
