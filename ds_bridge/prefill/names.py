"""Names of places, made comparable: takes a name, gives the text to compare."""

from __future__ import annotations

import unicodedata


def simplify_name(name: str) -> str:
    """The name without case, accents, ligatures, hyphens, apostrophes and repeated spaces."""
    plain = unicodedata.normalize("NFKD", name.replace("œ", "oe").replace("Œ", "oe")).casefold()
    letters = "".join(
        character if character.isalnum() else " "
        for character in plain
        if not unicodedata.combining(character)
    )
    return " ".join(letters.split())
