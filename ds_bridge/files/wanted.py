"""Wanted files: takes a raw dossier, gives each of its files with its place and its short-lived address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from ds_bridge.api.base import Raw
from ds_bridge.store import FileKey

Extra: TypeAlias = Literal["annotations", "attestations", "avis", "messages"]

_LONGEST_NAME = 1000


@dataclass(frozen=True, slots=True)
class WantedFile:
    """A file that the platform shows. `size` in bytes, `checksum` base64 MD5; `url` lives one hour."""

    dossier: int
    source: str
    champ: str
    row_id: str
    position: int
    filename: str = field(repr=False)
    content_type: str
    size: int
    checksum: str
    url: str = field(repr=False)

    @property
    def key(self) -> FileKey:
        return (self.source, self.champ, self.row_id, self.position)


def list_wanted(raw: Raw, extras: frozenset[Extra] = frozenset()) -> list[WantedFile]:
    """The files of a dossier's champs, and those of the extras that are asked for and present. Nodes that are
    no file are skipped, so that a file that breaks the schema does not cost the others."""
    number = raw["number"]
    return [
        wanted
        for source, champ, row_id, nodes in _walk(raw, extras)
        for position, node in enumerate(nodes)
        if (wanted := _read(number, source, champ, row_id, position, node)) is not None
    ]


def _walk(raw: Raw, extras: frozenset[Extra]) -> Iterator[tuple[str, str, str, list[Any]]]:
    yield from _walk_champs("champ", raw.get("champs"))
    if "annotations" in extras:
        yield from _walk_champs("annotation", raw.get("annotations"))
    if "attestations" in extras:
        for key, source in (("attestation", "attestation"), ("motivationAttachment", "motivation")):
            if raw.get(key):
                yield source, "", "", [raw[key]]
    for extra, source in (("messages", "message"), ("avis", "avis")):
        for node in _mappings(raw.get(extra)) if extra in extras else ():
            yield source, str(node.get("id", "")), "", _list(node.get("attachments"))


def _walk_champs(source: str, champs: Any) -> Iterator[tuple[str, str, str, list[Any]]]:
    for champ in _mappings(champs):
        yield source, _id(champ), "", _list(champ.get("files"))
        for row in _mappings(champ.get("rows")):
            for inner in _mappings(row.get("champs")):
                yield source, _id(inner), str(row.get("id", "")), _list(inner.get("files"))


def _id(champ: Mapping[str, Any]) -> str:
    return str(champ.get("champDescriptorId") or champ.get("id") or "")


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in _list(value) if isinstance(item, dict)]


def _read(number: int, source: str, champ: str, row_id: str, position: int, node: Any) -> WantedFile | None:
    try:
        return WantedFile(
            dossier=number,
            source=source,
            champ=champ,
            row_id=row_id,
            position=position,
            filename=str(node["filename"])[:_LONGEST_NAME],
            content_type=str(node.get("contentType") or ""),
            size=max(int(node["byteSizeBigInt"]), 0),
            checksum=str(node["checksum"]),
            url=str(node["url"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
