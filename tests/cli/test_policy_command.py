"""``gnomon policy check`` and ``explain``: exit codes, places, JSON lines, the tree."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from sensor import policy_files
from sensor.catalogue_files import load_catalogue
from sensor.cli import main
from sensor.config import Home, open_home
from sensor.errors import ConfigError, WorkError
from sensor.model import Review, Status
from sensor.policy import DEFAULT_POLICY_TEXT, EVERYTHING, OF_CONTENT, Policy, parse_policy
from sensor.policy_files import find_zone, finding_words, load_policy, read_policy, write_default_policy
from sensor.recorder import open_recorder

WRONG = "version: 1\nmode: enforce\nrules:\n  - id: a\n    action: redcat\n"
ODD = "version: 1\nmode: enforce\nrules:\n  - {id: a, action: block}\n  - {id: b, action: block}\n"
CLEAN = """
version: 1
mode: enforce
groups: {research: {users: [analyst], networks: [10.1.0.0/16]}}
rules:
  - {id: gone, action: alert, until: 2020-01-01T00:00:00Z, when: {app: openai.chatgpt}}
  - {id: ours, action: alert, when: {group: research, category: chat_assistant}, reason: evaluation}
  - {id: rest, action: block, when: {app: [openai.*, deepseek.*]}, message: Please ask first.}
  - {id: all, action: alert}
"""


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home's cache with the compiled catalogue in it: reading the signatures anew takes seconds."""
    home = Home(tmp_path_factory.mktemp("compiled"))
    load_catalogue(home)
    return home.cache


@pytest.fixture
def home(tmp_path: Path, compiled: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "cache").symlink_to(compiled)
    return folder


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of one command."""
    code = main([str(word) for word in words])
    out, err = capsys.readouterr()
    return code, out, err


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


# --- check --------------------------------------------------------------------------------------------


def test_the_default_policy_is_clean(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "policy", "check", "--home", home)
    assert (code, err) == (0, "")
    assert out == "(default policy): 3 rules, mode enforce, nothing to say against it\n"
    assert not (home / "policy.yaml").exists()


def test_a_clean_file(tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "p.yaml"
    file.write_text("version: 1\nmode: monitor\nrules: [{id: a, action: block}]\n")
    code, out, _ = run(capsys, "policy", "check", file, "--strict", "--home", home)
    assert (code, out) == (0, f"{file}: 1 rule, mode monitor, nothing to say against it\n")


def test_an_error_has_a_place_and_exit_2(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "policy.yaml").write_text(WRONG)
    code, out, err = run(capsys, "policy", "check", "--home", home)
    assert (code, out) == (2, "")
    assert err == (
        f'gnomon: {home}/policy.yaml:5:13: unknown action "redcat"\n'
        '  Did you mean "redact"? Actions are allow, alert, coach, redact, block.\n'
    )


def test_an_error_as_json(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "policy.yaml").write_text(WRONG)
    code, out, err = run(capsys, "policy", "check", "--home", home, "--json")
    assert (code, err) == (2, "")
    assert lines(out) == [
        {
            "level": "error",
            "name": "error",
            "path": f"{home}/policy.yaml",
            "line": 5,
            "column": 13,
            "what": 'unknown action "redcat"',
            "hint": 'Did you mean "redact"? Actions are allow, alert, coach, redact, block.',
        }
    ]


def test_an_unknown_app_is_an_error(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "policy.yaml").write_text(
        "version: 1\nmode: enforce\nrules: [{id: a, action: block, when: {app: openai.chatgtp}}]\n"
    )
    code, _, err = run(capsys, "policy", "check", "--home", home)
    assert code == 2
    assert 'policy.yaml:3:44: the catalogue knows no app "openai.chatgtp"\n' in err
    assert 'Did you mean "openai.chatgpt"?' in err


ON_CONTENT = {
    "account": ("account: personal", 7),
    "account.tenant": ("account: {tenant: acme}", 17),
    "account.key": ("account: {key: ci-*}", 17),
    "model": ("model: gpt-4*", 7),
    "size": ("size: {at_least: 1 MB}", 7),
    "findings": ("findings: secret", 7),
    "risk": ("risk: high", 7),
}
"""Conditions on content as they are written, and the column that is named."""


@pytest.mark.parametrize("condition", sorted(OF_CONTENT))
def test_a_condition_that_nothing_fills_is_refused(
    condition: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A rule with one would never match, and its author believes that it does."""
    written, column = ON_CONTENT[condition]
    (home / "policy.yaml").write_text(
        "version: 1\nmode: enforce\nrules:\n  - id: a\n    action: block\n    when:\n"
        f"      host: a.example\n      {written}\n"
    )
    needs = (
        "a risk score, which the catalogue does not have yet"
        if condition == "risk"
        else "the content of requests, which this version does not read"
    )
    says = f'condition "{condition}" needs {needs}'
    hint = (
        "Conditions are app, provider, client, vendor, category, status, generic, proves, feature, host, "
        "user, group, device, network, direction, method, region, time, door."
    )
    expected = f"{home}/policy.yaml:8:{column}: {says}\n  {hint}"
    assert run(capsys, "policy", "check", "--home", home) == (2, "", f"gnomon: {expected}\n")
    code, out, err = run(capsys, "policy", "check", "--home", home, "--json")
    (answer,) = lines(out)
    assert (code, err, answer["line"], answer["column"]) == (2, "", 8, column)
    assert (answer["what"], answer["hint"]) == (says, hint)
    with pytest.raises(ConfigError) as caught:
        load_policy(Home(home))
    assert str(caught.value) == expected
    assert run(capsys, "policy", "explain", "--home", home)[0] == 2


