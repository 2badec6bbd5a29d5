"""`Record`, the base of every piece of an answer, and `parse_record`, which makes a record from a node."""

from __future__ import annotations

from typing import Any, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from ds_bridge.errors import BadDataError

Raw: TypeAlias = dict[str, Any]


class Record(BaseModel):
    """Base: frozen, camelCase on the wire, and never prints its content (it is people's data)."""

    model_config = ConfigDict(
        frozen=True,
        alias_generator=to_camel,
        populate_by_name=True,
        hide_input_in_errors=True,
    )

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    __str__ = __repr__


R = TypeVar("R", bound=Record)


def parse_record(kind: type[R], node: Raw) -> R:
    """A node as a record. Raises BadDataError naming the keys that are wrong, never their values."""
    try:
        return kind.model_validate(node)
    except ValidationError as error:
        wrong = ", ".join(".".join(map(str, problem["loc"])) for problem in error.errors(include_input=False))
        number = node.get("number")
        raise BadDataError(f"{kind.__name__} {number}: not what the schema says at {wrong}") from None
