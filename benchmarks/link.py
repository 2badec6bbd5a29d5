"""Links: how many links one core builds in a second, with a CRA identity, beside urlencode of the same
pairs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from urllib.parse import urlencode

from benchmarks.table import Measure
from ds_bridge.prefill import Identity, build_link

COUNT = 20_000
FIELDS = {
    "nom": "Q2hhbXAtMzU2NjQ5MQ",
    "prenom": "Q2hhbXAtMzU2NjUyMA",
    "identifiant": "Q2hhbXAtMzU2NjUyMw",
    "structure_nom": "Q2hhbXAtMzU2NjUyMQ",
    "structure_identifiant": "Q2hhbXAtMzU2NjUyMg",
}
ORIGIN, PATH = "https://demarche.numerique.gouv.fr", "a1dac784-b6a0-4733-82c9-2c5c660797cf"


def measure_links() -> Iterator[Measure]:
    """Links a second, the identity checked each time."""
    values = {
        "nom": "NOËL",
        "prenom": "Zoé",
        "structure_nom": "Mairie d’Évry & Cie",
        "structure_identifiant": 87,
    }
    started = time.perf_counter()
    for number in range(1, COUNT + 1):
        build_link(ORIGIN, PATH, Identity(**values, identifiant=number), fields=FIELDS)
    ours = COUNT / (time.perf_counter() - started)
    pairs = [(f"champ_{champ}", values.get(name, "4211")) for name, champ in FIELDS.items()]
    pairs += [("identite_nom", "NOËL"), ("identite_prenom", "Zoé")]
    started = time.perf_counter()
    for _ in range(COUNT):
        f"{ORIGIN}/commencer/{PATH}?{urlencode(pairs)}"
    bare = COUNT / (time.perf_counter() - started)
    yield Measure("links with a CRA identity", ours, "/s", bare, ">= 20000 /s")
