"""
One tunnel that a client asked the proxy for (RFC 9110, section 9.3.6), as a state machine.

::

    ASKED ─open─► GOING ─hello─► GOING ─close─► CLOSED
      │             │
      └─► REFUSED ◄─┘

A tunnel is decided twice: when it is asked for, by the name the client wrote, and again at the ClientHello,
whose name may be another one. Where the proxy is not told by CONNECT (transparent modes) the hello alone
decides. The rules are those of ``exchange.http``.
"""

from __future__ import annotations

from sensor.dialects import refuse_tunnel
from sensor.exchange.http import Answer, Receive, State, events_of
from sensor.model import (
    ClientHelloSeen,
    ConnectRequest,
    Door,
    Event,
    ExchangeEnd,
    Refuse,
    Send,
)

__all__ = ["Tunnel"]


class Tunnel:
    """A tunnel of one client connection; ``flow`` is that connection's."""

    __slots__ = ("_opened", "_receive", "flow", "host", "inspect", "state")

    def __init__(self, receive: Receive, flow: str) -> None:
        self._receive = receive
        self.flow = flow
        self.state = State.ASKED
        self.host: str | None = None
        """The name it was opened under, as far as it is known."""
        self.inspect: bool | None = None
        """Whether TLS is taken off; ``None`` while nothing has decided."""
        self._opened: list[str] = []

    def open(self, request: ConnectRequest) -> Answer:
        """The client asks for the tunnel."""
        self.host = request.server.host
        return self._ask(request)

    def hello(self, seen: ClientHelloSeen) -> Answer:
        """The client's ClientHello has come through the tunnel."""
        if seen.server_name is not None:
            self.host = seen.server_name
        return self._ask(seen)

    def refuse(self) -> None:
        """It is refused for a reason that is no rule's."""
        self.state = State.REFUSED

    def close(
        self, ts: float, key: str, *, bytes_up: int = 0, bytes_down: int = 0, outcome: str = "complete"
    ) -> tuple[Event, ...]:
        """It is over; the closing records. Closing twice gives nothing."""
        opened, self._opened = self._opened, []
        if self.state is State.REFUSED:
            outcome, bytes_up, bytes_down = "refused", 0, 0
        self.state = State.CLOSED
        events: tuple[Event, ...] = ()
        for number, first in enumerate(opened):
            # The bytes are the newest record's: the name in the hello is the one that they went to.
            newest = number == len(opened) - 1
            end = ExchangeEnd(
                ts=ts,
                door=Door.PROXY,
                key=f"{key}.{number}",
                flow=self.flow,
                opened=first,
                bytes_up=bytes_up if newest else 0,
                bytes_down=bytes_down if newest else 0,
                outcome=outcome,
            )
            events += events_of(self._receive(end))
        return events

    def _ask(self, observation: ConnectRequest | ClientHelloSeen) -> Answer:
        if self.state not in (State.ASKED, State.GOING):
            raise RuntimeError(f"a tunnel that is {self.state.value} cannot do this")
        effects = self._receive(observation)
        events = events_of(effects)
        if events or not self._opened:
            self._opened.append(observation.key)
        last = effects[-1] if effects else Send()
        if isinstance(last, Refuse):
            self.state = State.REFUSED
            return Answer(events=events, refusal=refuse_tunnel(last.message, rule=last.rule))
        self.state = State.GOING
        self.inspect = isinstance(last, Send) and last.inspect
        return Answer(events=events, inspect=self.inspect)
