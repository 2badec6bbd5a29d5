"""`demarcheDescriptors`: lists the démarches that the caller may see, a page at a time.

Unlike the lists of dossiers, this is an ordinary connection of graphql-ruby: a cursor is base64 of a place,
counted from 1.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from ds_bridge.sandbox.demarche import Demarche
from ds_bridge.sandbox.dossier_nodes import NodeWriter
from ds_bridge.sandbox.node import Node
from ds_bridge.sandbox.paging import PAGE_LIMIT
from ds_bridge.sandbox.request import refuse


def list_descriptors(demarches: Sequence[Demarche], arguments: dict[str, Any], nodes: NodeWriter) -> Node:
    """One page of them, in the order of their numbers."""
    ordered = sorted(demarches, key=lambda demarche: demarche.form.number)
    start = _read_place(arguments.get("after"), 0)
    end = _read_place(arguments.get("before"), len(ordered) + 1) - 1
    places = list(range(start, min(end, len(ordered))))
    first, last = arguments.get("first"), arguments.get("last")
    if first is not None or last is None:
        places = places[: min(PAGE_LIMIT if first is None else max(first, 0), PAGE_LIMIT)]
    if last is not None:
        places = places[-last:] if last > 0 else []
    written = [nodes.write_descriptor(ordered[place], ordered[place].form.active) for place in places]
    cursors = [_write_place(place + 1) for place in places]
    return Node(
        pageInfo=Node(
            __typename="PageInfo",
            startCursor=cursors[0] if cursors else None,
            endCursor=cursors[-1] if cursors else None,
            hasNextPage=bool(places) and places[-1] + 1 < len(ordered),
            hasPreviousPage=bool(places) and places[0] > 0,
        ),
        nodes=written,
        edges=[Node(cursor=cursor, node=node) for cursor, node in zip(cursors, written, strict=True)],
    )


def _write_place(place: int) -> str:
    return base64.b64encode(str(place).encode()).decode("ascii").rstrip("=")


def _read_place(cursor: str | None, default: int) -> int:
    if not cursor:
        return default
    try:
        return int(base64.b64decode(cursor + "=" * (-len(cursor) % 4), validate=True))
    except ValueError:
        raise refuse(f"Invalid input: {cursor!r}", None) from None
