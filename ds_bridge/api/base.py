"""`Record`, what every piece of an answer is built on."""

from __future__ import annotations

from typing import Any, TypeAlias

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

Raw: TypeAlias = dict[str, Any]


class Record(BaseModel):
    """Base: frozen, camelCase on the wire, and never prints its content (it is people's data)."""

    model_config = ConfigDict(
        frozen=True, alias_generator=to_camel, populate_by_name=True, hide_input_in_errors=True
    )

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    __str__ = __repr__
