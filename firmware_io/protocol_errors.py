"""Whose mistake it was: two classes of errors for every protocol that is spoken here.

A codec raises the one or the other, and nothing else. `LocalProtocolError` is ours: the program was about to send what
the protocol does not allow. It is a defect, nobody catches it. `RemoteProtocolError` is the other side's, or the
wire's: what came is damaged, or is no answer to what was asked. Every driver expects it.
"""

from __future__ import annotations

from enum import Enum, auto


class LocalProtocolError(ValueError):
    """What was to be sent is nothing that this protocol allows now."""


class RemoteProtocolError(Exception):
    """What came must not be used; the text says why."""


class ReplyFault(Enum):
    """What is wrong with the reply to one request."""

    SILENT = auto()
    """Nothing came in time."""
    INCOMPLETE = auto()
    """Its end did not come in time."""
    GARBLED = auto()
    """It came, and is damaged."""
    UNASKED = auto()
    """It is sound and answers something else: another request, which it was too late for."""
    REFUSED = auto()
    """The device says no, in good order."""


class BadReplyError(RemoteProtocolError):
    """A reply to one request that must not be used. exception_code: of Modbus, where the device gives one."""

    def __init__(self, fault: ReplyFault, detail: str = "", exception_code: int | None = None) -> None:
        super().__init__(detail)
        self.fault = fault
        self.detail = detail
        self.exception_code = exception_code
