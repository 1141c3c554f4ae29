"""
What a contact value must look like: top-level domains, calling codes, addresses of networks, places on Earth.

Own tables decide; the library ``phonenumbers`` is asked where a shape alone is too weak (``phone_valid``). It
is imported when first asked, or by ``warm``: its first use of all regions takes a tenth of a second.
"""

from __future__ import annotations

import functools
import ipaddress
import re
from typing import Any

from sensor.detect.finding import Validator
from sensor.detect.lazily import lazily

__all__ = [
    "CALLING_CODES", "VALIDATORS", "calling_code", "coordinates", "email", "internal_host", "ip_score",
    "is_tld", "mac",
    "phone_national", "phone_plausible",
    "phone_valid", "warm",
]  # fmt: skip

_TLDS = frozenset(
    """
    academy accountant accountants actor adult aero agency ai airport app apartments arpa art asia
    associates attorney auction audio auto autos baby band bank bar bargains basketball beauty beer berlin
    best bet bid bike bingo bio biz black blog blue boats bond boo book boston bot boutique box brussels
    build builders business buzz bzh cab cafe cam camera camp capital car cards care career careers cars
    casa cash casino cat catering catholic center ceo charity chat cheap christmas church city claims
    cleaning click clinic clothing cloud club co coach codes coffee college cologne com community company
    computer condos construction consulting contact contractors cooking cool coop corsica country coupons
    courses credit creditcard cricket cruises cymru dance date dating day deals degree delivery democrat
    dental dentist design dev diamonds diet digital direct directory discount doctor dog domains download
    earth eco edu education email energy engineer engineering enterprises equipment estate eus events
    exchange expert exposed express fail faith family fan fans farm fashion film finance financial fish
    fishing fit fitness flights florist flowers football forsale foundation frl fun fund furniture futbol
    fyi gal gallery game games garden gay gent gift gifts gives glass global gmbh gold golf gov graphics
    gratis green gripe group guide guitars guru hair hamburg haus health healthcare help hiv hockey
    holdings holiday homes horse hospital host hosting hotel house how icu immo immobilien inc industries
    info ink institute insurance insure int international investments irish ist istanbul jetzt jewelry
    jobs kaufen kids kim kitchen kiwi koeln krd kyoto land lat law lawyer lease legal lgbt life lighting
    limited limo link live llc loan loans lol london love ltd ltda luxe luxury maison management market
    marketing markets mba media melbourne memorial men menu miami mil mobi moda moe mom money monster
    mortgage moscow moto motorcycles movie museum music nagoya name navy net network new news ngo ninja
    nrw nyc observer okinawa one ong onl online ooo org organic osaka page paris partners parts party pet
    pharmacy phone photo photography photos physio pics pictures pink pizza place plumbing plus poker porn
    post press pro productions promo properties property pub quebec quest racing realestate realtor
    recipes red rehab reise reisen rent rentals repair report republican rest restaurant review reviews
    rich rip rocks rodeo ruhr run saarland sale salon sarl sbs school schule science scot security select
    services sex sexy shiksha shoes shop shopping show singles site ski skin soccer social software solar
    solutions space spa sport store storage stream studio study style sucks supplies supply support surf
    surgery swiss sydney systems taipei tattoo tax taxi team tech technology tel tennis theater theatre
    tickets tienda tips tires tirol today tokyo tools top tours town toys trade trading training travel
    tube university uno vacations vegas ventures vet viajes video villas vin vip vision vlaanderen vodka
    vote voting voyage wales watch website wedding wien wiki win wine work works world wtf xin xxx xyz
    yachts yoga yokohama zone zip corp home internal intra intranet invalid lan local localdomain
    localhost onion private test example
    """.split()
)
"""
Top-level domains of three letters and more that mail goes to, and the last labels of networks' own names.

Source: IANA root zone database, generic domains in wide use (2026-11-24); RFC 6761, RFC 6762, RFC 9476.
"""


