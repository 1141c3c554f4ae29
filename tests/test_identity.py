"""Who had an address when: intervals, moves, routers, bounds."""

from __future__ import annotations

import ipaddress
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.identity import (
    HOLDS_S,
    ROUTER_IPV4,
    ROUTER_IPV6,
    ROUTER_WINDOW_S,
    TABLE,
    Directory,
    parse_mac,
    plain_address,
)
from sensor.model import Attribution

A = "10.0.0.5"
MAC_1 = "02:00:00:00:00:01"
MAC_2 = "02:00:00:00:00:02"


# --- the promise --------------------------------------------------------------------------------------

people = st.integers(min_value=0, max_value=3)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("lease"), people, st.booleans()),
        st.tuples(st.just("login"), people, st.sampled_from(["proxy_auth", "kerberos", "ntlm", "radius"])),
        st.tuples(st.just("frame"), people, st.just(None)),
        st.tuples(st.just("release"), people, st.just(None)),
    ),
    max_size=25,
)


@pytest.mark.slow
@given(steps, st.booleans(), st.randoms(use_true_random=False), st.data())
def test_no_flow_carries_the_name_of_who_had_the_address_before(
    timeline: list[tuple[str, int, object]], shuffled: bool, shuffle: random.Random, data: st.DataObject
) -> None:
    """
    One address goes from hand to hand; at every time the user is its present holder's, or nobody's.

    A lease names a MAC, or only a host name; logins come by any source with any confidence; and everything
    may be told late and out of order.
    """
    tellings: list[tuple[str, float, dict[str, Any]]] = []
    holders: list[tuple[float, int | None]] = [(0.0, None)]
    for at, (what, person, detail) in enumerate(timeline):
        ts = 10.0 * (at + 1)
        holder = holders[-1][1]
        if what == "release":
            holder = None
            tellings.append(("close", ts, {}))
        elif what == "lease":
            holder = person
            device = {"mac": f"02:00:00:00:00:0{person}"} if detail else {"host_name": f"pc{person}"}
            tellings.append(("bind", ts, {"source": "dhcp", **device}))
        elif what == "frame" and holder is not None:
            tellings.append(("bind", ts, {"source": "mac", "mac": f"02:00:00:00:00:0{holder}"}))
        elif what == "login":
            # Where nobody is known to hold it, whoever logs in does.
            holder = person if holder is None else holder
            confidence = data.draw(st.sampled_from([0.1, 0.5, 1.0]))
            fields: dict[str, Any] = {"source": detail, "user": f"user{holder}", "confidence": confidence}
            tellings.append(("bind", ts, fields))
        holders.append((ts, holder))
    if shuffled:
        shuffle.shuffle(tellings)
    directory = Directory()
    for how, ts, fields in tellings:
        if how == "close":
            directory.close(A, ts)
        else:
            directory.bind(A, start=ts, **fields)
    for ts, holder in holders:
        for moment in (ts, ts + 3.0, ts + 8.0):
            subject = directory.subject_at(A, moment)
            if holder is None:
                assert subject.user is None
                assert subject.device == f"ip:{A}"
            else:
                assert subject.user in (None, f"user{holder}")
                assert subject.device in (f"ip:{A}", f"mac:02:00:00:00:00:0{holder}", f"host:pc{holder}")


def test_an_address_given_to_another_person_between_two_flows() -> None:
    directory = Directory()
    directory.bind(A, source="dhcp", start=0, end=1000, mac=MAC_1, host_name="First-PC.", frame="f:1")
    directory.bind(A, source="kerberos", start=5, user="first")
    directory.bind(A, source="dhcp", start=50, end=1050, mac=MAC_2, host_name="second-pc", frame="f:9")
    assert directory.subject_at(A, 20).user == "first"
    assert directory.subject_at(A, 20).device == f"mac:{MAC_1}"
    after = directory.subject_at(A, 60)
    assert (after.user, after.device) == (None, f"mac:{MAC_2}")
    assert after.attribution == (Attribution("dhcp", 0.9),)
    # Asked later about earlier: still the first.
    assert directory.subject_at(A, 49.9).user == "first"


# --- intervals ----------------------------------------------------------------------------------------


