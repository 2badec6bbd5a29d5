"""docs/rosters.md: what it says columns may be called, they may."""

from __future__ import annotations

import re
from pathlib import Path

from ds_bridge.people.roster import find_columns
from ds_bridge.prefill import Identity

GUIDE = (Path(__file__).parents[3] / "docs" / "rosters.md").read_text(encoding="utf-8")


def test_every_heading_it_names_is_understood() -> None:
    table = GUIDE.partition("| may be called |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \|$", table, re.MULTILINE)
    assert [attribute for attribute, _ in rows] == list(Identity.model_fields)
    for attribute, names in rows:
        for name in re.sub(r"\(.*\)", "", names).split(","):
            assert list(find_columns([name], {attribute: "1"}).identity) == [attribute], name
