"""Records: answers become typed objects; odd parts are kept."""

import datetime as dt
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ds_bridge.api.base import parse_record
from ds_bridge.api.champs import (
    CheckboxChamp,
    DateChamp,
    DecimalNumberChamp,
    DropDownListChamp,
    IntegerNumberChamp,
    MultipleDropDownListChamp,
    PieceJustificativeChamp,
    RepetitionChamp,
    TextChamp,
    UnknownChamp,
    YesNoChamp,
)
from ds_bridge.api.queries import load
from ds_bridge.api.records import DeletedDossier, Dossier, DossierState
from ds_bridge.errors import BadDataError
from ds_bridge.store.encoding import decode_json, encode_json


def champ(typename, **values):
    return {
        "__typename": typename,
        "id": "Q2hhbXAtMQ==",
        "champDescriptorId": "Q2hhbXAtMQ==",
        "label": "L",
        **values,
    }


def dossier(*champs, **values):
    return {
        "id": "RG9zc2llci0x",
        "number": 1,
        "state": "en_construction",
        "dateDepot": "2024-05-30T10:15:00+02:00",
        "dateDerniereModification": "2024-05-31T10:15:00+02:00",
        "champs": list(champs),
        **values,
    }


@pytest.mark.parametrize(
    ("node", "kind", "value"),
    [
        (champ("TextChamp", value="a"), TextChamp, "a"),
        (champ("DropDownListChamp", value=None), DropDownListChamp, None),
        (
            champ("IntegerNumberChamp", integer="12345678901234567890"),
            IntegerNumberChamp,
            12345678901234567890,
        ),
        (champ("IntegerNumberChamp", integer=None), IntegerNumberChamp, None),
        (champ("DecimalNumberChamp", decimal=1.5), DecimalNumberChamp, 1.5),
        (champ("CheckboxChamp", checked=False), CheckboxChamp, False),
        (champ("YesNoChamp", yesNo=None), YesNoChamp, None),
        (champ("YesNoChamp", yesNo=True), YesNoChamp, True),
    ],
)
def test_each_kind_has_its_own_value(node, kind, value):
    [read] = Dossier.model_validate(dossier(node)).champs
    assert type(read) is kind
    assert read.value == value


def test_lists_dates_and_files():
    file = {
        "filename": "a.pdf",
        "contentType": "application/pdf",
        "checksum": "x==",
        "byteSizeBigInt": "5000000000",
        "url": "https://x",
    }
    listed, dated, attached = Dossier.model_validate(
        dossier(
            champ("MultipleDropDownListChamp", values=["a, b (c)", "d"]),
            champ("DateChamp", date="2024-02-29"),
            champ("PieceJustificativeChamp", files=[file]),
        )
    ).champs
    assert isinstance(listed, MultipleDropDownListChamp)
    assert listed.values == ("a, b (c)", "d")
    assert isinstance(dated, DateChamp)
    assert dated.date == dt.date(2024, 2, 29)
    assert isinstance(attached, PieceJustificativeChamp)
    assert attached.files[0].byte_size_big_int == 5_000_000_000


def test_rows_hold_champs_of_their_own():
    block = champ(
        "RepetitionChamp", rows=[{"id": "r1", "champs": [champ("TextChamp", value="x")]}, {"id": "r2"}]
    )
    [read] = Dossier.model_validate(dossier(block)).champs
    assert isinstance(read, RepetitionChamp)
    assert [(row.id, len(row.champs)) for row in read.rows] == [("r1", 1), ("r2", 0)]
    assert read.rows[0].champs[0].value == "x"


def test_an_unknown_kind_is_kept_as_it_came():
    [read] = Dossier.model_validate(dossier(champ("HologramChamp", beams=[1, 2]))).champs
    assert isinstance(read, UnknownChamp)
    assert (read.typename, read.model_extra) == ("HologramChamp", {"beams": [1, 2]})


def test_a_champ_that_breaks_the_schema_does_not_cost_the_dossier():
    bad, good = Dossier.model_validate(
        dossier(champ("IntegerNumberChamp", integer="many"), champ("TextChamp", value="x"))
    ).champs
    assert isinstance(bad, UnknownChamp)
    assert (bad.typename, bad.model_extra) == ("IntegerNumberChamp", {"integer": "many"})
    assert good.value == "x"


@pytest.mark.parametrize(
    ("node", "name"),
    [
        (
            {"__typename": "PersonnePhysique", "nom": "N", "prenom": "P", "civilite": "Mme"},
            "PersonnePhysique",
        ),
        ({"__typename": "PersonneMorale", "siret": "1", "entreprise": {"siren": "2"}}, "PersonneMorale"),
        ({"__typename": "PersonneMoraleIncomplete", "siret": "1"}, "PersonneMoraleIncomplete"),
    ],
)
def test_who_files(node, name):
    read = Dossier.model_validate(dossier(demandeur=node))
    assert type(read.demandeur).__name__ == name


