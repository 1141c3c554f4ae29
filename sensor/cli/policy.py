"""``gnomon policy``: is a policy right (``check``), and why does a decision fall so (``explain``)."""

from __future__ import annotations

import argparse
import json
import re
import time
from pathlib import Path
from urllib.parse import urlsplit

from sensor.catalogue import Catalogue
from sensor.catalogue_files import load_catalogue
from sensor.cli.common import add_home, add_json
from sensor.config import Home, find_home
from sensor.errors import ConfigError, UsageError
from sensor.inventory import GENERIC_APP
from sensor.model import Direction, Door, Found, Identification, Proves, Question, Seen, Status
from sensor.policy import ACCOUNTS, Explanation, Lint, Policy, Stage, explain, lint, parse_size, parse_until
from sensor.policy.explain import Outcome, to_json
from sensor.policy_files import DEFAULT_NAME, app_facts, finding_words, load_policy, read_policy
from sensor.store import Store
from sensor.yamldoc import did_you_mean, suggest

__all__ = ["configure", "run"]


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of ``check`` and ``explain``."""
    commands = parser.add_subparsers(dest="action", metavar="ACTION", required=True)

    check = commands.add_parser(
        "check",
        help="read a policy, and say what is wrong or most likely not meant",
        description="Read a policy, and say what is wrong (exit 2) or most likely not meant (exit 0, with "
        "--strict 1).",
        epilog="examples:\n  gnomon policy check\n  gnomon policy check policy.yaml --strict",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    check.add_argument("file", nargs="?", metavar="FILE", help="default: policy.yaml of the home")
    check.add_argument(
        "--strict", action="store_true", help="exit 1 where something is most likely not meant"
    )
    add_home(check)
    add_json(check)

    why = commands.add_parser(
        "explain",
        help="what the policy says to one use, and which rules and conditions led there",
        description="What the policy says to one use, and which rules and conditions led there.",
        epilog="examples:\n  gnomon policy explain https://chat.deepseek.com/ --user analyst\n"
        "  gnomon policy explain --app openai.chatgpt --group research --status unsanctioned\n"
        "  gnomon policy explain --app openai.chatgpt --account personal --finding payment_card:2:validated",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    why.add_argument("url", nargs="?", metavar="URL", help="a host or URL, identified by the catalogue")
    why.add_argument("--policy", metavar="FILE", help="default: policy.yaml of the home")
    why.add_argument("--app", metavar="ID", help="app id; vendor, category and provider follow from it")
    why.add_argument("--provider", metavar="ID", help="app id of the AI provider behind the app")
    why.add_argument("--client", metavar="ID", help="id of the client software")
    why.add_argument("--vendor", metavar="ID", help="who makes the app")
    why.add_argument("--category", metavar="NAME", help="the app's category")
    why.add_argument("--status", choices=[str(status) for status in Status], help="default: as reviewed")
    why.add_argument("--generic", action="store_true", help="an unknown LLM API")
    why.add_argument("--proves", choices=[str(proves) for proves in Proves], help="default: usage")
    why.add_argument("--feature", metavar="NAME", help="the app's feature that is used")
    why.add_argument("--host", metavar="NAME", help="the host that is gone to")
    why.add_argument("--user", metavar="NAME", help="the user's name; groups follow from it")
    why.add_argument("--group", metavar="NAME", action="append", default=[], help="may be given repeatedly")
    why.add_argument("--device", metavar="KEY", help="mac:…, host:… or ip:…")
    why.add_argument("--address", metavar="IP", help="the client's address, for network: conditions")
    directions = [str(direction) for direction in Direction]
    why.add_argument("--direction", choices=directions, help="which way content travels")
    why.add_argument("--method", metavar="METHOD", help="the HTTP method; with a URL, default: GET")
    why.add_argument("--region", metavar="NAME", help="the region in the host's name or path")
    why.add_argument("--risk", metavar="N", type=int, help="0 to 100; default: as the catalogue says")
    why.add_argument("--model", metavar="NAME", help="the model that is asked for")
    why.add_argument("--account", choices=ACCOUNTS, help="what kind of account is used; default: unknown")
    why.add_argument("--tenant", metavar="ID", help="the account's organisation, workspace or tenant")
    why.add_argument("--key", metavar="LABEL", help="the label of the API key, as records show it")
    why.add_argument("--size", metavar="SIZE", help="how large the body is: 500 kB, 2 MB")
    why.add_argument(
        "--finding", metavar="TYPE[:COUNT][:CONFIDENCE][:validated]", action="append",
        help="what the detectors found: iban, payment_card:2:0.9:validated; may be given repeatedly. "
        "none: they found nothing. Left out: they did not look",
    )  # fmt: skip
    why.add_argument("--door", choices=[str(door) for door in Door], default="proxy", help="default: proxy")
    why.add_argument("--at", metavar="TIME", help="as of this time (or noon of a date, UTC); default: now")
    add_home(why)
    add_json(why)


def run(args: argparse.Namespace) -> int:
    """Run ``check`` or ``explain``."""
    return _check(args) if args.action == "check" else _explain(args)


# --- check --------------------------------------------------------------------------------------------


def _check(args: argparse.Namespace) -> int:
    home = find_home(args.home)
    catalogue = load_catalogue(home)
    try:
        policy = (
            read_policy(Path(args.file), catalogue=catalogue, home=home)
            if args.file is not None
            else load_policy(home, catalogue=catalogue)
        )
    except ConfigError as error:
        if not args.json:
            raise
        print(
            json.dumps(
                {"level": "error", "name": "error", **_place(error), "what": error.what, "hint": error.hint}
            )
        )
        return error.exit_code
    found = lint(policy, ts=time.time(), apps=app_facts(catalogue))
    path = policy.where.path if policy.where is not None else DEFAULT_NAME
    if args.json:
        for each in found:
            print(
                json.dumps(
                    {
                        "level": "warning",
                        "name": each.name,
                        **_place(each),
                        "what": each.what,
                        "hint": each.hint,
                    }
                )
            )
        print(
            json.dumps(
                {
                    "level": "summary",
                    "path": path,
                    "mode": policy.mode,
                    "rules": len(policy.rules),
                    "warnings": len(found),
                    "hash": policy.hash,
                }
            )
        )
    else:
        for each in found:
            print(each)
        rules = f"{len(policy.rules)} rule{'' if len(policy.rules) == 1 else 's'}"
        warnings = (
            f"{len(found)} warning{'' if len(found) == 1 else 's'}" if found else "nothing to say against it"
        )
        print(f"{path}: {rules}, mode {policy.mode}, {warnings}")
    return 1 if found and args.strict else 0


def _place(said: Lint | ConfigError) -> dict[str, object]:
    where = said.where
    return {
        "path": where.path if where is not None else None,
        "line": where.line if where is not None else None,
        "column": where.column if where is not None else None,
    }


# --- explain ------------------------------------------------------------------------------------------


def _explain(args: argparse.Namespace) -> int:
    home = find_home(args.home)
    catalogue = load_catalogue(home)
    policy = (
        read_policy(Path(args.policy), catalogue=catalogue, home=home)
        if args.policy is not None
        else load_policy(home, catalogue=catalogue)
    )
    explanation = explain(policy, _question(args, home, policy, catalogue))
    if args.json:
        print(json.dumps(to_json(explanation)))
    else:
        print(_render(explanation))
    return 0


def _question(args: argparse.Namespace, home: Home, policy: Policy, catalogue: Catalogue) -> Question:
    """The question that the options describe; what they leave out is taken from the catalogue."""
    seen = _seen(args)
    known = catalogue.identify(seen) if seen is not None else Identification()
    app = args.app or known.app
    if args.risk is not None and not 0 <= args.risk <= 100:
        raise UsageError(f"--risk {args.risk}: a risk is 0 to 100")
    if args.app is not None:
        if args.app not in catalogue.apps:
            near = suggest(args.app, catalogue.apps)
            raise UsageError(
                f'the catalogue knows no app "{args.app}"',
                hint=f'Did you mean "{near}"?' if near else "'gnomon catalogue list' shows what it knows.",
            )
        facts = catalogue.apps[args.app]
        if args.app != known.app:
            known = Identification(vendor=facts.vendor, category=facts.category, provider=facts.provider)
    names = [group.name for group in policy.groups]
    for name in args.group:
        if name not in names:
            raise UsageError(
                f'the policy has no group "{name}"',
                hint=did_you_mean(name, names, "groups") if names else "It defines none.",
            )
    host = args.host or (seen.host if seen is not None else None)
    proves = args.proves or known.proves or (Proves.USAGE if seen is None else None)
    return Question(
        app=app,
        provider=args.provider or known.provider,
        client=args.client or known.client,
        vendor=args.vendor or known.vendor,
        category=args.category or known.category,
        status=Status(args.status) if args.status else _reviewed(home, app or _unknown(known, host)),
        generic=args.generic or known.generic,
        proves=Proves(proves) if proves else None,
        feature=args.feature or known.feature,
        host=host,
        user=args.user,
        groups=policy.groups_of(args.user, args.address, args.device) | frozenset(args.group),
        device=args.device,
        address=args.address,
        direction=Direction(args.direction) if args.direction else None,
        method=args.method,
        region=args.region or known.region,
        risk=args.risk if args.risk is not None else getattr(catalogue.apps.get(app or ""), "risk", None),
        model=args.model or known.model,
        account=args.account,
        tenant=args.tenant or known.tenant,
        key_class=args.key,
        size=_size(args.size),
        findings=_findings(args.finding, home),
        door=Door(args.door),
        ts=_time(args.at),
    )


def _unknown(known: Identification, host: str | None) -> str | None:
    """What reviews call an LLM API that the catalogue does not know."""
    return f"{GENERIC_APP}/{host}" if known.generic and host is not None else None


def _reviewed(home: Home, app: str | None) -> Status:
    """The status that the home's reviews give an app."""
    if app is None or not home.database.is_file():
        return Status.UNREVIEWED
    with Store(home.database) as store:
        return store.statuses().get(app, Status.UNREVIEWED)


