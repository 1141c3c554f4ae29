"""DNS memory: which names a client may mean by an address."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.model import DnsAnswer, DnsRecord, Endpoint
from sensor.names import CEILING_S, FLOOR_S, GRACE_S, Names, addresses_of

CLIENT = "10.0.0.5"


def an_answer(
    name: str,
    *records: tuple[str, str, str, int],
    ts: float = 0.0,
    client: str = CLIENT,
    type: str = "A",
    rcode: str = "NOERROR",
) -> DnsAnswer:
    """An answer to ``name``; records are (owner, type, data, ttl)."""
    return DnsAnswer(
        ts=ts,
        client=Endpoint(client, 40000),
        server=Endpoint("10.0.0.1", 53),
        name=name,
        type=type,
        rcode=rcode,
        answers=tuple(DnsRecord(*record) for record in records),
    )


def test_the_asked_name_is_the_candidate_not_the_delivery_network() -> None:
    names = Names()
    names.learn(
        an_answer(
            "api.example.com",
            ("api.example.com", "CNAME", "edge.cdn.example.", 300),
            ("edge.cdn.example", "CNAME", "pop3.cdn.example", 30),
            ("pop3.cdn.example", "A", "192.0.2.7", 60),
        )
    )
    assert names.candidates(CLIENT, "192.0.2.7", 1) == ("api.example.com",)


def test_another_clients_question_says_nothing() -> None:
    names = Names()
    names.learn(an_answer("a.example", ("a.example", "A", "192.0.2.7", 60)))
    assert names.candidates("10.0.0.6", "192.0.2.7", 1) == ()
    assert names.candidates(CLIENT, "192.0.2.8", 1) == ()


def test_several_names_newest_first() -> None:
    names = Names()
    for ts, name in enumerate(["a.example", "b.example", "a.example", "c.example"]):
        names.learn(an_answer(name, (name, "A", "192.0.2.7", 60), ts=ts))
    assert names.candidates(CLIENT, "192.0.2.7", 5) == ("c.example", "a.example", "b.example")


def test_what_was_learned_later_is_not_known_before() -> None:
    names = Names()
    names.learn(an_answer("a.example", ("a.example", "A", "192.0.2.7", 60), ts=10))
    names.learn(an_answer("b.example", ("b.example", "A", "192.0.2.7", 60), ts=20))
    assert names.candidates(CLIENT, "192.0.2.7", 15) == ("a.example",)
    # Asked again while it still held: it was known all the time.
    names.learn(an_answer("a.example", ("a.example", "A", "192.0.2.7", 60), ts=30))
    assert names.candidates(CLIENT, "192.0.2.7", 15) == ("a.example",)
    assert names.candidates(CLIENT, "192.0.2.7", 9) == ()
    # Asked again long after it had lapsed: known from then on.
    names.learn(an_answer("a.example", ("a.example", "A", "192.0.2.7", 60), ts=5000))
    assert names.candidates(CLIENT, "192.0.2.7", 4999) == ()


@pytest.mark.parametrize(
    ("ttl", "holds"),
    [
        (0, FLOOR_S + GRACE_S),
        (30, FLOOR_S + GRACE_S),
        (600, 600 + GRACE_S),
        (2**31 - 1, CEILING_S + GRACE_S),
        # RFC 2181, section 8: the top bit set is zero.
        (2**31, FLOOR_S + GRACE_S),
        (-1, FLOOR_S + GRACE_S),
    ],
)
def test_an_answer_holds_for_its_ttl_with_floor_ceiling_and_grace(ttl: int, holds: float) -> None:
    names = Names()
    names.learn(an_answer("a.example", ("a.example", "A", "192.0.2.7", ttl), ts=1000))
    assert names.candidates(CLIENT, "192.0.2.7", 1000 + holds) == ("a.example",)
    assert names.candidates(CLIENT, "192.0.2.7", 1000 + holds + 1) == ()


def test_a_shorter_answer_does_not_shorten_a_longer_one() -> None:
    names = Names()
    names.learn(an_answer("a.example", ("a.example", "A", "192.0.2.7", 3600), ts=0))
    names.learn(an_answer("a.example", ("a.example", "A", "192.0.2.7", 0), ts=1))
    assert names.candidates(CLIENT, "192.0.2.7", 3600) == ("a.example",)


@pytest.mark.parametrize(
    ("answer", "addresses"),
    [
        (an_answer("a.example", ("A.Example.", "A", "192.0.2.1", 60)), {"192.0.2.1": 60}),
        (an_answer("A.example.", ("a.example", "AAAA", "2001:DB8::1", 60)), {"2001:db8::1": 60}),
        # The shortest TTL on the way.
        (
            an_answer(
                "a.example", ("a.example", "CNAME", "b.example", 5), ("b.example", "A", "192.0.2.1", 60)
            ),
            {"192.0.2.1": 5},
        ),
        # Records in any order.
        (
            an_answer(
                "a.example", ("b.example", "A", "192.0.2.1", 60), ("a.example", "CNAME", "b.example", 5)
            ),
            {"192.0.2.1": 5},
        ),
        # An address that is not on the chain from the asked name is not believed.
        (an_answer("a.example", ("victim.example", "A", "192.0.2.1", 60)), {}),
        # A loop ends.
        (
            an_answer(
                "a.example", ("a.example", "CNAME", "b.example", 5), ("b.example", "CNAME", "a.example", 5)
            ),
            {},
        ),
        # Twice with different TTLs.
        (
            an_answer("a.example", ("a.example", "A", "192.0.2.1", 60), ("a.example", "A", "192.0.2.1", 9)),
            {"192.0.2.1": 9},
        ),
        (
            an_answer(
                "a.example",
                (
                    "a.example",
                    "HTTPS",
                    '1 . alpn=h3,h2 ipv4hint=192.0.2.1,192.0.2.2 ipv6hint="2001:db8::1"',
                    60,
                ),
                type="HTTPS",
            ),
            {"192.0.2.1": 60, "192.0.2.2": 60, "2001:db8::1": 60},
        ),
        (an_answer("a.example", ("a.example", "HTTPS", "0 b.example", 60), type="HTTPS"), {}),
        (an_answer("a.example", ("a.example", "HTTPS", "1 . ipv4hint=oops", 60), type="HTTPS"), {}),
        (an_answer("a.example", ("a.example", "A", "not an address", 60)), {}),
        (an_answer("a.example", ("a.example", "TXT", "192.0.2.1", 60)), {}),
        (an_answer("a.example", ("a.example", "A", "192.0.2.1", 60), rcode="NXDOMAIN"), {}),
    ],
)
def test_addresses_of(answer: DnsAnswer, addresses: dict[str, int]) -> None:
    assert addresses_of(answer) == addresses


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("a.example", "a.example"),
        # RFC 9460, section 2.3: a port that is not the scheme's own stands in labels before the name.
        ("_8443._https.a.example", "a.example"),
        ("_https", "_https"),
    ],
)
def test_hints_of_service_records_name_the_asked_host(asked: str, name: str) -> None:
    names = Names()
    names.learn(an_answer(asked, (asked, "HTTPS", "1 . ipv4hint=192.0.2.1", 60), type="HTTPS"))
    assert names.candidates(CLIENT, "192.0.2.1", 1) == (name,)


def test_the_root_is_no_candidate() -> None:
    names = Names()
    names.learn(an_answer(".", (".", "A", "192.0.2.1", 60)))
    assert names.candidates(CLIENT, "192.0.2.1", 1) == ()


def test_names_of_one_address_are_bounded() -> None:
    names = Names(max_names=3)
    for at in range(10):
        names.learn(an_answer(f"n{at}.example", (f"n{at}.example", "A", "192.0.2.7", 60), ts=at))
    assert names.candidates(CLIENT, "192.0.2.7", 10) == ("n9.example", "n8.example", "n7.example")


def test_addresses_of_one_client_are_bounded_and_the_oldest_goes() -> None:
    names = Names(max_addresses=3)
    for at in range(10):
        names.learn(an_answer("a.example", ("a.example", "A", f"192.0.2.{at}", 60), ts=at))
        names.learn(an_answer("a.example", ("a.example", "A", "192.0.2.200", 60), ts=at))
    assert len(names) == 3
    assert names.candidates(CLIENT, "192.0.2.200", 10) == ("a.example",)
    assert names.candidates(CLIENT, "192.0.2.7", 10) == ()


def test_clients_are_bounded_and_the_longest_silent_goes() -> None:
    names = Names(max_clients=2)
    for at, client in enumerate(["c1", "c2", "c1", "c3"]):
        names.learn(an_answer("a.example", ("a.example", "A", "192.0.2.7", 60), ts=at, client=client))
    assert [len(names.candidates(client, "192.0.2.7", 5)) for client in ("c1", "c2", "c3")] == [1, 0, 1]
    assert len(names) == 2


def test_all_addresses_together_are_bounded() -> None:
    names = Names(max_total=10)
    for client in range(5):
        for at in range(3):
            names.learn(an_answer("a.example", ("a.example", "A", f"192.0.2.{at}", 60), client=f"c{client}"))
    assert len(names) == 9
    assert names.candidates("c0", "192.0.2.0", 1) == ()


labels = st.sampled_from(["a.example", "b.example", "c.example", ".", ""])
records = st.tuples(
    labels,
    st.sampled_from(["A", "AAAA", "CNAME", "HTTPS", "SVCB", "TXT", "TYPE65280"]),
    st.one_of(labels, st.text(max_size=30), st.ip_addresses().map(str)),
    st.integers(min_value=-5, max_value=2**33),
)


@pytest.mark.slow
@given(st.lists(st.tuples(labels, st.lists(records, max_size=6), st.floats(0, 1e6)), max_size=10))
def test_any_answers_keep_the_bounds_and_only_asked_names(
    answers: list[tuple[str, list[tuple[str, str, str, int]], float]],
) -> None:
    names = Names(max_addresses=4, max_names=2, max_total=4)
    for name, found, ts in answers:
        names.learn(an_answer(name, *found, ts=ts))
        assert len(names) <= 4
        for address in addresses_of(an_answer(name, *found)):
            assert len(names.candidates(CLIENT, address, ts)) <= 2
            assert set(names.candidates(CLIENT, address, ts)) <= {"a.example", "b.example", "c.example"}
