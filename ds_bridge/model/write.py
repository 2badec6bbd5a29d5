"""Write: the outline in, the source of the model out, as ruff's formatter would leave it at 110 columns.

One line for each field if it fits, one line for each option, all in the form's order: a change of the form
then changes only the lines that it concerns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from ds_bridge.form import Field, Form
from ds_bridge.model.outline import ClassOutline, FieldOutline, ListOutline, collapse, outline_model
from ds_bridge.model.text import WIDTH, quote, read_plainly, split_quoted, write_comment, write_docstring

_INDENT = "    "
_FROM_MAPPING = (
    "Address",
    "Commune",
    "EngagementJuridique",
    "GeoArea",
    "Named",
    "PersonneMorale",
    "PieceJointe",
    "Rna",
)
_LONGEST_TITLE = 160
_IMPORT_WIDTH = 88  # ruff's default, for projects that set no width


def write_model(
    name: str, active: Form, others: Sequence[Form] = (), kept: Mapping[int, str] | None = None
) -> str:
    """The module that declares the model of a démarche.

    name: the class is named after it. active, others: its form, and its older revisions, the oldest first
    (dossiers still hold their options and champs). kept: field names to keep, by stable number.
    """
    classes = outline_model(name, active, others, kept)
    parts = [_write_head(name, active), "from __future__ import annotations", *_write_imports(classes)]
    blocks = ["\n\n".join(parts)]
    for outline in classes:
        lists = "\n\n".join(_write_list(each) for each in outline.lists)
        blocks += [lists] if lists else []
        blocks.append("\n".join(_write_class(outline)))
    return _join(blocks)


def _join(blocks: Sequence[str]) -> str:
    text = blocks[0]
    for before, block in pairwise(blocks):
        # Two empty lines around a class, one between the imports and a list.
        narrow = before is blocks[0] and not block.startswith("class ")
        text += ("\n\n" if narrow else "\n\n\n") + block
    return text + "\n"


def _write_head(name: str, active: Form) -> str:
    title = read_plainly(active.title, _LONGEST_TITLE)
    return "\n".join(
        write_docstring(
            [
                f"Démarche {active.number}: {title}".rstrip(": ") + ".",
                f"Written by `ds-bridge model {read_plainly(name, 60)}`: run it again when the form changes. "
                "Every field may be null (or an empty tuple), since champs that do not apply are absent and "
                "dossiers are often partial; what the form requires says so.",
            ],
            "",
        )
    )


def _write_imports(classes: Sequence[ClassOutline]) -> Iterator[str]:
    fields = [member for each in classes for member in each.members if isinstance(member, FieldOutline)]
    words = {word.strip("[],") for field in fields for word in field.item.replace("[", " [").split()}
    standard = ["import datetime as dt"] if words & {"dt.date", "dt.datetime"} else []
    lists = any(each.lists for each in classes)
    typing = ["Annotated"] if fields else []
    typing += ["Any"] if "Any" in words else []
    typing += ["Literal"] if lists or "Literal" in words else []
    typing += ["TypeAlias"] if lists else []
    standard += [f"from typing import {', '.join(typing)}"] if typing else []
    if standard:
        yield "\n".join(standard)
    used = [each for each in _FROM_MAPPING if each in words]
    names = sorted([*used, "DomainModel", "DossierHeader"]) + (["champ"] if fields else [])
    line = f"from ds_bridge.mapping import {', '.join(names)}"
    if len(line) > _IMPORT_WIDTH:
        line = "from ds_bridge.mapping import (\n" + "".join(f"{_INDENT}{each},\n" for each in names) + ")"
    yield line


def _write_list(outline: ListOutline) -> str:
    current, older = outline.choices.current, outline.choices.older
    head = f"{outline.name}: TypeAlias = Literal["
    if len(current) + len(older) == 1:
        line = f"{head}{quote(current[0])}]"
        if len(line) <= WIDTH:
            return line
        return "\n".join([head, *_write_text(current[0], _INDENT, ""), "]"])
    lines = [head]
    for option in current:
        lines += _write_option(option)
    if older:
        lines.append(f"{_INDENT}# only in older revisions")
    for option in older:
        lines += _write_option(option)
    return "\n".join([*lines, "]"])


def _write_option(text: str) -> list[str]:
    """One option of several. In pieces it needs brackets, or it would look like two without a comma."""
    lines = _write_text(text, _INDENT, ",")
    if len(lines) == 1:
        return lines
    return [f"{_INDENT}(", *_write_text(text, _INDENT * 2, ""), f"{_INDENT}),"]


def _write_text(text: str, indent: str, end: str) -> list[str]:
    """A literal on a line of its own, or on several when it is too long for one."""
    line = f"{indent}{quote(text)}{end}"
    if len(line) <= WIDTH:
        return [line]
    pieces = split_quoted(text, WIDTH - len(indent) - len(end))
    return [f"{indent}{piece}" for piece in pieces[:-1]] + [f"{indent}{pieces[-1]}{end}"]


def _write_class(outline: ClassOutline) -> Iterator[str]:
    yield f"class {outline.name}(DomainModel):"
    yield from write_docstring(_describe_class(outline), _INDENT)
    yield ""
    if outline.block is None:
        yield f"{_INDENT}dossier: DossierHeader"
        if outline.members:
            yield ""
    fresh = True
    gone = False
    for member in outline.members:
        if isinstance(member, Field):
            if member.kind == "header_section" and not fresh:
                yield ""
            yield from _write_title(member)
        else:
            if member.slot.gone and not gone:
                gone = True
                yield ""
                yield f"{_INDENT}# ---- Gone from the form: only older dossiers have these."
            yield from _write_field(member)
        fresh = False


def _describe_class(outline: ClassOutline) -> list[str]:
    if outline.block is None:
        title = read_plainly(outline.title, _LONGEST_TITLE)
        return [_sentence(title) or "One dossier."]
    label = read_plainly(outline.block.label, _LONGEST_TITLE)
    first = _sentence(f"One row of {label}") if label else "One row."
    return [first, read_plainly(outline.block.description)]


def _write_title(field: Field) -> list[str]:
    label = read_plainly(field.label, 90)
    if field.kind == "header_section":
        return write_comment(label, _INDENT, "----")
    if field.kind == "repetition":
        return write_comment(f"{label} (a block without a champ)", _INDENT, "|")
    told = [_sentence(read_plainly(text)) for text in (field.label, field.description)]
    return write_comment(" ".join(told), _INDENT, "|")


def _write_field(field: FieldOutline) -> Iterator[str]:
    arguments = _write_arguments(field)
    declared = f"champ({', '.join(arguments)})"
    line = f"{_INDENT}{field.name}: Annotated[{field.type}, {declared}] = {field.default}"
    if len(line) <= WIDTH:
        yield line
    else:
        inner = _INDENT * 2
        yield f"{_INDENT}{field.name}: Annotated["
        yield f"{inner}{field.type},"
        if len(line := f"{inner}{declared},") <= WIDTH:
            yield line
        else:
            yield f"{inner}champ("
            yield from _write_label(field, _INDENT * 3)
            yield from (f"{_INDENT * 3}{argument}," for argument in arguments[_has_label(field) :])
            yield f"{inner}),"
        yield f"{_INDENT}] = {field.default}"
    yield from write_docstring(_describe_field(field), _INDENT)


def _has_label(field: FieldOutline) -> bool:
    # A champ that is gone is known by its number alone: by its label another could be taken for it.
    return not field.slot.gone


def _write_label(field: FieldOutline, indent: str) -> list[str]:
    return _write_text(collapse(field.champ.label), indent, ",") if _has_label(field) else []


def _write_arguments(field: FieldOutline) -> list[str]:
    arguments = [quote(collapse(field.champ.label))] if _has_label(field) else []
    numbers = field.slot.numbers
    if len(numbers) == 1:
        arguments.append(f"number={numbers[0]}")
    elif numbers:
        arguments.append(f"number=({', '.join(map(str, numbers))})")
    if field.place.section is not None:
        arguments.append(f"section={quote(field.place.section)}")
    if field.place.nth is not None:
        arguments.append(f"nth={field.place.nth}")
    if field.kinds:
        arguments.append(f"kinds=({', '.join(map(quote, field.kinds))})")
    if field.slot.gone or not field.champ.required:
        arguments.append("optional=True")
    return arguments


def _describe_field(field: FieldOutline) -> list[str]:
    if field.slot.gone:
        parts = [read_plainly(field.champ.label, _LONGEST_TITLE)]
    else:
        parts = ["Required" if field.champ.required else "", read_plainly(field.champ.description)]
    return [" ".join(_sentence(part) for part in parts if part)]


def _sentence(text: str) -> str:
    return text if not text or text[-1] in ".!?…:" else f"{text}."
