"""Every kind: what values become, what is refused and in which words, what the sandbox makes of it."""

from __future__ import annotations

import datetime as dt
import doctest
import enum
import itertools
import re
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ds_bridge.form import Field, Form
from ds_bridge.prefill import Checked, check, documentation, draft_body, encode_params
from ds_bridge.prefill.countries import list_countries
from ds_bridge.prefill.documentation import describe_kinds, example_field, example_value
from ds_bridge.prefill.kinds import KINDS, NOT_PREFILLABLE
from ds_bridge.prefill.refusals import ProblemCode
from ds_bridge.prefill.territories import DEPARTEMENTS, REGIONS
from ds_bridge.sandbox.forms import read_form
from ds_bridge.sandbox.prefill import read_prefill
from ds_bridge.sandbox.rack import parse_nested_query

PAGE = Path(__file__).parents[2] / "docs" / "prefill.md"
PARIS_PLUS_TWO = dt.timezone(dt.timedelta(hours=2))


class Couleur(enum.Enum):
    ROUGE = "Rouge"
    VERT = "Vert, bleu"


class Genre(enum.StrEnum):
    MADAME = "Mme"


def check_one(kind: str, value: Any, **changes: Any) -> Checked:
    field = example_field(kind)
    if changes:
        field = Field(1, kind, kind, **changes)
    return check(None, {"1": value}, form=Form(5, "Tous", (field,)))


def send(kind: str, value: Any, **changes: Any) -> Any:
    checked = check_one(kind, value, **changes)
    assert checked.problems == ()
    (sent,) = checked.champs.values()
    return sent


@pytest.mark.parametrize(
    ("kind", "value", "sent"),
    [
        ("text", 12, "12"),
        ("text", Decimal("1.50"), "1.5"),
        ("text", dt.date(2023, 2, 1), "2023-02-01"),
        ("text", Couleur.ROUGE, "Rouge"),
        ("text", " gardé ", " gardé "),
        ("integer_number", 0, "0"),
        ("integer_number", " -12 ", "-12"),
        ("integer_number", "+5", "5"),
        ("integer_number", "4 211", "4211"),
        ("integer_number", "4\u202f211\u00a0000", "4211000"),
        ("integer_number", 3.0, "3"),
        ("integer_number", Decimal("1E+3"), "1000"),
        ("decimal_number", 12.5, "12.5"),
        ("decimal_number", "12.500", "12.5"),
        ("decimal_number", "1 234.5", "1234.5"),
        ("decimal_number", 7, "7"),
        ("decimal_number", "-0.25", "-0.25"),
        ("date", "2023-02-01", "2023-02-01"),
        ("date", dt.datetime(2023, 2, 1, 23, 30, tzinfo=dt.UTC), "2023-02-02"),
        ("datetime", "2023-02-01 10:30", "2023-02-01T10:30"),
        ("datetime", "2023-02-01T10:30:59", "2023-02-01T10:30"),
        ("datetime", "2023-07-01T08:30:00Z", "2023-07-01T10:30"),
        ("datetime", "2023-01-01T08:30+0200", "2023-01-01T07:30"),
        ("datetime", dt.datetime(2023, 7, 1, 10, 30, tzinfo=PARIS_PLUS_TWO), "2023-07-01T10:30"),
        ("yes_no", True, "true"),
        ("yes_no", " false ", "false"),
        ("checkbox", "true", "true"),
        ("civilite", Genre.MADAME, "Mme"),
        ("civilite", "M.", "M."),
        ("email", " zoe.noel+cra@sous-domaine.example.org ", "zoe.noel+cra@sous-domaine.example.org"),
        ("email", "zoé@médiathèque.example", "zoé@médiathèque.example"),
        ("phone", "0612345678", "0612345678"),
        ("phone", "+33 (0)6 12 34 56 78", "+33 (0)6 12 34 56 78"),
        ("phone", "00 262 262 12 34 56", "00 262 262 12 34 56"),
        ("phone", "25.67.81", "25.67.81"),
        ("iban", "fr76 1131 5000 0112 3456 7890 138", "FR7611315000011234567890138"),
        ("iban", "BE68539007547034", "BE68539007547034"),
        ("siret", 13002526500013, "13002526500013"),
        ("siret", "35600000049837", "35600000049837"),  # La Poste: the sum of its digits is a multiple of 5
        ("siret", "35600000000048", "35600000000048"),  # its head office keeps to the usual rule
        ("rna", "w503726238", "W503726238"),
        ("annuaire_education", "0050009h", "0050009H"),
        ("pays", "fr", "FR"),
        ("pays", "côte d’ivoire", "CI"),
        ("pays", "ETATS UNIS", "US"),
        ("pays", "Kosovo", "XK"),
        ("pays", "NC", "NC"),
        ("region", "11", "11"),
        ("region", 1, "01"),
        ("region", "ile de france", "11"),
        ("region", "Provence-Alpes-Côte d’Azur", "93"),
        ("departement", "1", "01"),
        ("departement", 974, "974"),
        ("departement", "2b", "2B"),
        ("departement", "Cotes d'armor", "22"),
        ("departement", "Réunion", "974"),
        ("departement", "99", "99"),
        ("commune", "91000 91228", ["91000", "91228"]),
        ("commune", [91000, 91228], ["91000", "91228"]),
        ("commune", ("20000", "2a004"), ["20000", "2A004"]),
        ("epci", "91, 200059228", ["91", "200059228"]),
        ("epci", ["Essonne", 200059228], ["91", "200059228"]),
        ("address", " 20 Avenue de Ségur 75007 Paris ", "20 Avenue de Ségur 75007 Paris"),
        ("dossier_link", "0014210", "14210"),
        ("drop_down_list", Couleur.VERT, "Vert, bleu"),
        ("multiple_drop_down_list", "Vert, bleu", ["Vert, bleu"]),
        ("multiple_drop_down_list", [Couleur.VERT, "Rouge", "Rouge", None, ""], ["Vert, bleu", "Rouge"]),
        ("communes", ["91000", "91228"], ["91000", "91228"]),
        ("departements", "2A", "2A"),
    ],
)
def test_values_become_what_the_platform_takes(kind: str, value: Any, sent: Any) -> None:
    assert send(kind, value) == sent


