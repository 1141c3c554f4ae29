"""
The signature catalogue: which app a destination is, and why.

``load`` makes a ``Catalogue`` of texts; ``Catalogue.identify`` answers by an index, ``identify_plainly``
without one, and tests hold the two equal. Everything here is pure: ``sensor.catalogue_files`` opens files.
"""

from sensor.catalogue.index import Catalogue
from sensor.catalogue.loading import load
from sensor.catalogue.plain import identify_plainly
from sensor.catalogue.reading import Source
from sensor.catalogue.records import App, Client, Evidence, SharedHost, Vendor

__all__ = [
    "App",
    "Catalogue",
    "Client",
    "Evidence",
    "SharedHost",
    "Source",
    "Vendor",
    "identify_plainly",
    "load",
]
