"""Forms for checks: fetched, kept, expired, broken; and causes for which a link would fail. With the
sandbox."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ds_bridge.config import ApiSettings, DemarcheSettings, PrefillSettings, Settings
from ds_bridge.errors import (
    ConfigurationError,
    DemarcheClosedError,
    FormNotPublicError,
    NetworkError,
    PathMovedError,
    PrefillError,
)
from ds_bridge.prefill import build_configured_link
from ds_bridge.prefill.forms import LoadedForm, load_form
from ds_bridge.sandbox.server import SandboxServer

CRA = 82349
PATH = "a1dac784-b6a0-4733-82c9-2c5c660797cf"
RESERVED = "conventions-avec-les-structures"
HOUR = 3600.0


@pytest.fixture
def server() -> Iterator[SandboxServer]:
    with SandboxServer(seed=2, dossiers=3) as running:
        yield running


def make_settings(
    url: str, *, path: str | None = PATH, number: int = CRA, token: str | None = None
) -> Settings:
    return Settings(
        api=ApiSettings(url=url, attempts=1, timeout_seconds=5, token=token),  # type: ignore[arg-type]  # pydantic makes it a secret
        prefill=PrefillSettings(form_cache_minutes=60),
        demarches={"cra": DemarcheSettings(number=number, path=path)},
    )


class Loader:
    """`load_form` with a clock one can move and a cache of its own."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.folder, self.settings, self.now = folder, settings, 1_700_000_000.0

    def load(self, **options: Any) -> LoadedForm:
        return load_form(self.settings, "cra", cache_dir=self.folder, clock=lambda: self.now, **options)

    @property
    def file(self) -> Path:
        (file,) = self.folder.iterdir()
        return file


@pytest.fixture
def loader(server: SandboxServer, tmp_path: Path) -> Loader:
    return Loader(tmp_path / "cache" / "forms", make_settings(server.url))


def test_it_is_fetched_once_and_kept_for_its_hour(loader: Loader, server: SandboxServer) -> None:
    first = loader.load()
    assert (first.form.number, first.warnings, first.fetched_at) == (CRA, (), loader.now)
    assert len(first.form.fields) == 26
    server.world.set_demarche(CRA, title="Autre titre")
    loader.now += HOUR - 1
    assert loader.load().form == first.form
    assert loader.load().form is loader.load().form  # read once
    loader.now += 2
    assert loader.load().form.title == "Autre titre"
    server.world.set_demarche(CRA, title="Encore un")
    assert loader.load().form.title == "Autre titre"
    assert loader.load(refresh=True).form.title == "Encore un"


def test_the_copy_is_private_and_whole(loader: Loader) -> None:
    loader.load()
    assert stat.S_IMODE(loader.file.stat().st_mode) == 0o600
    assert stat.S_IMODE(loader.folder.stat().st_mode) == 0o700
    content = json.loads(loader.file.read_text(encoding="utf-8"))
    assert content["document"]["number"] == CRA


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b'{"layout": 1, "fetched_at": "x", "document": {}}',
        b'{"layout": 1, "fetched_at": 1e99, "document": {"revision": 1}}',
        b'{"layout": 0, "fetched_at": 1e9, "document": {}}',
    ],
)
def test_a_broken_copy_is_ignored_and_written_again(loader: Loader, content: bytes) -> None:
    loader.load()
    loader.file.write_bytes(content)
    assert loader.load().form.number == CRA
    assert json.loads(loader.file.read_bytes())["layout"] == 1


def test_without_an_answer_an_expired_copy_serves_and_says_so(loader: Loader, server: SandboxServer) -> None:
    fresh = loader.load()
    server.stop()
    loader.now += 5 * HOUR
    stale = loader.load()
    assert stale.form == fresh.form
    assert stale.warnings == ("the form is 5 h old: the platform does not answer (NetworkError)",)
    loader.file.unlink()
    with pytest.raises(NetworkError):
        loader.load()


def test_a_copy_from_the_future_is_not_fresh(loader: Loader, server: SandboxServer) -> None:
    loader.load()
    loader.now -= HOUR
    server.world.set_demarche(CRA, title="Autre titre")
    assert loader.load().form.title == "Autre titre"


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_disk_that_refuses_is_a_warning(loader: Loader) -> None:
    loader.folder.mkdir(parents=True)
    loader.folder.chmod(0o500)
    assert "could not be kept for later" in loader.load().warnings[0]


