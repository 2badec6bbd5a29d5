"""Pseudonymised dumps: nobody in them, and the same person under the same word everywhere."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ds_bridge.config import DemarcheSettings, DumpSettings, Settings, load_settings
from ds_bridge.dump import Options, dump_dossiers, make_hider
from ds_bridge.dump.personal import NAMING_KINDS, SAFE_KINDS, WRITTEN_KINDS
from ds_bridge.dump.pseudonyms import PATTERN, Pseudonyms, normalise_email, normalise_identifier
from ds_bridge.errors import ConfigurationError
from ds_bridge.form import read_forms
from ds_bridge.ids import ChampId
from ds_bridge.mapping import DomainModel, DossierHeader, champ
from ds_bridge.store import Store
from ds_bridge.tables import describe
from tests.dump.conftest import CRA
from tests.dump.reading import KEY, documents, dump, read_all

ALL_FORMATS = ("json", "ndjson", "csv", "parquet", "xlsx")
ONE = Pseudonyms(b"one key of thirty-two characters")


def objects(store: Store, name: str, **arguments: Any) -> dict[int, dict[str, Any]]:
    out = io.BytesIO()
    dump(store, name, "ndjson", out, **arguments)
    found = [json.loads(line) for line in out.getvalue().splitlines()]
    return {each["dossier"]["number"]: each for each in found}


def test_one_person_one_pseudonym() -> None:
    same = {
        ONE.make(4211),
        ONE.make("4211", "other@example.org"),
        ONE.make(" 04211 "),
        ONE.make("４２１１"),
        Pseudonyms(b"one key of thirty-two characters").make(4211, None),
    }
    assert len(same) == 1
    pseudonym = str(same.pop())
    assert re.fullmatch(PATTERN, pseudonym)
    by_email = {ONE.make(None, mail) for mail in ("zoe@example.org", " Zoé@Example.ORG".replace("é", "e"))}
    assert len(by_email) == 1
    assert {ONE.make(0, "zoe@example.org"), ONE.make(-3, "", "zoe@example.org")} == by_email
    assert ONE.make(None, "Zoé chez example.org", "zoe@example.org") in by_email, (
        "the account's when no typed one"
    )
    others = {
        ONE.make(4212),
        ONE.make(None, "noe@example.org"),
        Pseudonyms(b"another key, as long").make(4211),
    }
    assert len(others | by_email | {pseudonym}) == 5
    assert ONE.make(None, None, "nobody") is None
    assert ONE.make("  ", "") is None
    assert "characters" not in repr(ONE)


@given(st.integers(min_value=1, max_value=2**63), st.booleans())
def test_numbers_are_read_alike_as_text(number: int, zeros: bool) -> None:
    assert normalise_identifier(number) == normalise_identifier(f"{'00' * zeros}{number} ") == str(number)


@given(st.emails())
def test_addresses_are_the_same_in_any_case(address: str) -> None:
    assert (
        normalise_email(address) == normalise_email(f" {address.upper().lower()} ") or not address.isascii()
    )


def secrets_of(store: Store, name: str) -> set[str]:
    """Names and addresses of the people of a démarche, as filed and as the accounts have them."""
    found: set[str] = set()
    for stored in store.dossiers({"cra": 82349, "tout": 99001}[name]):
        demandeur = stored.raw["demandeur"]
        found |= {stored.raw["usager"]["email"], demandeur.get("nom"), demandeur.get("prenom")}
        if name == "cra":
            found |= {stored.document["identite"][key] for key in ("nom", "prenom", "email")}
            found |= {row.get("mediateur_noms") for row in stored.document["accompagnements"]}
    return {each for each in found if each and len(each) > 5}


@pytest.mark.parametrize("name", ["cra", "tout"])
@pytest.mark.parametrize("format_name", ALL_FORMATS)
def test_nobody_is_in_any_format(synced: Store, tmp_path: Path, name: str, format_name: str) -> None:
    secrets = secrets_of(synced, name)
    assert len(secrets) > 20
    dump(synced, name, format_name, tmp_path / "plain")
    dump(synced, name, format_name, tmp_path / "hidden", settings=KEY)
    if format_name == "parquet":
        plain, hidden = (
            "\n".join(
                pl.read_parquet(file).write_json() for file in sorted((tmp_path / kind).glob("*.parquet"))
            )
            for kind in ("plain", "hidden")
        )
    else:
        plain, hidden = (read_all(tmp_path / kind).decode(errors="ignore") for kind in ("plain", "hidden"))
    assert any(each in plain for each in secrets)
    assert [each for each in secrets if each in hidden] == []
    assert "example.org" not in hidden
    assert re.search(PATTERN.strip("^$"), hidden)


def test_the_rest_of_a_report_stays(synced: Store) -> None:
    plain, hidden = documents(synced, "cra"), objects(synced, "cra", settings=KEY)
    assert plain.keys() == hidden.keys()
    for number, report in plain.items():
        safe = hidden[number]
        assert list(safe) == ["dossier", "pseudonyme", *list(report)[1:]]
        for key in ("dossier", "evenements", "partenariats", "temps_hebdomadaire"):
            assert safe[key] == report[key]
        assert safe["identite"] == report["identite"] | dict.fromkeys(
            ("nom", "prenom", "identifiant", "email")
        )
        for row, told in zip(report["accompagnements"], safe["accompagnements"], strict=True):
            assert told == (row | {"mediateur_noms": None} if "mediateur_noms" in row else row)
        assert [each["code"] for each in safe["anomalies"]] == [each["code"] for each in report["anomalies"]]
        assert {each["message"] for each in safe["anomalies"]} <= {""}


def test_pseudonyms_are_by_the_pilotages_number_else_by_address(synced: Store) -> None:
    hidden = objects(synced, "cra", settings=KEY)
    pseudonyms = Pseudonyms(KEY.read_pseudonym_key())
    seen_without = 0
    for stored in synced.dossiers(82349):
        identite = stored.document["identite"]
        if identite["identifiant"]:
            expected = pseudonyms.make(identite["identifiant"])
        else:
            seen_without += 1
            typed = identite["email"] if identite["email"] and " " not in identite["email"] else None
            expected = pseudonyms.make(None, typed or stored.raw["usager"]["email"])
        assert hidden[stored.number]["pseudonyme"] == expected
    assert len({each["pseudonyme"] for each in hidden.values()}) > 40


def test_pseudonyms_are_the_same_in_every_dump_and_demarche(synced: Store, tmp_path: Path) -> None:
    first, second = (objects(synced, "tout", settings=KEY) for _ in range(2))
    assert first == second
    dump(synced, "tout", "parquet", tmp_path / "tout", settings=KEY)
    frame = pl.read_parquet(tmp_path / "tout" / "dossiers.parquet")
    assert dict(zip(frame["dossier"], frame["pseudonyme"], strict=True)) == {
        number: each["pseudonyme"] for number, each in first.items()
    }
    pseudonyms = Pseudonyms(KEY.read_pseudonym_key())
    for stored in synced.dossiers(99001):
        # What the other démarche gives to somebody without a number and with the same address.
        assert first[stored.number]["pseudonyme"] == pseudonyms.make(None, stored.raw["usager"]["email"])
    other = objects(synced, "tout", settings=DumpSettings(pseudonym_key="f" * 32))
    pairs = [(first[number]["pseudonyme"], other[number]["pseudonyme"]) for number in first]
    assert all(one != two for one, two in pairs)


def test_without_a_model_kinds_decide_and_the_configuration_may_differ(synced: Store) -> None:
    form, _ = read_forms(synced.read_form(99001) or {})
    by_kind = {field.kind: field for field, block in form.walk() if block is None and not field.other_option}

    def reveals(hidden: dict[int, dict[str, Any]], number: int | None) -> bool:
        return any(
            champ["value"] not in (None, [])
            for document in hidden.values()
            for champ in document["champs"]
            if ChampId.parse(champ["id"]).stable == number and "value" in champ
        )

    plain, hidden = documents(synced, "tout"), objects(synced, "tout", settings=KEY)
    written = {kind for kind, field in by_kind.items() if reveals(plain, field.number)}
    kept = {kind for kind, field in by_kind.items() if reveals(hidden, field.number)}
    assert kept == written & SAFE_KINDS
    assert {"email", "address", "text", "piece_justificative"} <= written - kept
    assert {"integer_number", "drop_down_list", "commune"} <= kept
    settings = KEY.model_copy(
        update={"keep_champs": (by_kind["textarea"].id,), "drop_champs": (by_kind["date"].number,)}
    )
    differently = objects(synced, "tout", settings=settings)
    assert reveals(differently, by_kind["textarea"].number)
    assert not reveals(differently, by_kind["date"].number)


def test_kinds_are_in_one_set() -> None:
    assert not NAMING_KINDS & SAFE_KINDS
    assert not WRITTEN_KINDS & SAFE_KINDS


def test_without_free_text_nothing_typed_is_left(synced: Store) -> None:
    plain = documents(synced, "cra")
    hidden = objects(synced, "cra", settings=KEY, free_text=False)
    for number, report in hidden.items():
        assert report["identite"]["structure_nom"] is None
        assert (
            report["identite"]["structure_identifiant"] == plain[number]["identite"]["structure_identifiant"]
        )
        for event, before in zip(report["evenements"], plain[number]["evenements"], strict=True):
            assert (event["nom"], event["type_precision"], event["organisateurs_detail"]) == (None,) * 3
            assert (event["type"], event["date"], event["organisateurs"]) == (
                before["type"],
                before["date"],
                before["organisateurs"],
            )
    keep = KEY.model_copy(update={"keep_champs": ("Q2hhbXAtMzU2NjUyMQ",)})
    kept = objects(synced, "cra", settings=keep, free_text=False)
    assert all(
        each["identite"]["structure_nom"] == plain[number]["identite"]["structure_nom"]
        for number, each in kept.items()
    )


class Silent(DomainModel):
    """Says nothing of people."""

    nom: Annotated[str | None, champ("Veuillez renseigner votre nom de famille")] = None


class Loose(DomainModel):
    """Calls one field personal; the e-mail goes by its kind."""

    dossier: DossierHeader
    nom: Annotated[str | None, champ("Veuillez renseigner votre nom de famille", personal="name")] = None
    courriel: Annotated[str | None, champ("Veuillez renseigner votre adresse mail")] = None
    structure: Annotated[str | None, champ("Veuillez renseigner le nom de votre structure")] = None


def test_a_model_that_declares_nobody_is_refused(synced: Store) -> None:
    described = describe(synced, "cra", CRA, Silent)
    with pytest.raises(ConfigurationError, match="Silent does not say which of its fields are personal"):
        make_hider(described, KEY)


def test_an_address_goes_out_even_undeclared(synced: Store) -> None:
    hider = make_hider(describe(synced, "cra", CRA, Loose), KEY)
    document = {
        "dossier": {"number": 1},
        "nom": "NOËL",
        "courriel": "zoe@example.org",
        "structure": "Mairie",
        "anomalies": [],
    }
    assert hider.hide(document, "compte@example.org") == {
        "dossier": {"number": 1},
        "pseudonyme": Pseudonyms(KEY.read_pseudonym_key()).make(None, "compte@example.org"),
        "nom": None,
        "courriel": None,
        "structure": "Mairie",
        "anomalies": [],
    }


def test_an_unmapped_dossier_is_hidden_too(synced: Store) -> None:
    hider = make_hider(describe(synced, "cra", CRA), KEY)
    anomaly = {"path": "", "code": "fault", "severity": "error", "message": "NOËL said so"}
    hidden = hider.hide({"dossier": {"number": 1}, "anomalies": [anomaly]}, None)
    assert hidden == {
        "dossier": {"number": 1},
        "pseudonyme": None,
        "anomalies": [anomaly | {"message": ""}],
    }


def test_a_raw_dump_cannot_be_pseudonymised(synced: Store) -> None:
    described = describe(synced, "cra", CRA)
    options = Options(described, make_hider(described, KEY))
    with pytest.raises(ConfigurationError, match="a raw dump holds everything that was filed"):
        dump_dossiers(synced, 82349, out=io.BytesIO(), raw=True, options=options)


def test_where_the_key_comes_from(synced: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError, match="no key for pseudonyms: set DS_BRIDGE_DUMP__PSEUDONYM_KEY"):
        make_hider(describe(synced, "cra", CRA), DumpSettings())
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "p.key").write_text("0123456789abcdef\n")
    file = tmp_path / "given.toml"
    file.write_text('[dump]\npseudonym_key_file = "keys/p.key"\n')
    assert load_settings(file).dump.read_pseudonym_key() == b"0123456789abcdef"
    (tmp_path / "keys" / "p.key").write_text("short")
    with pytest.raises(ConfigurationError, match=r"p\.key': a key has at least 16 characters"):
        load_settings(file).dump.read_pseudonym_key()
    (tmp_path / "keys" / "p.key").unlink()
    with pytest.raises(ConfigurationError, match=r"p\.key' cannot be read: No such file"):
        load_settings(file).dump.read_pseudonym_key()
    monkeypatch.setenv("DS_BRIDGE_DUMP__PSEUDONYM_KEY", "s3cr3t-s3cr3t-s3cr3t")
    settings = load_settings(file)
    assert settings.dump.read_pseudonym_key() == b"s3cr3t-s3cr3t-s3cr3t"
    assert "s3cr3t" not in repr(settings) + settings.model_dump_json()
    file.write_text('[dump]\nkeep_champs = ["Votre nom"]\n')
    with pytest.raises(ConfigurationError, match=r"dump\.keep_champs' .*'Votre nom' is no champ id"):
        load_settings(file)
    monkeypatch.setenv("DS_BRIDGE_DUMP__PSEUDONYM_KEY", "s3cr3t")
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    assert "s3cr3t" not in str(caught.value)
    assert Settings.model_fields.keys() >= {"dump"}


def test_columns_of_a_pseudonymised_dump_are_the_same_and_one_more(synced: Store) -> None:
    for name, demarche in (("cra", CRA), ("tout", DemarcheSettings(number=99001))):
        described = describe(synced, name, demarche)
        plain, hidden = described.layout().tables, described.layout(pseudonymised=True).tables
        names = [
            [[column.name for column in table.columns] for table in tables] for tables in (plain, hidden)
        ]
        assert names[1][0] == ["dossier", "pseudonyme", *names[0][0][1:]]
        assert names[1][1:] == names[0][1:]
