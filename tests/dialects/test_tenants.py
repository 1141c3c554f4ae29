"""Each row of the tenant table: its header, exactly its hosts, no client copy, and ids that cannot be."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.dialects.tenant_rows import ROWS, WITHOUT_HEADER, SourceGrade
from sensor.dialects.tenants import (
    MAX_IDS,
    NEVER_DECRYPT,
    NO_EDIT,
    CannotBeRestricted,
    IdsProblem,
    Restriction,
    check_together,
    headers_for,
    is_inject_only,
    is_sign_in,
    needs_header,
    plain_host,
    refused,
    restrict,
    restrict_company,
)

ONE = "437adf77-4085-4b22-b7b1-de7b6f5ec6c0"
TWO = "550e8400-e29b-41d4-a716-446655440000"
MICROSOFT = {"login.microsoftonline.com", "login.microsoft.com", "login.windows.net"}
WEBEX = {
    "idbroker.webex.com", "idbroker-secondary.webex.com", "idbroker-b-us.webex.com", "idbroker-eu.webex.com",
    "idbroker-ca.webex.com", "atlas-a.wbx2.com", "identity.webex.com", "identity-eu.webex.com",
}  # fmt: skip

CASES = {
    "chatgpt": (
        [ONE, TWO],
        {("ChatGPT-Allowed-Workspace-Id", f"{ONE},{TWO}"): {"chatgpt.com"}},
    ),
    "openai_api": (
        "org-Tkxfm8owx4zIPaJGNDVrPs6m",
        {("OpenAI-Allowed-Organization-Ids", "org-Tkxfm8owx4zIPaJGNDVrPs6m"): {"api.openai.com"}},
    ),
    "anthropic": (
        {"organisations": [ONE.upper(), TWO]},
        {
            ("anthropic-allowed-org-ids", f"{ONE},{TWO}"): {
                "claude.ai", "api.anthropic.com", "claude.com", "anthropic.com", "platform.claude.com",
            }
        },
    ),
    "google_workspace": (
        ["Example.com", "consumer_accounts"],
        {("X-GoogApps-Allowed-Domains", "example.com,consumer_accounts"): {"google.com", "*.google.com"}},
    ),
    "google_cloud": (
        "123456789012",
        {
            (
                "X-Goog-Allowed-Resources",
                "eyJyZXNvdXJjZXMiOlsib3JnYW5pemF0aW9ucy8xMjM0NTY3ODkwMTIiXSwib3B0aW9ucyI6InN0cmljdCJ9",
            ): {"*.googleapis.com"}
        },
    ),
    "gemini_code_assist": (
        ["example.com", "yourcompany.net"],
        {
            ("X-GeminiCodeAssist-Allowed-Domains", "example.com,yourcompany.net"): {
                "cloudcode-pa.googleapis.com"
            }
        },
    ),
    "microsoft_v1": (
        {"tenants": ["contoso.com", "fabrikam.onmicrosoft.com", ONE], "directory": TWO},
        {
            ("Restrict-Access-To-Tenants", f"contoso.com,fabrikam.onmicrosoft.com,{ONE}"): MICROSOFT,
            ("Restrict-Access-Context", TWO): MICROSOFT,
            ("sec-Restrict-Tenant-Access-Policy", "restrict-msa"): {"login.live.com"},
        },
    ),
    "microsoft_v2": (
        f"{ONE}:{TWO}",
        {("sec-Restrict-Tenant-Access-Policy", f"{ONE}:{TWO}"): MICROSOFT | {"login.live.com"}},
    ),
    "github": (
        "avocado-corp",
        {
            ("sec-GitHub-allowed-enterprise", "avocado-corp"): {
                "github.com", "api.github.com", "*.githubcopilot.com",
            }
        },
    ),
    "slack": (
        {"requester": "T2DQ3J9AA", "workspaces": ["T2DQ3J9AA", "E0123456789"]},
        {
            ("X-Slack-Allowed-Workspaces-Requester", "T2DQ3J9AA"): {"slack.com", "*.slack.com"},
            ("X-Slack-Allowed-Workspaces", "T2DQ3J9AA,E0123456789"): {"slack.com", "*.slack.com"},
        },
    ),
    "dropbox": (
        ["4875936", "12"],
        {("X-Dropbox-allowed-Team-Ids", "4875936,12"): {"dropbox.com", "*.dropbox.com"}},
    ),
    "webex": (["example.com"], {("CiscoSpark-Allowed-Domains", "example.com"): WEBEX}),
    "zoom": ("label-1", {("X-ZoomApps-Policy", "label-1"): {"zoom.com", "*.zoom.com"}}),
    "youtube": (
        "Strict",
        {
            ("YouTube-Restrict", "Strict"): {
                "www.youtube.com", "m.youtube.com", "youtubei.googleapis.com", "youtube.googleapis.com",
                "www.youtube-nocookie.com",
            }
        },
    ),
}  # fmt: skip
"""Vendor: ids as a policy may write them; header and value, and the hosts that get it."""

EVERYWHERE = [restriction for vendor, (ids, _) in CASES.items() for restriction in restrict(vendor, ids)]


def asked(pattern: str) -> str:
    """A host that a pattern stands for."""
    return pattern.replace("*.", "a.b-1.")


def others(pattern: str) -> list[str]:
    """Hosts that look like one of a pattern's and are none."""
    name = pattern.removeprefix("*.")
    near = [f"not{name}", f"{name}.evil.example", f"{name}-evil.example", name.replace(".", "-")]
    return [*near, name if pattern.startswith("*.") else f"device.{name}"]


