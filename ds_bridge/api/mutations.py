"""Mutations: they change a dossier, one request each. Takes typed ids, gives the outcome.

    client.mutations.accepter(dossier.id, instructeur.id, motivation="Complet")

A mutation is sent again only when its request certainly did not arrive: no connection, or a 429. After any
other failure it is `Unknown`: the change may be made, and only reading the dossier tells
(`ds_bridge.actions`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, TypeVar

from ds_bridge.api.base import Raw, Record, parse_record
from ds_bridge.api.champs import Champ
from ds_bridge.api.records import Message
from ds_bridge.api.situations import Acted
from ds_bridge.api.uploads import Blob, Upload, put_blob, read_upload
from ds_bridge.errors import (
    BadDataError,
    BadRequestError,
    DsBridgeError,
    GarbledAnswerError,
    NetworkError,
    NotFoundError,
    OutOfScopeError,
    QueryTimeoutError,
    ReadOnlyTokenError,
    ServerFaultError,
)

T = TypeVar("T")
Correction: TypeAlias = Literal["incorrect", "incomplete", "outdated"]
Send: TypeAlias = Callable[[str, Raw], Raw]
"""Sends the query of this name with these variables once; gives its data, or raises."""

Attempt: TypeAlias = Callable[[Callable[[], Any]], Any]

_READ_ONLY = "Le jeton utilisé est configuré seulement en lecture"
_MISSING = re.compile(r"isn't a defined input type|doesn't exist on type 'Mutation'")
_NOT_DONE = (NotFoundError, OutOfScopeError, BadRequestError)
_NOBODY_KNOWS = (ServerFaultError, QueryTimeoutError, GarbledAnswerError, BadDataError)


@dataclass(frozen=True, slots=True)
class Done:
    """It is done. `value`: what the platform gave back."""

    value: Any = None

    def __repr__(self) -> str:
        return "<Done>"


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was changed. `reason`: the platform's message, written for people."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody knows whether it is done. `reason`: what came in place of an answer."""

    reason: str


Result: TypeAlias = Done | Refused | Unknown


class AnyChamp(Record):
    """One champ, whatever its kind."""

    champ: Champ


