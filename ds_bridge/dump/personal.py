"""Personal: documents without people. Takes a document, gives a copy with a `pseudonyme`.

Hidden (made null, or an empty list) are the fields that the model declares `personal`, and the kinds that
name somebody: an address, a phone number, a file's name. Hand-written text is hidden too when no model says
what it holds, and everywhere when asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ds_bridge.config import DumpSettings
from ds_bridge.dump.pseudonyms import Pseudonyms
from ds_bridge.errors import ConfigurationError
from ds_bridge.ids import ChampId
from ds_bridge.mapping import ChampsNommes
from ds_bridge.mapping.declared import DeclaredObject, read_model
from ds_bridge.mapping.extras import EXTRA_KEYS
from ds_bridge.mapping.fields import Personal
from ds_bridge.mapping.index import stable_number
from ds_bridge.mapping.plan import Plan, Reader
from ds_bridge.tables.described import Described
from ds_bridge.tables.layout import PSEUDONYM, is_unmapped

NAMING_KINDS = frozenset(
    {"email", "phone", "iban", "civilite", "address", "siret", "carte", "piece_justificative"}
)
"""Kinds that tell who somebody is, or where they live. A sole trader's SIRET is a person."""

WRITTEN_KINDS = frozenset({"text", "textarea", "formatted", "expression_reguliere"})
"""Kinds in which anybody may have written anything."""

SAFE_KINDS = frozenset(
    {
        "integer_number",
        "number",
        "decimal_number",
        "date",
        "datetime",
        "checkbox",
        "yes_no",
        "titre_identite",
        "drop_down_list",
        "multiple_drop_down_list",
        "linked_drop_down_list",
        "commune",
        "departement",
        "region",
        "pays",
        "epci",
        "rna",
        "rnf",
        "annuaire_education",
        "dossier_link",
        "engagement_juridique",
        "repetition",
        "header_section",
        "explication",
    }
)
"""Kinds that stay. A kind in none of the three sets (of a newer platform) is hidden."""

_Path: TypeAlias = tuple[str, ...]


@dataclass
class _Keys:
    """The keys of an object to blank, and those of the objects or rows below it."""

    blank: set[str] = field(default_factory=set)
    below: dict[str, _Keys] = field(default_factory=dict)

    def add(self, path: _Path) -> None:
        if len(path) == 1:
            self.blank.add(path[0])
        else:
            self.below.setdefault(path[0], _Keys()).add(path[1:])

    def apply(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self.apply(item) for item in value]
        if not isinstance(value, dict):
            return value
        return {key: self._apply_key(key, inner) for key, inner in value.items()}

    def _apply_key(self, key: str, inner: Any) -> Any:
        if key in self.blank:
            return _blank(inner)
        return self.below[key].apply(inner) if key in self.below else inner


