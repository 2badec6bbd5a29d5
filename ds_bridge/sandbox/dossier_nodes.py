"""Dossiers, démarches and revisions as the API shows them: world data in, nodes out, for one request."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from ds_bridge.sandbox.champ_nodes import ChampWriter, write_descriptors
from ds_bridge.sandbox.champ_values import company_node
from ds_bridge.sandbox.demarche import Demarche
from ds_bridge.sandbox.dossiers import ENDED_STATES, DeletedDossier, Dossier
from ds_bridge.sandbox.files import file_node
from ds_bridge.sandbox.forms import Revision
from ds_bridge.sandbox.instruction import INSTRUCTEUR, Instruction
from ds_bridge.sandbox.node import Node, read_typed_id, typed_id, write_datetime, write_optional
from ds_bridge.sandbox.request import GraphQLRequest, PlatformCrash, refuse
from ds_bridge.sandbox.world import ALL_KINDS_NUMBER, World


class NodeWriter:
    """Makes the nodes of one request."""

    def __init__(self, world: World, request: GraphQLRequest) -> None:
        self._world = world
        self._request = request
        self._champs = ChampWriter(request.fragments, self._give_dossier, self._write_files)
        self._descriptors: dict[tuple[int, int], Node] = {}

    def write_dossier(self, dossier: Dossier) -> Node:
        """A dossier; what is costly is made when it is asked for."""
        demarche = self._world.demarches[dossier.demarche]
        revision = demarche.form.revision(dossier.revision)
        modified = write_datetime(dossier.modified_at)
        champs_modified = dossier.champs_modified_at or dossier.modified_at
        node = Node(
            __typename="Dossier",
            id=typed_id("Dossier", dossier.number),
            number=dossier.number,
            state=dossier.state,
            archived=dossier.archived,
            prefilled=dossier.prefilled,
            connectionUsager="password",
            dateDepot=write_datetime(dossier.deposited_at),
            datePassageEnConstruction=write_datetime(dossier.construction_at or dossier.deposited_at),
            datePassageEnInstruction=write_optional(dossier.instruction_at),
            dateTraitement=write_optional(dossier.processed_at),
            dateDerniereModification=modified,
            dateDerniereModificationChamps=write_datetime(champs_modified),
            dateDerniereModificationAnnotations=write_datetime(dossier.deposited_at),
            dateSuppressionParUsager=write_optional(dossier.hidden_by_user_at),
            dateSuppressionParAdministration=write_optional(dossier.hidden_by_administration_at),
            usager=Node(__typename="Profile", id=typed_id("User", dossier.email), email=dossier.email),
            demandeur=lambda _info: self._write_demandeur(dossier),
            deposeParUnTiers=False,
            demarche=lambda _info: self.write_descriptor(demarche, revision),
            revision=lambda _info: self.write_revision(revision),
            groupeInstructeur=lambda _info: _write_own_group(demarche, dossier.groupe),
            instructeurs=lambda _info: self._write_instructeurs(dossier),
            champs=self._give_champs(dossier, revision),
            annotations=lambda _info, **_: [],
            avis=lambda _info, **_: [],
            messages=lambda _info, **_: [],
            traitements=lambda _info: self._write_traitements(dossier),
            labels=[],
            motivation="Dossier complet." if dossier.state in ENDED_STATES else None,
            pdf=lambda _info: self._write_pdf(dossier),
            geojson=lambda _info: None,
        )
        if dossier.demarche == ALL_KINDS_NUMBER:
            self._add_instruction(node, dossier)
        return node

    def _add_instruction(self, node: Node, dossier: Dossier) -> None:
        made = Instruction(self._world.seed, dossier, self._write_file)
        node.update(
            annotations=lambda _info, id=None: _pick(made.annotations(), id),  # noqa: A006 - the API's name
            avis=lambda _info, id=None: _pick(made.avis(), id),  # noqa: A006 - the API's name
            messages=lambda _info, id=None: _pick(made.messages(), id),  # noqa: A006 - the API's name
            labels=lambda _info: made.labels(),
            attestation=lambda _info: made.attestation(),
            motivationAttachment=lambda _info: made.motivation_attachment(),
            dateDerniereCorrectionEnAttente=made.correction_at(),
        )

    def write_demarche(self, demarche: Demarche) -> Node:
        """A démarche without its connections."""
        form = demarche.form
        revisions = [self.write_revision(revision) for revision in form.revisions]
        return Node(
            self._describe(demarche),
            __typename="Demarche",
            administrateurs=[_profile("Administrateur", "administratrice@anct.example")],
            groupeInstructeurs=lambda _info, closed=None: _list_groups(demarche, closed),
            labels=[],
            chorusConfiguration=Node(__typename="ChorusConfiguration"),
            activeRevision=revisions[-1],
            draftRevision=revisions[-1],
            publishedRevision=revisions[-1] if form.state != "brouillon" else None,
            revisions=revisions,
            champDescriptors=lambda _info: write_descriptors(form.active.champs),
            annotationDescriptors=[],
        )

    def write_descriptor(self, demarche: Demarche, revision: Revision) -> Node:
        """What everybody may know of a démarche, at one of its revisions."""
        key = (demarche.form.number, revision.number)
        if key not in self._descriptors:
            self._descriptors[key] = self._make_descriptor(demarche, revision)
        return self._descriptors[key]

    def _make_descriptor(self, demarche: Demarche, revision: Revision) -> Node:
        form = demarche.form
        start = f"{self._request.origin}/commencer/{form.path}"
        legal = form.cadre_juridique_url
        return Node(
            self._describe(demarche),
            __typename="DemarcheDescriptor",
            dureeConservationDossiers=12,
            forIndividual=form.for_individual,
            opendata=form.opendata,
            tags=[],
            zones=[],
            demarcheURL=start,
            demarcheUrl=start,
            cadreJuridiqueURL=legal,
            cadreJuridiqueUrl=legal,
            revision=self.write_revision(revision),
        )

    def _describe(self, demarche: Demarche) -> dict[str, Any]:
        form = demarche.form
        return {
            "id": typed_id("Procedure", form.number),
            "number": form.number,
            "title": form.title,
            "description": form.description,
            "state": form.state,
            "dateCreation": write_datetime(form.date_creation),
            "datePublication": write_optional(form.date_publication),
            "dateDerniereModification": write_datetime(form.active.date_creation),
            "service": Node(
                form.service,
                __typename="Service",
                id=typed_id("Service", form.number),
                siret="13002603200016",
            )
            if form.service
            else None,
        }

    def write_revision(self, revision: Revision) -> Node:
        return Node(
            __typename="Revision",
            id=typed_id("ProcedureRevision", revision.number),
            dateCreation=write_datetime(revision.date_creation),
            datePublication=write_optional(revision.date_publication),
            champDescriptors=lambda _info: write_descriptors(revision.champs),
            annotationDescriptors=[],
        )

    def write_hidden(self, dossier: Dossier) -> Node:
        """A pending deletion. The id of a hidden dossier is not its dossier's."""
        hidden_at = dossier.hidden_by_administration_at or dossier.hidden_by_user_at
        return Node(
            __typename="DeletedDossier",
            id=typed_id("DeletedDossier", dossier.number),
            number=dossier.number,
            state=dossier.state,
            reason=dossier.hidden_reason,
            dateSupression=write_optional(hidden_at),
        )

    def _give_champs(self, dossier: Dossier, revision: Revision) -> Callable[..., list[Node]]:
        def give(_info: Any, id: str | None = None) -> list[Node]:  # noqa: A002 - the argument's name in the API
            self._request.full = True
            if self._request.untyped_fragment:
                raise PlatformCrash
            champs = self._champs.write(dossier, revision)
            if id is None:
                return champs
            return [champ for champ in champs if champ["id"].rstrip("=") == id.rstrip("=")]

        return give

    def _give_dossier(self, number: int) -> Callable[..., Node | None]:
        def give(_info: Any) -> Node | None:
            dossier = self._world.dossier(number)
            if dossier is None or dossier.is_pending_deletion:
                return None
            self._request.check_scope(self._world.demarches[dossier.demarche], "Dossier")
            return self.write_dossier(dossier)

        return give

    def _write_demandeur(self, dossier: Dossier) -> Node:
        if dossier.siret is not None:
            return self._write_company(dossier.siret)
        identity = dossier.identity
        return Node(
            __typename="PersonnePhysique",
            id=typed_id("Individual", dossier.number),
            civilite=identity.civilite.rstrip(".") if identity.civilite else None,
            nom=identity.nom or "",
            prenom=identity.prenom or "",
        )

    def _write_company(self, siret: str) -> Node:
        """A SIRET ending in 0000 is a company the platform could not look up: without its own fragment it
        becomes a `PersonneMorale` that lacks what it must have."""
        if not siret.endswith("0000"):
            return company_node(siret)
        kind = "PersonneMorale"
        if "PersonneMoraleIncomplete" in self._request.fragments:
            kind = "PersonneMoraleIncomplete"
        return Node(__typename=kind, id=typed_id("Etablissement", siret), siret=siret)

    def _write_instructeurs(self, dossier: Dossier) -> list[Node]:
        return [] if dossier.instruction_at is None else [_profile("Instructeur", INSTRUCTEUR)]

    def _write_traitements(self, dossier: Dossier) -> list[Node]:
        """The states a dossier went through, oldest first."""
        steps: list[tuple[str, str, dt.datetime]] = [("depose", "en_construction", dossier.deposited_at)]
        if dossier.instruction_at is not None:
            steps.append(("passe_en_instruction", "en_instruction", dossier.instruction_at))
        if dossier.processed_at is not None:
            event = "classe_sans_suite" if dossier.state == "sans_suite" else dossier.state
            steps.append((event, dossier.state, dossier.processed_at))
        return [
            Node(
                __typename="Traitement",
                id=typed_id("Traitement", f"{dossier.number}{place}"),
                event=event,
                state=state,
                dateTraitement=write_datetime(at),
                emailAgentTraitant=None if event == "depose" else INSTRUCTEUR,
            )
            for place, (event, state, at) in enumerate(steps)
        ]

    def _write_files(self, files: Sequence[Any], created_at: str) -> list[Node]:
        return [
            self._write_file(file["filename"], file["content_type"], file["text"], created_at)
            for file in files
        ]

    def _write_file(self, filename: str, content_type: str, text: str, created_at: str) -> Node:
        return file_node(
            self._world.cabinet,
            self._request.origin,
            self._world.now(),
            filename=filename,
            content_type=content_type,
            content=text.encode(),
            created_at=created_at,
        )

    def _write_pdf(self, dossier: Dossier) -> Node:
        file = self._write_file(
            f"dossier-{dossier.number}.pdf", "application/pdf", "", write_datetime(dossier.deposited_at)
        )
        return Node(file, byteSize=0, byteSizeBigInt="0", checksum="")


