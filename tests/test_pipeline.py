"""What the pipeline does with each observation, against a small catalogue and a real policy."""

import pytest

from sensor import pipeline as module
from sensor.catalogue import Source, load
from sensor.inventory import delta, merge
from sensor.model import (
    ClientHelloSeen,
    ConnectRequest,
    DnsAnswer,
    DnsRecord,
    Door,
    Ech,
    Endpoint,
    EventKind,
    ExchangeEnd,
    FlowEnd,
    Grade,
    HttpRequest,
    Observation,
    Proves,
    Record,
    Refuse,
    Seen,
    Send,
    Status,
    Verdict,
    Weird,
)
from sensor.pipeline import DEFAULT_MESSAGE, FOLD_S, Pipeline, event_id
from sensor.policy import parse_policy

CHAT = """
id: acme.chat
name: Acme Chat
vendor: acme
category: chat_assistant
maturity: stable
description: The web client and its API on one host.
references: [https://acme.example/docs]
modified: 2026-11-24
falsepositives: [none known; the host serves nothing else]
evidence:
  - {id: h1, type: host_suffix, value: chat.example, proves: presence, weight: 70, role: ui,
     source: test, verified: 2026-11-24}
  - {id: u1, type: url_path, value: '^/api/chat$', hosts: [chat.example], methods: [POST], proves: usage,
     weight: 98, source: test, verified: 2026-11-24}
fixtures:
  match: ['chat.example', 'POST https://chat.example/api/chat']
  nomatch: ['notchat.example', 'chat.example.evil.test']
"""

PINNED = """
id: acme.pinned
name: Acme Pinned
vendor: acme
category: coding_assistant
maturity: stable
description: An app whose client pins its certificate.
references: [https://acme.example/docs]
modified: 2026-11-24
falsepositives: [none known; the host serves nothing else]
inspect: false
evidence:
  - {id: h1, type: host_suffix, value: pinned.example, proves: usage, weight: 90, role: api,
     source: test, verified: 2026-11-24}
fixtures:
  match: ['pinned.example', 'a.pinned.example']
  nomatch: ['notpinned.example', 'pinned.example.evil.test']
"""

VENDORS = "acme: {name: Acme, country: US, url: 'https://acme.example', source: test, verified: 2026-11-24}\n"

GENERIC = """
generic: true
description: Paths that only the OpenAI API and what copies it have.
modified: 2026-11-24
evidence:
  - {id: g1, type: url_path, value: '^/v1/chat/completions$', any: true, methods: [POST],
     content_types: [application/json], proves: usage, weight: 80, source: test, verified: 2026-11-24}
fixtures:
  match:
    - {url: 'http://10.0.0.5/v1/chat/completions', method: POST, headers: {content-type: application/json}}
  nomatch: ['https://www.example.org/v1/chat']
"""

ADA = Endpoint("192.0.2.7", 50000)
WEB = Endpoint("198.51.100.9", 443)
T = 1_795_521_600.0


@pytest.fixture(scope="module")
def catalogue():
    return load(
        [
            Source("vendors.yaml", VENDORS),
            Source("apps/acme/chat.yaml", CHAT),
            Source("apps/acme/pinned.yaml", PINNED),
            Source("generic.yaml", GENERIC),
        ]
    )


@pytest.fixture
def line(catalogue):
    """Makes a pipeline; the policy's text may be given."""

    def make(policy="version: 1\nmode: enforce\n", **more):
        return Pipeline(catalogue, parse_policy(policy, "policy.yaml"), origin="gnomon/test", **more)

    return make


def hello(name="chat.example", *, key="f:1", flow="f:1", door=Door.SPAN, client=ADA, server=WEB, **more):
    return ClientHelloSeen(
        ts=T,
        key=key,
        flow=flow,
        door=door,
        transport="tcp",
        client=client,
        server=server,
        server_name=name,
        **more,
    )


