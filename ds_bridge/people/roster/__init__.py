"""Rosters: reads a list of people from a file, and writes the same rows with more columns."""

from __future__ import annotations

from ds_bridge.people.roster.columns import Columns, find_columns
from ds_bridge.people.roster.file import read_roster, write_roster
from ds_bridge.people.roster.interface import Cell, Roster, RosterFormat, Row
from ds_bridge.people.roster.people import Person, read_person

__all__ = [
    "Cell",
    "Columns",
    "Person",
    "Roster",
    "RosterFormat",
    "Row",
    "find_columns",
    "read_person",
    "read_roster",
    "write_roster",
]
