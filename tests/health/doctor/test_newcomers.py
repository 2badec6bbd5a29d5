"""Champs that came and feed no field are told; titles and texts that changed are not."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from ds_bridge.config import DemarcheSettings
from ds_bridge.form import Form, has_changed, read_forms
from ds_bridge.health.doctor.drift import check_form
from ds_bridge.health.doctor.findings import Finding
from ds_bridge.ids import ChampId
from ds_bridge.store import FormCheck

DAY = dt.datetime(2025, 1, 15, tzinfo=dt.UTC)
NAMED = DemarcheSettings(number=7, champs={"nom": "1"})


def champ(number: int, kind: str, label: str, *, required: bool = False, **more: Any) -> dict[str, Any]:
    name = "".join(word.title() for word in kind.split("_"))
    return {
        "__typename": f"{name}ChampDescriptor",
        "id": ChampId(number).encode(),
        "label": label,
        "description": "",
        "required": required,
        **more,
    }


NOM = champ(1, "text", "Nom", required=True)
NOTE = champ(9, "explication", "Explication")
TITLE = champ(8, "header_section", "Titre")


def document(*revisions: list[dict[str, Any]]) -> dict[str, Any]:
    """A démarche whose revisions were published a month apart, the last one active."""
    published = [
        {
            "id": f"r{place}",
            "datePublication": f"2025-{place:02}-01T00:00:00+01:00",
            "champDescriptors": champs,
        }
        for place, champs in enumerate(revisions, 1)
    ]
    return {"number": 7, "title": "Essai", "activeRevision": published[-1], "revisions": published}


def check_of(form: dict[str, Any], revision: str = "r1") -> FormCheck:
    active, others = read_forms(form)
    checked = next(each for each in (active, *others) if each.revision == revision)
    return FormCheck(checked.revision, checked.fingerprint, DAY)


def added(findings: list[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.details.get("change") == "added_champs"]


@pytest.mark.parametrize("demarche", [NAMED, DemarcheSettings(number=7)], ids=["named", "no model"])
def test_an_added_champ_is_told_a_required_one_as_that(demarche: DemarcheSettings) -> None:
    block = champ(3, "repetition", "Bloc", champDescriptors=[champ(4, "date", "Jour")])
    motive = champ(2, "text", "Motif", required=True)
    form = document([NOTE, NOM], [NOTE | {"label": "Autre"}, NOM, motive, block])
    findings = list(check_form("essai", demarche, form, check_of(form)))
    assert findings[0].verdict == "warning"
    assert "the form has changed since the check" in findings[0].found
    [told] = added(findings)
    assert told.verdict == "warning"
    assert told.found == (
        "the revision of 2025-02-01 added 3 champs that feed no field, new since the last check:"
        ' 2 "Motif" (text, required); 3 "Bloc" (repetition); 4 "Jour" (date, in the block "Bloc")'
    )
    assert [(each["number"], each["required"]) for each in told.details["champs"]] == [
        (2, True),
        (3, False),
        (4, False),
    ]
    assert told.details["new"] is True


def test_what_was_there_at_the_last_check_is_no_warning() -> None:
    form = document([NOM], [NOM, champ(2, "text", "Motif")])
    for check in (check_of(form, "r2"), None):
        [told] = added(list(check_form("essai", NAMED, form, check)))
        assert (told.verdict, told.details["new"]) == ("ok", False)


def test_a_champ_that_feeds_a_field_is_told_by_its_field_and_many_are_cut() -> None:
    form = document([champ(5, "text", "Autre")], [champ(5, "text", "Autre"), NOM])
    assert added(list(check_form("essai", NAMED, form, check_of(form)))) == []
    many = [champ(number, "text", f"Champ {number}") for number in range(20, 30)]
    form = document([NOM], [NOM, *many])
    [told] = added(list(check_form("essai", NAMED, form, check_of(form))))
    assert told.found.endswith('27 "Champ 27" (text); and 2 more')
    assert len(told.details["champs"]) == 10


@pytest.mark.parametrize(
    "after",
    [
        [TITLE, NOTE | {"label": "Autre explication"}, NOM],
        [NOM],
        [NOTE, champ(11, "header_section", "Un titre"), NOM],
    ],
)
def test_titles_and_texts_alone_are_no_change(after: list[dict[str, Any]]) -> None:
    form = document([NOTE, NOM], after)
    findings = list(check_form("essai", NAMED, form, check_of(form)))
    assert {finding.verdict for finding in findings} == {"ok"}
    assert "only titles or texts have changed since the check of 2025-01-15" in findings[0].found
    assert added(findings) == []


def test_what_counts_as_a_change() -> None:
    active, (before,) = read_forms(document([NOTE, NOM], [NOM]))
    assert not has_changed("r1", before.fingerprint, active, (before,))
    assert not has_changed("r2", active.fingerprint, active, (before,))
    assert has_changed("r2", before.fingerprint, active, (before,))  # in its place: a démarche in draft
    assert has_changed("r0", before.fingerprint, active, (before,))  # a revision nobody has any more
    other = Form.from_revision(7, "Essai", {"id": "r3", "champDescriptors": [NOM | {"label": "Prénom"}]})
    assert has_changed("r2", active.fingerprint, other, (active, before))


def test_a_field_whose_champ_is_gone_or_changed_is_a_warning_with_its_candidates() -> None:
    older = [NOM, champ(2, "integer_number", "Total"), champ(3, "text", "Ville")]
    form = document(older, [NOM, champ(4, "text", "Ville de dépôt")])
    demarche = DemarcheSettings(number=7, champs={"nom": "1", "ville": "3"})
    findings = list(check_form("essai", demarche, form, check_of(form)))
    assert {finding.verdict for finding in findings} == {"ok", "warning"}
    told = [(each.champ, each.details["change"]) for each in findings if each.details.get("change")]
    assert told == [("ville", "champ_gone"), ("ville", "gone"), (None, "added_champs")]
    [listed] = [finding for finding in findings if "does not resolve on the form" in finding.found]
    assert '"Ville de dépôt"' in listed.found
