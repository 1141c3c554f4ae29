"""
Secrets over several lines: key blocks in PEM, PuTTY keys, base64 of keys without a frame, vault files,
Kubernetes Secrets.

A block is taken whole, to its END line. Where that is missing (cut off, or still to come) it is taken as far
as its lines go on being base64. Line ends may be escaped as in JSON. Bounds: ``MAX_BLOCK`` bytes a block.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from sensor.detect.finding import Candidate, Document, Hit
from sensor.detect.lazily import lazily
from sensor.detect.scanners.secrets.spans import whole
from sensor.detect.validators.secrets import entropy, is_placeholder, secret_random

__all__ = ["MAX_BLOCK", "scan_blocks"]

MAX_BLOCK = 65_536
"""Bytes of one block."""
MIN_BODY = 40
"""Base64 characters that a key has at least; less is documentation."""

_BREAK = (
    rb"(?:\r?\n|\\r\\n|\\n|\\\\n|[ \t]|<br ?/?>|[\"']\s{0,4}[+,]?\s{0,12}[\"']"
    rb"|[>|#*/]|&#10;|&#xa;)"
)
_BEGIN = lazily(rb"-----? ?BEGIN ([A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?)-?-?-?-?-\Z")
_HEADERS = lazily(
    rb"(?:"
    + _BREAK
    + rb"{1,24}(?:Proc-Type|DEK-Info|Version|Comment|Hash|Charset|Bag Attributes|friendlyName"
    rb"|localKeyID|Key Attributes):[^\r\n\\]{0,200}){1,8}"
)
_BODY = lazily(
    rb"(?:" + _BREAK + rb"{0,24}[A-Za-z0-9+/]{24,120}={0,2}){1,2000}"
    rb"(?:(?:\r?\n|\\n)[ \t]{0,12}(?=[A-Za-z]{0,40}[0-9+/=])[A-Za-z0-9+/=]{2,76}(?![A-Za-z0-9]))?"
)
_END = lazily(rb"-----? ?END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----?(?:\\n)?")


def scan_blocks(document: Document, hits: Sequence[Hit]) -> Iterable[Candidate]:
    """
    Blocks by the tag of what the gate saw: ``pem``, ``ppk``, ``der``, ``p12``, ``ansible``, ``jwk``,
    ``k8s``.
    """
    data = document.data
    found: list[Candidate] = []
    done = -1
    read_to = 0
    for tag, end in hits:
        if tag == "k8s":
            # Manifests do not overlap: what one was read in is not read again.
            read_to, values = _kubernetes(data, end, read_to)
            found.extend(values)
        elif end > done:
            for candidate in _READERS[tag](data, end):
                found.append(candidate)
                done = candidate.end
    return [whole(data, candidate) for candidate in found]


def _pem(data: bytes, end: int) -> Iterable[Candidate]:
    begin = _BEGIN.search(data, max(0, end - 80), end)
    if begin is None:
        return
    # Up to the next BEGIN: many of them cost no more than one pass.
    another = data.find(b"BEGIN ", end, begin.start() + MAX_BLOCK)
    limit = begin.start() + MAX_BLOCK if another < 0 else another
    closing = _END.search(data, end, limit)
    if closing is not None:
        body = data[end : closing.start()]
        if _letters(body) >= MIN_BODY and not _is_filler(body):
            yield Candidate(
                begin.start(),
                closing.end(),
                "secret.private_key",
                0.99,
                True,
                ("a whole block from BEGIN to END",),
            )
        return
    at = end
    headers = _HEADERS.match(data, at, limit)
    if headers is not None:
        at = headers.end()
    lines = _BODY.match(data, at, limit)
    if lines is None or _letters(lines[0]) < MIN_BODY or _is_filler(lines[0]) or _longest(lines[0]) < 16:
        return
    yield Candidate(
        begin.start(), lines.end(), "secret.private_key", 0.95, False, ("a block that begins and has no END",)
    )


_BASE64 = re.compile(rb"[A-Za-z0-9+/=]+")


def _letters(body: bytes) -> int:
    return sum(len(run) for run in _BASE64.findall(body.replace(b"\\n", b" ")))


def _longest(body: bytes) -> int:
    return max((len(run) for run in _BASE64.findall(body)), default=0)


def _is_filler(body: bytes) -> bool:
    """``...``, ``xxxx``, or a body with less in it than a key has."""
    return entropy(body[:400].decode("latin-1")) < 4.0 or _longest(body) < 16 or b"..." in body


_PPK = lazily(rb":? ?[0-9]{1,4}(?:\r?\n|\\n)((?:[A-Za-z0-9+/=]{1,80}(?:\r?\n|\\n|\Z)){1,200})")


def _ppk(data: bytes, end: int) -> Iterable[Candidate]:
    match = _PPK.match(data, data.rfind(b":", max(0, end - 8), end), end + MAX_BLOCK)
    if match is None or len(match[1]) < 16:
        return
    start = match.start(1)
    value = match[1]
    while value.endswith((b"\n", b"\r", b"\\n")):
        value = value[:-2] if value.endswith(b"\\n") else value[:-1]
    yield Candidate(
        start, start + len(value), "secret.putty_key", 0.98, True, ("private lines of a PuTTY key",)
    )


_BLOB = lazily(rb"[A-Za-z0-9+/]{8,200}(?:(?:\r?\n|\\n|\\r\\n)?[ \t]{0,8}[A-Za-z0-9+/]{4,200}){0,800}={0,2}")
_BLOB_START = lazily(rb"[A-Za-z0-9+/]{1,160}\Z")


def _blob(detector: str, reason: str, score: float) -> Callable[[bytes, int], Iterable[Candidate]]:
    def read(data: bytes, end: int) -> Iterable[Candidate]:
        run = _BLOB_START.search(data, max(0, end - 160), end)
        start = end if run is None else run.start()
        match = _BLOB.match(data, start, start + MAX_BLOCK)
        if match is None or entropy(match[0][:400].decode("latin-1")) < 3.0:
            return
        yield Candidate(start, match.end(), detector, score, False, (reason,))

    return read


_KUBE_DATA = b"client-key-data"


def _der(data: bytes, end: int) -> Iterable[Candidate]:
    named = data.rfind(_KUBE_DATA, max(0, end - 72), end) >= 0
    read = _blob(
        "secret.kubeconfig_key" if named else "secret.der_private_key",
        "the key of a kubeconfig" if named else "begins as the encoding of a private key does",
        0.95,
    )
    return read(data, end)


_ANSIBLE = lazily(
    rb"[^\r\n\\]{0,80}(?:\r?\n|\\n)(\s{0,24}[0-9a-f]{20,100}(?:(?:\r?\n|\\n)\s{0,24}[0-9a-f]{2,100}){0,600})"
)


def _ansible(data: bytes, end: int) -> Iterable[Candidate]:
    match = _ANSIBLE.match(data, end, end + MAX_BLOCK)
    if match is not None:
        start = match.end(1) - len(match[1].lstrip())
        yield Candidate(
            start, match.end(1), "secret.ansible_vault", 0.95, False, ("the body of an Ansible vault",)
        )


_SECTION = lazily(rb"(?m)^(\s{0,12})[\"']?(data|stringData)[\"']?:\s{0,3}(?:\{\s{0,3})?$")
_PAIR = lazily(
    rb"[ \t]{1,16}[\"']?[A-Za-z0-9_.-]{1,64}[\"']?:[ \t]{1,4}"
    rb"[\"']?(?P<value>[^\s\"',}]{4,8000})[\"']?,?\r?\n?"
    rb"|[ \t]{0,16}\r?\n"
)
_KIND = lazily(rb"(?im)kind[\"']?:\s{0,3}[\"']?Secret[\"']?[ \t,]{0,4}\r?$")
_MAX_PAIRS = 64
_MANIFEST = 6_000
"""Bytes of a manifest before and behind its kind."""


def _kubernetes(data: bytes, end: int, read_to: int) -> tuple[int, list[Candidate]]:
    """
    Values under ``data`` and ``stringData`` of the manifest that ``kind: Secret`` stands in.

    Nothing before ``read_to`` is read; the first of what is given says how far was.
    """
    if _KIND.search(data, max(0, end - 24), end + 8) is None:
        return read_to, []
    low = max(data.rfind(b"\n---", max(0, end - _MANIFEST), end), end - _MANIFEST, read_to)
    high = data.find(b"\n---", end, end + _MANIFEST)
    high = min(len(data), end + _MANIFEST) if high < 0 else high
    found: list[Candidate] = []
    for section in _SECTION.finditer(data, low, high):
        at = section.end() + 1
        for _ in range(_MAX_PAIRS):
            pair = _PAIR.match(data, at, high)
            if pair is None:
                break
            at = pair.end()
            value = pair["value"]
            if value is None or is_placeholder(value.decode("utf-8", "replace")):
                continue
            if section[2] == b"data" and (len(value) % 4 or _BASE64.fullmatch(value) is None):
                continue
            start, stop = pair.span("value")
            reason = "a value of a Kubernetes Secret"
            found.append(Candidate(start, stop, "secret.kubernetes_secret", 0.9, False, (reason,)))
    return high, found


_JWK = lazily(rb"[\"'](?:[dpqk]|d[pq]|qi)\\?[\"']\s{0,2}:\s{0,2}\\?[\"']\Z")
_JWK_VALUE = lazily(rb"[A-Za-z0-9_-]{40,1400}(?![A-Za-z0-9_+/=-])")
_JWK_START = 40
"""Characters of the value that the gate saw."""
_JWK_REACH = 6_000
"""Bytes of one key before and behind a member: 4096 bits make 3.3 KB."""


def _jwk(data: bytes, end: int) -> Iterable[Candidate]:
    """A private member of a JSON object that says ``kty``. Source: RFC 7518 sections 6.2.2, 6.3.2, 6.4.1."""
    start = end - _JWK_START
    value = _JWK_VALUE.match(data, start, start + 1500)
    if value is None or _JWK.search(data, max(0, start - 16), start) is None:
        return
    low = max(data.rfind(b"{", max(0, start - _JWK_REACH), start), start - _JWK_REACH, 0)
    high = data.find(b"}", value.end(), value.end() + _JWK_REACH)
    if data.find(b"kty", low, high if high >= 0 else value.end() + _JWK_REACH) < 0:
        return
    if secret_random(value[0].decode("ascii")) is False:
        return
    reason = "a private member of a JSON web key"
    yield Candidate(start, value.end(), "secret.jwk_private", 0.9, False, (reason,))


_READERS: dict[str, Callable[[bytes, int], Iterable[Candidate]]] = {
    "pem": _pem,
    "ppk": _ppk,
    "der": _der,
    "p12": _blob("secret.pkcs12", "begins as a PKCS#12 container does", 0.93),
    "ansible": _ansible,
    "jwk": _jwk,
}
