"""
Letters of other scripts that read as ASCII.

``STRONG`` look the same in most typefaces; ``WEAK`` only nearly, and are folded beside strong ones or ASCII
letters only.

Source: Unicode Technical Standard 39, "Unicode Security Mechanisms", section 4 (confusable detection); the
pairs are our own choice: those between ASCII letters and digits and letters that a keyboard or a font offers.
"""

from __future__ import annotations

__all__ = ["DIGITS", "STRONG", "WEAK"]


def _pairs(*rows: tuple[str, str]) -> dict[str, str]:
    return {foreign: latin for theirs, ours in rows for foreign, latin in zip(theirs, ours, strict=True)}


STRONG: dict[str, str] = _pairs(
    # Cyrillic
    ("АВЕЅІЈКМНОРСТУХЬԌԚԜҮ", "ABESIJKMHOPCTYXbGQWY"),
    ("аеѕіјорсухһԁԛԝүӏѵ", "aesijopcyxhdqwylv"),
    # Greek
    ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹϺ", "ABEZHIKMNOPTYXCM"),
    ("ονιρυϲϳα", "ovipucja"),
    # Armenian
    ("ՕՍՏԼօոսհցզյ", "OUSLonuhgqj"),
    # Cherokee
    ("ᎠᎡᎢᎥᎪᎫᎬᎳᎷᎻᎽᏀᏃᏙᏔᏚᏞᏟᏢᏦᏴᏂ", "DRTiAJEWMHYGZVWSLCPKBh"),
    # Lisu
    ("ꓐꓑꓓꓔꓖꓗꓙꓚꓜꓝꓟꓠꓡꓢꓣꓦꓧꓪꓫꓬꓮꓰꓲꓳꓴ", "BPDTGKJCZFMNLSRVHWXYAEIOU"),
    # Small capitals and phonetic letters
    ("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢɑɡ", "abcdefghijklmnoprstuvwyzag"),
)
"""Letter to the ASCII letter that it is taken for."""

WEAK: dict[str, str] = _pairs(
    ("бвгикмнптьзчѡ", "bvrukmhntbzyw"),
    ("ЗЧБ", "346"),
    ("ηκτωχγεβμσ", "nktwxyebuo"),
)
"""Letters that are taken for others only where the rest of the word is."""

DIGITS: dict[str, str] = _pairs(("ОоΟοЗзЧбՕІӏ", "00003346011"), ("ᏎᏮ", "46"))
"""What the same and other letters are taken for in a word of digits."""
