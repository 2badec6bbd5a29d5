"""Names: labels of a form in, Python identifiers out. No two champs of a scope share one.

A champ gets its name from its own label. When several would get the same name, the oldest keeps it and the
others add their section, their neighbour, or at last their order. So a champ added later, wherever it stands,
renames no older one.
"""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ds_bridge.mapping import DomainModel
from ds_bridge.mapping.labels import normalise

LONGEST = 60  # PostgreSQL cuts a column's name at 63 bytes
_LONGEST_QUALIFIER, _LONGEST_QUALIFIED = 24, 35

# Names that a field may not have: they would hide a name that its declaration needs, or one of pydantic's.
# Written out, so that names do not change with the version of Python or pydantic; newer words come on top.
_KNOWN_RESERVED = """
abs aiter all and anext anomalies any as ascii assert async await bin bool break breakpoint bytearray
bytes callable case champ chr class classmethod cls compile complex construct continue copy copyright
credits def del delattr dict dir divmod dt elif else enumerate eval except exec exit fields figures filter
finally float for format from from_orm frozenset getattr global globals hasattr hash help hex id if import in
input int is isinstance issubclass iter json lambda len license list locals map match max memoryview min
next nonlocal not object oct open or ord parse_file parse_obj parse_raw pass pow print property quit raise
range repr return reversed round rules schema schema_json self set setattr slice sorted staticmethod str
sum super try tuple type update_forward_refs validate vars version while with yield zip
"""
RESERVED_FIELDS = frozenset(
    {*_KNOWN_RESERVED.split(), *keyword.kwlist, *keyword.softkwlist, *dir(builtins), *dir(DomainModel)}
)
# Names that a class or a list of options may not have: those that the file imports, and Python's own.
RESERVED_CLASSES = frozenset(
    {
        *keyword.kwlist,
        *dir(builtins),
        "Address",
        "Annotated",
        "Any",
        "Commune",
        "DomainModel",
        "DossierHeader",
    }
    | {"EngagementJuridique", "GeoArea", "Literal", "Named", "PersonneMorale", "PieceJointe", "Rna"}
    | {"TypeAlias"}
)

_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ß": "ss"})
# "structure(s)", "accompagné(e/s)", "médiateur(trice/s)": endings for all genders and numbers say nothing.
_ENDINGS = re.compile(r"(?<=\w)\((?:[a-z]{1,6}(?:/[a-z]{1,4})*)\)")
_NUMERO = re.compile(r"\bn ?[°º]")
_LOOSE_END = re.compile(r"(?:_[cdjlmnst])+$")
_SEPARATORS = re.compile(r"[^a-z0-9]+")
_ARTICLES = """
a au aux avec c ce ces cette d dans de des du elle en est et il j je l la le les leur m ma mes mon n ne nos
notre nous on ou par pour qu que qui s sa se ses si son sont sur t un une vos votre vous y
"""
_SAY_LITTLE = frozenset(_ARTICLES.split())
# "Veuillez renseigner votre nom" asks for votre nom.
_POLITE = re.compile(
    r"(?:veuillez|merci de|priere de)(?: bien vouloir)?"
    r" (?:choisir|cocher|completer|decrire|detailler|entrer|indiquer|joindre|lister|mentionner|noter|preciser"
    r"|remplir|renseigner|saisir|selectionner|specifier) (?=[a-z])"
)


@dataclass(frozen=True)
class Nameable:
    """The parts that make a name. `age` orders champs from the oldest: a stable number, None in open data."""

    label: str
    kind: str
    age: int | None = None
    section: str | None = None
    neighbour: str | None = None


