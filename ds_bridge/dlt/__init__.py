"""A source for dlt pipelines: dossiers, blocks, anomalies and deletions of a démarche, into any destination.

    import dlt, ds_bridge.dlt
    pipeline = dlt.pipeline("cra", destination="duckdb", dataset_name="cra")
    pipeline.run(ds_bridge.dlt.read_demarche("cra"))

dlt sends statistics of its use to its makers; ds-bridge sends nothing to anybody, so that is off unless
`RUNTIME__DLTHUB_TELEMETRY` says otherwise.
"""

from __future__ import annotations

import os

os.environ.setdefault("RUNTIME__DLTHUB_TELEMETRY", "false")

from ds_bridge.dlt.source import read_demarche  # dlt reads the environment as it is imported

__all__ = ["read_demarche"]
