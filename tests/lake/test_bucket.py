"""A lake in a bucket, over HTTP: the same, and nothing half-visible when the bucket fails."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from ds_bridge.errors import ConfigurationError, LockedError, StoreError
from ds_bridge.lake.place import LakePlace
from ds_bridge.lake.table import LakeTable, describe_commit
from ds_bridge.store import Store
from tests.dump.conftest import CRA
from tests.lake.lakes import NAME, assert_shows, fill, keep, list_samples

ROOT = Path(__file__).parent.parent.parent
READING = {"storage_options": {"aws_allow_http": "true"}, "credential_provider": None}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The server's address, and the file that makes it fail."""
    plan = tmp_path_factory.mktemp("bucket") / "plan"
    command = [sys.executable, "-m", "tests.lake.bucket", str(plan)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}", plan
        process.terminate()


@pytest.fixture
def bucket(server: tuple[str, Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bucket that the environment has the key of; gives the file that makes it fail."""
    url, plan = server
    plan.unlink(missing_ok=True)
    for name, value in {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "very-secret",
        "AWS_REGION": "eu-west-3",
        "AWS_DEFAULT_REGION": "eu-west-3",
    }.items():
        monkeypatch.setenv(name, value)
    place = {"LocationConstraint": "eu-west-3"}
    s3 = boto3.client("s3", endpoint_url=url)
    if not s3.list_buckets()["Buckets"]:
        s3.create_bucket(Bucket="archive", CreateBucketConfiguration=place)
    return plan


@pytest.fixture
def store(synced: Store, tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path / 'store.db'}") as store:
        store.save_form(CRA.number, NAME, synced.read_form(CRA.number) or {})
        fill(store, list_samples(synced), range(60))
        yield store


def test_it_is_kept_in_a_bucket_and_follows(bucket: Path, store: Store, synced: Store) -> None:
    lake = "s3://archive/some/lake"
    assert keep(store, lake, size=10).whole
    fill(store, list_samples(synced), [7, 61], hours=1)
    kept = keep(store, lake, size=10, vacuum=True)
    assert (kept.whole, 0 < kept.seen < 30, kept.removed) == (False, True, 10)
    assert_shows(lake, store, **READING)


def test_what_is_not_ours_stays_in_the_bucket(bucket: Path, store: Store) -> None:
    s3 = boto3.client("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL"])
    s3.put_object(Bucket="archive", Key="used/cra/dossiers/year=2023/part-0.parquet", Body=b"something")
    with pytest.raises(ConfigurationError, match="it holds files that ds-bridge did not make"):
        keep(store, "s3://archive/used")
    keep(store, "s3://archive/shared")
    ours = f"part-{'0a' * 16}.parquet"
    for name in ("a.pdf", ours):
        s3.put_object(Bucket="archive", Key=f"shared/cra/dossiers/{name}", Body=b"something")
    assert keep(store, "s3://archive/shared", vacuum=True).removed == 1
    found = s3.list_objects_v2(Bucket="archive", Prefix="shared/cra/dossiers/")["Contents"]
    names = {each["Key"].rpartition("/")[2] for each in found}
    assert ("a.pdf" in names, ours in names) == (True, False)


def test_of_two_writers_one_commits(bucket: Path, store: Store) -> None:
    lake = "s3://archive/two"
    keep(store, lake)
    one, two = (LakeTable.open(LakePlace.of(lake, NAME), "dossiers", CRA.number) for _ in range(2))
    assert one
    assert two
    properties = describe_commit(CRA.number, store.read_place(CRA.number))
    one.change([], one.list_files(), properties)
    with pytest.raises(LockedError, match="nothing of this one is in it"):
        two.change([], two.list_files(), properties)


def test_a_bucket_that_fails_in_the_middle_shows_what_it_showed(
    bucket: Path, store: Store, synced: Store
) -> None:
    lake = "s3://archive/other"
    bucket.write_text("7")
    with pytest.raises(StoreError, match=r"503.*nothing half-written is to be seen") as refused:
        keep(store, lake, size=10)
    assert "\n" not in str(refused.value)
    assert "somebody" not in str(refused.value)
    bucket.unlink()
    assert keep(store, lake, size=10).whole
    with Store.open_to_read(str(store._engine.url)) as before:
        assert_shows(lake, before, **READING)
    bucket.write_text("5")  # the files of the next run, and not one commit
    fill(store, list_samples(synced), [7], hours=1)
    with pytest.raises(StoreError, match="503"):
        keep(store, lake, size=10)
    bucket.unlink()
    assert not keep(store, lake, size=10).whole
    assert_shows(lake, store, **READING)


def test_no_such_bucket_and_no_server(bucket: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError, match="NoSuchBucket"):
        keep(store, "s3://somebody-elses/lake")
    with monkeypatch.context() as bare:
        for variable in ("AWS_ACCESS_KEY_ID", "AWS_REGION", "AWS_DEFAULT_REGION"):
            bare.delenv(variable)
        with pytest.raises(ConfigurationError, match="has no AWS_ACCESS_KEY_ID, AWS_REGION: set them"):
            keep(store, "s3://archive/lake")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(StoreError, match="connection refused") as refused:
        keep(store, "s3://archive/lake")
    assert "secret" not in str(refused.value)
