"""How a poll sees the reference: requests at a period, each with its own delay there and back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calibration.quantities import NS_PER_S, FloatArray, IntArray, PolledRegister


@dataclass(frozen=True, slots=True)
class PollModel:
    """interval_s: D. forward_s, backward_s: least and greatest delay from the request to the instant the
    registers are read, and from there to the reply; uniform, independent, so an asymmetric latency can be
    set. start_jitter_s: how late the polling loop may start a request. dither: part of D by which each interval is
    longer or shorter, as the bench's own loop makes them. split_registers: the power is read by a second request
    after the first.
    """

    interval_s: float = 0.045
    forward_s: tuple[float, float] = (0.0075, 0.020)
    backward_s: tuple[float, float] = (0.0075, 0.020)
    start_jitter_s: float = 0.0002
    dither: float = 0.0
    split_registers: bool = False


@dataclass(frozen=True, slots=True)
class Exchanges:
    """Requests in time order; equal shapes (n,), seconds. request_s < sampled_s < reply_s."""

    request_s: FloatArray
    sampled_s: FloatArray
    reply_s: FloatArray

    def register(self, value: FloatArray, origin_ns: int) -> PolledRegister:
        """The exchanges as polls that brought these values; seconds count from origin_ns."""
        return PolledRegister(stamps_ns(self.request_s, origin_ns), stamps_ns(self.reply_s, origin_ns), value)


def stamps_ns(at_s: FloatArray, origin_ns: int) -> IntArray:
    return origin_ns + np.rint(at_s * NS_PER_S).astype(np.int64)


def exchanges(model: PollModel, duration_s: float, rng: np.random.Generator) -> tuple[Exchanges, ...]:
    """All requests of a run from 0 to duration_s: one series, or two where the registers are split.

    A poll starts at its multiple of D, away from it by the dither so far, or when the poll before it is answered if
    that is later.
    """
    count = max(1, int(duration_s / model.interval_s))
    parts = 2 if model.split_registers else 1
    forward = rng.uniform(*model.forward_s, (parts, count))
    backward = rng.uniform(*model.backward_s, (parts, count))
    wanted = model.interval_s * np.arange(count) + rng.uniform(0.0, model.start_jitter_s, count)
    if model.dither > 0.0:
        wanted += model.interval_s * np.cumsum(rng.uniform(-model.dither, model.dither, count))
    busy = np.cumsum((forward + backward).sum(axis=0))
    before = np.concatenate(([0.0], busy[:-1]))
    request = before + np.maximum.accumulate(wanted - before)
    made = []
    for there, back in zip(forward, backward, strict=True):
        sampled = request + there
        made.append(Exchanges(request, sampled, sampled + back))
        request = sampled + back
    return tuple(made)
