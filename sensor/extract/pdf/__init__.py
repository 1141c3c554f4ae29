"""
PDF: page text, notes, form fields, properties, embedded files, and what later revisions took back.

An own reader. General libraries decode what a viewer needs and trust what a file says of itself; this one
decodes text only, never follows a table of objects, and is bounded in every direction. Because it finds
objects by scanning, deleted pages, replaced content and replaced field values are there as well (kind
``deleted``).

Modules: ``objects`` (bytes to objects), ``filters``, ``crypt``, ``document`` (the graph), ``glyphs``,
``cmaps`` and ``fonts`` (codes to text), ``content`` (operators to lines), ``walk`` (what stands where).
"""

from sensor.extract.pdf.walk import read_pdf

__all__ = ["read_pdf"]