def test_a_folder_that_cannot_be_is_a_warning(loader: Loader) -> None:
    loader.folder.parent.parent.mkdir(exist_ok=True)
    loader.folder.parent.write_text("a file in its place")
    loaded = loader.load()
    assert loaded.form.number == CRA
    assert "could not be kept for later" in loaded.warnings[0]


def test_an_old_path_is_refused_with_the_new_one(loader: Loader, server: SandboxServer) -> None:
    loader.load()
    server.world.set_demarche(CRA, path="nouveau-chemin", old_paths=(PATH,))
    with pytest.raises(
        PathMovedError, match=r"redirects to 'nouveau-chemin', and a link loses its values"
    ) as caught:
        loader.load(refresh=True)
    assert caught.value.path == "nouveau-chemin"
    assert list(loader.folder.iterdir()) == []  # the copy is no use any more


def test_a_closed_demarche_is_refused(loader: Loader, server: SandboxServer) -> None:
    server.world.set_demarche(CRA, state="close")
    with pytest.raises(DemarcheClosedError, match="démarche 82349 is closed"):
        loader.load()


def test_a_demarche_that_is_not_open_data_needs_a_token_for_its_form(
    loader: Loader, server: SandboxServer
) -> None:
    server.world.set_demarche(CRA, opendata=False)
    with pytest.raises(FormNotPublicError, match="not open data"):
        loader.load()
    loader.settings = make_settings(server.url, token=server.token)
    with pytest.raises(FormNotPublicError):
        loader.load()
    loaded = loader.load(use_token=True)
    assert len(loaded.form.fields) == 26
    assert loaded.warnings[0].startswith("the démarche is not open data")


def test_a_draft_demarche_is_said(loader: Loader, server: SandboxServer) -> None:
    server.world.set_demarche(CRA, state="brouillon")
    with pytest.raises(FormNotPublicError, match=r"is a draft \(brouillon\): its form is public to nobody"):
        loader.load()
    loader.settings = make_settings(server.url, token=server.token)
    loaded = loader.load(use_token=True)
    assert len(loaded.form.fields) == 26
    assert "the démarche is a draft (brouillon): its links are for tests" in loaded.warnings


@pytest.mark.parametrize(
    "changes", [{"opendata": False}, {"state": "brouillon"}], ids=["closed data", "draft"]
)
def test_the_path_of_another_form_that_is_not_public_is_refused(
    server: SandboxServer, tmp_path: Path, changes: dict[str, Any]
) -> None:
    server.world.set_demarche(CRA, **changes)
    loader = Loader(tmp_path, make_settings(server.url, path=RESERVED, token=server.token))
    with pytest.raises(
        ConfigurationError, match=rf"'{RESERVED}' is not démarche 82349's.* set it to '{PATH}'"
    ):
        loader.load(use_token=True)
    loader.settings = make_settings(server.url, token=server.token)
    assert loader.load(use_token=True).form.number == CRA


@pytest.mark.parametrize(
    "address", [None, "https://ailleurs.example/formulaire", "https://a.example/commencer/"]
)
def test_an_instance_that_does_not_say_the_path_is_a_warning(
    server: SandboxServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str | None
) -> None:
    monkeypatch.setattr("ds_bridge.api.client.Client.start_address", lambda self, number: address)
    server.world.set_demarche(CRA, opendata=False)
    loader = Loader(tmp_path, make_settings(server.url, token=server.token))
    assert "nobody says whether the path" in loader.load(use_token=True).warnings[-1]


def test_a_path_of_another_demarche_is_refused(server: SandboxServer, tmp_path: Path) -> None:
    settings = make_settings(server.url, number=12)
    for _ in range(2):
        with pytest.raises(
            ConfigurationError, match=r"is démarche 82349's, but demarches\.cra\.number is 12"
        ):
            load_form(settings, "cra", cache_dir=tmp_path)
    with pytest.raises(PrefillError, match="has no path"):
        load_form(make_settings(server.url, path=None), "cra", cache_dir=tmp_path)


def test_a_configured_link_is_checked_by_it(loader: Loader) -> None:
    form = loader.load().form
    with pytest.raises(PrefillError, match=r"^3566523: not a whole number"):
        build_configured_link(loader.settings, "cra", None, {"3566523": "douze"}, form=form)
    link = build_configured_link(loader.settings, "cra", None, {"3566523": 12}, form=form)
    assert link.endswith(f"/commencer/{PATH}?champ_Q2hhbXAtMzU2NjUyMw=12")
