"""
Credentials in HTTP headers, cookies and URLs, and the secret half of AWS keys.

Only the credential is the finding: not the scheme, the cookie's name, the user or the host.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from sensor.detect.finding import Candidate, Document, Hit
from sensor.detect.lazily import lazily
from sensor.detect.scanners.secrets.spans import run_start, whole
from sensor.detect.validators.secrets import (
    basic_credentials,
    entropy,
    is_placeholder,
    is_random,
    is_sequence,
    jwt_header,
    word_share,
)

__all__ = ["scan_aws_secrets", "scan_headers", "scan_url_passwords"]

_AUTH = lazily(
    rb"(?i)(?:authorization[\"'\]]{0,2}\s{0,3}[:=,]\s{0,3}[bfu]?[\"'`]?|[\"'`](?=basic |bearer )|\b(?=bearer "
    rb"))"
    rb"(?P<scheme>basic|bearer|token|apikey|api-key|key|ssws|negotiate|ntlm|oauth|deepl-auth-key|bot|digest"
    rb"|client-id)?"
    rb"\s{0,2}(?:token=\"?)?(?P<value>[A-Za-z0-9+/_.=~:-]{6,4000})"
)
_COOKIES = lazily(rb"([A-Za-z0-9_.-]{1,80})=([^;,\s\"'<>{}]{8,4000})")
_SESSION_NAME = lazily(
    rb"(?i)sess|\bsid\b|auth|token|jwt|remember|logged_in|\.sid|aspxauth|cf_clearance|identity|login|li_at"
    rb"|sso|"
    rb"__secure|__host|xsrf|csrf|xoxd|\bd\b"
)


def scan_headers(document: Document, hits: Sequence[Hit]) -> Iterable[Candidate]:
    """
    ``Authorization`` (tag ``auth``), a header of cookies (``cookies``), one cookie by its name (``cookie``).
    """
    data = document.data
    found: dict[int, Candidate] = {}
    read_to = 0
    credential_end = 0
    for tag, end in hits:
        made: list[Candidate] = []
        if tag == "auth":
            # ``Authorization: Bearer`` is told twice.
            if end <= credential_end:
                continue
            made = _authorization(data, end)
            credential_end = made[-1].end if made else 0
        elif tag == "cookie":
            made = _one_cookie(data, end)
        elif end > read_to:
            read_to, made = _cookie_header(data, end)
        for candidate in made:
            found.setdefault(candidate.start, candidate)
    return [whole(data, candidate) for candidate in found.values()]


def _authorization(data: bytes, end: int) -> list[Candidate]:
    for match in _AUTH.finditer(data, max(0, end - 72), end + 4000):
        if match.end("value") < end:
            continue
        scheme = (match["scheme"] or b"").lower()
        value = match["value"].rstrip(b".:~").decode("ascii")
        start = match.start("value")
        if start >= end + 8 or not _is_credential(scheme, value):
            return []
        reason = "credentials of a scheme that HTTP knows" if scheme else "stands in an Authorization header"
        score = 0.92 if scheme else 0.85
        return [Candidate(start, start + len(value), "secret.authorization_header", score, False, (reason,))]
    return []


def _is_credential(scheme: bytes, value: str) -> bool:
    if is_placeholder(value):
        return False
    if scheme == b"basic":
        return basic_credentials(value) is not False
    if value.startswith("eyJ") and jwt_header(value.partition(".")[0]):
        return True
    if len(value) < 8 or word_share(value) > 0.6 or is_sequence(value):
        return False
    return (any(map(str.isdigit, value)) or is_random(value)) and entropy(value) >= (
        2.5 if len(value) < 20 else 3.0
    )


def _cookie_header(data: bytes, end: int) -> tuple[int, list[Candidate]]:
    """The session cookies of a header, and how far it was read."""
    line = data.find(b"\n", end, end + 4000)
    high = min(len(data), end + 4000) if line < 0 else line
    low = max(0, end - 41, data.rfind(b":", max(0, end - 41), end))
    cookies = _COOKIES.finditer(data, low, high)
    return high, [
        _cookie(match) for match in cookies if _SESSION_NAME.search(match[1]) and _is_session(match[2])
    ]


def _one_cookie(data: bytes, end: int) -> list[Candidate]:
    """A cookie whose name and first twelve characters the gate saw."""
    equals = end - 13
    match = _COOKIES.match(data, run_start(data, equals, _NAME, 80), equals + 4000)
    return [_cookie(match)] if match is not None and _is_session(match[2]) else []


_NAME = bytes(byte for byte in range(128) if chr(byte).isalnum()) + b"_.-"


def _is_session(raw: bytes) -> bool:
    value = raw.decode("utf-8", "replace")
    return is_random(value) and not is_placeholder(value)


def _cookie(match: re.Match[bytes]) -> Candidate:
    return Candidate(
        match.start(2), match.end(2), "secret.session_cookie", 0.85, False, ("the value of a session cookie",)
    )


# --- URLs -----------------------------------------------------------------------------------------------

_USERINFO = lazily(rb"://([^\s/:@\"'<>{}$()]{0,64}):([^\s/@\"'<>]{1,128})@([A-Za-z0-9_.\[%$-]{1,120})")
_USERINFO_WIDE = lazily(rb"://([^\s/:@\"'<>{}$()]{0,64}):([^\s/\"'<>]{1,128})@([A-Za-z0-9_.\[%$-]{1,120})")
_DSN = lazily(rb"[\w.-]{1,64}:([^\s/:@\"'<>]{3,64})@(?:tcp|unix)\(")
_DATABASES = lazily(
    rb"(?i)(?:postgres(?:ql)?|mysql|mariadb|mongodb|rediss?|amqps?|mssql|sqlserver|oracle|clickhouse"
    rb"|cockroachdb|"
    rb"couchdb|neo4j|bolt|cassandra|influxdb|snowflake|redshift|ldaps?|smtps?|imaps?|ftps?|sftp|ssh|mqtts?"
    rb"|nats)"
    rb"[a-z+0-9]{0,16}\Z"
)
_DEFAULTS = frozenset(
    {"guest", "user", "username", "pass", "password", "passwd", "pwd", "pw", "secret", "root", "admin",
    "test", "postgres",
     "mysql", "foo", "bar", "baz", "p", "pass1", "x", "xxx", "me", "name", "default", "tiger", "joe",
     "token", "port"}
)  # fmt: skip


def scan_url_passwords(document: Document, hits: Sequence[Hit]) -> Iterable[Candidate]:
    """The password of a URL or data source name, without user and host."""
    data = document.data
    found: dict[int, Candidate] = {}
    for _, end in hits:
        candidate = _url_password(data, end)
        if candidate is not None:
            found[candidate.start] = candidate
    return [whole(data, candidate) for candidate in found.values()]


def _url_password(data: bytes, end: int) -> Candidate | None:
    if data[end - 1 : end] == b"(":
        match = _DSN.search(data, max(0, end - 140), end)
        is_one = match is not None and _is_password(match[1], b"", True)
        return _password_of(match.span(1), True) if match is not None and is_one else None
    # What the gate saw holds ``://`` and at most 200 bytes.
    scheme_end = data.rfind(b"://", max(0, end - 200), end)
    match = _USERINFO_WIDE.match(data, scheme_end, end + 121)
    if match is not None and b"@" in match[2]:
        # A password may hold an @ that should have been escaped; a host may not.
        plain = _USERINFO.match(data, scheme_end, end + 121)
        match = plain if plain is not None and b"." in plain[3] else match
    if match is None:
        return None
    database = _DATABASES.search(data, max(0, scheme_end - 24), scheme_end) is not None
    if not _is_password(match[2], match[1], database):
        return None
    return _password_of(match.span(2), database)


def _is_password(raw: bytes, user: bytes, database: bool) -> bool:
    value = raw.decode("utf-8", "replace")
    lower = value.lower()
    if (
        raw.count(b":")
        and not database
        or lower in _DEFAULTS
        or raw == user
        or is_placeholder(value)
        or lower.isdigit()
        and len(lower) < 6
    ):
        return False
    if (
        value.startswith(("$", "%", "{", "<", "[", ":"))
        or value.endswith(("}", ">", ")"))
        or "," in value[:1]
    ):
        return False
    if value.isalpha() and word_share(value) > 0.8:
        return (
            database
            and len(value) >= 8
            and user.lower() not in (b"user", b"username", b"foo", b"test", b"me", b"joe")
        )
    return len(value) >= 4 and len(set(value)) > 2


def _password_of(span: tuple[int, int], database: bool) -> Candidate:
    reason = "the password of a data source" if database else "the password of a URL"
    return Candidate(*span, "secret.url_password", 0.92 if database else 0.85, False, (reason,))


# --- AWS ------------------------------------------------------------------------------------------------

_FORTY = lazily(rb"(?:^|[^A-Za-z0-9/+=])=?(?P<value>[A-Za-z0-9/+]{40})(?=[^A-Za-z0-9/+=]|=?$|=[^A-Za-z0-9=])")
_HEX = lazily(r"[0-9a-f]{40}\Z|[0-9A-F]{40}\Z")


def scan_aws_secrets(document: Document, hits: Sequence[Hit]) -> Iterable[Candidate]:
    """
    Forty characters of base64 behind a name that says AWS secret (tag ``aws``), or beside a key id
    (``pair``).

    Source: the length as in every key that AWS documents; no checksum is known.
    """
    data = document.data
    found: dict[int, Candidate] = {}
    for tag, end in hits:
        low, high = (max(0, end - 44), end + 8) if tag == "aws" else (max(0, end - 180), end + 240)
        for match in _FORTY.finditer(data, max(0, low - 2), min(high, len(data))):
            value = match["value"].decode("ascii")
            if _HEX.match(value) or "EXAMPLE" in value or not is_random(value):
                continue
            if tag == "pair" and value.lower() == value:
                continue
            reason = "behind the name of an AWS secret" if tag == "aws" else "beside an AWS key id"
            start, stop = match.span("value")
            found.setdefault(start, Candidate(start, stop, "secret.aws_secret_key", 0.93, False, (reason,)))
    return [whole(data, candidate) for candidate in found.values()]