def test_every_row_has_a_case() -> None:
    assert set(CASES) == set(ROWS)


@pytest.mark.parametrize("vendor", CASES)
def test_a_row_gives_exactly_its_headers_values_and_hosts(vendor: str) -> None:
    ids, expected = CASES[vendor]
    found: dict[tuple[str, str], set[str]] = {}
    for one in restrict(vendor, ids):
        assert one.vendor == vendor
        found.setdefault((one.header, one.value), set()).add(one.host)
    assert found == expected
    assert {place.host for place in ROWS[vendor].places} == set().union(*expected.values())


@pytest.mark.parametrize("vendor", CASES)
def test_a_header_is_set_on_the_hosts_of_its_row(vendor: str) -> None:
    ids, expected = CASES[vendor]
    restrictions = restrict(vendor, ids)
    for header, patterns in expected.items():
        for pattern in patterns:
            host = asked(pattern)
            for spelled in (host, host.upper(), host + ".", host + ":443"):
                edit = headers_for(spelled, restrictions)
                assert header in edit.set
                assert header[0].lower() in {name.lower() for name in edit.remove}
                assert needs_header(spelled, restrictions)


@pytest.mark.parametrize("vendor", CASES)
def test_no_other_host_gets_a_header_or_loses_one(vendor: str) -> None:
    ids, expected = CASES[vendor]
    restrictions = restrict(vendor, ids)
    patterns = set().union(*expected.values())
    mine = {asked(pattern) for pattern in patterns} | patterns
    wide = tuple(pattern[1:] for pattern in patterns if pattern.startswith("*."))
    strangers = {host for pattern in patterns for host in others(pattern)}
    strangers |= {asked(place.host) for row in ROWS.values() for place in row.places}
    for host in sorted(strangers - mine):
        if not host.endswith(wide):
            assert headers_for(host, restrictions, ["x"]) == NO_EDIT, host
            assert not needs_header(host, restrictions)


@pytest.mark.parametrize("vendor", CASES)
def test_what_a_client_sent_is_gone_and_only_the_company_s_value_is_left(vendor: str) -> None:
    """Carried out as a proxy does it: names compared without case, removed, then set."""
    ids, expected = CASES[vendor]
    restrictions = restrict(vendor, ids)
    names = ROWS[vendor].removes
    for patterns in expected.values():
        for pattern in patterns:
            sent = [(spelled, "forged") for name in names for spelled in (name, name.upper(), name.lower())]
            sent += [(f"{names[0]}{number}", "forged") for number in (1, 9)] if vendor == "anthropic" else []
            edit = headers_for(asked(pattern), restrictions, [name for name, _ in sent])
            gone = {name.lower() for name in edit.remove}
            left = [header for header in sent if header[0].lower() not in gone] + list(edit.set)
            assert left == list(edit.set)
            assert len({name.lower() for name, _ in left}) == len(left)


