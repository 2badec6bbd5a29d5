"""Validation: takes graphql-core's error on a refused document, gives the platform's code and path.

Clients look at `extensions.code`. The message is graphql-core's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from graphql import GraphQLError

# For each message of graphql-core: the platform's code, and the names in the message.
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
    """The extensions of a validation error; None when the platform gives no code."""
    for pattern, (code, names) in _CODES.items():
        match = re.search(pattern, error.message)
        if match:
            return {"code": code, **dict(zip(names, match.groups(), strict=True))}
    return None
