"""
What is wrong, or unwise, in signature files: every rule has a name and a recommendation (``RULES``).

An *error* keeps ``gnomon catalogue lint`` from passing; a *warning* is for a person to weigh. A file that
does not load is an error under the rule that its ``SignatureError`` names; one such is told for each file,
and cases are then tried with the files that load.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from sensor.catalogue.index import Catalogue
from sensor.catalogue.loading import Files, content_hash
from sensor.catalogue.reading import GENERIC_ID, AppFile, Fixture, SignatureError, Source, day_number
from sensor.catalogue.records import App, Evidence
from sensor.catalogue.values import ValueProblem, read_value
from sensor.errors import ConfigError, Location
from sensor.model import Identification, Proves
from sensor.observe import safe_headers

__all__ = ["DANGEROUS", "RULES", "STALE_DAYS", "Problem", "lint"]

STALE_DAYS = 180
"""Evidence that nobody has looked at for longer is told of."""

RULES: dict[str, str] = {
    "schema": "Write the file as signatures/README.md says.",
    "file-name": "Name the file after its id: apps/<vendor>/<app>.yaml.",
    "duplicate-id": "Give each app, vendor, client, shared host and piece of evidence an id of its own.",
    "unknown-vendor": "Add the vendor to a vendors file, with what is known of it.",
    "unknown-category": "Take one of the categories in signatures/README.md.",
    "unknown-app": "Name an app that has a signature file.",
    "falsepositives": "Name what looks alike and is not this app.",
    "extension-id": "Copy the id from the browser's store: 32 letters from a to p.",
    "host-form": "Write hosts in lower-case ASCII, without port, wildcard or dots around.",
    "host-regex": "Anchor host expressions at both ends and end them in a literal domain.",
    "unsafe-regex": "Rewrite it so that it has one way to match: [^/]+ rather than .*, nothing nested.",
    "path-anywhere": "Bind the path to hosts, or to methods and content types.",
    "missing-fixtures": "Add a case that must match and a look-alike that must not.",
    "failing-fixture": "Mend the evidence or the case: what is written down must be so.",
    "dangerous-suffix": "Name the full host, or the path: this suffix belongs to far more than one app.",
    "shared-host": "Drop the host, give it weight 0, or name a path on it: many services use it.",
    "duplicate-host": "Let one app own the host, or tell the apps apart by path or header.",
    "shadowed-evidence": "Drop it: broader evidence of the same app says the same already.",
    "stale": "Check the evidence against its source again and renew 'verified', or retire it.",
    "future-day": "Correct the day: nothing was checked on a day to come.",
    "unverified": "Say on which day the evidence was checked against its source.",
    "unsourced": "Say where the evidence was seen.",
    "overweight": "Lower the weight: presence holds to 70 at most, telemetry to 30.",
    "cut-value": "Ask that the header is there ('name:'): values of credentials are cut off before matching.",
    "role-proof": "Sign-in, static, telemetry and update hosts do not prove use.",
    "host-is-not-use": "Let a user-interface host prove presence, and a path or header use.",
    "unused-vendor": "Drop the vendor, or add its app.",
}
"""Name to recommendation."""

_WARNINGS = frozenset(
    {"unverified", "unsourced", "unused-vendor", "shadowed-evidence", "host-is-not-use", "stale"}
)

DANGEROUS: frozenset[str] = frozenset(
    """
    google.com googleapis.com gstatic.com googleusercontent.com youtube.com withgoogle.com goog
    clients6.google.com appspot.com run.app web.app firebaseapp.com firebaseio.com cloudfunctions.net
    microsoft.com office.com office365.com office.net live.com microsoftonline.com windows.net windows.com
    azure.com azure.net azurewebsites.net azureedge.net azurefd.net azurecontainer.io cloudapp.net
    cloudapp.azure.com trafficmanager.net sharepoint.com msn.com bing.com skype.com cloud.microsoft
    visualstudio.com powerbi.com dynamics.com microsoft
    amazon.com amazonaws.com amazonaws.com.cn aws.dev api.aws on.aws cloudfront.net awsapps.com awsstatic.com
    elasticbeanstalk.com execute-api.amazonaws.com
    github.com github.io githubusercontent.com gitlab.com gitlab.io bitbucket.org
    facebook.com meta.com instagram.com whatsapp.com whatsapp.net fbcdn.net x.com twitter.com twimg.com
    apple.com icloud.com mzstatic.com adobe.com adobe.io adobelogin.com
    cloudflare.com cloudflare.net workers.dev pages.dev fastly.net akamai.net akamaized.net edgekey.net
    edgesuite.net b-cdn.net vercel.app vercel.com netlify.app netlify.com herokuapp.com onrender.com fly.dev
    railway.app ngrok.io ngrok.app ngrok-free.app trycloudflare.com loca.lt replit.app repl.co lovable.app
    bolt.host hf.space streamlit.app gradio.live
    salesforce.com force.com my.salesforce.com atlassian.net atlassian.com slack.com zoom.us notion.so
    notion.com notion.site box.com dropbox.com oracle.com oraclecloud.com sap.com sap-hana.ondemand.com
    ondemand.com ibm.com cloud.ibm.com snowflakecomputing.com databricks.com azuredatabricks.net
    servicenow.com service-now.com hubspot.com zendesk.com intercom.io shopify.com myshopify.com canva.com
    figma.com wordpress.com wp.com linkedin.com discord.com discordapp.com reddit.com yahoo.com
    duckduckgo.com brave.com opera.com mozilla.org samsung.com
    aliyun.com aliyuncs.com alibaba.com alicdn.com tencent.com qq.com myqcloud.com tencentcloudapi.com
    baidu.com baidubce.com bcebos.com volces.com bytedance.com byteoversea.com huawei.com myhuaweicloud.com
    yandex.ru yandex.net yandex.com yandexcloud.net mail.ru sber.ru naver.com kakao.com
    digitalocean.com ondigitalocean.app digitaloceanspaces.com linode.com ovh.net ovh.com scaleway.com
    livekit.cloud auth0.com okta.com clerk.com sentry.io segment.io stripe.com
    """.split()
)
"""Apexes under which far more lives than one app: never a suffix of weight."""

# Endings under which anyone may register (a few of the Public Suffix List's that are two labels long).
_REGISTRY_LABELS = frozenset({"co", "com", "net", "org", "gov", "edu", "ac", "or", "ne", "go"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong, where, and what to do."""

    rule: str
    what: str
    location: Location
    hint: str | None = None
    """More than the rule's recommendation, where there is more to say."""

    @property
    def is_error(self) -> bool:
        return self.rule not in _WARNINGS

    @property
    def recommendation(self) -> str:
        return self.hint or RULES[self.rule]

    def __str__(self) -> str:
        level = "error" if self.is_error else "warning"
        return f"{self.location}: {level}: {self.what} [{self.rule}]\n  {self.recommendation}"


