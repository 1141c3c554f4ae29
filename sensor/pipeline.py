"""
From an observation to what is to be done about it: the first page to read.

::

    observation ─► identify (catalogue) ─► who (identity) ─► decide (policy) ─► [Effect, …]

Both doors call ``Pipeline.receive`` and carry out the effects in order. The same observations in the same
order give the same effects: nothing here reads a clock, a file or a random number. Time arrives in the
observation, or by ``tick``.

What becomes an event
    Only traffic identified as AI, or of the shape of an LLM API. Everything else is a coverage counter, and
    the names of unidentified hosts are kept nowhere. A flow (SPAN), a tunnel (proxy) and a request that
    proves use are each recorded by themselves, with a ``closing`` event for their totals. Sightings that
    repeat and prove no use (a DNS answer, a page's images) are folded: the first is recorded at once, and
    what follows within ``FOLD_S`` seconds by the same subject becomes one ``closing`` event with a count.

What is counted twice
    Nothing. Flows that end at one of this sensor's own proxies, or start there, are coverage: the proxy has
    recorded what went through it (``own_proxies``, ``own_addresses``).

Bounds
    ``MAX_OPEN`` open flows and exchanges, ``MAX_FOLDS`` folded sightings, ``MAX_CONNECTS`` tunnels waiting
    for their ClientHello. The oldest goes first and is counted; of a flow only the totals are lost.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace

from sensor.catalogue import Catalogue
from sensor.coverage import Coverage
from sensor.dialects import model_in_path
from sensor.identity import Directory
from sensor.inventory import GENERIC_APP, host_of
from sensor.model import (
    ClientHelloSeen,
    ConnectRequest,
    Decision,
    Direction,
    DnsAnswer,
    Door,
    Ech,
    Effect,
    Endpoint,
    Event,
    EventKind,
    ExchangeEnd,
    FlowEnd,
    Grade,
    HttpRequest,
    Identification,
    Observation,
    Proves,
    Question,
    Record,
    Refuse,
    Seen,
    Send,
    Status,
    Subject,
    Verdict,
    Weird,
)
from sensor.names import Names
from sensor.policy import Policy

__all__ = ["DEFAULT_MESSAGE", "FOLD_S", "MAX_CONNECTS", "MAX_FOLDS", "MAX_OPEN", "Pipeline", "event_id"]

FOLD_S = 300.0
"""How long like sightings are folded into one, in seconds."""
MAX_OPEN = 100_000
MAX_FOLDS = 50_000
MAX_CONNECTS = 20_000

DEFAULT_MESSAGE = "Your organisation's policy does not allow this use of an AI service. Nothing was sent."
"""What the person is told where the rule has no message of its own."""

_NAMELESS_PORTS = frozenset((53, 853, 5353))
"""Name servers: what is asked there is about others."""

_NAMED_BY_DNS = 0.7
"""What a name that only DNS gave is worth: on flows with known names the newest answer named 82 % rightly
(measured on 281 flows), and an address behind a content network serves many names."""


def event_id(key: str, kind: str) -> str:
    """32 hex digits: the same observation and kind give the same id, whenever it is read."""
    return hashlib.sha256(f"{key}|{kind}".encode()).hexdigest()[:32]


@dataclass(slots=True)
class _Open:
    """A recorded flow, tunnel or exchange whose totals are still to come."""

    event: Event


@dataclass(slots=True)
class _Fold:
    """A sighting that was recorded, and what has been folded into it since."""

    event: Event
    count: int = 0
    bytes_up: int = 0
    bytes_down: int = 0
    last: float = 0.0


@dataclass(slots=True)
class _Connect:
    """A tunnel that the proxy was asked for, until its ClientHello shows."""

    request: ConnectRequest
    identification: Identification
    inspect: bool
    recorded: bool


class Pipeline:
    """
    The state between observations, and the one path on which decisions are made.

    ``origin`` is the log's name; ``statuses`` maps app ids to review statuses (replace it with
    ``set_statuses`` when a review comes in). ``own_proxies`` are this installation's proxies as the SPAN sees
    them; ``own_addresses`` are the addresses from which those proxies go out.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        policy: Policy,
        *,
        origin: str,
        statuses: Mapping[str, Status] | None = None,
        directory: Directory | None = None,
        own_proxies: frozenset[Endpoint] = frozenset(),
        own_addresses: frozenset[str] = frozenset(),
    ) -> None:
        self.catalogue = catalogue
        self.policy = policy
        self.origin = origin
        self.directory = directory if directory is not None else Directory()
        self.names = Names()
        self.coverage = Coverage()
        self._statuses: Mapping[str, Status] = statuses or {}
        self._own_proxies = own_proxies
        self._own_addresses = own_addresses
        self._open: OrderedDict[str, _Open] = OrderedDict()
        self._folds: OrderedDict[tuple[object, ...], _Fold] = OrderedDict()
        self._folded: OrderedDict[str, tuple[object, ...]] = OrderedDict()
        self._connects: OrderedDict[str, _Connect] = OrderedDict()

    # --- in ---------------------------------------------------------------------------------------

    def receive(self, observation: Observation) -> list[Effect]:
        """What is to be done about one observation, in order."""
        match observation:
            case ClientHelloSeen(door=Door.PROXY):
                return self._hello_at_proxy(observation)
            case ClientHelloSeen():
                return self._hello_on_wire(observation)
            case HttpRequest():
                return self._request(observation)
            case ConnectRequest():
                return self._connect(observation)
            case ExchangeEnd():
                return self._exchange_end(observation)
            case FlowEnd():
                return self._flow_end(observation)
            case DnsAnswer():
                return self._dns(observation)
            case Weird():
                self.coverage.weird(observation.name, observation.count)
                return []
            case _:
                return []

    def set_statuses(self, statuses: Mapping[str, Status]) -> None:
        """Take over review statuses; decisions from now on see them."""
        self._statuses = statuses

    def tick(self, ts: float) -> list[Effect]:
        """Time has come to ``ts``: close the folded sightings that are older than ``FOLD_S``."""
        effects: list[Effect] = []
        while self._folds:
            key, fold = next(iter(self._folds.items()))
            if ts - fold.event.ts < FOLD_S:
                break
            effects += self._close_fold(key)
        return effects

    def finish(self) -> list[Effect]:
        """Nothing more will come: close every folded sighting."""
        effects: list[Effect] = []
        while self._folds:
            effects += self._close_fold(next(iter(self._folds)))
        return effects

    def inspects(self, identification: Identification, host: str) -> bool:
        """Whether the proxy may take TLS off for this host: the catalogue and the policy both have a say."""
        return self.policy.may_inspect(host, identification.inspect)

    # --- the passive door -------------------------------------------------------------------------

    def _hello_on_wire(self, hello: ClientHelloSeen) -> list[Effect]:
        if self._is_own(hello.client, hello.server):
            self.coverage.count("own_proxy_flow")
            return []
        self.coverage.count("tls_hello")
        if hello.partial:
            self.coverage.count("hello_partial")
        if hello.server_name is None or hello.ech is Ech.REAL:
            self.coverage.count("hello_without_name" if hello.server_name is None else "ech_real")
            named = self._named_by_dns(hello.client.host, hello.server, hello.ts)
            if named is None:
                return []
            return self._open_flow(hello, named[0], named[1], Grade.RESOLVED)
        identification = self.catalogue.identify(
            Seen(
                host=hello.server_name,
                port=hello.server.port,
                address=hello.server.host,
                visibility="sni",
            )
        )
        return self._open_flow(hello, identification, hello.server_name, Grade.CONNECTED)

    def _open_flow(
        self, hello: ClientHelloSeen, identification: Identification, name: str, grade: Grade
    ) -> list[Effect]:
        if not identification.is_ai:
            self.coverage.count("not_ai")
            return []
        if hello.flow is not None and hello.flow in self._open:
            return []  # the second ClientHello after a HelloRetryRequest (RFC 8446, section 4.1.2)
        event, _ = self._event(
            hello,
            EventKind.FLOW,
            identification,
            self.directory.subject_at(hello.client.host, hello.ts),
            client=hello.client,
            destination=_place(name, hello.server.port),
            grade=grade,
        )
        return self._remember(hello.flow, event)

    def _dns(self, answer: DnsAnswer) -> list[Effect]:
        self.names.learn(answer)
        self.coverage.count("dns_answer")
        if answer.rcode != "NOERROR":
            return []
        identification = self.catalogue.identify(Seen(host=answer.name, visibility="dns"))
        if not identification.is_ai:
            return []
        event, _ = self._event(
            answer,
            EventKind.RESOLVED,
            identification,
            self.directory.subject_at(answer.client.host, answer.ts),
            client=answer.client,
            destination=answer.name,
            grade=Grade.RESOLVED,
        )
        return self._fold(answer, event)

    def _flow_end(self, end: FlowEnd) -> list[Effect]:
        if self._is_own(end.client, end.server):
            return []
        up = end.bytes_up - end.duplicate_bytes_up
        down = end.bytes_down - (end.duplicate_bytes - end.duplicate_bytes_up)
        self.coverage.count("flow")
        if end.duplicate_packets:
            self.coverage.count("duplicate_packet", end.duplicate_packets)
        opened = self._open.pop(end.flow, None) if end.flow is not None else None
        if opened is not None:
            return [Record(self._closing(opened.event, end, up, down))]
        named = self._named_by_dns(end.client.host, end.server, end.first)
        if named is None:
            return []
        identification, name = named
        self.coverage.count("named_by_dns")
        event, _ = self._event(
            end,
            EventKind.FLOW,
            identification,
            self.directory.subject_at(end.client.host, end.first),
            client=end.client,
            destination=_place(name, end.server.port),
            grade=Grade.RESOLVED,
        )
        return [Record(replace(event, bytes_up=up, bytes_down=down))]

    def _named_by_dns(self, client: str, server: Endpoint, ts: float) -> tuple[Identification, str] | None:
        """
        The AI app that DNS names for this flow, at lower confidence.

        ``None`` where no candidate is AI, or where the candidates are not all the same app: an address that
        serves several names names none of them.
        """
        if server.port in _NAMELESS_PORTS:
            return None
        found: tuple[Identification, str] | None = None
        for name in self.names.candidates(client, server.host, ts):
            identification = self.catalogue.identify(
                Seen(host=name, port=server.port, address=server.host, visibility="dns")
            )
            if found is not None and found[0].app != identification.app:
                self.coverage.count("name_ambiguous")
                return None
            if found is None:
                found = (identification, name)
        if found is None or not found[0].is_ai:
            return None
        return replace(found[0], confidence=round(found[0].confidence * _NAMED_BY_DNS, 4)), found[1]

    def _is_own(self, client: Endpoint, server: Endpoint) -> bool:
        return server in self._own_proxies or client.host in self._own_addresses

    # --- the proxy door ---------------------------------------------------------------------------

    def _connect(self, request: ConnectRequest) -> list[Effect]:
        host = request.server.host
        identification = self.catalogue.identify(
            Seen(host=host, port=request.server.port, visibility="sni", headers=_agent(request.user_agent))
        )
        inspect = self.inspects(identification, host)
        connect = _Connect(request, identification, inspect, recorded=False)
        if request.flow is not None:
            self._connects[request.flow] = connect
            if len(self._connects) > MAX_CONNECTS:
                self._connects.popitem(last=False)
                self.coverage.count("evicted")
        self.coverage.count("tunnel_asked")
        if inspect:
            return [Send(inspect=True)]  # its requests will be read: they are the events
        if not identification.is_ai:
            self.coverage.count("not_ai")
            return [Send()]
        connect.recorded = True
        return self._decide_tunnel(request, request.client, request.user, identification, host)

    def _hello_at_proxy(self, hello: ClientHelloSeen) -> list[Effect]:
        connect = self._connects.get(hello.flow) if hello.flow is not None else None
        asked = connect.request.server.host if connect is not None else None
        name = hello.server_name
        if name is None or name == asked:
            if connect is not None:
                return [Send(inspect=connect.inspect)]
            self.coverage.count("hello_without_name")
            return [Send()]
        identification = self.catalogue.identify(Seen(host=name, port=hello.server.port, visibility="sni"))
        if connect is not None:
            self.coverage.weird("sni_differs_from_connect")
        if self.inspects(identification, name) or (connect is not None and connect.inspect):
            return [Send(inspect=True)]
        if not identification.is_ai:
            return [Send()]
        if connect is not None and connect.recorded and connect.identification.app == identification.app:
            return [Send()]
        user = connect.request.user if connect is not None else None
        return self._decide_tunnel(hello, hello.client, user, identification, name)

    def _decide_tunnel(
        self,
        observation: Observation,
        client: Endpoint,
        user: str | None,
        identification: Identification,
        host: str,
    ) -> list[Effect]:
        port = observation.server.port if isinstance(observation, ConnectRequest | ClientHelloSeen) else 443
        event, decision = self._event(
            observation,
            EventKind.CONNECT,
            identification,
            self.directory.subject_at(client.host, observation.ts, user=user),
            client=client,
            destination=_place(host, port),
            grade=Grade.CONNECTED,
        )
        effects = self._remember(observation.key, event)
        answer = _answer(event, decision)
        if isinstance(answer, Send):
            self.coverage.count("not_inspected")
        return effects + [answer]

    def _request(self, request: HttpRequest) -> list[Effect]:
        proxied = request.door is Door.PROXY
        if not proxied and self._is_own(request.client, request.server):
            return []
        self.coverage.count("http_request")
        host = request.host or request.server.host
        identification = self.catalogue.identify(
            Seen(
                host=host,
                path=request.path,
                method=request.method,
                scheme=request.scheme,
                port=request.server.port,
                address=None if proxied else request.server.host,
                headers=request.headers,
            )
        )
        if not identification.is_ai:
            self.coverage.count("not_ai")
            return [Send()] if proxied else []
        identification = replace(identification, model=identification.model or model_in_path(request.path))
        event, decision = self._event(
            request,
            EventKind.REQUEST,
            identification,
            self.directory.subject_at(request.client.host, request.ts, user=request.user),
            client=request.client,
            destination=_place(host, request.server.port),
            grade=Grade.PARSED,
            method=request.method,
            direction=_direction(request.method),
        )
        quiet = identification.proves is not Proves.USAGE and event.verdict is Verdict.ALLOW
        if not proxied:
            if quiet:
                return self._fold(request, event)
            if request.flow is not None and request.flow in self._open:
                return [Record(event)]  # a later request on a kept-alive connection: totals close the first
            return self._remember(request.flow, event)
        effects = self._fold(request, event) if quiet else self._remember(request.key, event)
        return effects + [_answer(event, decision)]

    def _exchange_end(self, end: ExchangeEnd) -> list[Effect]:
        fold_key = self._folded.pop(end.opened, None)
        if fold_key is not None:
            fold = self._folds.get(fold_key)
            if fold is not None:
                fold.bytes_up += end.bytes_up
                fold.bytes_down += end.bytes_down
                fold.last = max(fold.last, end.ts)
            return []
        opened = self._open.pop(end.opened, None)
        connect = self._connects.pop(end.flow, None) if end.flow is not None else None
        if opened is not None:
            closing = self._closing(opened.event, end, end.bytes_up, end.bytes_down)
            if end.outcome != "complete":
                closing = replace(closing, context={**closing.context, "outcome": end.outcome})
            return [Record(closing)]
        if end.outcome == "tls_refused" and connect is not None and connect.identification.is_ai:
            return self._not_inspectable(connect, end)
        return []

    def _not_inspectable(self, connect: _Connect, end: ExchangeEnd) -> list[Effect]:
        """The client would not take the proxy's certificate: nothing was sent, and that is recorded."""
        request = connect.request
        self.coverage.count("not_inspectable")
        event, _ = self._event(
            request,
            EventKind.CONNECT,
            connect.identification,
            self.directory.subject_at(request.client.host, request.ts, user=request.user),
            client=request.client,
            destination=_place(request.server.host, request.server.port),
            grade=Grade.CONNECTED,
        )
        event = replace(
            event,
            verdict=Verdict.BLOCK,
            enforced=True,
            rule=None,
            reason="the client refused the proxy's certificate: nothing was sent",
            context={**event.context, "outcome": end.outcome},
        )
        return [Record(event)]

    # --- events -----------------------------------------------------------------------------------

    def _event(
        self,
        observation: Observation,
        kind: EventKind,
        identification: Identification,
        subject: Subject,
        *,
        client: Endpoint,
        destination: str,
        grade: Grade,
        method: str | None = None,
        direction: Direction | None = None,
    ) -> tuple[Event, Decision]:
        """The record of one decision, and the decision."""
        host = host_of(destination)
        reviewed = identification.app or f"{GENERIC_APP}/{host}"
        status = self._statuses.get(reviewed, Status.UNREVIEWED)
        groups = self.policy.groups_of(subject.user, client.host, subject.device)
        decision: Decision = self.policy.decide(
            Question(
                app=identification.app,
                provider=identification.provider,
                client=identification.client,
                category=identification.category,
                vendor=identification.vendor,
                status=status,
                generic=identification.generic,
                proves=identification.proves,
                feature=identification.feature,
                host=host,
                user=subject.user,
                groups=groups,
                device=subject.device,
                address=client.host,
                direction=direction,
                method=method,
                region=identification.region,
                door=observation.door,
                ts=observation.ts,
            )
        )
        context: dict[str, object] = {"status": str(status)}
        if groups:
            context["groups"] = sorted(groups)
        event = Event(
            id=event_id(observation.key, kind),
            ts=observation.ts,
            origin=self.origin,
            door=observation.door,
            kind=kind,
            flow=observation.flow,
            app=identification.app,
            provider=identification.provider,
            client=identification.client,
            feature=identification.feature,
            generic=identification.generic,
            user=subject.user,
            device=subject.device,
            account=identification.tenant,
            source=str(client),
            model=identification.model,
            direction=direction,
            verdict=decision.verdict,
            enforced=observation.door is Door.PROXY and self.policy.enforces,
            rule=decision.rule,
            reason=decision.reason,
            grade=grade,
            confidence=identification.confidence,
            proves=identification.proves,
            evidence=tuple(match.evidence for match in identification.evidence),
            destination=destination,
            region=identification.region,
            attribution=subject.attribution,
            with_=decision.with_,
            context=context,
            policy_hash=self.policy.hash,
            catalogue_hash=self.catalogue.hash,
        )
        return event, decision

    def _closing(self, event: Event, end: Observation, up: int, down: int) -> Event:
        return replace(
            event,
            id=event_id(event.id, EventKind.CLOSING),
            ts=end.ts,
            kind=EventKind.CLOSING,
            count=0,
            bytes_up=up,
            bytes_down=down,
            grade=Grade.VOLUME if event.grade in (Grade.RESOLVED, Grade.CONNECTED) else event.grade,
        )

    def _remember(self, key: str | None, event: Event) -> list[Effect]:
        """Record an event now, and its totals when they come."""
        if key is not None:
            self._open[key] = _Open(event)
            if len(self._open) > MAX_OPEN:
                self._open.popitem(last=False)
                self.coverage.count("evicted")
        return [Record(event)]

    # --- folding ----------------------------------------------------------------------------------

    def _fold(self, observation: Observation, event: Event) -> list[Effect]:
        """Record the first of like sightings; add the ones after it to its count."""
        key = (event.kind, event.door, event.app, event.destination, event.user, event.device, event.rule)
        effects: list[Effect] = []
        fold = self._folds.get(key)
        if fold is not None and event.ts - fold.event.ts >= FOLD_S:
            effects += self._close_fold(key)
            fold = None
        if fold is None:
            self._folds[key] = _Fold(event, last=event.ts)
            if len(self._folds) > MAX_FOLDS:
                effects += self._close_fold(next(iter(self._folds)))
                self.coverage.count("evicted")
            effects.append(Record(event))
        else:
            fold.count += 1
            fold.last = max(fold.last, event.ts)
        if observation.door is Door.PROXY:
            self._folded[observation.key] = key
            if len(self._folded) > MAX_OPEN:
                self._folded.popitem(last=False)
        return effects

    def _close_fold(self, key: tuple[object, ...]) -> list[Effect]:
        fold = self._folds.pop(key)
        if not (fold.count or fold.bytes_up or fold.bytes_down):
            return []
        closing = replace(
            fold.event,
            id=event_id(fold.event.id, EventKind.CLOSING),
            ts=fold.last,
            kind=EventKind.CLOSING,
            count=fold.count,
            bytes_up=fold.bytes_up,
            bytes_down=fold.bytes_down,
        )
        return [Record(closing)]


def _place(host: str, port: int) -> str:
    """``host:port``, IPv6 in brackets; a port that the host already carries is not doubled."""
    return str(Endpoint(host, port))


def _answer(event: Event, decision: Decision) -> Effect:
    """What the proxy does about an enforced decision."""
    if event.verdict is Verdict.BLOCK and event.enforced:
        return Refuse(rule=event.rule, message=decision.message or DEFAULT_MESSAGE)
    return Send()


def _agent(user_agent: str | None) -> tuple[tuple[str, str], ...] | None:
    return None if user_agent is None else (("user-agent", user_agent),)


def _direction(method: str) -> Direction | None:
    """A request that carries content is a prompt until a dialect says more; one without carries none."""
    return Direction.PROMPT if method in ("POST", "PUT", "PATCH") else None