def is_tld(label: str) -> bool:
    """A last label that an address may have: two letters, punycode, one of the list, or not ASCII."""
    if not label.isascii():
        return True
    plain = label.lower()
    return (
        len(plain) == 2 and plain.isalpha() or plain in _TLDS or plain.startswith("xn--") and len(plain) > 6
    )


_EMAIL = lazily(
    r"""(?:[^\s@"<>()\[\],:;\\]{1,64}|"[^"\n]{1,62}")@((?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}([^\W\d_][\w-]{1,62}))\.?\Z"""
)


def email(value: str) -> bool:
    """An address of mail with a domain that may exist. Source: RFC 5321, section 4.1.2; RFC 6531."""
    found = _EMAIL.match(value)
    return found is not None and is_tld(found[2])


def mac(value: str) -> bool:
    """A hardware address that somebody has: not zero, not broadcast, no count like 00:01:02:03:04:05."""
    plain = re.sub(r"[^0-9A-Fa-f]", "", value).lower()
    return len(plain) in (12, 16) and len(set(plain)) > 2 and plain not in ("000102030405", "001122334455")


_PUBLIC_RESOLVERS = frozenset(
    "1.1.1.1 1.0.0.1 8.8.8.8 8.8.4.4 9.9.9.9 149.112.112.112 208.67.222.222 208.67.220.220 "
    "2606:4700:4700::1111 2606:4700:4700::1001 2001:4860:4860::8888 2001:4860:4860::8844".split()
)
_DOCUMENTATION_V4 = (0xC00002, 0xC63364, 0xCB0071)
_DOCUMENTATION = tuple(ipaddress.ip_network(text) for text in ("2001:db8::/32", "3fff::/20"))
_PRIVATE_V4 = tuple(
    (int(network.network_address), int(network.broadcast_address))
    for network in map(
        ipaddress.IPv4Network,
        (
            "10.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "240.0.0.0/4",
        ),
    )
)


def ip_score(value: str) -> float | None:
    """
    How telling an address is, 0 to 1; ``None`` where it is none.

    Loopback, unspecified, multicast, netmasks, documentation ranges and public resolvers say nothing of
    anybody. Source: RFC 6890, RFC 5737, RFC 3849, RFC 9637.
    """
    if ":" not in value:
        return _v4_score(value)
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        return None
    if address.is_loopback or address.is_unspecified or address.is_multicast or value in _PUBLIC_RESOLVERS:
        return 0.2
    if any(address in network for network in _DOCUMENTATION):
        return 0.3
    return 0.7 if address.is_link_local else 0.85


_DOTTED = lazily(r"(?:(?:0|[1-9][0-9]{0,2})\.){3}(?:0|[1-9][0-9]{0,2})\Z")


def _v4_score(value: str) -> float | None:
    if not _DOTTED.match(value):
        return None
    parts = list(map(int, value.split(".")))
    if max(parts) > 255:
        return None
    number = int.from_bytes(parts)
    first = number >> 24
    if first in (0, 127, 255) or 224 <= first < 240 or value in _PUBLIC_RESOLVERS:
        return 0.2
    if number >> 8 in _DOCUMENTATION_V4:
        return 0.3
    return 0.75 if any(low <= number <= high for low, high in _PRIVATE_V4) else 0.85


_RECEIVERS = frozenset(
    "self this cls super module mod pkg package obj object instance parent node req request res response "
    "config cfg "
    "settings options opts params args state props ctx context event window document console std com org "
    "net io "
    "java javax jdk sun androidx android kotlin scala golang google github torch tf np pd os sys".split()
)
"""What stands before a point in code, and is the name of no host."""
_CAMEL = lazily("[a-z][A-Z]")
_OWN_OF_CLUSTER = frozenset(
    ("svc.cluster.local", "kubernetes.svc.cluster.local", "kubernetes.default.svc.cluster.local")
)