REFUSED: list[tuple[str, Any, str, str]] = [
    ("text", True, "wrong_type", "a bool is given: text is accepted"),
    ("text", ["secret"], "wrong_type", "a list is given: text is accepted"),
    ("text", b"secret", "wrong_type", "a bytes cannot be prefilled"),
    ("text", {"2": "secret"}, "not_a_block", "rows are given, and this champ is no block"),
    ("text", "undefined", "missing_data", "a word programs write for missing data"),
    ("text", "secret\x07", "bad_character", "a control character (U+0007)"),
    ("integer_number", True, "wrong_type", "a bool is given: a whole number is accepted"),
    ("integer_number", 3.5, "bad_number", "not a whole number"),
    ("integer_number", "12a", "bad_number", "not a whole number"),
    ("integer_number", "1e3", "bad_number", "not a whole number"),
    ("integer_number", "４２", "bad_number", "not a whole number"),
    ("integer_number", "9" * 5000, "bad_number", "not a whole number"),
    ("integer_number", 10**300, "bad_number", "too many digits"),
    ("integer_number", dt.date(2023, 2, 1), "wrong_type", "a date is given"),
    ("decimal_number", "3,14", "bad_number", "the decimal mark is a comma, which the platform misreads"),
    ("decimal_number", "1e3", "bad_number", "not a number"),
    ("decimal_number", 3.1416, "bad_number", "more than 3 decimals"),
    ("decimal_number", "3.1416", "bad_number", "more than 3 decimals"),
    ("decimal_number", float("nan"), "bad_number", "not a finite number"),
    ("decimal_number", Decimal("sNaN"), "bad_number", "not a finite number"),
    ("decimal_number", Decimal("1E+999999"), "bad_number", "too many digits"),
    ("date", "01/02/2023", "bad_date", "not a date: a date is accepted, like 2023-02-01"),
    ("date", "2023-02-31", "bad_date", "no such day"),
    ("date", 20230201, "wrong_type", "a int is given"),
    ("date", dt.datetime.max.replace(tzinfo=dt.UTC), "bad_datetime", "out of the years"),
    ("datetime", "2023-02-03", "bad_datetime", "the hour is missing"),
    ("datetime", dt.date(2023, 2, 1), "bad_datetime", "the hour is missing"),
    ("datetime", "2023-02-01T25:00", "bad_datetime", "no such day or hour"),
    ("datetime", "demain", "bad_datetime", "not a date and an hour"),
    ("datetime", "2023-03-26T02:30", "bad_datetime", "does not exist in Paris"),
    ("datetime", 5, "wrong_type", "a int is given"),
    ("yes_no", "oui", "bad_boolean", "True, False, or the text true or false is accepted"),
    ("yes_no", 1, "bad_boolean", "neither yes nor no"),
    ("checkbox", "TRUE", "bad_boolean", "neither yes nor no"),
    ("civilite", "Monsieur", "bad_civilite", "M. or Mme"),
    ("email", "zoe", "bad_email", "not an e-mail address"),
    ("email", "zoe@localhost", "bad_email", "not an e-mail address"),
    ("email", "Zoé <zoe@example.org>", "bad_email", "without name or brackets"),
    ("email", "a@b.fr, c@d.fr", "bad_email", "not an e-mail address"),
    ("email", "zoe@example..org", "bad_email", "not an e-mail address"),
    ("phone", 612345678, "wrong_type", "a int is given: a number as text"),
    ("phone", "612345678", "bad_phone", "it has too few or too many digits"),
    ("phone", "appelez-moi", "bad_phone", "not a telephone number"),
    ("iban", "FR7611315000011234567890139", "bad_iban", "its key is wrong"),
    ("iban", "FR761131500001123456789013", "bad_iban", "one of FR has 27 characters"),
    ("iban", "US7611315000011234567890138", "bad_iban", "not an IBAN"),
    ("siret", "13002526500014", "bad_siret", "its checksum is wrong"),
    ("siret", "552100554", "bad_siret", "not a SIRET: the 14 digits"),
    ("siret", "35600000049838", "bad_siret", "its checksum is wrong"),
    ("siret", 1.3e13, "wrong_type", "a float is given: 14 digits as text"),
    ("rna", "123456789", "bad_rna", "like W503726238"),
    ("annuaire_education", "0561383A", "bad_uai", "its letter is wrong"),
    ("annuaire_education", "Lycée Lesage", "bad_uai", "7 digits and a letter"),
    ("pays", "ZZ", "bad_country", "no such country"),
    ("pays", "Syldavie", "bad_country", "a French name is accepted"),
    ("pays", "re", "bad_country", "the department 974: give FR"),
    ("region", "99", "bad_region", "no such code or name"),
    ("region", True, "wrong_type", "a bool is given"),
    ("departement", "Ain", "bad_departement", "two or three letters as a number: give the number itself"),
    ("departement", "20", "bad_departement", "no such code or name"),
    ("departement", "75056", "bad_departement", "no such code or name"),
    ("commune", "75001", "bad_commune", "not two codes"),
    ("commune", ["1000", "01053"], "bad_commune", "no postal code of 5 digits"),
    ("commune", ["91000", "20004"], "bad_commune", "the second is no INSEE code"),
    ("commune", ["75007", "75056"], "bad_commune", "by arrondissement"),
    ("commune", [["91000"], ["91228"]], "wrong_type", "a list inside a list"),
    ("epci", ["91"], "bad_epci", "not two codes"),
    ("epci", ["Ain", "200059228"], "bad_departement", "give the number itself"),
    ("epci", ["91", "200059229"], "bad_epci", "not the code of an EPCI"),
    ("dossier_link", 0, "bad_number", "not a dossier's number"),
    ("dossier_link", "no 5", "bad_number", "not a dossier's number"),
    ("drop_down_list", "Vert", "not_an_option", "it accepts 'Rouge', 'Vert, bleu'"),
    ("drop_down_list", "rouge", "not_an_option", "the nearest is 'Rouge', and it must be exact"),
    ("drop_down_list", ["Rouge"], "wrong_type", "text is accepted"),
    ("multiple_drop_down_list", ["Rouge", "Noir"], "not_an_option", "not an option of the form"),
    ("multiple_drop_down_list", "Rouge, Vert", "not_an_option", "not an option of the form"),
    ("multiple_drop_down_list", ["x", "y"], "not_an_option", "2 are not options of the form"),
    ("repetition", "secret", "not_rows", "a list of mappings"),
    ("repetition", [{"2": "a"}, "secret"], "not_rows", "a list of mappings"),
    *((kind, "secret", "not_prefillable", "cannot be prefilled") for kind in NOT_PREFILLABLE),
    ("nouveaute", "secret", "not_prefillable", "not known to be prefilled"),
]