def test_warnings(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "policy.yaml").write_text(ODD)
    code, out, _ = run(capsys, "policy", "check", "--home", home)
    assert code == 0
    assert out == (
        f'{home}/policy.yaml:5:5: rule "b" is never reached: "a" matches everything that it does '
        f"[unreachable-rule]\n  Put it before {home}/policy.yaml:4:5, or take it out.\n"
        f"{home}/policy.yaml: 2 rules, mode enforce, 1 warning\n"
    )
    assert run(capsys, "policy", "check", "--home", home, "--strict")[0] == 1


def test_warnings_as_json(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "policy.yaml").write_text(ODD)
    code, out, _ = run(capsys, "policy", "check", "--home", home, "--json", "--strict")
    warning, summary = lines(out)
    assert code == 1
    assert (warning["level"], warning["name"], warning["line"]) == ("warning", "unreachable-rule", 5)
    assert summary == {
        "level": "summary",
        "path": f"{home}/policy.yaml",
        "mode": "enforce",
        "rules": 2,
        "warnings": 1,
        "hash": parse_policy(ODD).hash,
    }


# --- explain ------------------------------------------------------------------------------------------


def test_the_tree(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "policy.yaml").write_text(CLEAN)
    code, out, _ = run(
        capsys, "policy", "explain", "--app", "openai.chatgpt", "--user", "trainee", "--home", home
    )
    assert code == 0
    policy = home / "policy.yaml"
    assert (
        out
        == f"""\
block (enforced)
  rule     rest
  message  Please ask first.
  certain  with the head: the body need not be waited for
  asked    app openai.chatgpt, vendor openai, category chat_assistant, status unreviewed, generic false, \
proves usage, user trainee, door proxy

[ ] gone -> alert  (expired, {policy}:6:5)
    [x] app: openai.chatgpt  (found: openai.chatgpt)
    [ ] until: 2020-01-01T00:00:00Z
[ ] ours -> alert  (no match, {policy}:7:5)
    [ ] group: research  (found: not known)
    [x] category: chat_assistant  (found: chat_assistant)
[x] rest -> block  (decided, {policy}:8:5)
    [x] app: openai.* or deepseek.*  (found: openai.chatgpt)
[ ] all -> alert  (not reached, {policy}:9:5)
      matches everything
"""
    )


def explained(capsys: pytest.CaptureFixture[str], home: Path, *words: str) -> dict[str, Any]:
    code, out, _ = run(capsys, "policy", "explain", *words, "--home", home, "--json")
    assert code == 0
    (answer,) = lines(out)
    return answer


