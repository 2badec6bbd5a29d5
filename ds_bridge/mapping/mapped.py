"""`Mapped`: what mapping one dossier gave. The object, its anomalies, and both as JSON-ready documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from ds_bridge.mapping.anomalies import Anomaly
from ds_bridge.mapping.fields import DomainModel, DossierHeader

_NO_CHAMPS: tuple[dict[str, Any], ...] = ()


class BlockRow(NamedTuple):
    """One row of a repeatable block, JSON-ready. `position` counts from 0, as in anomalies' paths."""

    block: str
    position: int
    row_id: str | None
    data: dict[str, Any]

    def __repr__(self) -> str:  # never its data
        return f"BlockRow(block={self.block!r}, position={self.position}, row_id={self.row_id!r})"


@dataclass(frozen=True)
class Mapped:
    """`value` is None when the démarche has no model: then `champs` hold what the dossier has, and
    `extras` what was asked for beside them."""

    header: DossierHeader = field(repr=False)
    value: DomainModel | None = field(default=None, repr=False)
    anomalies: tuple[Anomaly, ...] = ()
    champs: tuple[dict[str, Any], ...] = field(default=_NO_CHAMPS, repr=False)
    extras: Mapping[str, Any] = field(default_factory=dict, repr=False)
    row_ids: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    block_paths: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)

    @property
    def valid(self) -> bool:
        """Whether no anomaly is an error."""
        return all(anomaly.severity != "error" for anomaly in self.anomalies)

    @cached_property
    def _content(self) -> dict[str, Any]:
        # A row of an unknown sort has a null tag, which its model refuses: write it without a check.
        return {} if self.value is None else self.value.model_dump(mode="json", warnings=False)

    def document(self) -> dict[str, Any]:
        """The dossier as JSON: `dossier` first, the model's keys in its order, `anomalies` last.

        Every key is present, null when absent; lists are empty rather than null. Do not change it.
        """
        anomalies = [anomaly.model_dump(mode="json") for anomaly in self.anomalies]
        if self.value is None:
            champs = list(self.champs)
            return {"dossier": self._header(), "champs": champs, **self.extras, "anomalies": anomalies}
        if "dossier" in self._content:
            return {**self._content, "anomalies": anomalies}
        return {"dossier": self._header(), **self._content, "anomalies": anomalies}

    def rows(self) -> list[BlockRow]:
        """Rows of every block, in the model's order, with the keys of the document."""
        rows = []
        for block, path in self.block_paths.items():
            content: Any = self._content
            for key in path:
                content = content[key]
            ids = self.row_ids.get(block, ())
            rows += [BlockRow(block, position, ids[position], data) for position, data in enumerate(content)]
        return rows

    def _header(self) -> dict[str, Any]:
        return self.header.model_dump(mode="json")