def flow_end(flow="f:1", *, client=ADA, server=WEB, ts=T + 9, **more):
    fields = dict(
        ts=ts, key=f"{flow}e", flow=flow, transport="tcp", client=client, server=server, first=T, last=ts,
        bytes_up=5000, bytes_down=90_000, wire_bytes_up=5140, wire_bytes_down=91_400, payload_bytes_up=4000,
        payload_bytes_down=86_000, packets_up=10, packets_down=100,
    )  # fmt: skip
    return FlowEnd(**(fields | more))


def answer(name="chat.example", address=WEB.host, *, key="d:1", client=ADA, **more):
    fields = dict(
        ts=T - 1,
        key=key,
        client=client,
        server=Endpoint("192.0.2.53", 53),
        name=name,
        type="A",
        rcode="NOERROR",
        answers=(DnsRecord(name, "A", address, 300),),
    )
    return DnsAnswer(**(fields | more))


def request(
    path="/api/chat", host="chat.example", *, key="p:1", method="POST", door=Door.PROXY, ts=T, **more
):
    return HttpRequest(
        ts=ts, key=key, door=door, flow=more.pop("flow", "c:1"), client=ADA, server=Endpoint(host, 443),
        method=method, host=host, path=path, scheme="https", inspected=True, **more,
    )  # fmt: skip


def connect(host="chat.example", *, key="c:1", **more):
    return ConnectRequest(
        ts=T, key=key, door=Door.PROXY, flow="c:1", client=ADA, server=Endpoint(host, 443), **more
    )


def ended(opened, *, outcome="complete", up=700, down=9000, flow=None, ts=T + 5):
    return ExchangeEnd(
        ts=ts,
        key=f"{opened}end",
        flow=flow,
        door=Door.PROXY,
        opened=opened,
        bytes_up=up,
        bytes_down=down,
        outcome=outcome,
    )


def events(effects):
    return [effect.event for effect in effects if isinstance(effect, Record)]


def inventory(found):
    row = None
    for event in found:
        row = merge(row, delta(event))
    return row


# --- the passive door -----------------------------------------------------------------------------


def test_a_flow_is_recorded_at_its_hello_and_closed_with_its_volume(line):
    made = line()
    (first,) = events(made.receive(hello()))
    assert (first.kind, first.app, first.grade, first.verdict, first.enforced) == (
        EventKind.FLOW, "acme.chat", Grade.CONNECTED, Verdict.ALLOW, False,
    )  # fmt: skip
    assert (first.source, first.destination, first.device) == (
        "192.0.2.7:50000",
        "chat.example:443",
        "ip:192.0.2.7",
    )
    assert first.evidence == ("acme.chat/h1",) and first.proves is Proves.PRESENCE
    (closing,) = events(made.receive(flow_end()))
    assert (closing.kind, closing.grade, closing.bytes_up, closing.bytes_down, closing.count) == (
        EventKind.CLOSING, Grade.VOLUME, 5000, 90_000, 0,
    )  # fmt: skip
    row = inventory([first, closing])
    assert (row.events, row.bytes_up, row.grade) == (1, 5000, Grade.VOLUME)


def test_copies_of_packets_are_no_volume(line):
    made = line()
    made.receive(hello())
    (closing,) = events(
        made.receive(flow_end(duplicate_packets=3, duplicate_bytes=1000, duplicate_bytes_up=400))
    )
    assert (closing.bytes_up, closing.bytes_down) == (4600, 89_400)
    assert made.coverage.snapshot()["duplicate_packet"] == 3


def test_a_flow_that_is_not_ai_leaves_a_counter_and_no_name(line):
    made = line()
    assert made.receive(hello("www.secret-name.example")) == []
    assert made.receive(flow_end()) == []
    assert "secret" not in repr(made.coverage.snapshot())


def test_the_second_hello_of_a_retry_is_the_same_flow(line):
    made = line()
    assert len(events(made.receive(hello()))) == 1
    assert made.receive(hello(key="f:3")) == []


