"""Glyphs: puts □ in the place of characters that Typst's own fonts cannot show, such as emoji.

PDF/UA-1 forbids a character without a glyph, and Typst then writes nothing at all. Typst does not list what
its fonts have, so each unusual one is tried once a process, in a document of its own (3 ms).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import groupby

import orjson
import typst

STANDARD = "ua-1"
FONTS = ("Libertinus Serif", "DejaVu Sans Mono")
"""Typst brings these fonts: so pages are the same on every machine. Other fonts are never looked for."""
STAND_IN = "□"

_USUAL = re.compile("[\n -~\u00a0-\u017f\u2013-\u203a€→−]*")
_JOINERS = "\u200d\ufe0e\ufe0f"
"""What ties emoji together."""
_TRIAL = b"""
#set document(title: "x")
#set text(lang: "fr", font: json("fonts.json"))
#json("text.json")
"""


def replace_missing(text: str) -> str:
    """The text with one □ for each run of characters that cannot be shown."""
    if _USUAL.fullmatch(text):
        return text
    runs = groupby(_split(text), _has_glyphs)
    return "".join("".join(clusters) if shown else STAND_IN for shown, clusters in runs)


def _split(text: str) -> list[str]:
    """Characters, each with the marks that are written onto it."""
    clusters = list[str]()
    for char in text:
        if clusters and (char in _JOINERS or unicodedata.category(char).startswith("M")):
            clusters[-1] += char
        else:
            clusters.append(char)
    return clusters


@lru_cache(10_000)
def _has_glyphs(cluster: str) -> bool:
    sources = {
        "main": _TRIAL,
        "fonts.json": orjson.dumps(FONTS),
        "text.json": orjson.dumps(f"{cluster}x{cluster}"),
    }
    try:
        compile_pdf(sources)
    except typst.TypstError:
        return False
    return True


def compile_pdf(sources: dict[str, bytes], *, timestamp: int = 0) -> bytes:
    """The document of `main`. Raises TypstError when it breaks the norm."""
    made = typst.compile(  # type: ignore[call-overload]  # its stubs leave out the mapping it takes
        sources, format="pdf", ignore_system_fonts=True, pdf_standards=STANDARD, timestamp=timestamp
    )
    return bytes(made)
