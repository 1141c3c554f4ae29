"""
Bytes to parts, in this process: what format, which reader, and files in files.

``read_bytes`` always answers: whatever a reader raises becomes the name of a problem, and what was said
before it stays. It is what the child runs, and what tests and fuzzing call without one. Readers are
imported when a file of their kind turns up.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from sensor.extract.budget import Budget, Stop
from sensor.extract.model import Extraction, Limits, Part
from sensor.extract.sniffing import sniff
from sensor.extract.source import DAMAGE, Source

__all__ = ["READERS", "read_bytes"]

READERS: dict[str, str] = {
    "avif": "images:read_image",
    "binary": "texts:read_binary",
    "bmp": "images:read_image",
    "bzip2": "archives:read_compressed",
    "csv": "texts:read_csv",
    "doc": "compound_files:read_compound",
    "docx": "ooxml:read_ooxml",
    "emf": "metafiles:read_metafile",
    "eml": "mail:read_mail",
    "epub": "odf:read_epub",
    "gif": "images:read_image",
    "gzip": "archives:read_compressed",
    "heic": "images:read_image",
    "html": "markup:read_html",
    "ics": "texts:read_lines",
    "ipynb": "texts:read_notebook",
    "jpeg": "images:read_image",
    "json": "texts:read_text",
    "mbox": "mail:read_mbox",
    "msg": "msg:read_msg",
    "odg": "odf:read_odf",
    "odp": "odf:read_odf",
    "ods": "odf:read_odf",
    "odt": "odf:read_odf",
    "ole": "compound_files:read_compound",
    "ooxml": "ooxml:read_ooxml",
    "pdf": "pdf:read_pdf",
    "png": "images:read_image",
    "ppt": "compound_files:read_compound",
    "pptx": "ooxml:read_ooxml",
    "rtf": "rtf:read_rtf",
    "sqlite": "databases:read_sqlite",
    "svg": "markup:read_svg",
    "tar": "archives:read_tar",
    "text": "texts:read_text",
    "tiff": "images:read_image",
    "tsv": "texts:read_csv",
    "vcf": "texts:read_lines",
    "vsdx": "ooxml:read_ooxml",
    "webp": "images:read_image",
    "wmf": "metafiles:read_metafile",
    "xls": "compound_files:read_compound",
    "xlsb": "ooxml:read_ooxml",
    "xlsx": "ooxml:read_ooxml",
    "xml": "texts:read_text",
    "xz": "archives:read_compressed",
    "zip": "archives:read_zip",
    "zstd": "archives:read_compressed",
}
"""Format to module and function. 7z, rar, sound, film and fonts have none: they are told as not readable."""

_WORDLESS = frozenset(("audio", "video", "font"))
_CARRIERS = frozenset("avif bmp gif heic html jpeg pdf png rtf svg text tiff webp xml".split())
"""What a ZIP is looked for behind; other formats hold files of their own."""


def _reader(form: str) -> Callable[[Source], None] | None:
    target = READERS.get(form)
    if target is None:
        return None
    module, _, function = target.partition(":")
    found: Callable[[Source], None] = getattr(import_module(f"sensor.extract.{module}"), function)
    return found


def dispatch(source: Source) -> str:
    """Read a source by the reader of its format. :raises Stop: only where the whole extraction ends"""
    form = sniff(source.data, source.name, source.content_type)
    reader = _reader(form)
    budget = source.budget
    if reader is None:
        # Sound, film and fonts inside a document hold no text that anybody reads there.
        if form != "empty" and not (source.depth and form in _WORDLESS):
            budget.problem("unsupported")
        return form
    try:
        reader(source)
    except Stop as stop:
        if stop.whole:
            raise
        budget.problem(stop.name)
    except (MemoryError, RecursionError) as error:
        budget.problem("memory" if isinstance(error, MemoryError) else "too_deep")
    except DAMAGE:
        budget.problem("damaged")
    if form in _CARRIERS:
        _read_stowaway(source)
    return form


def _read_stowaway(source: Source) -> None:
    """An archive behind another file: a picture, page or PDF that is a ZIP as well."""
    from sensor.extract.zips import whole_archive

    if source.depth < source.budget.limits.nesting:
        start = whole_archive(source.data)
        if start:
            source.nested(source.data[start:], "archive behind the file")


def read_bytes(
    data: bytes,
    *,
    name: str | None = None,
    content_type: str | None = None,
    limits: Limits | None = None,
    emit: Callable[[Part], None] | None = None,
    on_format: Callable[[str], None] | None = None,
) -> Extraction:
    """
    The text of a file, in this process. Never raises.

    With ``emit`` each part is handed over as soon as it is whole and the answer holds none.
    """
    limits = limits if limits is not None else Limits()
    parts: list[Part] = []
    budget = Budget(limits, emit if emit is not None else parts.append, len(data))
    form = "unknown"
    if len(data) > limits.input_bytes:
        budget.problem("too_large")
    else:
        try:
            form = sniff(data, name, content_type)
            if on_format is not None:
                on_format(form)
            source = Source(budget=budget, data=data, name=name, content_type=content_type, dispatch=dispatch)
            dispatch(source)
            budget.flush()
        except Stop as stop:
            budget.problem(stop.name)
        except MemoryError:
            budget.problem("memory")
        try:
            budget.flush()
        except (Stop, MemoryError):
            budget.truncated = True
    return Extraction(
        format=form, parts=tuple(parts), truncated=budget.truncated, problems=tuple(sorted(budget.problems)),
        bytes_read=0 if form == "unknown" else len(data),
    )  # fmt: skip
