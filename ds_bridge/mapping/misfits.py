"""Misfits: the fields that a changed form does not feed any more. Takes complaints, gives `Misfit`s."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ds_bridge.form import Field
from ds_bridge.mapping.anomalies import CHAMP_GONE, KIND_CHANGED
from ds_bridge.mapping.complaints import Complaint
from ds_bridge.mapping.fields import ChampSource
from ds_bridge.mapping.plan import Misfit


def list_misfits(complaints: Iterable[Complaint], sources: Mapping[str, ChampSource]) -> list[Misfit]:
    """One misfit for each field. `sources` say which fields a form may lack."""
    return [
        Misfit(
            complaint.name,
            KIND_CHANGED if complaint.wrong_kind else CHAMP_GONE,
            complaint.reason,
            sources[complaint.name].optional,
        )
        for complaint in complaints
    ]


def list_dropped(
    dropped: Mapping[str, Field], sources: Mapping[str, ChampSource], known: Iterable[Misfit]
) -> list[Misfit]:
    """Fields that a form may lack, and that only its older revisions feed.

    A field without a label is left out: so a model says that its champ is gone.
    """
    told = {misfit.name for misfit in known}
    whole = told | dropped.keys()  # when a block is gone, the fields of its rows are not listed one by one
    return [
        Misfit(name, CHAMP_GONE, f'"{champ.label}" is only on older revisions of the form', optional=True)
        for name, champ in dropped.items()
        if sources[name].labels and name not in told and name.rpartition(".")[0] not in whole
    ]
