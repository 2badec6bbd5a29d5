"""A sync in a process of its own, for tests that kill it: URL, token, store URL."""

import sys

from ds_bridge.api.client import Client
from ds_bridge.config import ApiSettings
from ds_bridge.store import Store
from ds_bridge.sync import sync_demarche
from tests.sync.conftest import CRA

url, token, store_url = sys.argv[1:]
api = ApiSettings(url=url, token=token, requests_per_minute=10_000, page_size=50)
with Client(api) as client, Store.open(store_url) as store:
    print("go", flush=True)
    summary = sync_demarche("cra", CRA, client, store)
    print(summary.outcome, flush=True)
sys.exit(summary.exit_code)
