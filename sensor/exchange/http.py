"""
One HTTP exchange through the proxy, as a state machine.

::

    ASKED ──open──► GOING ──────────────close──► CLOSED
      │               │                             ▲
      │               └─refuse─► REFUSED ──close────┤
      └───────open───────────────►┘                 │
                                                    └─ close again gives nothing

Rule 1: no input and no output. What is to be written down, let go or answered is given back; whoever drives
the exchange carries it out in that order: the events are durable before the rest.
Rule 2: ``receive`` decides; it is handed in (the pipeline's, or a collector's).
Rule 3: bytes are counted only while the exchange is going: what was refused was not sent.
Rule 4: a call that does not fit the state raises ``RuntimeError``. That is a fault of the program, and the
door treats it as one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum

from sensor.dialects import Refusal, is_navigation, recognise, refuse
from sensor.model import (
    Door,
    Effect,
    Event,
    ExchangeEnd,
    HttpRequest,
    Observation,
    Record,
    Refuse,
    Send,
    Weird,
)

__all__ = ["Answer", "Exchange", "Receive", "State", "events_of"]

Receive = Callable[[Observation], list[Effect]]
"""One decision path: an observation in, effects out (``Pipeline.receive``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is to be carried out, in this order."""

    events: tuple[Event, ...] = ()
    """Written down, durably, before anything else."""
    refusal: Refusal | None = None
    """What the client is told; ``None``: let it go on."""
    inspect: bool = False
    """At a tunnel: take TLS off."""


class State(Enum):
    """Where an exchange or a tunnel stands."""

    ASKED = "asked"
    GOING = "going"
    REFUSED = "refused"
    CLOSED = "closed"


def events_of(effects: list[Effect]) -> tuple[Event, ...]:
    """What the effects want written down."""
    return tuple(effect.event for effect in effects if isinstance(effect, Record))


class Exchange:
    """
    One request and its answer; a WebSocket is an exchange that goes on after its answer.

    ``tunnel_host`` is the name under which the connection was opened (CONNECT or SNI). A request that names
    another host is asked about twice where the name it gives is not AI: the servers behind a tunnel to an AI
    service need not look at the Host header.
    """

    __slots__ = ("_receive", "bytes_down", "bytes_up", "request", "state", "status", "tunnel_host")

    def __init__(self, receive: Receive, request: HttpRequest, *, tunnel_host: str | None = None) -> None:
        self._receive = receive
        self.request = request
        self.tunnel_host = tunnel_host
        self.state = State.ASKED
        self.bytes_up = 0
        self.bytes_down = 0
        self.status: int | None = None

    def open(self) -> Answer:
        """The head of the request is there: what is to become of it."""
        _need(self.state, State.ASKED)
        effects = self._receive(self.request)
        if self._named_otherwise():
            self._receive(
                Weird(
                    ts=self.request.ts,
                    door=self.request.door,
                    key=self.request.key,
                    flow=self.request.flow,
                    name="host_differs_from_tunnel",
                )
            )
            if not events_of(effects) and not _refuses(effects):
                self.request = replace(self.request, host=self.tunnel_host)
                effects = self._receive(self.request)
        self.state = State.GOING
        refused = _refuses(effects)
        return Answer(
            events=events_of(effects),
            refusal=self.refuse(refused.message, rule=refused.rule) if refused is not None else None,
        )

    def refuse(self, message: str, *, rule: str | None = None) -> Refusal:
        """
        The refusal of this request in its own dialect; from here on nothing is counted.

        Also for reasons that are no rule's: a record that could not be written, a fault in the proxy.
        """
        _need(self.state, State.ASKED, State.GOING)
        self.state = State.REFUSED
        request = self.request
        refusal = refuse(
            recognise(request.host, request.method, request.path, request.headers),
            message,
            rule=rule,
            navigation=is_navigation(request.headers),
            host=request.host,
        )
        self.status = refusal.status
        # RFC 9110, section 9.3.2: "the server MUST NOT send content in the response" to HEAD
        return replace(refusal, body=b"") if request.method == "HEAD" else refusal

    def sent(self, size: int) -> None:
        """So many bytes went to the server."""
        if self.state is State.GOING:
            self.bytes_up += size

    def received(self, size: int) -> None:
        """So many bytes came back."""
        if self.state is State.GOING:
            self.bytes_down += size

    def answered(self, status: int) -> None:
        """The server's final status."""
        if self.state is State.GOING:
            self.status = status

    def close(self, ts: float, key: str, outcome: str = "complete") -> tuple[Event, ...]:
        """It is over; the closing record. Closing twice, or what was never asked, gives nothing."""
        if self.state in (State.ASKED, State.CLOSED):
            self.state = State.CLOSED
            return ()
        refused = self.state is State.REFUSED
        self.state = State.CLOSED
        end = ExchangeEnd(
            ts=ts,
            door=Door.PROXY,
            key=key,
            flow=self.request.flow,
            opened=self.request.key,
            bytes_up=self.bytes_up,
            bytes_down=self.bytes_down,
            status=self.status,
            outcome="refused" if refused else outcome,
        )
        return events_of(self._receive(end))

    def _named_otherwise(self) -> bool:
        return self.tunnel_host is not None and self.request.host != self.tunnel_host


def _refuses(effects: list[Effect]) -> Refuse | None:
    """The refusal among the effects; the last effect decides."""
    last = effects[-1] if effects else Send()
    return last if isinstance(last, Refuse) else None


def _need(state: State, *allowed: State) -> None:
    if state not in allowed:
        raise RuntimeError(f"an exchange that is {state.value} cannot do this")