@pytest.mark.parametrize("number", ["1", "9", "10", "57", "007"])
def test_numbered_copies_of_the_anthropic_header_are_removed_whatever_their_number(number: str) -> None:
    restrictions = restrict("anthropic", ONE)
    sent = [f"Anthropic-Allowed-Org-IDs{number}", "anthropic-allowed-org-ids-x", "accept"]
    edit = headers_for("claude.ai", restrictions, sent)
    gone = {name.lower() for name in edit.remove}
    assert sent[0].lower() in gone and sent[1] not in gone and "accept" not in gone
    assert edit.set == (("anthropic-allowed-org-ids", ONE),)


def uuids(count: int) -> list[str]:
    return [f"00000000-0000-4000-8000-{number:012x}" for number in range(count)]


@pytest.mark.parametrize(("count", "lines"), [(1, 1), (50, 1), (51, 2), (120, 3), (451, 10), (500, 10)])
def test_a_long_anthropic_list_is_spread_over_numbered_headers(count: int, lines: int) -> None:
    """``;n=K`` at the end of the first, K-1 more from 1 on, nothing lost, at most ten."""
    edit = headers_for("api.anthropic.com", restrict("anthropic", uuids(count)))
    names = [name for name, _ in edit.set]
    base = "anthropic-allowed-org-ids"
    assert names == [base, *(f"{base}{number}" for number in range(1, lines))]
    first, *rest = (value for _, value in edit.set)
    if lines > 1:
        assert first.endswith(f";n={lines}")
    assert ",".join([first.partition(";")[0], *rest]).split(",") == uuids(count)


def test_too_many_ids_are_refused() -> None:
    with pytest.raises(IdsProblem, match="501 values; at most 500"):
        restrict("anthropic", uuids(MAX_IDS + 1))


def test_a_list_that_does_not_fit_into_one_header_is_refused() -> None:
    with pytest.raises(IdsProblem, match="characters; at most 7500 fit into one header"):
        restrict("chatgpt", uuids(300))


def test_ids_named_twice_stand_once() -> None:
    assert restrict("chatgpt", [ONE, ONE.upper()])[0].value == ONE


def test_google_s_resource_reads_as_its_documentation_says() -> None:
    """Web-safe base64 of a JSON object with ``resources`` and ``options``."""
    ids = {"organisations": ["123456789", "987654321"], "options": "cloudStorageReadAllowed"}
    (one,) = restrict("google_cloud", ids)
    assert json.loads(base64.urlsafe_b64decode(one.value)) == {
        "resources": ["organizations/123456789", "organizations/987654321"],
        "options": "cloudStorageReadAllowed",
    }
    assert set(one.value) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=")


def test_personal_microsoft_accounts_can_be_left_alone_and_a_client_s_copy_is_still_removed() -> None:
    ids = {"tenants": "contoso.com", "directory": TWO, "personal": "allow"}
    restrictions = restrict("microsoft_v1", ids)
    assert "login.live.com" not in {one.host for one in restrictions}
    edit = headers_for("login.live.com", restrictions)
    assert edit.set == () and "sec-Restrict-Tenant-Access-Policy" in edit.remove


@pytest.mark.parametrize("vendor", ["microsoft_v1", "microsoft_v2"])
@pytest.mark.parametrize("host", ["device.login.microsoftonline.com", "enterpriseregistration.windows.net"])
def test_device_registration_is_never_among_the_hosts(vendor: str, host: str) -> None:
    assert host in NEVER_DECRYPT
    assert not needs_header(host, restrict(vendor, CASES[vendor][0]))


def test_version_two_replaces_the_headers_of_version_one() -> None:
    """A client that still sends version 1 must not choose tenants by it."""
    edit = headers_for("login.microsoft.com", restrict("microsoft_v2", f"{ONE}:{TWO}"))
    assert {"Restrict-Access-To-Tenants", "Restrict-Access-Context"} <= set(edit.remove)


