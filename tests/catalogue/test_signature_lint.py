"""Every lint rule has a file that breaks it, a place, and a recommendation; a good file breaks none."""

import pytest

from sensor.catalogue.lint import RULES, Problem, lint
from sensor.catalogue.reading import Source

TODAY = "2026-11-24"

APP = """\
id: acme.chat
name: Acme Chat
vendor: acme
category: chat_assistant
description: d
modified: 2026-11-24
falsepositives: none
evidence:
  - {id: h1, type: host_suffix, value: chat.acme.example, proves: presence, weight: 70, role: ui, source: s,
     verified: 2026-11-24}
fixtures: {match: [chat.acme.example], nomatch: [acme.example]}
"""
GOOD = {
    "apps/acme/chat.yaml": APP,
    "vendors.yaml": "acme: {name: Acme}",
    "shared_infrastructure.yaml": "[{host: shared.example, role: cdn}]",
}
CHAT = "apps/acme/chat.yaml"


def check(changed: dict[str, str], base: dict[str, str] | None = None, today: str = TODAY) -> list[Problem]:
    files = {**GOOD, **changed} if base is None else changed
    return lint(
        [Source(*item) for item in files.items()],
        today=today,
        base=[Source(f"{name}", text, f"base/{name}") for name, text in (base or {}).items()],
    )


def more(line: str) -> dict[str, str]:
    """The app with one more piece of evidence, at line 11."""
    return {CHAT: APP.replace("fixtures:", f"  - {line[:-1]}, source: s, verified: 2026-11-24}}\nfixtures:")}


def other(evidence: str) -> str:
    """Another app of the same vendor."""
    text = APP.replace("acme.chat", "acme.other", 1)
    start = text.index("  - {")
    return (
        text[:start] + f"  - {evidence[:-1]}, source: s, verified: 2026-11-24}}\n"
        "fixtures: {match: [], nomatch: []}\n"
    )


def test_a_good_catalogue_breaks_no_rule():
    assert check({}) == []


SAME = "{id: h9, type: host_suffix, value: chat.acme.example, proves: presence, weight: 70, role: ui}"

