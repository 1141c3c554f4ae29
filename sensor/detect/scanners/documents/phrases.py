r"""
The words of labels, as regular expressions in small letters.

Strong ones are a label wherever a line holds little else; weak ones are everyday words too and count in
capitals or behind a key. ``label_at`` looks one up by its first letter, so that a line costs microseconds.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from sensor.detect.lazily import lazily

__all__ = ["KEYS", "LEGAL", "OPEN", "STATE", "STRONG", "WEAK", "label_at", "level_at"]


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line for line in map(str.strip, text.splitlines()) if line and not line.startswith("#"))


# Sources: data classification guides in use (ISO/IEC 27001:2022, annex A 5.12 and 5.13, leaves the words to
# the organisation).
STRONG: Final = _lines(r"""
    # en
    (?:strictly |highly |company |private (?:and|&) )?confidential(?: information| document| draft)?
    confidential (?:and|&) proprietary
    in strict confidence
    commercial[ -]in[ -]confidence
    trade secret
    (?:for )?internal (?:use )?only
    (?:for )?internal use
    for internal (?:distribution|circulation)(?: only)?
    (?:for )?official use only
    need[ -]to[ -]know(?: only| basis)?
    do not (?:distribute|forward|copy)
    not for (?:external |public |onward )?(?:distribution|circulation|release|publication)
    restricted (?:distribution|circulation|access)
    highly (?:restricted|sensitive)
    company (?:secret|internal)
    under embargo(?: until)?
    embargoed(?: until)?
    (?:under|subject to) nda
    # de
    (?:streng |höchst |sehr )?vertraulich(?:es dokument)?
    streng geheim
    nur (?:für den|zum|zur) internen? (?:gebrauch|verwendung|dienstgebrauch)
    nur (?:für )?interne? (?:verwendung|zwecke|nutzung)
    nur intern
    interne verwendung
    geschäftsgeheimnis
    betriebsgeheimnis
    firmenvertraulich
    nicht (?:zur|für die) weitergabe(?: bestimmt)?
    persönlich(?:/| und | & )vertraulich
    # fr
    (?:strictement |très )?confidentiel(?:le)?
    (?:à )?(?:usage|diffusion) interne?(?: uniquement| seulement)?
    diffusion (?:limitée|interdite)
    secret des affaires
    ne pas diffuser
    # es, pt
    (?:estrictamente |estritamente |altamente |muy )?confidencial
    (?:para |solo |sólo )?uso interno(?: exclusivo| apenas)?
    acesso restrito
    secreto comercial
    no difundir
    # it
    (?:strettamente )?(?:riservato|confidenziale|riservata)
    riservato e confidenziale
    (?:solo |per |ad )?uso (?:esclusivamente )?interno
    segreto aziendale
    # nl
    (?:strikt |zeer )?vertrouwelijk
    (?:alleen |uitsluitend )?voor intern gebruik
    bedrijfsgeheim
    # pl, cs, sk, sl, hr
    (?:ściśle )?poufne
    (?:tylko )?do użytku (?:wewnętrznego|służbowego)
    tajemnica przedsiębiorstwa
    ściśle tajne
    (?:přísně )?důvěrné
    (?:prísne )?dôverné
    obchodní tajemství
    (?:strogo )?zaupno
    (?:strogo )?povjerljivo
    poslovna tajna
    # hu, ro, bg
    (?:szigorúan )?bizalmas
    üzleti titok
    (?:strict )?confidențial
    (?:strict )?confidenţial
    (?:строго )?поверително
    # sv, da, no, fi
    (?:strängt )?konfidentiellt?
    (?:strengt )?fortroligt?
    (?:strengt )?konfidensielt
    luottamuksellinen
    salassa pidettävä
    # ru, uk
    (?:строго )?конфиденциально
    коммерческая тайна
    для (?:служебного|внутреннего) пользования
    совершенно секретно
    (?:суворо )?конфіденційно
    для службового користування
    # tr, el
    çok gizli
    hizmete özel
    ticari sır
    (?:αυστηρά )?εμπιστευτικό
    απόρρητο
    # ja, zh, ko, ar, he
    社外秘
    極秘
    関係者限り
    取扱注意
    部外秘
    绝密
    机密文件
    内部资料
    內部資料
    仅限内部使用
    대외비
    극비
    سري للغاية
    سري وخاص
    סודי ביותר
    חסוי
""")

LEGAL: Final = _lines(r"""
    attorney[-–— ]client privileged?(?: communication| and confidential)?
    attorney[-–— ]client communication
    attorney work[ -]product
    privileged (?:and|&) confidential(?: attorney[-–— ]client communication)?
    confidential (?:and|&) privileged
    legally privileged
    without prejudice(?: (?:and|&) subject to contract| save as to costs)?
    subject to contract
    anwaltskorrespondenz
    secret professionnel
