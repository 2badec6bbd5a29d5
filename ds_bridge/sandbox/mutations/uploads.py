"""`createDirectUpload`: gives a place for a file, valid for one hour; a message or a decision then names it.

A blob belongs to no dossier: it may be attached to any, and more than once. Its type is checked only then.
"""

from __future__ import annotations

import base64
import json
from typing import Any

from ds_bridge.sandbox.dossiers import SandboxError
from ds_bridge.sandbox.instruction import StoredFile
from ds_bridge.sandbox.mutations.interface import Input, Mutation, MutationDesk, Refusal
from ds_bridge.sandbox.node import Node

BAD_FILE = "L’identifiant du fichier téléversé est invalide"
NOT_SENT = "Le fichier n’a pas été correctement téléversé sur le serveur de stockage"
BAD_TYPE = "Le champ « Pièce jointe » n’est pas d’un type accepté"
TOO_BIG = "Le champ « Pièce jointe » est trop volumineux, la taille doit être inférieure à 20 Mo"
MOST_BYTES = 20 * 1024 * 1024
ACCEPTED_TYPES = frozenset(
    {
        *("application/pdf", "application/msword", "application/zip", "application/json", "application/xml"),
        *("application/vnd.ms-excel", "application/vnd.oasis.opendocument.spreadsheet"),
        "application/vnd.oasis.opendocument.text",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        *("image/jpeg", "image/png", "image/tiff", "text/csv", "text/plain", "text/xml"),
    }
)


def create_upload(desk: MutationDesk, given: Input) -> dict[str, Any]:
    """Each call gives a new blob and a new address; the dossier does not change."""
    desk.find_dossier(given)
    blob = desk.world.uploads.create(
        given["filename"], given["contentType"], given["byteSize"], given["checksum"], desk.world.now()
    )
    return {
        "directUpload": Node(
            __typename="DirectUpload",
            url=f"{desk.request.origin}{desk.world.uploads.sign_address(blob)}",
            headers=json.dumps({"Content-Type": blob.content_type}, separators=(",", ":")),
            blobId=str(blob.number),
            signedBlobId=desk.world.uploads.sign(blob),
        )
    }


def take_upload(desk: MutationDesk, signed: str | None) -> StoredFile | None:
    """The file that a mutation names. Raises Refusal when it cannot be attached."""
    if signed is None:
        return None
    try:
        blob = desk.world.uploads.find(signed, desk.world.now())
    except SandboxError:
        raise Refusal(BAD_FILE) from None
    if blob.content is None:
        raise Refusal(NOT_SENT)
    if blob.content_type not in ACCEPTED_TYPES:
        raise Refusal(BAD_TYPE)
    if len(blob.content) > MOST_BYTES:
        raise Refusal(TOO_BIG)
    return StoredFile(blob.filename, blob.content_type, blob.content, desk.world.now())


def write_champ_file(file: StoredFile) -> dict[str, str]:
    """A file, as part of the value of a champ."""
    content = base64.b64encode(file.content).decode("ascii")
    return {"filename": file.filename, "content_type": file.content_type, "base64": content}


UPLOADS: dict[str, Mutation] = {"createDirectUpload": create_upload}
