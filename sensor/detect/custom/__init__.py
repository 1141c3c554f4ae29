"""
What only the user knows is sensitive: own expressions, keyword lists, tables, documents, and what stands
near what.

``parse_custom`` reads a file of rules; ``CustomScanner`` finds by them. Everything is bounded ahead: no
rule that is accepted makes a text cost more than its length says, and what is too much to look at is taken
as found.
"""

from __future__ import annotations

from sensor.detect.custom.parse import CustomRules, parse_custom
from sensor.detect.custom.scanner import CustomScanner

__all__ = ["CustomRules", "CustomScanner", "parse_custom"]
