"""What `--to` may be: a folder or a bucket, and nothing that would become a folder by accident."""

from __future__ import annotations

from pathlib import Path

import pytest

from ds_bridge.errors import ConfigurationError
from ds_bridge.lake.address import read_address


@pytest.mark.parametrize(
    "lake",
    [
        "",
        " ",
        "-",
        "s3:/archive/x",
        "s3:archive",
        "S3://archive/x",
        "file:/x",
        "file://host/x",
        "gs:/x",
        "s3://B",
    ],
)
def test_what_is_neither_a_folder_nor_a_bucket_is_refused(lake: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        read_address(lake)
    assert str(refused.value) == f"--to {lake!r}: give a folder, or s3://bucket/folder"


@pytest.mark.parametrize("character", ["%", "\\", "\x01", "\n", "\x7f", "\udcff"])
def test_a_character_that_the_libraries_misread_is_refused(character: str) -> None:
    for lake in (f"/srv/l{character}20", f"s3://archive/l{character}20"):
        with pytest.raises(ConfigurationError) as refused:
            read_address(lake)
        assert repr(lake) in str(refused.value)
        assert "\n" not in str(refused.value)


def test_a_home_of_nobody_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="nobody's home"):
        read_address("~no-such-person-here/lake")


@pytest.mark.parametrize(
    ("lake", "address"),
    [
        ("/", "/"),
        ("/srv/été 2026/", "/srv/été 2026"),
        ("file:///srv/lake", "/srv/lake"),
        ("./a:[b]|", str(Path.cwd() / "a:[b]|")),
        ("s3://archive", "s3://archive"),
        ("s3://archive/a/b/", "s3://archive/a/b"),
    ],
)
def test_folders_and_buckets(lake: str, address: str) -> None:
    assert read_address(lake) == address
