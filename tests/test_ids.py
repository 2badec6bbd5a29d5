import pytest
from hypothesis import given
from hypothesis import strategies as st

from ds_bridge.ids import ChampId, MalformedIdError, encode_typed_id, read_reference


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Q2hhbXAtMzU2NjQ5MQ", ChampId(3566491)),
        ("Q2hhbXAtMzU2NjQ5MQ==", ChampId(3566491)),
        ("3566491", ChampId(3566491)),
        ("Q2hhbXAtMTJ8MDFIWA==", ChampId(12, "01HX")),
    ],
)
def test_ids_are_read_padded_or_not(text, expected):
    assert ChampId.parse(text) == expected


@pytest.mark.parametrize("text", ["", "Q2hhbXA", "Champ-12", "RG9zc2llci0xMg==", "é", "Q2hhbXAt", "²"])
def test_what_is_no_champ_id_is_refused(text):
    with pytest.raises(MalformedIdError):
        ChampId.parse(text)


@given(
    st.integers(min_value=0, max_value=2**63),
    st.none() | st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=1),
)
def test_an_id_comes_back_as_it_was(stable, row):
    champ = ChampId(stable, row)
    assert ChampId.parse(champ.encode()) == champ
    assert ChampId.parse(champ.encode_for_link()) == champ
    assert "=" not in champ.encode_for_link()


def test_a_reference_is_an_id_a_number_or_a_label():
    assert read_reference("Q2hhbXAtMzU2NjQ5MQ") == ChampId(3566491)
    assert read_reference("3566491") == ChampId(3566491)
    assert read_reference("Nom de l'événement") == "Nom de l'événement"
    assert read_reference("Je") == "Je"


@pytest.mark.parametrize("text", ["Q2hhbXAtMzU2N", "RG9zc2llci0xMg=="])
def test_a_cut_id_or_one_of_another_type_is_no_label(text):
    with pytest.raises(MalformedIdError, match="is not a champ id"):
        read_reference(text)


def test_typed_ids_are_graphql_rubys():
    assert encode_typed_id("Dossier", 12) == "RG9zc2llci0xMg=="
