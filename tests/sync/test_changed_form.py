"""A form that changed stops no run: all is pulled and stored, a line says what does not fit, remap mends
it."""

from __future__ import annotations

from typing import Annotated

import pytest

from ds_bridge.config import DemarcheSettings
from ds_bridge.errors import UnfitModelError
from ds_bridge.mapping import DomainModel, champ
from ds_bridge.sandbox.world import CRA_NUMBER
from ds_bridge.sync.remap import remap_demarche
from ds_bridge.sync.verdict import describe, exit_code
from tests.sync.conftest import CRA


class Yesterday(DomainModel):
    """Made for the form as it was: one champ is of another kind now, two are gone."""

    nom: Annotated[
        str | None, champ("Veuillez renseigner votre nom de famille", "Veuillez renseigner votre nom")
    ] = None
    prenom: Annotated[int | None, champ("Veuillez renseigner votre prénom")] = None
    perdu: Annotated[str | None, champ("Un champ que le formulaire n'a plus")] = None
    omis: Annotated[str | None, champ("Un autre", optional=True)] = None


class Elsewhere(DomainModel):
    """Another form's."""

    rien: Annotated[str | None, champ("Rien de ce formulaire")] = None


CHANGED = DemarcheSettings(number=CRA_NUMBER, model=f"{__name__}:Yesterday")
UNFIT = DemarcheSettings(number=CRA_NUMBER, model=f"{__name__}:Elsewhere")
MISFITS = [{"field": "prenom", "code": "kind_changed"}, {"field": "perdu", "code": "champ_gone"}]


def test_all_is_pulled_told_once_and_mended_by_remap(night) -> None:
    summary = night.run(demarche=CHANGED)
    assert (summary.outcome, summary.exit_code, summary.created) == ("complete", 0, len(night.shown()))
    assert sorted(summary.to_json()["misfits"], key=str) == sorted(MISFITS, key=str)
    assert (exit_code(summary, strict=False), exit_code(summary, strict=True)) == (0, 5)
    line = describe(summary)
    assert line.count("kind_changed") == line.count("champ_gone") == 1
    assert "(see: ds-bridge doctor cra)" in line
    assert night.store.last_runs(CRA_NUMBER, 1)[0]["summary"]["misfits"] == summary.to_json()["misfits"]
    for stored in night.store.dossiers(CRA_NUMBER):
        found = {(each["path"], each["code"]) for each in stored.document["anomalies"]}
        assert ("perdu", "champ_gone") in found
        assert stored.document["nom"]
        assert stored.document["prenom"] is None
        assert stored.raw["number"] == stored.number
    again = night.run(demarche=CHANGED)
    assert again.to_json()["misfits"] == summary.to_json()["misfits"]

    mended = remap_demarche("cra", CRA, night.store)
    assert (mended.error, mended.changed) == (None, len(night.shown()))
    assert "champ_gone" not in {
        each["code"] for stored in night.store.dossiers(CRA_NUMBER) for each in stored.document["anomalies"]
    }


def test_a_model_that_fits_nothing_is_refused_after_the_pull(night) -> None:
    summary = night.run(demarche=UNFIT)
    assert (summary.outcome, summary.exit_code, summary.created) == ("failed", 2, len(night.shown()))
    assert "rien" in summary.error
    assert "ds-bridge remap cra" in summary.error
    assert night.stored().keys() == night.shown().keys()
    assert "champs" in next(night.store.dossiers(CRA_NUMBER)).document
    with pytest.raises(UnfitModelError):
        remap_demarche("cra", UNFIT, night.store)
    assert remap_demarche("cra", CRA, night.store).changed == len(night.shown())


def test_what_a_form_may_do_without_does_not_make_a_strict_night_fail(night) -> None:
    class_path = f"{__name__}:Relaxed"
    summary = night.run(demarche=DemarcheSettings(number=CRA_NUMBER, model=class_path))
    assert summary.misfits == ()
    assert exit_code(summary, strict=True) == (5 if summary.invalid else 0)


class Relaxed(DomainModel):
    """Asks for what the form has, and for what it may have."""

    nom: Annotated[
        str | None, champ("Veuillez renseigner votre nom de famille", "Veuillez renseigner votre nom")
    ] = None
    omis: Annotated[str | None, champ("Un autre", optional=True)] = None