@pytest.mark.parametrize(("kind", "value", "code", "words"), REFUSED)
def test_what_it_would_drop_or_misread_is_a_problem(kind: str, value: Any, code: str, words: str) -> None:
    checked = check_one(kind, value)
    assert checked.champs == {}
    (problem,) = checked.problems
    assert (problem.champ, problem.code) == ("1", code)
    assert words in problem.message
    # What is accepted may be quoted, what was given never.
    if isinstance(value, str) and len(value) > 4 and code != "missing_data":
        assert value not in problem.message
    assert "secret" not in str(checked) + str(problem)


def test_another_option_is_any_text_where_the_form_allows_it() -> None:
    options = {"options": ("Rouge",), "other_option": True}
    assert send("drop_down_list", "Indigo", **options) == "Indigo"
    assert check_one("drop_down_list", "__other__", **options).problems[0].code == "not_an_option"
    assert send("drop_down_list", "None", options=("None", "Some")) == "None"


def test_many_options_are_not_all_told() -> None:
    options = tuple(f"Choix {letter}" for letter in "ABCDEFGHIJKLMNOP")
    (problem,) = check_one("drop_down_list", "Autre", options=options).problems
    assert problem.message.endswith("'Choix L', and 4 others")


@pytest.mark.parametrize(
    ("value", "sent", "note"),
    [
        (dt.datetime(2023, 10, 29, 0, 30, tzinfo=dt.UTC), "2023-10-29T02:30", "reads the first one"),
        (dt.datetime(2023, 10, 29, 1, 30, tzinfo=dt.UTC), "2023-10-29T02:30+01:00", "with its offset"),
        ("2023-10-29T02:30", "2023-10-29T02:30", "reads the first one"),
        (dt.datetime(2023, 10, 29, 2, 30, fold=1), "2023-10-29T02:30+01:00", "with its offset"),  # noqa: DTZ001  # a naive one is the point
    ],
)
def test_the_hour_that_comes_twice_is_said(value: Any, sent: str, note: str) -> None:
    for kind in ("datetime", None):
        if kind is None and isinstance(value, str):
            continue  # without a form, text is text
        checked = check_one(kind, value) if kind else check(None, {"1": value})
        assert list(checked.champs.values()) == [sent]
        assert any(
            warning.startswith("1: this hour comes twice") and note in warning for warning in checked.warnings
        )


