"""Pins are learned from repeated refusals alone, are forgotten and bounded, and open no guarded host."""

import datetime
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st
from OpenSSL import SSL

from sensor.inline.pinning import (
    FAILURES,
    MAX_NAME,
    TTL_S,
    WINDOW_S,
    Advice,
    Pin,
    Pins,
    advise,
    certificate_alert,
)

CLIENT, NAME = "10.0.0.7", "api.example.com"
UNKNOWN_CA = "tlsv1 alert unknown ca"


def fail(pins: Pins, *times: float, client: str = CLIENT, name: str = NAME, error: str = UNKNOWN_CA):
    return [pins.failed(client, name, error, now) for now in times]


@pytest.mark.parametrize(
    ("error", "alert"),
    [
        ("tlsv1 alert unknown ca", "unknown_ca"),
        ("sslv3 alert bad certificate", "bad_certificate"),
        ("ssl/tls alert bad certificate", "bad_certificate"),
        ("OpenSSL Error([('SSL routines', '', 'sslv3 alert certificate unknown')])", "certificate_unknown"),
        ("OpenSSL Error([('SSL routines', '', 'ssl/tls alert certificate unknown')])", "certificate_unknown"),
        ("The client does not trust the proxy's certificate for x (TLSV1 ALERT UNKNOWN CA)", "unknown_ca"),
        ("TLS Error: [('SSL routines', '', 'tlsv1 alert unknown ca')]", "unknown_ca"),
        ("connection closed", None),
        ("connection closed early", None),
        ("OpenSSL Error([('SSL routines', '', 'sslv3 alert handshake failure')])", None),
        ("tlsv1 alert protocol version", None),
        ("", None),
        (None, None),
    ],
)
def test_only_alerts_about_the_certificate_count(error: str | None, alert: str | None) -> None:
    assert certificate_alert(error) == alert
    pins = Pins()
    learned = [pins.failed(CLIENT, NAME, error, float(now)) for now in range(5)]
    assert (learned[2] is not None) == (alert is not None)
    assert len(pins) == (1 if alert else 0)


def self_signed(folder: Path) -> tuple[Path, Path]:
    """A certificate that no client trusts, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(start).not_valid_after(start + datetime.timedelta(days=36_500))
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    paths = folder / "cert.pem", folder / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return paths


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_the_text_is_what_openssl_says_when_a_real_client_refuses(version, tmp_path: Path) -> None:
    """The proxy's side through pyOpenSSL, as in mitmproxy; bytes carried by hand, no socket."""
    certificate, key = self_signed(tmp_path)
    context = SSL.Context(SSL.TLS_METHOD)
    context.use_certificate_file(str(certificate))
    context.use_privatekey_file(str(key))
    server = SSL.Connection(context, None)
    server.set_accept_state()
    trusting = ssl.create_default_context()
    trusting.minimum_version = trusting.maximum_version = version
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = trusting.wrap_bio(incoming, outgoing, server_hostname=NAME)
    error = None
    for _ in range(10):
        try:
            client.do_handshake()
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLCertVerificationError:
            pass  # its alert stands in outgoing
        if outgoing.pending:
            server.bio_write(outgoing.read())
        try:
            server.do_handshake()
        except SSL.WantReadError:
            incoming.write(server.bio_read(65_536))
        except SSL.Error as raised:
            error = f"OpenSSL {raised!r}"
            break
    assert certificate_alert(error) == "unknown_ca"


def test_the_third_failure_learns_and_says_so_once() -> None:
    pins = Pins()
    assert fail(pins, 0.0, 10.0) == [None, None]
    assert pins.pin(CLIENT, NAME, 10.0) is None
    expected = Pin(CLIENT, NAME, "unknown_ca", 3, 0.0, 20.0, 20.0 + TTL_S)
    assert fail(pins, 20.0) == [expected]
    assert pins.pin(CLIENT, NAME, 20.0) == expected and pins.all(20.0) == (expected,)
    assert fail(pins, 30.0) == [None]
    again = pins.pin(CLIENT, NAME, 31.0)
    assert again is not None and (again.failures, again.until) == (4, 30.0 + TTL_S)


def test_failures_too_far_apart_learn_nothing() -> None:
    pins = Pins()
    fail(pins, *(number * WINDOW_S * 0.6 for number in range(20)))
    assert pins.pin(CLIENT, NAME, 20 * WINDOW_S * 0.6) is None


def test_another_client_or_name_is_another_matter() -> None:
    pins = Pins()
    fail(pins, 0.0, 1.0)
    fail(pins, 2.0, client="10.0.0.8")
    fail(pins, 3.0, name="www.example.com")
    assert pins.all(3.0) == ()
    fail(pins, 4.0)
    assert [(pin.client, pin.server_name) for pin in pins.all(4.0)] == [(CLIENT, NAME)]
    assert pins.pin("10.0.0.8", NAME, 4.0) is None


def test_a_name_is_the_same_however_it_is_written() -> None:
    pins = Pins()
    fail(pins, 0.0, 1.0, name="API.Example.com.")
    assert fail(pins, 2.0) != [None]


def test_success_forgets() -> None:
    pins = Pins()
    fail(pins, 0.0, 1.0, 2.0)
    pins.succeeded(CLIENT, NAME)
    assert pins.pin(CLIENT, NAME, 3.0) is None and len(pins) == 0
    assert fail(pins, 4.0, 5.0) == [None, None]


