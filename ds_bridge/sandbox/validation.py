"""The codes of a document refused before it runs: graphql-core's error in, the platform's code and path out.

Clients look at `extensions.code`; the words are graphql-core's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from graphql import GraphQLError

# What graphql-core says → the platform's code, and the names that its words hold.
_CODES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    r"Cannot query field '(.+?)' on type '(.+?)'": ("undefinedField", ("fieldName", "typeName")),
    r"Unknown argument '(.+?)' on field '.*\.(.+?)'": ("argumentNotAccepted", ("argumentName", "name")),
    r"Unknown type '(.+?)'": ("undefinedType", ("typeName",)),
    r"Unknown fragment '(.+?)'": ("useAndDefineFragment", ("fragmentName",)),
    r"Fragment '(.+?)' is never used": ("useAndDefineFragment", ("fragmentName",)),
    r"Variable '\$(.+?)' is never used": ("variableNotUsed", ("variableName",)),
    r"Variable '\$(.+?)' is not defined": ("variableNotDefined", ("variableName",)),
    r"Field '(.+?)' of type '(.+?)' must have a selection": ("selectionMismatch", ("nodeName", "typeName")),
    r"Argument '(.+?)' of type '.+?' is required": ("missingRequiredArguments", ("arguments",)),
}


def find_extensions(error: GraphQLError) -> dict[str, Any] | None:
    """The extensions of a validation error; None when the platform gives it no code."""
    for pattern, (code, names) in _CODES.items():
        match = re.search(pattern, error.message)
        if match:
            return {"code": code, **dict(zip(names, match.groups(), strict=True))}
    return None
