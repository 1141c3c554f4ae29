"""
What tells a secret from text that only looks like one.

Rule 1: words are known by a table of letter pairs, not by a dictionary: seven hundred digits, made from the
word types of technical documentation. It says how much likelier a run of letters is as a word than by chance.
Rule 2: a validator refuses a value only where it is surely none (a placeholder, a failed parse of what must
parse); a checksum that holds proves it.

Pure functions over the value alone. What stands around it is the scanner's business.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import math
import re
import zlib
from collections import Counter
from collections.abc import Sequence
from operator import sub

from sensor.detect.finding import Validator
from sensor.detect.lazily import lazily

__all__ = [
    "VALIDATORS", "age_checksum", "basic_credentials", "decode_base64", "entropy", "github_crc",
    "grafana_crc", "is_placeholder", "is_random", "is_sequence", "jwt_header", "letter_runs", "secret_random",
    "wif_checksum", "word_likeness", "word_share",
]  # fmt: skip

# --- words ----------------------------------------------------------------------------------------------

_PAIRS = (
    "076776665645676573777655433" "636763463625868260878554353" "775557443753844751775732352"
    "773547428627653842657631142" "974458443832544731664633240" "864675552423667453877354642"
    "873557741801744841766613250" "963448356720646640764633132" "883248222713555830656623050"
    "666766561214769751677250405" "784558234744454852465705221" "973448455713635741575535142"
    "873468432814733740266542161" "786458322713563781364632240" "873777583725435641378542142"
    "755664553425778660866666322" "883548446703733760867623250" "843444440602645234554944000"
    "874559452704565740576542150" "962638346714543662368633151" "872548426802544740766523353"
    "666656552623778470778222413" "883539433800454631454322220" "884558436803546742764434201"
    "964757534703563580568443542" "964546443602566570576423113" "873339335843544610354513245"
)  # fmt: skip
"""
Pairs of (edge, a to z) in rows of 27: bits over chance, plus six, from 0 to 9.

