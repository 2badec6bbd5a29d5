import subprocess
import sys
from pathlib import Path

import pytest
from gql import GraphQLRequest

from ds_bridge.api.queries import load

ROOT = Path(__file__).parent.parent.parent
CHECK = ROOT.parent / "shared" / "tools" / "check_queries.py"
NAMES = sorted(
    file.stem for file in (ROOT / "queries").glob("*.graphql") if not file.stem.startswith("fragment_")
)


@pytest.mark.parametrize("name", NAMES)
def test_each_file_is_one_complete_document(name):
    query = load(name)
    assert query.operation == "".join(part.title() for part in name.split("_"))
    used = {
        line.strip().removeprefix("...") for line in query.text.splitlines() if line.strip().startswith("...")
    }
    defined = {line.split()[1] for line in query.text.splitlines() if line.startswith("fragment ")}
    assert {name for name in used if " " not in name} == defined
    assert len(query.hash) == 16


def test_pages_give_their_page_info_before_their_nodes():
    for name in NAMES:
        text = load(name).text
        if "pageInfo" in text:
            assert text.index("pageInfo") < text.index("nodes"), name


def test_every_champ_comes_with_its_real_type():
    text = load("dossiers_page").text
    kinds = "YesNo DropDownList Address Commune Departement Region Pays HeaderSection Explication Datetime"
    for kind in kinds.split():
        assert f"... on {kind}Champ " in text
    assert "... on PersonneMoraleIncomplete " in text


@pytest.mark.skipif(not CHECK.exists(), reason="the official schema is not beside the project")
def test_the_official_schema_accepts_every_query():
    done = subprocess.run([sys.executable, CHECK, ROOT / "queries"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert f"{len(NAMES)} operations" in done.stdout


def test_a_bound_query_says_what_gqls_own_would_say():
    query = load("dossiers_page")
    for variables in ({"number": 1, "first": 2}, {}):
        own = GraphQLRequest(query.request, variable_values=variables)
        assert query.bind(variables).payload == own.payload
