"""
Licence headers, and headers that say whose property a text is.

"All rights reserved" stands in open licences as well as in closed ones, and a README names a licence
without being under a header: what counts is the sentence of the licence itself, or a copyright of a company
with reserved rights and no grant behind it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from sensor.detect.finding import Candidate, Document, Hit
from sensor.detect.lazily import lazily
from sensor.detect.scanners.documents.lines import MAX_HITS, line_around

__all__ = ["scan_licence"]

LICENCE: Final = "code.licence_header"
PROPRIETARY: Final = "code.proprietary_header"

_GRANT: Final = lazily(
    rb"(?i)licensed under|permission is hereby granted|redistribution and use|free software"
    rb"|gnu (?:lesser |affero )?general"
    rb"|mozilla public|apache license|bsd-style|public domain|creative ?commons|\bmit license"
    rb"|permission to use, copy"
    rb"|spdx-license-identifier: ?(?!licenseref|proprietary|unlicensed|none|commercial)[\w(]"
)
_COPYRIGHT: Final = lazily(rb"(?i)copyright|\(c\)|\xc2\xa9")
_COMPANY: Final = lazily(
    rb"\b(?:Inc|Incorporated|Ltd|Limited|LLC|LLP|GmbH|AG|SE|KG|Corp|Corporation|Company|S\.?A\.?S?"
    rb"|S\.?p\.?A|S\.?r\.?l|B\.?V|N\.?V"
    rb"|A/S|ApS|Oy|AB|Pty|PLC|plc|K\.K|Co|Group|Holdings?|Technologies|Systems|Software|Labs|Bank)\b"
)
_COMMENT: Final = lazily(rb"\s*(?://|/\*|\*|#|--|;|<!--|%|'|\"\"\"|REM |dnl )")
_SECRECY: Final = lazily(
    rb"(?i)trade secret|proprietary and confidential|confidential and proprietary|proprietary information"
    rb"|unauthori[sz]ed (?:copying|use|reproduction|disclosure|distribution)|strictly prohibited"
    rb"|without (?:the )?(?:prior |express |written |explicit )+"
    rb"|not be (?:copied|disclosed|reproduced|distributed)|unpublished"
)
_REACH: Final = 900


def scan_licence(document: Document, hits: Sequence[Hit]) -> Iterator[Candidate]:
    """One finding for each header: ``licence_header`` or ``proprietary_header``."""
    data = document.data
    done = -1
    for tag, end in hits[:MAX_HITS]:
        if end <= done:
            continue
        start, stop = line_around(data, end - 1)
        if tag == "open":
            done = end + _REACH
            in_comment = _COMMENT.match(data, start, stop) is not None
            score = 0.7 if in_comment else 0.5
            yield Candidate(start, stop, LICENCE, score, False, ("the sentence of an open licence",))
            continue
        around = data[max(0, start - _REACH // 3) : end + _REACH]
        if _GRANT.search(around):
            continue
        near = data[max(0, start - 200) : stop + 200]
        signs = [
            _COPYRIGHT.search(near) is not None,
            _COMPANY.search(near) is not None,
            _SECRECY.search(around) is not None,
            _COMMENT.match(data, start, stop) is not None,
        ]
        # "All rights reserved" is said on every web page: there it takes the sentences of a header as well.
        wanted = 2 if tag == "closed" else 3
        if sum(signs) >= wanted:
            done = end + _REACH
            score = round(0.4 + 0.1 * sum(signs) + (0.05 if tag == "closed" else 0.0), 3)
            yield Candidate(
                start, stop, PROPRIETARY, score, False, (f"{sum(signs)} signs of reserved rights",)
            )
