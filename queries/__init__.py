"""GraphQL documents: one named operation a file, shared fragments in `fragment_*.graphql`.

Read them with `ds_bridge.api.queries.load`.
"""
