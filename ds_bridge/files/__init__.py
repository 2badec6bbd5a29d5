"""Files: pieces justificatives, attestations and attachments of stored dossiers, on the disk.

store → wanted (which files) → worker (fresh addresses) → download (bytes) → disk; manifest in the store
"""

from ds_bridge.files.run import FilesOrders, FilesSummary, fetch_files

__all__ = ["FilesOrders", "FilesSummary", "fetch_files"]
