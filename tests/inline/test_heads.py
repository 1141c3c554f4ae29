"""mitmproxy's objects as observations, and mappings as they are written."""

import pytest
from mitmproxy.connection import Client, Server
from mitmproxy.http import Headers
from mitmproxy.test import tflow, tutils

from sensor.errors import UsageError
from sensor.inline import heads
from sensor.inline.mapping import MapHosts, Mapping, parse_mapping
from sensor.model import Endpoint

TUNNEL = Endpoint("ai.example", 443)


def flow_of(*, host="127.0.0.1", port=9443, path=b"/v1/x?key=1", authority=b"", headers=(), scheme=b"https"):
    request = tutils.treq(
        host=host, port=port, path=path, authority=authority, headers=Headers(headers), scheme=scheme
    )
    return tflow.tflow(req=request)


def seen(flow, server=TUNNEL, user=None):
    return heads.http_request(flow, ts=1.0, key="k:2", link="k:1", user=user, server=server)


@pytest.mark.parametrize(
    ("peer", "expected"),
    [
        (("192.0.2.7", 5), Endpoint("192.0.2.7", 5)),
        (("::ffff:192.0.2.7", 5, 0, 0), Endpoint("192.0.2.7", 5)),
        (("2001:db8::7", 5, 0, 0), Endpoint("2001:db8::7", 5)),
        (("fe80::1%eth0", 5, 0, 2), Endpoint("fe80::1", 5)),
        (("::ffff:0:0:1", 5, 0, 0), Endpoint("::ffff:0:0:1", 5)),
    ],
)
def test_the_clients_end(peer, expected):
    assert heads.client_of(Client(peername=peer, sockname=("127.0.0.1", 8080))) == expected


def test_a_request_in_a_tunnel_is_for_the_host_that_it_names():
    request = seen(flow_of(headers=[(b"Host", b"AI.example:443"), (b"User-Agent", b"x\xff")]))
    assert (request.host, request.server, request.path) == ("ai.example", TUNNEL, "/v1/x")
    assert request.user_agent == "xÿ" and request.headers[0] == ("host", "AI.example:443")


def test_http2_names_the_host_beside_the_fields():
    request = seen(flow_of(authority=b"ai.example", headers=[(b"host", b"other.example")]))
    assert request.host == "ai.example" and request.headers == (("host", "ai.example"),)


@pytest.mark.parametrize(
    "fields", [[], [(b"host", b"a.example"), (b"host", b"b.example")], [(b"host", b"\xff/\x00")]]
)
def test_a_request_that_names_no_host_is_for_the_tunnels(fields):
    assert seen(flow_of(headers=fields)).host == "ai.example"


def test_without_a_tunnel_the_target_names_the_host():
    flow = flow_of(host="ai.example", port=80, headers=[(b"host", b"other.example")], scheme=b"http")
    request = seen(flow, server=None, user="ada")
    assert (request.host, request.server, request.scheme, request.user) == (
        "ai.example", Endpoint("ai.example", 80), "http", "ada",
    )  # fmt: skip


def test_an_address_that_the_network_gave_is_no_name():
    flow = flow_of(host="192.0.2.9", port=80, headers=[(b"host", b"ai.example")])
    assert seen(flow, server=None).host == "ai.example"


def test_a_login_is_the_user_of_a_request():
    flow = flow_of()
    flow.metadata["proxyauth"] = ("ada", "secret")
    assert seen(flow, user="bob").user == "ada"


@pytest.mark.parametrize(
    ("host", "expected"),
    [("AI.Example.", "ai.example"), ("2001:DB8::1", "2001:db8::1"), ("a b\udc80", "a b\\udc80")],
)
def test_the_name_in_a_connect(host, expected):
    flow = flow_of(host=host, port=443, headers=[(b"x", b"y")])
    request = heads.connect_request(flow, ts=1.0, key="k:2", link="k:1")
    assert request.server == Endpoint(expected, 443) and request.user_agent is None


def test_the_size_of_a_head_grows_with_what_is_in_it():
    small, large = flow_of(), flow_of(path=b"/v1/xx?key=1", headers=[(b"a", b"b")])
    assert heads.head_size(large.request) == heads.head_size(small.request) + 1 + 6


# --- mappings -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("chatgpt.com=127.0.0.1:9443", Mapping("chatgpt.com", Endpoint("127.0.0.1", 9443))),
        ("ChatGPT.com=http://127.0.0.1:80/", Mapping("chatgpt.com", Endpoint("127.0.0.1", 80), plain=True)),
        ("a.example=https://[::1]:443", Mapping("a.example", Endpoint("::1", 443))),
        ("a.example=localhost:1", Mapping("a.example", Endpoint("localhost", 1))),
        ("a.example", None),
        ("a.example=127.0.0.1", None),
        ("a.example:443=127.0.0.1:1", None),
        ("=127.0.0.1:1", None),
        ("a.example=ftp://127.0.0.1:1", None),
    ],
)
def test_mappings_as_they_are_written(text, expected):
    if expected is None:
        with pytest.raises(UsageError, match="no mapping"):
            parse_mapping(text)
    else:
        assert parse_mapping(text) == expected


class Hello:
    """A connection's ends, as mitmproxy hands them to a hook."""

    def __init__(self, address, sni):
        self.client = Client(peername=("192.0.2.7", 5), sockname=("127.0.0.1", 8080), sni=sni)
        self.server = Server(address=address)


@pytest.mark.parametrize(
    ("address", "sni", "expected"),
    [
        (("a.example", 443), None, ("127.0.0.1", 9443)),
        (("A.example", 443), "a.example", ("127.0.0.1", 9443)),
        (("127.0.0.1", 9443), "a.example", ("127.0.0.1", 9443)),  # a later connection for the same name
        (("127.0.0.1", 443), "a.example", ("127.0.0.1", 443)),  # another server on the same machine
        (("192.0.2.9", 443), "a.example", ("192.0.2.9", 443)),
        (("b.example", 443), "b.example", ("b.example", 443)),
        (None, "a.example", None),
    ],
)
def test_only_a_mapped_name_goes_elsewhere(address, sni, expected):
    hosts = MapHosts([Mapping("a.example", Endpoint("127.0.0.1", 9443))])
    data = Hello(address, sni)
    hosts.server_connect(data)
    assert data.server.address == expected and not hosts.failures.counts


def test_a_refused_request_is_not_sent_elsewhere():
    hosts = MapHosts([Mapping("a.example", Endpoint("127.0.0.1", 80), plain=True)])
    flow = flow_of(host="a.example", headers=[(b"host", b"a.example")])
    hosts.requestheaders(flow)
    assert (flow.request.scheme, flow.request.host, flow.request.port) == ("http", "127.0.0.1", 80)
    assert flow.request.headers["host"] == "a.example"
    flow = flow_of(host="a.example")
    flow.response = tutils.tresp()
    hosts.requestheaders(flow)
    assert (flow.request.scheme, flow.request.host) == ("https", "a.example")
