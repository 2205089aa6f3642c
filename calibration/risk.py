"""What an acceptance limit costs those who use it: consumer's and producer's global risk (JCGM 106:2012, 9.5).

Meters come with errors x of a known spread (the prior, N(M, S^2)); each is measured once, y = x + N(0, u^2), and
accepted where |y| <= A. The consumer's risk is the share of all meters that are accepted although |x| > L, the
producer's the share that is rejected although |x| <= L:

    R_C = integral over |x| >  L of g(x) p(x) dx         g: density of the prior
    R_P = integral over |x| <= L of g(x) (1 - p(x)) dx   p(x) = Phi((A - x)/u) - Phi((-A - x)/u)

Both are shares of all meters, not of the accepted or rejected ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import erfc, isfinite, sqrt
from statistics import NormalDist

import numpy as np

from calibration.quantities import FloatArray

_SQRT2 = sqrt(2.0)
_STEPS = np.linspace(-10.0, 10.0, 21)
_FAR = np.array([-37.0, -20.0, 20.0, 37.0])
"""Standard deviations; beyond 37 of them a normal density is nothing in floating point."""
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)


@dataclass(frozen=True, slots=True)
class GlobalRisk:
    """Shares of all meters, 0 to 1."""

    consumer: float
    producer: float


def global_risk(
    prior_mean: float, prior_sd: float, standard_uncertainty: float, limit: float, acceptance_limit: float
) -> GlobalRisk:
    """Risks of accepting |y| <= acceptance_limit where |x| <= limit is wanted; all in one unit (%).

    An acceptance limit of 0 or less accepts nothing. Errors: ValueError for spreads or a limit that are not above 0.
    """
    figures = (prior_mean, prior_sd, standard_uncertainty, limit, acceptance_limit)
    if not all(map(isfinite, figures)) or min(prior_sd, standard_uncertainty, limit) <= 0.0:
        raise ValueError("the prior's spread, the standard uncertainty and the limit must be numbers above 0")
    prior = NormalDist(prior_mean, prior_sd)
    x, weight = _nodes(prior, standard_uncertainty, limit, acceptance_limit)
    z = (x - prior_mean) / prior_sd
    share = weight * np.exp(-0.5 * z * z) / (prior_sd * sqrt(2.0 * np.pi))
    good = np.abs(x) <= limit
    accepted, rejected = _accepted_and_rejected(x, standard_uncertainty, acceptance_limit)
    return GlobalRisk(float(share[~good] @ accepted[~good]), float(share[good] @ rejected[good]))


def _accepted_and_rejected(x: FloatArray, u: float, acceptance_limit: float) -> tuple[FloatArray, FloatArray]:
    """Probabilities that a meter of error x is accepted and rejected, each from its own tails."""
    if acceptance_limit <= 0.0:
        return np.zeros_like(x), np.ones_like(x)
    near = (acceptance_limit - np.abs(x)) / u
    far = (acceptance_limit + np.abs(x)) / u
    below = np.array([0.5 * erfc(-z / _SQRT2) for z in near])
    above = np.array([0.5 * erfc(z / _SQRT2) for z in near])
    other_side = np.array([0.5 * erfc(z / _SQRT2) for z in far])
    return np.maximum(below - other_side, 0.0), above + other_side


def _nodes(
    prior: NormalDist, u: float, limit: float, acceptance_limit: float
) -> tuple[FloatArray, FloatArray]:
    """Gauss-Legendre nodes and weights on pieces on which the integrands are smooth.

    Cut a standard deviation apart around the prior's mean and around both acceptance limits, and at both limits.
    """
    steps = np.concatenate((_STEPS, _FAR))
    scales = [(prior.mean, prior.stdev), (acceptance_limit, u), (-acceptance_limit, u)]
    cuts = np.concatenate([centre + scale * steps for centre, scale in scales] + [[-limit, limit]])
    low, high = prior.mean - 37.0 * prior.stdev, prior.mean + 37.0 * prior.stdev
    cuts = np.unique(np.clip(cuts, low, high))
    half = 0.5 * np.diff(cuts)
    middle = cuts[:-1] + half
    return (middle[:, None] + half[:, None] * _NODES).ravel(), (half[:, None] * _WEIGHTS).ravel()
