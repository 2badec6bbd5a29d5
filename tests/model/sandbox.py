"""The sandbox's démarches as the API describes them: each active form and its older revisions."""

from __future__ import annotations

from ds_bridge.form import Form
from ds_bridge.ids import encode_typed_id
from ds_bridge.sandbox.champ_nodes import write_descriptors
from ds_bridge.sandbox.forms import DemarcheForm, load_forms


def sandbox_forms() -> list[tuple[Form, tuple[Form, ...]]]:
    """Of every démarche of the sandbox."""
    return [read_revisions(each) for each in load_forms()]


def read_revisions(each: DemarcheForm) -> tuple[Form, tuple[Form, ...]]:
    """The active form, then the older ones from the oldest."""
    *older, active = (
        Form.from_revision(
            each.number,
            each.title,
            {
                "id": encode_typed_id("ProcedureRevision", revision.number),
                "champDescriptors": write_descriptors(revision.champs),
            },
        )
        for revision in each.revisions
    )
    return active, tuple(older)
