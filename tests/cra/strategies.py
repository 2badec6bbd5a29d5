"""Any report a coordinator could file: hypothesis strategies over the form's own options."""

from __future__ import annotations

import datetime as dt

from hypothesis import strategies as st

from ds_bridge.cra import (
    AccompagnementMediateur,
    AccompagnementStructure,
    CompteRendu,
    DossierHeader,
    Evenement,
    Identite,
    Partenariat,
    TempsHebdomadaire,
)
from ds_bridge.form import Form
from ds_bridge.mapping import Plan

texts = st.none() | st.text(min_size=1, max_size=20).filter(lambda text: text.strip() != "")
whole = st.none() | st.integers(-(2**63), 2**63 - 1)
dates = st.none() | st.dates()
zones = st.sampled_from([dt.timezone(dt.timedelta(hours=1)), dt.timezone(dt.timedelta(hours=2))])
instants = st.datetimes(
    min_value=dt.datetime(1, 1, 2, tzinfo=None),  # noqa: DTZ001 the strategy adds the zone
    max_value=dt.datetime(9999, 12, 30, tzinfo=None),  # noqa: DTZ001 same
    timezones=zones,
).map(lambda instant: instant.replace(microsecond=0))
headers = st.builds(
    DossierHeader,
    demarche=st.just(82349),
    number=st.integers(1, 2**31 - 1),
    state=st.sampled_from(["en_construction", "en_instruction", "accepte", "refuse", "sans_suite"]),
    archived=st.booleans(),
    prefilled=st.booleans(),
    date_depot=instants,
    date_derniere_modification=instants,
    date_traitement=st.none() | instants,
)


def reports(plan: Plan, form: Form) -> st.SearchStrategy[CompteRendu]:
    """Reports whose lists hold this form's options."""

    def one(name: str) -> st.SearchStrategy[str | None]:
        return st.none() | st.sampled_from(_options(plan, form, name))

    def several(name: str) -> st.SearchStrategy[tuple[str, ...]]:
        return st.lists(st.sampled_from(_options(plan, form, name)), unique=True, max_size=4).map(tuple)

    shared = {
        "problematiques": several("accompagnements.problematiques"),
        "problematiques_precision": texts,
        "actions": several("accompagnements.actions"),
        "actions_precision": texts,
    }
    evenement = st.builds(
        Evenement,
        nom=texts,
        organisateurs=several("evenements.organisateurs"),
        organisateurs_detail=texts,
        type=one("evenements.type"),
        type_precision=texts,
        date=dates,
    )
    partenariat = st.builds(
        Partenariat,
        nom=texts,
        structure_type=one("partenariats.structure_type"),
        structure_detail=texts,
        natures=several("partenariats.natures"),
        natures_precision=texts,
        date_lancement=dates,
    )
    structure = st.builds(
        AccompagnementStructure,
        structure_types=several("accompagnements.structure_types"),
        structure_noms=texts,
        **shared,
    )
    mediateur = st.builds(
        AccompagnementMediateur,
        mediateur_noms=texts,
        structure_type=one("accompagnements.structure_type"),
        structure_noms=texts,
        **shared,
    )
    return st.builds(
        CompteRendu,
        dossier=headers,
        identite=st.builds(
            Identite,
            nom=texts,
            prenom=texts,
            identifiant=whole,
            email=texts,
            structure_nom=texts,
            structure_identifiant=whole,
        ),
        evenements_choix=one("evenements_choix"),
        evenements=st.lists(evenement, max_size=3).map(tuple),
        partenariats_choix=one("partenariats_choix"),
        partenariats=st.lists(partenariat, max_size=3).map(tuple),
        accompagnements_choix=one("accompagnements_choix"),
        accompagnements=st.lists(structure | mediateur, max_size=3).map(tuple),
        temps_hebdomadaire=st.builds(TempsHebdomadaire, total=whole, communication=whole, animation=whole),
        temps_reparti=st.none() | st.booleans(),
    )


def _options(plan: Plan, form: Form, name: str) -> tuple[str, ...]:
    field = form.find(plan.numbers[name][0])
    assert field is not None
    assert field.options
    return field.options