def test_nothing_prints_what_people_wrote():
    read = Dossier.model_validate(
        dossier(champ("TextChamp", value="s3cr3t"), usager={"email": "s3cr3t@x.fr"})
    )
    assert "s3cr3t" not in f"{read!r} {read} {read.champs} {read.usager!r}"
    with pytest.raises(ValidationError) as caught:
        Dossier.model_validate(dossier(archived="s3cr3t"))
    assert "s3cr3t" not in str(caught.value)
    with pytest.raises(BadDataError, match=r"^Dossier 1: not what the schema says at archived$"):
        parse_record(Dossier, dossier(archived="s3cr3t"))


def test_states_and_deletions():
    assert Dossier.model_validate(dossier(state="sans_suite")).state is DossierState.SANS_SUITE
    node = {
        "number": 3,
        "state": "accepte",
        "reason": "expired",
        "dateSupression": "2024-05-30T10:15:00+02:00",
    }
    assert DeletedDossier.model_validate(node).date_supression.isoformat() == "2024-05-30T10:15:00+02:00"


def test_every_alias_of_the_query_is_read():
    """A renamed `value` in the query that no record reads would be a champ always empty."""
    text = load("dossier").text
    for kind, alias in (
        (IntegerNumberChamp, "integer"),
        (DecimalNumberChamp, "decimal"),
        (CheckboxChamp, "checked"),
        (YesNoChamp, "yesNo"),
    ):
        assert f"{alias}: value" in text
        assert kind.model_fields["value"].alias == alias


LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(),
    st.sampled_from(
        ["2024-05-30", "2024-05-30T10:15:00+02:00", "12", "1.5", "true", "1e3", " 7 ", "Infinity"]
    ),
    st.lists(st.text(), max_size=2),
    st.dictionaries(st.text(), st.integers(), max_size=2),
)
KEYS = {
    "TextChamp": "value",
    "MultipleDropDownListChamp": "values",
    "IntegerNumberChamp": "integer",
    "DecimalNumberChamp": "decimal",
    "DateChamp": "date",
    "DatetimeChamp": "datetime",
    "CheckboxChamp": "checked",
    "YesNoChamp": "yesNo",
    "CarteChamp": "geoAreas",
    "HeaderSectionChamp": "level",
    "PieceJustificativeChamp": "files",
    "AddressChamp": "address",
    "OfTheFutureChamp": "value",
}
CHAMPS = st.builds(
    lambda typename, value, odd: champ(typename, **{KEYS[typename]: value}, **odd),
    st.sampled_from(sorted(KEYS)),
    LEAVES,
    st.dictionaries(st.sampled_from(["updatedAt", "prefilled", "stringValue", "new"]), LEAVES, max_size=1),
)


def outcome(read):
    try:
        return read()
    except ValidationError as error:
        return [(problem["loc"], problem["type"]) for problem in error.errors()]


@given(
    st.lists(CHAMPS, max_size=3), st.dictionaries(st.sampled_from(["number", "archived", "usager"]), LEAVES)
)
def test_json_and_what_was_read_from_it_are_the_same_record(champs, values):
    """Mapping reads JSON, a client's caller gets nodes: nobody may see another dossier than the other."""
    node = decode_json(encode_json(dossier(*champs) | values))
    here = outcome(lambda: Dossier.model_validate(node))
    assert outcome(lambda: Dossier.model_validate_json(encode_json(node))) == here


BY_THREADS = """
import sys, threading
from ds_bridge import Dossier
barrier, kinds = threading.Barrier(8), []
def read():
    barrier.wait()
    kinds.append(type(Dossier.model_validate_json(sys.argv[1]).champs[0].rows[0].champs[0]).__name__)
threads = [threading.Thread(target=read) for _ in range(8)]
for each in threads:
    each.start()
for each in threads:
    each.join()
print(*kinds)
"""
BESIDE_A_NAME_OF_OURS = """
import sys
from pydantic import BaseModel
from ds_bridge import Dossier
class Champ(BaseModel):
    numero: int
print(type(Dossier.model_validate_json(sys.argv[1]).champs[0].rows[0].champs[0]).__name__)
"""


@pytest.mark.parametrize(("program", "reads"), [(BY_THREADS, 8), (BESIDE_A_NAME_OF_OURS, 1)])
def test_the_first_dossier_of_a_program_is_read_as_any_other(program, reads):
    """Records are built when one is first read, by whom and beside which names is all the same."""
    row = {"id": "r", "champs": [champ("TextChamp", value="v")]}
    json = encode_json(dossier(champ("RepetitionChamp", rows=[row]))).decode()
    done = subprocess.run([sys.executable, "-c", program, json], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["TextChamp"] * reads