class Hider:
    """Hides the people of one démarche's documents.

    `keep` and `drop` are the configuration's champs. `free_text` False also hides hand-written text. Raises
    ConfigurationError when the model declares no personal field.
    """

    def __init__(
        self,
        described: Described,
        pseudonyms: Pseudonyms,
        *,
        keep: Iterable[str | int] = (),
        drop: Iterable[str | int] = (),
        free_text: bool = True,
    ) -> None:
        self._pseudonyms = pseudonyms
        self._kinds = described.kinds
        self._keep = frozenset(ChampId.parse(str(each)).stable for each in keep)
        self._drop = frozenset(ChampId.parse(str(each)).stable for each in drop)
        self._plan = described.plan
        self._free_text = free_text
        self._who: dict[Personal, _Path] = {}
        self._keys = _Keys()
        if described.plan is not None:
            self._read_model(described.plan)

    def hide(self, document: dict[str, Any], account: str | None) -> dict[str, Any]:
        """The document without people, `pseudonyme` after `dossier`. `account`: the depositor's address."""
        identifier = _follow(document, self._who.get("id"))
        who = self._pseudonyms.make(identifier, _follow(document, self._who.get("email")), account)
        hidden = {
            "dossier": document.get("dossier"),
            PSEUDONYM: who,
            **{key: value for key, value in self._clear(document).items() if key != "dossier"},
        }
        # A message of a rule may quote what a person typed; a code and a path cannot.
        hidden["anomalies"] = [anomaly | {"message": ""} for anomaly in document.get("anomalies") or ()]
        return hidden

    def _clear(self, document: dict[str, Any]) -> dict[str, Any]:
        if is_unmapped(document):
            return document
        if self._plan is not None:
            cleared: dict[str, Any] = self._keys.apply(document)
            return cleared
        # Messages, avis and annotations are texts by people about people: all are left out.
        kept = {key: value for key, value in document.items() if key not in EXTRA_KEYS}
        return kept | {"champs": [self._clear_champ(champ) for champ in document.get("champs") or ()]}

    def _clear_champ(self, champ: dict[str, Any]) -> dict[str, Any]:
        if "rows" in champ:
            rows = [
                row | {"champs": [self._clear_champ(inner) for inner in row["champs"]]}
                for row in champ["rows"]
            ]
            return champ | {"rows": rows}
        number = stable_number(champ.get("id") or "")
        return champ | {"value": _blank(champ["value"])} if self._names_somebody(number) else champ

    def _names_somebody(self, number: int | None) -> bool:
        """Whether to hide a champ that no model describes."""
        if number in self._keep:
            return False
        kinds = self._kinds.get(number) if number is not None else None
        return number in self._drop or kinds is None or not kinds <= SAFE_KINDS

    def _read_model(self, plan: Plan) -> None:
        if issubclass(plan.model, ChampsNommes):
            self._read_names(plan)
            return
        declared = read_model(plan.model)
        found = list(_walk_declared(declared, plan.reader, ()))
        if not any(personal for _, personal, _, _ in found):
            raise ConfigurationError(
                f"{plan.model.__name__} does not say which of its fields are personal: declare"
                ' champ(…, personal="name"), "email", "id" or "text" (see docs/analysts.md)'
            )
        for path, personal, numbers, in_block in found:
            if personal in ("id", "email") and not in_block:
                self._who.setdefault(personal, path)
            if personal is not None or self._goes_by_kind(numbers):
                self._keys.add(path)

    def _read_names(self, plan: Plan) -> None:
        """The keys to blank when fields only have a name: their champs' kinds decide, as without a model."""
        for path, _, numbers, _ in _walk_declared(read_model(plan.model), plan.reader, ()):
            if any(self._names_somebody(number) for number in numbers):
                self._keys.add(path)

    def _goes_by_kind(self, numbers: Collection[int]) -> bool:
        """Whether to hide a field that its model does not call personal: its champs' kinds decide."""
        if self._drop.intersection(numbers):
            return True
        if self._keep.intersection(numbers):
            return False
        kinds = frozenset().union(*(self._kinds.get(number, frozenset()) for number in numbers))
        return bool(kinds & NAMING_KINDS) or bool(not self._free_text and kinds & WRITTEN_KINDS)


def make_hider(described: Described, settings: DumpSettings, *, free_text: bool = True) -> Hider:
    """A hider with the configuration's key and champs. Raises ConfigurationError when there is no key."""
    return Hider(
        described,
        Pseudonyms(settings.read_pseudonym_key()),
        keep=settings.keep_champs,
        drop=settings.drop_champs,
        free_text=free_text,
    )


def _walk_declared(
    declared: DeclaredObject, reader: Reader, path: _Path, *, in_block: bool = False
) -> Iterator[tuple[_Path, Personal | None, tuple[int, ...], bool]]:
    numbers = {source.attribute: source.numbers for source in reader.sources}
    for leaf in declared.leaves:
        known = numbers.get(leaf.attribute, ())
        yield (*path, leaf.attribute), leaf.source.personal, known, in_block
    readers = dict(reader.groups)
    for attribute, group in declared.groups:
        yield from _walk_declared(group, readers[attribute], (*path, attribute), in_block=in_block)
    blocks = {block.attribute: block for block in reader.blocks}
    for block in declared.blocks:
        variants = dict(blocks[block.attribute].variants)
        for tag, variant in block.variants:
            where = (*path, block.attribute)
            yield from _walk_declared(variant, variants[tag], where, in_block=True)


def _follow(document: Any, path: _Path | None) -> Any:
    if path is None:
        return None
    for key in path:
        document = document.get(key) if isinstance(document, dict) else None
    return document


def _blank(value: Any) -> Any:
    return [] if isinstance(value, list) else None
