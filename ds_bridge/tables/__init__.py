"""Tables: the tables of a démarche, and the rows that a stored document gives.

`describe` takes the form, the model and the configuration. A `Layout` gives the names, columns and types, the
same for dumps, frames, reports and the views of SQL users.
"""

from ds_bridge.tables.described import Described, describe

__all__ = ["Described", "describe"]
