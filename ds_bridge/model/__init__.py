"""Model: the form of a démarche in, the source of its typed pydantic model out.

Form → slots (`history`, older revisions merged in) → outline (`outline`, with `names` and `types`) → source.
What comes out is what a person would declare by hand with `ds_bridge.mapping`, and depends on nothing but
the form: the same form always gives the same file.
"""

from __future__ import annotations

from ds_bridge.model.documents import read_document, read_names, save_model
from ds_bridge.model.outline import class_of
from ds_bridge.model.write import write_model

__all__ = ["class_of", "read_document", "read_names", "save_model", "write_model"]