def _seen(args: argparse.Namespace) -> Seen | None:
    """What the URL says about the destination; ``None`` where none was given."""
    if args.url is None:
        return None
    if "://" not in args.url:
        return Seen(host=args.url, visibility="sni")
    try:
        parts = urlsplit(args.url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise UsageError(f'"{args.url}" is not a URL: {error}') from None
    if host is None:
        raise UsageError(f'"{args.url}" names no host')
    return Seen(
        host=host,
        port=port,
        scheme=parts.scheme,
        path=parts.path or "/",
        method=args.method or "GET",
        visibility="http",
    )


def _size(text: str | None) -> int | None:
    try:
        return None if text is None else parse_size(text)
    except ValueError as error:
        raise UsageError(f"--size {text}: {error}") from None


def _findings(texts: list[str] | None, home: Home) -> tuple[Found, ...] | None:
    """What ``--finding`` says: a type, and behind it in any order a count, a confidence, ``validated``."""
    if texts is None:
        return None
    found = []
    groups: dict[str, str] | None = None
    for text in texts:
        if text == "none":
            continue
        type, *words = text.split(":")
        count, score, validated = 1, 1.0, False
        for word in words:
            if word == "validated":
                validated = True
            elif word.isascii() and word.isdigit() and 0 < int(word[:9]):
                count = int(word[:9])
            elif re.fullmatch(r"[01]?\.[0-9]{1,6}", word, re.ASCII) and float(word) <= 1:
                score = float(word)
            else:
                raise UsageError(
                    f'--finding {text}: "{word}" is no count, no confidence and not "validated"',
                    hint="Write it as payment_card, payment_card:3 or payment_card:3:0.9:validated.",
                )
        if groups is None:
            groups = _groups_of_types(home)  # takes most of a second
        if type not in groups:
            raise UsageError(
                f'--finding {text}: no detector finds "{type}"',
                hint=did_you_mean(type, groups) or "'gnomon detect list' shows what they find.",
            )
        found.append(Found(type=type, group=groups[type], score=score, validated=validated, count=count))
    return tuple(found)


def _groups_of_types(home: Home) -> dict[str, str]:
    """The group of each type of findings; what a home's own files add is of the group ``custom``."""
    from sensor.detect_files import load_detectors

    groups = {word: "custom" for word in finding_words(home)}
    groups |= {detector.type: detector.group for detector in load_detectors(None).detectors}
    return groups


def _time(text: str | None) -> float:
    if text is None:
        return time.time()
    try:
        # ``until`` reads a date as the end of that day.
        return parse_until(text) - (43200 if len(text) == 10 else 0)
    except ValueError as error:
        raise UsageError(f"--at {text}: {error}") from None


_CERTAIN = {
    Stage.HEAD: "with the head: the body need not be waited for",
    Stage.BODY: "once the body is read",
    Stage.FINDINGS: "once the detectors have looked",
}
_MARKS = {True: "[x]", False: "[ ]"}


def _render(explanation: Explanation) -> str:
    """The tree of what matched and what did not, as text."""
    decision = explanation.decision
    door = explanation.question.door
    if explanation.enforced:
        weight = "enforced"
    elif door is not Door.PROXY:
        weight = f"not enforced: door {door} sees and cannot refuse"
    else:
        weight = f"not enforced: mode {explanation.mode}"
    lines = [f"{decision.verdict} ({weight})"]
    lines.append(f"  rule     {decision.rule or 'none: the default decides'}")
    if decision.rule is not None and decision.reason is not None:
        lines.append(f"  reason   {decision.reason}")
    if decision.message is not None:
        lines.append(f"  message  {decision.message}")
    for name, value in decision.with_.items():
        lines.append(f"  with     {name}: {json.dumps(value, ensure_ascii=False)}")
    lines.append(f"  certain  {_CERTAIN[explanation.decided_at]}")
    asked = ", ".join(f"{key} {value}" for key, value in to_json(explanation)["question"].items())
    lines.append(f"  asked    {asked}")
    lines.append("")
    if not explanation.rules:
        lines.append("The policy has no rules.")
    for rule in explanation.rules:
        mark = _MARKS[rule.outcome is Outcome.DECIDED]
        lines.append(f"{mark} {rule.id} -> {rule.action}  ({rule.outcome}, {rule.where})")
        if not rule.conditions:
            lines.append("      matches everything")
        for condition in rule.conditions:
            mark = _MARKS[condition.matched]
            found = condition.found if condition.found is not None else "not known"
            lines.append(f"    {mark} {condition.key}: {' or '.join(condition.wanted)}  (found: {found})")
        if rule.until is not None:
            lines.append(f"    {_MARKS[rule.outcome is not Outcome.EXPIRED]} until: {rule.until}")
    return "\n".join(lines)
