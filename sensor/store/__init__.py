"""
One SQLite file: the audit log, and what is derived from it.

===========  ============================================================================================
``schema``   the tables and their migrations; opening a file for writing or reading
``derive``   rows of the derived tables as functions of a record
``log``      the writing end: append under a signed checkpoint, in one transaction
``reader``   the reading end: ``Store``
``verify``   the proof that log and derived tables are what was signed
===========  ============================================================================================
"""

from sensor.store.reader import DayRow, Store, Totals

__all__ = ["DayRow", "Store", "Totals"]
