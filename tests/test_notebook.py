"""The store in a notebook: typed objects, frames, what is said when something cannot be given."""

from __future__ import annotations

import copy
import datetime as dt
import json
import pickle
import pprint
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import pytest
from pydantic import SecretStr

from ds_bridge import DomainModel, champ, open_store
from ds_bridge.api.client import Client
from ds_bridge.config import ApiSettings, DemarcheSettings, Settings
from ds_bridge.cra import CompteRendu, Evenement
from ds_bridge.dump import dossiers as dossiers_module
from ds_bridge.errors import ConfigurationError, StoreError
from ds_bridge.mapping import DossierHeader
from ds_bridge.mapping.shown import write_table
from ds_bridge.notebook import StoreReader
from ds_bridge.sandbox.server import SandboxServer
from ds_bridge.store import DossierEntry, Store, StoredDossier
from ds_bridge.store.encoding import encode_json
from ds_bridge.sync import sync_demarche

CRA = DemarcheSettings(number=82349, model="ds_bridge.cra:CompteRendu")
SETTINGS = Settings(
    demarches={"cra": CRA, "tout": DemarcheSettings(number=99001), "jamais": DemarcheSettings(number=5)}
)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('notebook') / 'store.db'}"
    with SandboxServer(seed=8, dossiers=40, requests_per_minute=None) as server:
        api = ApiSettings(url=server.url, token=SecretStr(server.token), requests_per_minute=10_000)
        with Client(api) as client, Store.open(url) as store:
            for name in ("cra", "tout"):
                assert sync_demarche(name, SETTINGS.demarches[name], client, store).error is None
    return url


@pytest.fixture
def reader(url: str) -> Iterator[StoreReader]:
    with open_store(url, SETTINGS) as reader:
        yield reader


def stored(url: str, number: int = 82349) -> list[StoredDossier]:
    with Store.open(url) as store:
        return list(store.dossiers(number))


def test_dossiers_are_objects_of_the_model(reader: StoreReader, url: str) -> None:
    reports = reader.dossiers("cra")
    assert len(reports) == len(list(reports)) == len(stored(url)) > 30
    for report, kept in zip(reports, stored(url), strict=True):
        assert type(report) is CompteRendu
        assert report.dossier.number == kept.number
        written = report.model_dump(mode="json", warnings=False)  # some rows do not say what they are
        assert written | {"anomalies": kept.document["anomalies"]} == kept.document
    events = [event for report in reports for event in report.evenements]
    assert {type(event) for event in events} == {Evenement}
    assert {type(event.date) for event in events} == {dt.date, type(None)}


def test_conditions_narrow_objects_and_frames(reader: StoreReader, url: str) -> None:
    accepted = reader.dossiers("cra", states=["accepte"])
    numbers = [each.number for each in stored(url) if each.state == "accepte"]
    assert [report.dossier.number for report in accepted] == numbers
    assert accepted.frame("dossiers")["dossier"].to_list() == numbers
    middle = sorted(each.modified_at for each in stored(url))[20]
    late = reader.dossiers("cra", since=middle)
    assert len(late) == sum(each.modified_at >= middle for each in stored(url))


