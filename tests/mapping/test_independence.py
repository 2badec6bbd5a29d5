"""Mapping serves any démarche: nothing in it may know the activity report."""

from __future__ import annotations

from pathlib import Path

import ds_bridge.mapping


def test_mapping_does_not_know_the_activity_report() -> None:
    sources = list(Path(ds_bridge.mapping.__file__).parent.glob("*.py"))
    assert len(sources) > 10
    text = "\n".join(source.read_text(encoding="utf-8") for source in sources)
    assert "ds_bridge.cra" not in text
    assert "82349" not in text
