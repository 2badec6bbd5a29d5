"""A sync in a process of its own, for tests that kill it: URL, token, store URL, dossiers a page, options.

Options: `full`; `hold`, which waits under the lock after the first page until its input ends; `small`, which
keeps this process from making any file larger than a few pages of the store (a quota that runs out).
"""

import resource
import sys

from ds_bridge.api.client import Client
from ds_bridge.config import ApiSettings
from ds_bridge.store import Store
from ds_bridge.sync import Summary, sync_demarche
from tests.sync.conftest import CRA


def tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def hold(summary: Summary) -> None:
    if "hold" in options and summary.pages == 1:
        tell("held")
        sys.stdin.read()


url, token, store_url, page_size, *options = sys.argv[1:]
api = ApiSettings(url=url, token=token, requests_per_minute=10_000, page_size=int(page_size))
with Client(api) as client, Store.open(store_url) as store:
    if "small" in options:
        resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, resource.RLIM_INFINITY))
    tell("go")
    summary = sync_demarche("cra", CRA, client, store, full="full" in options, progress=hold)
    tell(f"{summary.outcome} {summary.exit_code} {summary.error}")
sys.exit(summary.exit_code)