Source: 20,426 word types in documentation of Debian packages and the standard library of Python, each counted
with one plus the logarithm of how often it stands.
"""
_ROWS = tuple(tuple(int(digit) - 6 for digit in _PAIRS[row * 27 : row * 27 + 27]) for row in range(27))
_LETTER = bytes(byte & 31 if chr(byte).isalpha() else 0 for byte in range(128)) + bytes(128)
"""1 to 26 for the letters of ASCII in either case, 0 for the edge of a run."""

_RUN = lazily(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_LONG_RUN = lazily(rb"[A-Z]{3,}(?![a-z])|[A-Z][a-z]{2,}|[a-z]{3,}")
"""Runs of three letters and more: of two, chance makes half, so they are not taken for words."""
_ALNUM = bytes(byte for byte in range(128) if chr(byte).isalnum())
_OTHER = bytes(byte for byte in range(256) if byte not in _ALNUM)
_NO_DIGIT = bytes(byte for byte in range(256) if not 0x30 <= byte <= 0x39)
_WORD = 0
"""
Bits from which on a run is a word: 90 to 98 of 100 words of four letters and more, 23 to 4 by chance.
"""


def letter_runs(value: str) -> list[str]:
    """
    Runs of letters and of digits, parted where capitals begin (``apiKey2`` gives ``api``, ``Key``, ``2``).
    """
    return _RUN.findall(value)


def _bits(run: bytes) -> int:
    total = 0
    row = _ROWS[0]
    for letter in run.translate(_LETTER):
        total += row[letter]
        row = _ROWS[letter]
    return total + row[0]


def word_likeness(run: str) -> float:
    """
    Bits for each letter by which ASCII letters are likelier as a word than by chance; negative for chance.
    """
    return _bits(run.encode("ascii")) / (len(run) + 1)


def word_share(value: str) -> float:
    """
    What share of the letters and digits stands in words (0 to 1): near 1 for identifiers, near 0 for keys.
    """
    raw = value.encode("utf-8", "replace")
    total = len(raw.translate(None, _OTHER))
    if not total:
        return 0.0
    return sum(len(run) for run in _LONG_RUN.findall(raw) if _bits(run) >= _WORD) / total


_PARTS = (0.0, *(count * math.log2(count) for count in range(1, 512)))
"""n times its logarithm, for as many times as a character stands in a value."""


def entropy(value: str) -> float:
    """Shannon bits a character."""
    total = len(value)
    if total < 2:
        return 0.0
    if total >= len(_PARTS):
        return -sum(count / total * math.log2(count / total) for count in Counter(value).values())
    return math.log2(total) - sum(map(_PARTS.__getitem__, map(value.count, set(value)))) / total


def _has_bits(value: str, least: float) -> bool:
    """``entropy(value) >= least``, without counting where the number of different characters settles it."""
    length = len(value)
    kinds = len(set(value))
    # At least: all kinds once and one of them as often as is left.
    most = length - kinds + 1
    if most < len(_PARTS) and math.log2(length) - _PARTS[most] / length >= least + 0.01:
        return True
    return entropy(value) >= least


def is_sequence(value: str) -> bool:
    """Half of the steps from character to character or more are 0 or 1 up or down: ``12345678``, ``aaaa``."""
    codes: Sequence[int] = value.encode() if value.isascii() else list(map(ord, value))
    steps = list(map(sub, codes[1:], codes))
    return 2 * (steps.count(0) + steps.count(1) + steps.count(-1)) >= len(value) - 1


_HEX = lazily(r"[0-9a-f]+\Z|[0-9A-F]+\Z")
_DIGITS_END = lazily(r"[0-9](?![0-9])(?!\Z)")


def is_random(value: str) -> bool:
    """
    Whether a value looks as if drawn by chance: a key and not a name.

    Letters and digits both, few words, about as many bits a character as chance gives for this length.
    """
    length = len(value)
    if length < 10:
        return False
    raw = value.encode("utf-8", "replace")
    digits = len(raw.translate(None, _NO_DIGIT))
    if digits == 0 and length < 20:
        return False
    if len(raw.translate(None, _OTHER)) == digits and not any(map(str.isalpha, value)):
        return False
    if _HEX.match(value):
        return (
            digits > 0
            and length >= 16
            and _has_bits(value, min(3.0, 0.72 * math.log2(length)))
            and not is_sequence(value)
        )
    # By chance among 26 characters and more: above 0.8 of the logarithm of the length, up to 30 of them.
    if not _has_bits(value, 0.78 * math.log2(min(length, 30))):
        return False
    share = word_share(value)
    if share >= (0.5 if digits else 0.3) and (share >= 0.75 or len(_DIGITS_END.findall(value)) < 3):
        return False
    return not is_sequence(value)


# --- placeholders ---------------------------------------------------------------------------------------

_FILLS = lazily(
    r"""
      xxxx|&lt;|&\#x?3c|\*\*\*|\.\.\.|…|••|____|----|\#\#\#\#                             # xxxx, ****, ...
    | \$\{|\$\(|\{\{|\}\}|<%|%>|%\(|\#\{|@\{|%[sdrv@]\b|\{[a-z_.]{0,30}\}               # templates
    | -your|_your|\.your|\ your|your[-_. ]|yourkey|yourtoken|yourpass|your.?api|your.?secret
    | example|sample|dummy|place.?holder|redacted|masked|removed|censored|sanitized|obfuscated
    | change.?(?:me|this|it)|replace.?(?:me|this|with)|fill.?in|to.?be.?(?:set|filled|defined)
    | not.?(?:a.)?(?:real|secret|set|used|needed|required)
    """,
    re.VERBOSE,
)
"""Anywhere in a value, in small letters."""
_STANDS_FOR = lazily(
    r"""
      \$[a-z_]\w*$|\$\w+(?:[/.:]|->?)|%[a-z_]+%$|\{[^}]*\}$|<[^>]*>$|\[[^\]]*\]$|@[a-z_]+@$
    | your|insert|enter|my[-_. ]?(?:super)?[-_. ]?(?:secret|pass|password|passwd|token|key|api)
    | (?:use|see|get|from|set|provide|required)[-_ ]
    | (?:some|any|the|a|an|this|test|fake|mock|invalid|wrong|bad|new|old|valid|other|default|correct|user
        |raw|plain|
         super|top|shared|hidden|secure|strong|weak|long|very|client|server|app|api|access|db|root|admin)?
       [-_. ]?(?:secret|pass|password|passwd|passphrase|passwort|pwd|pw|token|key|api.?key|credentials?|value
           |string|
         text|hash|auth)(?:[-_. ]?(?:here|goes.?here|value|string|key|token|[0-9]{1,2}|[a-z]))?$
    | (?:utf-?(?:8|16|32)(?:-?[bl]e)?|latin-?[0-9]|iso-?8859-?[0-9]{1,2}|ascii|cp-?[0-9]{3,4}
        |sha-?[0-9]{1,3}|md[245]|base-?(?:32|58|62|64)|
         urllib[23]?|x-?509|oauth-?[12]?|http-?[12]?|[rhep]s(?:256|384|512)|ed25519|rsa-?[0-9]{0,4}
             |aes-?[0-9]{0,3}(?:-\w{3})?|bcrypt|
         argon2\w{0,2}|pbkdf2\w*|scrypt|v[0-9]{1,2}|pkcs-?[0-9]{1,2}|text/\w+|nexttokenvalue)$
    | (?:todo|fixme|tbd|none|null|nil|true|false|yes|no|on|off|undefined|empty|default
        |test(?:ing)?[0-9]{0,3}|foo(?:bar)?|
         bar|baz|qux|quux|spam|eggs|ham|blah|asdf|abc|abcd|abcdef|xyz|user(?:name)?|guest|-?anonymous@?|public
             |private|
         string|str|int|bytes|object|any|void|unknown|hidden|optional|required|enabled|disabled|basic|bearer
             |n/?a)$
    """,
    re.VERBOSE,
)
"""From the beginning of a value, in small letters."""


def is_placeholder(value: str) -> bool:
    """A value that stands for one: ``<your key>``, ``${TOKEN}``, ``xxxx``, ``changeme``, ``example``."""
    low = value.lower()
    return _FILLS.search(low) is not None or _STANDS_FOR.match(low) is not None


_MASK = lazily(
    r"[xX]{5}|\*{3}|\.{3}|…|_{5}|0{12}|example|sample|placeholder|redacted|your[-_]|[-_]your|[-_]here\b"
    r"|replace|"
    r"\$\{|\{\{|<|changeme",
    re.IGNORECASE,
)


def secret_shape(value: str) -> bool | None:
    """
    Refuses what only fills a vendor's form: ``ghp_xxxx…``, ``…EXAMPLE``, the same few characters over and
    over.
    """
    if _MASK.search(value) or len(set(value)) < min(8, len(value) // 2):
        return False
    return None


def secret_random(value: str) -> bool | None:
    """Refuses words and names: what a vendor draws by chance does not read."""
    if secret_shape(value) is False or word_share(value) > 0.6 or entropy(value) < 2.5:
        return False
    return None if any(character.isdigit() for character in value) else _without_digits(value)


def _without_digits(value: str) -> bool | None:
    """Twenty letters and no digit happen by chance, in both cases and unreadable."""
    mixed = value.lower() != value and value.upper() != value
    return None if mixed and len(value) >= 16 and word_share(value) < 0.4 else False


def secret_tail_random(value: str) -> bool | None:
    """``secret_random`` of what stands behind the last dot."""
    return secret_random(value.rpartition(".")[2])


def secret_not_words(value: str) -> bool | None:
    """Refuses placeholders and plain words; a password may be short."""
    if is_placeholder(value) or len(set(value)) < 3:
        return False
    return False if value.isalpha() and word_share(value) > 0.8 else None


def secret_dropbox(value: str) -> bool | None:
    """Random around the ten A in its middle."""
    return secret_random(value.replace("AAAAAAAAAA", ""))


# --- checksums ------------------------------------------------------------------------------------------

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def _base62(number: int, width: int) -> str:
    made = ""
    for _ in range(width):
        number, digit = divmod(number, 62)
        made = _BASE62[digit] + made
    return made


def github_crc(value: str) -> bool | None:
    """
    The last six of 36 characters are the CRC-32 of the first thirty in base 62.

    One that does not hold may be an older or newer form: kept, not proven. Source: GitHub, Behind GitHub's
    new authentication token formats, 2021-04-05; for npm, Announcing npm's new access token format,
    2021-09-23.
    """
    body = value.partition("_")[2]
    if len(body) != 36:
        return None
    return True if _base62(zlib.crc32(body[:30].encode("utf-8", "replace")), 6) == body[30:] else None


def grafana_crc(value: str) -> bool | None:
    """
    ``glsa_`` and 32 characters, then their CRC-32, little-endian, in hex.

    Source: Grafana, pkg/components/satokengen/tokengen.go, CalculateChecksum.
    """
    body, _, check = value.rpartition("_")
    made = zlib.crc32(body.encode("utf-8", "replace")).to_bytes(4, "little").hex()
    return True if made == check.lower() else None


def aws_key_id(value: str) -> bool | None:
    """
    Refuses what cannot be an AWS key id: the characters are those of base 32, and not one of them over and
    over.

    Source: AWS, reference_identifiers; the base 32 digits as in RFC 4648 section 6.
    """
    body = value[4:]
    if "EXAMPLE" in body or len(set(body)) < 6 or body.isalpha() and word_share(body) > 0.8:
        return False
    return None


_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_BECH32_STEPS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def age_checksum(value: str) -> bool | None:
    """The Bech32 checksum of an age secret key holds. Source: BIP 173, "Checksum"; age-encryption.org/v1."""
    prefix, _, data = value.lower().rpartition("1")
    sum_ = 1
    values = (
        [ord(character) >> 5 for character in prefix] + [0] + [ord(character) & 31 for character in prefix]
    )
    for number in values + [_BECH32.find(character) & 31 for character in data]:
        top = sum_ >> 25
        sum_ = (sum_ & 0x1FFFFFF) << 5 ^ number
        for place, step in enumerate(_BECH32_STEPS):
            if top >> place & 1:
                sum_ ^= step
    return sum_ == 1


_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_KEY_VERSIONS = (
    b"\x80",
    b"\xef",
    b"\x04\x88\xad\xe4",
    b"\x04\x9d\x78\x78",
    b"\x04\xb2\x43\x0c",
    b"\x04\x35\x83\x94",
)


def wif_checksum(value: str) -> bool:
    """
    A private key in Base58Check: the version says private, the last four bytes are a double SHA-256.

    Source: Bitcoin wiki, Wallet import format; BIP 32, "Serialization format".
    """
    number = 0
    for character in value:
        place = _BASE58.find(character)
        if place < 0:
            return False
        number = number * 58 + place
    raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
    for length in (82, 38, 37):
        padded = raw.rjust(length, b"\0")
        if len(padded) == length and padded.startswith(_KEY_VERSIONS):
            body, check = padded[:-4], padded[-4:]
            if hashlib.sha256(hashlib.sha256(body).digest()).digest()[:4] == check:
                return True
    return False


# --- things that must decode ----------------------------------------------------------------------------


def decode_base64(value: str) -> bytes | None:
    """Base64 in either alphabet, padded or not; ``None`` for anything else."""
    plain = value.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def basic_credentials(value: str) -> bool | None:
    """Base64 of ``user:password``, and the password no placeholder. Source: RFC 7617 section 2."""
    raw = decode_base64(value)
    if raw is None:
        return False
    try:
        user, colon, password = raw.decode("utf-8").partition(":")
    except UnicodeDecodeError:
        return False
    if not colon or not (user + password).isprintable() or not password:
        return False
    return None if password != user and not is_placeholder(password) else False


def jwt_header(value: str) -> bool:
    """The first part of a token decodes to a JSON object with ``alg``. Source: RFC 7515 section 4.1.1."""
    raw = decode_base64(value)
    if raw is None:
        return False
    try:
        header = json.loads(raw)
    except (ValueError, RecursionError):
        return False
    return isinstance(header, dict) and "alg" in header


VALIDATORS: dict[str, Validator] = {
    "age_checksum": age_checksum,
    "aws_key_id": aws_key_id,
    "basic_credentials": basic_credentials,
    "github_crc": github_crc,
    "grafana_crc": grafana_crc,
    "jwt_header": jwt_header,
    "secret_dropbox": secret_dropbox,
    "secret_not_words": secret_not_words,
    "secret_random": secret_random,
    "secret_shape": secret_shape,
    "secret_tail_random": secret_tail_random,
    "wif_checksum": wif_checksum,
}
