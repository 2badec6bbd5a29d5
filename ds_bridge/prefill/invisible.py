"""Invisible characters: takes a text that was copied from a web page or a mail, removes them.

Removed: zero-width spaces, direction marks and soft hyphens anywhere; hard and thin spaces at the ends.
Joiners stay: an emoji, or a name in another script, needs them.
"""

from __future__ import annotations

import re

_ANYWHERE = "\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
_AT_ENDS = "\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_TAKEN = re.compile(
    rf"[{_ANYWHERE}]|\A[ {_ANYWHERE}]*[{_AT_ENDS}][ {_AT_ENDS}{_ANYWHERE}]*"
    rf"|[ {_ANYWHERE}]*[{_AT_ENDS}][ {_AT_ENDS}{_ANYWHERE}]*\Z"
)


def take_out(text: str) -> tuple[str, str | None]:
    """The text without invisible characters, and a note about them, if there were any.

    >>> take_out("DURAND" + chr(0x200B))
    ('DURAND', 'invisible characters are taken out (U+200B)')
    """
    if text.isascii():
        return text, None
    found = {each for part in _TAKEN.findall(text) for each in part if each != " "}
    if not found:
        return text, None
    names = ", ".join(f"U+{ord(each):04X}" for each in sorted(found))
    return _TAKEN.sub("", text), f"invisible characters are taken out ({names})"
