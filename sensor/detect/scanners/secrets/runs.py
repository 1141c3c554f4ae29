"""
Tokens longer than a pattern may repeat: JSON web tokens, session tokens of clouds, refresh tokens.

The gate knows how they begin; here the run of their characters is followed to its end, ``MAX_TOKEN`` bytes
far at most.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from sensor.detect.finding import Candidate, Document, Hit
from sensor.detect.lazily import lazily
from sensor.detect.scanners.secrets.spans import run_start
from sensor.detect.validators.secrets import entropy, jwt_header

__all__ = ["MAX_TOKEN", "scan_long_tokens"]

MAX_TOKEN = 8192
"""Bytes of one token."""
_LOOK_BACK = 1540

_STARTS: tuple[tuple[re.Pattern[bytes], str, float, str], ...] = (
    (re.compile(rb"(?:FwoGZXIvYXdz|IQoJb3JpZ2luX2Vj|FQoGZXIvYXdz|FQoDYXdz)[A-Za-z0-9+/]{40,8150}={0,2}"),
     "secret.aws_session_token", 0.95, "begins as an AWS session token does"),
    (re.compile(rb"(?:ABSK|bedrock-api-key-)[A-Za-z0-9+/=]{40,8150}"),
     "secret.aws_bedrock_key", 0.97, "begins as an Amazon Bedrock key does"),
    (re.compile(rb"ya29\.[A-Za-z0-9_-]{30,4000}"),
     "secret.google_oauth_token", 0.95, "begins as a Google OAuth token does"),
    (re.compile(
        rb"\b[01]\.A[A-Za-z][A-Za-z0-9_.-]{60,8000}"
        rb"|\bM\.[CR][0-9]{1,3}_[A-Z0-9]{3}\.[A-Za-z0-9!*_.$-]{40,4000}"
                rb"|\bEwB[A-Za-z0-9]{4}8[A-Za-z0-9+/]{80,4000}={0,2}"),
     "secret.microsoft_refresh_token", 0.93, "begins as a Microsoft token does"),
)  # fmt: skip

_JWT = lazily(
    rb"eyJ[A-Za-z0-9_-]{10,2000}(?:\.[A-Za-z0-9_/+-]{0,8000}){2,4}={0,2}",
)
_JWT_UNSIGNED = lazily(rb"eyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,8000}\.?={0,2}")


def scan_long_tokens(document: Document, hits: Sequence[Hit]) -> Iterable[Candidate]:
    """Tokens whose beginning the gate saw: tag ``jwt`` for JSON web tokens, ``long`` for those of clouds."""
    data = document.data
    found: list[Candidate] = []
    done = -1
    for tag, end in hits:
        if end <= done:
            continue
        if tag == "jwt":
            candidate = _jwt(data, end)
        else:
            candidate = _known(data, end)
        if candidate is not None:
            found.append(candidate)
            done = candidate.end
    return found


def _jwt(data: bytes, end: int) -> Candidate | None:
    start = _run_start(data, end)
    match = _JWT.match(data, start, start + MAX_TOKEN) or _JWT_UNSIGNED.match(data, start, start + MAX_TOKEN)
    if match is None:
        return None
    value = match[0]
    if not jwt_header(value.partition(b".")[0].decode("ascii")):
        return None
    return Candidate(
        start, match.end(), "secret.jwt", 0.96, True, ("its header decodes and names an algorithm",)
    )


def _run_start(data: bytes, end: int) -> int:
    """Where the run of token characters begins that reaches ``end``, at its first ``eyJ``."""
    at = data.find(b"eyJ", run_start(data, end, _TOKEN, _LOOK_BACK), end)
    return at if at >= 0 else end


_TOKEN = bytes(byte for byte in range(128) if chr(byte).isalnum()) + b"_.-"


def _known(data: bytes, end: int) -> Candidate | None:
    low = max(0, end - 140)
    for pattern, detector, score, reason in _STARTS:
        for match in pattern.finditer(data, low, end + MAX_TOKEN):
            if match.start() > end:
                break
            if (
                match.end() >= end
                and b"EXAMPLE" not in match[0]
                and entropy(match[0][:200].decode("latin-1")) >= 3.5
            ):
                return Candidate(match.start(), match.end(), detector, score, False, (reason,))
    return None
