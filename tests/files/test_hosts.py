"""Files may come only from the instance and exactly the configured hosts, also after redirections."""

import base64
import hashlib

import httpx
import pytest
import respx

from ds_bridge.api.pace import Pace
from ds_bridge.errors import StoreError
from ds_bridge.files.disk import Place, told
from ds_bridge.files.download import Downloader
from ds_bridge.files.hosts import Hosts
from ds_bridge.files.problems import FileProblemError
from ds_bridge.files.wanted import WantedFile

INSTANCE = "https://demarche.example"
STORE = "https://static.example/bucket/1?signature=s3cr3t"
CONTENT = b"contenu"
MD5 = base64.b64encode(hashlib.md5(CONTENT, usedforsecurity=False).digest()).decode()


def make_wanted(url, size=7):
    return WantedFile(12, "champ", "c", "", 0, "a.txt", "text/plain", size, MD5, url)


@pytest.fixture
def download(tmp_path):
    """Fetches one address; gives what then lies on the disk."""
    place = Place(tmp_path, "12", "a.txt")
    hosts = Hosts(INSTANCE, ("static.example",))
    downloader = Downloader(hosts, pace=Pace(1000), attempts=2, timeout_seconds=5, sleep=lambda seconds: None)

    def fetch(url, **more):
        downloader.fetch(make_wanted(url, **more), place)
        return place.path.read_bytes()

    yield fetch
    downloader.close()


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("http://demarche.example/a", "not https"),
        ("ftp://demarche.example/a", "not https"),
        ("file:///etc/passwd", "not https"),
        ("https://evil.example/a", r"lies on evil\.example, which is not in files\.hosts"),
        ("https://demarche.example.evil.example/a", "not in files.hosts"),
        ("https://evil.example#demarche.example", "not in files.hosts"),
        ("https://demarche.example:8443/a", r"lies on demarche\.example:8443"),
        ("https://demarche.example@evil.example/a", "a name or a password"),
        ("https://u:p@demarche.example/a", "a name or a password"),
        ("https://sub.static.example/a", "not in files.hosts"),
        ("/a", "not https"),
        ("", "not https"),
        ("https://demarche.example:port/", "cannot be read"),
    ],
)
def test_addresses_that_are_refused(address, reason):
    with pytest.raises(FileProblemError, match=reason) as caught:
        Hosts(INSTANCE, ("static.example",)).check(address)
    assert "/a" not in str(caught.value)


@pytest.mark.parametrize(
    "address", ["https://demarche.example/a", "https://DEMARCHE.example:443/a", "https://static.example/b?c"]
)
def test_addresses_that_are_taken(address):
    assert Hosts(INSTANCE, ("static.example",)).check(address).scheme == "https"


def test_plain_http_only_where_the_instance_is():
    local = Hosts("http://127.0.0.1:8000", ("files.test",))
    assert local.check("http://127.0.0.1:8000/a").port == 8000
    assert local.check("http://files.test/a")
    with pytest.raises(FileProblemError, match="lies on 127"):
        local.check("http://127.0.0.1:8001/a")


@respx.mock
def test_a_redirection_to_the_file_store_is_followed_without_a_token(download):
    respx.get(f"{INSTANCE}/a").respond(302, headers={"Location": STORE})
    final = respx.get(STORE).respond(200, content=CONTENT)
    assert download(f"{INSTANCE}/a") == CONTENT
    headers = final.calls.last.request.headers
    assert "authorization" not in headers
    assert "cookie" not in headers


@respx.mock
@pytest.mark.parametrize(
    "location", ["https://evil.example/a", "http://static.example/a", "//evil.example/a"]
)
def test_a_redirection_elsewhere_is_not(download, location):
    respx.get(f"{INSTANCE}/a").respond(302, headers={"Location": location})
    elsewhere = respx.get(url__startswith="http").respond(200, content=CONTENT)
    with pytest.raises(FileProblemError):
        download(f"{INSTANCE}/a")
    assert not elsewhere.called


@respx.mock
def test_redirections_in_circles_end(download):
    route = respx.get(f"{INSTANCE}/a").respond(302, headers={"Location": "/a"})
    with pytest.raises(FileProblemError, match="in circles"):
        download(f"{INSTANCE}/a")
    assert route.call_count == 6


@respx.mock
def test_a_file_longer_than_announced_is_cut_off_and_refused(download, tmp_path):
    respx.get(STORE).respond(200, content=CONTENT * 1000)
    with pytest.raises(FileProblemError, match="longer than announced"):
        download(STORE)
    assert not list(tmp_path.rglob("*.txt*"))


@respx.mock
def test_a_server_without_ranges_begins_again(download, tmp_path):
    (tmp_path / "12").mkdir()
    (tmp_path / "12" / "a.txt.part").write_bytes(b"con")
    route = respx.get(STORE).respond(200, content=CONTENT)
    assert download(STORE) == CONTENT
    assert route.calls.last.request.headers["range"] == "bytes=3-"


@respx.mock
@pytest.mark.parametrize("content_range", ["bytes 2-6/7", "bytes 3-6/8", "items 3-6/7", ""])
def test_another_range_than_asked_is_not_put_together(download, tmp_path, content_range):
    (tmp_path / "12").mkdir()
    (tmp_path / "12" / "a.txt.part").write_bytes(b"con")
    headers = {"Content-Range": content_range} if content_range else {}
    respx.get(STORE, headers={"range": "bytes=3-"}).respond(206, content=b"tenu", headers=headers)
    respx.get(STORE).respond(200, content=CONTENT)
    assert download(STORE) == CONTENT


@respx.mock
def test_a_file_store_that_asks_us_to_slow_down_is_obeyed(download):
    respx.get(STORE).mock(
        side_effect=[
            httpx.Response(429, headers={"Retry-After": "7"}),
            httpx.Response(200, content=CONTENT),
        ]
    )
    assert download(STORE) == CONTENT


@respx.mock
@pytest.mark.parametrize("fault", [httpx.ReadTimeout("t"), httpx.ConnectError("c"), httpx.ReadError("r")])
def test_errors_of_the_network_hold_no_address(download, fault):
    respx.get(STORE).mock(side_effect=fault)
    with pytest.raises(Exception, match="static") as caught:
        download(STORE)
    assert caught.value.exit_code == 4
    assert "s3cr3t" not in str(caught.value)


@respx.mock
def test_a_link_in_the_place_of_a_part_is_not_written_through(download, tmp_path):
    victim = tmp_path / "victim"
    victim.write_bytes(b"")
    (tmp_path / "12").mkdir()
    (tmp_path / "12" / "a.txt.part").symlink_to(victim)
    respx.get(STORE).respond(200, content=CONTENT)
    with pytest.raises(StoreError, match="cannot be written"):
        download(STORE)
    assert victim.read_bytes() == b""


@respx.mock
def test_a_folder_that_is_a_link_is_refused(download, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "12").symlink_to(tmp_path / "elsewhere")
    respx.get(STORE).respond(200, content=CONTENT)
    with pytest.raises(StoreError, match="not written through a link"):
        download(STORE)
    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_full_disk_is_told():
    def fill():
        with told("a file cannot be written"), open("/dev/full", "wb", buffering=0) as out:
            out.write(b"x")

    with pytest.raises(StoreError, match="a file cannot be written: the disk is full: make room") as caught:
        fill()
    assert caught.value.exit_code == 1