# rule, what is changed, line, a part of what is said
CASES = [
    ("schema", {CHAT: APP.replace("name:", "nome:")}, 2, "unknown key"),
    ("schema", {CHAT: "a: [b"}, None, ""),
    ("file-name", {CHAT: APP.replace("acme.chat", "acme.chut", 1)}, 1, "the file's place says"),
    ("duplicate-id", {"x/acme/chat.yaml": APP}, 1, "stands in the catalogue already"),
    ("unknown-vendor", {"vendors.yaml": "{}"}, 3, "unknown vendor"),
    ("unknown-category", {CHAT: APP.replace("chat_assistant", "chatty")}, 4, "unknown category"),
    ("unknown-app", {CHAT: APP + "provider: acme.api\n"}, 12, "unknown app"),
    ("unknown-app", {"clients.yaml": "[{id: a.b, name: x, user_agents: x/, app: a.c}]"}, 1, "client a.b"),
    ("falsepositives", {CHAT: APP.replace("none", "[]")}, 7, "no false positives"),
    (
        "extension-id",
        more("{id: o, type: origin_extension, value: x, proves: usage, weight: 1}"),
        11,
        "no extension",
    ),
    (
        "host-form",
        more("{id: h2, type: host_exact, value: A.b, proves: usage, weight: 1}"),
        11,
        "normal form",
    ),
    (
        "host-regex",
        more(r"{id: r, type: host_regex, value: '^a+$', proves: usage, weight: 1}"),
        11,
        "literal labels",
    ),
    (
        "unsafe-regex",
        more("{id: r, type: host_regex, value: '^(a+)+$', proves: usage, weight: 1}"),
        11,
        "near end",
    ),
    (
        "path-anywhere",
        more("{id: u, type: url_path, value: ^/x, any: true, proves: usage, weight: 1}"),
        11,
        "needs",
    ),
    (
        "missing-fixtures",
        {CHAT: APP.replace("match: [chat.acme.example], ", "")},
        11,
        "no fixture under match",
    ),
    ("missing-fixtures", {CHAT: APP.replace("[acme.example]", "[]")}, 11, "no fixture under nomatch"),
    ("failing-fixture", {CHAT: APP.replace("match: [chat", "match: [chut")}, 11, "gives nothing"),
    (
        "failing-fixture",
        {CHAT: APP.replace("[acme.example]", "[chat.acme.example]")},
        11,
        "which it must not",
    ),
    ("failing-fixture", {CHAT: APP.replace("[acme.example]", "['{x']")}, 11, "not JSON"),
    (
        "failing-fixture",
        {CHAT: APP.replace("match: [chat.acme.example]", "match: [{url: chat.acme.example, proves: usage}]")},
        11,
        "proves is presence, not usage",
    ),
    (
        "failing-fixture",
        {CHAT: APP.replace("match: [chat.acme.example]", "match: [{url: chat.acme.example, region: eu}]")},
        11,
        "region is None, not eu",
    ),
    (
        "dangerous-suffix",
        more("{id: h2, type: host_suffix, value: google.com, proves: presence, weight: 9}"),
        11,
        "names far more than this app",
    ),
    (
        "dangerous-suffix",
        more("{id: h2, type: host_suffix, value: co.uk, proves: presence, weight: 9}"),
        11,
        "names far more than this app",
    ),
    (
        "dangerous-suffix",
        more(r"{id: r2, type: host_regex, value: '^[a-z]+\.com\.au$', proves: presence, weight: 9}"),
        11,
        "anyone may register under com.au",
    ),
    (
        "shared-host",
        more("{id: h2, type: host_exact, value: shared.example, proves: presence, weight: 9}"),
        11,
        "shared.example is shared infrastructure",
    ),
    (
        "duplicate-host",
        {"apps/acme/other.yaml": other(SAME)},
        9,
        "acme.chat claims chat.acme.example as well",
    ),
    ("shadowed-evidence", more(SAME), 11, "the same as h1"),
    (
        "shadowed-evidence",
        more(SAME.replace("value: chat", "value: www.chat").replace("host_suffix", "host_exact")),
        11,
        "h1 (chat.acme.example) says the same",
    ),
    (
        "stale",
        {CHAT: APP.replace("verified: 2026-11-24", "verified: 2026-05-01")},
        9,
        "verified 207 days ago",
    ),
    (
        "future-day",
        {CHAT: APP.replace("verified: 2026-11-24", "verified: 2026-11-25")},
        9,
        "verified on 2026-11-25",
    ),
    (
        "unverified",
        {CHAT: APP.replace(" source: s,\n     verified: 2026-11-24", " source: s")},
        9,
        "not verified",
    ),
    ("unsourced", {CHAT: APP.replace(" source: s,", "")}, 9, "no source"),
    ("overweight", {CHAT: APP.replace("weight: 70", "weight: 71")}, 9, "weight 71 for presence, at most 70"),
    (
        "overweight",
        {CHAT: APP.replace("presence, weight: 70", "telemetry, weight: 31")},
        9,
        "weight 31 for telemetry, at most 30",
    ),
    (
        "cut-value",
        more("{id: g, type: http_header, value: 'x-api-key: ^sk', proves: usage, weight: 1}"),
        11,
        "values of x-api-key are not kept",
    ),
    (
        "role-proof",
        {CHAT: APP.replace("presence", "usage").replace("role: ui", "role: auth")},
        9,
        "of role auth",
    ),
    ("host-is-not-use", {CHAT: APP.replace("presence", "usage")}, 9, "a user-interface host proves usage"),
    ("unused-vendor", {"vendors.yaml": "acme: {name: Acme}\nb: {name: B}\n"}, 2, 'no app of "b"'),
]


@pytest.mark.parametrize(("rule", "changed", "line", "what"), CASES)
def test_each_rule(rule, changed, line, what):
    found = [problem for problem in check(changed) if problem.rule == rule]
    assert found, check(changed)
    assert what in found[0].what
    assert line is None or found[0].location.line == line
    assert found[0].recommendation
    level = "error" if found[0].is_error else "warning"
    assert str(found[0]).startswith(f"{found[0].location}: {level}: ")
    assert f"[{rule}]\n  " in str(found[0])


def test_every_rule_is_tried_above():
    assert {case[0] for case in CASES} == set(RULES)