MALFORMED = [
    ("chatgpt", "org-abc", "437adf77"),
    ("chatgpt", f"{ONE},{TWO}", "one to an entry"),
    ("chatgpt", f" {ONE}", "one to an entry"),
    ("chatgpt", f"{{{ONE}}}", "437adf77"),
    ("chatgpt", "", "437adf77"),
    ("chatgpt", f"{ONE}\r\nx: y", "one to an entry"),
    ("chatgpt", [], "437adf77"),
    ("chatgpt", None, "437adf77"),
    ("chatgpt", 7, "437adf77"),
    ("chatgpt", [ONE, 7], "437adf77"),
    ("chatgpt", {"organisations": ONE}, "keys are workspaces"),
    ("chatgpt", {7: ONE}, "keys are workspaces"),
    ("openai_api", "Tkxfm8owx4zIPaJGNDVrPs6m", "org-Tkxfm8owx4zIPaJGNDVrPs6m"),
    ("openai_api", "proj_abc", "org-Tkxfm8owx4zIPaJGNDVrPs6m"),
    ("anthropic", "acme", "437adf77"),
    ("google_workspace", "@example.com", "without @"),
    ("google_workspace", "*.example.com", "without @, scheme or *"),
    ("google_workspace", "https://example.com", "without @, scheme"),
    ("google_workspace", "example", "as in example.com"),
    ("google_workspace", "exämple.com", "as in example.com"),
    ("google_workspace", "consumer-accounts", "consumer_accounts"),
    ("google_cloud", "organizations/123456789012", "gcloud organizations list"),
    ("google_cloud", {"organisations": "123456789012", "options": "loose"}, "strict"),
    ("gemini_code_assist", "", "as in example.com"),
    ("gemini_code_assist", "consumer_accounts", "as in example.com"),
    ("microsoft_v1", "contoso.com", "directory id of your own tenant"),
    ("microsoft_v1", {"tenants": "contoso", "directory": ONE}, "contoso.onmicrosoft.com"),
    ("microsoft_v1", {"tenants": "contoso.com", "directory": "contoso.com"}, "directory id"),
    ("microsoft_v1", {"tenants": "contoso.com", "directory": [ONE, TWO]}, "at most 1"),
    ("microsoft_v1", {"tenants": "contoso.com", "directory": ONE, "personal": "no"}, "block or allow"),
    ("microsoft_v2", ONE, "colon"),
    ("microsoft_v2", "restrict-msa", "colon"),
    ("github", "acme corp", "one to an entry"),
    ("github", [f"e{number}" for number in range(21)], "at most 20"),
    ("slack", {"workspaces": "T2DQ3J9AA"}, "one id of your own"),
    ("slack", {"workspaces": "t2dq3j9aa", "requester": "T2DQ3J9AA"}, "in capitals"),
    ("dropbox", "dbtid:AAH4", "number"),
    ("webex", "example.com,example.org", "one to an entry"),
    ("zoom", "", "Zoom's support"),
    ("youtube", "strict", "Strict or Moderate"),
]


@pytest.mark.parametrize(("vendor", "ids", "hint"), MALFORMED)
def test_malformed_ids_are_refused_with_what_to_write(vendor: str, ids: object, hint: str) -> None:
    with pytest.raises(IdsProblem) as caught:
        restrict(vendor, ids)
    assert hint in caught.value.hint
    assert str(caught.value) == f"{caught.value.what}; {caught.value.hint}"


def test_every_row_has_a_malformed_case() -> None:
    assert {vendor for vendor, _, _ in MALFORMED} == set(ROWS)


@pytest.mark.parametrize("vendor", WITHOUT_HEADER)
def test_a_vendor_without_a_header_says_so(vendor: str) -> None:
    with pytest.raises(CannotBeRestricted) as caught:
        restrict(vendor, [ONE])
    assert caught.value.vendor == vendor
    assert WITHOUT_HEADER[vendor].why in str(caught.value)


@pytest.mark.parametrize(("vendor", "meant"), [("chat_gpt", "chatgpt"), ("perplexitty", "perplexity")])
def test_an_unknown_vendor_is_answered_with_the_one_that_was_meant(vendor: str, meant: str) -> None:
    with pytest.raises(IdsProblem, match=f'did you mean "{meant}"'):
        restrict(vendor, [ONE])
    with pytest.raises(IdsProblem, match="vendors are chatgpt, openai_api"):
        restrict("zzz", [ONE])


@pytest.mark.parametrize("row", [*ROWS.values(), *WITHOUT_HEADER.values()], ids=lambda row: row.vendor)
def test_every_row_carries_source_day_and_grade(row) -> None:
    assert row.source and row.name
    assert len(row.read) == 10 and row.read[:3] == "202"
    assert isinstance(row.grade, SourceGrade)