def name_fields(
    champs: Sequence[Nameable],
    *,
    reserved: frozenset[str] = frozenset(),
    kept: Mapping[int, str] | None = None,
) -> list[str]:
    """A name for each champ of one scope. `reserved` come on top of Python's; `kept` are names by age."""
    refused = RESERVED_FIELDS | reserved
    names: dict[int, str] = {}
    taken: set[str] = set()
    for position, champ in enumerate(champs):
        name = (kept or {}).get(champ.age or 0)
        if name is not None and _is_usable(name, refused) and name not in taken:
            names[position] = name
            taken.add(name)
    order = sorted(range(len(champs)), key=lambda position: (champs[position].age or 0, position))
    sections: dict[str, set[str | None]] = {}
    for position in order:
        champ = champs[position]
        older = sections.setdefault(slug(champ.label), set())
        if position not in names:
            candidates = _candidates(champ, by_section=champ.section not in older)
            found = (_make_usable(name, refused) for name in candidates)
            names[position] = next(name for name in found if name not in taken)
            taken.add(names[position])
        older.add(champ.section)
    return [names[position] for position in range(len(champs))]


def name_class(name: str, taken: set[str], *, otherwise: str) -> str:
    """`type_d_evenement` → `TypeDEvenement`; if that is taken, `otherwise` follows. Adds it to `taken`."""
    plain = "".join(word[:1].upper() + word[1:] for word in name.split("_"))[:LONGEST]
    if not plain or not plain[0].isalpha():
        plain = f"{otherwise}{plain}"
    candidates = _numbered([plain, f"{plain}{otherwise}"], f"{plain}{otherwise}")
    found = next(each for each in candidates if each not in taken and each not in RESERVED_CLASSES)
    taken.add(found)
    return found


def slug(label: str) -> str:
    """The label's words in ASCII, joined by `_`; empty when it has no letter and no digit."""
    text = normalise(_NUMERO.sub("numero ", label.casefold()))
    text = _POLITE.sub("", _ENDINGS.sub("", text.translate(_LETTERS)), count=1)
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return _SEPARATORS.sub("_", folded).strip("_")


def _candidates(champ: Nameable, *, by_section: bool) -> Iterator[str]:
    """Names from the best to the last. `by_section`: no older champ with this label is in its section."""
    whole = slug(champ.label)
    if not whole:
        # Nothing to read in the label: the number is the one thing that stays.
        whole = f"champ_{champ.age}" if champ.age else f"champ_{champ.kind}"
    base = _cut(whole, LONGEST)
    section = _qualify(champ.section or "") if by_section else ""
    neighbour = _qualify(champ.neighbour or "")
    several = [base]
    if base != whole:
        several.append(f"{_cut(whole, 29)}_{_cut_front(whole, 29)}")
    several += [f"{each}_{_cut(base, _LONGEST_QUALIFIED)}" for each in (section, neighbour) if each]
    yield from _numbered(several, f"{_cut(base, LONGEST - 6)}_")


def _numbered(first: Sequence[str], prefix: str) -> Iterator[str]:
    yield from first
    number = 2
    while True:
        yield f"{prefix}{number}"
        number += 1


def _qualify(label: str) -> str:
    words = [word for word in slug(label).split("_") if word not in _SAY_LITTLE]
    return _cut("_".join(words), _LONGEST_QUALIFIER)


def _cut(text: str, most: int) -> str:
    """The text cut to `most` characters, at the end of a word when possible."""
    if len(text) <= most:
        return text
    head, space, _ = text[: most + 1].rpartition("_")
    kept = head if space and len(head) > most // 2 else text[:most]
    return _LOOSE_END.sub("", kept).strip("_")


def _cut_front(text: str, most: int) -> str:
    _, space, tail = text[-most - 1 :].partition("_")
    return (tail if space and len(tail) > most // 2 else text[-most:]).strip("_")


def _is_usable(name: str, refused: frozenset[str]) -> bool:
    plain = name.isascii() and name.isidentifier() and name[0].isalpha() and name == name.lower()
    return plain and len(name) <= LONGEST + 2 and not name.startswith("model_") and name not in refused


def _make_usable(name: str, refused: frozenset[str]) -> str:
    if not name[0].isalpha() or name.startswith("model_"):
        name = f"champ_{_cut(name, LONGEST - 6)}"
    return f"{name}_" if name in refused else name