def test_success_between_failures_starts_the_count_anew() -> None:
    pins = Pins()
    fail(pins, 0.0, 1.0)
    pins.succeeded(CLIENT, NAME)
    assert fail(pins, 2.0, 3.0) == [None, None]


def test_firefox_on_android_is_learned_although_its_handshakes_complete() -> None:
    """The alert comes after the handshake. A handshake is no success, so nothing is to be told of it."""
    pins = Pins()
    log = "TLS Error: [('SSL routines', '', 'tlsv1 alert unknown ca')]"
    assert fail(pins, 0.0, 1.0, 2.0, error=log)[-1] is not None


def test_what_has_no_name_is_not_learned() -> None:
    pins = Pins()
    for name in (None, ""):
        assert [pins.failed(CLIENT, name, UNKNOWN_CA, float(now)) for now in range(4)] == [None] * 4
        assert pins.pin(CLIENT, name, 4.0) is None
        pins.succeeded(CLIENT, name)
    assert len(pins) == 0


def test_a_pin_is_forgotten_a_day_after_its_last_failure() -> None:
    pins = Pins()
    fail(pins, 0.0, 1.0, 2.0)
    assert pins.pin(CLIENT, NAME, 2.0 + TTL_S) is not None
    assert pins.pin(CLIENT, NAME, 3.0 + TTL_S) is None
    assert len(pins) == 0 and pins.all(3.0 + TTL_S) == ()


def test_a_failure_after_that_day_is_a_first_one() -> None:
    pins = Pins()
    fail(pins, 0.0, 1.0, 2.0)
    assert fail(pins, TTL_S + 10.0) == [None]
    assert pins.pin(CLIENT, NAME, TTL_S + 10.0) is None


def test_a_clock_that_jumps_back_neither_learns_nor_keeps_forever() -> None:
    pins = Pins()
    fail(pins, 1_000_000.0, 1_000_001.0, 1_000_002.0)
    kept = pins.pin(CLIENT, NAME, 500.0)
    assert kept is not None and kept.until == 500.0 + TTL_S and kept.first == 500.0
    assert pins.pin(CLIENT, NAME, 501.0 + TTL_S) is None


def test_over_the_bound_the_pair_that_was_touched_longest_ago_goes() -> None:
    pins = Pins(max_entries=3)
    for number in range(3):
        fail(pins, float(number), client=f"10.0.0.{number}")
    fail(pins, 3.0, client="10.0.0.0")
    fail(pins, 4.0, client="10.0.0.9")
    assert len(pins) == 3
    assert fail(pins, 5.0, client="10.0.0.0") != [None]
    assert fail(pins, 5.0, 5.5, client="10.0.0.1") == [None, None]


def test_a_flood_of_names_does_not_grow_the_memory() -> None:
    pins = Pins(max_entries=64)
    for number in range(1_000):
        fail(pins, float(number), name=f"n{number}." + "x" * 10_000)
    assert len(pins) == 64


@pytest.mark.parametrize(
    ("pinned", "guarded", "advice"),
    [
        (False, False, Advice.INSPECT),
        (False, True, Advice.INSPECT),
        (True, False, Advice.PASS_UNREAD),
        (True, True, Advice.ASK_POLICY),
    ],
)
def test_a_pin_never_lets_a_guarded_host_pass_unasked(pinned: bool, guarded: bool, advice: Advice) -> None:
    pin = Pin(CLIENT, NAME, "unknown_ca", 3, 0.0, 1.0, 2.0) if pinned else None
    assert advise(pin, guarded=guarded) is advice


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["fail", "close", "success", "ask"]),
        st.sampled_from(["a", "b"]),
        st.sampled_from(["x.example", "y.example"]),
        st.floats(-WINDOW_S, WINDOW_S, allow_nan=False),
    ),
    max_size=60,
)


@pytest.mark.slow
@given(steps=STEPS)
def test_a_pin_always_rests_on_enough_failures_since_the_last_success(steps) -> None:
    """Whatever happens in whatever order, clocks that jump included."""
    pins, now = Pins(max_entries=3), 10_000.0
    since: dict[tuple[str, str], int] = {}
    for what, client, name, passed in steps:
        now += passed
        key = (client, name)
        if what == "fail":
            since[key] = since.get(key, 0) + 1
            pins.failed(client, name, UNKNOWN_CA, now)
        elif what == "close":
            pins.failed(client, name, "connection closed", now)
        elif what == "success":
            since[key] = 0
            pins.succeeded(client, name)
        pin = pins.pin(client, name, now)
        assert len(pins) <= 3
        if pin is not None:
            assert since[key] >= FAILURES and FAILURES <= pin.failures <= since[key]
            assert pin.first <= pin.last <= now < pin.until


@pytest.mark.slow
@given(client=st.text(max_size=400), name=st.none() | st.text(max_size=400), error=st.none() | st.text())
def test_no_single_failure_learns_whatever_is_in_it(client, name, error) -> None:
    pins = Pins()
    assert pins.failed(client, name, error, 0.0) is None
    assert pins.failed(client, name, UNKNOWN_CA, 1.0) is None
    assert pins.all(1.0) == ()
    assert all(len(part) <= MAX_NAME for key in pins._entries for part in key)
