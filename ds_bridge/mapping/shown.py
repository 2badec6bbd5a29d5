"""Shown: what an object of a model prints in a notebook or a log. It never prints what people filed.

It prints the number and state of its dossier, how many rows its blocks have, and how many anomalies.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import Any

from pydantic import BaseModel

from ds_bridge.log import show_line
from ds_bridge.mapping.labels import normalise


class Document(dict[str, Any]):
    """The JSON of a dossier. It is a dict like any other, except that it prints nothing that people filed.

    >>> Document({"dossier": {"number": 7, "state": "accepte"}, "nom": "Zoé", "anomalies": []})
    Document(dossier 7, accepte)
    """

    def __repr__(self) -> str:
        header = self.get("dossier")
        told = []
        if isinstance(header, dict):
            told = [f"dossier {header.get('number', '?')}", str(header.get("state", "?"))]
        told += _count_anomalies(len(self.get("anomalies") or ()))
        return f"Document({show_line(', '.join(told))})"


def tell_object(value: BaseModel, header: type[BaseModel], anomalies: int | None) -> list[str]:
    """`dossier 17204311`, `accepte`, `3 événements`, `1 anomalie`; nothing of an object without a header."""
    told = []
    own = next((inner for inner in _values(value) if isinstance(inner, header)), None)
    if own is not None:
        told += [f"dossier {getattr(own, 'number', '?')}", str(getattr(own, "state", "?"))]
        told += [count_words(name, labels, count) for name, labels, count in _count_blocks(value)]
    return told + _count_anomalies(anomalies or 0)


def count_words(name: str, labels: Iterable[str], count: int) -> str:
    """`3 événements`: the attribute's name, with the accents of one of its labels if it is the same word."""
    plain = name.replace("_", " ")
    wanted = _singular(normalise(plain))
    words = next((label for label in labels if _singular(normalise(label)) == wanted), plain)
    word = words.strip().lower()
    if " " not in word:
        word = _singular(word) if count == 1 else _singular(word) + "s"
    return f"{count} {word}"


def write_table(title: str, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """A table in HTML. Everything in it is escaped, control characters too."""
    lines = [f"<table><caption>{_show(title)}</caption>"]
    if headings:
        lines.append(f"<thead><tr>{_write_cells(headings, 'th')}</tr></thead>")
    lines += ["<tbody>", *(f"<tr>{_write_cells(row, 'td')}</tr>" for row in rows), "</tbody></table>"]
    return "".join(lines)


def _write_cells(cells: Iterable[Any], tag: str) -> str:
    return "".join(f"<{tag}>{'' if cell is None else _show(cell)}</{tag}>" for cell in cells)


def _count_anomalies(count: int) -> list[str]:
    return [f"{count} anomalie{'s' if count > 1 else ''}"] if count else []


def _show(value: Any) -> str:
    return escape(show_line(str(value)))


def _count_blocks(value: BaseModel) -> Iterator[tuple[str, tuple[str, ...], int]]:
    """Blocks that have rows, those of groups too."""
    for name, info in type(value).model_fields.items():
        inner = getattr(value, name, None)
        if isinstance(inner, BaseModel):
            yield from _count_blocks(inner)
        elif isinstance(inner, tuple) and inner and all(isinstance(row, BaseModel) for row in inner):
            labels = next((each.labels for each in info.metadata if hasattr(each, "labels")), ())
            yield name, labels, len(inner)


def _values(value: BaseModel) -> Iterator[Any]:
    return (getattr(value, name, None) for name in type(value).model_fields)


def _singular(word: str) -> str:
    return word.removesuffix("s")