def internal_host(value: str) -> bool | None:
    """
    The name of a host, not an attribute (``self.internal``), a package (``com.sun.internal``) or what every
    cluster calls its own.
    """
    small = value.lower()
    if small in _OWN_OF_CLUSTER:
        return False
    labels = small.split(".")
    if labels[0] in _RECEIVERS or _CAMEL.search(value):
        return False
    # A name of one plain word before .internal is an attribute or a module more often than a host.
    if len(labels) == 2 and labels[1] == "internal" and labels[0].isalpha():
        return False
    return None


def coordinates(value: str) -> bool:
    """Latitude and longitude in degrees, both in range, not both whole."""
    parts = re.findall(r"-?[0-9]{1,3}(?:\.[0-9]+)?", value)
    if len(parts) != 2:
        return False
    first, second = abs(float(parts[0])), abs(float(parts[1]))
    # Two numbers below one are weights or shares, seldom a place in the Gulf of Guinea.
    return first <= 90 and second <= 180 and any("." in part for part in parts) and max(first, second) >= 1


# --- telephone numbers --------------------------------------------------------------------------------

CALLING_CODES: dict[str, tuple[int, int]] = {
    code: (int(low), int(high))
    for code, low, high in re.findall(
        "([0-9]+):([0-9]+)-([0-9]+)",
        """
        1:7-10 7:10-13 20:8-10 27:5-10 30:10-12 31:5-11 32:8-9 33:9-9 34:9-9 36:8-9 39:6-12 40:6-9 41:9-12
        43:5-13 44:7-10 45:8-8 46:6-12 47:5-8 48:6-10 49:5-13 51:8-9 52:10-10 53:6-10 54:10-11 55:8-11
        56:9-11 57:8-11 58:10-10 60:8-10 61:5-12 62:7-13 63:6-13 64:5-10 65:8-11 66:8-13 81:8-13 82:5-13
        84:7-10 86:7-12 90:7-13 91:8-13 92:8-12 93:9-9 94:9-9 95:6-10 98:5-10 211:9-9 212:9-9 213:8-9
        216:8-8 218:9-9 220:7-9 221:9-9 222:8-8 223:8-8 224:8-9 225:10-10 226:8-8 227:8-8 228:8-8
        229:10-10 230:7-10 231:7-9 232:8-8 233:8-9 234:10-13 235:8-8 236:8-8 237:8-9 238:7-7 239:7-7
        240:9-9 241:7-8 242:9-9 243:7-10 244:9-9 245:7-9 246:7-7 247:5-6 248:7-7 249:9-9 250:8-9 251:9-9
        252:6-9 253:8-8 254:7-10 255:9-9 256:9-9 257:8-8 258:8-9 260:9-9 261:9-9 262:9-9 263:7-10 264:8-9
        265:7-9 266:8-8 267:7-10 268:8-9 269:7-7 290:4-5 291:7-7 297:7-7 298:6-6 299:6-6 350:8-8 351:9-9
        352:5-11 353:7-10 354:7-9 355:6-9 356:8-8 357:8-8 358:5-12 359:6-12 370:8-8 371:8-8 372:7-10
        373:8-8 374:8-8 375:6-11 376:6-9 377:8-9 378:8-10 380:9-10 381:6-12 382:8-9 383:8-12 385:7-9
        386:5-8 387:8-9 389:8-8 420:9-12 421:6-9 423:7-9 500:5-5 501:7-11 502:8-11 503:7-11 504:8-11
        505:8-8 506:8-10 507:7-11 508:6-9 509:8-8 590:9-9 591:8-9 592:7-7 593:8-11 594:9-9 595:6-11
        596:9-9 597:6-7 598:5-13 599:7-8 670:7-8 672:6-6 673:7-7 674:7-7 675:7-8 676:5-7 677:5-7 678:5-7
        679:7-11 680:7-7 681:6-9 682:5-5 683:4-7 685:5-10 686:5-8 687:6-6 688:5-7 689:6-9 690:4-7 691:7-7
        692:7-7 800:8-8 808:8-8 850:8-10 852:5-11 853:7-8 855:8-10 856:8-10 870:9-12 878:12-12 880:6-10
        881:9-10 882:7-12 883:8-12 886:7-11 888:11-11 960:7-10 961:7-8 962:8-9 963:8-9 964:8-10 965:7-8
        966:9-10 967:7-9 968:7-9 970:8-10 971:5-12 972:7-12 973:8-8 974:7-11 975:7-8 976:8-10 977:8-11
        979:9-9 992:9-9 993:8-8 994:9-9 995:9-9 996:9-10 998:9-9
        """,
    )
}
"""
Calling code to the shortest and longest national number.

Source: ITU-T E.164 assigned country codes; lengths as in the metadata of libphonenumber 9.0.43.
"""


