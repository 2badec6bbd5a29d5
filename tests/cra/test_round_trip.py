"""Any report → raw dossier → mapped → the same report, and the same again from its JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ds_bridge.api.records import Dossier
from ds_bridge.cra import CompteRendu, Identite, TempsHebdomadaire
from ds_bridge.ids import ChampId
from ds_bridge.mapping import map_dossier, resolve
from ds_bridge.mapping.anomalies import MAPPING_CODES
from tests.cra.builders import to_raw
from tests.cra.strategies import reports
from tests.mapping.forms import sandbox_cra

FORM, OLDER = sandbox_cra()
PLAN = resolve(CompteRendu, FORM, [OLDER])
REPORTS = reports(PLAN, FORM)
QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@QUICK
@given(REPORTS)
def test_any_report_comes_back_from_its_raw_dossier(report: CompteRendu) -> None:
    raw = json.loads(json.dumps(to_raw(report, PLAN, FORM)))
    mapped = map_dossier(PLAN, Dossier.model_validate(raw), 82349)
    assert mapped.value == report
    assert not {anomaly.code for anomaly in mapped.anomalies} & {code.code for code in MAPPING_CODES}


@QUICK
@given(REPORTS)
def test_the_document_says_all_but_the_choices(report: CompteRendu) -> None:
    dossier = Dossier.model_validate(to_raw(report, PLAN, FORM))
    document = json.loads(json.dumps(map_dossier(PLAN, dossier, 82349).document()))
    del document["anomalies"]
    choices = {name: None for name in CompteRendu.model_fields if name.endswith(("_choix", "_reparti"))}
    assert CompteRendu.model_validate(document) == report.model_copy(update=choices)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
ANSWERS = ("value", "values", "integer", "date", "checked", "rows", "__typename")


@QUICK
@given(REPORTS, st.data())
def test_a_broken_champ_costs_that_champ_only(report: CompteRendu, data: st.DataObject) -> None:
    raw = to_raw(report, PLAN, FORM)
    before = flatten(map_dossier(PLAN, Dossier.model_validate(raw), 82349).document())
    champ, path = data.draw(st.sampled_from(list(walk_champs(raw["champs"], ""))))
    key = data.draw(st.sampled_from([key for key in ANSWERS if key in champ]))
    champ[key] = data.draw(st.text(max_size=8) if key == "__typename" else anything)
    mapped = map_dossier(PLAN, Dossier.model_validate(raw), 82349)
    after = flatten(mapped.document())
    json.dumps(mapped.document(), allow_nan=False)
    changed = {where for where in before | after if before.get(where, ...) != after.get(where, ...)}
    assert {where for where in changed if not where.startswith(path)} == set()


def walk_champs(champs: list[dict[str, Any]], prefix: str) -> Iterator[tuple[dict[str, Any], str]]:
    """Every champ, and where its value stands in the document (`?` when nowhere)."""
    for champ in champs:
        name = PLAN.feeds.get(ChampId.parse(champ["champDescriptorId"]).stable, ("?",))[0]
        path = TOP_PATHS.get(name, name) if not prefix else prefix + name.rsplit(".")[-1]
        yield champ, path.removesuffix(".cible")
        for position, row in enumerate(champ.get("rows", ())):
            yield from walk_champs(row["champs"], f"{path}[{position}].")


TOP_PATHS = {name: f"identite.{name}" for name in Identite.model_fields} | {
    f"temps_{name}": f"temps_hebdomadaire.{name}" for name in TempsHebdomadaire.model_fields
}


def flatten(document: Any, path: str = "") -> dict[str, Any]:
    """Path → value of all that is in a document but its anomalies."""
    if isinstance(document, dict):
        parts = [
            (f"{path}.{key}".lstrip("."), value) for key, value in document.items() if key != "anomalies"
        ]
    elif isinstance(document, list):
        parts = [(f"{path}[{position}]", value) for position, value in enumerate(document)]
    else:
        return {path: document}
    return {where: leaf for part, value in parts for where, leaf in flatten(value, part).items()}
