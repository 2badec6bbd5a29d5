"""Names on the disk: takes the name somebody gave a file, gives a name that every system accepts.

`<dossier>/<digest of the place and content>-<name>`: the digest keeps files of the same name apart, also
where case does not count. It makes reserved names (CON, NUL) and leading dots harmless, and changes with the
content. The manifest has the name as it was given.
"""

from __future__ import annotations

import hashlib
import unicodedata

from ds_bridge.files.wanted import WantedFile

MOST_BYTES = 100
_MOST_EXTENSION_BYTES = 16
_FORBIDDEN = frozenset('<>:"/\\|?*')
_NAMELESS = "fichier"


def path_of(wanted: WantedFile) -> tuple[str, str]:
    """The folder and the name, both safe."""
    place = "\0".join((*map(str, wanted.key), wanted.checksum))
    digest = hashlib.sha256(place.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return str(int(wanted.dossier)), f"{digest}-{make_safe(wanted.filename)}"


def make_safe(name: str) -> str:
    """The name without what could mean something to a path, a shell or a reader; never empty."""
    kept = "".join(
        "_" if character in _FORBIDDEN or not _is_shown(character) else character
        for character in unicodedata.normalize("NFC", name)
    )
    kept = kept.strip(" .")
    stem, dot, extension = kept.rpartition(".")
    if not dot or not stem.strip(" .") or len(extension.encode()) > _MOST_EXTENSION_BYTES:
        return _cut(kept, MOST_BYTES).strip(" .") or _NAMELESS
    room = MOST_BYTES - len(extension.encode()) - 1
    return f"{_cut(stem, room).strip(' .') or _NAMELESS}.{extension}"


def _is_shown(character: str) -> bool:
    """Whether it is no control, no half of a pair, and no mark that changes the direction of reading."""
    return not unicodedata.category(character).startswith("C") and character not in "\u2028\u2029"


def _cut(text: str, most: int) -> str:
    return text.encode()[:most].decode("utf-8", "ignore")
