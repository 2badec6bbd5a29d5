"""The lists of a démarche over HTTP: orders, bounds, filters, deletions and restorations."""

from __future__ import annotations

import base64
import datetime as dt

from ds_bridge.sandbox.node import typed_id, write_datetime
from ds_bridge.sandbox.server import SandboxServer
from tests.sandbox.platform import CRA, EPOCH, ask, code, data, list_dossiers, numbers, read_query

SECOND = dt.timedelta(seconds=1)


def walk(server: SandboxServer, size: int, **arguments: object) -> list[int]:
    seen: list[int] = []
    after = None
    while True:
        found = list_dossiers(server, first=size, after=after, **arguments)
        seen += numbers(found)
        if not found["pageInfo"]["hasNextPage"]:
            return seen
        after = found["pageInfo"]["endCursor"]


def test_the_order_is_of_deposit_unless_updated_since_is_given(calm: SandboxServer) -> None:
    dossiers = calm.world.demarches[CRA].dossiers.values()
    by_deposit = [d.number for d in sorted(dossiers, key=lambda d: (d.deposited_at, d.number))]
    by_modification = [d.number for d in sorted(dossiers, key=lambda d: (d.modified_at, d.number))]
    assert walk(calm, 70) == by_deposit
    assert walk(calm, 70, updatedSince=EPOCH) == by_modification
    assert by_deposit != by_modification


def test_bounds_are_inclusive_and_created_since_yields(calm: SandboxServer) -> None:
    dossiers = sorted(calm.world.demarches[CRA].dossiers.values(), key=lambda d: d.modified_at)
    bound = dossiers[200].modified_at
    found = walk(calm, 100, updatedSince=bound.isoformat(), createdSince="2100-01-01T00:00:00Z")
    assert found == [d.number for d in dossiers if d.modified_at >= bound]
    created = dossiers[200].deposited_at
    assert set(walk(calm, 100, createdSince=created.isoformat())) == {
        d.number for d in dossiers if d.deposited_at >= created
    }


def test_filters(calm: SandboxServer) -> None:
    dossiers = list(calm.world.demarches[CRA].dossiers.values())
    assert set(walk(calm, 100, state="accepte", archived=False)) == {
        d.number for d in dossiers if d.state == "accepte" and not d.archived
    }
    old, current = (typed_id("ProcedureRevision", r.number) for r in calm.world.demarches[CRA].form.revisions)
    in_old = {d.number for d in dossiers if d.revision == 113427}
    assert set(walk(calm, 100, revision=old)) == set(walk(calm, 100, maxRevision=old)) == in_old
    assert set(walk(calm, 100, minRevision=current)) == {d.number for d in dossiers} - in_old
    assert code(ask(calm, '{ demarche(number: 82349) { dossiers(revision: "x") { nodes { id } } } }')) == (
        "not_found"
    )


def test_dates_have_seconds_and_the_offset_of_paris(calm: SandboxServer) -> None:
    node = list_dossiers(calm, first=1)["nodes"][0]
    dossier = calm.world.dossier(node["number"])
    assert dossier is not None
    assert node["dateDepot"] == write_datetime(dossier.deposited_at)
    assert node["dateDepot"].endswith(("+01:00", "+02:00"))
    assert write_datetime(dt.datetime(2024, 5, 30, 8, 15, 0, 999999, tzinfo=dt.UTC)) == (
        "2024-05-30T10:15:00+02:00"
    )


def test_edges_carry_the_cursors_of_their_nodes(calm: SandboxServer) -> None:
    found = data(
        calm,
        "{ demarche(number: 82349) { dossiers(first: 2) { edges { cursor node { number } } "
        "pageInfo { endCursor } } } }",
    )["demarche"]["dossiers"]
    last = found["edges"][-1]
    assert last["cursor"] == found["pageInfo"]["endCursor"]
    decoded = base64.urlsafe_b64decode(last["cursor"] + "==").decode()
    assert decoded.endswith(f";{last['node']['number']}")


def test_hidden_drafts_and_foreign_dossiers_are_not_listed(server: SandboxServer) -> None:
    world = server.world
    first, second, third, *_ = sorted(world.demarches[CRA].dossiers)
    world.modify(first, state="en_construction")
    world.modify(second, state="en_instruction")
    world.hide_by_user(first)
    world.hide_by_user(second)
    world.hide_by_administration(third)
    listed = set(numbers(list_dossiers(server, updatedSince=EPOCH)))
    assert listed == set(world.demarches[CRA].dossiers) - {first, third}
    answer = ask(server, "query($n: Int!) { dossier(number: $n) { number } }", n=first)
    assert code(answer) == "not_found"
    world.restore(first)
    assert numbers(list_dossiers(server, updatedSince=EPOCH))[-1] == first


def list_gone(server: SandboxServer, name: str, **variables: object) -> list[tuple[int, str, str, str]]:
    field = {
        "deleted_dossiers_page": "deletedDossiers",
        "pending_deleted_dossiers_page": "pendingDeletedDossiers",
    }
    found = data(server, read_query(name), number=CRA, first=100, **variables)["demarche"][field[name]]
    return [(n["number"], n["state"], n["reason"], n["dateSupression"]) for n in found["nodes"]]