def test_a_hello_without_flow_still_counts(line):
    assert len(events(line().receive(hello(flow=None)))) == 1


def test_a_partial_hello_is_counted(line):
    made = line()
    made.receive(hello(partial=True))
    assert made.coverage.snapshot()["hello_partial"] == 1


@pytest.mark.parametrize("more", [{"name": None}, {"name": "cloudflare-ech.com", "ech": Ech.REAL}])
def test_dns_names_a_flow_that_hides_its_name_at_a_lower_grade(line, more):
    made = line()
    sure = made.catalogue.identify(Seen(host="chat.example", visibility="dns")).confidence
    made.receive(answer())
    (event,) = events(made.receive(hello(**more)))
    assert (event.app, event.grade, event.destination) == ("acme.chat", Grade.RESOLVED, "chat.example:443")
    assert event.confidence < sure


def test_dns_names_a_flow_without_any_hello_when_it_ends(line):
    made = line()
    made.receive(answer())
    (event,) = events(made.receive(flow_end()))
    assert (event.kind, event.grade, event.bytes_up, event.count) == (EventKind.FLOW, Grade.RESOLVED, 5000, 1)
    assert events(made.receive(flow_end("f:2", client=Endpoint("192.0.2.99", 1)))) == []


def test_an_address_that_serves_several_names_names_none(line):
    made = line()
    made.receive(answer())
    made.receive(answer("www.example.org", key="d:2"))
    assert made.receive(hello(None)) == []
    assert made.coverage.snapshot()["name_ambiguous"] == 1


def test_several_names_of_one_app_on_an_address_name_it(line):
    made = line()
    made.receive(answer())
    made.receive(answer("www.chat.example", key="d:2"))
    (event,) = events(made.receive(hello(None)))
    assert event.app == "acme.chat"


def test_a_flow_to_the_name_server_itself_is_never_named_by_its_answers(line):
    made = line()
    made.receive(answer(address="192.0.2.53"))
    assert made.receive(flow_end(server=Endpoint("192.0.2.53", 53))) == []


def test_dns_of_an_ordinary_name_says_nothing(line):
    made = line()
    made.receive(answer("www.example.org"))
    assert made.receive(hello(None)) == []
    assert made.receive(flow_end(None)) == []


def test_a_dns_answer_is_a_sighting_and_repeats_are_folded(line):
    made = line()
    (first,) = events(made.receive(answer()))
    assert (first.kind, first.grade, first.destination) == (
        EventKind.RESOLVED,
        Grade.RESOLVED,
        "chat.example",
    )
    assert made.receive(answer(key="d:2")) == [] and made.receive(answer(key="d:3")) == []
    assert made.tick(T) == []
    (closing,) = events(made.tick(T + FOLD_S))
    assert (closing.kind, closing.count) == (EventKind.CLOSING, 2)
    assert inventory([first, closing]).events == 3
    assert made.finish() == []


def test_a_name_that_does_not_exist_is_no_sighting(line):
    assert line().receive(answer(rcode="NXDOMAIN", answers=())) == []
    assert line().receive(answer("www.example.org")) == []


def test_a_sighting_after_the_window_opens_a_new_one(line):
    made = line()
    made.receive(answer())
    made.receive(answer(key="d:2"))
    found = events(made.receive(answer(key="d:3", ts=T + FOLD_S)))
    assert [event.kind for event in found] == [EventKind.CLOSING, EventKind.RESOLVED]
    assert made.finish() == []


def test_clear_text_requests_are_parsed_and_closed_by_their_flow(line):
    made = line()
    (event,) = events(made.receive(request(door=Door.SPAN, flow="f:1")))
    assert (event.kind, event.grade, event.proves, event.enforced) == (
        EventKind.REQUEST, Grade.PARSED, Proves.USAGE, False,
    )  # fmt: skip
    (second,) = events(made.receive(request(door=Door.SPAN, flow="f:1", key="p:2")))
    assert second.id != event.id
    (closing,) = events(made.receive(flow_end()))
    assert (closing.grade, closing.bytes_up) == (Grade.PARSED, 5000)
    assert made.receive(request("/", "www.example.org", door=Door.SPAN)) == []


