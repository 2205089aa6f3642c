"""Who may collect figures at `/metrics`: whoever knows the token; without one, a collector on this machine.

Behind a proxy every request comes from this machine, so where one is seen (https, or its headers) an address says
nothing and the token alone counts. Nothing is believed of those headers; they only shut.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from flask import request

from bench.errors import OperatorError

LEAST_CHARACTERS = 24
_OF_A_PROXY = ("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip")


@dataclass(frozen=True, slots=True)
class Collectors:
    """token: as bytes; None where only this machine asks."""

    token: bytes | None

    @classmethod
    def of(cls, path: Path | None) -> Collectors:
        """Errors: OperatorError where the file cannot be read, or its first line is short enough to be guessed."""
        if path is None:
            return cls(None)
        try:
            token = path.read_bytes().strip()
        except OSError as error:
            raise OperatorError(
                f"{path}: the token of the metrics cannot be read ({error.strerror}); see docs/operation.md"
            ) from error
        if len(token) < LEAST_CHARACTERS:
            raise OperatorError(
                f"{path}: a token of the metrics has {LEAST_CHARACTERS} characters at least; make one with "
                "openssl rand -hex 24"
            )
        return cls(token)

    def may(self) -> bool:
        """Of the request that is being answered."""
        if self.token is not None:
            sent = request.headers.get("Authorization", "")
            return hmac.compare_digest(sent.encode(), b"Bearer " + self.token)
        through_proxy = request.is_secure or any(name in request.headers for name in _OF_A_PROXY)
        return not through_proxy and _is_loopback(request.remote_addr or "")


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