def lint(sources: Iterable[Source], *, today: str, base: Iterable[Source] = ()) -> list[Problem]:
    """
    Everything wrong in ``sources``, by place.

    ``base`` are files that ``sources`` build on (the packaged catalogue under a user's own): they are loaded,
    not linted, and what has the same id is replaced. ``today`` is the day, ``YYYY-MM-DD``.
    """
    problems: list[Problem] = []
    ground, own = Files(), Files()
    base, sources = list(base), list(sources)
    for files, group in ((ground, base), (own, sources)):
        for source in sorted(group, key=lambda source: source.name):
            try:
                files.read(source)
            except ConfigError as error:
                problems.append(_problem_of(error, source))
    linted = [*own.apps.values(), *([own.generic] if own.generic is not None else [])]
    whole = Files()
    whole.override(ground)
    whole.override(own)
    ours = {source.path for source in sources}
    problems.extend(
        _problem_of(error, None) for error in whole.check() if error.where is None or error.where.path in ours
    )
    loose = {problem.location.path for problem in problems if problem.rule == "unknown-app"}
    whole.clients = {
        key: one for key, one in whole.clients.items() if one[0].app is None or one[0].app in whole.apps
    }
    catalogue = whole.catalogue(content_hash(base, sources))
    for file in linted:
        for check in _CHECKS:
            problems.extend(check(file, catalogue))
        problems.extend(_stale(file, today))
        if file.app.path not in loose:
            problems.extend(_fixtures(file, catalogue))
    problems.extend(_duplicate_hosts(whole, {file.app.id for file in linted}))
    used = {app.vendor for app in catalogue.apps.values()}
    for vendor, where in own.vendors.values():
        if vendor.id not in used:
            problems.append(Problem(rule="unused-vendor", what=f'no app of "{vendor.id}"', location=where))
    return sorted(
        problems, key=lambda one: (one.location.path, one.location.line or 0, one.location.column or 0)
    )


