"""A reference standard read over Modbus, RTU or TCP.

Everything a poll can meet on the wire becomes a sample: values with their stamps, or a fault with its reason.
Never an exception, and never a number that may belong to another instant. How late replies are kept out:

- No retries. After a request that was not answered in time the line is *drained*: for `drain_s` nothing is
  asked and everything that comes is thrown away. `poll` does not block meanwhile; it gives fault samples.
- A reply must be complete, undamaged and from the right device and, on TCP, carry the transaction asked for.
- Successive polls ask for one register more and one less (where the device lets that register be read), so a
  reply that still came through has the wrong length and is refused.

A poll that fails in the middle keeps the replies it got, for the record. A broken link (unplugged adapter,
closed connection, three requests in a row without any answer) is opened again after 0.5 s, then 1, 2, 4, 5 s,
for as long as the bench runs.

Time stamps: the request's is taken just before it is handed to the wire, the reply's when its last byte has
come. The value was true between the two; nothing better is claimed.
"""

from __future__ import annotations

from bench.errors import InstrumentError, OperatorError
from bench.ports import BlockReply, Clock, ReferenceSample
from calibration.quantities import NS_PER_S, Finding, InstrumentFault
from calibration.reasons import Reason
from firmware_io.exchanges import Exchanges, Link, discard
from firmware_io.modbus_frames import ILLEGAL_ADDRESS, Request, decode_reply, encode_request
from firmware_io.modbus_link import Endpoint
from firmware_io.protocol_errors import BadReplyError, ReplyFault
from firmware_io.reference_profiles import ReferenceProfile
from firmware_io.register_blocks import Block

_FIRST_RETRY_S = 0.5
_LONGEST_RETRY_S = 5.0
_LARGEST_READ = 125
_UNANSWERED_BEFORE_REOPENING = 3
_REASONS = {
    ReplyFault.SILENT: Reason.REFERENCE_SILENT,
    ReplyFault.INCOMPLETE: Reason.REFERENCE_GARBLED,
    ReplyFault.GARBLED: Reason.REFERENCE_GARBLED,
    ReplyFault.UNASKED: Reason.REFERENCE_LATE,
    ReplyFault.REFUSED: Reason.REFERENCE_REFUSED,
}
"""The words of the record."""


