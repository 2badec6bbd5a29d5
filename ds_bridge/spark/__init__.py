"""Spark: raw dossiers mapped in parallel on a cluster, for archives that one machine is too slow to remap.

from ds_bridge.spark import map_dossiers
mapped = map_dossiers(spark.read.text("archive/*.ndjson"), model="ds_bridge.cra:CompteRendu", form=form)
"""

from ds_bridge.spark.dossiers import SCHEMA, map_dossiers

__all__ = ["SCHEMA", "map_dossiers"]