def _problem_of(error: ConfigError, source: Source | None) -> Problem:
    rule = error.rule if isinstance(error, SignatureError) else "schema"
    where = error.where or Location(source.path if source is not None else "")
    return Problem(rule=rule, what=error.what, location=where, hint=error.hint)


def _at(file: AppFile, evidence: Evidence, rule: str, what: str, hint: str | None = None) -> Problem:
    return Problem(
        rule=rule, what=f"{evidence.id}: {what}", location=file.location("evidence", evidence.id), hint=hint
    )


# --- one file -----------------------------------------------------------------------------------------


def _missing_fixtures(file: AppFile, catalogue: Catalogue) -> Iterator[Problem]:
    for kind, cases in (("match", file.match), ("nomatch", file.nomatch)):
        if not cases:
            where = file.location("fixtures")
            yield Problem(rule="missing-fixtures", what=f"no fixture under {kind}", location=where)


def _fixtures(file: AppFile, catalogue: Catalogue) -> Iterator[Problem]:
    for fixture in file.match:
        yield from _tried(file, fixture, catalogue, wanted=True)
    for fixture in file.nomatch:
        yield from _tried(file, fixture, catalogue, wanted=False)


def _tried(file: AppFile, fixture: Fixture, catalogue: Catalogue, *, wanted: bool) -> Iterator[Problem]:
    try:
        seen = read_value(fixture.value)
    except ValueProblem as error:
        yield Problem(rule="failing-fixture", what=f"{fixture.value}: {error}", location=fixture.location)
        return
    answer = catalogue.identify(seen)
    problem = None
    if _is_it(file.app, answer) != wanted:
        found = answer.app or ("an unknown LLM API" if answer.generic else "nothing")
        problem = f"gives {found}" + ("" if wanted else ", which it must not")
    else:
        for key, value in fixture.expect.items():
            if str(getattr(answer, key) or "") != value:
                problem = f"{key} is {getattr(answer, key)}, not {value}"
    if problem is not None:
        yield Problem(rule="failing-fixture", what=f"{fixture.value}: {problem}", location=fixture.location)


def _is_it(app: App, answer: Identification) -> bool:
    return answer.generic if app.id == GENERIC_ID else answer.app == app.id


def _dangerous(file: AppFile, catalogue: Catalogue) -> Iterator[Problem]:
    for one in file.app.evidence:
        if one.type == "host_suffix" and one.weight and _is_dangerous(one.value):
            yield _at(file, one, "dangerous-suffix", f"the suffix {one.value} names far more than this app")
        if one.type == "host_regex":
            for key in one.keys:
                if _is_registry(key):
                    yield _at(file, one, "dangerous-suffix", f"anyone may register under {key}")


def _is_dangerous(suffix: str) -> bool:
    return suffix in DANGEROUS or _is_registry(suffix)


def _is_registry(suffix: str) -> bool:
    labels = suffix.split(".")
    return len(labels) == 2 and labels[0] in _REGISTRY_LABELS and len(labels[1]) == 2


def _shared_host(file: AppFile, catalogue: Catalogue) -> Iterator[Problem]:
    for one in file.app.evidence:
        if one.type in ("host_exact", "host_suffix") and one.weight:
            if one.value in catalogue.shared:
                yield _at(file, one, "shared-host", f"{one.value} is shared infrastructure")


def _shadowed(file: AppFile, catalogue: Catalogue) -> Iterator[Problem]:
    """Evidence that says what other evidence of the app says anyway."""
    everything = file.app.evidence
    for position, one in enumerate(everything):
        for other in everything[:position]:
            if _condition(one) == _condition(other):
                yield _at(file, one, "shadowed-evidence", f"the same as {other.id}")
        for other in everything:
            if (
                other is not one
                and other.type == "host_suffix"
                and one.type in ("host_exact", "host_suffix")
                and one.value.endswith("." + other.value)
                and _effect(one) == _effect(other)
                and not any(
                    third.type == "host_suffix"
                    and _effect(third) != _effect(one)
                    and ("." + one.value).endswith("." + third.value)
                    and len(third.value) > len(other.value)
                    for third in everything
                )
            ):
                yield _at(file, one, "shadowed-evidence", f"{other.id} ({other.value}) says the same")