def calling_code(digits: str) -> str | None:
    """The calling code that an international number (digits only, no prefix) begins with."""
    for size in (1, 2, 3):
        if digits[:size] in CALLING_CODES:
            return digits[:size]
    return None


def phone_plausible(value: str) -> bool:
    """
    An international number, + or 00 in front, has an assigned code and a length of that country's.

    A trunk prefix, (0) behind the code, does not count.
    """
    plain = re.sub(r"[^0-9]", "", re.sub(r"\(0\)", "", value))
    if value.lstrip("( ").startswith("00"):
        plain = plain[2:]
    code = calling_code(plain)
    if code is None:
        return False
    low, high = CALLING_CODES[code]
    return low <= len(plain) - len(code) <= high + 1 and len(set(plain)) > 2


@functools.cache
def _library() -> Any:
    import phonenumbers

    return phonenumbers


def phone_valid(value: str) -> bool:
    """``phonenumbers`` takes it for an international number that exists: one parse."""
    library = _library()
    try:
        return bool(library.is_valid_number(library.parse(value, None)))
    except library.NumberParseException:
        return False


NATIONAL_REGIONS = ("GB", "GG", "IM", "JE", "FR", "NL", "BE", "AU", "CC", "CX", "CH", "SE")
"""
Whose numbers with a leading nought count when they stand bare, those that share a calling code with one of
them included. German and Italian plans take nearly any digits, so they are not among them.
"""
_KINDS = (
    "fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost", "voip", "personal_number", "pager",
    "uan", "voicemail",
)  # fmt: skip


@functools.cache
def _plans() -> tuple[tuple[frozenset[int], re.Pattern[str]], ...]:
    """Of each region the lengths and the shapes of its numbers, without the nought."""
    plans = []
    for region in NATIONAL_REGIONS:
        data = _library().PhoneMetadata.metadata_for_region(region)
        lengths: dict[tuple[int, ...], list[str]] = {}
        general = data.general_desc
        for kind in _KINDS:
            described = getattr(data, kind)
            if described is not None and described.national_number_pattern:
                sizes = tuple(described.possible_length) or tuple(general.possible_length)
                lengths.setdefault(sizes, []).append(described.national_number_pattern)
        for sizes, patterns in lengths.items():
            plans.append((frozenset(sizes), re.compile("|".join(f"(?:{shape})" for shape in patterns))))
    return tuple(plans)


def phone_national(value: str) -> bool:
    """
    ``0`` and a number that one of ``NATIONAL_REGIONS`` gives out: the library's tables, without its parser.
    """
    size = len(value) - 1
    if value[:1] != "0" or not 8 <= size <= 11:
        return False
    return any(size in sizes and shape.fullmatch(value, 1) for sizes, shape in _plans())


def warm() -> None:
    """Does what the first questions would wait for: the import, and the tables of the regions."""
    phone_national("0123456789")
    phone_valid("+10123456789")


def phone(value: str) -> bool | None:
    """International numbers by code and length; of others it cannot say."""
    if value.lstrip("( ").startswith(("+", "00")):
        return phone_plausible(value)
    return None


VALIDATORS: dict[str, Validator] = {
    "email": email,
    "mac": mac,
    "coordinates": coordinates,
    "phone": phone,
    "internal_host": internal_host,
}
