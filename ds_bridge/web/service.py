"""`Service`: what all requests share: settings, keys, limits, counters, stores, forms, a client."""

from __future__ import annotations

import datetime as dt

from ds_bridge.api.public import PublicClient
from ds_bridge.config import Settings
from ds_bridge.errors import ConfigurationError, StoreError, StoreVersionError
from ds_bridge.health.status import open_to_read
from ds_bridge.log import get_logger
from ds_bridge.mapping import load_model
from ds_bridge.people.followup import record_draft
from ds_bridge.people.where import find_champs
from ds_bridge.prefill import Identity
from ds_bridge.prefill.drafts import Prepared
from ds_bridge.store import Store
from ds_bridge.web.counters import Counters
from ds_bridge.web.forms import FormShelf, SourcedForm
from ds_bridge.web.keys import Keyring
from ds_bridge.web.outside import ImpatientClient, fetch_form
from ds_bridge.web.rates import RateLimiter
from ds_bridge.web.stores import StorePool

_log = get_logger("ds_bridge.web")


class Service:
    """Made once, closed at the end. Raises ConfigurationError for settings that cannot be served."""

    def __init__(self, settings: Settings) -> None:
        if not settings.demarches:
            raise ConfigurationError("no démarche in the configuration: there is nothing to serve")
        self.settings = settings
        self.keyring = Keyring.from_settings(settings)
        self.limiter = RateLimiter(settings.web.requests_per_minute)
        self.counters = Counters()
        # A service that only reads must not create a store, perhaps as another user. Keeping a draft may.
        self.stores = StorePool(lambda: open_to_read(settings))
        self._drafts = StorePool(lambda: Store.open(settings.store.url))
        self.client = ImpatientClient(settings.api)
        self.forms = FormShelf(self._fetch_form)
        self._person_champs: dict[str, str] = {}

    def warm(self) -> None:
        """Begin to fetch the forms, so that the first request finds them."""
        for name, demarche in self.settings.demarches.items():
            if demarche.path:
                self.forms.warm(name)

    def close(self) -> None:
        """Close stores and connections."""
        self.client.close()
        self.stores.close()
        self._drafts.close()

    def open_client(self) -> PublicClient:
        """Open the store, then give the client that makes drafts: no draft is made that could not be kept.

        Raises StoreError.
        """
        with self._drafts.borrow():
            return self.client

    def remember_draft(self, demarche: int, prepared: Prepared, identity: Identity | None) -> tuple[str, ...]:
        """Keep a draft for `prefill follow`. The draft exists already, so a store that fails gives only a
        warning."""
        if prepared.method == "link":
            return ()
        try:
            with self._drafts.borrow() as store:
                return record_draft(store, demarche, prepared, identity, dt.datetime.now(dt.UTC))
        except (StoreError, StoreVersionError) as error:
            _log.error("draft not kept", reason=str(error))
            return ("the draft was made, but not kept in the store: prefill follow will not know it",)

    def find_person_champs(self, name: str, store: Store) -> str:
        """The champs that tell people apart. Looked for again until a sync has kept the form. See
        `people.where`."""
        if not (champs := self._person_champs.get(name)):
            champs = self._person_champs[name] = find_champs(self.settings, name, store)
        return champs

    def check(self) -> dict[str, str]:
        """Check what must be right before requests are sent here. One line for each: `ok` or the problem."""
        return {"configuration": self._check_configuration(), "store": self._check_store()}

    def _fetch_form(self, name: str) -> SourcedForm:
        return fetch_form(self.settings, self.client, self.stores, name)

    def _check_configuration(self) -> str:
        try:
            for demarche in self.settings.demarches.values():
                if demarche.model:
                    load_model(demarche.model)
        except ConfigurationError as error:
            _log.error("not ready", reason=str(error))
            return "a model cannot be loaded: see the log"
        return "ok"

    def _check_store(self) -> str:
        if not self.settings.web.dossiers:
            return "not used"
        try:
            with self.stores.borrow() as store:
                store.read_form(0)
        except (StoreError, StoreVersionError) as error:
            _log.error("not ready", reason=str(error))
            return "it cannot be read: see the log"
        return "ok"