def test_a_url_is_identified(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "policy.yaml").write_text(CLEAN)
    answer = explained(
        capsys, home, "https://chatgpt.com/backend-api/f/conversation", "--method", "POST",
        "--address", "10.1.2.3",
    )  # fmt: skip
    assert (answer["verdict"], answer["rule"], answer["reason"]) == ("alert", "ours", "evaluation")
    question = answer["question"]
    assert (question["app"], question["host"], question["proves"]) == (
        "openai.chatgpt",
        "chatgpt.com",
        "usage",
    )
    assert (question["group"], question["network"], question["method"]) == ("research", "10.1.2.3", "POST")
    host = explained(capsys, home, "chatgpt.com", "--app", "openai.chatgpt")
    assert host["question"]["app"] == "openai.chatgpt"
    assert explained(capsys, home, "www.example.org")["question"].get("app") is None


@pytest.mark.parametrize(
    ("words", "key", "value"),
    [
        (["--group", "research"], "group", "research"),
        (["--provider", "aws.bedrock"], "provider", "aws.bedrock"),
        (["--client", "anthropic.claude_code"], "client", "anthropic.claude_code"),
        (["--status", "under review"], "status", "under review"),
        (["--generic"], "generic", "true"),
        (["--proves", "presence"], "proves", "presence"),
        (["--feature", "chat"], "feature", "chat"),
        (["--host", "a.example"], "host", "a.example"),
        (["--device", "host:pc-1"], "device", "host:pc-1"),
        (["--direction", "prompt"], "direction", "prompt"),
        (["--region", "eu-1"], "region", "eu-1"),
        (["--door", "span"], "door", "span"),
        (["--vendor", "someone"], "vendor", "someone"),
        (["--category", "writing"], "category", "writing"),
        (["--risk", "70"], "risk", "70"),
        (["--model", "gpt-5"], "model", "gpt-5"),
        (["--account", "personal"], "account", "personal"),
        (["--tenant", "org-1"], "account.tenant", "org-1"),
        (["--key", "ci-1"], "account.key", "ci-1"),
        (["--size", "1.5 kB"], "size", "1500 bytes"),
        (["--finding", "none"], "findings", "nothing"),
        pytest.param(
            ["--finding", "payment_card:2:0.9:validated", "--finding", "github_token"],
            "findings",
            "2 payment_card (payment, 0.9, validated), 1 github_token (secret, 1)",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_each_option_is_asked(
    words: list[str], key: str, value: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "policy.yaml").write_text(CLEAN)
    assert explained(capsys, home, *words)["question"][key] == value


@pytest.mark.slow
def test_the_status_is_what_a_person_decided(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with open_recorder(open_home(str(home)), role=None) as recorder:
        recorder.review(Review(ts=time.time(), app="openai.chatgpt", status=Status.UNSANCTIONED))
    answer = explained(capsys, home, "--app", "openai.chatgpt")
    assert (answer["question"]["status"], answer["verdict"]) == ("unsanctioned", "block")
    assert explained(capsys, home, "--host", "a.example")["question"]["status"] == "unreviewed"
    overruled = explained(capsys, home, "--app", "openai.chatgpt", "--status", "sanctioned")
    assert (overruled["question"]["status"], overruled["verdict"]) == ("sanctioned", "allow")
    _, out, _ = run(capsys, "policy", "explain", "--app", "openai.chatgpt", "--home", home)
    assert "\n  reason   reviewed and not approved\n" in out


@pytest.mark.parametrize(
    ("at", "rule"),
    [("2019-12-31", "gone"), ("2019-12-31T23:59:59Z", "gone"), ("2020-01-01", "rest"), (None, "rest")],
)
def test_as_of_a_time(at: str | None, rule: str, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "policy.yaml").write_text(CLEAN)
    words = ["--at", at] if at is not None else []
    assert explained(capsys, home, "--app", "openai.chatgpt", *words)["rule"] == rule


@pytest.mark.parametrize(
    ("head", "words", "first"),
    [
        ("mode: monitor", [], "block (not enforced: mode monitor)"),
        ("mode: enforce", ["--door", "span"], "block (not enforced: door span sees and cannot refuse)"),
    ],
)
def test_what_is_not_enforced_says_why(
    head: str, words: list[str], first: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "policy.yaml").write_text(f"version: 1\n{head}\ndefault: block\n")
    _, out, _ = run(capsys, "policy", "explain", *words, "--home", home)
    assert out.splitlines()[:2] == [first, "  rule     none: the default decides"]
    assert out.endswith("\n\nThe policy has no rules.\n")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--app", "openai.chatgtp"], 'no app "openai.chatgtp"\n  Did you mean "openai.chatgpt"?'),
        (["--app", "qqq.zzz"], "'gnomon catalogue list' shows what it knows."),
        (["--group", "reserch"], 'the policy has no group "reserch"\n  Did you mean "research"?'),
        (["--at", "tomorrow"], "--at tomorrow: expected a date"),
        (["--risk", "101"], "--risk 101: a risk is 0 to 100"),
        (["--size", "large"], "--size large: expected a size: 500 kB"),
        (["--finding", "iban:many"], '--finding iban:many: "many" is no count, no confidence and not'),
        (["--finding", "iban:0"], 'Write it as payment_card, payment_card:3 or payment'),
        (["--finding", "iban:1.5"], '"1.5" is no count'),
        pytest.param(
            ["--finding", "ibam"], 'no detector finds "ibam"\n  Did you mean "iban"?', marks=pytest.mark.slow
        ),
        pytest.param(
            ["--finding", "qqqq"], "'gnomon detect list' shows what they find.", marks=pytest.mark.slow
        ),
        (["https://[::1"], '"https://[::1" is not a URL'),
        (["https:///x"], '"https:///x" names no host'),
    ],
)  # fmt: skip
def test_what_cannot_be_asked(
    words: list[str], says: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "policy.yaml").write_text(CLEAN)
    code, out, err = run(capsys, "policy", "explain", *words, "--home", home)
    assert (code, out) == (2, "")
    assert says in err


def test_a_policy_without_groups_says_so(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "policy", "explain", "--group", "x", "--home", home)
    assert code == 2
    assert err == 'gnomon: the policy has no group "x"\n  It defines none.\n'


def test_another_policy(tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "p.yaml"
    file.write_text("version: 1\nmode: enforce\ndefault: block\n")
    assert explained(capsys, home, "--policy", str(file))["verdict"] == "block"


CONTENT = """
version: 1
mode: enforce
rules:
  - id: cards
    when: {account: [personal, unknown], findings: {type: payment, count: 2, confidence: 0.8}}
    action: block
  - {id: office, action: alert, when: {time: {days: mon-fri, hours: 08:00-18:00, zone: Europe/Berlin}}}
"""


@pytest.mark.slow
def test_the_tree_says_what_was_found_and_when_it_is_certain(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policy_files, "SUPPORTS", EVERYTHING)
    (home / "policy.yaml").write_text(CONTENT)
    words = ["--app", "openai.chatgpt", "--at", "2026-11-24T07:30:00Z"]
    _, out, _ = run(capsys, "policy", "explain", *words, "--finding", "iban:2", "--home", home)
    policy = home / "policy.yaml"
    assert out.startswith("block (enforced)\n  rule     cards\n  certain  once the detectors have looked\n")
    assert (
        f"[x] cards -> block  (decided, {policy}:5:5)\n"
        "    [x] account: personal or unknown  (found: unknown)\n"
        "    [x] findings: 2 or more of payment, confidence 0.8 or more  (found: 2 iban (payment, 1))\n"
        f"[ ] office -> alert  (not reached, {policy}:8:5)\n"
        "    [x] time: mon-fri 08:00-18:00 (Europe/Berlin)  (found: Tue 2026-11-24 07:30 UTC)\n"
    ) in out
    assert explained(capsys, home, *words)["rule"] == "office"
    assert explained(capsys, home, *words, "--account", "corporate")["decided_at"] == "body"
    assert explained(capsys, home, *words[:3], "2026-11-24T06:30:00Z")["rule"] is None


def test_modifiers_are_shown(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policy_files, "SUPPORTS", EVERYTHING)
    (home / "policy.yaml").write_text(
        "version: 1\nmode: enforce\nrules: [{id: a, action: allow, with: {notice: Café, strip_tools: [x]}}]\n"
    )
    _, out, _ = run(capsys, "policy", "explain", "--home", home)
    assert '\n  with     notice: "Café"\n  with     strip_tools: ["x"]\n' in out
    assert explained(capsys, home)["with"] == {"notice": "Café", "strip_tools": ["x"]}


@pytest.mark.slow
def test_conditions_that_can_never_be_true_are_warned_of(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "policy.yaml").write_text(
        "version: 1\nmode: enforce\nrules:\n"
        "  - {id: a, action: alert, when: {region: eu-*, vendor: deepseek}}\n"
        "  - {id: b, action: block, when: {region: us-*}}\n"
        "  - {id: c, action: alert, when: {region: us-*}}\n"
    )
    code, out, _ = run(capsys, "policy", "check", "--home", home, "--json", "--strict")
    warnings = [each for each in lines(out) if each["level"] == "warning"]
    assert code == 1
    assert [(each["name"], each["line"]) for each in warnings[:2]] == [
        ("absent-field", 4),
        ("absent-field", 5),
    ]
    assert "it never matches" in warnings[0]["what"]
    assert "they are not blocked" in warnings[1]["what"]


# --- files --------------------------------------------------------------------------------------------


def test_load_policy(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    assert isinstance(load_policy(None), Policy)
    place = Home(home)
    assert load_policy(place).hash == parse_policy(DEFAULT_POLICY_TEXT).hash
    assert list(home.iterdir()) == []
    assert write_default_policy(place) == home / "policy.yaml"
    assert (home / "policy.yaml").read_text() == DEFAULT_POLICY_TEXT
    (home / "policy.yaml").write_text("version: 1\nmode: monitor\n")
    write_default_policy(place)
    assert load_policy(place).mode == "monitor"


def test_files_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(WorkError, match="cannot read .*No such file"):
        read_policy(tmp_path / "none.yaml")
    with pytest.raises(WorkError, match="Is a directory"):
        read_policy(tmp_path)
    with pytest.raises(WorkError, match="cannot write"):
        write_default_policy(Home(tmp_path / "none"))
    (tmp_path / "latin.yaml").write_bytes(b"version: 1\n# \xe4\nmode: enforce\n")
    with pytest.raises(ConfigError, match="latin.yaml:2: this is not UTF-8 text"):
        read_policy(tmp_path / "latin.yaml")
    monkeypatch.setattr(policy_files, "_MAX_BYTES", 10)
    with pytest.raises(ConfigError, match="larger than 10 bytes"):
        read_policy(tmp_path / "latin.yaml")
    (tmp_path / "dangling").mkdir()
    (tmp_path / "dangling" / "policy.yaml").symlink_to(tmp_path / "nowhere")
    with pytest.raises(WorkError, match="cannot read"):
        load_policy(Home(tmp_path / "dangling"))


@pytest.mark.slow
def test_the_words_for_findings_are_those_of_the_detectors(tmp_path: Path) -> None:
    from sensor.detect.detector import GROUPS
    from sensor.detect_files import load_detectors

    types = {detector.type for detector in load_detectors(None).detectors}
    assert set(finding_words()) == types | GROUPS
    own = tmp_path / "signatures.d" / "detectors"
    own.mkdir(parents=True)
    (own / "ours.yaml").write_text(
        "detectors:\n- {id: custom.a, name: n, type: customer_no, pattern: x}\n"
        "keywords:\n- {id: custom.projects, name: n, words: [Bluebird]}\n"
    )
    assert {"customer_no", "projects"} <= set(finding_words(Home(tmp_path)))


def test_findings_and_zones_are_checked_where_a_policy_is_read(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policy_files, "SUPPORTS", EVERYTHING)
    catalogue = load_catalogue(Home(home))
    file = tmp_path / "p.yaml"
    file.write_text("version: 1\nmode: enforce\nrules: [{id: a, action: block, when: {findings: secrets}}]\n")
    with pytest.raises(
        ConfigError, match='p.yaml:3:49: no detector finds "secrets"\n  Did you mean "secret"'
    ):
        read_policy(file, catalogue=catalogue)
    assert read_policy(file).rules[0].id == "a"


def test_zones_of_the_system() -> None:
    zone = find_zone("Europe/Berlin")
    assert zone is not None
    # Summer time ends on 2026-10-25 at 01:00 UTC.
    assert [zone.offset(1792890000.0 + ahead) for ahead in (-1.0, 0.0)] == [7200.0, 3600.0]
    assert [find_zone(name) for name in ("Middle/Earth", "../etc/passwd", "", "Europe")] == [None] * 4
