"""Tables: what the tables of a démarche are, and a stored document split into their rows.

The form, the model and the configuration in (`describe`), a `Layout` out: the same names, columns and types
for dumps, frames, reports and the views of SQL users.
"""

from ds_bridge.tables.described import Described, describe

__all__ = ["Described", "describe"]