def test_before_the_first_fact_nothing_is_known() -> None:
    directory = Directory()
    directory.bind(A, source="dhcp", start=100, mac=MAC_1)
    assert directory.subject_at(A, 99.9).device == f"ip:{A}"
    assert directory.subject_at("10.9.9.9", 200).attribution == (Attribution("address", 0.3),)


def test_a_lease_ends_with_its_time_and_is_renewed() -> None:
    directory = Directory()
    directory.bind(A, source="dhcp", start=0, end=60, mac=MAC_1)
    assert directory.subject_at(A, 59).device == f"mac:{MAC_1}"
    assert directory.subject_at(A, 60).device == f"ip:{A}"
    directory.bind(A, source="dhcp", start=30, end=90, mac=MAC_1)
    assert directory.subject_at(A, 89).device == f"mac:{MAC_1}"
    assert len(directory) == 1
    # A renewal told late does not set the end back.
    directory.bind(A, source="dhcp", start=10, end=70, mac=MAC_1)
    assert directory.subject_at(A, 89).device == f"mac:{MAC_1}"


def test_an_old_lease_does_not_come_back_when_the_newer_one_ends() -> None:
    directory = Directory()
    directory.bind(A, source="dhcp", start=0, mac=MAC_1)
    directory.bind(A, source="dhcp", start=10, end=20, mac=MAC_2)
    assert directory.subject_at(A, 30).device == f"ip:{A}"


def test_a_fact_without_end_holds_for_a_stated_time() -> None:
    directory = Directory()
    directory.bind(A, source="proxy_auth", start=0, user="analyst")
    directory.bind("10.0.0.6", source="dhcp", start=0, mac=MAC_1)
    directory.bind("10.0.0.7", source=TABLE, start=0, user="printer")
    assert directory.subject_at(A, 36000 - 1).user == "analyst"
    assert directory.subject_at(A, 36000).user is None
    assert directory.subject_at("10.0.0.6", HOLDS_S["dhcp"]).device == "ip:10.0.0.6"
    assert directory.subject_at("10.0.0.7", 1e12).user == "printer"


def test_a_new_word_of_a_source_closes_its_old_one() -> None:
    directory = Directory()
    directory.bind(A, source="kerberos", start=0, user="first", confidence=1.0)
    directory.bind(A, source="kerberos", start=10, user="second", confidence=0.2)
    assert directory.subject_at(A, 20).user == "second"


def test_contradictions_are_kept_and_the_surest_is_taken() -> None:
    directory = Directory()
    directory.bind(A, source="ntlm", start=0, user="service")
    directory.bind(A, source="kerberos", start=1, user="analyst", frame="f:3")
    directory.bind(A, source="mdns", start=2, user="guess", host_name="Pc-17")
    subject = directory.subject_at(A, 5)
    assert (subject.user, subject.device) == ("analyst", "host:pc-17")
    assert subject.attribution == (Attribution("kerberos", 0.9), Attribution("mdns", 0.5))
    assert [binding.user for binding in directory.bindings_at(A, 5)] == ["analyst", "service", "guess"]
    kerberos = directory.bindings_at(A, 5)[0]
    assert (kerberos.address, kerberos.start, kerberos.end, kerberos.frame) == (A, 1, None, "f:3")
    assert directory.bindings_at("10.9.9.9", 5) == ()


def test_of_equally_sure_facts_the_newest_is_taken() -> None:
    directory = Directory()
    directory.bind(A, source="one", start=0, user="early")
    directory.bind(A, source="two", start=1, user="late")
    assert directory.subject_at(A, 5).user == "late"


def test_who_authenticated_on_the_request_is_the_user() -> None:
    directory = Directory()
    directory.bind(A, source="dhcp", start=0, mac=MAC_1, user="owner")
    subject = directory.subject_at(A, 5, user="visitor")
    assert (subject.user, subject.device) == ("visitor", f"mac:{MAC_1}")
    assert subject.attribution == (Attribution("proxy_auth", 1.0), Attribution("dhcp", 0.9))
    # One source for both is told once; an empty name is none.
    assert directory.subject_at(A, 5, user="").attribution == (Attribution("dhcp", 0.9),)


