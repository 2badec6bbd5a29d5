"""Quick: a dossier's JSON as mapping reads it, in a quarter of the time records take. JSON in, structs out.

The structs are made of the records (`api.records`), field by field, so that what comes over the wire is
written down once. They take what is exactly as the schema says; all else, a champ of a new kind, a date that
is nearly one, is left to the records, which know what to make of it.
"""

from __future__ import annotations

import re
from functools import cache, reduce
from operator import or_
from types import UnionType
from typing import Annotated, Any, TypeAlias, Union, cast, get_args, get_origin

import msgspec
from pydantic.fields import FieldInfo

from ds_bridge.api.base import Record
from ds_bridge.api.champs import Champ, Row, UnknownChamp
from ds_bridge.api.records import Dossier

_WHOLE = re.compile(r"-?[0-9]{1,18}")  # any of these is an integer of 64 bits


class _Struct(msgspec.Struct, frozen=True, gc=False):  # nothing points back: it can be in no circle
    """Base: as silent as a record."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return []


class _Row(_Struct, frozen=True):
    id: str
    champs: tuple[_Champ, ...] = ()


def read_quickly(raw: bytes) -> Dossier | None:
    """What has the attributes of a `Dossier`, and of its champs; None when it is for the records to read."""
    try:
        return cast(Dossier, _DECODER.decode(raw))
    except (msgspec.DecodeError, RecursionError):
        return None


def _mirror(annotation: Any) -> Any:
    """A type that takes nothing which pydantic would not take for this one, and gives the same."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if annotation is int:
        return int | str  # the platform's BigInt is a text: see `read_integers`
    if annotation is Row:
        return _Row
    if origin is Annotated:
        return _mirror(inner[0])
    if origin is tuple:
        return tuple[_mirror(inner[0]), ...]  # type: ignore[misc]  # made while it runs
    if origin is Union or origin is UnionType:
        kinds = [each for each in inner if each is not UnknownChamp]
        several = sum(_is_record(each) for each in kinds) > 1
        return reduce(or_, (_mirror_record(each) if several else _mirror(each) for each in kinds))
    return annotation


@cache
def _mirror_record(record: type[Record]) -> type[msgspec.Struct]:
    fields = dict(record.model_fields)
    typename = fields.pop("typename", None)
    tag = get_args(typename.annotation)[0] if typename is not None else None
    integers = [name for name, info in fields.items() if int in (info.annotation, *get_args(info.annotation))]

    def read_integers(struct: msgspec.Struct) -> None:
        for name in integers:
            value = getattr(struct, name)
            if isinstance(value, str):
                if not _WHOLE.fullmatch(value):
                    raise ValueError("no integer")
                msgspec.structs.force_setattr(struct, name, int(value))

    namespace = {"typename": tag, **({"__post_init__": read_integers} if integers else {})}
    return msgspec.defstruct(
        record.__name__,
        [(name, _mirror(info.annotation), _describe(info)) for name, info in fields.items()],
        bases=(_Struct,),
        namespace=namespace,
        module=__name__,
        tag_field="__typename" if tag else None,
        tag=tag,
        kw_only=True,
    )


def _describe(info: FieldInfo) -> Any:
    default = msgspec.NODEFAULT if info.is_required() else info.default
    return msgspec.field(name=info.alias, default=default)


def _is_record(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Record)


def _read_record(kind: type[Any], node: Any) -> Any:
    """A record that stands alone, an address or a file, is a record."""
    return kind.model_validate(node)


_Champ: TypeAlias = _mirror(Champ)  # type: ignore[valid-type]
_DECODER = msgspec.json.Decoder(_mirror_record(Dossier), dec_hook=_read_record)