COMPANIES = [
    ("openai", [ONE], {"chatgpt": [ONE]}),
    ("openai", ["org-Tkxfm8owx4zI", ONE], {"chatgpt": [ONE], "openai_api": ["org-Tkxfm8owx4zI"]}),
    ("anthropic", [ONE], {"anthropic": [ONE]}),
    (
        "google",
        ["example.com", "consumer_accounts", "organizations/123456789"],
        {
            "google_workspace": ["example.com", "consumer_accounts"],
            "google_cloud": ["123456789"],
            "gemini_code_assist": ["example.com"],
        },
    ),
    ("google", ["organizations/123456789"], {"google_cloud": ["123456789"]}),
    (
        "microsoft",
        ["contoso.com", ONE],
        {"microsoft_v1": {"tenants": ["contoso.com", ONE], "directory": ONE}},
    ),
    ("microsoft", [f"{ONE}:{TWO}"], {"microsoft_v2": f"{ONE}:{TWO}"}),
    ("github", ["acme"], {"github": ["acme"]}),
    ("salesforce", ["T2DQ3J9AA"], {"slack": {"requester": "T2DQ3J9AA", "workspaces": "T2DQ3J9AA"}}),
    ("webex", ["example.com"], {"webex": ["example.com"]}),
]
"""Vendor as in the catalogue and its ids; the rows that they mean."""


@pytest.mark.parametrize(("company", "ids", "rows"), COMPANIES)
def test_a_vendor_s_ids_go_to_the_rows_that_their_form_means(company, ids, rows) -> None:
    expected = [one for vendor, own in rows.items() for one in restrict(vendor, own)]
    assert sorted(restrict_company(company, ids)) == sorted(expected)
    check_together(expected)


@pytest.mark.parametrize(
    ("company", "ids", "hint"),
    [
        ("openai", [], "437adf77"),
        ("google", [], "as in example.com"),
        ("microsoft", ["contoso.com"], "your own directory"),
        ("microsoft", [ONE, TWO], "your own directory"),
        ("microsoft", [f"{ONE}:{TWO}", "contoso.com"], "colon"),
        ("slack", ["T2DQ3J9AA", "T2DQ3J9AB"], "and one"),
        ("nobody", [ONE], "vendors are"),
    ],
)
def test_ids_that_leave_open_what_is_meant_are_refused(company, ids, hint) -> None:
    with pytest.raises(IdsProblem) as caught:
        restrict_company(company, ids)
    assert hint in caught.value.hint
    with pytest.raises(CannotBeRestricted):
        restrict_company("perplexity", [ONE])


def test_two_versions_of_microsoft_s_restriction_are_not_set_together() -> None:
    first = restrict("microsoft_v1", CASES["microsoft_v1"][0])
    second = restrict("microsoft_v2", f"{ONE}:{TWO}")
    check_together(first)
    with pytest.raises(IdsProblem, match="microsoft_v1 and microsoft_v2 both set"):
        check_together(first + second)


def test_two_lists_for_one_vendor_are_not_set_together() -> None:
    check_together(restrict("chatgpt", ONE) + restrict("chatgpt", ONE))
    with pytest.raises(IdsProblem, match="two lists for chatgpt"):
        check_together(restrict("chatgpt", ONE) + restrict("chatgpt", TWO))


def test_vendors_that_share_hosts_are_set_side_by_side() -> None:
    both = restrict("google_cloud", "123456789012") + restrict("gemini_code_assist", "example.com")
    check_together(both)
    assert {name for name, _ in headers_for("cloudcode-pa.googleapis.com", both).set} == {
        "X-Goog-Allowed-Resources", "X-GeminiCodeAssist-Allowed-Domains",
    }  # fmt: skip
    assert not is_inject_only("cloudcode-pa.googleapis.com", both)
    assert is_inject_only("storage.googleapis.com", both)


SIGN_IN = ["accounts.google.com", *sorted(MICROSOFT), "login.live.com", "idbroker.webex.com"]


@pytest.mark.parametrize("host", SIGN_IN)
def test_sign_in_hosts_are_known_and_opened_for_their_header_alone(host: str) -> None:
    assert is_sign_in(host) and is_sign_in(host.upper() + ".")
    assert is_inject_only(host, EVERYWHERE)