def test_clear_text_page_loads_are_folded(line):
    made = line()
    assert len(events(made.receive(request("/logo", method="GET", door=Door.SPAN)))) == 1
    assert made.receive(request("/style", method="GET", door=Door.SPAN, key="p:2")) == []


def test_an_unknown_llm_api_is_recorded_under_its_host(line):
    made = line()
    (event,) = events(
        made.receive(
            request(
                "/v1/chat/completions",
                "10.0.0.5",
                door=Door.SPAN,
                headers=(("content-type", "application/json"),),
            )
        )
    )
    assert event.app is None and event.generic
    assert delta(event).app == "unknown.llm_api/10.0.0.5"


def test_flows_of_the_own_proxy_are_coverage_not_inventory(line):
    proxy = Endpoint("192.0.2.100", 8080)
    made = line(own_proxies=frozenset({proxy}), own_addresses=frozenset({"192.0.2.100"}))
    to_proxy = dict(server=proxy)
    from_proxy = dict(client=Endpoint("192.0.2.100", 40000))
    for ends in (to_proxy, from_proxy):
        assert made.receive(hello(**ends)) == []
        assert made.receive(flow_end(**ends)) == []
    own_request = HttpRequest(
        ts=T, client=ADA, server=proxy, method="POST", host="chat.example", path="/api/chat"
    )
    assert made.receive(own_request) == []
    assert made.coverage.snapshot()["own_proxy_flow"] == 2


def test_a_blocking_policy_on_the_span_is_a_dry_run(line):
    made = line("version: 1\nmode: enforce\ndefault: block\n")
    (event,) = events(made.receive(hello()))
    assert (event.verdict, event.enforced) == (Verdict.BLOCK, False)
    assert inventory([event]).would_block == 1


def test_weirds_are_counted_and_other_observations_pass(line):
    made = line()
    assert made.receive(Weird(ts=T, name="tcp_gap", count=3)) == []
    assert made.receive(Observation(ts=T)) == []
    assert made.coverage.snapshot()["weird.tcp_gap"] == 3


# --- the proxy door -------------------------------------------------------------------------------

BLOCK = (
    "version: 1\nmode: enforce\n"
    "rules:\n  - {id: no-chat, when: {app: acme.chat}, action: block, message: Ask IT.}\n"
)


def test_an_inspected_host_is_opened_and_its_requests_are_the_events(line):
    made = line()
    assert made.receive(connect()) == [Send(inspect=True)]
    assert made.receive(hello(door=Door.PROXY, flow="c:1")) == [Send(inspect=True)]
    record, send = made.receive(request(user="analyst"))
    assert (record.event.user, record.event.enforced, send) == ("analyst", True, Send())
    (closing,) = events(made.receive(ended("p:1")))
    assert (closing.bytes_up, closing.bytes_down, closing.grade) == (700, 9000, Grade.PARSED)
    assert made.receive(ended("p:1")) == []


def test_what_is_refused_is_recorded_before_it_is_refused(line):
    made = line(BLOCK)
    made.receive(connect())
    record, refuse = made.receive(request())
    assert (record.event.verdict, record.event.rule, record.event.enforced) == (
        Verdict.BLOCK,
        "no-chat",
        True,
    )
    assert refuse == Refuse(rule="no-chat", message="Ask IT.")
    (closing,) = events(made.receive(ended("p:1", outcome="refused", up=0, down=300)))
    assert closing.context["outcome"] == "refused" and closing.verdict is Verdict.BLOCK
    assert inventory([record.event, closing]).blocked == 1