def test_deletions_pending_and_done(server: SandboxServer) -> None:
    world = server.world
    first, second, *_ = sorted(world.demarches[CRA].dossiers)
    world.modify(first, state="en_construction")
    hidden_at = (world.hide_by_user(first)).hidden_by_user_at
    assert hidden_at is not None
    said = write_datetime(hidden_at)
    pending = "pending_deleted_dossiers_page"
    assert list_gone(server, pending) == [(first, "en_construction", "user_request", said)]
    assert list_gone(server, pending, deletedSince=(hidden_at + SECOND).isoformat()) == []
    assert list_gone(server, pending, deletedSince=hidden_at.isoformat()) != []
    world.advance(dt.timedelta(days=8))
    world.delete(first, "user_request")
    gone = world.delete(second, "instructeur_request")
    assert list_gone(server, pending) == []
    assert list_gone(server, "deleted_dossiers_page") == [
        (first, "en_construction", "user_request", said),
        (second, gone.state, "instructeur_request", write_datetime(gone.deleted_at)),
    ]
    assert list_gone(server, "deleted_dossiers_page", deletedSince=gone.deleted_at.isoformat()) == [
        (second, gone.state, "instructeur_request", write_datetime(gone.deleted_at)),
    ]


def test_a_dossier_changed_during_a_walk_moves_to_its_end(server: SandboxServer) -> None:
    found = list_dossiers(server, first=5, updatedSince=EPOCH)
    moved = numbers(found)[0]
    server.world.modify(moved, {3566491: "CHANGÉ"})
    rest: list[int] = []
    after = found["pageInfo"]["endCursor"]
    while True:
        page = list_dossiers(server, first=5, after=after, updatedSince=EPOCH)
        rest += numbers(page)
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert rest[-1] == moved
    assert set(numbers(found)) | set(rest) == set(server.world.demarches[CRA].dossiers)


def test_a_late_commit_stands_behind_the_cursor(server: SandboxServer) -> None:
    found = list_dossiers(server, first=6, updatedSince=EPOCH)
    first = server.world.dossier(numbers(found)[0])
    assert first is not None
    (late,) = server.world.add_dossiers(1)
    server.world.modify(late.number, at=first.modified_at - SECOND)
    rest = list_dossiers(server, after=found["pageInfo"]["endCursor"], updatedSince=EPOCH)
    assert late.number not in numbers(rest)
    assert numbers(list_dossiers(server, updatedSince=EPOCH))[0] == late.number


def test_a_group_lists_the_same_dossiers(calm: SandboxServer) -> None:
    group = data(calm, "{ demarche(number: 82349) { groupeInstructeurs { number label } } }")
    number = group["demarche"]["groupeInstructeurs"][0]["number"]
    query = "query($n: Int!) { groupeInstructeur(number: $n) { dossiers(first: 3) { nodes { number } } } }"
    answer = data(calm, query, n=number)
    assert numbers(answer["groupeInstructeur"]["dossiers"]) == numbers(list_dossiers(calm, first=3))


def test_a_walk_backward_gives_pages_in_order_from_the_end(calm: SandboxServer) -> None:
    """`last` and `before` ask for what comes earlier; the nodes of a page are never turned around."""
    in_order = walk(calm, 70, updatedSince=EPOCH)
    pages, before = [], None
    while True:
        found = list_dossiers(calm, last=70, before=before, updatedSince=EPOCH)
        info = found["pageInfo"]
        pages.append(numbers(found))
        assert info["hasNextPage"] is (before is not None)
        if not info["hasPreviousPage"]:
            break
        before = info["startCursor"]
    assert [number for page in reversed(pages) for number in page] == in_order
    assert len(pages[0]) == 70


def test_groupes_share_the_dossiers_and_one_may_have_none(server: SandboxServer) -> None:
    first, second, lost, *_ = walk(server, 100, updatedSince=EPOCH)
    for number, groupe in ((first, 1), (second, 7), (lost, None)):
        server.world.modify(number, groupe=groupe)
    found = data(server, "{ demarche(number: 82349) { groupeInstructeurs { number label } } }")
    groupes = {one["label"]: one["number"] for one in found["demarche"]["groupeInstructeurs"]}
    query = "query($n: Int!) { groupeInstructeur(number: $n) { label dossiers { nodes { number } } } }"
    listed = {
        label: numbers(data(server, query, n=number)["groupeInstructeur"]["dossiers"])
        for label, number in groupes.items()
    }
    assert listed["groupe 1"] == [first]
    assert listed["groupe 7"] == [second]
    assert not {first, second, lost} & set(listed["défaut"])
    own = "query($n: Int!) { dossier(number: $n) { groupeInstructeur { label } } }"
    assert data(server, own, n=first)["dossier"]["groupeInstructeur"]["label"] == "groupe 1"
    assert code(ask(server, own, n=lost)) == "invalid_null"
