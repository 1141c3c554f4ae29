"""
Whether a value beside a name is a secret.

Two questions: could this be a password (short, made by people), and could this be a key (drawn by chance)?
The weaker the name and the form, the more the value itself must show.
"""

from __future__ import annotations

import enum
import re

from sensor.detect.lazily import lazily
from sensor.detect.validators.secrets import (
    entropy,
    is_placeholder,
    is_random,
    letter_runs,
    word_likeness,
    word_share,
)

__all__ = ["Style", "Verdict", "judge_key", "judge_password", "judge_secret"]

Verdict = tuple[float, tuple[str, ...]]


class Style(enum.Enum):
    """How a value is written."""

    QUOTED = "in quotes"
    ENV = "the rest of a line of its own"
    BARE = "without quotes, among other things"
    FLAG = "behind a flag of a command line"
    ELEMENT = "in an element"
    CALL = "in a call"
    PAIR = "beside its name in a pair"
    PROSE = "in a sentence"
    OWN = "in a sentence that says whose"
    SAID = "in a sentence that ends with it"
    DIRECT = "right behind its name, in a sentence"
    LISTED = "one of several in a connection string or query"
    CELL = "in a column of a table"
    NEXT = "on the line behind its name"


_NAMED = "the name beside it says password or secret"
_LOOKS = {
    "key": "looks drawn by chance",
    "mixed": "letters with digits or signs, as passwords have",
    "letters": "letters that are no word",
    "word": "a word, where only a password can stand",
    "phrase": "words, as a pass phrase has",
    "common": "one of the passwords that people choose most",
    "digits": "digits, where only a password can stand",
}

_EXPRESSION = lazily(
    r"""
      ^(?:os|process|self|this|ctx|context|config|conf|cfg|settings|options|opts|params|args|request|req|res
          |response|env|
          environ|data|body|user|account|client|state|props|var|local|module|each|secrets|vault|ENV|System
              |Deno|Bun|import|
          std|app|form|model|obj|row|item|event|input|kwargs|session|cls|current_user|github|steps|inputs
              |needs|values)
        (?:\.|\[|::|->|\?\.)                            # os.environ[…], self.password, config.token
    | ^(?:await|new|lambda|return|not|if|else|func|function|async|typeof|yield|let|const|null|None|nil)\b
    | ^[A-Za-z_][\w.]*\(.*                              # a call
    | ^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+$                 # a.b.c
    | ^[A-Za-z_]\w*(?:->|::)[A-Za-z_]\w*                # a->b, A::b
    | ^[A-Za-z_]\w*\[                                   # a[…]
    | ^&?\*?[A-Za-z_]\w*(?:<.*>|\[\])$                  # types
    | ^[&*@!$:][A-Za-z_]+$                              # &x, *x, @x, $x, :symbol
    | ^_[A-Z]+$|^[A-Z]+(?:_[A-Z]+)+$                    # CONSTANT_NAME
    | ^\(|^\[|^\{|^--
    """,
    re.VERBOSE,
)


_IN_PROGRAMS = frozenset({Style.BARE, Style.ENV, Style.FLAG, Style.NEXT})


def _is_expression(value: str, style: Style) -> bool:
    """What a program works out. In a line of its own, dots may stand in a password, which does not read."""
    if _EXPRESSION.search(value) is None:
        return False
    return (
        style in (Style.BARE, Style.NEXT)
        or value.startswith("--")
        or "(" in value
        or "[" in value
        or word_share(value) >= 0.4
    )


_PATH = lazily(
    r"^(?:~|\.{1,2})?/[\w./-]*$|^[A-Za-z]:\\|^(?:https?|file|ftp|s3|gs|arn|data|urn|projects|vault|op|ssm"
    r"|env):|^\w+/\w+/[\w/.-]+$|^[\w.-]+\w:[0-9]{1,5}$|\.(?:json|ya?ml|txt|pem|key|crt|py|js|ts|go|rb|php"
    r"|html?|md|conf|cfg|ini|xml|csv|png|svg)$", re.IGNORECASE)  # fmt: skip
_PATH_SIGNS = frozenset("/:.")


