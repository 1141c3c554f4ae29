"""
What extraction takes and gives: the limits, a part of text with its place, and the answer.

Every name that can stand in an answer (kind, format, problem) is in a fixed set here, so that what a child
process sends back can be checked word for word.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["FORMATS", "KINDS", "PROBLEMS", "Extraction", "Limits", "Part"]

KINDS = frozenset(
    """
    attachment body comment deleted footer form header hidden layout link metadata name note property script
    sheet slide
    """.split()
)
"""
What a part is. ``deleted``: a paragraph as it stood before a tracked deletion, an older revision of a PDF,
a cell's text that no cell shows any more. ``hidden``: a paragraph with its hidden runs, a hidden sheet or
slide. ``name``: names of files, sheets, bookmarks. ``form``: form fields. ``layout``: masters and
templates. ``metadata``: what a camera or a program wrote. ``property``: lines ``property NAME: VALUE`` or
``NAME: VALUE``.
"""

PROBLEMS = frozenset(
    """
    bomb crashed damaged encrypted memory partial timeout too_deep too_large too_many unreadable unsupported
    """.split()
)
"""
Why an answer may not be the whole text.

``bomb``: expands beyond reason, refused · ``crashed``: the child died · ``damaged``: breaks its format's
rules · ``encrypted``: a password is needed · ``memory``: the child's address space was used up ·
``partial``: only strings were picked out of a binary form · ``timeout`` · ``too_deep``: nested beyond the
limit · ``too_large``: input or text beyond the limit · ``too_many``: members, pages, cells or parts beyond
the limit · ``unreadable``: no such file, or not a regular one · ``unsupported``: a format without a reader.
"""

FORMATS = frozenset(
    """
    7z audio avif binary bmp bzip2 csv doc docx emf eml empty epub font gif gzip heic html ics ipynb jpeg json
    mbox msg odf odg odp ods odt ole ooxml pdf png ppt pptx rar rtf sqlite svg tar text tiff tsv unknown vcf
    video vsdx webp wmf xls xlsb xlsx xml xz zip zstd
    """.split()
)
"""What ``sniff`` may say. ``unknown``: nobody looked (too large, unreadable)."""

MB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much one file may cost. The defaults are the product's."""

    input_bytes: int = 64 * MB
    """A larger file is not opened."""
    text_bytes: int = 20 * MB
    """Text given back, as UTF-8."""
    expanded_bytes: int = 256 * MB
    """All that is decompressed for one file, at every depth together."""
    ratio: int = 100
    """Decompressed over compressed bytes of one stream; looked at from ``ratio_from`` bytes on."""
    ratio_from: int = 4 * MB
    members: int = 10_000
    """Archive members, mail parts, embedded files, together."""
    parts: int = 20_000
    nesting: int = 4
    """A file in a file in a file … The file itself is depth 0."""
    pages: int = 5_000
    cells: int = 1_000_000
    """Cells of all sheets together."""
    wall_s: float = 10.0
    cpu_s: int = 10
    address_bytes: int = 512 * MB
    """``RLIMIT_AS`` of the child."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece of text and where it stood."""

    kind: str
    """One of ``KINDS``."""
    where: str
    """``word/header1.xml``, ``page 3``, ``sheet Payroll (hidden)``, ``inner.zip/readme.txt``."""
    text: str


@dataclass(slots=True, kw_only=True)
class Extraction:
    """The text of a file, and what stood in the way."""

    format: str
    """One of ``FORMATS``."""
    parts: tuple[Part, ...] = ()
    truncated: bool = False
    """Some text is missing from ``parts``."""
    problems: tuple[str, ...] = ()
    """Of ``PROBLEMS``, sorted; empty where the file was read whole."""
    bytes_read: int = 0
    """Bytes of the file that reached a reader."""