def test_a_rule_without_a_message_has_a_sentence_for_the_person(line):
    _, refuse = line("version: 1\nmode: enforce\ndefault: block\n").receive(request())
    assert refuse == Refuse(rule=None, message=DEFAULT_MESSAGE)


def test_monitor_mode_records_what_it_would_refuse_and_sends(line):
    record, send = line(BLOCK.replace("enforce", "monitor")).receive(request())
    assert (record.event.verdict, record.event.enforced, send) == (Verdict.BLOCK, False, Send())


def test_page_loads_at_the_proxy_are_folded_with_their_volume(line):
    made = line()
    first = events(made.receive(request("/logo", method="GET")))
    assert made.receive(request("/style", method="GET", key="p:2")) == [Send()]
    assert made.receive(ended("p:1")) == [] and made.receive(ended("p:2")) == []
    (closing,) = events(made.finish())
    assert (closing.count, closing.bytes_up, closing.bytes_down) == (1, 1400, 18_000)
    assert inventory([*first, closing]).events == 2


def test_a_folded_exchange_that_ends_after_its_window_loses_only_its_volume(line):
    made = line()
    made.receive(request("/logo", method="GET"))
    made.finish()
    assert made.receive(ended("p:1")) == []


def test_an_ordinary_site_is_tunnelled_without_a_trace(line):
    made = line()
    assert made.receive(connect("www.example.org")) == [Send()]
    assert made.receive(hello("www.example.org", door=Door.PROXY, flow="c:1")) == [Send()]
    assert made.receive(request("/", "www.example.org")) == [Send()]
    assert made.receive(ended("c:1", flow="c:1")) == []


def test_an_ai_app_that_is_not_opened_is_recorded_by_its_tunnel(line):
    made = line()
    record, send = made.receive(connect("pinned.example", user_agent="tool/1", user="analyst"))
    assert (record.event.kind, record.event.app, record.event.user, send) == (
        EventKind.CONNECT, "acme.pinned", "analyst", Send(),
    )  # fmt: skip
    assert made.receive(hello("pinned.example", door=Door.PROXY, flow="c:1")) == [Send()]
    assert made.receive(hello("api.pinned.example", door=Door.PROXY, flow="c:1")) == [Send()]
    (closing,) = events(made.receive(ended("c:1", flow="c:1")))
    assert (closing.grade, closing.bytes_up) == (Grade.VOLUME, 700)
    assert made.coverage.snapshot()["not_inspected"] == 1


def test_a_tunnel_to_a_blocked_app_is_refused(line):
    made = line("version: 1\nmode: enforce\nrules:\n  - {id: no, when: {app: acme.pinned}, action: block}\n")
    record, refuse = made.receive(connect("pinned.example"))
    assert record.event.verdict is Verdict.BLOCK and isinstance(refuse, Refuse)


def test_the_name_in_the_hello_counts_when_it_is_not_the_one_asked_for(line):
    made = line()
    made.receive(connect("front.example.org"))
    assert made.receive(hello(door=Door.PROXY, flow="c:1")) == [Send(inspect=True)]
    made.receive(connect("front.example.org"))
    record, send = made.receive(hello("pinned.example", door=Door.PROXY, flow="c:1"))
    assert record.event.app == "acme.pinned" and send == Send()
    made.receive(connect("chat.example"))
    assert made.receive(hello("www.example.org", door=Door.PROXY, flow="c:1")) == [Send(inspect=True)]
    assert made.coverage.snapshot()["weird.sni_differs_from_connect"] == 3


def test_a_hello_without_connect_is_decided_by_its_name(line):
    made = line()
    assert made.receive(hello(door=Door.PROXY, flow=None)) == [Send(inspect=True)]
    assert made.receive(hello(None, door=Door.PROXY, flow="t:1")) == [Send()]
    assert made.receive(hello("www.example.org", door=Door.PROXY, flow="t:2")) == [Send()]
    assert isinstance(made.receive(hello("pinned.example", door=Door.PROXY, flow="t:3"))[0], Record)