def test_release() -> None:
    directory = Directory()
    directory.bind(A, source="dhcp", start=0, mac=MAC_1)
    directory.bind(A, source="kerberos", start=1, user="analyst")
    directory.bind(A, source=TABLE, start=0, user="desk")
    directory.close(A, 10)
    assert directory.subject_at(A, 9).user == "analyst"
    after = directory.subject_at(A, 10.5)
    assert (after.user, after.device) == ("desk", f"ip:{A}")
    directory.close(A, 20, source=TABLE)
    assert directory.subject_at(A, 19).user == "desk"
    assert directory.subject_at(A, 21).user is None


def test_release_of_one_source() -> None:
    directory = Directory()
    directory.bind(A, source="dhcp", start=0, mac=MAC_1)
    directory.bind(A, source="radius", start=1, user="analyst")
    directory.close(A, 10, source="radius")
    after = directory.subject_at(A, 11)
    assert (after.user, after.device) == (None, f"mac:{MAC_1}")


def test_proof_after_a_move_counts_from_then() -> None:
    """The first person's login is renewed after the move: from then on, and only then, it holds again."""
    directory = Directory()
    directory.bind(A, source="dhcp", start=0, mac=MAC_1)
    directory.bind(A, source="kerberos", start=1, user="analyst")
    directory.bind(A, source="dhcp", start=10, mac=MAC_2)
    directory.bind(A, source="kerberos", start=20, user="analyst")
    assert [directory.subject_at(A, ts).user for ts in (5, 15, 25)] == ["analyst", None, "analyst"]


def test_a_renewed_lease_moves_nothing() -> None:
    directory = Directory()
    directory.bind(A, source="dhcp", start=0, mac=MAC_1)
    directory.bind(A, source="kerberos", start=5, user="analyst")
    directory.bind(A, source="dhcp", start=10, mac=MAC_1)
    assert directory.subject_at(A, 12).user == "analyst"


def test_the_first_lease_seen_says_nothing_of_who_was_there() -> None:
    """It may be the lease of somebody new: the login before it is not believed any more."""
    directory = Directory()
    directory.bind(A, source="kerberos", start=0, user="analyst")
    directory.bind(A, source="dhcp", start=5, mac=MAC_1)
    assert directory.subject_at(A, 3).user == "analyst"
    assert directory.subject_at(A, 6).user is None


def test_two_sources_that_contradict_each_other_by_turns() -> None:
    """Each renewal after the other's word is a sighting of its own, so that it can be told who held when."""
    directory = Directory()
    for ts in range(0, 60, 10):
        source, mac = ("dhcp", MAC_1) if ts % 20 == 0 else ("mac", MAC_2)
        directory.bind(A, source=source, start=ts, mac=mac)
        directory.bind(A, source="kerberos", start=ts + 1, user=f"user{ts}")
    assert [directory.subject_at(A, ts + 5).device for ts in (0, 10, 20, 30)] == [
        f"mac:{MAC_1}",
        f"mac:{MAC_2}",
        f"mac:{MAC_1}",
        f"mac:{MAC_2}",
    ]
    assert directory.subject_at(A, 20.5).user is None


def test_a_first_mac_is_not_a_move() -> None:
    directory = Directory()
    directory.bind(A, source="proxy_auth", start=0, user="analyst")
    directory.bind(A, source="mac", start=1, mac=MAC_1)
    assert directory.subject_at(A, 2).user == "analyst"


def test_names_of_different_sources_do_not_move_an_address() -> None:
    directory = Directory()
    directory.bind(A, source="dhcp", start=0, host_name="pc-17", user="analyst")
    directory.bind(A, source="mdns", start=1, host_name="pc-17-2")
    subject = directory.subject_at(A, 2)
    assert (subject.user, subject.device) == ("analyst", "host:pc-17")


def test_a_table_is_not_moved_but_does_not_speak_of_another_device() -> None:
    directory = Directory()
    directory.bind(A, source=TABLE, start=0, user="desk")
    directory.bind("10.0.0.6", source=TABLE, start=0, user="desk", mac=MAC_1)
    for address in (A, "10.0.0.6"):
        directory.bind(address, source="dhcp", start=10, mac=MAC_1)
        assert directory.subject_at(address, 11).user == "desk"
        directory.bind(address, source="dhcp", start=20, mac=MAC_2)
    assert directory.subject_at(A, 21).user == "desk"
    assert directory.subject_at("10.0.0.6", 21).user is None


