"""ds-bridge connects an information system to Démarches Simplifiées: prefilled links out, dossiers in."""

from __future__ import annotations

__version__ = "0.1.0"