def test_a_client_that_refuses_the_certificate_is_recorded_as_not_inspectable(line):
    made = line()
    made.receive(connect(user="analyst"))
    (event,) = events(made.receive(ended("c:1", outcome="tls_refused", flow="c:1")))
    assert (event.app, event.user, event.context["outcome"]) == ("acme.chat", "analyst", "tls_refused")
    made.receive(connect("www.example.org"))
    assert made.receive(ended("c:1", outcome="tls_refused", flow="c:1")) == []
    assert made.receive(ended("c:9", outcome="tls_refused", flow="c:9")) == []


def test_metadata_only_opens_nothing(line):
    made = line("version: 1\nmode: metadata-only\n")
    record, send = made.receive(connect())
    assert send == Send() and record.event.enforced is False


def test_a_connect_without_flow_is_still_decided(line):
    made = line()
    asked = ConnectRequest(ts=T, key="c:1", door=Door.PROXY, client=ADA, server=Endpoint("chat.example", 443))
    assert made.receive(asked) == [Send(inspect=True)]


def test_a_review_changes_the_next_decision(line):
    made = line(
        "version: 1\nmode: enforce\nrules:\n  - {id: no, when: {status: unsanctioned}, action: block}\n"
    )
    assert isinstance(made.receive(request())[1], Send)
    made.set_statuses({"acme.chat": Status.UNSANCTIONED})
    record, refuse = made.receive(request(key="p:2"))
    assert isinstance(refuse, Refuse) and record.event.context["status"] == "unsanctioned"


def test_a_review_of_an_unknown_llm_api_is_by_its_host(line):
    made = line(
        "version: 1\nmode: enforce\nrules:\n  - {id: no, when: {status: unsanctioned}, action: block}\n",
        statuses={"unknown.llm_api/llm.example": Status.UNSANCTIONED},
    )
    asked = dict(path="/v1/chat/completions", headers=(("content-type", "application/json"),))
    assert isinstance(made.receive(request(host="llm.example", **asked))[1], Refuse)
    assert isinstance(made.receive(request(host="other.example", key="p:2", **asked))[1], Send)


def test_groups_stand_in_the_record_as_they_were(line):
    made = line(
        "version: 1\nmode: enforce\ngroups:\n  research: {users: [analyst]}\n"
        "rules:\n  - {id: no, when: {group: research}, action: block}\n"
    )
    record, refuse = made.receive(request(user="analyst"))
    assert record.event.context["groups"] == ["research"] and isinstance(refuse, Refuse)
    assert isinstance(made.receive(request(user="designer", key="p:2"))[1], Send)


# --- bounds and identity --------------------------------------------------------------------------


def test_the_same_observation_gives_the_same_id():
    assert event_id("a:1", "flow") == event_id("a:1", "flow") != event_id("a:1", "closing")
    assert len(event_id("a:1", "flow")) == 32


def test_open_state_is_bounded_and_eviction_is_counted(line, monkeypatch):
    monkeypatch.setattr(module, "MAX_OPEN", 2)
    monkeypatch.setattr(module, "MAX_FOLDS", 2)
    monkeypatch.setattr(module, "MAX_CONNECTS", 2)
    made = line()
    for n in range(4):
        made.receive(hello(key=f"f:{n}", flow=f"f:{n}"))
        made.receive(answer(key=f"d:{n}", client=Endpoint(f"192.0.2.{n}", 9)))
        made.receive(request("/logo", method="GET", key=f"p:{n}"))
        made.receive(
            ConnectRequest(
                ts=T,
                key=f"c:{n}",
                door=Door.PROXY,
                flow=f"c:{n}",
                client=ADA,
                server=Endpoint("chat.example", 443),
            )
        )
    assert made.receive(flow_end("f:0")) == [] and events(made.receive(flow_end("f:3")))
    assert made.coverage.snapshot()["evicted"] >= 6