def test_a_binding_that_says_nothing_is_passed_over() -> None:
    directory = Directory()
    directory.bind(A, source="dhcp", start=0, mac="ff:ff:ff:ff:ff:ff", user="", host_name=".")
    assert directory.bindings_at(A, 1) == ()


# --- routers ------------------------------------------------------------------------------------------


def test_a_routers_mac_is_no_device() -> None:
    directory = Directory()
    router = "02:00:00:00:00:99"
    for at in range(ROUTER_IPV4):
        directory.bind(f"10.1.0.{at}", source="mac", start=at, mac=router)
    assert directory.subject_at("10.1.0.0", 5).device == f"mac:{router}"
    assert not directory.is_router(router)
    directory.bind("10.1.0.200", source="mac", start=6, mac=router)
    assert directory.is_router(router)
    # Also for what was told before it showed, and for what is told after.
    assert directory.subject_at("10.1.0.0", 5).device == "ip:10.1.0.0"
    directory.bind("10.1.0.0", source="mac", start=7, mac=router, host_name="pc-1")
    assert directory.subject_at("10.1.0.0", 8).device == "host:pc-1"


def test_a_routers_mac_does_not_move_an_address() -> None:
    directory = Directory()
    directory.bind(A, source="dhcp", start=0, mac=MAC_1, user="analyst")
    for at in range(ROUTER_IPV4 + 1):
        directory.bind(f"10.1.0.{at}", source="mac", start=1, mac=MAC_2)
    directory.bind(A, source="mac", start=2, mac=MAC_2)
    assert directory.subject_at(A, 3).user == "analyst"


def test_a_host_has_several_ipv6_addresses() -> None:
    directory = Directory()
    for at in range(ROUTER_IPV6):
        directory.bind(f"2001:db8::{at:x}", source="mac", start=at, mac=MAC_1)
    assert not directory.is_router(MAC_1)
    directory.bind("2001:db8::ffff", source="mac", start=20, mac=MAC_1)
    assert directory.is_router(MAC_1)


def test_a_device_may_change_its_address_over_the_days() -> None:
    directory = Directory()
    for at in range(50):
        directory.bind(f"10.1.0.{at}", source="dhcp", start=at * ROUTER_WINDOW_S, mac=MAC_1)
    assert not directory.is_router(MAC_1)


@pytest.mark.parametrize(
    ("text", "mac"),
    [
        ("AA-BB-CC-DD-EE-FF", "aa:bb:cc:dd:ee:ff"),
        ("aabb.ccdd.eeff", "aa:bb:cc:dd:ee:ff"),
        ("aa:bb:cc:dd:ee:ff", "aa:bb:cc:dd:ee:ff"),
        ("aa:bb:cc:dd:ee", None),
        ("aa:bb:cc:dd:ee:fg", None),
        ("", None),
        # Group bit (broadcast, IPv4 multicast).
        ("ff:ff:ff:ff:ff:ff", None),
        ("01:00:5e:00:00:01", None),
        ("00:00:00:00:00:00", None),
        # VRRP for IPv4 and IPv6, HSRP 1 and 2.
        ("00:00:5e:00:01:0a", None),
        ("00:00:5e:00:02:0a", None),
        ("00:00:0c:07:ac:01", None),
        ("00:00:0c:9f:f0:01", None),
    ],
)
def test_parse_mac(text: str, mac: str | None) -> None:
    assert parse_mac(text) == mac


def test_a_virtual_router_is_known_at_once() -> None:
    assert Directory().is_router("00:00:5e:00:01:0a")


@given(st.text())
def test_any_text_is_a_mac_or_none(text: str) -> None:
    mac = parse_mac(text)
    assert mac is None or parse_mac(mac) == mac


# --- addresses ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("10.0.0.5", "10.0.0.5"),
        ("::ffff:10.0.0.5", "10.0.0.5"),
        ("2001:DB8:0:0::1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("Proxy-Client", "proxy-client"),
    ],
)
def test_plain_address(text: str, plain: str) -> None:
    assert plain_address(text) == plain