def _is_no_secret(value: str) -> bool:
    """A path, a version, a date, the digest of something."""
    return (
        (not _PATH_SIGNS.isdisjoint(value) and _PATH.search(value) is not None)
        or _VERSION.match(value) is not None
        or _HASH_SHAPE.match(value) is not None
    )


_VERSION = lazily(r"^[v^~=<>]{0,2}[0-9]+(?:\.[0-9]+){1,3}(?:[-+.][\w.]+)?$|^[0-9]{4}-[0-9]{2}-[0-9]{2}")
_PASSPORT = lazily(r"[A-Z]{0,2}[0-9]{6,9}\Z")
"""In Germanic languages ``Pass`` is a passport."""
_UUID = lazily(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\Z")
_HASH_SHAPE = lazily(r"(?:sha(?:1|224|256|384|512)|md5|blake2[bs]?)[-:=]", re.IGNORECASE)
_ALGORITHMS = frozenset(
    """
    scram hmac hmacsha pbkdf pbe ssha sha md blake blake2b blake2s bcrypt crypt scrypt yescrypt argon argon2i
    argon2d argon2id ntlm kerberos gssapi krb ecdsa eddsa ecdh dsa rsa ed chacha xchacha poly salsa aes des
    tdes 3des rc hs rs es ps cram sasl oauthbearer xoauth
    """.split()
)
_BESIDE_ALGORITHMS = frozenset(
    """
    digest with and cbc gcm ctr ccm ecb plus hex id salted native caching password auth ssh x sign
    encryption hash
    """.split()
)
_SIZES = frozenset(
    """
    1 2 3 4 5 6 8 10 12 16 20 32 64 128 160 192 224 256 384 512 521 1024 1305 2048 3072 4096 25519
    """.split()
)
_PARTS = lazily(r"argon2id?|blake2[bs]|[a-z]+|[0-9]+|[^-_/.+: ]")


def _is_algorithm(low: str) -> bool:
    """An algorithm or a way to log in: ``scram-sha-256``, ``aes256-cbc``, ``caching_sha2_password``."""
    if len(low) > 40:
        return False
    parts = _PARTS.findall(low)
    return not _ALGORITHMS.isdisjoint(parts) and all(
        part in _ALGORITHMS or part in _BESIDE_ALGORITHMS or part in _SIZES for part in parts
    )


_IDENTIFIER = lazily(r"[A-Za-z_][A-Za-z0-9_.:/-]*\Z")
_SIMPLE = (
    r"(?:string|str|text|bytes?|chars?|varchar|int|integer|none|null|nil|undefined|bool|boolean|object|any|void"
    r"|wstring|string_view|rune|uint8|u8|secretstr|securestring|cstring|number|unknown|never)"
)
_TYPE = lazily(
    r"[&*?]{0,2}" + _SIMPLE + r"(?:[(\[]\w{0,6}[)\]])*[?!*&,;)]{0,3}\Z"
    r"|[&*?]?(?:[a-z_]\w{0,40}(?:\.|::)){0,6}[a-z_]\w{0,40}[<\[][a-z_&*'?][\w.:,<>\[\]()|&*?' ]*\Z"
    r"|(?:[a-z_]\w{0,40}::){1,6}[a-z_]\w{0,40}[?*&,;)]{0,2}\Z"
    r"|(?=(?:[\w.]*\|)*" + _SIMPLE + r"(?:\||\Z))[a-z_][\w.]*(?:\|[a-z_][\w.]*){1,6}\Z"
)
_TYPE_SIGNS = frozenset("[<|?&*:(")


def _is_type(low: str) -> bool:
    """``typing.optional[bytes]``, ``str|none``, ``std::string``, ``&str``: what kind of value there is."""
    return not _TYPE_SIGNS.isdisjoint(low) and _TYPE.match(low) is not None and word_share(low) > 0.5


_STOPWORDS = frozenset(
    """
    not too so very required stored wrong incorrect weak strong hashed expired being the a an in on at by to
    for of or and if when that this it its they used needed set sent only also always never already just
    still now empty valid invalid correct changed encrypted optional missing unknown protected secure secured
    known shared visible hidden different same based case created generated given read taken passed provided
    entered typed kept part one no none some any same all as from with without into nicht falsch leer richtig
    abgelaufen gespeichert notwendig erforderlich est obligatoire requis incorrecto obligatoria requerida
    hard easy long short simple complex compromised leaked broken lost forgotten stolen supported specified
    displayed checked stripped options option require argument arguments flag flags instead prompt stdin file
    variable parameter command verified accepted rejected longer shorter greater less more at least either
    your my our his her their what where
    """.split()
)
_STRONG_NAME = lazily(
    rb"api[_-]?key|secret|access[_-]?(?:key|token)|auth[_-]?(?:key|token)|passw|pwd|private[_-]?key|bearer"
    rb"|credential|webhook|encryption[_-]?key|signing|master[_-]?key|license|subscription[_-]?key|app[_-]?key"
    rb"|(?:bot|refresh|deploy|service|account|user|admin|session|id|security|personal|sas|oauth|jwt|csrf|xsrf"
    rb"|registration|invite|push|device|worker|ci|upload|repo|project|tunnel|join|node)[_-]?(?:key|token)"
    rb"|(?<=[a-z]{4})[_-](?:key|token|auth)\b"
)


def _is_strong(low: bytes) -> bool:
    """A name (in small letters) that says key or token, and of what."""
    return low.endswith((b"key", b"token")) or _STRONG_NAME.search(low) is not None


_HARMLESS_WORDS = """
    primary foreign public partition sort cache hash lookup index row group object storage s3 bucket
    translation i18n lang locale meta data json map dict registry config hot short function arrow escape
    enter tab modifier pub unique composite candidate natural surrogate idempotency dedup deduplication
    dedupe routing shard range prefix feature menu column field property attribute query react element item
    entry trans message event topic stream commit build release version digest sha check sum integrity
    content file page next continuation pagination cursor stop start end eos bos pad unk cls sep mask
    special first last current prev previous lock request change workunit work_unit copyproduct copy_product
    marker consistency amzcredential amz_credential amz-credential lexer parser syntax operator max min num
    total prompt completion input output per of vertical horizontal author publickey public_key pubkey
    publishable fingerprint keyid key_id key-id
    """.split()
"""What a key or token is of that is no secret."""
_HARMLESS_END = lazily(
    rb"(?i)(?:s?di_?)?(?:s?yek|s?nekot)?[_-]?(?:"
    + "|".join(word[::-1] for word in _HARMLESS_WORDS).encode()
    + rb")(?:\Z|(?=[^A-Za-z])|(?-i:(?<=[A-Z])(?=[a-z0-9])))"
)
"""The end of a name, read backwards: there is one place where it can begin."""
_HARMLESS_KIND = (
    rb"[_-]?(?:id|name|type|path|file|count|len|length|url|uri|size|index|expir\w*|hash|digest|fingerprint|limit"
    rb"|usage|arn|ref|alias|version|format|prefix|suffix|pattern|label|hint|map)\Z"
)
_HARMLESS_PART = lazily(
    rb"tokeniz|tokens\Z|keys?"
    + _HARMLESS_KIND
    + rb"|tokens?"
    + _HARMLESS_KIND
    + rb"|author|keyword|keyboard|keyframe|keyring|keystore|keyspace"
    rb"|authentic|auth_?(?:type|url|uri|method|mode|provider|domain)"
)


def _is_harmless(name: bytes) -> bool:
    """A name of a key or token that is no secret: ``cache_key``, ``primaryKey``, ``tokenizer``."""
    return _HARMLESS_PART.search(name.lower()) is not None or _HARMLESS_END.match(name[::-1]) is not None


_PROSE_LEAD = lazily(
    rb"(?i)(?:\b|[_-])(?:api|access|secret|private|auth|security|license|encryption|signing|master|account"
    rb"|service|bearer|"
    rb"refresh|session|deploy|webhook|bot|personal)[ _-]?(?:keys?|tokens?|secrets?|credentials?)\b|\btoken\b"
    rb"|\bsecret\b|credential|"
    rb"schl\xc3\xbcssel|cl\xc3\xa9|clave|chave|chiave|sleutel|nyckel|klucz|\xd0\xba\xd0\xbb\xd1\x8e\xd1\x87"
    rb"|\xe5\xaf\x86\xe9\x92\xa5")  # fmt: skip


_LOWER = bytes(range(0x61, 0x7B))
_UPPER = bytes(range(0x41, 0x5B))
_DIGITS = bytes(range(0x30, 0x3A))


def _shape(value: str) -> tuple[int, int, int, int]:
    """How many small letters, capitals, digits and other characters."""
    length = len(value)
    if value.isascii():
        raw = value.encode()
        lower = length - len(raw.translate(None, _LOWER))
        upper = length - len(raw.translate(None, _UPPER))
        digit = length - len(raw.translate(None, _DIGITS))
    else:
        lower = sum(map(str.islower, value))
        upper = sum(map(str.isupper, value))
        digit = sum(map(str.isdigit, value))
    return lower, upper, digit, length - lower - upper - digit


def judge_password(raw: bytes, name: bytes, style: Style, following: bytes) -> Verdict | None:
    """What a value is worth whose name says password; ``None`` where it is none."""
    try:
        value = raw.decode("utf-8")
    except UnicodeDecodeError:
        return None
    length = len(value)
    low = value.lower()
    if (
        length < 4
        or low in _STOPWORDS
        or len(set(value)) < 3
        or not value.isprintable()
        or is_placeholder(value)
        or _is_algorithm(low)
    ):
        return None
    if " " in value:
        return (
            (0.65, (_NAMED, _LOOKS["phrase"])) if style is Style.QUOTED and _is_phrase(value, name) else None
        )
    if style in _IN_PROGRAMS and (following in (b"(", b"[") or _is_expression(value, style)):
        return None
    if _is_no_secret(value) or _is_type(low):
        return None
    low_name = name.lower()
    if raw.lower() in low_name or low_name.endswith(raw.lower().rstrip(b"s")):
        return None
    if low_name == b"pass" and _PASSPORT.match(value):
        return None
    lower, upper, digit, other = _shape(value)
    if is_random(value):
        return 0.9, (_NAMED, _LOOKS["key"])
    foreign = style in _SENTENCES and _ENGLISH.search(low_name) is None
    share = word_share(value)
    identifier = _IDENTIFIER.match(value) is not None
    if digit and (lower or upper):
        if (
            identifier
            and style is Style.BARE
            and (share > 0.6 or digit < 2)
            and not _ends_in_number(value, following)
        ):
            return None
        if style is Style.DIRECT and not (
            _is_mixed(value, lower, upper)
            or foreign
            and _LAST_DIGITS.match(value)
            and following in _LINE_ENDS
        ):
            return None
        if (share > 0.8 or "_" in value and _is_about(value)) and _is_reference(value, style):
            return None
        return (0.75 if length >= 6 else 0.6), (_NAMED, _LOOKS["mixed"])
    if digit and not other:
        if style in (Style.OWN, Style.FLAG, Style.ENV, Style.CELL) or (style is Style.QUOTED and length >= 6):
            return (0.6, (_NAMED, _LOOKS["digits"])) if length >= 4 else None
        return None
    if other and (lower or upper) and not _is_punctuated_word(value, foreign):
        if (
            style is Style.DIRECT
            or style in (Style.BARE, Style.PROSE, Style.SAID)
            and (share > 0.7 or identifier and "_" in value)
        ):
            return None
        return 0.65, (_NAMED, _LOOKS["mixed"])
    if not value.isascii() or other:
        return None
    if foreign and low not in _COMMON and value[1:].islower():
        return None  # what is no English word may be a word all the same
    return _letters(value, style, share, lower, upper, following in _ENDS)


_SENTENCES = frozenset({Style.PROSE, Style.OWN, Style.SAID, Style.DIRECT, Style.NEXT})
_ENGLISH = lazily(rb"pass(?!wort|e\b|ord\b)|pwd|pw\b|pin\b|secret|token|key|credential|auth")


_COMMON = frozenset(
    """
    letmein qwerty qwertyuiop qwertz azerty iloveyou sunshine princess football baseball superman batman
    trustno welcome monkey dragon shadow ashley michael jordan hunter buster soccer harley pepper ginger
    summer winter starwars whatever freedom computer killer charlie donald cheese flower zaq zxcvbnm asdfgh
    asdfghjkl hottie lovely loveme passwort schatz hallo motdepasse azertyuiop soleil doudou contrasena
    tequiero mierda senha brasil flamengo juventus wachtwoord geheim welkom
    """.split()
)
"""
Source: the first places of lists of leaked passwords that are published each year; those that no test is made
with.
"""
_PARTICIPLE = lazily(r"(?:ed|ing|ble|ly|ive|ful|en|t)\Z")
_ENDS = (b"", b"\n", b"\r", b'"', b"'", b"`", b"|", b";", b"&")


def _letters(value: str, style: Style, share: float, lower: int, upper: int, ends: bool) -> Verdict | None:
    """A value of letters alone; ``ends`` where nothing follows it on its line."""
    if value.lower() in _COMMON and style is not Style.BARE:
        return 0.65, (_NAMED, _LOOKS["common"])
    if len(value) >= 8 and lower and upper and share < 0.5:
        return 0.7, (_NAMED, _LOOKS["letters"])
    unreadable = (
        share < 0.5 and len(value) >= 6 and min(word_likeness(run) for run in letter_runs(value)) < -0.1
    )
    if unreadable and style is not Style.BARE:
        return 0.6, (_NAMED, _LOOKS["letters"])
    if (
        len(value) >= 6
        and ends
        and (
            style is Style.FLAG
            or style in (Style.OWN, Style.SAID)
            and not upper
            and not _PARTICIPLE.search(value)
        )
    ):
        return 0.55, (_NAMED, _LOOKS["word"])
    return None


_ABOUT = frozenset(
    """
    pass passwd password passwords passphrase pwd secret secrets token tokens key keys user users username
    login auth field input form name names cred creds credential credentials account test tests change reset
    value string file type rule policy hash sha rsa aes version config param params option options page view
    id http https www utf iso base code encoded error admin root confirm
    """.split()
)
"""What names and messages about passwords are made of."""


def _is_about(value: str) -> bool:
    return any(run.lower() in _ABOUT for run in letter_runs(value))


def _is_reference(value: str, style: Style) -> bool:
    """Words that are about a password rather than one: ``new_password_2``, ``auth-form-1``."""
    if _is_about(value):
        return _ABOUT_WHOLE.match(value) is not None or any(sign in value for sign in "_-./:")
    if style in _LITERAL or not any(sign in value for sign in "_-./:"):
        return False
    if any(not character.isalnum() and character not in "_-./:" for character in value):
        return False
    words = [run for run in letter_runs(value) if not run[0].isdigit()]
    if len(words) < 2:
        return not value[0].isupper()
    return "_" in value or "." in value


_ABOUT_WHOLE = lazily(
    r"(?i)(?:new|old|my|the|test|user|admin|root|default|some)?(?:pass(?:word|wd)?|pwd|secret|token|key|user"
    r"|login|sha|md|utf|iso|base)\d{1,3}\Z"
)
_LITERAL = frozenset(
    {
        Style.PROSE,
        Style.OWN,
        Style.SAID,
        Style.FLAG,
        Style.ENV,
        Style.LISTED,
        Style.PAIR,
        Style.DIRECT,
        Style.CELL,
        Style.NEXT,
    }
)
"""Where names of variables do not stand."""


_LINE_ENDS = (b"", b"\n", b"\r")
_LAST_DIGITS = lazily(r"[A-Za-z]+[0-9]+\Z")


def _ends_in_number(value: str, following: bytes) -> bool:
    """``OrangeWizard920`` at the end of a line: nobody calls a variable so."""
    return following in _LINE_ENDS and value.rstrip("_-.")[-2:].isdigit() and not _is_about(value)


def _is_mixed(value: str, lower: int, upper: int) -> bool:
    """
    Signs that words do not have, or both cases and digits: a password even where nothing says that one
    follows.
    """
    if len(value) < 6 or (_is_about(value) and value.isalnum()):
        return False
    return (
        bool(lower and upper)
        or any(not c.isalnum() and c not in "-_./:+()[],'" for c in value)
        or value.count("-") >= 2
    )


_PUNCTUATED = lazily(r"[^\W\d_]+(?:[-_ .:/'’,+]+[^\W\d_]+)*[-_ .:!?,;()]*\Z")


def _is_punctuated_word(value: str, foreign: bool) -> bool:
    """Words and what parts words: no sign that a password has for a sign's sake."""
    return _PUNCTUATED.match(value) is not None and (foreign or word_share(value) > 0.5)


_PHRASE_NAME = lazily(rb"(?i)phrase|pwd|pass(?:word|wd)?\Z|secret")


def _is_phrase(value: str, name: bytes) -> bool:
    """A pass phrase: a few words with a digit or sign in them, or what is no sentence."""
    words = value.split(" ")
    if len(words) > 8 or not _PHRASE_NAME.search(name):
        return False
    if value[-1:] in ".:?!" or value[:1].isupper() and len(words) > 2:
        return False
    if b"phrase" in name.lower() and len(words) >= 3:
        return sum(word.lower() in _STOPWORDS for word in words) <= 1
    return any(any(c.isdigit() for c in word) and any(c.isalpha() for c in word) for word in words)


def judge_secret(raw: bytes, name: bytes, style: Style) -> Verdict | None:
    """What a value is worth whose name says secret or token and that is written as a password is."""
    quoted = style in (Style.QUOTED, Style.ELEMENT, Style.CALL, Style.PAIR)
    verdict = judge_key(raw, name, b"", quoted)
    if verdict is not None or style in (Style.DIRECT, Style.BARE):
        return verdict
    verdict = judge_password(raw, name, style, b"")
    if verdict is None or _is_harmless(name) or len(raw) < 6:
        return None
    value = raw.decode("utf-8")
    _, _, digit, _ = _shape(value)
    return (
        (0.65, verdict[1])
        if digit and not _is_about(value) and (is_random(value) or b"secret" in name.lower())
        else None
    )


def judge_key(raw: bytes, name: bytes, lead: bytes, quoted: bool) -> Verdict | None:
    """What a value is worth whose name says key, token or credential: it must look drawn by chance."""
    value = raw.decode("latin-1")
    length = len(value)
    if length < 12:
        return None
    low = name.lower()
    is_uuid = length == 36 and _UUID.fullmatch(value) is not None
    if not is_uuid and not is_random(value):
        return None
    strong = _is_strong(low)
    if not strong and not _VENDOR_LEAD.search(lead):
        return None
    if is_placeholder(value) or _is_no_secret(value) or _is_harmless(name):
        return None
    spoken = not strong and _PROSE_LEAD.search(lead) is not None
    if spoken and _FINGERPRINT.fullmatch(value):
        return None
    if is_uuid:
        said = strong or (spoken and _SAYS_KEY.search(lead) is not None)
        said = said and _UUID_NAME.search(name) is None
        return (0.65, ("the name beside it says key", "a UUID")) if said and len(set(value)) > 8 else None
    if low in (b"key", b"keys") and (not quoted or length < 24 or value.isalnum() and value.lower() == value):
        return None
    if not (strong and quoted) and "." in value and word_share(value) > 0.3:
        return None
    if length < 16 and (entropy(value) < 3.0 or not (strong and quoted)):
        return None
    return (0.85 if strong else 0.75), ("the name beside it says key or token", _LOOKS["key"])


_SAYS_KEY = lazily(
    rb"(?i)(?:api|access|secret|private|auth|service|bot)[ _-]?(?:key|token|secret)|schl\xc3\xbcssel"
    rb"|cl\xc3\xa9|clave|chave|chiave"
)
_UUID_NAME = lazily(
    rb"(?i)(?:client|request|trace|correlation|context|cancel\w*|page|id|identity|operation|creation"
    rb"|reservation|task|job|instance)"
    rb"[_-]?(?:token|key)\Z|\Akeys?\Z"
)
"""Names of tokens and keys that only tell one request or thing from another."""
_FINGERPRINT = lazily(r"(?:0x)?[0-9A-F]{8,64}")
"""How OpenPGP tells keys apart: public."""
_VENDOR_LEAD = lazily(rb"(?i)[a-z]")