FINE = [
    more("{id: g, type: http_header, value: 'x-api-key:', proves: usage, weight: 1}"),
    more("{id: g, type: http_header, value: 'authorization: ^AWS4', proves: usage, weight: 1}"),
    more("{id: g, type: http_header, value: 'x-app: ^cli$', proves: usage, weight: 1}"),
    more("{id: h2, type: host_suffix, value: google.com, proves: presence, weight: 0}"),
    more(r"{id: r2, type: host_regex, value: '^[a-z]+\.ai\.google\.com$', proves: presence, weight: 9}"),
    more(
        "{id: h2, type: host_suffix, value: cdn.chat.acme.example, proves: presence, weight: 3, role: static}"
    ),
    more("{id: u1, type: url_path, value: ^/x, hosts: [shared.example], proves: usage, weight: 90}"),
    # Told apart by a path on the host, on either side, or by a header with it.
    {
        **more("{id: u1, type: url_path, value: ^/x, hosts: [acme.example], proves: usage, weight: 90}"),
        "apps/acme/other.yaml": other(SAME).replace(
            "{match: [], nomatch: []}", "{match: [], nomatch: [a.b]}"
        ),
    },
    {
        **more("{id: g1, type: http_header, value: 'x:', requires: h1, proves: usage, weight: 90}"),
        "apps/acme/other.yaml": other(SAME),
    },
    # Other evidence between the two has another effect: the narrow one restores what the broad one says.
    {
        CHAT: APP.replace(
            "fixtures:",
            "  - {id: h2, type: host_suffix, value: b.chat.acme.example, proves: presence, weight: 9,"
            " source: s, verified: 2026-11-24}\n"
            "  - {id: h3, type: host_suffix, value: c.b.chat.acme.example, proves: presence, weight: 70,"
            " role: ui, source: s, verified: 2026-11-24}\nfixtures:",
        )
    },
]


@pytest.mark.parametrize("changed", FINE, ids=range(len(FINE)))
def test_what_is_fine(changed):
    assert [problem for problem in check(changed) if problem.rule != "missing-fixtures"] == []


def test_the_same_host_twice_is_told_where_it_is_linted():
    own = {"acme/other.yaml": other(SAME)}
    found = check(own, base=GOOD)
    assert [problem.rule for problem in found] == [
        "missing-fixtures",
        "missing-fixtures",
        "duplicate-host",
    ] or [problem.rule for problem in found] == ["duplicate-host", "missing-fixtures", "missing-fixtures"]
    third = {
        "apps/acme/third.yaml": APP.replace("acme.chat", "acme.third", 1).replace("chat.acme", "third.acme")
    }
    base = {**GOOD, "apps/acme/other.yaml": other(SAME)}
    assert check(third, base=base) == [], "what stands in the base is not this person's to mend"


def test_a_users_folder_is_linted_upon_what_it_builds_on():
    assert (
        check(
            {"acme/mine.yaml": APP.replace("acme.chat", "acme.mine", 1).replace("chat.a", "m.a")}, base=GOOD
        )
        == []
    )
    replaced = {"acme/chat.yaml": APP.replace("match: [chat", "match: [www.chat")}
    assert check(replaced, base=GOOD) == []
    broken = check({"acme/chat.yaml": APP}, base={**GOOD, CHAT: "x: ["})
    assert [(problem.rule, problem.location.path) for problem in broken] == [("schema", f"base/{CHAT}")]


def test_generic_shapes_are_linted_too():
    text = """\
generic: true
description: d
modified: 2026-11-24
evidence:
  - {id: u1, type: url_path, value: ^/x$, any: true, methods: [POST], content_types: [a/b], proves: usage,
     weight: 90, source: s, verified: 2026-11-24}
fixtures: {match: [POST a.example/x, a.example/y], nomatch: [POST a.example/y, a.example/x]}
"""
    found = check({"generic.yaml": text})
    assert [(problem.rule, problem.what) for problem in found] == [
        ("failing-fixture", "a.example/y: gives nothing"),
        ("failing-fixture", "a.example/x: gives an unknown LLM API, which it must not"),
    ]


def test_today_must_be_a_day():
    with pytest.raises(ValueError, match="yesterday is no day"):
        check({}, today="yesterday")