""")

WEAK: Final = _lines(r"""
    internal
    restricted
    secret
    sensitive
    proprietary
    privileged
    top secret
    private
    embargo
    not public
    draft
    entwurf
    intern
    interne
    geheim
    reservado
    restringido
    secreto
    interno
    restrito
    segreto
    beperkt
    tajne
    zastrzeżone
    titkos
    hemligt
    hemmelig
    salainen
    секретно
    таємно
    gizli
    機密
    秘密
    机密
    기밀
""")

# What a list of levels has beside those.
OPEN: Final = _lines(r"""
    public
    general
    unclassified
    open
    personal
    non-business
    unrestricted
    öffentlich
    público
    pubblico
    openbaar
    publiczne
""")

# Sources: NATO C-M(2002)49; Council Decision 2013/488/EU, article 2; UK Government Security Classifications
# Policy (2023); ISOO's marking handbooks (CUI, classified); VSA (DE), § 2; IGI 1300 (FR).
STATE: Final = _lines(r"""
    (?:cosmic )?top secret
    nato (?:restricted|confidential|secret)
    official[ :-]{1,3}sensitive
    restreint ue(?:/eu restricted)?
    confidentiel ue(?:/eu confidential)?
    (?:très )?secret ue(?:/eu (?:top )?secret)?
    eu (?:restricted|confidential|secret|top secret)
    uk eyes only
    vs ?[-–] ?(?:nfd|nur für den dienstgebrauch|vertraulich)
    (?:très )?secret défense
    diffusion restreinte
    (?:top secret|secret|confidential|unclassified)//[a-z0-9/ ,-]{2,60}
    cui(?://[a-z0-9/ ,-]{2,60})?
    controlled unclassified information
""")

KEYS: Final = lazily(
    r"(?:(?:(?:document|information|data|security|sensitivity|protective)[ _-])?"
    r"(?:classification|sensitivity|marking|confidentiality)(?:[ _-](?:level|label|class))?"
    r"|(?:security|data)[ _-](?:level|class)"
    r"|(?:daten|dokumenten|informations)?(?:klassifi[kz]i?erung|klassifikation)|vertraulichkeit(?:sstufe)?|einstufung"
    r"|schutzklasse|classificatie|vertrouwelijkheid|rubricering|niveau de (?:confidentialité|classification)"
    r"|clasificación|confidencialidad|classificação|classificazione|klauzula"
    r"|гриф(?: секретности)?|klassificering)"
    r"\W{1,6}\Z",
    re.IGNORECASE,
)
"""What names a label, up to the label."""


def _first_letters(phrase: str) -> set[str]:
    """The letters that a phrase can begin with."""
    if not phrase.startswith("(?:"):
        return {phrase[0]}
    depth, end = 1, 3
    letters = {phrase[3]}
    while depth:
        depth += (phrase[end] == "(") - (phrase[end] == ")")
        if phrase[end] == "|" and depth == 1:
            letters.add(phrase[end + 1])
        end += 1
    end -= 1
    if phrase[end + 1 : end + 2] == "?":
        letters |= _first_letters(phrase[end + 2 :])
    return letters


_KINDS: Final = (("state", STATE), ("legal", LEGAL), ("strong", STRONG), ("weak", WEAK))


@cache
def _table(which: str) -> dict[str, re.Pattern[str]]:
    """First letter to the phrases that begin so, the kinds as groups."""
    kinds = _KINDS if which == "label" else (("open", (*OPEN, *STRONG, *WEAK)),)
    by_letter: dict[str, dict[str, list[str]]] = {}
    for kind, phrases in kinds:
        for phrase in phrases:
            for letter in _first_letters(phrase):
                by_letter.setdefault(letter, {}).setdefault(kind, []).append(phrase)
    return {
        letter: re.compile("|".join(_group(kind, its) for kind, its in kinds.items()), re.IGNORECASE)
        for letter, kinds in by_letter.items()
    }


def _group(kind: str, phrases: list[str]) -> str:
    """The phrases as one group, longer ones first, that no letter follows."""
    return f"(?P<{kind}>(?:{'|'.join(sorted(phrases, key=len, reverse=True))})(?!\\w))"


def label_at(line: str, at: int) -> re.Match[str] | None:
    """The label that begins at a character of a line; its kind is the match's ``lastgroup``."""
    pattern = _table("label").get(line[at].lower())
    return pattern.match(line, at) if pattern is not None else None


def level_at(line: str, at: int) -> re.Match[str] | None:
    """The same for every word that names a level, the open ones as well."""
    pattern = _table("level").get(line[at].lower())
    return pattern.match(line, at) if pattern is not None else None