@given(st.integers(-(10**9), 4 * 10**9))
def test_an_instant_arrives_to_the_minute(seconds: int) -> None:
    moment = dt.datetime.fromtimestamp(seconds, dt.UTC)
    (value,) = read_back("datetime", send("datetime", moment))
    assert dt.datetime.fromisoformat(value) == moment.replace(second=0, microsecond=0)


def read_back(kind: str, sent: Any) -> list[Any]:
    """What the sandbox makes of what is sent, in a champ of this kind."""
    field = example_field(kind)
    champ: dict[str, Any] = {"id": 1, "kind": kind, "label": kind}
    if field.options:
        champ["options"] = list(field.options)
    champ["champs"] = [
        {"id": inner.number, "kind": inner.kind, "label": inner.label} for inner in field.fields
    ]
    date = "2024-01-01T00:00:00+01:00"
    revision = {"number": 1, "date_creation": date, "champs": [champ]}
    document = {"number": 5, "title": "", "path": "x", "date_creation": date, "revisions": [revision]}
    rows = itertools.count(1)
    prefill = read_prefill(
        {"champ_Q2hhbXAtMQ": sent},
        read_form(document),
        lambda: f"row{next(rows)}",
        lambda number: number == 14210,
    )
    return list(prefill.values.values())


@pytest.mark.parametrize("kind", [*(kind for kind in KINDS if kind != "referentiel"), "repetition"])
def test_the_example_of_each_kind_arrives_in_a_link_and_in_a_draft(kind: str) -> None:
    checked = check_one(kind, example_value(kind))
    assert checked.ok
    (sent,) = draft_body(checked).values()
    in_draft = read_back(kind, sent)
    (parsed,) = parse_nested_query(encode_params(checked)).values()
    assert parsed == sent or kind == "repetition"
    in_link = read_back(kind, parsed)
    assert len(in_draft) == len(in_link) == 1
    if kind == "repetition":
        assert (
            [row.values for row in in_link[0]]
            == [row.values for row in in_draft[0]]
            == [
                {2: "Atelier", 3: "2023-02-01"},
                {2: "Salon"},
            ]
        )
    else:
        assert in_link == in_draft
        assert in_link[0] not in (None, "", [])