def write_deleted(deleted: DeletedDossier) -> Node:
    """A dossier gone for good."""
    return Node(
        __typename="DeletedDossier",
        id=typed_id("DeletedDossier", deleted.id),
        number=deleted.number,
        state=deleted.state,
        reason=deleted.reason,
        dateSupression=write_datetime(deleted.deleted_at),
    )


def find_groups(demarche: Demarche) -> dict[int, int]:
    """Number → `Dossier.groupe`, of the one each démarche has and of those its dossiers were assigned to."""
    assigned = {dossier.groupe for dossier in demarche.dossiers.values() if dossier.groupe is not None}
    return {_number_group(demarche, groupe): groupe for groupe in sorted({0} | assigned)}


def write_group(number: int, groupe: int) -> Node:
    return Node(
        __typename="GroupeInstructeur",
        id=typed_id("GroupeInstructeur", number),
        number=number,
        label=f"groupe {groupe}" if groupe else "défaut",
        closed=False,
        instructeurs=[_profile("Instructeur", INSTRUCTEUR)],
    )


def _list_groups(demarche: Demarche, closed: bool | None) -> list[Node]:
    """Every group. The platform stumbles when asked for the closed or the open ones."""
    if closed is not None:
        raise PlatformCrash
    return [write_group(number, groupe) for number, groupe in find_groups(demarche).items()]


def _write_own_group(demarche: Demarche, groupe: int | None) -> Node | None:
    return None if groupe is None else write_group(_number_group(demarche, groupe), groupe)


def _number_group(demarche: Demarche, groupe: int) -> int:
    return demarche.form.number + 40_000 + groupe * 1_000_000


def read_revision(demarche: Demarche, text: str) -> Revision:
    """The revision of a typed id. Raises `not_found`."""
    key = read_typed_id(text)
    try:
        return demarche.form.revision(int(key or ""))
    except (KeyError, ValueError):
        raise refuse("Revision not found", "not_found") from None


def _pick(nodes: list[Node], wanted: str | None) -> list[Node]:
    return [node for node in nodes if wanted is None or node["id"].rstrip("=") == wanted.rstrip("=")]


def _profile(kind: str, email: str) -> Node:
    return Node(__typename="Profile", id=typed_id(kind, email), email=email)
