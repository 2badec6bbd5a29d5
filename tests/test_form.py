import pytest

from ds_bridge.errors import ConfigurationError
from ds_bridge.form import Form, kind_of, read_forms

HEADER = {
    "__typename": "HeaderSectionChampDescriptor",
    "id": "Q2hhbXAtMQ==",
    "label": "PARTIE",
    "required": False,
}
TEXT = {"__typename": "TextChampDescriptor", "id": "Q2hhbXAtMg==", "label": "Nom", "required": True}
LIST = {
    "__typename": "DropDownListChampDescriptor",
    "id": "Q2hhbXAtMw==",
    "label": "Choix",
    "required": False,
    "options": ["a, b", "c"],
    "otherOption": True,
}
BLOCK = {
    "__typename": "RepetitionChampDescriptor",
    "id": "Q2hhbXAtNA==",
    "label": "BLOC",
    "required": False,
    "champDescriptors": [{**TEXT, "id": "Q2hhbXAtNQ=="}],
}


def revision(*champs, name="r1", published="2024-01-01"):
    return {"id": name, "datePublication": published, "champDescriptors": list(champs)}


def test_a_form_keeps_places_and_options():
    form = Form.from_revision(7, "T", revision(TEXT, HEADER, LIST, BLOCK))
    first, header, choice, block = form.fields
    assert (first.number, first.kind, first.section, first.required) == (2, "text", None, True)
    assert header.kind == "header_section"
    assert (choice.section, choice.options, choice.other_option) == ("PARTIE", ("a, b", "c"), True)
    assert block.fields[0].number == 5
    assert [(field.number, inside and inside.number) for field, inside in form.walk()] == [
        (2, None), (1, None), (3, None), (4, None), (5, 4),
    ]  # fmt: skip
    assert form.find(5).label == "Nom"
    assert form.find(99) is None
    assert choice.id == "Q2hhbXAtMw"


def test_open_data_has_no_ids():
    document = {"number": 7, "title": "T", "revision": revision({**TEXT, "id": None})}
    assert Form.from_schema(document).fields[0].number is None
    with pytest.raises(ConfigurationError, match="not a démarche's form"):
        Form.from_schema({"number": 7})


def test_the_other_published_revisions_come_behind_the_active_one():
    document = {
        "number": 7,
        "title": "T",
        "activeRevision": revision(TEXT, name="r2"),
        "revisions": [
            revision(LIST, name="r1"),
            revision(TEXT, name="r2"),
            revision(BLOCK, name="draft", published=None),
        ],
    }
    active, others = read_forms(document)
    assert (active.revision, [other.revision for other in others]) == ("r2", ["r1"])
    with pytest.raises(ConfigurationError, match="describes no démarche"):
        read_forms({"number": 7})


@pytest.mark.parametrize(
    ("typename", "kind"),
    [
        ("IntegerNumberChampDescriptor", "integer_number"),
        ("RNAChampDescriptor", "rna"),
        ("COJOChampDescriptor", "cojo"),
        ("YesNoChampDescriptor", "yes_no"),
    ],
)
def test_kinds_are_the_descriptors_in_snake_case(typename, kind):
    assert kind_of(typename) == kind


def test_an_id_that_is_none_is_told():
    with pytest.raises(ConfigurationError, match="the form holds 'nothing'"):
        Form.from_revision(7, "T", revision({**TEXT, "id": "nothing"}))