def test_kinds_that_instances_drop_are_said() -> None:
    for kind in ("rna", "annuaire_education", "referentiel"):
        (warning,) = check_one(kind, example_value(kind)).warnings
        assert warning.startswith("1: the platform ")
    assert check_one("text", "x").warnings == ()


def test_the_page_is_what_the_code_does() -> None:
    page = PAGE.read_text(encoding="utf-8")
    table = re.search(r"<!-- kinds: .* -->\n(.*)<!-- /kinds -->", page, re.DOTALL)
    assert table is not None
    assert table[1] == describe_kinds()


def test_the_page_names_every_code() -> None:
    page = PAGE.read_text(encoding="utf-8")
    paragraph = page.partition("A problem's `code` is stable")[2].partition("## ")[0]
    assert sorted(re.findall(r"`(\w+_\w+)`", paragraph)) == sorted(get_args(ProblemCode))


def test_the_examples_of_the_page_are_true() -> None:
    assert doctest.testfile(str(PAGE), module_relative=False).failed == 0
    assert doctest.testmod(documentation) == doctest.TestResults(failed=0, attempted=1)


def test_the_registers_are_whole() -> None:
    countries = list_countries()
    assert (len(countries), len(REGIONS), len(DEPARTEMENTS)) == (245, 18, 110)
    for code, name in countries.items():
        assert send("pays", code) == send("pays", name) == code
    for code, name in REGIONS.items():
        assert send("region", code) == send("region", name) == code
    for code, name in DEPARTEMENTS.items():
        assert send("departement", code) == code
        if len(name) > 3:
            assert send("departement", name) == code


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.decimals()
    | st.dates()
    | st.datetimes()
    | st.text(max_size=20)
    | st.binary(max_size=5)
    | st.sampled_from(Couleur),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["2", "3", "Nom", "x"]), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(st.sampled_from([*KINDS, "repetition", "carte", None]), anything)
def test_whatever_is_given_is_sent_or_named_and_never_raises(kind: str | None, value: Any) -> None:
    checked = check_one(kind, value) if kind else check(None, {"1": value})
    assert checked.champs or checked.omitted or checked.problems or "empty rows" in str(checked.warnings)
    if checked.ok:
        parse_nested_query(encode_params(checked))