class ModbusReference:
    """A `ReferenceStandard`. One thread polls it; `clock` stamps and bounds every wait.

    timeout_s: longest time from a request to the end of its reply; well above the worst latency seen.
    drain_s: how long the line is drained after a time-out.
    Errors of the constructor, which reads once: InstrumentError (unreachable, silent, refused),
    OperatorError (a setting that cannot be).
    """

    def __init__(
        self,
        profile: ReferenceProfile,
        endpoint: Endpoint,
        clock: Clock,
        *,
        device_id: int = 1,
        timeout_s: float = 0.5,
        drain_s: float = 1.0,
    ) -> None:
        if not 1 <= device_id <= 247:
            raise OperatorError(f"reference standard {profile.name}: device id {device_id} is not 1 to 247")
        if timeout_s <= 0 or drain_s < 0:
            raise OperatorError(f"reference standard {profile.name}: time-outs must be positive")
        self._profile = profile
        self._endpoint = endpoint
        self._clock = clock
        self._device_id = device_id
        self._timeout_s = timeout_s
        self._exchanges = Exchanges(clock, timeout_s, max(profile.silence_s, endpoint.silence_s))
        self._drain_ns = round(drain_s * NS_PER_S)
        self._framing = endpoint.framing()
        self._transaction = 0
        self._asks_one_more = False
        self._turn = 0
        self._drain_until_ns = 0
        self._retry_at_ns = 0
        self._retry_s = _FIRST_RETRY_S
        self._last_good_ns = clock.now_ns()
        self._unanswered_ns: int | None = None
        self._unanswered_in_a_row = 0
        self.varies_length = False
        try:
            self._link: Link | None = endpoint.open(clock, timeout_s)
        except OSError as error:
            raise self._unreachable(error.strerror or str(error)) from error
        self._prove_answering()
        self.varies_length = profile.may_read_one_more and self._answers_one_more()

    def _prove_answering(self) -> None:
        """Read everything once. Errors: InstrumentError where that gives no reply."""
        fault = self.poll().fault
        # A reply that holds no number is still a reply: what it says is for the poll loop to record.
        if fault is None or fault.finding.reason in (
            Reason.REFERENCE_NOT_A_NUMBER,
            Reason.REFERENCE_OVER_RANGE,
        ):
            return
        self.close()
        what = fault.finding.values.get("detail") or f"no reply in {self._timeout_s:g} s"
        raise self._unreachable(what)

    def _unreachable(self, what: str) -> InstrumentError:
        """The one line that says which instrument cannot be used, what it said and what to check."""
        where = f"reference standard {self._profile.name} at {self._endpoint}"
        return InstrumentError(f"{where}: {what}; {self._endpoint.advice()}")

    def _answers_one_more(self) -> bool:
        """Whether one register more can be read after every block."""
        for block in self._profile.registers.blocks:
            if self._link is None or block.count >= _LARGEST_READ:
                return False
            try:
                self._exchange(self._link, block, block.count + 1)
            except OSError:
                self._disconnect()
                return False
            except BadReplyError as bad:
                if bad.exception_code != ILLEGAL_ADDRESS:
                    self._start_draining()
                return False
        return True

    def poll(self) -> ReferenceSample:
        now_ns = self._clock.now_ns()
        try:
            if self._link is None:
                if now_ns < self._retry_at_ns:
                    return self._silent(now_ns)
                self._link = self._endpoint.open(self._clock, self._timeout_s)
                # What the device still sends for an exchange of the old link must pass first.
                self._start_draining()
            if now_ns < self._drain_until_ns:
                return self._drain(self._link, now_ns)
            return self._read_all(self._link)
        except OSError:
            # Connection refused, adapter unplugged, connection lost: the fault says silent, and we try again.
            self._disconnect()
            return self._silent(self._clock.now_ns())

    def close(self) -> None:
        if self._link is not None:
            self._link.close()
            self._link = None

    def _read_all(self, link: Link) -> ReferenceSample:
        registers = self._profile.registers
        blocks = registers.measured
        if registers.auxiliary:
            # Voltage, current, ... take turns: the poll of energy and power must stay short.
            self._turn = (self._turn + 1) % len(registers.auxiliary)
            blocks += (registers.auxiliary[self._turn],)
        # Turned by every poll, answered or not: an answer that comes too late must not fit the next one.
        self._asks_one_more = not self._asks_one_more
        replies: list[BlockReply] = []
        try:
            for block in blocks:
                replies.append(self._exchange(link, block, block.count + self._one_more()))
        except BadReplyError as bad:
            return ReferenceSample(tuple(replies), fault=self._fault(bad))
        self._last_good_ns = replies[-1].reply_ns
        self._retry_s = _FIRST_RETRY_S
        self._unanswered_ns = None
        self._unanswered_in_a_row = 0
        return registers.decode(tuple(replies))

    def _one_more(self) -> int:
        return int(self.varies_length and self._asks_one_more)

    def _exchange(self, link: Link, block: Block, count: int) -> BlockReply:
        """One request and its reply. Errors: OSError (broken link), BadReplyError (why it is no reply to it)."""
        self._transaction = self._transaction % 0xFFFF + 1
        request = Request(self._device_id, self._transaction, block.function_code, block.address, count)
        frame = encode_request(self._framing, request)
        try:
            reply = self._exchanges.ask(link, frame, self._framing.frame_length)
        except BadReplyError as bad:
            if bad.fault in (ReplyFault.SILENT, ReplyFault.INCOMPLETE):
                self._unanswered_ns = self._exchanges.request_ns
            raise
        data = decode_reply(self._framing, request, reply.data)
        return BlockReply(reply.request_ns, reply.reply_ns, block.function_code, block.address, data)

    def _fault(self, bad: BadReplyError) -> InstrumentFault:
        """The fault of a bad reply; the line is drained after all but an orderly refusal.

        A link over which nothing comes for several requests may be dead without saying so (a device that
        was switched off, a gateway that forgot the connection), so it is opened anew.
        """
        if bad.fault is not ReplyFault.REFUSED:
            self._start_draining()
        if bad.fault is ReplyFault.SILENT:
            self._unanswered_in_a_row += 1
            if self._unanswered_in_a_row >= _UNANSWERED_BEFORE_REOPENING:
                self._unanswered_in_a_row = 0
                self._disconnect()
        return self._fault_at(self._clock.now_ns(), bad.fault, bad.detail)

    def _fault_at(self, now_ns: int, fault: ReplyFault, detail: str = "") -> InstrumentFault:
        since_ns = self._last_good_ns
        if fault is ReplyFault.UNASKED and self._unanswered_ns is not None:
            since_ns = self._unanswered_ns
        values = {"seconds": f"{(now_ns - since_ns) / NS_PER_S:.1f}"}
        if detail:
            values["detail"] = detail
        return InstrumentFault(now_ns, Finding(_REASONS[fault], values))

    def _drain(self, link: Link, now_ns: int) -> ReferenceSample:
        """Throw away what comes; say `late` where something did."""
        if not discard(link, now_ns):
            return self._silent(now_ns)
        return ReferenceSample((), fault=self._fault_at(now_ns, ReplyFault.UNASKED))

    def _silent(self, now_ns: int) -> ReferenceSample:
        return ReferenceSample((), fault=self._fault_at(now_ns, ReplyFault.SILENT))

    def _start_draining(self) -> None:
        self._drain_until_ns = self._clock.now_ns() + self._drain_ns

    def _disconnect(self) -> None:
        self.close()
        self._retry_at_ns = self._clock.now_ns() + round(self._retry_s * NS_PER_S)
        self._retry_s = min(2 * self._retry_s, _LONGEST_RETRY_S)
