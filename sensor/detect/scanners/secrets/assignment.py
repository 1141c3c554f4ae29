"""
A value beside a name that says secret: in code, configuration, command lines, markup and prose.

Rule 1: the gate tells where; here a name, a form (what stands between) and a value are read around that
place. Rule 2: what the name says and how it is written decide how much the value must look like a secret: a
password may be short and readable, a key must look drawn by chance (``judge``).
Rule 3: an expression is no value. A call, a variable, a type, a template, a path are refused.

Tags: ``pass`` ends in the name, ``name`` behind it, ``vendor`` at the end of a vendor's name, ``value`` ends
inside the value, ``colon`` ends in a pair ``user:password``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from sensor.detect.finding import Candidate, Document, Hit
from sensor.detect.lazily import lazily
from sensor.detect.scanners.secrets.backward import NAMES, TYPE, after_vendor, read_value
from sensor.detect.scanners.secrets.judge import Style
from sensor.detect.scanners.secrets.spans import NAME, run_start, whole
from sensor.detect.scanners.secrets.tables import Tables
from sensor.detect.scanners.secrets.verdict import judged

__all__ = ["scan_assignments"]

_MAX_VALUE = 200

# --- forms: what may stand between a name and its value ---------------------------------------------------


def _quoted(name: str) -> bytes:
    return (
        rb"(?:[bBrRuUfFL@$]{1,2})?(?:\\?(?P<" + name.encode() + rb"_q>\"\"\"|'''|[\"'`])"
        rb"(?P<" + name.encode() + rb">[^\r\n]{1,200}?)\\?(?P=" + name.encode() + rb"_q)"
        rb"|(?:&quot;|&\#3[49];|\xe2\x80[\x9c-\x9f]|\xc2\xab)"
        rb"(?P<" + name.encode() + rb"_x>[^\r\n&]{1,200}?)(?:&quot;|&\#3[49];|\xe2\x80[\x9c-\x9f]|\xc2\xbb))"
    )


_SEPARATOR = rb"(?:=>|:=|={1,3}|<-|->|:{1,2}|\xef\xbc\x9d|\xef\xbc\x9a|\xe2\x86\x92)"
_ASSIGNED = lazily(
    rb"(?P<close>\\?[\"'`*_]{0,3}\]{0,2}\)?|&quot;)"
    rb"(?:" + TYPE + rb"(?=\s{0,2}=[^=]))?"
    rb"[ \t]{0,24}(?P<sep>" + _SEPARATOR + rb"|\?=)(?:[*_]{2})?[ \t]{0,12}(?:\r?\n[ \t]{1,40}(?=[\"']))?"
    rb"(?:" + _quoted("v") + rb"|(?P<bare>[^\s\"'`<>\x00-\x1f]{1,200}))"
)
_FLAG = lazily(rb"[ =][ \t]{0,3}(?:" + _quoted("v") + rb"|(?P<bare>[^\s\"'`<>;|&-][^\s\"'`<>;|&]{1,200}))")
_ELEMENT = lazily(rb">[ \t\r\n]{0,4}(?:<!\[CDATA\[)?(?P<v>[^<>\r\n]{2,200}?)(?:\]\]>)?[ \t\r\n]{0,4}</")
_PAIRED = lazily(
    rb"\\?[\"'`]\s{0,4}(?:[=>:]{0,2}\s{0,4},?\s{0,12}\{?\\?[\"']?(?:value|Value|VALUE|default|stringValue"
    rb"|content)\\?[\"']?"
    rb"\s{0,3}[=:]\s{0,3}|,\s{0,8})(?:[bru@]{0,2})\\?[\"'`](?P<v>[^\"'`\r\n\\]{2,200})\\?[\"'`]"
)
_YAML_PAIR = lazily(
    rb"[\"']?[ \t]{0,3}\r?\n[ \t]{0,40}[Vv]alue:[ \t]{1,3}"
    rb"(?:\"(?P<v>[^\"\r\n]{2,200})\"|'(?P<v_x>[^'\r\n]{2,200})'|(?P<bare>[^\s\"'#][^\s\"']{1,200}))"
)
_CALLED = lazily(rb"\(\s{0,2}(?:[bru@]{0,2})[\"'](?P<v>[^\"'\r\n]{2,200})[\"']\s{0,2}[,)]")
_NETRC = lazily(rb"[ \t]{1,4}(?:" + _quoted("v") + rb"|(?P<bare>[^\s\"'`]{3,120}))")
_SQL = lazily(
    rb"(?i)(?:[ \t]{1,3}(?:BY|for[ \t]{1,3}[\w@'\"%.]{1,40}[ \t]{0,3}=))?"
    rb"[ \t]{0,3}(?:PASSWORD\()?'(?P<v>[^'\r\n]{3,120})'"
)
_CELL = lazily(rb"[ \t*`]{0,12}\|[ \t`]{0,12}(?P<v>[^\s|`]{4,120})[ \t`]{0,12}(?:\||$)")

_IS = (
    rb"(?:is|was|are|be|lautet|ist|war|est|es|era|er|on|to|jest|je|\xc3\xa9|\xc3\xa8|\xc3\xa4r|"
    rb"\xd1\x8d\xd1\x82\xd0\xbe)(?=[\s:\"'`*(])"
)
_SIGN = (
    rb"(?:[:=]|\xef\xbc\x9a|->|\xe2\x86\x92|\xe2\x80[\x93\x94]|\xe6\x98\xaf|\xe7\x82\xba|\xe4\xb8\xba"
    rb"|\xe3\x81\xaf|\xec\x9d\x80|"
    rb"\xeb\x8a\x94)"
)
_OPEN = rb"(?:[\"'`*(]{1,3}|\xe2\x80[\x9c-\x9f]|\xc2\xab[ ]?|\xe3\x80\x8c)"
_PROSE = lazily(
    rb"[\"'`*_)]{0,3}(?P<gap>[ \t]{1,2}(?!" + _IS + rb")[^\r\n:=]{1,60}?)?"
    rb"(?P<verb>[ \t]{1,2}" + _IS + rb"|[ \t]{0,2}" + _SIGN + rb")"
    rb"[ \t]{0,3}(?:(?:now|still|currently|set[ \t]to|simply|just|again|also|jetzt|noch|actualmente"
    rb"|maintenant|ora)[ \t]{1,2})?:?[ \t]{0,2}" + _OPEN + rb"?(?P<v>[^\s\"'`\xe2\xe3]{4,64})"
)
_DIRECT_SAID = lazily(
    rb"(?:[ \t][^\s:=.,;]{1,20}){0,3}?[ \t]{1,2}" + _OPEN + rb"?(?P<v>[!-~]{6,64})(?=[\s.,]|\Z)"
)
_DIRECT = lazily(rb"[ \t]{1,2}" + _OPEN + rb"?(?P<v>[^\s\"'`\xe2\xe3]{4,64})")

_REST = lazily(rb"[\w$-]{0,40}(?:\.[\w$-]{1,30}){0,2}")

_DENIED_TAIL = lazily(
    rb"(?:files?|paths?|dirs?|urls?|uris?|names?|types?|fields?|labels?|hints?|len(?:gth)?|count|size"
    rb"|prompts?|placeholder|"
    rb"polic(?:y|ies)|regexp?|patterns?|forms?|inputs?|pages?|class|help|texts?|title|messages?|msg|errors?"
    rb"|ids?|arns?|refs?|envs?|"
    rb"vars?|headers?|params?|expir(?:y|es|ation|ed)|ttl|alg(?:orithm)?|mode|formats?|version|enabled"
    rb"|required|changed|resets?|strength|"
    rb"managers?|providers?|stores?|validators?|encoders?|hashers?|checkers?|endpoints?|confirm(?:ation)?"
    rb"|min|max|minlength|maxlength|"
    rb"kind|state|status|source|location|scope|usage|index|limit|budget|function|fn|func|callback|handler"
    rb"|rotation|generator|"
    rb"attempts?|rules?|mismatch|quality|digest|salt|schemes?|options?|settings?|list|set|map|dict|array"
    rb"|auth|login|"
    rb"_at|_on|_in|less|protected|protection|based|grant|flow|exists|visible|visibility|toggle|icon|button"
    rb"|btn|selector|xpath|css|"
    rb"column|col|attr(?:ibute)?|property|prop|keyword|constant|const|example|test)\Z"
)
_ASKING = lazily(
    rb"(?:get|ask|read|find|has|is|check|verify|validate|hash|forgot|prompt|need|require|no|without"
    rb"|invalid|input)_?-?(?:\w{0,12})\Z"
)


def scan_assignments(document: Document, hits: Sequence[Hit]) -> Iterable[Candidate]:
    """Values beside names that say secret, each once, by where they stand."""
    data = document.data
    found: dict[int, Candidate] = {}
    tables = Tables(document)
    names: set[int] = set()
    value_end = 0
    for tag, end in hits:
        candidate: Candidate | None
        if tag == "value":
            # The gate tells many places of one value, by their end.
            if end <= value_end:
                continue
            value_end, candidate = read_value(data, end)
        elif tag in _NAMED:
            read = _NAMED[tag](data, end, names)
            if read is None:
                continue
            names.add(read.after)
            candidate = _from_name(data, read)
            if candidate is None and read.is_password:
                _add(found, tables.below(read.start, read.after))
        else:
            candidate = _READERS[tag](data, end)
        if candidate is not None:
            _add(found, (candidate,))
    return [whole(data, candidate) for candidate in found.values()]


def _add(found: dict[int, Candidate], candidates: Iterable[Candidate]) -> None:
    for candidate in candidates:
        other = found.get(candidate.start)
        if other is None or (candidate.score, candidate.end) > (other.score, other.end):
            found[candidate.start] = candidate


# --- names ------------------------------------------------------------------------------------------------


class _Name(NamedTuple):
    """A name that says secret."""

    name: bytes
    start: int
    after: int
    """Where it ends."""
    tail: int
    """Where what follows the telling word begins, in the name."""
    said: bool
    """A word for password in a language that programs are not written in: what follows is said, not
    assigned."""

    @property
    def is_password(self) -> bool:
        return self.said or b"pass" in self.name.lower() or b"pwd" in self.name.lower()


def _around(data: bytes, end: int, names: set[int]) -> _Name | None:
    """``end`` stands behind the name, in what follows it: the last name before it is read."""
    low = max(0, end - 40)
    ends = [match.end() for match in NAMES.finditer(data[low:end].lower())]
    return _named(data, low + ends[-1], names) if ends else None


def _word(data: bytes, end: int, names: set[int]) -> _Name | None:
    return _named(data, end, names, said=True)


def _named(data: bytes, end: int, names: set[int], *, said: bool = False) -> _Name | None:
    """A name that ends at or shortly after ``end``; ``None`` where it tells of something about a secret."""
    rest = _REST.match(data, end, end + 110)
    after = rest.end() if rest else end
    start = run_start(data, end, NAME, 60)
    name = data[start:after].rstrip(b".-")
    after = start + len(name)
    if after in names:
        return None  # read already, from another of its words
    tail = end - start
    if len(name) > tail and _DENIED_TAIL.search(name.lower(), tail):
        return None
    return _Name(name, start, after, tail, said)


_NAMED: dict[str, Callable[[bytes, int, set[int]], _Name | None]] = {
    "pass": _named,
    "word": _word,
    "name": _around,
}


# --- from the name on -------------------------------------------------------------------------------------


def _from_name(data: bytes, read: _Name) -> Candidate | None:
    """The value that follows a name."""
    name, name_start, after, tail, said = read
    # A flag of a command line: --password x, -Password x
    if name.startswith(b"-") or data[max(0, name_start - 1) : name_start] == b"-":
        match = _FLAG.match(data, after, after + _MAX_VALUE + 8)
        if match is not None:
            made = judged(data, match, name, Style.FLAG)
            if made is not None:
                return made
    begins = data[max(0, name_start - 2) : name_start]
    if begins == b"::" or (begins[-1:] == b":" and data[after : after + 1] == b":"):
        return None  # a part of an ARN, a URN, a path of types
    match = _ASSIGNED.match(data, after, after + _MAX_VALUE + 120)
    if match is not None and match["bare"] not in (b"**", b"__"):
        if said and match["bare"] is not None:
            return judged(data, match, name, Style.PROSE)
        return _assigned(data, match, name, name_start)
    following = data[after : after + 1]
    if following == b">":
        match = _ELEMENT.match(data, after, after + _MAX_VALUE + 24)
        return None if match is None else judged(data, match, name, Style.ELEMENT)
    if following == b"(":
        match = _CALLED.match(data, after, after + _MAX_VALUE + 8)
        if match is None or b"." in name[tail:] or _ASKING.search(name[:tail].lower()):
            return None
        return judged(data, match, name, Style.CALL)
    if following in (b'"', b"'", b"`", b"\\", b"\r", b"\n"):
        limit = after + _MAX_VALUE + 60
        match = _PAIRED.match(data, after, limit) or _YAML_PAIR.match(data, after, limit)
        if match is not None and (
            _WHOLE_NAME.search(name) is not None
            or b"alue" in data[after : match.end()].partition(b":")[0].partition(b"=")[0]
        ):
            return judged(data, match, name, Style.PAIR)
    match = _SQL.match(data, after, after + 200)
    if match is not None:
        return judged(data, match, name, Style.QUOTED)
    if following in (b" ", b"\t") and (
        _is_netrc(data, name_start)
        or _is_directive(data, name_start)
        or name in (b"requirepass", b"masterauth")
    ):
        match = _NETRC.match(data, after, after + 130)
        if match is not None:
            made = judged(data, match, name, Style.ENV)
            if made is not None:
                return made
    match = _CELL.match(data, after, after + 150)
    if match is not None:
        return judged(data, match, name, Style.PAIR)
    match = _NEXT_LINE.match(data, after, after + 160)
    if match is not None:
        return _on_next_line(data, match, name, name_start)
    return _from_prose(data, name, name_start, after, said)


_NEXT_LINE = lazily(
    rb"[\"'`*_]{0,3}[ \t]{0,3}(?P<sep>[:=]|\xef\xbc\x9a)?[*_]{0,3}[ \t]{0,8}"
    rb"\r?\n(?:[ \t]{0,8}\r?\n)?[ \t>]{0,8}"
    rb"[\"'`]?(?P<v>[^\s\"'`<>(){}=]{6,64})(?<![:,;])[\"'`]?[ \t]{0,8}(?:\r?\n|\Z)"
)
_LINE_LEAD = lazily(rb"[^\n:=,;(){}<>|]{0,40}\Z")


def _on_next_line(data: bytes, match: re.Match[bytes], name: bytes, name_start: int) -> Candidate | None:
    """A name that ends its line, and one word alone on the next."""
    line = data.rfind(b"\n", max(0, name_start - 41), name_start) + 1
    if line == 0 and name_start > 40 or _LINE_LEAD.match(data[line:name_start]) is None:
        return None
    return judged(data, match, name, Style.DIRECT if match["sep"] is None else Style.NEXT)


_WHOLE_NAME = lazily(rb"(?i)(?:passw(?:or[dt]|d)?|pass(?:phrase|code)?|pwd|pw|secret|token|key)[0-9]?\Z")
_LOGIN = lazily(
    rb"(?<![\w.-])(?:machine|default|login|account|user)[ \t]{1,4}\S{1,200}(?:[ \t]{1,4}|\r?\n[ "
    rb"\t]{0,8})(?:\S{1,80}[ \t\r\n]{1,8}){0,4}\Z"
)
_LOGIN_WORDS = (b"machine", b"default", b"login", b"account", b"user")


def _is_netrc(data: bytes, start: int) -> bool:
    low = max(0, start - 200)
    for word in _LOGIN_WORDS:
        if data.find(word, low, start) >= 0:
            return _LOGIN.search(data, low, start) is not None
    return False


_DIRECTIVE = lazily(rb"(?:^|\n)[ \t]{0,8}(?:ENV|ARG|setx)[ \t]{1,4}\Z")


def _is_directive(data: bytes, start: int) -> bool:
    before = data[max(0, start - 24) : start]
    return before.rstrip(b" \t").endswith((b"ENV", b"ARG", b"setx")) and (
        _DIRECTIVE.search(data, max(0, start - 24), start) is not None
    )


def _assigned(data: bytes, match: re.Match[bytes], name: bytes, name_start: int) -> Candidate | None:
    if match["bare"] is None:
        return judged(data, match, name, Style.QUOTED)
    separator = match["sep"]
    if b"**" in data[match.start() : match.start("bare")] or separator == b"\xe2\x86\x92":
        return judged(data, match, name, Style.PROSE)
    # In a line of its own, as in .env, INI, YAML: the value is literal, all of it.
    line = data.rfind(b"\n", max(0, name_start - 40), name_start) + 1
    lead = data[line:name_start] if line > 0 else data[max(0, name_start - 40) : name_start]
    own_line = _LEAD.fullmatch(lead) is not None and (line > 0 or name_start <= 40)
    begins = data[name_start - 1 : name_start] if name_start else b""
    listed = (
        _LISTED_LEAD.search(lead) is not None
        or begins in (b";", b"&", b"?")
        or (separator == b"=" and match["bare"].partition(b";")[1] == b";" and lead[-1:] == b";")
    )
    if listed and separator == b"=" and match["close"] == b"":
        made = judged(data, match, name, Style.LISTED)
    elif (
        name.isupper()
        and separator == b"="
        or (own_line and separator in (b"=", b":") and b"(" not in match["bare"])
    ):
        made = judged(data, match, name, Style.ENV)
    elif separator == b":" and line > 0 and _WORDS_LEAD.fullmatch(lead) is not None:
        made = judged(data, match, name, Style.PROSE)
    else:
        made = judged(data, match, name, Style.BARE)
    return made


_WORDS_LEAD = lazily(
    rb"(?!(?:const|let|var|val|private|public|static|final|def|fn|func|return|readonly|export|protected"
    rb"|type)\b)"
    rb"(?:[A-Za-z]{1,16},? ){1,5}"
)
_LISTED_LEAD = lazily(rb"\b[\w.]{1,30}=[^\s=,()\"']{1,60} \Z")
_LEAD = lazily(rb"[ \t]{0,40}(?:export |set |ENV |ARG |setx |-e |--env |- |[#;]{1,2} ?)?")


def _from_prose(data: bytes, name: bytes, name_start: int, after: int, said: bool) -> Candidate | None:
    match = (_DIRECT_SAID if said else _DIRECT).match(data, after, after + 120)
    if match is not None:
        quoted = data[match.start("v") - 1 : match.start("v")] in (b'"', b"'", b"`")
        used = said or _USED.search(data, max(0, name_start - 16), name_start) is not None
        style = Style.PAIR if quoted else Style.PROSE if used and not said else Style.DIRECT
        made = judged(data, match, name, style)
        if made is not None:
            return made
    match = _PROSE.match(data, after, after + 200)
    if match is None:
        return None
    own = match["gap"] is None and _OWN.search(data, max(0, name_start - 48), name_start) is not None
    if own:
        return judged(data, match, name, Style.OWN)
    ends = (
        match["gap"] is None
        and match["verb"].strip() in (b"is", b"lautet", b"ist", b"est", b"es")
        and _STOP.match(data, match.end())
    )
    return judged(data, match, name, Style.SAID if ends else Style.PROSE)


_USED = lazily(rb"(?i)\b(?:use|using|with|enter|type|try|and)[ ](?:the[ ]|this[ ])?\Z")
_STOP = lazily(rb"[\"'`]?[.!]?[\"'`]?(?:[\r\n]|\Z)")


_OWN = lazily(
    rb"(?i)(?:\b(?:my|our|his|her|their|your|mein|meine|unser|dein|mon|ma|notre|votre|mi|tu|su|mia|tua|minha"
    rb"|meu|mijn|"
    rb"mitt|min|moje|moj)|\xe6\x88\x91\xe7\x9a\x84|\xd0\xbc\xd0\xbe\xd0\xb9)[ "
    rb"\t]{0,2}(?:[\w\xc3-\xd1\x80-\xbf.-]{1,20}[ \t]{1,2}){0,2}\Z"
)


# --- user:password ------------------------------------------------------------------------------------------

_PAIR_VALUE = lazily(rb"(?P<v>[^\s\"'`<>]{4,120})")
_PAIR_QUOTED = lazily(rb"(?P<v>[^\"'\r\n]{4,120})")
_GATE_TAIL = 4


def _from_pair(data: bytes, end: int) -> Candidate | None:
    """``curl -u user:password``, ``auth=("user", "password")``, ``credentials: user / password``."""
    start = end - _GATE_TAIL
    quoted = data[start - 1 : start] in (b'"', b"'")
    match = (_PAIR_QUOTED if quoted else _PAIR_VALUE).match(data, start, start + 120)
    return None if match is None else judged(data, match, b"password", Style.PAIR if quoted else Style.FLAG)


def _in_call(data: bytes, end: int) -> Candidate | None:
    """The second argument of what signs tokens: ``jwt.sign(payload, "secret")``."""
    match = _PAIR_QUOTED.match(data, end - _CALL_TAIL, end + 200)
    return None if match is None else judged(data, match, b"secret", Style.CALL)


def _plist(data: bytes, end: int) -> Candidate | None:
    """``<key>API_KEY</key><string>…</string>``."""
    match = _LIST_ELEMENT.match(data, end, end + 220)
    name = _LIST_NAME.search(data, max(0, end - 120), end)
    return None if match is None or name is None else judged(data, match, name[1], Style.ELEMENT)


_CALL_TAIL = 8
_LIST_ELEMENT = lazily(rb"(?P<v>[^<>\r\n]{4,200})<")
_LIST_NAME = lazily(rb"([\w.-]{1,60})</key>\s{0,40}<string>\Z")
_CHPASSWD = lazily(rb"[\s\"'][\w.-]{1,32}:(?P<v>[^\s\"'|]{4,80})[\"']?\s{0,2}\|")


def _chpasswd(data: bytes, end: int) -> Candidate | None:
    """``echo 'user:password' | chpasswd``."""
    match = _CHPASSWD.search(data, max(0, end - 140), end)
    return None if match is None else judged(data, match, b"password", Style.FLAG)


def _after_flag(data: bytes, end: int) -> Candidate | None:
    """A short flag of a command that takes a password: ``mysql -pSECRET``, ``sshpass -p SECRET``."""
    match = _SHORT.search(data, max(0, end - 8), end + 120)
    return None if match is None else judged(data, match, b"password", Style.FLAG)


_SHORT = lazily(
    rb"[ \t]-(?:pw|[pawP])[ \t=]{0,2}(?:\"(?P<v>[^\"\r\n]{3,100})\"|'(?P<v_x>[^'\r\n]{3,100})'"
    rb"|(?P<bare>[^\s\"'`;|&-][^\s\"'`;|]{2,100}))"
)


_READERS: dict[str, Callable[[bytes, int], Candidate | None]] = {
    "vendor": after_vendor,
    "call": _in_call,
    "chpasswd": _chpasswd,
    "plist": _plist,
    "pair": _from_pair,
    "flag": _after_flag,
}
