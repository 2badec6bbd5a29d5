"""Visitor: follows a link without a browser, fills the form's pages over HTTP, deposits.

For the demo and for tests that need a deposited dossier. It reads the inputs of the pages, so prefilled
values are deposited with the rest, as by a person.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from types import TracebackType
from typing import Self, TypeAlias
from urllib.parse import urlsplit

import httpx

from ds_bridge.errors import DsBridgeError

Answer: TypeAlias = str | Sequence[str]
Rows: TypeAlias = Sequence[Mapping[int, Answer]]

_NUMBER = re.compile(r'id="numero-dossier">(\d+)<')
_PROBLEM = re.compile(r'class="erreur"')


class VisitError(DsBridgeError):
    """The sandbox's pages did not lead to a deposited dossier."""


class Visitor:
    """One person's way through the pages. Use as a context manager."""

    def __init__(self) -> None:
        self._http = httpx.Client(follow_redirects=True, timeout=30)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def deposit(
        self,
        link: str,
        *,
        email: str,
        civilite: str,
        champs: Mapping[int, Answer],
        blocks: Mapping[int, Rows],
    ) -> int:
        """Fill what the link left blank, and deposit. Answers are by stable number, blocks are rows of
        answers.

        Returns the dossier's number. Raises VisitError when the pages refuse an answer.
        """
        page = self._open_identity(link)
        page = self._post(page, {"email": [email], "civilite": [civilite]}, None)
        for block, rows in blocks.items():
            page = self._give_rows(page, block, len(rows))
        answers = {f"champ-{stable}": _as_list(answer) for stable, answer in champs.items()}
        for block, rows in blocks.items():
            for row_id, row in zip(page.inputs[f"lignes-{block}"], rows, strict=True):
                for stable, answer in row.items():
                    answers[f"champ-{block}-{row_id}-{stable}"] = _as_list(answer)
        done = self._post(page, answers, "deposer")
        number = _NUMBER.search(done.text)
        if number is None:
            raise VisitError(f"the sandbox refused the report ({len(_PROBLEM.findall(done.text))} problems)")
        return int(number[1])

    def _open_identity(self, link: str) -> Page:
        start = self._http.get(link)
        way = re.search(r'href="(/dossiers/[^"]+/identite)"', start.text)
        if way is None:
            raise VisitError(f"the link opens no prefilled dossier (HTTP {start.status_code})")
        return Page(self._http.get(_origin(start) + way[1]))

    def _give_rows(self, page: Page, block: int, count: int) -> Page:
        """Give a block as many rows as asked for; the form may begin with one."""
        while len(page.inputs.get(f"lignes-{block}", [])) < count:
            page = self._post(page, {}, f"ajouter-{block}")
        while len(rows := page.inputs.get(f"lignes-{block}", [])) > count:
            page = self._post(page, {}, f"supprimer-{block}-{rows[-1]}")
        return page

    def _post(self, page: Page, answers: Mapping[str, list[str]], action: str | None) -> Page:
        data = {**page.inputs, **answers, **({"action": [action]} if action else {})}
        return Page(self._http.post(page.url, data=data))


class Page:
    """A page with a form: its address, its text, and the texts of its inputs, by name."""

    def __init__(self, response: httpx.Response) -> None:
        self.url = str(response.url).partition("#")[0].partition("?")[0]
        self.text = response.text
        reader = _InputReader()
        reader.feed(self.text)
        self.inputs = reader.inputs


class _InputReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.inputs: dict[str, list[str]] = {}
        self._area: str | None = None
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {key: value or "" for key, value in attrs}
        name = found.get("name", "")
        if tag == "input" and name and (found.get("type") not in ("radio", "checkbox") or "checked" in found):
            self.inputs.setdefault(name, []).append(found.get("value", ""))
        elif tag == "textarea":
            self._area = name
            self.inputs[name] = [""]
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in found:
            self.inputs[self._select] = [found.get("value", "")]

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            # A line break right after the tag is not part of the text.
            self.inputs[self._area][0] += data if self.inputs[self._area][0] else data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = None
        elif tag == "select":
            self._select = None


def _as_list(answer: Answer) -> list[str]:
    return [answer] if isinstance(answer, str) else list(answer)


def _origin(response: httpx.Response) -> str:
    parts = urlsplit(str(response.url))
    return f"{parts.scheme}://{parts.netloc}"