def _condition(one: Evidence) -> tuple[object, ...]:
    """What must hold."""
    return (
        one.type, one.value, one.hosts, one.anywhere, one.methods, one.content_types, one.requires,
        one.visibility,
    )  # fmt: skip


def _effect(one: Evidence) -> tuple[object, ...]:
    """What follows when it holds."""
    return (one.proves, one.weight, one.role, one.feature, one.inspect, one.visibility)


def _weights(file: AppFile, catalogue: Catalogue) -> Iterator[Problem]:
    limits = {Proves.PRESENCE: 70, Proves.TELEMETRY: 30}
    for one in file.app.evidence:
        limit = limits.get(one.proves, 100)
        if one.weight > limit:
            yield _at(file, one, "overweight", f"weight {one.weight} for {one.proves}, at most {limit}")
        if one.proves is Proves.USAGE and one.is_host:
            if one.role in ("auth", "static", "telemetry", "update"):
                yield _at(file, one, "role-proof", f"a host of role {one.role} proves usage")
            elif one.role == "ui":
                yield _at(file, one, "host-is-not-use", "a user-interface host proves usage")


def _cut_values(file: AppFile, catalogue: Catalogue) -> Iterator[Problem]:
    """Expressions on headers of which the doors keep no value."""
    for one in file.app.evidence:
        if one.header is not None and one.pattern is not None and one.header != "authorization":
            ((_, value),) = safe_headers(((one.header, "word"),))
            if not value:
                yield _at(file, one, "cut-value", f"values of {one.header} are not kept")


def _provenance(file: AppFile, catalogue: Catalogue) -> Iterator[Problem]:
    for one in file.app.evidence:
        if one.source is None:
            yield _at(file, one, "unsourced", "no source")
        if one.verified is None:
            yield _at(file, one, "unverified", "not verified")


def _stale(file: AppFile, today: str) -> Iterator[Problem]:
    now = day_number(today)
    if now is None:
        raise ValueError(f"{today} is no day")
    for one in file.app.evidence:
        if one.verified is not None:
            age = now - (day_number(one.verified) or 0)
            if age > STALE_DAYS:
                yield _at(file, one, "stale", f"verified {age} days ago")
            elif age < 0:
                yield _at(file, one, "future-day", f"verified on {one.verified}")


_CHECKS: tuple[Callable[[AppFile, Catalogue], Iterator[Problem]], ...] = (
    _missing_fixtures,
    _dangerous,
    _shared_host,
    _shadowed,
    _weights,
    _cut_values,
    _provenance,
)


# --- across files -------------------------------------------------------------------------------------


def _duplicate_hosts(files: Files, linted: set[str]) -> Iterator[Problem]:
    """Hosts of weight that two apps claim, where neither says more than the host."""
    owners: dict[tuple[str, str], tuple[AppFile, Evidence]] = {}
    for app_id in sorted(files.apps):
        file = files.apps[app_id]
        for one in file.app.evidence:
            if one.type not in ("host_exact", "host_suffix") or not one.weight:
                continue
            first = owners.setdefault((one.type, one.value), (file, one))
            other = first[0].app
            if (
                other.id != app_id
                and {other.id, app_id} & linted
                and not _tells_apart(file.app, one.value)
                and not _tells_apart(other, one.value)
            ):
                yield _at(file, one, "duplicate-host", f"{other.id} claims {one.value} as well")


def _tells_apart(app: App, host: str) -> bool:
    """Whether the app has evidence on this host beyond the host itself."""
    ids = {one.id for one in app.evidence if one.is_host and one.value == host}
    for one in app.evidence:
        if one.type in ("url_path", "http_header", "user_agent") and (
            one.requires in ids or any(host == name or host.endswith("." + name) for name in one.hosts)
        ):
            return True
    return False
