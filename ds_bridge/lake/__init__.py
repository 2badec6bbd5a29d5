"""Lake: a démarche's tables as Delta tables in a folder or an S3 bucket, kept up to date by what changed.

store → spans of dossiers to write again (`spans`) → Parquet files (`pieces`) → one commit a table (`table`).
The columns are those of the dumps. Which files, and why: `docs/adr/0023-the-lakes-files.md`.
"""

from ds_bridge.lake.keep import AT_ONCE, WEEK, Kept, LakeOrders, keep_lake

__all__ = ["AT_ONCE", "WEEK", "Kept", "LakeOrders", "keep_lake"]
