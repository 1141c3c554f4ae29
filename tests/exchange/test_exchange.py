"""One exchange and one tunnel, driven by hand: what is decided, counted, and written down at the end."""

import json

import pytest

from sensor.exchange import Answer, Exchange, State, Tunnel
from sensor.model import (
    ClientHelloSeen,
    ConnectRequest,
    Door,
    Endpoint,
    Event,
    EventKind,
    ExchangeEnd,
    HttpRequest,
    Record,
    Refuse,
    Send,
    Weird,
)

ADA = Endpoint("192.0.2.7", 50000)


def event(name="e1"):
    return Event(id=name, ts=1.0, origin="o", door=Door.PROXY, kind=EventKind.REQUEST)


class Decider:
    """Answers observations from a list, and remembers them."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []

    def __call__(self, observation):
        self.asked.append(observation)
        if isinstance(observation, Weird):
            return []
        return self.answers.pop(0)

    @property
    def ends(self):
        return [seen for seen in self.asked if isinstance(seen, ExchangeEnd)]


def request(method="POST", host="api.openai.com", path="/v1/chat/completions", headers=()):
    return HttpRequest(
        ts=1.0, door=Door.PROXY, key="k:2", flow="k:1", client=ADA, server=Endpoint("api.openai.com", 443),
        method=method, host=host, path=path, scheme="https", headers=headers, inspected=True,
    )  # fmt: skip


def test_what_is_allowed_goes_on_and_is_closed_with_its_bytes():
    decider = Decider([Record(event()), Send()], [Record(event("e2"))])
    exchange = Exchange(decider, request())
    assert exchange.open() == Answer(events=(event(),))
    exchange.sent(100)
    exchange.sent(20)
    exchange.answered(200)
    exchange.received(3000)
    assert exchange.close(9.0, "k:3") == (event("e2"),)
    (end,) = decider.ends
    assert (end.opened, end.flow, end.key, end.ts, end.door) == ("k:2", "k:1", "k:3", 9.0, Door.PROXY)
    assert (end.bytes_up, end.bytes_down, end.status, end.outcome) == (120, 3000, 200, "complete")


def test_closing_twice_gives_nothing():
    decider = Decider([Send()], [Record(event())])
    exchange = Exchange(decider, request())
    exchange.open()
    assert exchange.close(2.0, "k:3", "client_gone") == (event(),)
    assert exchange.close(3.0, "k:4") == () and len(decider.ends) == 1
    assert decider.ends[0].outcome == "client_gone"


def test_what_was_never_asked_is_closed_without_a_record():
    decider = Decider()
    exchange = Exchange(decider, request())
    assert exchange.close(2.0, "k:3") == () and exchange.state is State.CLOSED and not decider.asked


def test_what_is_refused_is_answered_in_its_dialect_and_counts_no_bytes():
    decider = Decider([Record(event()), Refuse(rule="r", message="Ask IT.")], [])
    exchange = Exchange(decider, request())
    answer = exchange.open()
    assert answer.events == (event(),) and exchange.state is State.REFUSED
    assert answer.refusal is not None and answer.refusal.status == 403
    assert json.loads(answer.refusal.body)["error"]["type"] == "policy_violation"
    exchange.sent(5)
    exchange.received(5)
    exchange.answered(200)
    exchange.close(2.0, "k:3")
    (end,) = decider.ends
    assert (end.bytes_up, end.bytes_down, end.status, end.outcome) == (0, 0, 403, "refused")


def test_a_navigation_is_refused_with_a_page():
    headers = (("accept", "text/html"), ("sec-fetch-dest", "document"))
    decider = Decider([Refuse(rule="r", message="Ask IT.")])
    answer = Exchange(decider, request("GET", "chatgpt.com", "/", headers)).open()
    assert answer.refusal is not None
    assert answer.refusal.body.startswith(b"<!doctype html>") and b"chatgpt.com" in answer.refusal.body


def test_a_refused_head_request_has_no_body():
    decider = Decider([Refuse(rule="r", message="Ask IT.")])
    refusal = Exchange(decider, request("HEAD")).open().refusal
    assert refusal is not None and refusal.body == b""


def test_it_can_be_refused_for_a_reason_that_is_no_rule():
    decider = Decider([Record(event()), Send()], [])
    exchange = Exchange(decider, request())
    assert exchange.open().refusal is None
    refusal = exchange.refuse("The proxy could not record this.")
    assert b"could not record" in refusal.body and b"Rule" not in refusal.body
    exchange.close(2.0, "k:3")
    assert decider.ends[0].outcome == "refused"


@pytest.mark.parametrize("end", ["refuse", "close"])
def test_an_exchange_is_opened_once_and_not_refused_when_it_is_over(end):
    decider = Decider([Send()], [])
    exchange = Exchange(decider, request())
    exchange.open()
    if end == "refuse":
        exchange.refuse("no")
    else:
        exchange.close(2.0, "k:3")
    with pytest.raises(RuntimeError, match="cannot do this"):
        exchange.open()
    with pytest.raises(RuntimeError, match="cannot do this"):
        exchange.refuse("no")


def test_no_effects_let_it_go_on():
    assert Exchange(Decider([]), request()).open() == Answer()


def test_a_host_that_is_not_the_tunnels_is_odd_and_the_tunnels_name_counts_too():
    decider = Decider([Send()], [Record(event()), Refuse(rule="r", message="no")])
    exchange = Exchange(decider, request(host="front.example"), tunnel_host="api.openai.com")
    answer = exchange.open()
    assert answer.refusal is not None and answer.events == (event(),)
    first, odd, second = decider.asked
    assert (first.host, odd.name, second.host, second.key) == (
        "front.example", "host_differs_from_tunnel", "api.openai.com", "k:2",
    )  # fmt: skip


@pytest.mark.parametrize("effects", [[Record(event()), Send()], [Refuse(rule="r", message="no")]])
def test_a_host_that_is_decided_by_itself_is_asked_about_once(effects):
    decider = Decider(effects)
    Exchange(decider, request(host="chatgpt.com"), tunnel_host="api.openai.com").open()
    assert [type(seen) for seen in decider.asked] == [HttpRequest, Weird]


def test_the_tunnels_own_host_is_not_odd():
    decider = Decider([Send()])
    Exchange(decider, request(), tunnel_host="api.openai.com").open()
    assert len(decider.asked) == 1


# --- tunnels --------------------------------------------------------------------------------------


def connect(host="www.example.org"):
    return ConnectRequest(
        ts=1.0, door=Door.PROXY, key="k:2", flow="k:1", client=ADA, server=Endpoint(host, 443)
    )


def hello(name="www.example.org", key="k:3"):
    return ClientHelloSeen(
        ts=1.0, door=Door.PROXY, key=key, flow="k:1", transport="tcp", client=ADA,
        server=Endpoint("www.example.org", 443), server_name=name,
    )  # fmt: skip


def test_a_tunnel_that_is_passed_on_is_closed_with_its_bytes():
    decider = Decider([Record(event()), Send()], [Send()], [Record(event("e2"))])
    tunnel = Tunnel(decider, "k:1")
    assert tunnel.open(connect()) == Answer(events=(event(),))
    assert tunnel.hello(hello()) == Answer() and tunnel.inspect is False
    assert tunnel.close(5.0, "k:9", bytes_up=10, bytes_down=20) == (event("e2"),)
    (end,) = decider.ends
    assert (end.opened, end.flow, end.key, end.bytes_up, end.bytes_down) == ("k:2", "k:1", "k:9.0", 10, 20)
    assert tunnel.close(6.0, "k:10") == () and tunnel.state is State.CLOSED


def test_the_name_in_the_hello_gets_the_bytes_where_it_was_recorded():
    decider = Decider([Record(event()), Send()], [Record(event("e2")), Send()], [], [])
    tunnel = Tunnel(decider, "k:1")
    tunnel.open(connect())
    tunnel.hello(hello("pinned.example"))
    assert tunnel.host == "pinned.example"
    tunnel.close(5.0, "k:9", bytes_up=10, bytes_down=20)
    assert [(end.opened, end.key, end.bytes_up) for end in decider.ends] == [
        ("k:2", "k:9.0", 0),
        ("k:3", "k:9.1", 10),
    ]


def test_a_tunnel_is_opened_where_either_name_says_so():
    tunnel = Tunnel(Decider([Send(inspect=True)], [Send(inspect=True)]), "k:1")
    assert tunnel.open(connect("chatgpt.com")).inspect and tunnel.host == "chatgpt.com"
    assert tunnel.hello(hello(None)).inspect and tunnel.host == "chatgpt.com"


def test_without_connect_the_hello_decides():
    decider = Decider([Send(inspect=True)], [])
    tunnel = Tunnel(decider, "k:1")
    assert tunnel.hello(hello("chatgpt.com")).inspect
    tunnel.close(5.0, "k:9")
    assert decider.ends[0].opened == "k:3"


def test_a_refused_tunnel_carries_nothing():
    decider = Decider([Record(event()), Refuse(rule="r", message="Ask IT.")], [])
    tunnel = Tunnel(decider, "k:1")
    answer = tunnel.open(connect())
    assert answer.refusal is not None
    assert answer.refusal.status == 403 and b"(Rule: r)" in answer.refusal.body
    with pytest.raises(RuntimeError, match="refused"):
        tunnel.hello(hello())
    tunnel.close(5.0, "k:9", bytes_up=10, outcome="tls_refused")
    (end,) = decider.ends
    assert (end.outcome, end.bytes_up) == ("refused", 0)


def test_a_tunnel_can_be_refused_for_a_reason_that_is_no_rule():
    decider = Decider([Record(event()), Send()], [])
    tunnel = Tunnel(decider, "k:1")
    tunnel.open(connect())
    tunnel.refuse()
    tunnel.close(5.0, "k:9")
    assert decider.ends[0].outcome == "refused"


def test_no_effects_pass_a_tunnel_on_unread():
    tunnel = Tunnel(Decider([]), "k:1")
    assert tunnel.open(connect()) == Answer() and tunnel.inspect is False
