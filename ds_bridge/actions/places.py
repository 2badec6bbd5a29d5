"""Places: finds the annotation of a wish by id, number or exact label, at top level or in a row of a
block."""

from __future__ import annotations

from dataclasses import dataclass

from ds_bridge.actions.wishes import Wish
from ds_bridge.api.champs import Champ, RepetitionChamp
from ds_bridge.api.situations import Desk, Situation
from ds_bridge.form import Field
from ds_bridge.ids import ChampId, MalformedIdError

_BLOCK = "repetition"


class PlaceError(ValueError):
    """The wish fits no annotation, or several."""


@dataclass(frozen=True, slots=True)
class Place:
    """The annotation: its field, the id to write to, and the dossier's champ (None: there is none yet)."""

    field: Field
    id: str
    champ: Champ | None


def find_annotation(desk: Desk, now: Situation, wish: Wish) -> Place:
    """Where the wish writes. Raises PlaceError."""
    wanted, line = str(wish.get("annotation")).strip(), wish.get("ligne")
    if wish.action == "ajouter_ligne":
        field = _choose([each for each in desk.annotations if each.kind == _BLOCK], wanted)
        return _find_champ(now, field)
    if line is None:
        return _find_champ(now, _choose(desk.annotations, wanted))
    blocks = [each for each in desk.annotations if each.kind == _BLOCK]
    field = _choose([inner for block in blocks for inner in block.fields], wanted)
    block = next(each for each in blocks if field in each.fields)
    return _find_cell(now, block, field, int(line))


def find_rows(now: Situation, number: int | None) -> tuple[str, ...]:
    """The ids of a block's rows."""
    champ = _find(now.annotations, number)
    return tuple(row.id for row in champ.rows) if isinstance(champ, RepetitionChamp) else ()


def _choose(fields: tuple[Field, ...] | list[Field], wanted: str) -> Field:
    number = _read_stable(wanted)
    found = [each for each in fields if number is not None and each.number == number]
    found = found or [each for each in fields if each.label.strip() == wanted]
    if not found:
        raise PlaceError("none with this id, number or exact label")
    if len(found) > 1:
        raise PlaceError("several with this label: give an id or a number")
    return found[0]


def _find_champ(now: Situation, field: Field) -> Place:
    champ = _find(now.annotations, field.number)
    if champ is None:
        raise PlaceError("the dossier's own form does not have it")
    return Place(field, str(champ.id), champ)


def _find_cell(now: Situation, block: Field, field: Field, line: int) -> Place:
    champ = _find(now.annotations, block.number)
    rows = champ.rows if isinstance(champ, RepetitionChamp) else ()
    if not 1 <= line <= len(rows):
        raise PlaceError(f"the block has {len(rows)} rows, there is no row {line}")
    row = rows[line - 1]
    if not row.champs:  # the row is only planned: its cells have no id yet
        return Place(field, "", None)
    cell = _find(row.champs, field.number)
    if cell is None:
        raise PlaceError("the row does not have it")
    return Place(field, str(cell.id), cell)


def _find(champs: tuple[Champ, ...], number: int | None) -> Champ | None:
    return next(
        (each for each in champs if _read_stable(each.champ_descriptor_id or each.id or "") == number), None
    )


def _read_stable(text: str) -> int | None:
    try:
        return ChampId.parse(text).stable
    except MalformedIdError:
        return None
