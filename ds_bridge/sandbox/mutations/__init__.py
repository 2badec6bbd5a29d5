"""Mutations: change dossiers like the platform, with its effects, its refusals and its traps.

    interface     what every mutation needs: the objects its ids name, in scope, and who may act
    decisions     the state of a dossier
    archives      archived or not
    messages      messages to the usager, corrections
    sorting       labels, followers, the groupe
    annotations   what instructeurs fill
    uploads       a place for a file, which a message or a decision then names

As on the platform, nothing is locked between the check and the write: when two calls come at the same time,
both may pass the check. `clientMutationId` is sent back; it has no other effect.
"""

from __future__ import annotations

from ds_bridge.sandbox.dossier_nodes import NodeWriter
from ds_bridge.sandbox.mutations.annotations import ANNOTATIONS
from ds_bridge.sandbox.mutations.archives import ARCHIVES
from ds_bridge.sandbox.mutations.decisions import DECISIONS
from ds_bridge.sandbox.mutations.interface import MutationDesk
from ds_bridge.sandbox.mutations.messages import MESSAGES
from ds_bridge.sandbox.mutations.sorting import SORTING
from ds_bridge.sandbox.mutations.uploads import UPLOADS
from ds_bridge.sandbox.node import Node
from ds_bridge.sandbox.request import GraphQLRequest
from ds_bridge.sandbox.world import World

MUTATIONS = {**DECISIONS, **ARCHIVES, **MESSAGES, **SORTING, **ANNOTATIONS, **UPLOADS}


def write_mutations(world: World, request: GraphQLRequest, nodes: NodeWriter) -> Node:
    """The root of a document of mutations: one function for each mutation."""
    root = Node(__typename="Mutation")
    for name, mutation in MUTATIONS.items():
        root[name] = MutationDesk(world, request, nodes, name).serve(mutation)
    return root
