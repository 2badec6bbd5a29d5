"""demarches-simpy: every number, then each dossier. It has no filter: a night is a first pull.

`get_dossiers` gives numbers; a dossier's champs come when they are asked for, a request each. Read are
labels and texts alone: `value` of a text, or a date, would be one request more for each champ.
"""

from __future__ import annotations

import json
import sys
import time

from demarches_simpy import Demarche, Profile

from benchmarks.kinds import is_changed
from benchmarks.platform import CRA


class LocalProfile(Profile):
    """The address is fixed in the package."""

    def get_url(self) -> str:
        return f"{sys.argv[1]}/api/v2/graphql"


def main() -> None:
    """One run."""
    started = time.perf_counter()
    demarche = Demarche(CRA, LocalProfile("x", warning=False))
    dossiers = demarche.get_dossiers(limit=-1, default_variables={"includeFields": True})
    contents = {
        dossier.get_number(): " ".join(
            f"{field.label}: {field.stringValue}" for field in dossier.get_fields()
        )
        for dossier in dossiers
    }
    seconds = time.perf_counter() - started
    changed = sum(map(is_changed, contents.values()))
    print(json.dumps({"seconds": seconds, "dossiers": len(contents), "changed": changed}))


if __name__ == "__main__":
    main()
