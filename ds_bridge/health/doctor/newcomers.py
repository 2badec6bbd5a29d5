"""Newcomers: tells which champs revisions added that feed no field of the model. No other check does."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from ds_bridge.form import SILENT, Field
from ds_bridge.health.doctor.findings import Finding
from ds_bridge.health.doctor.revisions import Revision

_SHOWN = 8
_REMEDY = (
    "declare what you need of them in the model or in [demarches.NAME.champs]; the raw dossiers have them all"
)


def tell_newcomers(
    name: str, revisions: Sequence[Revision], seen: int | None, fed: Collection[int], check: str
) -> Iterator[Finding]:
    """A finding for each revision that added such champs. `seen`: the last step of the check before."""
    for step in range(1, len(revisions)):
        added = list(_list_added(revisions[step - 1], revisions[step], fed))
        if not added:
            continue
        new = seen is not None and step > seen
        revision = revisions[step]
        yield Finding(
            check,
            "warning" if new else "ok",
            f"{revision.name} added {len(added)} champ{'s' if len(added) > 1 else ''} that feed"
            f"{'' if len(added) > 1 else 's'} no field{', new since the last check' if new else ''}: "
            + _describe(added),
            _REMEDY if new else "",
            name,
            details={
                "change": "added_champs",
                "revision": revision.form.revision,
                "published_at": revision.published_at.isoformat() if revision.published_at else None,
                "new": new,
                "champs": [
                    {
                        "number": champ.number,
                        "kind": champ.kind,
                        "label": champ.label,
                        "required": champ.required,
                        "block": block.number if block else None,
                    }
                    for champ, block in added
                ],
            },
        )


def _list_added(
    before: Revision, after: Revision, fed: Collection[int]
) -> Iterator[tuple[Field, Field | None]]:
    known = {champ.number for champ, _ in before.form.walk()}
    for champ, block in after.form.walk():
        if champ.kind not in SILENT and champ.number not in known and champ.number not in fed:
            yield champ, block


def _describe(added: Sequence[tuple[Field, Field | None]]) -> str:
    shown = []
    for champ, block in added[:_SHOWN]:
        told = [champ.kind, *(["required"] if champ.required else [])]
        told += [f"in the block {_quote(block)}"] if block else []
        shown.append(f"{champ.number} {_quote(champ)} ({', '.join(told)})")
    more = len(added) - _SHOWN
    return "; ".join(shown) + (f"; and {more} more" if more > 0 else "")


def _quote(champ: Field) -> str:
    label = " ".join(champ.label.split())
    return f'"{label if len(label) <= 90 else label[:89] + "…"}"'