@pytest.mark.parametrize("host", ["chatgpt.com", "claude.ai", "api.openai.com", "api.githubcopilot.com"])
def test_ai_hosts_are_no_sign_in_hosts_and_are_read(host: str) -> None:
    assert not is_sign_in(host)
    assert not is_inject_only(host, EVERYWHERE)


def test_a_host_of_no_restricted_vendor_is_not_opened() -> None:
    assert not is_inject_only("accounts.google.com", restrict("chatgpt", ONE))
    assert not needs_header("accounts.google.com", restrict("chatgpt", ONE))


ANONYMOUS = [
    "/backend-anon/conversation",
    "/backend-anon/",
    "/backend-anon",
    "//backend-anon/x",
    "/%62ackend-anon/x",
    "/backend%2Danon/x?y=1",
    "/x/../backend-anon/x",
    "/./backend-anon/x",
    "/Backend-Anon/x",
    "/backend-anon%2Fconversation",
]


@pytest.mark.parametrize("path", ANONYMOUS)
def test_chatgpt_without_an_account_is_refused_however_the_path_is_written(path: str) -> None:
    found = refused("ChatGPT.com", path, ["chatgpt"])
    assert found is not None and "without an account" in found.why


@pytest.mark.parametrize(
    ("host", "path", "vendors"),
    [
        ("chatgpt.com", "/backend-api/conversation", ["chatgpt"]),
        ("chatgpt.com", "/c/backend-anon/", ["chatgpt"]),
        ("chatgpt.com", "/?next=/backend-anon/", ["chatgpt"]),
        ("chatgpt.com", "/backend-anonymous/", ["chatgpt"]),
        ("chatgpt.com", None, ["chatgpt"]),
        ("example.com", "/backend-anon/", ["chatgpt"]),
        ("chatgpt.com", "/backend-anon/", []),
        ("chatgpt.com", "/backend-anon/", ["anthropic", "perplexity", "nobody"]),
        ("api.business.githubcopilot.com", "/chat/completions", ["github"]),
        ("individual.githubcopilot.com.evil.example", "/", ["github"]),
    ],
)
def test_nothing_else_is_refused(host: str, path: str | None, vendors: list[str]) -> None:
    assert refused(host, path, vendors) is None


@pytest.mark.parametrize("path", [None, "/chat/completions"])
def test_copilot_plans_of_single_persons_are_refused_even_at_the_tunnel(path: str | None) -> None:
    assert refused("api.individual.githubcopilot.com", path, ["github"]) is not None


@pytest.mark.parametrize("host", ["", ".", "\ud800.example", "ä" * 300])
def test_what_is_no_host_gets_no_header(host: str) -> None:
    assert plain_host(host) is None
    assert headers_for(host, EVERYWHERE) == NO_EDIT
    assert refused(host, "/backend-anon/", ["chatgpt"]) is None
    assert not (needs_header(host, EVERYWHERE) or is_inject_only(host, EVERYWHERE) or is_sign_in(host))


def test_a_host_written_with_other_full_stops_is_the_same_host() -> None:
    assert headers_for("chatgpt\uff0ecom", restrict("chatgpt", ONE)).set
    assert plain_host("[2001:db8::1]:443") == "[2001:db8::1]:443"


@given(host=st.text(max_size=80), names=st.lists(st.text(max_size=60), max_size=5), path=st.text(max_size=60))
def test_any_host_names_and_path_are_answered_and_what_is_set_is_removed_first(host, names, path) -> None:
    edit = headers_for(host, EVERYWHERE, names)
    assert {name.lower() for name, _ in edit.set} <= {name.lower() for name in edit.remove}
    refused(host, path, ROWS)
    is_inject_only(host, EVERYWHERE)


JSON_LIKE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from([ONE]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=8,
)


@given(vendor=st.sampled_from([*ROWS, *WITHOUT_HEADER, "nobody"]), ids=JSON_LIKE)
def test_any_ids_give_headers_or_a_sentence(vendor, ids) -> None:
    try:
        found = restrict(vendor, ids)
    except (IdsProblem, CannotBeRestricted) as problem:
        assert str(problem).isprintable()
    else:
        assert found
        for one in found:
            assert isinstance(one, Restriction) and one.value
            assert one.value.isascii() and one.value.isprintable()
