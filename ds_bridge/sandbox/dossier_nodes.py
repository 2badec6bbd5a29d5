"""Dossiers, démarches and revisions as the API shows them: takes data of the world, gives nodes for one
request."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import Any

from ds_bridge.sandbox.champ_nodes import ChampWriter, write_descriptors
from ds_bridge.sandbox.champ_values import company_node
from ds_bridge.sandbox.demarche import Demarche
from ds_bridge.sandbox.dossiers import DeletedDossier, Dossier, Row
from ds_bridge.sandbox.files import file_node
from ds_bridge.sandbox.forms import Descriptor, Revision
from ds_bridge.sandbox.groupe_nodes import list_groupes, write_own_groupe
from ds_bridge.sandbox.instruction import Instruction, StoredFile
from ds_bridge.sandbox.instruction_nodes import InstructionWriter, pick, write_label, write_profile
from ds_bridge.sandbox.node import Node, read_typed_id, typed_id, write_datetime, write_optional
from ds_bridge.sandbox.request import GraphQLRequest, PlatformCrash, refuse
from ds_bridge.sandbox.world import World


class NodeWriter:
    """Makes the nodes of one request."""

    def __init__(self, world: World, request: GraphQLRequest) -> None:
        self._world = world
        self._request = request
        self._champs = ChampWriter(request.fragments, self._give_dossier, self._write_files)
        self._descriptors: dict[tuple[int, int], Node] = {}

    def write_dossier(self, dossier: Dossier) -> Node:
        """A dossier. Costly fields are made only when they are asked for."""
        world = self._world
        demarche = world.demarches[dossier.demarche]
        revision = demarche.form.revision(dossier.revision)
        instruction = world.read_instruction(dossier)
        node = Node(
            self._write_dates(dossier),
            __typename="Dossier",
            id=typed_id("Dossier", dossier.number),
            number=dossier.number,
            state=dossier.state,
            archived=dossier.archived,
            prefilled=dossier.prefilled,
            connectionUsager="deleted" if dossier.user_deleted else "password",
            usager=Node(__typename="Profile", id=typed_id("User", dossier.email), email=dossier.email),
            demandeur=lambda _info: self._write_demandeur(dossier),
            deposeParUnTiers=dossier.third_party is not None,
            demarche=lambda _info: self.write_descriptor(demarche, revision),
            revision=lambda _info: self.write_revision(revision),
            groupeInstructeur=lambda _info: write_own_groupe(world, demarche, dossier.groupe),
            champs=self._give_champs(dossier, revision),
            annotations=lambda _info, id=None: pick(  # noqa: A006 - the API's name
                self._write_annotations(dossier, revision, instruction), id
            ),
            assignments=lambda _info, **_: [],
            pdf=lambda _info: self._write_pdf(dossier),
            geojson=lambda _info: None,
        )
        if dossier.third_party is not None:
            node["nomMandataire"], node["prenomMandataire"] = dossier.third_party
        node.update(self.write_instruction(dossier, instruction).write())
        return node

    def write_instruction(self, dossier: Dossier, instruction: Instruction) -> InstructionWriter:
        """The writer for the instruction of a dossier."""
        return InstructionWriter(
            instruction,
            self._write_stored,
            self._world.labels(dossier.demarche),
            self._world.instructeurs,
            self._world.now(),
        )

    def write_annotation(
        self, dossier: Dossier, descriptor: Descriptor, instruction: Instruction, row: Row | None = None
    ) -> Node:
        """One annotation, for the answer of a mutation."""
        return self._champs.write_annotation(dossier, descriptor, instruction, row)

    def _write_annotations(
        self, dossier: Dossier, revision: Revision, instruction: Instruction
    ) -> list[Node]:
        self._check_fragments()
        return self._champs.write_annotations(dossier, revision, instruction)

    def _write_dates(self, dossier: Dossier) -> dict[str, Any]:
        return {
            "dateDepot": write_datetime(dossier.deposited_at),
            "datePassageEnConstruction": write_datetime(dossier.construction_at or dossier.deposited_at),
            "datePassageEnInstruction": write_optional(dossier.instruction_at),
            "dateTraitement": write_optional(dossier.processed_at),
            "dateDerniereModification": write_datetime(dossier.modified_at),
            "dateDerniereModificationChamps": write_datetime(
                dossier.champs_modified_at or dossier.modified_at
            ),
            "dateDerniereModificationAnnotations": write_datetime(
                dossier.annotations_modified_at or dossier.deposited_at
            ),
            "dateSuppressionParUsager": write_optional(dossier.hidden_by_user_at),
            "dateSuppressionParAdministration": write_optional(dossier.hidden_by_administration_at),
        }

    def write_demarche(self, demarche: Demarche) -> Node:
        """A démarche without its connections."""
        form = demarche.form
        revisions = [self.write_revision(revision) for revision in form.revisions]
        return Node(
            self._describe(demarche),
            __typename="Demarche",
            administrateurs=[write_profile("Administrateur", "administratrice@anct.example")],
            groupeInstructeurs=lambda _info, closed=None: list_groupes(self._world, demarche, closed),
            labels=[write_label(label) for label in form.staff.labels],
            chorusConfiguration=Node(__typename="ChorusConfiguration"),
            activeRevision=self.write_revision(form.active),
            draftRevision=revisions[-1],
            publishedRevision=self.write_revision(form.active) if form.state != "brouillon" else None,
            revisions=revisions,
            champDescriptors=lambda _info: write_descriptors(form.active.champs),
            annotationDescriptors=lambda _info: write_descriptors(form.active.annotations),
        )

    def write_descriptor(self, demarche: Demarche, revision: Revision) -> Node:
        """The public descriptor of a démarche, at one of its revisions."""
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
            dossiersCount=len(demarche.by_deposit),
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
            annotationDescriptors=lambda _info: write_descriptors(revision.annotations),
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
            self._check_fragments()
            champs = self._champs.write(dossier, revision)
            return pick(champs, id)

        return give

    def _check_fragments(self) -> None:
        """The types of champs depend on the query's fragments. A fragment without a type is a crash."""
        if self._request.untyped_fragment:
            raise PlatformCrash

    def _give_dossier(self, number: int) -> Callable[..., Node | None]:
        def give(_info: Any) -> Node | None:
            dossier = self._world.dossier(number)
            if dossier is None or not dossier.is_given:
                return None
            self._request.check_scope(self._world.demarches[dossier.demarche], "Dossier")
            return self.write_dossier(dossier)

        return give

    def _write_demandeur(self, dossier: Dossier) -> Node:
        if dossier.siret is not None:
            return self._write_company(dossier.siret, lost=dossier.company_lost)
        identity = dossier.identity
        return Node(
            __typename="PersonnePhysique",
            id=typed_id("Individual", dossier.number),
            civilite=identity.civilite.rstrip(".") if identity.civilite else None,
            nom=identity.nom or "",
            prenom=identity.prenom or "",
        )

    def _write_company(self, siret: str, *, lost: bool) -> Node:
        """A SIRET ending in 0000 means: the platform could not look the company up. Without its own fragment
        it becomes a `PersonneMorale` without fields that must be there."""
        if not lost and not siret.endswith("0000"):
            return company_node(siret)
        node = Node(__typename="PersonneMoraleIncomplete", id=typed_id("Etablissement", siret), siret=siret)
        if "PersonneMoraleIncomplete" not in self._request.fragments:
            node.update(__typename="PersonneMorale", address=Node(__typename="Address"))
        return node

    def _write_files(self, files: Sequence[Any], created_at: str) -> list[Node]:
        return [
            self._write_file(file["filename"], file["content_type"], _read_content(file), created_at)
            for file in files
        ]

    def _write_file(self, filename: str, content_type: str, content: bytes, created_at: str) -> Node:
        return file_node(
            self._world.cabinet,
            self._request.origin,
            self._world.now(),
            filename=filename,
            content_type=content_type,
            content=content,
            created_at=created_at,
        )

    def _write_stored(self, file: StoredFile) -> Node:
        return file_node(
            self._world.cabinet,
            self._request.origin,
            self._world.now(),
            filename=file.filename,
            content_type=file.content_type,
            content=file.content,
            created_at=write_datetime(file.at),
        )

    def _write_pdf(self, dossier: Dossier) -> Node:
        file = self._write_file(
            f"dossier-{dossier.number}.pdf", "application/pdf", b"", write_datetime(dossier.deposited_at)
        )
        return Node(file, byteSize=0, byteSizeBigInt="0", checksum="")


def _read_content(file: dict[str, str]) -> bytes:
    """The bytes of a champ's file, from its text or its base64."""
    return base64.b64decode(file["base64"]) if "base64" in file else file["text"].encode()


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


def read_revision(demarche: Demarche, text: str) -> Revision:
    """The revision of a typed id. Raises `not_found`."""
    key = read_typed_id(text)
    try:
        return demarche.form.revision(int(key or ""))
    except (KeyError, ValueError):
        raise refuse("Revision not found", "not_found") from None
