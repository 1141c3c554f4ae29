"""The signatures that come with the program: lint, cases, silence on ordinary hosts, both matchers."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.catalogue import identify_plainly, load
from sensor.catalogue.lint import lint
from sensor.catalogue.loading import read_files
from sensor.catalogue.values import read_value
from sensor.catalogue_files import packaged_sources
from sensor.model import Seen

SOURCES = packaged_sources()
FILES = read_files(SOURCES)
CATALOGUE = load(SOURCES)
MATCHING = [fixture.value for file in FILES.apps.values() for fixture in file.match]
EVERY_CASE = [
    fixture.value
    for file in (*FILES.apps.values(), *([FILES.generic] if FILES.generic else []))
    for fixture in (*file.match, *file.nomatch)
]
BARE_HOSTS = sorted({value for value in MATCHING if re.fullmatch(r"[a-z0-9.-]+\.[a-z]+", value)})
POPULAR = [
    line
    for line in (Path(__file__).parent / "popular_hosts.txt").read_text().splitlines()
    if line and not line.startswith("#")
]
BROWSER = (
    (
        "user-agent",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36",
    ),
    ("accept", "text/html,application/xhtml+xml"),
)


@pytest.mark.slow
def test_no_rule_is_broken():
    """
    Every case of every file, and what else lint knows.

    As of the newest check: a catalogue grows stale by itself, and that is for ``lint`` to say then.
    """
    days = [one.verified for app in CATALOGUE.apps.values() for one in app.evidence if one.verified]
    errors = [str(problem) for problem in lint(SOURCES, today=max(days)) if problem.is_error]
    assert not errors, "\n".join(errors)


def test_enough_is_there():
    assert len(CATALOGUE.apps) >= 100
    assert len(POPULAR) >= 400
    assert len(BARE_HOSTS) >= 100


@pytest.mark.slow
def test_ordinary_hosts_stay_silent():
    """By name alone, and as a page that a browser opens."""
    loud = []
    for host in POPULAR:
        for seen in (
            Seen(host=host, visibility="dns"),
            Seen(host=host, visibility="sni"),
            Seen(host=host, path="/", method="GET", port=443, headers=BROWSER),
        ):
            answer = CATALOGUE.identify(seen)
            if answer.is_ai:
                loud.append(f"{host} gives {answer.app or 'an unknown LLM API'}")
    assert not loud, "\n".join(loud)


def test_shared_hosts_give_no_app():
    for host in CATALOGUE.shared:
        assert CATALOGUE.identify(Seen(host=host, visibility="sni")).app is None
        assert CATALOGUE.identify(Seen(host=f"zzq-1.{host}", visibility="dns")).app is None


def test_a_host_however_written_is_the_same():
    for host in BARE_HOSTS:
        answer = CATALOGUE.identify(read_value(host))
        for variant in (
            host.upper(),
            f"{host}.",
            f"{host}:443",
            f"{host}:443.",
            f"u:p@{host}",
            host.replace(".", "。"),
        ):
            assert CATALOGUE.identify(read_value(variant)) == answer, variant


def test_a_host_with_more_around_it_is_another():
    for host in BARE_HOSTS:
        assert not CATALOGUE.identify(read_value(f"{host}.evil.example")).is_ai
        assert not CATALOGUE.identify(read_value(f"{host}-evil.example")).is_ai
        glued = CATALOGUE.identify(read_value(f"zzq{host}"))
        if host.count(".") == 1:
            assert not glued.is_ai, f"zzq{host} gives {glued.app}"


def test_suffixes_hold_under_themselves_and_exact_hosts_do_not():
    """Labels more on the left keep a suffix's app, or give another's, and never an exact host's."""
    for app in CATALOGUE.apps.values():
        suffixes = [one.value for one in app.evidence if one.type == "host_suffix" and one.weight]
        for one in app.evidence:
            if one.is_host and CATALOGUE.identify(Seen(host=one.value, visibility="sni")).app == app.id:
                answer = CATALOGUE.identify(Seen(host=f"zzq.zzq.{one.value}", visibility="sni"))
                under = any(f".{one.value}".endswith(f".{suffix}") for suffix in suffixes)
                assert (answer.app == app.id) == under, one.value


@pytest.mark.slow
def test_paths_otherwise_escaped_are_the_same():
    for value in MATCHING:
        seen = read_value(value)
        if seen.path is None or "%" in seen.path or len(seen.path) < 3:
            continue
        escaped = seen.path[0] + f"%{ord(seen.path[1]):02X}" + seen.path[2:]
        for path in (escaped, f"/zzq/..{seen.path}", f"/{seen.path}", f"{seen.path.partition('?')[0]}?zzq=1"):
            other = Seen(host=seen.host, path=path, method=seen.method, port=seen.port, headers=seen.headers)
            this = Seen(
                host=seen.host, path=seen.path, method=seen.method, port=seen.port, headers=seen.headers
            )
            assert CATALOGUE.identify(other) == CATALOGUE.identify(this), (value, path)


@pytest.mark.slow
def test_both_matchers_agree_on_every_case():
    for value in EVERY_CASE:
        seen = read_value(value)
        assert CATALOGUE.identify(seen) == identify_plainly(CATALOGUE, seen), value


seen_cases = [read_value(value) for value in EVERY_CASE]
hosts = st.sampled_from(
    [*(case.host for case in seen_cases), *CATALOGUE.shared, *POPULAR, "10.0.0.5", "llm.corp.example", None]
)
headers = st.sampled_from([case.headers for case in seen_cases if case.headers] + [BROWSER, (), None])
mixed = st.builds(
    Seen,
    host=st.one_of(hosts, hosts.map(lambda host: f"eu.{host}"), hosts.map(lambda host: f"not{host}")),
    path=st.sampled_from([case.path for case in seen_cases] + ["/", None]),
    method=st.sampled_from(["GET", "POST", None]),
    port=st.sampled_from([443, 8000, 11434, None]),
    headers=headers,
    visibility=st.sampled_from(["dns", "sni", "http"]),
)


@pytest.mark.slow
@given(mixed)
def test_both_matchers_agree_on_what_the_cases_can_be_mixed_to(seen):
    assert CATALOGUE.identify(seen) == identify_plainly(CATALOGUE, seen)


def test_hosts_that_are_decrypted_belong_to_apps():
    """Nothing outside the catalogue is named for decryption, and no sign-in host is."""
    for host in POPULAR:
        if CATALOGUE.identify(Seen(host=host, visibility="sni")).inspect:
            owners = [
                app.id
                for app in CATALOGUE.apps.values()
                for one in app.evidence
                if one.inspect
                and any(host == name or host.endswith(f".{name}") for name in (one.value, *one.hosts))
            ]
            assert owners, host
    for app in CATALOGUE.apps.values():
        for one in app.evidence:
            if one.role == "auth" and one.type == "host_exact":
                assert not CATALOGUE.identify(Seen(host=one.value, visibility="sni")).inspect, one.value
