"""A local Spark cluster of two workers, on loopback, one for all tests of this folder."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.dump.conftest import synced, synced_url

__all__ = ["spark", "synced", "synced_url"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--spark-dossiers", type=int, default=2000, help="Dossiers that Spark maps.")


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """Two workers with a core and a gigabyte each: processes of their own, as on machines of their own."""
    if shutil.which("java") is None:
        pytest.skip("no java on this machine")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        patch.setenv("PYTHONPATH", os.getcwd())
        from pyspark.sql import SparkSession

        settings = {
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
            "spark.executor.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
            "spark.log.level": "ERROR",
            "spark.sql.codegen.wholeStage": "false",
            "spark.sql.session.timeZone": "UTC",
            "spark.sql.shuffle.partitions": "2",
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
        }
        builder = SparkSession.builder.master("local-cluster[2,1,1024]").appName("ds-bridge")
        session = builder.config(map=settings).getOrCreate()
        yield session
        session.stop()
