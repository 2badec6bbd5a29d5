"""`map_dossiers`: a Spark frame of raw JSON in, a frame of what `remap` makes of it out.

The driver resolves the model on the form once, so that what is wrong with either is told before anything
runs; each Python worker resolves it again for its partition. Workers need ds-bridge (and the model's module)
installed, and nothing else: no Arrow, no pandas, no store, no network.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from ds_bridge.errors import BadDataError, ConfigurationError, MissingExtraError
from ds_bridge.form import read_forms
from ds_bridge.mapping import DomainModel, Plan, make_plan, resolve
from ds_bridge.store.encoding import decode_json, encode_json
from ds_bridge.sync.content import pull_content
from ds_bridge.sync.pulled import Pulled

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

SCHEMA = (
    "number long, state string, valid boolean, document string,"
    " rows array<struct<block string, position int, row_id string, data string>>,"
    " anomalies array<struct<path string, code string, severity string, message string>>"
)
"""Of what `map_dossiers` gives. `document` and the `data` of rows are JSON, as `ds-bridge dump` writes it."""

_Mapped: TypeAlias = tuple[int | None, str | None, bool, str | None, list[Any], list[Any]]
_UNREADABLE = ("", "unreadable", "error", "this is no dossier's JSON, or it has no number, state and dates")


def map_dossiers(
    frame: DataFrame,
    *,
    model: str | type[DomainModel] | None = None,
    form: Mapping[str, Any] | Path | str,
    champs: Mapping[str, str] | None = None,
    column: str | None = None,
) -> DataFrame:
    """Map every raw dossier of the frame, as `ds-bridge remap` does, on the cluster of the frame's session.

    frame: raw dossiers as JSON text, one a row, in its only column or in `column`: what
    `dump NAME --raw --format ndjson` writes, or `raw` of the store's table `dossiers`.
    model: `module:Class` or the class, None for all champs; champs: as `[demarches.NAME.champs]`.
    form: what the store keeps (`Store.read_form`), or the path of a file with it as JSON.

    Gives a row a row, of `SCHEMA`, worked out when an action asks for it. A row that is no dossier has no
    number and says so in its anomalies; a fault of the model's own code costs its dossier the document.
    Raises ConfigurationError for a model, a form or a column that cannot be, MissingExtraError.
    """
    if find_spec("pyspark") is None:
        raise MissingExtraError("ds_bridge.spark", "spark")
    if type(frame).__module__.startswith("pyspark.sql.connect"):
        raise ConfigurationError("map_dossiers needs a classic Spark session: Spark Connect has no RDD")
    orders = _Orders(model, dict(_read_document(form)), dict(champs or {}))
    orders.make_plan()
    mapped = frame.select(_find_column(frame, column)).rdd.mapPartitions(orders.map_rows)
    return frame.sparkSession.createDataFrame(mapped, SCHEMA, verifySchema=False)


@dataclass(frozen=True)
class _Orders:
    """What goes to the workers: all that a plan is made of."""

    model: str | type[DomainModel] | None
    document: dict[str, Any]
    champs: dict[str, str]

    def make_plan(self) -> tuple[Plan | None, int]:
        """The model resolved on the form, and the démarche's number."""
        active, others = read_forms(self.document)
        if self.model is None or isinstance(self.model, str):
            return make_plan(self.model, self.champs, active, others, lenient=True), active.number
        return resolve(self.model, active, others, self.champs, lenient=True), active.number

    def map_rows(self, rows: Iterable[Any]) -> Iterator[_Mapped]:
        """A partition."""
        plan, number = self.make_plan()
        for row in rows:
            yield _map_one(row[0], plan, number)


def _map_one(text: str | None, plan: Plan | None, demarche: int) -> _Mapped:
    try:
        pulled = Pulled.of(decode_json(text or "null"))
        content = pull_content(plan, pulled.node, demarche)
    except (BadDataError, ValueError, TypeError, AttributeError):
        return None, None, False, None, [], [_UNREADABLE]
    rows = [(row.block, row.position, row.row_id, encode_json(row.data).decode()) for row in content.rows]
    anomalies = [(each.path, each.code, each.severity, each.message) for each in content.anomalies]
    document = encode_json(content.document).decode()
    return pulled.head.number, pulled.head.state, content.valid, document, rows, anomalies


def _find_column(frame: DataFrame, column: str | None) -> str:
    names = frame.columns
    if column is None and len(names) == 1:
        return str(names[0])
    if column not in names:
        raise ConfigurationError(
            f"map_dossiers: which column holds the raw JSON? column= one of {', '.join(names)}"
        )
    return column


def _read_document(form: Mapping[str, Any] | Path | str) -> Mapping[str, Any]:
    if isinstance(form, Mapping):
        return form
    try:
        document = decode_json(Path(form).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"form {str(form)!r}: it cannot be read: {type(error).__name__}") from None
    if not isinstance(document, dict):
        raise ConfigurationError(f"form {str(form)!r}: it is no form as the store keeps it")
    return document