@pytest.mark.parametrize(
    ("conditions", "message"),
    [
        ({"since": "2024-05-01"}, "since: give a datetime with its offset, as datetime.*, not a str"),
        ({"deposited_until": dt.date(2024, 5, 1)}, "deposited_until: give a datetime .*, not a date"),
        ({"until": dt.datetime(2024, 5, 1)}, "until: give a datetime with its offset, .* not one without"),  # noqa: DTZ001 - it is refused
        ({"states": ["acepte"]}, r"no state 'acepte'; did you mean 'accepte'\? \(known: en_construction, "),
        ({"states": "accepte"}, "states: give a list of them, not a text"),
    ],
    ids=["text", "day", "no_offset", "unknown_state", "one_state"],
)
def test_conditions_that_cannot_be_are_told_at_once(
    reader: StoreReader, conditions: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        reader.dossiers("cra", **conditions)
    with pytest.raises(ConfigurationError, match=message):
        reader.demarches["cra"].dossiers(**conditions)


def test_a_row_that_does_not_say_what_it_is_comes_back_as_it_was_mapped(
    url: str, reader: StoreReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = reader._store.dossiers

    def untold(*arguments: Any, **conditions: Any) -> Iterator[StoredDossier]:
        for each in whole(*arguments, **conditions):
            rows = [row | {"cible": None} for row in each.document["accompagnements"]]
            text = encode_json(each.document | {"accompagnements": rows}).decode()
            yield replace(each, document_text=text)

    expected = list(reader.dossiers("cra"))
    monkeypatch.setattr(reader._store, "dossiers", untold)
    again = list(reader.dossiers("cra"))
    # Mapped again from the raw dossier: the same, with what the document leaves out.
    assert [each.model_dump(warnings=False) for each in again] == [
        each.model_dump(warnings=False) for each in expected
    ]
    assert any(each.evenements_choix for each in again)


class Bref(DomainModel):
    """A model of one's own, never synced."""

    nom: Annotated[str | None, champ("Veuillez renseigner votre nom de famille")] = None


def test_a_model_of_ones_own_maps_from_what_was_pulled(reader: StoreReader, url: str) -> None:
    names = [each.nom for each in reader.dossiers("cra", model=Bref)]
    assert names == [each.document["identite"]["nom"] for each in stored(url)]
    assert {type(each) for each in reader.dossiers("82349", model=Bref)} == {Bref}
    with pytest.raises(ConfigurationError, match="run ds-bridge remap cra first"):
        reader.dossiers("cra", model=Bref).frame("dossiers")


def test_without_a_model_there_are_documents(reader: StoreReader, url: str) -> None:
    documents = [each.document for each in stored(url, 99001)]
    first = next(iter(reader.dossiers("tout")))
    header = documents[0]["dossier"]
    assert repr(first).startswith(f"Document(dossier {header['number']}, {header['state']}")
    assert str(first) == pprint.pformat(first) == repr(first)
    assert (len(repr(first)) < 80, dict(first), json.loads(json.dumps(first))) == (True, *documents[:1] * 2)
    assert pickle.loads(pickle.dumps(first)) == copy.deepcopy(first) == documents[0]
    assert list(reader.dossiers("tout")) == documents
    assert list(reader.dossiers("tout").documents()) == documents
    assert "champ_700124" in reader.dossiers("tout").tables["dossiers"]


def test_frames_join_on_the_dossier(reader: StoreReader, url: str) -> None:
    reports = reader.dossiers("cra")
    events, dossiers = reports.frame("evenements"), reports.frame("dossiers")
    assert dossiers.schema["date_depot"] == pl.Datetime("us", "Europe/Paris")
    assert events.schema["organisateurs"] == pl.List(pl.String)
    joined = events.join(dossiers, on="dossier", how="inner")
    assert joined.height == events.height == sum(len(each.document["evenements"]) for each in stored(url))
    late = joined.filter(pl.col("date") > pl.col("date_depot").dt.date())
    anomalies = reports.frame("anomalies").filter(pl.col("code") == "date_after_deposit")
    assert late.height == anomalies.height > 0
    assert reader.frame("evenements").equals(events)
    assert reader.frame("dossiers", "tout").height == len(reader.dossiers("tout"))


def test_a_frame_that_is_not_there_says_which_are(reader: StoreReader) -> None:
    with pytest.raises(
        ConfigurationError, match=r"cra has no table 'ateliers' \(known: dossiers, evenements, partenariats"
    ):
        reader.dossiers("cra").frame("ateliers")
    with pytest.raises(ConfigurationError, match="'ateliers': no démarche has it: use dossiers"):
        reader.frame("ateliers")
    with pytest.raises(ConfigurationError, match="'dossiers': several démarches have it: cra, tout"):
        reader.frame("dossiers")
    with pytest.raises(ConfigurationError, match=r"no démarche named 'crb' .*did you mean 'cra'"):
        reader.dossiers("crb")
    with pytest.raises(ConfigurationError, match="no démarche named '9999999999999'"):
        reader.dossiers("9" * 13)
    with pytest.raises(ConfigurationError, match="no form of démarche 5 yet: run ds-bridge sync jamais"):
        reader.dossiers("jamais")


def test_frames_need_the_extra(reader: StoreReader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dossiers_module, "find_spec", lambda module: None)
    with pytest.raises(ConfigurationError, match=r"frame\(\) needs the extra dump"):
        reader.dossiers("cra").frame("dossiers")


def test_what_could_not_be_mapped_is_left_out_and_counted(url: str, tmp_path: Path) -> None:
    copy = f"sqlite:///{tmp_path / 'store.db'}"
    anomaly = {"path": "", "code": "unreadable", "severity": "error", "message": "x"}
    with Store.open(url) as source, Store.open(copy) as target:
        target.save_form(82349, "cra", source.read_form(82349) or {})
        good = next(iter(source.dossiers(82349)))
        entry = DossierEntry(
            number=good.number,
            state=good.state,
            archived=False,
            deposited_at=good.deposited_at,
            modified_at=good.modified_at,
            revision=None,
            raw=good.raw,
            document=good.document,
            valid=True,
        )
        header = {"demarche": 82349, "number": 9, "state": "accepte", "archived": False}
        bad = replace(
            entry, number=9, raw={}, document={"dossier": header, "anomalies": [anomaly]}, valid=False
        )
        target.save_page(82349, [entry, bad], None)
    with open_store(copy, SETTINGS) as reader:
        reports = reader.dossiers("cra")
        assert len(reports) == 2
        with pytest.warns(UserWarning, match="1 dossier could not be mapped and left out"):
            assert [each.dossier.number for each in reports] == [good.number]
        assert reports.frame("dossiers")["valid"].to_list() == [False, True]
        assert reports.frame("anomalies").row(0)[:4] == (9, 0, "", "unreadable")


def test_opening(url: str, tmp_path: Path) -> None:
    config = tmp_path / "here.toml"
    config.write_text(f'[store]\nurl = "{url}"\n[demarches.cra]\nnumber = 82349\n')
    with open_store(config=str(config)) as reader:
        assert repr(reader) == "<StoreReader of cra>"
    with pytest.raises(StoreError, match=r"no store at .*run ds-bridge sync first"):
        open_store(f"sqlite:///{tmp_path / 'none.db'}")
    with pytest.raises(StoreError, match="it was closed"):
        reader.dossiers("cra")


def test_what_is_printed_says_what_it_is_and_nothing_of_people(reader: StoreReader, url: str) -> None:
    reports = reader.dossiers("cra")
    assert repr(reports) == (
        "<Dossiers of cra: dossiers, evenements, partenariats, accompagnements, anomalies>"
    )
    blocks = {"evenements": "événement", "partenariats": "partenariat", "accompagnements": "accompagnement"}
    printed = []
    for report, kept in zip(reports, stored(url), strict=True):
        counts = [(word, len(kept.document[block])) for block, word in blocks.items()]
        counts.append(("anomalie", len(kept.document["anomalies"])))
        told = [f"{count} {word}{'s' if count > 1 else ''}" for word, count in counts if count]
        assert repr(report) == f"CompteRendu({', '.join([f'dossier {kept.number}', kept.state, *told])})"
        assert str(report) == repr(report)
        assert repr(report.identite) == "Identite()"
        printed += [repr(report), report._repr_html_() or ""]
    demarches = reader.demarches
    assert list(demarches) == ["cra", "tout", "jamais"]
    assert repr(demarches["cra"]) == f"Demarche(cra, n° 82349, {len(reports)} dossiers)"
    accepted = demarches["cra"].dossiers(states=["accepte"]).frame("dossiers")
    assert accepted["state"].unique().to_list() == ["accepte"]
    assert (demarches["jamais"].title, demarches["jamais"].pulled_at) == (None, None)
    shown = [reader, demarches, *demarches.values(), reports, reader.dossiers("tout")]
    printed += [repr(each) for each in shown] + [each._repr_html_() for each in shown]
    assert sum("<table>" in text for text in printed) == len(reports) + len(shown)
    everything = "\n".join(printed)
    people = [each.document["identite"] for each in stored(url)]
    for person in people:
        for key in ("nom", "prenom", "email", "structure_nom"):
            assert not person[key] or person[key] not in everything
    assert "CRA) - Conseiller numérique coordinateur" in everything


def test_html_is_escaped() -> None:
    dirty = write_table("a\x1b[31m\n\u202eb", ["\x07"], [["\u2028\r"]])
    assert "<caption>a\\x1b[31m \\u202eb</caption>" in dirty
    assert "<th>\\x07</th>" in dirty
    assert "<td>\\u2028\\r</td>" in dirty
    table = write_table("<b>&", ["<i>"], [["<script>", None, 3]])
    assert table == (
        "<table><caption>&lt;b&gt;&amp;</caption><thead><tr><th>&lt;i&gt;</th></tr></thead>"
        "<tbody><tr><td>&lt;script&gt;</td><td></td><td>3</td></tr></tbody></table>"
    )


class Row(DomainModel):
    """A row of a block."""

    nom: str | None = None


class Suivi(DomainModel):
    """A model whose block has no label that is the attribute's word."""

    dossier: DossierHeader
    visites_de_suivi: tuple[Row, ...] = ()


def test_an_object_of_any_model_says_what_it_is(reader: StoreReader) -> None:
    header = next(iter(reader.dossiers("cra"))).dossier
    one = Suivi(dossier=header, visites_de_suivi=(Row(nom="Jeanne"),))
    assert repr(one) == f"Suivi(dossier {header.number}, {header.state}, 1 visites de suivi)"
    assert repr(Row(nom="Jeanne")) == "Row()"
    assert Row(nom="Jeanne")._repr_html_() is None
    assert "Jeanne" not in (one._repr_html_() or "")
    again = pickle.loads(pickle.dumps(one))
    assert (again, repr(again)) == (one, repr(one))