@given(st.ip_addresses())
def test_plain_address_is_one_spelling(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    assert plain_address(plain_address(str(address))) == plain_address(address.exploded)


def test_one_address_in_two_spellings() -> None:
    directory = Directory()
    directory.bind("::ffff:10.0.0.5", source="mac", start=0, mac=MAC_1)
    assert directory.subject_at("10.0.0.5", 1).device == f"mac:{MAC_1}"


# --- bounds -------------------------------------------------------------------------------------------


def test_facts_of_one_address_are_bounded_and_the_longest_unproved_goes() -> None:
    directory = Directory(max_per_address=4)
    directory.bind(A, source="dhcp", start=0, mac=MAC_1)
    directory.bind(A, source=TABLE, start=-10, user="desk")
    for at in range(1, 10):
        directory.bind(A, source="dhcp", start=at, mac=MAC_1)  # renewed: stays
        directory.bind(A, source="kerberos", start=at, user=f"user{at}")
    assert len(directory) == 4
    assert directory.evicted == 6
    subject = directory.subject_at(A, 20)
    assert (subject.user, subject.device) == ("user9", f"mac:{MAC_1}")
    assert "desk" in [binding.user for binding in directory.bindings_at(A, 20)]


def test_all_facts_are_bounded_and_the_longest_unproved_goes() -> None:
    directory = Directory(max_bindings=10)
    directory.bind("10.0.0.1", source="dhcp", start=0, mac=MAC_1)
    for at in range(1, 50):
        directory.bind("10.0.0.1", source="dhcp", start=at, mac=MAC_1)
        directory.bind(f"10.1.0.{at}", source="kerberos", start=at, user=f"user{at}")
    assert len(directory) == 10
    assert directory.subject_at("10.0.0.1", 50).device == f"mac:{MAC_1}"
    assert directory.subject_at("10.1.0.49", 50).user == "user49"
    assert directory.subject_at("10.1.0.1", 50).user is None


def test_both_bounds_together_keep_the_books() -> None:
    directory = Directory(max_bindings=8, max_per_address=2)
    for at in range(200):
        directory.bind(f"10.1.0.{at % 5}", source=f"source{at % 7}", start=at, user=f"user{at}")
    assert len(directory) == 8
    assert directory.evicted == 192


def test_what_went_by_the_bound_of_its_address_does_not_pile_up() -> None:
    directory = Directory(max_bindings=10, max_per_address=2)
    for at in range(200):
        directory.bind(A, source="kerberos", start=at, user=f"user{at}")
    assert len(directory) == 2
    assert len(directory._oldest) <= 2 * 10


def test_watched_macs_and_known_routers_are_bounded() -> None:
    directory = Directory(max_macs=3)
    for router in range(6):
        for at in range(ROUTER_IPV4 + 1):
            directory.bind(f"10.1.{router}.{at}", source="mac", start=0, mac=f"02:00:00:00:01:0{router}")
    assert [directory.is_router(f"02:00:00:00:01:0{router}") for router in range(6)] == [False] * 3 + [
        True
    ] * 3
    # One that shows again stays longest.
    directory.bind("10.1.9.9", source="mac", start=0, mac="02:00:00:00:01:03")
    for at in range(ROUTER_IPV4 + 1):
        directory.bind(f"10.2.0.{at}", source="mac", start=0, mac="02:00:00:00:01:77")
    assert directory.is_router("02:00:00:00:01:03")
    assert not directory.is_router("02:00:00:00:01:04")
    for at in range(10):
        directory.bind("10.3.0.1", source="mac", start=at, mac=f"02:00:00:00:02:{at:02}")
    assert len(directory._watched) == 3


def test_who_held_an_address_between_two_proofs_is_not_known_when_another_was_told_late():
    directory = Directory()
    directory.bind("192.0.2.7", source="login", user="first", start=1.0)
    directory.bind("192.0.2.7", source="login", user="first", start=10.0)
    directory.bind("192.0.2.7", source="login", user="second", start=5.0)
    assert directory.subject_at("192.0.2.7", 7.0).user is None


def test_a_fact_that_went_by_its_address_bound_is_passed_over_by_the_bound_of_all():
    directory = Directory(max_bindings=3, max_per_address=1)
    for start in (1.0, 2.0, 3.0):
        directory.bind("192.0.2.7", source="login", user=f"user{start}", start=start)
    for last in range(4):
        directory.bind(f"198.51.100.{last}", source="login", user="other", start=10.0 + last)
    assert directory.subject_at("192.0.2.7", 20.0).user is None
    assert directory.subject_at("198.51.100.3", 20.0).user == "other"