class Mutations:
    """Every mutation of a dossier. `attempt` repeats a call that certainly did not arrive (`api.retry`).

    All raise AccessError for a token that is refused or can only read, and NetworkError when nobody answers.
    """

    def __init__(self, send: Send, attempt: Attempt, timeout_seconds: float) -> None:
        self._send, self._attempt, self._timeout = send, attempt, timeout_seconds

    def passer_en_instruction(self, dossier: str, instructeur: str, *, notify: bool = True) -> Result:
        """From en construction. With `notify` false the usager gets no e-mail, but still gets a message."""
        return self._act("dossier_passer_en_instruction", _move(dossier, instructeur, notify))

    def accepter(
        self,
        dossier: str,
        instructeur: str,
        *,
        motivation: str | None = None,
        justificatif: str | None = None,
        notify: bool = True,
    ) -> Result:
        """From en instruction. `justificatif`: a value that `televerser` gave."""
        more = {"motivation": motivation, "justificatif": justificatif}
        return self._act("dossier_accepter", _move(dossier, instructeur, notify) | more)

    def refuser(
        self,
        dossier: str,
        instructeur: str,
        *,
        motivation: str,
        justificatif: str | None = None,
        notify: bool = True,
    ) -> Result:
        """From en instruction. `justificatif`: a value that `televerser` gave."""
        more = {"motivation": motivation, "justificatif": justificatif}
        return self._act("dossier_refuser", _move(dossier, instructeur, notify) | more)

    def classer_sans_suite(
        self,
        dossier: str,
        instructeur: str,
        *,
        motivation: str,
        justificatif: str | None = None,
        notify: bool = True,
    ) -> Result:
        """From en instruction. `justificatif`: a value that `televerser` gave."""
        more = {"motivation": motivation, "justificatif": justificatif}
        return self._act("dossier_classer_sans_suite", _move(dossier, instructeur, notify) | more)

    def repasser_en_construction(self, dossier: str, instructeur: str, *, notify: bool = True) -> Result:
        """From en instruction."""
        return self._act("dossier_repasser_en_construction", _move(dossier, instructeur, notify))

    def repasser_en_instruction(self, dossier: str, instructeur: str, *, notify: bool = True) -> Result:
        """From a final state. Removes the motivation and its file; ends the archiving."""
        return self._act("dossier_repasser_en_instruction", _move(dossier, instructeur, notify))

    def archiver(self, dossier: str, instructeur: str) -> Result:
        """From a final state. An archived dossier takes no message any more."""
        return self._act("dossier_archiver", {"dossierId": dossier, "instructeurId": instructeur})

    def desarchiver(self, dossier: str, instructeur: str) -> Result:
        """Take the dossier out of the archive."""
        return self._act("dossier_desarchiver", {"dossierId": dossier, "instructeurId": instructeur})

    def envoyer_message(
        self,
        dossier: str,
        instructeur: str,
        body: str,
        *,
        attachment: str | None = None,
        correction: Correction | None = None,
    ) -> Result:
        """`Done` holds the Message. Its `correction` is None when the platform dropped it in silence."""
        variables = {"dossierId": dossier, "instructeurId": instructeur, "body": body}
        more = {"attachment": attachment, "correction": correction}
        return self._change("dossier_envoyer_message", variables | more, "message", _read_message)

    def supprimer_message(self, message: str, instructeur: str) -> Result:
        """Only a message of this instructeur. It stays in the list, empty, with `discarded_at`."""
        variables = {"messageId": message, "instructeurId": instructeur}
        return self._change("dossier_supprimer_message", variables, "message", _read_message)

    def ajouter_label(self, dossier: str, label: str) -> Result:
        """Add a label of the démarche."""
        return self._act("dossier_ajouter_label", {"dossierId": dossier, "labelId": label})

    def retirer_label(self, dossier: str, label: str) -> Result:
        """Remove a label. When the platform holds it twice, one of the two stays."""
        return self._act("dossier_supprimer_label", {"dossierId": dossier, "labelId": label})

    def suivre(self, dossier: str, instructeur: str, *, follow: bool = True) -> Result:
        """Follow the dossier, or with `follow` false stop following it. Sets the state: no toggle."""
        variables = {"dossierId": dossier, "instructeurId": instructeur, "follow": follow}
        return self._act("dossier_bascule_suivi", variables)

    def changer_groupe(self, dossier: str, groupe: str) -> Result:
        """Instructeurs who work in the old groupe only cannot act on the dossier any more."""
        variables = {"dossierId": dossier, "groupeInstructeurId": groupe}
        return self._act("dossier_changer_groupe_instructeur", variables)

    def modifier_annotations(
        self, dossier: str, instructeur: str, values: Mapping[str, Mapping[str, Any]]
    ) -> Result:
        """`values`: annotation id → `{"text": "vu"}`: one key, that of the annotation's kind.

        `Done` holds the champs by id. `Refused` when any value is refused: the others may still be written.
        """
        annotations = [{"id": each, "value": dict(value)} for each, value in values.items()]
        variables = {"dossierId": dossier, "instructeurId": instructeur, "annotations": annotations}
        return self._change("dossier_modifier_annotations", variables, "annotations", _read_champs)

    def ajouter_ligne(self, dossier: str, instructeur: str, block: str) -> Result:
        """Add a row at the end of a block of annotations. No mutation removes a row."""
        return self.modifier_annotations(dossier, instructeur, {block: {"repetition": 1}})

    def televerser(self, dossier: str, blob: Blob) -> str:
        """Send a file. Gives a value for `attachment` and `justificatif`, which is valid for an hour.

        Sending a file twice does no harm, so it is tried again. Raises NotFoundError and ReadOnlyTokenError.
        """

        def ask() -> Upload:
            try:
                data = self._send(
                    "create_direct_upload", {"input": {"dossierId": dossier, **blob.describe()}}
                )
            except BadDataError:
                raise ReadOnlyTokenError(
                    "CreateDirectUpload: no file can be sent, the token can only read: get one that can write"
                ) from None
            return read_upload(data)

        upload: Upload = self._attempt(ask)
        self._attempt(lambda: put_blob(upload, blob, timeout_seconds=self._timeout))
        return upload.signed_blob_id

    def _act(self, query: str, variables: Raw) -> Result:
        return self._change(query, variables, "dossier", lambda node: parse_record(Acted, node))

    def _change(self, query: str, variables: Raw, field: str, read: Callable[[Any], Any]) -> Result:
        given = {name: value for name, value in variables.items() if value is not None}
        result: Result = self._attempt(lambda: self._try(query, given, field, read))
        return result

    def _try(self, query: str, variables: Raw, field: str, read: Callable[[Any], Any]) -> Result:
        try:
            data = self._send(query, {"input": variables})
            return read_payload(next(iter(data.values()), None), field, read)
        except _NOT_DONE as error:
            return Refused(_explain(query, error))
        except NetworkError as error:
            if not error.connected:
                raise
            return Unknown(str(error))
        except _NOBODY_KNOWS as error:
            return Unknown(str(error))


def read_payload(payload: Any, field: str, read: Callable[[Any], Any]) -> Result:
    """The answer of one mutation. Raises ReadOnlyTokenError, BadDataError, GarbledAnswerError."""
    if not isinstance(payload, dict):
        raise GarbledAnswerError("the answer of a mutation is empty")
    errors = payload.get("errors")
    if errors:
        words = [" ".join(str(error.get("message")).split()) for error in errors if isinstance(error, dict)]
        if _READ_ONLY in words:
            raise ReadOnlyTokenError(
                "the token can only read: nothing can be changed with it, get one that can write"
            )
        return Refused("; ".join(words))
    if payload.get(field) is None:
        raise GarbledAnswerError(f"the answer of a mutation has neither {field} nor errors")
    return Done(read(payload[field]))


def _move(dossier: str, instructeur: str, notify: bool) -> Raw:
    return {"dossierId": dossier, "instructeurId": instructeur, "disableNotification": not notify}


def _explain(query: str, error: DsBridgeError) -> str:
    text = str(error)
    if _MISSING.search(text):
        return f"this instance has no mutation {query}: it is older than what ds-bridge asks"
    # The brackets that follow may quote the value that was given.
    return re.sub(r"(provided invalid value for [\w.]+) .*", r"\1", text)


def _read_message(node: Raw) -> Message:
    return parse_record(Message, node)


def _read_champs(nodes: Any) -> dict[str, Champ]:
    if not isinstance(nodes, list):
        raise GarbledAnswerError("the answer of a mutation has no list of annotations")
    return {str(node.get("id")): parse_record(AnyChamp, {"champ": node}).champ for node in nodes}
