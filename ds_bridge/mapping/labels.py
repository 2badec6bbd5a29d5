"""Labels as people mean them: text of a form in, text to compare out.

Revisions of one form differ in case, accents, apostrophes, spaces, numbering and end marks, and still say the
same thing. The result of `normalise` is for comparing, never for showing.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_SAME = str.maketrans(
    {
        **dict.fromkeys("’‘‛ʼʻ′`´＇", "'"),
        **dict.fromkeys("“”«»„″", '"'),
        **dict.fromkeys("‐‑‒–—―−﹣－", "-"),
        "œ": "oe",
        "æ": "ae",
        "\u200b": None,
        "\u200c": None,
        "\u200d": None,
        "\ufeff": None,
        "\u00ad": None,
    }
)
_SPACES = re.compile(r"\s+")
# "1.", "4-bis.", "2)", "3 -", "1.2", "a)", "iv.": a mark of numbering needs its punctuation, "1 an" has none.
_NUMBERING = re.compile(
    r"\d{1,2}(?:\.\d{1,2})+\.? "
    r"|\d{1,2}(?: ?-? ?(?:bis|ter|quater))?(?: ?[.):](?!\d)| ?-(?= )) ?"
    r"|(?:[a-z]|[ivx]{2,4})(?:\)|\.(?= )| -(?= )) ?"
)
_END_MARKS = " :*"


@lru_cache(maxsize=8192)
def normalise(label: str, *, numbering: bool = False) -> str:
    """The label without what revisions change freely. `numbering` keeps its leading number."""
    folded = unicodedata.normalize("NFKD", label.casefold().translate(_SAME))
    plain = "".join(character for character in folded if not unicodedata.combining(character))
    plain = _SPACES.sub(" ", plain.translate(_SAME)).strip().rstrip(_END_MARKS)
    if numbering:
        return plain
    mark = _NUMBERING.match(plain)
    return (plain[mark.end() :] if mark else "") or plain
